import { randomUUID } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ByteSource } from "../bytes/source.ts";
import { fileSource } from "./source.ts";
import { removedOnSignal } from "./temporaries.ts";

/** Shorter pieces are gathered to so many bytes. */
const GATHERED = 2 ** 20;

/**
 * A source over all that a stream gives, which is kept in a folder in a file without a name: nothing is left of it once it is
 * closed, or the process ends, however that happens.
 *
 * @throws the system's error if it cannot be written; what the stream throws
 */
export async function scratchSource(
	chunks: AsyncIterable<Uint8Array>,
	folder: string,
): Promise<ByteSource & { readonly size: number }> {
	const file = await nameless(folder);
	const close = () => file.close();
	try {
		const size = await writeChunks(file, chunks);
		const source = await fileSource(file);
		return { size, read: (into, offset, signal) => source.read(into, offset, signal), close };
	} catch (error) {
		await close();
		throw error;
	}
}

async function nameless(folder: string): Promise<FileHandle> {
	const path = join(folder, `.picklet-${randomUUID()}.tmp`);
	const release = removedOnSignal(path);
	try {
		return await open(path, "wx+", 0o600);
	} finally {
		await rm(path, { force: true });
		release();
	}
}

/** @returns how many bytes there were */
async function writeChunks(file: FileHandle, chunks: AsyncIterable<Uint8Array>): Promise<number> {
	const gathered = new Uint8Array(GATHERED);
	let length = 0;
	let size = 0;
	for await (const chunk of chunks) {
		for (let taken = 0; taken < chunk.length; ) {
			const part = chunk.subarray(taken, taken + GATHERED - length);
			gathered.set(part, length);
			length += part.length;
			taken += part.length;
			if (length < GATHERED) continue;
			await file.writeFile(gathered);
			size += length;
			length = 0;
		}
	}
	await file.writeFile(gathered.subarray(0, length));
	return size + length;
}
