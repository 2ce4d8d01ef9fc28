import { asCInt } from "../bytes/int64.ts";
import type { DecodeContext } from "../opcodes/resolver.ts";
import type { PyValue } from "../values/value.ts";
import { DType, shapeText } from "./dtype.ts";
import { usedDType } from "./dtype-state.ts";
import { type Layout, layoutOf, type NDArrayData } from "./elements.ts";
import { readInteger, readShape, refuse } from "./integers.ts";
import { cStrides, fStrides, NDArray, product } from "./ndarray.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What Python 2 and 3 can write as one str or bytes before protocol 4, in bytes. */
const STR_LIMIT = 2 ** 31 - 1;
const BYTES_LIMIT = 2 ** 32 - 1;

/**
 * Gives an array of `_reconstruct` the state that the pickle has of it: (1, shape, dtype, is_fortran, data), in old files without
 * the 1. A subclass may add to it, or have the array's state as the first part of its own; then its whole state is kept.
 */
export function setArrayState(array: NDArray, state: PyValue, context: DecodeContext): void {
	if (isPlainState(state)) {
		fill(array, state, context);
		return;
	}
	if (array.subclass === undefined) throw refuse("the state of a numpy array is (1, shape, dtype, is_fortran, data)");
	const own = Array.isArray(state) ? (isPlainState(state[0]) ? state[0] : state.slice(0, 5)) : [];
	if (isPlainState(own)) fill(array, own, context);
	(array as Mutable<NDArray>).state = context.keep(state);
}

function isPlainState(state: PyValue | undefined): state is readonly PyValue[] {
	if (!Array.isArray(state)) return false;
	return state.length === 5 ? state[2] instanceof DType : state.length === 4 && state[1] instanceof DType;
}

function fill(array: NDArray, state: readonly PyValue[], context: DecodeContext): void {
	const first = state.length - 4;
	if (first === 1 && readInteger(state[0]) !== 1) throw refuse("a numpy array's state has another version than 1");
	const shape = readShape(state[first]);
	const dtype = usedDType(state[first + 1]);
	const fortran = state[first + 2];
	if (typeof fortran !== "boolean" && readInteger(fortran) === undefined) throw refuse("is_fortran of a numpy array is no bool");
	const data = readData(state[first + 3] as PyValue, dtype, shape, context);
	setContents(array, data, dtype, shape, Boolean(fortran));
}

/** Object arrays list their items in C order always. */
function setContents(array: NDArray, data: NDArrayData, dtype: DType, shape: readonly number[], fortran: boolean): void {
	const target = array as Mutable<NDArray>;
	target.dtype = dtype;
	target.shape = shape;
	target.offset = 0;
	const transposed = fortran && Array.isArray(data);
	target.data = transposed ? new NDArray(data, dtype, shape).toContiguous("F").data : data;
	target.strides = fortran ? fStrides(shape) : cStrides(shape);
}

/** The data of an array as it lies in the pickle. */
export function readData(value: PyValue, dtype: DType, shape: readonly number[], context: DecodeContext): NDArrayData {
	const size = product(shape);
	if (dtype.hasObject) return readObjects(value, dtype, shape, size, context);
	const needed = size * dtype.itemsize;
	const bytes = context.bytes(value, needed);
	if (bytes.length !== needed || !Number.isSafeInteger(size)) throw wrongLength(bytes.length, dtype, shape);
	return fromBytes(bytes, dtype, context);
}

function readObjects(value: PyValue, dtype: DType, shape: readonly number[], size: number, context: DecodeContext): PyValue[] {
	if (!Array.isArray(value)) throw refuse(`an array of ${dtype.name} is to list its items: pointers in bytes mean nothing`);
	if (value.length !== size) {
		throw refuse(`the array of shape ${shapeText(shape)} needs ${size} objects, the pickle lists ${value.length}`);
	}
	context.charge(size);
	return value.map((item) => (typeof item === "object" && item !== null ? context.keep(item) : item));
}

function wrongLength(found: number, dtype: DType, shape: readonly number[]) {
	const needed = shape.reduce((bytes, length) => bytes * BigInt(length), BigInt(dtype.itemsize));
	const reason = `the array of shape ${shapeText(shape)} ${dtype.name} needs ${needed} bytes, the pickle holds ${found}`;
	if (needed <= BYTES_LIMIT || needed > Number.MAX_SAFE_INTEGER || asCInt(Number(needed)) !== found) return refuse(reason);
	const cut = "an old cPickle (Python before 2.7.14) kept the length in 32 bits and silently cut the data";
	const items = Math.floor(found / dtype.itemsize);
	return refuse(`${reason}; ${found} is ${needed} mod 2^32: ${cut}; the first ${items} elements are all that was written`);
}

/** What can be said of an array whose state ends where its data would begin. */
export function missingData(parts: readonly PyValue[], protocol: number): string | undefined {
	const [, shape, dtype] = parts;
	if (parts.length !== 4 || !Array.isArray(shape) || !(dtype instanceof DType)) return undefined;
	const lengths = shape.map((length) => readInteger(length) ?? Number.NaN);
	const needed = product(lengths) * dtype.itemsize;
	if (!Number.isSafeInteger(needed)) return undefined;
	const [limit, writer] = protocol < 3 ? [STR_LIMIT, "a str of Python 2"] : [BYTES_LIMIT, "bytes below protocol 4"];
	const reason = `the data of the array of shape ${shapeText(lengths)} ${dtype.name} is missing, ${needed} bytes`;
	if (protocol > 3 || needed <= limit) return reason;
	return `${reason}; ${writer} can hold ${limit}, so its writer failed there`;
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Bytes that are copied through here: making an array of few bytes is five times as fast as through a new ArrayBuffer. */
const scratch = new Uint8Array(64);
const scratchViews = new Map<NonNullable<Layout["View"]>, Exclude<NDArrayData, PyValue[]>>();

/** Typed memory of an array over its bytes: a view where they are aligned and in the machine's byte order, else a copy. */
export function fromBytes(bytes: Uint8Array, dtype: DType, context: DecodeContext): Exclude<NDArrayData, PyValue[]> {
	const { View = Uint8Array, native } = layoutOf(dtype);
	const width = View.BYTES_PER_ELEMENT;
	const swap = native && width > 1 && (dtype.byteOrder === ">") === littleEndian;
	const { length } = bytes;
	if (!swap && length <= 64 && length > 0) return copySmall(bytes, View, width);
	if (!swap && bytes.byteOffset % width === 0) return new View(bytes.buffer, bytes.byteOffset, length / width);
	context.charge(length / 8);
	const copy = new Uint8Array(bytes);
	if (swap) swapBytes(copy, width);
	return new View(copy.buffer, 0, length / width);
}

function copySmall(bytes: Uint8Array, View: NonNullable<Layout["View"]>, width: number): Exclude<NDArrayData, PyValue[]> {
	const { length } = bytes;
	for (let i = 0; i < length; i++) scratch[i] = bytes[i] as number;
	let view = scratchViews.get(View);
	if (view === undefined) scratchViews.set(View, (view = new View(scratch.buffer, 0, 64 / width)));
	return view.slice(0, length / width);
}

function swapBytes(bytes: Uint8Array, width: number): void {
	for (let start = 0; start < bytes.length; start += width) {
		for (let low = start, high = start + width - 1; low < high; low++, high--) {
			const byte = bytes[low] as number;
			bytes[low] = bytes[high] as number;
			bytes[high] = byte;
		}
	}
}
