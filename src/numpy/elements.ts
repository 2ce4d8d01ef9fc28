import { PyComplex } from "../values/scalars.ts";
import type { PyValue } from "../values/value.ts";
import type { DType } from "./dtype.ts";

export type TypedArray =
	| Uint8Array
	| Int8Array
	| Uint16Array
	| Int16Array
	| Uint32Array
	| Int32Array
	| BigUint64Array
	| BigInt64Array
	| Float32Array
	| Float64Array;

/** Memory of an array: a typed array, raw bytes where no typed array fits, or the values of an object array. */
export type NDArrayData = TypedArray | PyValue[];

/** How the items of a dtype lie in memory and what they are read as. */
export interface Layout {
	/** Gives memory over bytes, whose offset has to be aligned. Unused for object arrays. */
	readonly View: TypedArrayConstructor;
	/** Such memory over `scratch`. */
	readonly small: TypedArray;
	/** Elements of the data for each item: 2 for complex, the item's bytes where data is raw. */
	readonly per: number;
	/** Whether the typed array's numbers are the file's, so that byte order has to be the machine's. */
	readonly native: boolean;
	/** The value of the item at a position, counted in items. */
	read(data: NDArrayData, position: number): PyValue;
}

export interface TypedArrayConstructor {
	readonly BYTES_PER_ELEMENT: number;
	new (length: number): TypedArray;
	new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
}

/** Memory that small arrays are copied through: that is three times as fast as an ArrayBuffer for each. */
export const scratch: Uint8Array = new Uint8Array(64);

function layout(View: TypedArrayConstructor, per: number, read: Layout["read"], native = true): Layout {
	return { View, small: new View(scratch.buffer, 0, 64 / View.BYTES_PER_ELEMENT), per, native, read };
}

const readNumber: Layout["read"] = (data, at) => data[at] as number;
const readWide: Layout["read"] = (data, at) => safeNumber(data[at] as bigint);
const readComplex: Layout["read"] = (data, at) => new PyComplex(data[2 * at] as number, data[2 * at + 1] as number);

const layouts: Partial<Record<string, Layout>> = {
	b1: layout(Uint8Array, 1, (data, at) => data[at] !== 0),
	i1: layout(Int8Array, 1, readNumber),
	u1: layout(Uint8Array, 1, readNumber),
	i2: layout(Int16Array, 1, readNumber),
	u2: layout(Uint16Array, 1, readNumber),
	i4: layout(Int32Array, 1, readNumber),
	u4: layout(Uint32Array, 1, readNumber),
	i8: layout(BigInt64Array, 1, readWide),
	u8: layout(BigUint64Array, 1, readWide),
	f2: layout(Uint16Array, 1, (data, at) => fromHalf(data[at] as number)),
	f4: layout(Float32Array, 1, readNumber),
	f8: layout(Float64Array, 1, readNumber),
	c8: layout(Float32Array, 2, readComplex),
	c16: layout(Float64Array, 2, readComplex),
};

const objects = layout(Uint8Array, 1, readNumber, false);

/** The layout of a dtype's items. Those that JavaScript has no numbers for are raw bytes, in the file's byte order. */
export function layoutOf(dtype: DType): Layout {
	return dtype.hasObject ? objects : (layouts[dtype.code] ?? rawLayout(dtype.itemsize));
}

function rawLayout(itemsize: number): Layout {
	const read = (data: NDArrayData, at: number) => (data as Uint8Array).subarray(at * itemsize, (at + 1) * itemsize);
	return layout(Uint8Array, itemsize, read, false);
}

function safeNumber(value: bigint): number | bigint {
	return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** The number that IEEE 754's 16 bits stand for. */
function fromHalf(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 31;
	const fraction = bits & 1023;
	if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
	return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** IEEE 754's 16 bits of a number, rounded to the nearest, ties to even. */
export function toHalf(value: number): number {
	const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
	if (Number.isNaN(value)) return 0x7e00;
	const size = Math.abs(value);
	if (size >= 65520) return sign | 0x7c00;
	if (size < 2 ** -14) return sign | roundEven(size * 2 ** 24);
	single[0] = size;
	const exponent = ((singleBits[0] as number) >>> 23) - 127;
	const scaled = roundEven((size / 2 ** exponent) * 1024);
	return sign | (((exponent + 15) << 10) + scaled - 1024);
}

function roundEven(value: number): number {
	const floor = Math.floor(value);
	const rest = value - floor;
	return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
