import { type BytesInput, plainBytes } from "../bytes/plain.ts";
import type { BlobLike, Signal } from "../bytes/platform.ts";
import { type ByteSource, blobSource, bufferSource, bytesSource, isByteSource, readSome } from "../bytes/source.ts";
import { formatOf, PACKED_HEAD, type PackedFormat, packedFormat } from "../containers/packed.ts";
import { type Codecs, unpack } from "../containers/unpack.ts";
import { isPickleError, PickleError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { StreamUnpickler } from "../opcodes/stream-unpickler.ts";
import type { PyValue } from "../values/value.ts";
import { decodeOne, trailing } from "./decode.ts";
import type { DecodeOptions } from "./options.ts";
import type { Session } from "./session.ts";
import { SourceWindow } from "./source-window.ts";
import { decodeSupply, otherSize, type ReadingOptions } from "./stream.ts";
import { HEAD, type Supply } from "./supply.ts";
import { type ByteStream, Window } from "./window.ts";

/** Where a pickle may be: in memory of any size, in a Blob or File, a ByteSource or a stream. */
export type PickleSource = BytesInput | BlobLike | ByteSource | ByteStream;

/** Options of `readPickle`: those of `decode`, the size of a stream, progress and a signal. */
export interface ReadPickleOptions extends DecodeOptions, ReadingOptions {}

/** Reads exactly one pickle, which may be packed. */
export async function readOne(
	source: PickleSource,
	session: Session,
	reading: ReadingOptions,
	codecs: Codecs,
): Promise<PyValue> {
	reading.signal?.throwIfAborted();
	const input = inputOf(source);
	if (input instanceof Uint8Array && packedFormat(input) === undefined) {
		const value = decodeOne(input, session);
		reading.onProgress?.(input.length, input.length);
		return value;
	}
	const { supply, size, format } = await openInput(input, session.options.limits, reading, codecs);
	const value = await namingFormat(format, onlyPickle(supply, session, size));
	if (isByteSource(input)) await input.check?.();
	return value;
}

/** An input that is ready to be decoded. */
export interface OpenInput {
	readonly supply: Supply;
	/** How many bytes of pickle there are, if that is known. */
	readonly size: number | undefined;
	/** How they were packed, if they were. */
	readonly format: PackedFormat | undefined;
}

/** Opens an input, and unpacks what is packed. */
export async function openInput(
	input: Uint8Array | ByteSource | ByteStream,
	limits: Limits,
	reading: ReadingOptions,
	codecs: Codecs,
): Promise<OpenInput> {
	const source = input instanceof Uint8Array ? bytesSource(input) : input;
	const size = isByteSource(source) ? source.size : reading.size;
	const { signal } = reading;
	let done = 0;
	const onBytes = (count: number) => {
		done += count;
		reading.onProgress?.(done, size);
	};
	const supply =
		isByteSource(source) && size !== undefined
			? new SourceWindow(source, size, { signal, onBytes })
			: new Window(isByteSource(source) ? sourceChunks(source, signal) : source, { signal, onBytes });
	try {
		const headOf = async (count: number) => {
			await supply.atLeast(count);
			return supply.bytes;
		};
		const format = await formatOf(headOf);
		const codec = format && codecs[format];
		if (format === undefined || codec === undefined) return { supply, size, format: undefined };
		const unpacked = new Window(unpack(drained(supply), format, codec, limits, size), { signal });
		await unpacked.atLeast(PACKED_HEAD);
		const again = packedFormat(unpacked.bytes);
		if (again === undefined) return { supply: unpacked, size: undefined, format };
		await unpacked.close();
		throw new PickleError("E_CONTAINER", `the ${format} data holds ${again} data again, and only one layer is opened`);
	} catch (error) {
		await supply.close();
		throw error;
	}
}

/** The rest of an input. */
export async function* drained(supply: Supply): AsyncGenerator<Uint8Array, void> {
	try {
		while (await supply.atLeast(1)) {
			const { bytes } = supply;
			yield bytes;
			supply.consume(bytes.length);
		}
	} finally {
		await supply.close();
	}
}

/** What was unpacked and is no pickle either is named with both names. */
async function namingFormat<T>(format: PackedFormat | undefined, work: Promise<T>): Promise<T> {
	try {
		return await work;
	} catch (error) {
		// Damage has no offset in what was unpacked.
		if (format === undefined || !isPickleError(error, "E_CONTAINER") || error.offset === undefined) throw error;
		throw new PickleError("E_CONTAINER", `what the ${format} data holds is ${error.reason}`, { cause: error });
	}
}

/** What a caller gave, by what can be done with it. @throws TypeError for what is none of these */
export function inputOf(source: PickleSource): Uint8Array | ByteSource | ByteStream {
	if (source instanceof ArrayBuffer || ArrayBuffer.isView(source) || isShared(source)) return memoryOf(source);
	if (typeof source === "object" && source !== null) {
		if (typeof Blob !== "undefined" && source instanceof Blob) return blobSource(source);
		if (isStream(source) || isByteSource(source)) return source;
	}
	const help = typeof source === "string" ? "; picklet/node reads paths, httpSource makes one of a URL" : "";
	throw new TypeError(`a source is bytes, a Blob, a ByteSource or a stream of Uint8Array${help}`);
}

/** Memory as one Uint8Array, unless this runtime has none so long. */
function memoryOf(bytes: BytesInput): Uint8Array | ByteSource {
	try {
		return plainBytes(bytes);
	} catch (error) {
		if (!isPickleError(error, "E_TOO_LARGE")) throw error;
		if (!ArrayBuffer.isView(bytes)) return bufferSource(bytes);
		return bufferSource(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}
}

function isShared(source: unknown): source is SharedArrayBuffer {
	return typeof SharedArrayBuffer !== "undefined" && source instanceof SharedArrayBuffer;
}

function isStream(source: object): source is ByteStream {
	return Symbol.asyncIterator in source || Symbol.iterator in source || "getReader" in source;
}

/** The value of an input that is to be one pickle. @throws PickleError E_TRAILING if more follows */
export async function onlyPickle(
	supply: Supply,
	session: Session,
	size: number | undefined,
	machine?: StreamUnpickler,
): Promise<PyValue> {
	const values = decodeSupply(supply, session.options, { size, machine });
	const { value } = await values.next();
	try {
		if (await supply.atLeast(1)) {
			const end = supply.offset;
			// What is damaged further on says more than what follows.
			await supply.atLeast(Math.max(HEAD, supply.bytes.length + 1));
			throw trailing(supply.bytes.subarray(0, HEAD), size === undefined ? undefined : size - end, end);
		}
		if (size !== undefined && supply.offset !== size) throw otherSize(supply.offset, size);
	} finally {
		await values.return();
	}
	return value as PyValue;
}

/** How much is read at a time of a source that does not say its size. */
const CHUNK = 2 ** 20;

/** All bytes of a source, one chunk after another. Their memory is used again. */
export async function* sourceChunks(source: ByteSource, signal?: Signal, from = 0): AsyncGenerator<Uint8Array, void> {
	const chunk = new Uint8Array(CHUNK);
	for (let offset = from; ; ) {
		const count = await readSome(source, chunk, offset, signal);
		if (count === 0) return;
		yield chunk.subarray(0, count);
		offset += count;
	}
}
