import { PyComplex } from "../values/scalars.ts";
import type { PyValue } from "../values/value.ts";
import type { DType } from "./dtype.ts";
import { readLongDouble } from "./longdouble.ts";
import { readBytes, readText } from "./text.ts";

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
	/** The value of the item whose bytes, as the file has them, begin at an offset. Not for objects. */
	readBytes(memory: Uint8Array, start: number): PyValue;
}

export interface TypedArrayConstructor {
	readonly BYTES_PER_ELEMENT: number;
	readonly name: string;
	new (length: number): TypedArray;
	new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
}

/** Memory that small arrays are copied through: that is three times as fast as an ArrayBuffer for each. */
export const scratch: Uint8Array = new Uint8Array(64);

const littleEndian: boolean = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function layout(View: TypedArrayConstructor, per: number, read: Layout["read"]): Layout {
	const width = View.BYTES_PER_ELEMENT;
	const small = new View(scratch.buffer, 0, 64 / width);
	const readBytes = (memory: Uint8Array, start: number) => {
		scratch.set(memory.subarray(start, start + per * width));
		return read(small, 0);
	};
	return { View, small, per, native: true, read, readBytes };
}

const readNumber: Layout["read"] = (data, at) => data[at] as number;
const readWide: Layout["read"] = (data, at) => safeNumber(data[at] as bigint);
const readComplex: Layout["read"] = (data, at) => new PyComplex(data[2 * at] as number, data[2 * at + 1] as number);
const readCount: Layout["read"] = (data, at) => data[at] as bigint;

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
	M8: layout(BigInt64Array, 1, readCount),
	m8: layout(BigInt64Array, 1, readCount),
};

const objects = rawLayout(1, () => null);
const rawLayouts = new WeakMap<DType, Layout>();

/** The layout of a dtype's items. Those that JavaScript has no numbers for are raw bytes, in the file's byte order. */
export function layoutOf(dtype: DType): Layout {
	if (dtype.hasObject) return objects;
	const known = (dtype.fields ? undefined : layouts[dtype.code]) ?? rawLayouts.get(dtype);
	if (known !== undefined) return known;
	const raw = rawLayout(dtype.itemsize, rawReader(dtype));
	rawLayouts.set(dtype, raw);
	return raw;
}

function rawLayout(itemsize: number, readBytes: Layout["readBytes"]): Layout {
	const read = (data: NDArrayData, at: number) => readBytes(data as Uint8Array, at * itemsize);
	return { View: Uint8Array, small: scratch, per: itemsize, native: false, read, readBytes };
}

/** Reads one item from its bytes. Structured ones stay bytes here: NDArray makes rows of them. */
function rawReader({ kind, itemsize, byteOrder }: DType): Layout["readBytes"] {
	const isBig = byteOrder === ">";
	const half = itemsize / 2;
	if (kind === "S") return (memory, start) => readBytes(memory, start, itemsize);
	if (kind === "U") return (memory, start) => readText(memory, start, itemsize, isBig);
	if (kind === "f") return (memory, start) => readLongDouble(memory, start, itemsize, isBig);
	if (kind === "c") {
		return (memory, start) =>
			new PyComplex(readLongDouble(memory, start, half, isBig), readLongDouble(memory, start + half, half, isBig));
	}
	return (memory, start) => memory.slice(start, start + itemsize);
}

/** Whether items are long doubles or pairs of them, which no number of JavaScript can stand for. */
export function isLongDouble(dtype: DType): boolean {
	return (dtype.kind === "f" || dtype.kind === "c") && !layoutOf(dtype).native;
}

/** Whether numbers of the dtype lie in the other byte order than the machine's. */
export function isSwapped({ byteOrder }: DType, { native, View }: Layout): boolean {
	return native && View.BYTES_PER_ELEMENT > 1 && (byteOrder === ">") === littleEndian;
}

/** The value of an item in bytes that are as the file has them. */
export function readItem(dtype: DType, memory: Uint8Array, start: number): PyValue {
	const own = layoutOf(dtype);
	if (!isSwapped(dtype, own)) return own.readBytes(memory, start);
	const width = own.View.BYTES_PER_ELEMENT;
	for (let at = 0; at < dtype.itemsize; at++) {
		scratch[at] = memory[start + at - (at % width) + width - 1 - (at % width)] as number;
	}
	return own.read(own.small, 0);
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
