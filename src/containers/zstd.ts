import { Decompress } from "fzstd";
import { Cursor, skipFrame } from "./cursor.ts";
import { uint32 } from "./magic.ts";
import type { Codec } from "./unpack.ts";
import { Xxh64 } from "./xxh64.ts";

/** Larger windows need zstd's own --long, also to be unpacked. */
const MAX_WINDOW = 2 ** 27;
/** What a block holds at most, packed or not. */
const MAX_BLOCK = 2 ** 17;

/** fzstd waits for so many bytes before it begins. */
const FIRST_LOOK = 18;

/** A part of a frame: its header with the magic number, a block with its own, or the checksum of what it holds. */
export interface FramePart {
	readonly kind: "header" | "block" | "checksum";
	readonly bytes: Uint8Array;
}

/** One zstandard frame, unpacked block by block. fzstd does not look at the checksum: that is done here. */
export const unzstd: Codec = async function* (input, at) {
	const cursor = new Cursor(input, at);
	if (await skipFrame(cursor)) return cursor.at;
	let pieces: Uint8Array[] = [];
	const decoder = new Decompress((piece) => pieces.push(piece));
	const hash = new Xxh64();
	let pushed = 0;
	for await (const { kind, bytes } of frameParts(cursor)) {
		if (kind === "checksum") {
			if (uint32(bytes, 0) !== hash.low()) throw new Error("the checksum is wrong");
			continue;
		}
		decoder.push(bytes);
		pushed += bytes.length;
		const isLast = kind === "block" && ((bytes[0] as number) & 1) === 1;
		if (isLast && pushed < FIRST_LOOK) decoder.push(new Uint8Array(FIRST_LOOK - pushed));
		for (const piece of pieces) hash.add(piece);
		yield* pieces;
		pieces = [];
	}
	return cursor.at;
};

/** The parts of the frame at a place, up to its end. */
export async function* frameParts(cursor: Cursor): AsyncGenerator<FramePart, void> {
	const magic = await cursor.take(4);
	const number = uint32(magic, 0);
	if (number !== 0xfd2fb528) throw new Error("other bytes follow its end");
	const [flags = 0] = await cursor.peek(1);
	yield { kind: "header", bytes: joined(magic, await headerOf(cursor, flags)) };
	for (let isLast = false; !isLast; ) {
		const head = await cursor.take(3);
		const word = uint32(head, 0);
		isLast = (word & 1) === 1;
		const kind = (word >> 1) & 3;
		if (kind === 3) throw new Error("a block is of no kind that there is");
		const length = word >> 3;
		if (length > MAX_BLOCK) throw new Error("a block is too long");
		yield { kind: "block", bytes: joined(head, await cursor.take(kind === 1 ? 1 : length)) };
	}
	if (flags & 4) yield { kind: "checksum", bytes: await cursor.take(4) };
}

async function headerOf(cursor: Cursor, flags: number): Promise<Uint8Array> {
	const isSingle = (flags & 32) !== 0;
	const dictionary = [0, 1, 2, 4][flags & 3] as number;
	const sizeBytes = flags >> 6 === 0 ? Number(isSingle) : 2 ** (flags >> 6);
	const header = await cursor.take(1 + Number(!isSingle) + dictionary + sizeBytes);
	if (header.subarray(header.length - sizeBytes - dictionary, header.length - sizeBytes).some((byte) => byte !== 0)) {
		throw new Error("it needs a dictionary");
	}
	const window = isSingle ? sizeOf(header.subarray(header.length - sizeBytes)) : windowOf(header[1] as number);
	if (window > MAX_WINDOW) throw new Error(`it needs a window of ${window} bytes, more than ${MAX_WINDOW}`);
	return header;
}

function sizeOf(bytes: Uint8Array): number {
	const number = uint32(bytes, 0) + uint32(bytes, 4) * 2 ** 32;
	return bytes.length === 2 ? number + 256 : number;
}

function windowOf(descriptor: number): number {
	const base = 2 ** (10 + (descriptor >> 3));
	return base + (base / 8) * (descriptor & 7);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
	const both = new Uint8Array(first.length + second.length);
	both.set(first);
	both.set(second, first.length);
	return both;
}
