import { randomUUID } from "node:crypto";
import { type FileHandle, lstat, open, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Signal, UrlLike } from "../bytes/platform.ts";
import { fillFrom } from "../bytes/source.ts";
import { type Payload, windowsOf } from "../opcodes/framer.ts";
import { RewrittenText } from "../opcodes/rewritten.ts";
import { PyLazyBytes } from "../values/lazy.ts";
import type { WritingOptions } from "./options.ts";
import { removedOnSignal } from "./temporaries.ts";
import { BlockWriter } from "./writer.ts";

/** What a file is to hold, in pieces. */
export type Pieces = Iterable<Payload> | AsyncIterable<Payload>;

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
export async function replaceFile(path: string | UrlLike, pieces: Pieces, options: WritingOptions = {}): Promise<void> {
	options.signal?.throwIfAborted();
	const old = await unlessMissing(stat(path));
	if (old?.isDirectory()) throw refusal("EISDIR", "it is a directory", path);
	// A device or a pipe would be replaced by a file.
	if (old && !old.isFile()) throw refusal("EINVAL", "it is no regular file", path);
	const target = await targetOf(path);
	const temporary = join(dirname(target), `.picklet-${randomUUID()}.tmp`);
	const release = removedOnSignal(temporary);
	try {
		const file = await open(temporary, "wx");
		await writeAll(temporary, file, pieces, old?.mode, options);
		await rename(temporary, target);
	} catch (error) {
		await rm(temporary, { force: true });
		const folder = dirname(target);
		throw ofTarget(withPath(error, target), temporary, target, (await isTaken(folder)) ? undefined : folder);
	} finally {
		release();
	}
}

function refusal(code: string, reason: string, path: string | UrlLike): Error {
	const name = path instanceof URL ? fileURLToPath(path) : String(path);
	return Object.assign(new Error(`${code}: ${reason}, open '${name}'`), { code, path: name, syscall: "open" });
}

/** Links may go in circles. */
const MAX_LINKS = 40;

/** What a path or `file:` URL names at last, also through links to what is not there yet. */
async function targetOf(path: string | UrlLike): Promise<string> {
	let name = path instanceof URL ? fileURLToPath(path) : String(path);
	for (let links = 0; links < MAX_LINKS; links++) {
		const found = await unlessMissing(realpath(name));
		if (found !== undefined) return found;
		const link = (await unlessMissing(lstat(name)))?.isSymbolicLink() ? await readlink(name) : undefined;
		if (link === undefined) return name;
		name = resolve(dirname(name), link);
	}
	return name;
}

/** An error about the temporary file, as one about the file that was to be written, with the folder that it misses. */
function ofTarget(error: unknown, temporary: string, target: string, missing: string | undefined): unknown {
	if (!(error instanceof Error) || (error as NodeJS.ErrnoException).path !== temporary) return error;
	const { dest: _, ...details } = error as NodeJS.ErrnoException & { dest?: string };
	const told = error.message.replace(` '${temporary}'`, ` '${target}'`).replace(/ -> '.*'$/, "");
	const message =
		missing === undefined ? told : told.replace(/^ENOENT: [^,]*/, `ENOENT: there is no folder '${missing}'`);
	return Object.assign(new Error(message, { cause: error }), details, { path: target });
}

/** Errors of a file that is open do not say which it is. */
function withPath(error: unknown, path: string): unknown {
	const { code, path: named } = error as NodeJS.ErrnoException;
	if (error instanceof Error && typeof code === "string" && named === undefined && "syscall" in error) {
		Object.assign(error, { path });
	}
	return error;
}

async function writeAll(
	path: string,
	file: FileHandle,
	pieces: Pieces,
	mode: number | undefined,
	options: WritingOptions,
): Promise<void> {
	const writer = new BlockWriter(path, file, options);
	try {
		if (mode !== undefined) await file.chmod(mode & 0o777);
		for await (const piece of pieces) {
			if (piece instanceof PyLazyBytes) await writer.copy(piece);
			else for await (const part of partsOf(piece, undefined, options.signal)) await writer.add(part);
		}
		await writer.finish();
	} finally {
		await writer.close();
	}
}

/** Long payloads are taken in parts, so that progress and aborts come in between. */
const PART = 2 ** 24;

/** A payload in parts; one that lies in another file is read through the buffer, or through new memory for each part. */
export async function* partsOf(
	payload: Payload,
	buffer?: Uint8Array<ArrayBuffer>,
	signal?: Signal,
): AsyncGenerator<Uint8Array, void> {
	if (payload instanceof RewrittenText) return yield* rewritten(payload, signal);
	if (!(payload instanceof PyLazyBytes)) {
		for (const view of windowsOf(payload)) {
			for (let at = 0; at < view.length; at += PART) yield view.subarray(at, at + PART);
		}
		return;
	}
	const { source, offset, byteLength } = payload;
	const size = buffer?.length ?? PART;
	for (let at = 0; at < byteLength; at += size) {
		const memory = buffer ?? new Uint8Array(size);
		const length = Math.min(size, byteLength - at);
		await fillFrom(source, offset + at, { buffer: memory.buffer, start: 0, length }, { signal });
		yield memory.subarray(0, length);
	}
	await source.check?.();
}

/** Text in parts, of bytes that are read twice: its length stands before it. */
async function* rewritten(text: RewrittenText, signal: Signal | undefined): AsyncGenerator<Uint8Array, void> {
	for await (const part of partsOf(text.data, new Uint8Array(PART), signal)) text.look(part);
	yield text.head();
	for await (const part of partsOf(text.data, new Uint8Array(PART), signal)) yield text.rewritten(part);
	yield text.tail();
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
	try {
		return await found;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
}
