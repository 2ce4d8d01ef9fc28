import { isPickleError, messageOf, PickleError } from "../errors.ts";
import { type Limits, limitError } from "../limits.ts";
import { type PackedFormat, PackedInput } from "./packed.ts";

/**
 * Unpacks one member, which begins at `at`, piece by piece, and returns where it ends. What it throws is taken for damage in the
 * bytes, unless it is a PickleError.
 */
export type Codec = (input: PackedInput, at: number) => AsyncGenerator<Uint8Array, number>;

/** How formats are unpacked here; each codec is loaded when it is first needed. */
export type Codecs = Readonly<Partial<Record<PackedFormat, () => Promise<Codec>>>>;

/** Of zlib and lzma Python reads one member, of the others any number, with zeros after each. */
const single: readonly PackedFormat[] = ["zlib", "lzma"];

/** How many members may be set apart by zeros: each is begun anew. */
const MAX_MEMBERS = 1_000_000;

/**
 * What packed bytes hold, as it is unpacked.
 *
 * @param size how many packed bytes there are, if that is known
 * @throws PickleError E_CONTAINER if they are cut, damaged, or others follow; E_LIMIT before more is unpacked than
 * `limits.maxDecompressedBytes` or `limits.maxRatio` allow
 */
export async function* unpack(
	chunks: AsyncIterable<Uint8Array>,
	format: PackedFormat,
	load: () => Promise<Codec>,
	limits: Limits,
	size?: number,
): AsyncGenerator<Uint8Array, void> {
	const input = new PackedInput(chunks);
	const count = counter(limits, () => size ?? input.arrived);
	try {
		const codec = await load();
		let at = 0;
		for (let members = 0; members === 0 || (await input.chunkAt(at)) !== undefined; members++) {
			if (members > 0 && single.includes(format)) throw damaged(format, "other bytes follow its end");
			if (members > MAX_MEMBERS) throw damaged(format, `over ${MAX_MEMBERS} members`);
			for await (const piece of member(codec, input, at, format)) {
				if (typeof piece === "number") at = piece;
				else {
					count(piece.length);
					yield piece;
				}
			}
			at = await input.skipZeros(at);
			input.forget(at);
		}
	} finally {
		await input.close();
	}
}

/** The pieces of a member, and at last where it ends. */
async function* member(
	codec: Codec,
	input: PackedInput,
	at: number,
	format: PackedFormat,
): AsyncGenerator<Uint8Array | number> {
	try {
		yield yield* codec(input, at);
	} catch (error) {
		if (isPickleError(error)) throw error;
		throw damaged(format, messageOf(error), error);
	}
}

/** @throws PickleError E_LIMIT once too much was unpacked */
function counter({ maxDecompressedBytes, maxRatio }: Limits, packed: () => number): (length: number) => void {
	let total = 0;
	return (length) => {
		total += length;
		if (total > maxDecompressedBytes) {
			const found = `the data unpacks to ${total} bytes or more`;
			throw limitError("maxDecompressedBytes", maxDecompressedBytes, found);
		}
		if (total > maxRatio * packed()) {
			const found = `${packed()} packed bytes unpack to more than ${maxRatio} times as many`;
			throw limitError("maxRatio", maxRatio, found);
		}
	};
}

/** The error of packed bytes that are not what they should be. */
function damaged(format: PackedFormat, what: string, cause?: unknown): PickleError {
	return new PickleError("E_CONTAINER", `the ${format} data is damaged: ${what}`, { cause });
}
