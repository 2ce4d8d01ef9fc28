import { open } from "node:fs/promises";
import type { Signal, UrlLike } from "../bytes/platform.ts";
import type { ByteSource } from "../bytes/source.ts";
import { escapeControls, PickleError } from "../errors.ts";

/** One read gives at most 2,147,479,552 bytes. */
const LONGEST_READ = 2 ** 30;

const problems: Partial<Record<string, string>> = {
	ENOENT: "no such file",
	EISDIR: "it is a directory",
	ENOTDIR: "a part of the path is no directory",
	EACCES: "permission denied",
	EPERM: "permission denied",
	ENOSPC: "no space is left on the device",
	EROFS: "the file system is read-only",
};

/** A file system's error in a few words. */
export function problemOf(error: unknown): string {
	const { code, message } = error as NodeJS.ErrnoException;
	return problems[code ?? ""] ?? message;
}

/** A file's error, by its path. */
function fileError(path: string, cause: unknown): PickleError {
	const problem = /^https?:/.test(path) ? "it names no file; httpSource reads from servers" : problemOf(cause);
	return new PickleError("E_SOURCE", `cannot read ${escapeControls(path)}: ${problem}`, { cause });
}

/** A file that is open, as `open` of `node:fs/promises` gives it. */
export interface FileHandleLike {
	readonly fd: number;
	read(into: Uint8Array, offset: number, length: number, position: number | null): Promise<{ bytesRead: number }>;
	stat(): Promise<{ readonly size: number; readonly mtimeMs: number; isFile(): boolean; isDirectory(): boolean }>;
	close(): Promise<void>;
}

/** Whether this is an open file. */
export function isFileHandle(source: unknown): source is FileHandleLike {
	const { fd, read, stat } = (typeof source === "object" && source !== null ? source : {}) as Partial<FileHandleLike>;
	return typeof fd === "number" && typeof read === "function" && typeof stat === "function";
}

/**
 * A source over a file, which stays open until it is closed; one that was opened elsewhere is left open then. Pipes and devices
 * have no size and are read from their beginning to their end only.
 *
 * @throws PickleError E_SOURCE if it cannot be opened, with the system's error as its cause
 * @throws TypeError for what is no path and no open file
 */
export async function fileSource(path: string | UrlLike | FileHandleLike): Promise<ByteSource> {
	const given = isFileHandle(path) ? path : undefined;
	if (given === undefined && typeof path !== "string" && !(path instanceof URL))
		throw new TypeError("a file is named by a path or a file: URL, or is an open FileHandle");
	const name = given === undefined ? String(path) : `the open file ${given.fd}`;
	let file: FileHandleLike | undefined;
	try {
		file = given ?? (await open(path as string));
		const stat = await file.stat();
		if (stat.isDirectory()) throw Object.assign(new Error("it is a directory"), { code: "EISDIR" });
		return new FileSource(name, file, stat.isFile() ? stat.size : undefined, stat.mtimeMs, given !== undefined);
	} catch (cause) {
		if (given === undefined) await file?.close();
		throw fileError(name, cause);
	}
}

class FileSource implements ByteSource {
	readonly size: number | undefined;
	readonly #path: string;
	readonly #file: FileHandleLike;
	readonly #changed: number;
	/** Whether somebody else closes it. */
	readonly #isLent: boolean;
	#isOpen = true;
	/** How many reads are under way. */
	#reading = 0;

	constructor(path: string, file: FileHandleLike, size: number | undefined, changed: number, isLent: boolean) {
		this.#isLent = isLent;
		this.#path = path;
		this.#file = file;
		this.size = size;
		this.#changed = changed;
	}

	async read(into: Uint8Array, offset: number, signal?: Signal): Promise<number> {
		if (!this.#isOpen) throw this.#closed();
		let filled = 0;
		while (filled < into.length) {
			signal?.throwIfAborted();
			const count = await this.#readOnce(into, filled, offset);
			if (count === 0) break;
			filled += count;
		}
		return filled;
	}

	/** Reads as much as the system gives at once. What has no size has no places either. */
	async #readOnce(into: Uint8Array, filled: number, offset: number): Promise<number> {
		const length = Math.min(into.length - filled, LONGEST_READ);
		const position = this.size === undefined ? null : offset + filled;
		this.#reading++;
		try {
			return (await this.#file.read(into, filled, length, position)).bytesRead;
		} catch (cause) {
			throw this.#isOpen ? fileError(this.#path, cause) : this.#closed();
		} finally {
			this.#reading--;
		}
	}

	#closed(): PickleError {
		return new PickleError("E_SOURCE", `cannot read ${escapeControls(this.#path)}: it was closed`);
	}

	async check(): Promise<void> {
		if (!this.#isOpen) throw this.#closed();
		const { size, mtimeMs } = await this.#file.stat();
		if (this.size === undefined || (size === this.size && mtimeMs === this.#changed)) return;
		const path = escapeControls(this.#path);
		if (size >= this.size) throw new PickleError("E_SOURCE", `${path} was changed while it was read`);
		const reason = `${path} ends at ${size}, but it had ${this.size} bytes when it was opened`;
		throw new PickleError("E_SOURCE", `${reason}: it was cut while it was read`, { end: size });
	}

	async close(): Promise<void> {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		if (this.#isLent) return;
		const closing = this.#file.close();
		// A pipe whose writer is silent is closed no sooner than that writes or ends.
		if (this.size !== undefined || this.#reading === 0) await closing;
		else closing.catch(() => {});
	}
}
