import { type FileHandle, open } from "node:fs/promises";
import { type InflatedFormat, inflate, packedFormat } from "../containers/inflate.ts";
import { escapeControls, PickleError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { inflateInNode } from "./inflate.ts";

/** One read gives at most about 2 GiB. */
const PIECE = 2 ** 30;

/**
 * All bytes of a file.
 * @throws PickleError E_SOURCE if it cannot be read, with the system's error as its cause; E_TOO_LARGE if this runtime cannot hold it
 */
export async function readBytes(path: string | URL): Promise<Uint8Array> {
	let file: FileHandle | undefined;
	try {
		file = await open(path);
		const { size } = await file.stat();
		return size > 0 ? await readKnown(file, size) : await file.readFile();
	} catch (cause) {
		if (cause instanceof PickleError) throw cause;
		throw new PickleError("E_SOURCE", `cannot read ${escapeControls(String(path))}: ${problemOf(cause)}`, { cause });
	} finally {
		await file?.close();
	}
}

/** Reads up to the file's end where that comes earlier than its size says. */
async function readKnown(file: FileHandle, size: number): Promise<Uint8Array> {
	const bytes = allocate(size);
	let at = 0;
	while (at < size) {
		const { bytesRead } = await file.read(bytes, at, Math.min(PIECE, size - at), at);
		if (bytesRead === 0) break;
		at += bytesRead;
	}
	return bytes.subarray(0, at);
}

function allocate(size: number): Uint8Array {
	try {
		return new Uint8Array(size);
	} catch (cause) {
		throw new PickleError("E_TOO_LARGE", `the file has ${size} bytes, more than this runtime holds at once`, { cause });
	}
}

const problems: Partial<Record<string, string>> = {
	ENOENT: "no such file",
	EISDIR: "it is a directory",
	EACCES: "permission denied",
	EPERM: "permission denied",
};

/** A file system's error in a few words. */
export function problemOf(error: unknown): string {
	const { code, message } = error as NodeJS.ErrnoException;
	return problems[code ?? ""] ?? message;
}

/** Bytes that may have been packed. */
export interface Unpacked {
	readonly bytes: Uint8Array;
	/** How they were packed; undefined if they were not. */
	readonly format: InflatedFormat | undefined;
}

/**
 * Opens gzip and zlib; other bytes are given back as they are.
 * @throws PickleError E_CONTAINER if what is packed is damaged or packed again, E_LIMIT by limits of decompression
 */
export async function unpack(bytes: Uint8Array, limits: Limits): Promise<Unpacked> {
	const format = packedFormat(bytes);
	if (format === undefined) return { bytes, format };
	const inside = await inflate(bytes, format, inflateInNode, limits);
	const again = packedFormat(inside);
	if (again === undefined) return { bytes: inside, format };
	throw new PickleError("E_CONTAINER", `the ${format} data holds ${again} data again, and only one layer is opened`);
}
