import { Inflate } from "pako";
import { Cursor } from "./cursor.ts";
import type { PackedInput } from "./packed.ts";
import type { Codec } from "./unpack.ts";

const READ = 2 ** 16;

/** One gzip member or zlib stream. */
export const inflate: Codec = (input, at) => inflating(input, at, false);

/** One stream without a header, as zip archives have it. */
export const inflateRaw: Codec = (input, at) => inflating(input, at, true);

/** Gives all that comes before damage. */
async function* inflating(input: PackedInput, at: number, raw: boolean): AsyncGenerator<Uint8Array, number> {
	const cursor = new Cursor(input, at);
	let pieces: Uint8Array[] = [];
	const state = new Inflate({ raw });
	state.onData = (piece) => pieces.push(piece as Uint8Array);
	state.onEnd = () => {};
	const { strm } = state as unknown as { strm: { avail_in: number; next_out: number; output: Uint8Array | null } };
	while (!state.ended) {
		const packed = await cursor.peek(READ);
		if (packed.length > 0) state.push(packed, false);
		yield* pieces;
		pieces = [];
		if (packed.length === 0 || state.err) {
			if (strm.output) yield strm.output.slice(0, strm.next_out);
			throw new Error(state.err ? state.msg || `zlib's error ${state.err}` : "unexpected end of file");
		}
		cursor.at += packed.length - strm.avail_in;
	}
	return cursor.at;
}
