import { open } from "node:fs/promises";
import { type ByteSource, bytesSource } from "../bytes/source.ts";
import { type InflatedFormat, packedFormat } from "../containers/inflate.ts";
import { escapeControls, PickleError } from "../errors.ts";
import { resolveLimits } from "../limits.ts";
import { problemOf, readBytes, unpack } from "../node/read.ts";
import type { Terminal } from "./command.ts";

/** A file's bytes, unpacked if it was packed. */
export interface Opened {
	readonly source: ByteSource;
	readonly format: InflatedFormat | undefined;
}

/**
 * Opens a file, - for standard input. A file that is not packed stays where it is.
 * @throws PickleError E_SOURCE, E_CONTAINER, E_LIMIT, E_TOO_LARGE
 */
export async function openFile(path: string, terminal: Terminal): Promise<Opened> {
	if (path === "-") return unpacked(await terminal.readInput());
	const source = await fileRanges(path);
	if (source === undefined) return unpacked(await readBytes(path));
	const head = new Uint8Array(2);
	try {
		await source.read(head, 0);
		if (packedFormat(head) === undefined) return { source, format: undefined };
	} catch (error) {
		await source.close?.();
		throw error;
	}
	await source.close?.();
	return unpacked(await readBytes(path));
}

async function unpacked(read: Uint8Array): Promise<Opened> {
	const { bytes, format } = await unpack(read, resolveLimits());
	return { source: bytesSource(bytes), format };
}

/** A regular file, read where it is needed; undefined for what can only be read from its beginning to its end. */
async function fileRanges(path: string): Promise<ByteSource | undefined> {
	const failed = (cause: unknown) =>
		new PickleError("E_SOURCE", `cannot read ${escapeControls(path)}: ${problemOf(cause)}`, { cause });
	try {
		const file = await open(path);
		const stat = await file.stat();
		if (!stat.isFile() || stat.size === 0) {
			await file.close();
			return undefined;
		}
		return {
			size: stat.size,
			close: () => file.close(),
			async read(into, offset) {
				let count = 0;
				try {
					while (count < into.length) {
						const { bytesRead } = await file.read(into, count, into.length - count, offset + count);
						if (bytesRead === 0) break;
						count += bytesRead;
					}
					return count;
				} catch (cause) {
					throw failed(cause);
				}
			},
		};
	} catch (cause) {
		throw failed(cause);
	}
}
