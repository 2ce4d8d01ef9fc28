import { realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import type { ByteSource } from "../bytes/source.ts";
import { sourceChunks } from "../codec/read.ts";
import { scratchSource } from "../node/scratch.ts";
import { isDevice } from "./target.ts";

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

/** So much is kept in memory. */
const IN_MEMORY = 2 ** 24;

/** Keeps what a stream gives, if it is much, on the disk beside the file `target`, or among temporary files if that is none. */
export function spilled(target: string): typeof heldSource {
	return async (chunks) => {
		const rest = chunks[Symbol.asyncIterator]();
		const head = await heldSource(atMost(rest, IN_MEMORY));
		if (head.size < IN_MEMORY) return head;
		return scratchSource(both(sourceChunks(head), rest), await folderOf(target));
	};
}

async function folderOf(target: string): Promise<string> {
	if (target === "-" || (await isDevice(target))) return tmpdir();
	return dirname(await realpath(target).catch(() => target));
}

/** What comes until it is so many bytes, or somewhat more. */
async function* atMost(chunks: AsyncIterator<Uint8Array>, count: number): AsyncGenerator<Uint8Array, void> {
	for (let size = 0; size < count; ) {
		const { done, value } = await chunks.next();
		if (done) return;
		size += value.length;
		yield value;
	}
}

async function* both(
	first: AsyncIterable<Uint8Array>,
	rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
	try {
		yield* first;
		for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
	} finally {
		await rest.return?.();
	}
}
