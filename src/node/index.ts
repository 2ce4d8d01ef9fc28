/* Entry "picklet/node": all of "picklet", with files. */
import type { Signal, UrlLike } from "../bytes/platform.ts";
import { EncodeSessions, encodePayloads } from "../codec/encode.ts";
import { openOne } from "../codec/open.ts";
import { checkFollowing } from "../codec/options.ts";
import { readOne } from "../codec/read.ts";
import { Sessions } from "../codec/session.ts";
import { unlessAborted } from "../codec/window.ts";
import {
	type ByteSource,
	type EncodeOptions,
	type OpenPickleOptions,
	type PickleFile,
	type PickleSource,
	type PyValue,
	type ReadPickleOptions,
	standardReducers,
} from "../index.ts";
import { nodeCodecs } from "./codecs.ts";
import type { WritingOptions } from "./options.ts";
import { type FileHandleLike, fileSource, isFileHandle } from "./source.ts";
import { replaceFile } from "./write.ts";

export * from "../index.ts";
export type { WritingOptions } from "./options.ts";
export { type FileHandleLike, fileSource } from "./source.ts";

const sessions = new Sessions(standardReducers);
const encodeSessions = new EncodeSessions(standardReducers);

/** A path, a `file:` URL, a FileHandle, which is left open, or what "picklet" itself takes. */
export type NodePickleSource = string | UrlLike | FileHandleLike | PickleSource;

/** Options of `writePickle`: those of `encode`, progress and a signal. */
export interface WritePickleOptions extends EncodeOptions, WritingOptions {}

/**
 * Reads the one pickle of a file, named by its path or `file:` URL, or of any source of "picklet". Large payloads and the data of
 * arrays are read straight into their final memory. What is packed with gzip, zlib, bz2, xz, lzma, zstandard or lz4 is unpacked
 * on the way, as `limits.maxDecompressedBytes` and `limits.maxRatio` allow.
 *
 * @typeParam T what the caller expects of the pickle: taken on trust, nothing checks it
 * @throws PickleError E_SOURCE if the file cannot be read, with the system's error as `cause`, or is changed while it is read;
 * E_CONTAINER if it is packed otherwise, damaged, or packed twice; else as `decode`; the signal's reason once it is aborted
 * @throws TypeError for an unknown option, or a source that is none of these
 */
export async function readPickle<T = PyValue>(
	source: NodePickleSource,
	options: ReadPickleOptions = {},
): Promise<NoInfer<T>> {
	const { size, onProgress, signal, ...decoding } = checkFollowing(options);
	const session = sessions.open(decoding);
	const opened = await openPath(source, signal);
	try {
		return (await readOne(opened.source, session, { size, onProgress, signal }, nodeCodecs)) as T;
	} finally {
		await opened.close();
	}
}

/**
 * Reads the one pickle of a file but for the data of arrays and payloads of 64 KiB and more, which stay in the file until they
 * are asked for. The file stays open until the PickleFile is closed.
 *
 * @typeParam T what the caller expects of the pickle: taken on trust, nothing checks it
 * @throws PickleError as readPickle, and E_SOURCE for a stream
 * @throws TypeError for an unknown option, or a source that is none of these
 */
export async function openPickle<T = PyValue>(
	source: NodePickleSource,
	options: OpenPickleOptions = {},
): Promise<PickleFile<NoInfer<T>>> {
	const { signal, ...decoding } = checkFollowing(options);
	const session = sessions.open(decoding);
	const opened = await openPath(source, signal);
	try {
		return (await openOne(opened.source, session, signal)) as PickleFile<T>;
	} catch (error) {
		await opened.close();
		throw error;
	}
}

/**
 * Writes the pickle of a value to a file, whole or not at all: into a temporary file beside it, which takes its place once all
 * bytes are on the disk. The memory of arrays is written as it is, and what was opened by `openPickle` is copied from its file
 * piece by piece, so that nothing of it is ever whole in memory.
 *
 * @throws PickleError as `encode`; the system's error if the file cannot be written; the signal's reason once it is aborted. The
 * old file is left as it was then
 * @throws TypeError for an unknown option or value
 */
export async function writePickle(
	path: string | UrlLike,
	value: unknown,
	options: WritePickleOptions = {},
): Promise<void> {
	const { onProgress, signal, ...encoding } = checkFollowing(options);
	await replaceFile(path, encodePayloads(value, encodeSessions.open(encoding)), { onProgress, signal });
}

/** A source, opened here if it is a file. */
async function openPath(
	source: NodePickleSource,
	signal: Signal | undefined,
): Promise<{ source: PickleSource; close(): Promise<void> }> {
	if (typeof source !== "string" && !(source instanceof URL) && !isFileHandle(source))
		return { source: source as PickleSource, close: async () => {} };
	// To open a pipe waits for its writer.
	const opening: Promise<ByteSource> = fileSource(source);
	const file = await unlessAborted(() => opening, signal).catch((error) => {
		opening.then((late) => late.close?.()).catch(() => {});
		throw error;
	});
	return { source: file, close: async () => file.close?.() };
}
