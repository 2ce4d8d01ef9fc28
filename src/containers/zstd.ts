import { Decompress } from "fzstd";
import { Cursor, uint32 } from "./cursor.ts";
import type { Codec } from "./unpack.ts";
import { Xxh64 } from "./xxh64.ts";

/** Larger windows need zstd's own --long, also to be unpacked. */
const MAX_WINDOW = 2 ** 27;

/** One zstandard frame. fzstd unpacks it block by block; what its checksum says of it is asked here. */
export const unzstd: Codec = async function* (input, at) {
	const cursor = new Cursor(input, at);
	const magic = await cursor.take(4);
	const number = uint32(magic, 0);
	if (number >>> 4 === 0x184d2a5) {
		await skip(cursor);
		return cursor.at;
	}
	if (number !== 0xfd2fb528) throw new Error("other bytes follow its end");
	const [flags = 0] = await cursor.peek(1);
	const header = await headerOf(cursor, flags);
	let pieces: Uint8Array[] = [];
	const decoder = new Decompress((piece) => pieces.push(piece));
	decoder.push(joined(magic, header));
	const hash = flags & 4 ? new Xxh64() : undefined;
	for (let isLast = false; !isLast; ) {
		const head = await cursor.take(3);
		const word = uint32(head, 0);
		isLast = (word & 1) === 1;
		const kind = (word >> 1) & 3;
		if (kind === 3) throw new Error("a block is of no kind that there is");
		const length = kind === 1 ? 1 : word >> 3;
		if (length > 2 ** 17) throw new Error("a block is too long");
		decoder.push(joined(head, await cursor.take(length)));
		for (const piece of pieces) hash?.add(piece);
		yield* pieces;
		pieces = [];
	}
	if (hash !== undefined && (await cursor.uint32()) !== hash.low()) throw new Error("the checksum is wrong");
	return cursor.at;
};

/** A frame for others to read. */
async function skip(cursor: Cursor): Promise<void> {
	for (let left = await cursor.uint32(); left > 0; ) {
		const part = Math.min(left, 65_536);
		await cursor.take(part);
		left -= part;
	}
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
