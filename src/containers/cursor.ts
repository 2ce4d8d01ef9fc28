import { isSkipped, uint32 } from "./magic.ts";
import type { PackedInput } from "./packed.ts";

const SKIPPED_AT_ONCE = 65_536;

/** A place in packed bytes that goes on as they are read. What is behind it is let go. */
export class Cursor {
	at: number;
	readonly #input: PackedInput;

	constructor(input: PackedInput, at: number) {
		this.#input = input;
		this.at = at;
	}

	/** The next bytes without going on, in one: fewer than `count` only at the end. */
	async peek(count: number): Promise<Uint8Array> {
		this.#input.forget(this.at);
		const first = await this.#input.chunkAt(this.at);
		if (first !== undefined && first.length >= count) return first.subarray(0, count);
		const bytes = new Uint8Array(count);
		let filled = 0;
		for (let chunk = first; chunk !== undefined && filled < count; ) {
			const part = chunk.subarray(0, count - filled);
			bytes.set(part, filled);
			filled += part.length;
			if (filled < count) chunk = await this.#input.chunkAt(this.at + filled);
		}
		return bytes.subarray(0, filled);
	}

	/** The next bytes. @throws Error if there are not so many */
	async take(count: number): Promise<Uint8Array> {
		const bytes = await this.peek(count);
		if (bytes.length < count) throw new Error("unexpected end of file");
		this.at += count;
		return bytes;
	}

	async uint32(): Promise<number> {
		return uint32(await this.take(4), 0);
	}
}

/** Goes past frames for others to read, which zstandard and lz4 have alike. @returns whether there was one */
export async function skipFrame(cursor: Cursor): Promise<boolean> {
	if (!isSkipped(await cursor.peek(4))) return false;
	await cursor.take(4);
	for (let left = await cursor.uint32(); left > 0; ) {
		const part = Math.min(left, SKIPPED_AT_ONCE);
		await cursor.take(part);
		left -= part;
	}
	return true;
}
