/* Entry "picklet/core": the machine with no reducers. What Python makes by a call is an inert PyObject. */
import type { BytesInput } from "./bytes/plain.ts";
import {
	type DecodedFirst,
	decodeEach,
	decodeLeading,
	decodeOne,
	type Unpickler,
	unpicklerOf,
} from "./codec/decode.ts";
import { EncodeSessions, encodePieces, encodeWhole, type Pickler, picklerOf } from "./codec/encode.ts";
import type { EncodeOptions } from "./codec/encode-options.ts";
import { type OpenPickleOptions, openOne, type PickleFile } from "./codec/open.ts";
import { checkFollowing, type DecodeOptions } from "./codec/options.ts";
import { type PickleSource, type ReadPickleOptions, readOne } from "./codec/read.ts";
import { Sessions } from "./codec/session.ts";
import { decodeChunks, type ReadingOptions } from "./codec/stream.ts";
import type { ByteStream } from "./codec/window.ts";
import { webCodecs } from "./containers/codecs.ts";
import type { PyValue } from "./values/value.ts";

export { type HttpSourceOptions, httpSource } from "./bytes/http.ts";
export type { BytesInput } from "./bytes/plain.ts";
export { type ByteSource, blobSource, bytesSource } from "./bytes/source.ts";
export type { DecodedFirst, Unpickler } from "./codec/decode.ts";
export type { Pickler } from "./codec/encode.ts";
export type { BufferTaker, EncodeOptions } from "./codec/encode-options.ts";
export { type OpenPickleOptions, PickleFile } from "./codec/open.ts";
export type { DecodeOptions } from "./codec/options.ts";
export type { PickleSource, ReadPickleOptions } from "./codec/read.ts";
export type { ReadingOptions, StreamOptions } from "./codec/stream.ts";
export type { ByteStream } from "./codec/window.ts";
export { isPickleError, PickleError, type PickleErrorCode, type PickleErrorDetails } from "./errors.ts";
export type { Limits } from "./limits.ts";
export type { CreateCall, DecodeContext, EncodeContext, Reducer, Reduction } from "./reducers/reducer.ts";
export * from "./values.ts";

const sessions = /* @__PURE__ */ new Sessions([]);
const encodeSessions = /* @__PURE__ */ new EncodeSessions([]);

/**
 * Decodes exactly one pickle.
 *
 * @typeParam T what the caller expects of the pickle: taken on trust, nothing checks it
 * @throws PickleError for whatever is wrong with the bytes; E_TRAILING if more follows the pickle
 * @throws TypeError for an unknown option, or an argument that holds no bytes
 */
export function decode<T = PyValue>(bytes: BytesInput, options?: DecodeOptions): NoInfer<T> {
	return decodeOne(bytes, sessions.open(options)) as T;
}

/**
 * Decodes the first pickle and tells where it ends, in bytes. What follows it is not looked at.
 *
 * @typeParam T what the caller expects of the pickle: taken on trust, nothing checks it
 * @throws PickleError for whatever is wrong with the pickle
 * @throws TypeError as decode
 */
export function decodeFirst<T = PyValue>(bytes: BytesInput, options?: DecodeOptions): DecodedFirst<NoInfer<T>> {
	return decodeLeading(bytes, sessions.open(options)) as DecodedFirst<T>;
}

/**
 * Decodes the pickles that follow each other in one file. Each has a memo of its own, unless `keepMemo` says that one
 * Pickler wrote them all.
 *
 * @typeParam T what the caller expects of the pickle: taken on trust, nothing checks it
 * @throws PickleError at the first one that is damaged; those before it have been yielded
 * @throws TypeError as decode
 */
export function decodeAll<T = PyValue>(bytes: BytesInput, options?: DecodeOptions): Generator<NoInfer<T>, void> {
	return decodeEach(bytes, sessions.open(options)) as Generator<T, void>;
}

/**
 * Decodes the pickles of a stream as they become whole, from chunks of any size. Payloads of 64 KiB and more go straight
 * into their final memory; with `size`, the bytes that will come in all, it is allocated at once.
 *
 * @typeParam T what the caller expects of the pickle: taken on trust, nothing checks it
 * @throws PickleError as decodeAll, and E_SOURCE if the stream fails
 * @throws TypeError as decode
 */
export function decodeStream<T = PyValue>(
	chunks: ByteStream,
	options: DecodeOptions & ReadingOptions = {},
): AsyncGenerator<NoInfer<T>, void> {
	const { size, onProgress, signal, ...decoding } = checkFollowing(options);
	return decodeChunks(chunks, sessions.open(decoding), { size, onProgress, signal }) as AsyncGenerator<T, void>;
}

/**
 * Reads the one pickle of a source of any size: bytes, a Blob or File, a ByteSource, or a stream. Large payloads and the data of
 * arrays are read straight into their final memory. What is packed with gzip, zlib, bz2, xz, lzma, zstandard or lz4 is unpacked
 * on the way, as `limits.maxDecompressedBytes` and `limits.maxRatio` allow. What a Uint8Array cannot hold is a PyLargeBytes, what a string cannot hold a
 * PyLargeText. A ByteSource stays open.
 *
 * @typeParam T what the caller expects of the pickle: taken on trust, nothing checks it
 * @throws PickleError as decode, and E_SOURCE if the source fails or changes; the signal's reason once it is aborted
 * @throws TypeError for an unknown option, or what is no source
 */
export async function readPickle<T = PyValue>(
	source: PickleSource,
	options: ReadPickleOptions = {},
): Promise<NoInfer<T>> {
	const { size, onProgress, signal, ...decoding } = checkFollowing(options);
	return (await readOne(source, sessions.open(decoding), { size, onProgress, signal }, webCodecs)) as T;
}

/**
 * Reads the one pickle of a source but for the data of arrays and payloads of 64 KiB and more, which stay where they are until
 * they are asked for. The source stays open; closing the PickleFile closes it.
 *
 * @typeParam T what the caller expects of the pickle: taken on trust, nothing checks it
 * @throws PickleError as readPickle, and E_SOURCE for a stream
 * @throws TypeError for an unknown option, or what is no source
 */
export async function openPickle<T = PyValue>(
	source: PickleSource,
	options: OpenPickleOptions = {},
): Promise<PickleFile<NoInfer<T>>> {
	const { signal, ...decoding } = checkFollowing(options);
	return (await openOne(source, sessions.open(decoding), signal)) as PickleFile<T>;
}

/**
 * The decode functions for repeated use: options are resolved and reducers indexed once.
 *
 * @throws TypeError for an unknown option or value
 */
export function unpickler(options: DecodeOptions = {}): Unpickler {
	return unpicklerOf(sessions.open(options));
}

/**
 * The pickle of a value, protocol 4 unless the options say otherwise.
 *
 * @throws PickleError E_UNENCODABLE, with the path, for what Python has no form of; E_OVERFLOW for a payload that the
 * protocol cannot hold; E_TOO_LARGE for a pickle beyond what one Uint8Array holds
 * @throws TypeError for an unknown option or value
 */
export function encode(value: unknown, options?: EncodeOptions): Uint8Array<ArrayBuffer> {
	return encodeWhole(value, encodeSessions.open(options));
}

/**
 * The pickle of a value in pieces, for pickles of any size. The memory of large arrays is yielded as it is, not copied: what
 * is yielded is to be used before the array is changed.
 *
 * @throws PickleError as encode; pieces may have been yielded by then
 * @throws TypeError for an unknown option or value
 */
export function encodeChunks(value: unknown, options?: EncodeOptions): Generator<Uint8Array, void> {
	return encodePieces(value, encodeSessions.open(options));
}

/**
 * The encode functions for repeated use: options are resolved and reducers indexed once.
 *
 * @throws TypeError for an unknown option or value
 */
export function pickler(options: EncodeOptions = {}): Pickler {
	return picklerOf(encodeSessions.open(options));
}
