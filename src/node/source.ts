import { type FileHandle, open } from "node:fs/promises";
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
};

/** A file system's error in a few words. */
export function problemOf(error: unknown): string {
	const { code, message } = error as NodeJS.ErrnoException;
	return problems[code ?? ""] ?? message;
}

/** A file's error, by its path. */
function fileError(path: string | UrlLike, cause: unknown): PickleError {
	return new PickleError("E_SOURCE", `cannot read ${escapeControls(String(path))}: ${problemOf(cause)}`, { cause });
}

/**
 * A source over a file, which stays open until it is closed. Pipes and devices have no size and are read from their beginning
 * to their end only.
 *
 * @throws PickleError E_SOURCE if it cannot be opened, with the system's error as its cause
 * @throws TypeError for what is no path
 */
export async function fileSource(path: string | UrlLike): Promise<ByteSource> {
	if (typeof path !== "string" && !(path instanceof URL))
		throw new TypeError("a file is named by a path or a file: URL");
	let file: FileHandle | undefined;
	try {
		file = await open(path);
		const stat = await file.stat();
		if (stat.isDirectory()) throw Object.assign(new Error("it is a directory"), { code: "EISDIR" });
		return new FileSource(path, file, stat.isFile() ? stat.size : undefined, stat.mtimeMs);
	} catch (cause) {
		await file?.close();
		throw fileError(path, cause);
	}
}

class FileSource implements ByteSource {
	readonly size: number | undefined;
	readonly #path: string | UrlLike;
	readonly #file: FileHandle;
	readonly #changed: number;
	#isOpen = true;

	constructor(path: string | UrlLike, file: FileHandle, size: number | undefined, changed: number) {
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
		try {
			return (await this.#file.read(into, filled, length, position)).bytesRead;
		} catch (cause) {
			throw this.#isOpen ? fileError(this.#path, cause) : this.#closed();
		}
	}

	#closed(): PickleError {
		return new PickleError("E_SOURCE", `cannot read ${escapeControls(String(this.#path))}: it was closed`);
	}

	async check(): Promise<void> {
		const { size, mtimeMs } = await this.#file.stat();
		if (this.size === undefined || (size === this.size && mtimeMs === this.#changed)) return;
		const path = escapeControls(String(this.#path));
		throw new PickleError("E_SOURCE", `${path} was changed while it was read`);
	}

	async close(): Promise<void> {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		await this.#file.close();
	}
}
