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
	/** Gives memory over bytes, whose offset has to be aligned; undefined for object arrays. */
	readonly View: TypedArrayConstructor | undefined;
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

const plain = (View: TypedArrayConstructor): Layout => ({
	View,
	per: 1,
	native: true,
	read: (data, at) => data[at] as number,
});

const complex = (View: TypedArrayConstructor): Layout => ({
	View,
	per: 2,
	native: true,
	read: (data, at) => new PyComplex(data[2 * at] as number, data[2 * at + 1] as number),
});

const wide = (View: TypedArrayConstructor): Layout => ({
	View,
	per: 1,
	native: true,
	read: (data, at) => safeNumber(data[at] as bigint),
});

const layouts: Partial<Record<string, Layout>> = {
	b1: { View: Uint8Array, per: 1, native: true, read: (data, at) => data[at] !== 0 },
	i1: plain(Int8Array),
	u1: plain(Uint8Array),
	i2: plain(Int16Array),
	u2: plain(Uint16Array),
	i4: plain(Int32Array),
	u4: plain(Uint32Array),
	i8: wide(BigInt64Array),
	u8: wide(BigUint64Array),
	f2: { View: Uint16Array, per: 1, native: true, read: (data, at) => fromHalf(data[at] as number) },
	f4: plain(Float32Array),
	f8: plain(Float64Array),
	c8: complex(Float32Array),
	c16: complex(Float64Array),
};

const objects: Layout = { View: undefined, per: 1, native: false, read: (data, at) => data[at] as PyValue };

/** The layout of a dtype's items. Those that JavaScript has no numbers for are raw bytes, in the file's byte order. */
export function layoutOf(dtype: DType): Layout {
	return dtype.hasObject ? objects : (layouts[dtype.code] ?? rawLayout(dtype.itemsize));
}

function rawLayout(itemsize: number): Layout {
	const read = (data: NDArrayData, at: number) => (data as Uint8Array).subarray(at * itemsize, (at + 1) * itemsize);
	return { View: Uint8Array, per: itemsize, native: false, read };
}

function safeNumber(value: bigint): number | bigint {
	return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** The number that IEEE 754's 16 bits stand for. */
export function fromHalf(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 31;
	const fraction = bits & 1023;
	if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
	return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
