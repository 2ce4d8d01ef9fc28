import { randomUUID } from "node:crypto";
import { type FileHandle, lstat, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Whether there is something by this name, be it a link to nothing. */
export async function isTaken(path: string): Promise<boolean> {
	return (await unlessMissing(lstat(path))) !== undefined;
}

/**
 * Writes a file whole or not at all: what was there stays until all bytes are on the disk. A file that is replaced keeps its
 * permissions, and a link to it stays a link.
 *
 * @throws the system's error, or what the pieces throw; no part of the new file is left then
 */
export async function replaceFile(
	path: string,
	pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
	const old = await unlessMissing(stat(path));
	if (old?.isDirectory()) throw Object.assign(new Error("it is a directory"), { code: "EISDIR" });
	// A device or a pipe would be replaced by a file.
	if (old && !old.isFile()) throw Object.assign(new Error("it is no regular file"), { code: "EINVAL" });
	const target = old ? await realpath(path) : path;
	const temporary = join(dirname(target), `.picklet-${randomUUID()}.tmp`);
	const file = await open(temporary, "wx");
	try {
		await writeAll(file, pieces, old?.mode);
		await rename(temporary, target);
	} catch (error) {
		await rm(temporary, { force: true });
		throw error;
	}
}

async function writeAll(
	file: FileHandle,
	pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
	mode: number | undefined,
): Promise<void> {
	try {
		if (mode !== undefined) await file.chmod(mode & 0o777);
		for await (const piece of pieces) await file.writeFile(piece);
		await file.sync();
	} finally {
		await file.close();
	}
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
	try {
		return await found;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
}
