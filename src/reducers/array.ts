import { isLong } from "../bytes/int64.ts";
import { PyArray, type PyArrayData } from "../values/array.ts";
import { PyGlobal, PyObject } from "../values/objects.ts";
import { PyFloat } from "../values/scalars.ts";
import type { PyValue } from "../values/value.ts";
import { integer, itemsOf, positional, refuse, smallInteger, text } from "./arguments.ts";
import { unencodable } from "./objects.ts";
import type { CreateCall, DecodeContext, EncodeContext, Reducer } from "./reducer.ts";

type TypedData = Exclude<PyArrayData, string>;
type TypedConstructor = { new (length: number): TypedData; new (buffer: ArrayBuffer): TypedData };

/** How items lie in bytes: the codes of `_array_reconstructor`, two for each, the second big-endian; of text they lie behind. */
const formats = [
	Uint8Array,
	Int8Array,
	Uint16Array,
	Int16Array,
	Uint32Array,
	Int32Array,
	BigUint64Array,
	BigInt64Array,
	Float32Array,
	Float64Array,
] as readonly unknown[] as readonly TypedConstructor[];
const [UTF16, UTF32, LAST] = [18, 20, 21];

/** Typecodes of the integer formats, which a big-endian machine's `l` becomes, as in CPython. */
const INTEGERS = "BbHHhhIIiiQQqq";

/** What lists become, by typecode, on the machines of today. */
const byTypecode: Readonly<Record<string, TypedConstructor>> = Object.fromEntries(
	[..."BbHhIiQqfd"].map((typecode, place) => [typecode, formats[place] as TypedConstructor]),
);
Object.assign(byTypecode, { l: BigInt64Array, L: BigUint64Array, c: Uint8Array });

/** `_array_reconstructor(array, typecode, format, bytes)`, as Python 3 writes it from protocol 3 on. */
const reconstructor: Reducer = {
	name: "array._array_reconstructor",
	takesBytes: true,
	create: (call, context) => {
		const [type, typecode, code, items] = positional(call, "_array_reconstructor", 4, 4);
		if (!(type instanceof PyGlobal)) throw refuse("the class of an array is to be a class");
		if (String(type) !== "array.array") return subclass(call, context);
		const format = smallInteger(code, 0, LAST);
		const bytes = context.bytes(items as PyValue);
		context.charge(bytes.length / 8);
		const data = format < UTF16 ? typedData(format, bytes) : textData(format, bytes);
		return new PyArray(typecodeOf(text(typecode, context), format), data);
	},
};

function typecodeOf(typecode: string, format: number): string {
	const isForeign = format > 1 && format % 2 === 1 && (typecode === "l" || typecode === "L");
	return isForeign ? (INTEGERS[format] ?? typecode) : typecode;
}

/** An array of another class stays a call. */
function subclass({ callable, args }: CreateCall, context: DecodeContext): PyObject {
	context.keep(args);
	return new PyObject("call", callable, args);
}

/** Codes 0 and 1 are the one-byte types; from 2 on each type has two. */
function typedData(format: number, bytes: Uint8Array): TypedData {
	const type = formats[format < 2 ? format : (format >> 1) + 1] as TypedConstructor;
	return new type(swapped(bytes, type.prototype.BYTES_PER_ELEMENT as number, format));
}

/** The bytes as memory of their own, little-endian. */
function swapped(bytes: Uint8Array, size: number, format: number): ArrayBuffer {
	if (bytes.length % size !== 0) throw refuse(`${bytes.length} bytes are no whole items of ${size}`);
	const own = bytes.slice();
	if (format > 1 && format % 2 === 1)
		for (let at = 0; at < own.length; at += size) own.subarray(at, at + size).reverse();
	return own.buffer;
}

function textData(format: number, bytes: Uint8Array): string {
	const size = format < UTF32 ? 2 : 4;
	const memory = swapped(bytes, size, format);
	const codes = size === 2 ? new Uint16Array(memory) : new Uint32Array(memory);
	const pieces: string[] = [];
	for (let at = 0; at < codes.length; at += 4096) {
		const piece = codes.subarray(at, at + 4096);
		if (size === 4 && piece.some((code) => code > 0x10ffff)) throw refuse("an array of text holds code points only");
		pieces.push(size === 2 ? String.fromCharCode(...piece) : String.fromCodePoint(...piece));
	}
	return pieces.join("");
}

/** `array(typecode, [items])`, as Python 2 writes it, and Python 3 below protocol 3. */
const array: Reducer<PyArray> = {
	name: "array.array",
	aliases: ["array.ArrayType"],
	takesBytes: true,
	create: (call, context) => {
		const [given, items] = positional(call, "array", 1, 2);
		const typecode = text(given, context);
		if (typecode === "u" || typecode === "w") return new PyArray(typecode, joined(items, context));
		const type = Object.hasOwn(byTypecode, typecode) ? (byTypecode[typecode] as TypedConstructor) : undefined;
		if (type === undefined) throw refuse("the typecode of an array is one letter of bBuwhHiIlLqQfd");
		return new PyArray(typecode, listed(type, typecode, items, context));
	},
	types: [PyArray],
	reduce: (made, context) => (context.protocol < 3 ? asList(made, context) : asBytes(made, context)),
};

function joined(items: PyValue | undefined, context: DecodeContext): string {
	if (items === undefined) return "";
	return itemsOf(items, context)
		.map((item) => text(item, context))
		.join("");
}

function listed(
	type: TypedConstructor,
	typecode: string,
	items: PyValue | undefined,
	context: DecodeContext,
): TypedData {
	if (typecode === "c") return characters(items, context);
	const values = items === undefined ? [] : itemsOf(items, context);
	const data = new type(values.length);
	for (const [index, value] of values.entries()) {
		if (typecode === "f" || typecode === "d") data[index] = real(value);
		else setInt(data, index, integer(value));
	}
	return data;
}

/** Python 2 has an array of characters. */
function characters(items: PyValue | undefined, context: DecodeContext): Uint8Array {
	const parts = (items === undefined ? [] : itemsOf(items, context)).map((item) => context.bytes(item, 1));
	if (parts.some(({ length }) => length !== 1)) throw refuse("an array of typecode c holds single characters");
	return Uint8Array.from(parts, ([byte]) => byte as number);
}

function real(value: PyValue): number {
	if (typeof value === "number" || value instanceof PyFloat) return Number(value);
	if (typeof value === "bigint" || typeof value === "boolean" || isLong(value)) return Number(integer(value));
	throw refuse("an array of this typecode holds floats");
}

/** @throws PickleError E_REDUCER if the item has no room */
function setInt(data: TypedData, index: number, value: number | bigint): void {
	const isBig = data instanceof BigInt64Array || data instanceof BigUint64Array;
	data[index] = (isBig ? BigInt(value) : Number(value)) as never;
	if (BigInt(data[index] as number | bigint) !== BigInt(value))
		throw refuse("an int is too large for the typecode of its array");
}

function asBytes({ typecode, data }: PyArray, { global, text: own }: EncodeContext) {
	const callable = global("array", "_array_reconstructor");
	const type = global("array", "array");
	if (typecode === "c") throw unencodable("an array of typecode c, which Python 3 does not have,");
	if (typeof data === "string") return { callable, args: [type, own(typecode), UTF32, utf32(data)] };
	const place = formats.findIndex((format) => data instanceof (format as never));
	const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
	return { callable, args: [type, own(typecode), place < 2 ? place : 2 * (place - 1), bytes] };
}

function utf32(written: string): Uint8Array {
	const points = Array.from(written, (char) => char.codePointAt(0) as number);
	return new Uint8Array(Uint32Array.from(points).buffer);
}

function asList({ typecode, data }: PyArray, { global, text: own, python }: EncodeContext) {
	if (python === 2 && /[qQw]/.test(typecode))
		throw unencodable(`an array of typecode ${typecode}, which Python 2 does not have`);
	if (python === 3 && typecode === "c") throw unencodable("an array of typecode c, which Python 3 does not have,");
	return { callable: global("array", "array"), args: [own(typecode), listOf(typecode, data)] };
}

function listOf(typecode: string, data: PyArrayData): PyValue[] {
	if (typeof data === "string") return [...data];
	if (typecode === "c") return Array.from(data as Uint8Array, (byte) => Uint8Array.of(byte));
	if (typecode === "f" || typecode === "d") return Array.from(data as Float64Array, (value) => new PyFloat(value));
	return Array.from(data as Int32Array);
}

/** Python's module array. */
export const arrayReducers: readonly Reducer[] = [reconstructor, array];
