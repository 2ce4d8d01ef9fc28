import type { Transform } from "../diagnosis/diagnosis.ts";
import { undo } from "../diagnosis/faults/text.ts";
import { streamed } from "../diagnosis/streamed.ts";
import { readAt, type SizedSource } from "../diagnosis/window.ts";

const PIECE = 1 << 18;

type Chunks = AsyncGenerator<Uint8Array, void>;

/** Bytes that do not have the damage throughout. Never leaves `transformed`. */
class Unfit extends Error {}

/** What a source was before text modes or decoders changed all of it; undefined if somewhere it cannot have been so. */
export async function transformed(source: SizedSource, steps: readonly Transform[]): Promise<SizedSource | undefined> {
	const open = () => steps.reduce<Chunks>((chunks, step) => transforms[step](chunks), bytesOf(source));
	let size = 0;
	try {
		for await (const chunk of open()) size += chunk.length;
	} catch (error) {
		if (error instanceof Unfit) return undefined;
		throw error;
	}
	return streamed(size, open);
}

async function* bytesOf(source: SizedSource): Chunks {
	for (let at = 0; at < source.size; ) {
		const bytes = await readAt(source, at, Math.min(PIECE, source.size - at));
		if (bytes.length === 0) return;
		at += bytes.length;
		yield bytes;
	}
}

const transforms: Readonly<Record<Transform, (chunks: Chunks) => Chunks>> = {
	"strip-bom": stripMark,
	"crlf-to-lf": (chunks) => inSteps(chunks, (bytes) => (bytes[bytes.length - 1] === 13 ? 1 : 0), hasFeed, "crlf-to-lf"),
	"cr-to-lf": (chunks) => inSteps(chunks, () => 0, hasLineEnd, "cr-to-lf"),
	"utf8-to-latin1": (chunks) => inSteps(chunks, unfinished, isBeyondAscii, "utf8-to-latin1"),
	"utf8-to-cp1252": (chunks) => inSteps(chunks, unfinished, isBeyondAscii, "utf8-to-cp1252"),
};

async function* stripMark(chunks: Chunks): Chunks {
	let isFirst = true;
	for await (const chunk of chunks) {
		const rest = isFirst ? undo(chunk, ["strip-bom"], true) : chunk;
		if (rest === undefined) throw new Unfit();
		isFirst = false;
		yield rest;
	}
}

/** Undoes a step chunk by chunk; the last bytes of one that `kept` counts wait for the next. */
async function* inSteps(
	chunks: Chunks,
	kept: (bytes: Uint8Array) => number,
	concerns: (bytes: Uint8Array) => boolean,
	step: Transform,
): Chunks {
	let waiting: Uint8Array = new Uint8Array(0);
	for await (const chunk of chunks) {
		const bytes = joined(waiting, chunk);
		const end = bytes.length - kept(bytes);
		waiting = bytes.subarray(end);
		yield undone(bytes.subarray(0, end), concerns, step);
	}
	yield undone(waiting, concerns, step);
}

function undone(bytes: Uint8Array, concerns: (bytes: Uint8Array) => boolean, step: Transform): Uint8Array {
	const found = concerns(bytes) ? undo(bytes, [step], false) : bytes;
	if (found === undefined) throw new Unfit();
	return found;
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
	if (left.length === 0) return right;
	const both = new Uint8Array(left.length + right.length);
	both.set(left);
	both.set(right, left.length);
	return both;
}

function hasFeed(bytes: Uint8Array): boolean {
	return bytes.includes(10);
}

function hasLineEnd(bytes: Uint8Array): boolean {
	return bytes.includes(10) || bytes.includes(13);
}

function isBeyondAscii(bytes: Uint8Array): boolean {
	return bytes.some((byte) => byte >= 0x80);
}

/** Bytes at the end that begin a character of UTF-8 which goes on. */
function unfinished(bytes: Uint8Array): number {
	for (let back = 1; back <= 3 && back <= bytes.length; back++) {
		const byte = bytes[bytes.length - back] as number;
		if (byte < 0x80) return 0;
		if (byte >= 0xc0) return back < (byte >= 0xe0 ? 3 : 2) ? back : 0;
	}
	return 0;
}
