import { Inflate } from "pako";
import { Cursor } from "./cursor.ts";
import type { Codec } from "./unpack.ts";

const READ = 2 ** 16;

/** One gzip member or zlib stream. */
export const inflate: Codec = async function* (input, at) {
	const cursor = new Cursor(input, at);
	let pieces: Uint8Array[] = [];
	const inflating = new Inflate();
	inflating.onData = (piece) => pieces.push(piece as Uint8Array);
	inflating.onEnd = () => {};
	while (!inflating.ended) {
		const packed = await cursor.peek(READ);
		if (packed.length === 0) throw new Error("unexpected end of file");
		inflating.push(packed, false);
		if (inflating.err) throw new Error(inflating.msg || `zlib's error ${inflating.err}`);
		const { strm } = inflating as unknown as { strm: { avail_in: number } };
		cursor.at += packed.length - strm.avail_in;
		yield* pieces;
		pieces = [];
	}
	return cursor.at;
};
