import type { ByteSource } from "../bytes/source.ts";

/** A stream is held in pieces of so many bytes. */
const PIECE = 2 ** 24;

/** A source over all that a stream gives, which is held in pieces: to make one of them would take their memory twice. */
export async function heldSource(chunks: AsyncIterable<Uint8Array>): Promise<ByteSource & { readonly size: number }> {
	const pieces: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of chunks) {
		for (let taken = 0; taken < chunk.length; ) {
			if (size % PIECE === 0) pieces.push(new Uint8Array(PIECE));
			const piece = pieces[pieces.length - 1] as Uint8Array;
			const part = chunk.subarray(taken, taken + PIECE - (size % PIECE));
			piece.set(part, size % PIECE);
			taken += part.length;
			size += part.length;
		}
	}
	return { size, read: async (into, offset) => readPieces(pieces, into, offset, size) };
}

function readPieces(pieces: readonly Uint8Array[], into: Uint8Array, offset: number, size: number): number {
	const count = Math.max(0, Math.min(into.length, size - offset));
	for (let filled = 0; filled < count; ) {
		const at = offset + filled;
		const start = at % PIECE;
		const part = (pieces[Math.floor(at / PIECE)] as Uint8Array).subarray(start, start + count - filled);
		into.set(part, filled);
		filled += part.length;
	}
	return count;
}
