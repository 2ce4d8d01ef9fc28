import type { ByteSource } from "../../src/bytes/source.ts";

/** A source made of bytes and of runs of zeros of any length, which take no memory. */
export class SparseSource implements ByteSource {
	readonly size: number;
	/** How many bytes were read. */
	bytesRead = 0;
	readonly #parts: readonly (Uint8Array | number)[];

	constructor(...parts: readonly (Uint8Array | number)[]) {
		this.#parts = parts;
		this.size = parts.reduce<number>((sum, part) => sum + lengthOf(part), 0);
	}

	async read(into: Uint8Array, offset: number): Promise<number> {
		let start = 0;
		let filled = 0;
		for (const part of this.#parts) {
			const from = offset + filled - start;
			const length = lengthOf(part);
			start += length;
			if (from >= length) continue;
			const count = Math.min(length - from, into.length - filled);
			if (typeof part === "number") into.fill(0, filled, filled + count);
			else into.set(part.subarray(from, from + count), filled);
			filled += count;
			if (filled === into.length) break;
		}
		this.bytesRead += filled;
		return filled;
	}
}

function lengthOf(part: Uint8Array | number): number {
	return typeof part === "number" ? part : part.length;
}
