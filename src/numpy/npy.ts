import { type ByteSource, bytesOrSource, bytesSource, type SourceInput } from "../bytes/source.ts";
import { decodeFrom } from "../codec/decode.ts";
import { EncodeSessions, encodePieces } from "../codec/encode.ts";
import type { EncodeOptions } from "../codec/encode-options.ts";
import type { DecodeOptions } from "../codec/options.ts";
import { sourceChunks } from "../codec/read.ts";
import { type Session, Sessions } from "../codec/session.ts";
import { decodeSupply } from "../codec/stream.ts";
import { type ByteStream, Window } from "../codec/window.ts";
import { PickleError } from "../errors.ts";
import { type Payload, windowsOf } from "../opcodes/framer.ts";
import { standardReducers } from "../reducers/standard.ts";
import { PyLazyBytes, type ReadOptions } from "../values/lazy.ts";
import type { PyValue } from "../values/value.ts";
import { type DType, shapeText } from "./dtype.ts";
import type { TypedArray } from "./elements.ts";
import { LazyNDArray } from "./lazy.ts";
import { typedMemory } from "./memory.ts";
import { NDArray } from "./ndarray.ts";
import { headerRange, NPY_PREFIX, type NpyHeader, npyHeader, parseNpyHeader } from "./npy-header.ts";
import { asArray, memoryOf } from "./reducers/reduce.ts";
import { fStrides, isPacked, product, resolveSlice } from "./shapes.ts";

const sessions = /* @__PURE__ */ new Sessions(standardReducers);
const encodeSessions = /* @__PURE__ */ new EncodeSessions(standardReducers);

/** Bytes at hand, or a Blob, File or source that gives them where they are needed. */
export type NpySource = SourceInput;

/** A .npy file of which only the header was read. */
export class NpyFile {
	readonly dtype: DType;
	readonly shape: readonly number[];
	/** Whether the items lie in Fortran order. */
	readonly isFortran: boolean;
	/** The format's version: 1, 2 or 3. */
	readonly version: number;
	readonly #header: NpyHeader;
	readonly #source: ByteSource;
	readonly #bytes: Uint8Array | undefined;
	readonly #options: DecodeOptions | undefined;

	/** Use `openNpy`. */
	constructor(
		header: NpyHeader,
		source: ByteSource,
		bytes: Uint8Array | undefined,
		options: DecodeOptions | undefined,
	) {
		this.dtype = header.dtype;
		this.shape = header.shape;
		this.isFortran = header.isFortran;
		this.version = header.version;
		this.#header = header;
		this.#source = source;
		this.#bytes = bytes;
		this.#options = options;
	}

	/**
	 * The array. Over bytes at hand it is a view of them where alignment and byte order allow.
	 * @throws PickleError E_TRUNCATED if data is missing, E_TOO_LARGE if this runtime cannot hold it; for objects as `decode`
	 */
	async read(options?: ReadOptions): Promise<NDArray> {
		const { dtype, shape, isFortran } = this;
		if (dtype.hasObject) return this.#readObjects();
		if (this.#isRandomAccess) return (this.lazy() as LazyNDArray).read(options);
		return arrayOf(await this.#data(0, dataLength(shape, dtype)), dtype, shape, isFortran);
	}

	/**
	 * The rows `from` to `to` along the first axis, as Python's `array[from:to]`, read alone.
	 * @throws PickleError as `read`
	 * @throws TypeError if the array has no axes
	 */
	async readRows(from: number, to: number, options?: ReadOptions): Promise<NDArray> {
		const { dtype, shape, isFortran } = this;
		const [length, ...inner] = shape;
		if (length === undefined) throw new TypeError("an array without axes has no rows");
		const { start, count } = resolveSlice([from, to], length);
		if (dtype.hasObject) return (await this.read()).slice([start, start + count]);
		if (this.#isRandomAccess) return (this.lazy() as LazyNDArray).readRows(start, start + count, options);
		if (isFortran && inner.length > 0) return (await this.read()).slice([start, start + count]);
		dataLength(shape, dtype);
		const row = dataLength(inner, dtype);
		return arrayOf(await this.#data(start * row, count * row), dtype, Object.freeze([count, ...inner]), false);
	}

	/**
	 * The array as one whose items stay where they are until they are asked for, as `openPickle` gives it; `writePickle` copies them
	 * piece by piece. undefined for objects, which are pickled.
	 * @throws PickleError E_TRUNCATED if data is missing, E_TOO_LARGE
	 */
	lazy(): LazyNDArray | undefined {
		const { dtype, shape, isFortran } = this;
		if (dtype.hasObject) return undefined;
		const { dataOffset } = this.#header;
		const length = dataLength(shape, dtype);
		const { size } = this.#source;
		if (size !== undefined && dataOffset + length > size) throw truncated(dataOffset, length, size);
		const bytes = new PyLazyBytes(this.#source, dataOffset, length, "bytes");
		return new LazyNDArray(bytes, dtype, shape, isFortran ? "F" : "C");
	}

	/** Bytes at hand are viewed, and a source of unknown size is read as it comes: it is not known to hold what it says. */
	get #isRandomAccess(): boolean {
		return this.#bytes === undefined && this.#source.size !== undefined;
	}

	async #data(from: number, length: number): Promise<Uint8Array> {
		const start = this.#header.dataOffset + from;
		const bytes = this.#bytes?.subarray(start, start + length) ?? (await readPieces(this.#source, start, length));
		if (bytes.length < length) throw truncated(start, length, start + bytes.length);
		return bytes;
	}

	/** They are a pickle of the whole array. */
	async #readObjects(): Promise<NDArray> {
		const { dataOffset, dtype, shape } = this.#header;
		const session = sessions.open(this.#options);
		const value =
			this.#bytes === undefined
				? await firstOf(sourceChunks(this.#source), dataOffset, session)
				: decodeFrom(this.#bytes, dataOffset, session);
		const isIt = value instanceof NDArray && value.dtype.hasObject && String(value.shape) === String(shape);
		if (isIt && String(value.dtype) === String(dtype)) return value;
		throw new PickleError("E_CONTAINER", "the .npy file's pickle is not the array that its header tells of", {
			offset: dataOffset,
		});
	}
}

/** The first pickle behind a file's header; no more of the file is read than it needs. */
async function firstOf(chunks: ByteStream, dataOffset: number, session: Session): Promise<PyValue> {
	const supply = new Window(chunks);
	await supply.atLeast(dataOffset);
	supply.consume(dataOffset);
	const values = decodeSupply(supply, session.options, {});
	const { value } = await values.next();
	await values.return();
	return value as PyValue;
}

/** How many bytes all items have. @throws PickleError E_TOO_LARGE */
function dataLength(shape: readonly number[], { itemsize }: DType): number {
	const length = product([...shape, itemsize]);
	if (Number.isSafeInteger(length) && Number.isSafeInteger(product(shape))) return length;
	const exact = shape.reduce((bytes, own) => bytes * BigInt(own), BigInt(itemsize));
	throw new PickleError(
		"E_TOO_LARGE",
		`an array of shape ${shapeText(shape)} and ${exact} bytes is more than any file holds`,
	);
}

function arrayOf(bytes: Uint8Array, dtype: DType, shape: readonly number[], isFortran: boolean): NDArray {
	const data = typedMemory(bytes, dtype, () => {});
	return isFortran ? new NDArray(data, dtype, shape, fStrides(shape)) : new NDArray(data, dtype, shape);
}

function truncated(start: number, length: number, end: number): PickleError {
	const reason = `the array needs ${length} bytes of data from ${start} on, the file ends at ${end}`;
	return new PickleError("E_TRUNCATED", reason, { offset: start, end });
}

/** Most that is read of a source that does not say how long it is, before more is known to be there. */
const PIECE = 2 ** 22;

async function readFully(source: ByteSource, start: number, length: number): Promise<Uint8Array> {
	const bytes = allocate(length);
	for (let at = 0; at < length; ) {
		const count = await source.read(bytes.subarray(at), start + at);
		if (count === 0) throw truncated(start, length, start + at);
		at += count;
	}
	return bytes;
}

/** @throws PickleError E_TRUNCATED, E_TOO_LARGE */
export async function readToEnd(source: ByteSource, start: number): Promise<Uint8Array> {
	const { size } = source;
	if (size !== undefined) return readFully(source, start, Math.max(0, size - start));
	return readPieces(source, start, Number.POSITIVE_INFINITY);
}

/** At most so many bytes, as they come. */
async function readPieces(source: ByteSource, start: number, most: number): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	let length = 0;
	while (length < most) {
		const piece = new Uint8Array(Math.min(PIECE, most - length));
		const count = await source.read(piece, start + length);
		if (count === 0) break;
		pieces.push(piece.subarray(0, count));
		length += count;
	}
	return joined(pieces);
}

function allocate(length: number): Uint8Array<ArrayBuffer> {
	try {
		return new Uint8Array(length);
	} catch (cause) {
		throw new PickleError("E_TOO_LARGE", `${length} bytes are more than this runtime holds at once`, { cause });
	}
}

/** @throws PickleError E_TOO_LARGE */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const bytes = allocate(pieces.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const piece of pieces) {
		bytes.set(piece, at);
		at += piece.length;
	}
	return bytes;
}

/**
 * Reads the header of a .npy file, versions 1 to 3; the data stays where it is. The header's text is parsed, never evaluated.
 *
 * @throws PickleError E_CONTAINER if it is no .npy file or its header malformed, E_TRUNCATED if it ends too early
 * @throws TypeError for what is no source; of a path, `fileSource` of "picklet/node" makes one
 */
export async function openNpy(source: NpySource, options?: DecodeOptions): Promise<NpyFile> {
	const held = bytesOrSource(source);
	const bytes = held instanceof Uint8Array ? held : undefined;
	const from = held instanceof Uint8Array ? bytesSource(held) : held;
	if (bytes !== undefined) return new NpyFile(parseNpyHeader(bytes), from, bytes, options);
	const { end } = headerRange(await readPieces(from, 0, NPY_PREFIX));
	return new NpyFile(parseNpyHeader(await readPieces(from, 0, end)), from, bytes, options);
}

/**
 * Reads the array of a .npy file. What follows the array is not looked at, as in numpy. Objects are decoded as `decode` does it, by the
 * same options.
 *
 * @throws PickleError as `openNpy` and `NpyFile.read`
 */
export async function readNpy(source: NpySource, options?: DecodeOptions): Promise<NDArray> {
	return (await openNpy(source, options)).read();
}

/**
 * The bytes of a .npy file, as numpy.save writes them: version 1, or a later one where the fields need it. Objects are pickled by the
 * options, as `encode` does it.
 *
 * @throws PickleError E_UNENCODABLE for fields that overlap and for StringDType; for objects as `encode`; E_TOO_LARGE if this runtime cannot hold them
 */
export function writeNpy(array: NDArray | TypedArray, options?: EncodeOptions): Uint8Array<ArrayBuffer> {
	return joined([...writeNpyChunks(array, options)]);
}

/** The same in pieces, of any size: the array's memory is given out, not copied. @throws PickleError as `writeNpy` */
export function* writeNpyChunks(value: NDArray | TypedArray, options?: EncodeOptions): Generator<Uint8Array, void> {
	if (!(value instanceof NDArray || (ArrayBuffer.isView(value) && !(value instanceof DataView))))
		throw new TypeError("a .npy file is of an NDArray or a typed array");
	const array = asArray(value);
	const order = array.order === "F" ? "F" : "C";
	yield npyHeader(array.dtype, array.shape, order === "F");
	if (!array.dtype.hasObject) yield* windowsOf(memoryOf(array, order));
	else yield* encodePieces(plain(array), encodeSessions.open(options));
}

/** .npy knows no subclasses: numpy saves what `asanyarray` gives, and reads an ndarray. */
function plain(array: NDArray): NDArray {
	const { data, dtype, shape, strides, offset } = array;
	return array.subclass === undefined ? array : new NDArray(data, dtype, shape, strides, offset);
}

/** The pieces of a .npy file; data that lies in another file yet stays there. @throws PickleError as `writeNpy` */
export function* npyPayloads(
	value: NDArray | LazyNDArray | TypedArray,
	options?: EncodeOptions,
): Generator<Payload, void> {
	if (!(value instanceof LazyNDArray)) return yield* writeNpyChunks(value, options);
	const { dtype, shape, order, bytes } = value;
	yield npyHeader(dtype, shape, order === "F" && !isPacked(shape, fStrides(shape), false));
	yield bytes;
}
