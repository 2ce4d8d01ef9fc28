import { messageOf } from "../errors.ts";
import { Cursor } from "./cursor.ts";
import type { PackedInput } from "./packed.ts";
import type { Codec } from "./unpack.ts";
import { needsOwn, unxzStream, XZ_HEAD } from "./xz-stream.ts";

/**
 * The package reads one stream at a time in all the process, and that one may stall for ever: others are read by our own code
 * meanwhile, which takes longer.
 */
let isBusy = false;

/** What the package's numbers mean. */
const problems: Partial<Record<number, string>> = {
	3: "it needs too much memory",
	4: "it needs too much memory",
	5: "its header is none of xz",
	6: "it has a check or a filter that is not read here; xz -d reads it",
	7: "its data is corrupt",
	8: "unexpected end of file",
};

/** All streams of an xz file, or the first if it is one that the package does not read now. */
export const unxz: Codec = async function* (input, at) {
	if (needsOwn(await new Cursor(input, at).peek(XZ_HEAD)) || isBusy) return yield* unxzStream(input, at);
	isBusy = true;
	const source = webStream(input, at);
	try {
		const reader = new (await xzStream())(source.stream).getReader();
		try {
			for (;;) {
				const piece = await reader.read();
				if (piece.done) break;
				yield piece.value.slice();
			}
		} finally {
			await reader.cancel().catch(() => {});
		}
		return source.end();
	} catch (error) {
		throw source.failure() ?? new Error(problemOf(error));
	} finally {
		isBusy = false;
	}
};

function problemOf(error: unknown): string {
	const text = messageOf(error);
	const number = /\d+/.exec(text)?.[0];
	return (number === undefined ? undefined : problems[Number(number)]) ?? text;
}

type XzStream = new (packed: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;

/** A CommonJS package: its exports are those of its default in some runtimes. */
async function xzStream(): Promise<XzStream> {
	const module = (await import("xz-decompress")) as unknown as {
		XzReadableStream?: XzStream;
		default: { XzReadableStream: XzStream };
	};
	return module.XzReadableStream ?? module.default.XzReadableStream;
}

/** The input from a place on, as browsers' streams; where it ended, and what it threw. */
function webStream(input: PackedInput, at: number) {
	let place = at;
	let failure: unknown;
	const stream = new ReadableStream<Uint8Array>({
		async pull(controller) {
			try {
				input.forget(place);
				const chunk = await input.chunkAt(place);
				if (chunk === undefined) controller.close();
				else {
					place += chunk.length;
					controller.enqueue(chunk.slice());
				}
			} catch (error) {
				failure = error;
				controller.error(error);
			}
		},
	});
	return { stream, end: () => place, failure: () => failure };
}
