import { decodeLatin1, encodeUtf8 } from "../bytes/utf8.ts";
import { PyComplex, PyFloat } from "../values/scalars.ts";
import type { PyValue } from "../values/value.ts";
import { convertCount, NAT } from "./datetimes.ts";
import { DType, parseDescr } from "./dtype.ts";
import { isLongDouble, layoutOf, type NDArrayData, readItem, type TypedArray, toHalf } from "./elements.ts";
import { copyLongDouble, wholeLongDouble, writeLongDouble } from "./longdouble.ts";
import { packedBytes } from "./memory.ts";
import { rowItem } from "./rows.ts";
import { NumpyScalar } from "./scalar.ts";
import { textLength, writeText } from "./text.ts";

/** Turns an item of one dtype into the value that an item of another is made of. @throws TypeError if there is no such item */
type Conversion = (value: PyValue) => PyValue;

/**
 * The data of an array of `to` from the items of one of `from`, as numpy's `astype` makes them: of long doubles, from their bytes. `to`
 * without a size, such as `U`, takes what numpy has for `from`.
 * @throws TypeError for a conversion that there is none of
 */
export function castItems(
	items: readonly PyValue[],
	from: DType,
	to: DType,
	text: (value: PyValue) => string,
): { data: NDArrayData; dtype: DType } {
	const convert = conversion(from, to, text);
	const values = items.map(convert);
	const dtype = to.itemsize > 0 || !"SU".includes(to.kind) ? to : sized(to, widthOf(from) ?? longest(values));
	return { data: packItems(values, dtype), dtype };
}

/** Characters that numpy has for the text of each dtype. */
const widths: Partial<Record<string, number>> = /* @__PURE__ */ (() => {
	const ints = { i1: 4, u1: 3, i2: 6, u2: 5, i4: 11, u4: 10, i8: 21, u8: 20 };
	return { b1: 5, ...ints, f2: 32, f4: 32, f8: 32, c8: 64, c16: 64, m8: 21 };
})();

/** The same for datetimes, by their unit. */
const datetimeWidths: Partial<Record<string, number>> = {
	Y: 22,
	M: 25,
	W: 28,
	D: 28,
	h: 32,
	m: 35,
	s: 38,
	ms: 42,
	us: 45,
	ns: 48,
	ps: 51,
	fs: 54,
	as: 57,
};

function widthOf(dtype: DType): number | undefined {
	const { kind, code, itemsize, unit } = dtype;
	if (kind === "S") return itemsize;
	if (kind === "U") return itemsize / 4;
	if (kind === "M") return unit && datetimeWidths[unit.name];
	if (isLongDouble(dtype)) return kind === "f" ? 48 : 96;
	return widths[code];
}

function longest(values: readonly PyValue[]): number {
	return values.reduce((most: number, value) => {
		return Math.max(most, typeof value === "string" ? textLength(value) : (value as Uint8Array).length);
	}, 0);
}

function sized(dtype: DType, width: number): DType {
	const parts = parseDescr(dtype.byteOrder + dtype.kind + Math.max(1, width));
	return new DType(parts as NonNullable<typeof parts>);
}

function conversion(from: DType, to: DType, text: (value: PyValue) => string): Conversion {
	const number = (kind: string) => "biufc".includes(kind);
	const isStructured = (from.fields ?? from.subdtype ?? to.fields ?? to.subdtype) !== undefined;
	if (isStructured && !"OSUT".includes(to.kind)) throw none(from, to);
	if (isLongDouble(from)) return extendedConversion(from, to, text);
	if (to.kind === "O" && from.kind === "f") return pythonNumber;
	if (to.kind === "O" || (to.kind === from.kind && "SUbiufc".includes(to.kind))) return (value) => value;
	if (number(from.kind) && number(to.kind)) return (value) => value;
	if (to.kind === "M" || to.kind === "m") return timeConversion(from, to);
	if (to.kind === "S") return (value) => asciiOf(textOf(value, text));
	if (to.kind === "U" || to.kind === "T") return (value) => textOf(value, text);
	if (number(to.kind) && "SUOT".includes(from.kind)) return parsed;
	if (number(to.kind) && "Mm".includes(from.kind)) return (value) => value;
	throw none(from, to);
}

/** Of long doubles, whose items are their bytes: they keep all of their digits where the other dtype has them. */
function extendedConversion(from: DType, to: DType, text: (value: PyValue) => string): Conversion {
	const size = partSize(from);
	if (to.kind === "O") return (value) => new NumpyScalar(from, value);
	if (isLongDouble(to)) return (value) => extendedBytes(value as Uint8Array, from, to);
	if (to.kind === "U" || to.kind === "T") return text;
	if (to.kind === "S") return (value) => asciiOf(text(value));
	if ("iu".includes(to.kind)) return (value) => wholeLongDouble(value as Uint8Array, 0, size, from.byteOrder === ">");
	if ("bfc".includes(to.kind)) return (value) => readItem(from, value as Uint8Array, 0);
	throw none(from, to);
}

/** Bytes of one number, of which a complex one has two. */
function partSize({ kind, itemsize }: DType): number {
	return kind === "c" ? itemsize / 2 : itemsize;
}

/** A long double, or a pair of them, as another dtype of these has it. */
function extendedBytes(value: Uint8Array, from: DType, to: DType): Uint8Array {
	const bytes = new Uint8Array(to.itemsize);
	const [size, toSize] = [partSize(from), partSize(to)];
	for (let part = 0; part * size < from.itemsize && part * toSize < to.itemsize; part++) {
		const [isBig, toBig] = [from.byteOrder === ">", to.byteOrder === ">"];
		copyLongDouble(value, [part * size, size, isBig], bytes, [part * toSize, toSize, toBig]);
	}
	return bytes;
}

/** A float among Python's objects stays one. */
function pythonNumber(value: PyValue): PyValue {
	return Number.isInteger(value) ? new PyFloat(value as number) : value;
}

function none(from: DType, to: DType): TypeError {
	return new TypeError(`items of ${from} have no form in ${to}`);
}

function timeConversion(from: DType, to: DType): Conversion {
	if (from.kind === "i" || from.kind === "u") return (value) => BigInt.asIntN(64, BigInt(value as number));
	if (from.kind !== to.kind) throw none(from, to);
	return (value) => {
		return BigInt.asIntN(64, convertCount(value as bigint, from.unit, to.unit, to.kind === "m"));
	};
}

function textOf(value: PyValue, text: (value: PyValue) => string): string {
	if (typeof value === "string") return value;
	return value instanceof Uint8Array ? decodeLatin1(value, 0, value.length) : text(value);
}

function asciiOf(text: string): Uint8Array {
	if (/[^\0-\x7f]/.test(text)) throw new TypeError("text beyond ASCII has no form in bytes; encode it yourself");
	return encodeUtf8(text);
}

/** The number that a text is, as Python's `float` and `int` read it. */
function parsed(value: PyValue): PyValue {
	if (typeof value !== "string" && !(value instanceof Uint8Array)) return value;
	const text = textOf(value, String).trim();
	const named = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(text);
	if (named) return named[2]?.toLowerCase() === "nan" ? Number.NaN : Number(`${named[1]}Infinity`);
	if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw new TypeError("an item is no text of a number");
	return /^[+-]?\d+$/.test(text) && !Number.isSafeInteger(Number(text)) ? BigInt(text.replace("+", "")) : Number(text);
}

/**
 * The data of an array from its items: numbers, booleans, bigints and PyComplex for numeric dtypes, strings for U, Uint8Array for S
 * and V, bigints for times.
 * @throws TypeError for an item that the dtype cannot hold
 */
export function packItems(values: readonly PyValue[], dtype: DType): NDArrayData {
	if (dtype.hasObject) return [...values];
	const { View, per, native } = layoutOf(dtype);
	const data = new View(values.length * per);
	const write = native ? numberWriter(dtype) : rawWriter(dtype);
	for (let at = 0; at < values.length; at++) write(data, at, values[at] as PyValue);
	return data;
}

/** One item's bytes, in the dtype's byte order. */
export function packItem(value: PyValue, dtype: DType): Uint8Array {
	return packedBytes(packItems([value], dtype) as TypedArray, dtype) as Uint8Array;
}

type Writer = (data: TypedArray, at: number, value: PyValue) => void;

function numberWriter({ kind, code }: DType): Writer {
	switch (kind) {
		case "b":
			return (data, at, value) => {
				data[at] = isTrue(value) ? 1 : 0;
			};
		case "c":
			return (data, at, value) => {
				const { re, im } = value instanceof PyComplex ? value : { re: numberOf(value), im: 0 };
				data[2 * at] = re;
				data[2 * at + 1] = im;
			};
		case "f":
			return (data, at, value) => {
				data[at] = code === "f2" ? toHalf(numberOf(value)) : numberOf(value);
			};
		default:
			return code.endsWith("8") ? writeWide : writeInt;
	}
}

const writeInt: Writer = (data, at, value) => {
	data[at] = typeof value === "bigint" ? Number(BigInt.asIntN(32, value)) : numberOf(value);
};

/** What C gives for a float that is no integer of 64 bits is the least of them, as for NaT. */
const writeWide: Writer = (data, at, value) => {
	const whole = typeof value === "bigint" ? value : Math.trunc(numberOf(value));
	data[at] = typeof whole === "bigint" || Number.isFinite(whole) ? BigInt(whole) : NAT;
};

function isTrue(value: PyValue): boolean {
	return value instanceof PyComplex ? value.re !== 0 || value.im !== 0 : Boolean(value) || Number.isNaN(value);
}

function numberOf(value: PyValue): number {
	if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return Number(value);
	if (value instanceof PyComplex) return value.re;
	const bare: unknown = value === null ? undefined : value.valueOf();
	if (typeof bare === "number" || typeof bare === "bigint") return Number(bare);
	throw new TypeError("an item is no number");
}

function rawWriter(dtype: DType): Writer {
	const { kind, itemsize, byteOrder } = dtype;
	const isBig = byteOrder === ">";
	return (data, at, value) => {
		const memory = data as Uint8Array;
		const start = at * itemsize;
		const bytes = dtype.fields ? recordBytes(value, dtype) : (ownBytes(value, dtype) ?? value);
		if (bytes instanceof Uint8Array) memory.set(fitting(bytes, dtype), start);
		else if (kind === "U" && typeof value === "string") writeText(value, memory, start, itemsize, isBig);
		else if (kind === "f")
			writeLongDouble(typeof value === "bigint" ? value : numberOf(value), memory, start, itemsize, isBig);
		else if (kind === "c") writeComplex(value, memory, start, itemsize / 2, isBig);
		else throw new TypeError(`an item of ${dtype.name} is made of ${kind === "U" ? "text" : "its bytes"}`);
	};
}

/** The bytes of a scalar of long doubles for a dtype of these. */
function ownBytes(value: PyValue, dtype: DType): Uint8Array | undefined {
	const isExtended = value instanceof NumpyScalar && isLongDouble(value.dtype) && isLongDouble(dtype);
	return isExtended && value.value instanceof Uint8Array ? extendedBytes(value.value, value.dtype, dtype) : undefined;
}

/** The bytes of a row: its own, or those of its fields' values. */
function recordBytes(value: PyValue, { fields = [], itemsize }: DType): PyValue {
	const { bytes = value } = (value ?? {}) as { readonly bytes?: PyValue };
	if (!Array.isArray(bytes) || bytes.length !== fields.length) return bytes;
	const memory = new Uint8Array(itemsize);
	for (const [i, { dtype, offset }] of fields.entries()) {
		const { dtype: own, items } = itemsOf(bytes[i] as PyValue, dtype);
		const packed = packedBytes(packItems(items, own) as TypedArray, own) as Uint8Array;
		memory.set(packed.subarray(0, dtype.itemsize), offset);
	}
	return memory;
}

/** What a field is made of: the items of an array, or one. */
function itemsOf(value: PyValue, dtype: DType): { dtype: DType; items: readonly PyValue[] } {
	let [own, items] = [dtype, [value]];
	for (; own.subdtype !== undefined; own = own.subdtype.dtype) {
		const nested = items.map((item) => (item as { toNested?(): PyValue } | null)?.toNested?.() ?? item);
		items = nested.flat(own.subdtype.shape.length) as PyValue[];
	}
	return { dtype: own, items: items.map((item) => rowItem(item, own)) };
}

/** Bytes are cut to what an S holds; every other item has all of its bytes. */
function fitting(value: Uint8Array, { kind, name, itemsize }: DType): Uint8Array {
	if (kind === "S") return value.subarray(0, itemsize);
	if (value.length === itemsize) return value;
	throw new TypeError(`an item of ${name} has ${itemsize} bytes, not ${value.length}`);
}

function writeComplex(value: PyValue, memory: Uint8Array, start: number, half: number, isBig: boolean): void {
	const { re, im } =
		value instanceof PyComplex ? value : { re: typeof value === "bigint" ? value : numberOf(value), im: 0 };
	writeLongDouble(re, memory, start, half, isBig);
	writeLongDouble(im, memory, start + half, half, isBig);
}
