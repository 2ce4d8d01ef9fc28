import { asCInt } from "../../bytes/int64.ts";
import type { PickleError } from "../../errors.ts";
import { writableBuffers } from "../../opcodes/buffers.ts";
import { positional, refuse } from "../../reducers/arguments.ts";
import type { DecodeContext, Reducer } from "../../reducers/reducer.ts";
import { PyLargeBytes } from "../../values/large.ts";
import { PyLazyBytes } from "../../values/lazy.ts";
import { PyGlobal } from "../../values/objects.ts";
import { PyByteArray } from "../../values/scalars.ts";
import type { PyValue } from "../../values/value.ts";
import { DType, type Mutable, shapeText } from "../dtype.ts";
import type { NDArrayData } from "../elements.ts";
import { LazyNDArray } from "../lazy.ts";
import { typedMemory } from "../memory.ts";
import { NDArray } from "../ndarray.ts";
import { cStrides, fStrides, isPermutation, NOTHING, product } from "../shapes.ts";
import { SubclassState, splitState } from "../subclass.ts";
import { usedDType } from "./dtypes.ts";
import { readInteger, readShape } from "./lengths.ts";
import { arrayTypes, reduceArray } from "./reduce.ts";

/** What Python 2 and 3 can write as one str or bytes before protocol 4, in bytes. */
const STR_LIMIT = 2 ** 31 - 1;
const BYTES_LIMIT = 2 ** 32 - 1;

/** The dtype of what `_reconstruct` gives until the state comes. */
export const INT8: DType = /* @__PURE__ */ new DType({ kind: "i", itemsize: 1 });
export const NO_ITEMS: Int8Array = /* @__PURE__ */ new Int8Array(0);

/** How many integral floats had been read when an array was made; none for those that are not here. */
const floatsBefore = new WeakMap<NDArray, number>();

/** `_reconstruct(class, (0,), b'b')`, which makes every array, and then its state. */
export const reconstruct: Reducer<NDArray | LazyNDArray> = {
	name: "numpy.core.multiarray._reconstruct",
	// Before numpy 1.0 it was a function of Python; dill names the module where it really lies.
	aliases: [
		"numpy._core.multiarray._reconstruct",
		"numpy.core._multiarray_umath._reconstruct",
		"numpy._core._multiarray_umath._reconstruct",
		"numpy.core._internal._reconstruct",
	],
	takesBytes: true,
	create(call, context) {
		const args = positional(call, "_reconstruct", 3, 3);
		const type = args[0];
		if (!(type instanceof PyGlobal)) throw refuse("_reconstruct takes a class as its first argument");
		const array = new NDArray(NO_ITEMS, INT8, emptyShape(args[1]));
		if (type.name !== "ndarray" || type.module !== "numpy") (array as Mutable<NDArray>).subclass = type;
		else if (context.integralFloats > 0) floatsBefore.set(array, context.integralFloats);
		return array;
	},
	setState: setArrayState,
	takesLazy: (state) => isPlainState(state) && (isRawData(state.at(-1)) || Array.isArray(state.at(-1))),
	types: arrayTypes,
	reduce: reduceArray,
	unfinished: (_, parts, protocol) => missingData(parts, protocol),
};

/** `_frombuffer(buffer, dtype, shape, order, axes)`, which makes arrays at protocol 5. */
export const frombuffer: Reducer<NDArray | LazyNDArray> = {
	name: "numpy.core.numeric._frombuffer",
	aliases: ["numpy._core.numeric._frombuffer"],
	takesBytes: true,
	takesLazy: ([buffer]) => isRawData(buffer),
	create(call, context) {
		const [buffer, type, lengths, orderName, axes] = positional(call, "_frombuffer", 4, 5);
		const dtype = usedDType(type);
		if (dtype.hasObject) throw refuse("_frombuffer makes no arrays of objects");
		const shape = readShape(lengths);
		const order = context.text(orderName as PyValue);
		if (buffer instanceof PyLazyBytes && (order === "C" || order === "F"))
			return lazyArray(buffer, dtype, shape, order === "F");
		const data = readData(buffer as PyValue, dtype, shape, context);
		const made = (array: NDArray) => {
			if (isReadOnly(buffer)) (array as Mutable<NDArray>).readOnly = true;
			return array;
		};
		if (order === "C") return made(new NDArray(data, dtype, shape));
		if (order === "F") return made(new NDArray(data, dtype, shape, fStrides(shape)));
		const places = Array.isArray(axes) ? axes.map((axis) => readInteger(axis)) : [];
		if (order !== "K" || !isPermutation(places, shape.length))
			throw refuse("_frombuffer takes the order C, F, or K with all axes");
		return made(new NDArray(data, dtype, shape, cStrides(shape)).transpose(...places));
	},
};

/** The shape that `_reconstruct` is given, (0,) as numpy writes it. */
function emptyShape(value: PyValue | undefined): readonly number[] {
	if (Array.isArray(value) && value.length === 1 && value[0] === 0) return NOTHING;
	const lengths = readShape(value);
	if (lengths.includes(0)) return lengths;
	throw refuse("_reconstruct is to make an array without items, which its state then brings");
}

/** Whether numpy could not write to the buffer: bytes, and what is out of band if the pickle says so. */
function isReadOnly(buffer: PyValue | undefined): boolean {
	return buffer instanceof Uint8Array && !(buffer instanceof PyByteArray) && !writableBuffers.has(buffer);
}

/**
 * Gives an array of `_reconstruct` the state that the pickle has of it: (1, shape, dtype, is_fortran, data), in old files without
 * the 1. A subclass may add to it, or have the array's state as one part of its own; what it adds is kept.
 */
function setArrayState(array: NDArray | LazyNDArray, state: PyValue, context: DecodeContext): LazyNDArray | undefined {
	if (array instanceof LazyNDArray) throw refuse("a numpy array is given its state twice");
	if (isPlainState(state)) {
		const lazy = fill(array, state, context);
		if (array.subclass === undefined) refuseFloats(array, (lazy ?? array).dtype, context);
		return lazy;
	}
	if (array.subclass === undefined) throw refuse("the state of a numpy array is (1, shape, dtype, is_fortran, data)");
	const parts = splitState(state, 5, isPlainState, context);
	if (parts !== undefined) fill(array, parts.own, context);
	(array as Mutable<NDArray>).state = parts?.state ?? new SubclassState([context.keep(state)]);
	return undefined;
}

/** A shape of `1.0` is none to numpy. Where nothing in the state can hold a float, one that came since the array was made is there. */
function refuseFloats(array: NDArray, dtype: DType, context: DecodeContext): void {
	const { hasObject, fields, subdtype, metadata } = dtype;
	if (hasObject || metadata !== undefined || fields !== undefined || subdtype !== undefined) return;
	if (context.integralFloats > (floatsBefore.get(array) ?? 0))
		throw refuse("the state of a numpy array has a float for an int");
}

/** Whether a state is ndarray's own. */
export function isPlainState(state: PyValue | undefined): state is readonly PyValue[] {
	if (!Array.isArray(state)) return false;
	return state.length === 5 ? state[2] instanceof DType : state.length === 4 && state[1] instanceof DType;
}

/** Gives an array the shape, dtype and data of a plain state, or makes another one if these lie in the file yet. */
export function fill(array: NDArray, state: readonly PyValue[], context: DecodeContext): LazyNDArray | undefined {
	const first = state.length - 4;
	if (first === 1 && readInteger(state[0]) !== 1) throw refuse("a numpy array's state has another version than 1");
	const shape = readShape(state[first]);
	const dtype = usedDType(state[first + 1]);
	const flag = state[first + 2];
	const fortran = typeof flag === "boolean" ? flag : readInteger(flag);
	if (fortran === undefined) throw refuse("is_fortran of a numpy array is no bool");
	const value = state[first + 3] as PyValue;
	if (value instanceof PyLazyBytes) return lazyArray(value, dtype, shape, Boolean(fortran), array.subclass);
	const data = readData(value, dtype, shape, context);
	setContents(array, data, dtype, shape, Boolean(fortran));
	return undefined;
}

/** Whether the bytes of what lies in the file are those of an array; those of a str's UTF-8 may not be. */
function isRawData(value: PyValue | undefined): boolean {
	return value instanceof PyLazyBytes && value.kind !== "text";
}

function lazyArray(
	bytes: PyLazyBytes,
	dtype: DType,
	shape: readonly number[],
	fortran: boolean,
	subclass?: PyGlobal,
): LazyNDArray {
	if (dtype.hasObject) throw refuse(`an array of ${dtype.name} is to list its items: pointers in bytes mean nothing`);
	checkLength(bytes.byteLength, dtype, shape);
	return new LazyNDArray(bytes, dtype, shape, fortran ? "F" : "C", subclass);
}

/** Object arrays list their items in C order always. */
function setContents(
	array: NDArray,
	data: NDArrayData,
	dtype: DType,
	shape: readonly number[],
	fortran: boolean,
): void {
	const target = array as Mutable<NDArray>;
	target.dtype = dtype;
	target.shape = shape;
	target.offset = 0;
	const transposed = fortran && Array.isArray(data);
	target.data = transposed ? new NDArray(data, dtype, shape).toContiguous("F").data : data;
	target.strides = fortran ? fStrides(shape) : cStrides(shape);
}

/** The data of an array as it lies in the pickle. */
function readData(value: PyValue, dtype: DType, shape: readonly number[], context: DecodeContext): NDArrayData {
	const size = product(shape);
	if (dtype.hasObject) return readObjects(value, dtype, shape, size, context);
	const needed = size * dtype.itemsize;
	const bytes = value instanceof PyLargeBytes ? value : context.bytes(value, needed);
	checkLength(bytes.byteLength, dtype, shape, size);
	return typedMemory(bytes, dtype, context.charge);
}

/** @throws PickleError E_REDUCER if so many bytes are not the array's */
function checkLength(found: number, dtype: DType, shape: readonly number[], size: number = product(shape)): void {
	if (found !== size * dtype.itemsize || !Number.isSafeInteger(size)) throw wrongLength(found, dtype, shape);
}

function readObjects(
	value: PyValue,
	dtype: DType,
	shape: readonly number[],
	size: number,
	context: DecodeContext,
): PyValue[] {
	if (!Array.isArray(value))
		throw refuse(`an array of ${dtype.name} is to list its items: pointers in bytes mean nothing`);
	if (value.length !== size) {
		throw refuse(`the array of shape ${shapeText(shape)} needs ${size} objects, the pickle lists ${value.length}`);
	}
	context.charge(size);
	const count = dtype.fields?.length;
	if (count !== undefined && !value.every((row) => Array.isArray(row) && row.length === count))
		throw refuse(`the rows of an array of ${count} fields are to be tuples of as many items`);
	return value.map((item) => (typeof item === "object" && item !== null ? context.keep(item) : item));
}

function wrongLength(found: number, dtype: DType, shape: readonly number[]): PickleError {
	const needed = shape.reduce((bytes, length) => bytes * BigInt(length), BigInt(dtype.itemsize));
	const reason = `the array of shape ${shapeText(shape)} ${dtype.name} needs ${needed} bytes, the pickle holds ${found}`;
	if (needed <= BYTES_LIMIT || needed > Number.MAX_SAFE_INTEGER || asCInt(Number(needed)) !== found)
		return refuse(reason);
	const cut = "an old cPickle (Python before 2.7.14) kept the length in 32 bits and silently cut the data";
	const items = Math.floor(found / dtype.itemsize);
	return refuse(
		`${reason}; ${found} is ${needed} mod 2^32: ${cut}; the first ${items} elements are all that was written`,
	);
}

/** What can be said of an array whose state ends where its data would begin. */
function missingData(parts: readonly PyValue[], protocol: number): string | undefined {
	const [, shape, dtype] = parts;
	if (parts.length !== 4 || !Array.isArray(shape) || !(dtype instanceof DType)) return undefined;
	const lengths = shape.map((length) => readInteger(length) ?? Number.NaN);
	const needed = product(lengths) * dtype.itemsize;
	if (!Number.isSafeInteger(needed)) return undefined;
	const [limit, writer] = protocol < 3 ? [STR_LIMIT, "a str of Python 2"] : [BYTES_LIMIT, "bytes below protocol 4"];
	const reason = `the array of shape ${shapeText(lengths)} ${dtype.name} needs ${needed} bytes of data, which are missing`;
	if (protocol > 3 || needed <= limit) return reason;
	return `${reason}; ${writer} holds at most ${limit} bytes, so its writer failed there`;
}
