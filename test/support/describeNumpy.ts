import type { DType } from "../../src/numpy/dtype.ts";
import type { MaskedArray } from "../../src/numpy/masked.ts";
import { NDArray, type NumpyRecord } from "../../src/numpy/ndarray.ts";
import { BitGenerator, RandomGenerator, RandomState, SeedSequence } from "../../src/numpy/random.ts";
import type { NumpyScalar } from "../../src/numpy/scalar.ts";
import type { SubclassState } from "../../src/numpy/subclass.ts";
import { PyComplex, type PyDict, type PyValue } from "../../src/values.ts";
import { doubleBits, floatTag, sha256, type Tag, type TagPair, toHex } from "./tags.ts";

/** What describing numpy's values asks of the describer. */
export interface Describe {
	tag(value: PyValue): Tag;
	list(values: readonly PyValue[]): Tag[];
}

/** Elements of an array that are listed. */
export const maxElements = 64;

/** A dtype: `str`, and what a structured one holds. */
export function dtypeTag(dtype: DType): Tag {
	const { fields, subdtype } = dtype;
	return {
		t: "dtype",
		str: dtype.str,
		kind: dtype.kind,
		itemsize: dtype.itemsize,
		...(fields && {
			fields: fields.map((field) => ({ name: field.name, dtype: shortDType(field.dtype), offset: field.offset })),
		}),
		...(subdtype && { subdtype: [subdtype.dtype.str, [...subdtype.shape]] }),
	};
}

function shortDType(dtype: DType): string | Tag {
	return dtype.fields || dtype.subdtype ? dtypeTag(dtype) : dtype.str;
}

/**
 * An array. `sha256` is of the bytes in C order and the dtype's byte order; `swapped` says the same of the other byte
 * order, in which numpy holds a big-endian array after reading it.
 */
export function arrayTag(array: NDArray, describe: Describe): Tag {
	const { dtype, shape, data, subclass } = array;
	const tag: Tag = {
		t: "ndarray",
		dtype: shortDType(dtype),
		shape: [...shape],
		order: orderOf(array),
		...(subclass && { class: `${subclass.module}.${subclass.name}` }),
		...(array.state && subclassTag(array.state, describe)),
	};
	if (Array.isArray(data))
		return { ...tag, values: describe.list(positions(array, maxElements).map((at) => data[at] as PyValue)) };
	const bytes = withoutPadding(bytesInOrder(array), dtype);
	const other = otherOrder(dtype);
	return {
		...tag,
		...(array.size <= maxElements &&
			isNumeric(dtype) && { values: elementsOf(array).map((value) => elementTag(value, dtype)) }),
		sha256: sha256(bytes),
		...(subclass && { textSha256: sha256(Buffer.from(Buffer.from(bytes).toString("latin1"), "utf8")) }),
		...(other !== undefined && { swapped: { dtype: other, sha256: sha256(byteswapped(bytes, dtype)) } }),
	};
}

/** What a subclass adds to the state, and where ndarray's own part lies between. */
function subclassTag({ added, at, nested }: SubclassState, describe: Describe): Partial<Tag> {
	return { added: describe.list(added), ...(at !== undefined && { at, nested }) };
}

/** A row of a structured array by its bytes, or where it holds objects by its values. */
export function recordTag(record: NumpyRecord, describe: Describe): Tag {
	const tag: Tag = { t: "npscalar", dtype: shortDType(record.dtype) };
	const { bytes } = record;
	if (bytes !== undefined) return { ...tag, hex: toHex(bytes) };
	return { ...tag, v: { t: "tuple", items: describe.list([...record]) } };
}

/** A scalar by its bytes; `swapped` as for arrays. */
export function scalarTag({ dtype, value }: NumpyScalar): Tag {
	const tag: Tag = { t: "npscalar", dtype: shortDType(dtype) };
	const bytes = withoutPadding(scalarBytes(dtype, value), dtype);
	const other = otherOrder(dtype);
	return {
		...tag,
		hex: toHex(bytes),
		...(other !== undefined && { swapped: { dtype: other, hex: toHex(byteswapped(bytes, dtype)) } }),
	};
}

/** A masked array: data, mask and class, and the fill value where there is one. */
export function maskedTag({ data, mask, fillValue, type }: MaskedArray, describe: Describe): Tag {
	return {
		t: "masked",
		class: `${type.module}.${type.name}`,
		data: arrayTag(data, describe),
		mask: arrayTag(mask, describe),
		...(fillValue !== null && { fill: describe.tag(fillValue) }),
	};
}

/** What numpy.random has: undefined for any other object. */
export function randomTag(value: object, describe: Describe): Tag | undefined {
	if (value instanceof RandomState) return randomStateTag(value.state, describe);
	if (value instanceof RandomGenerator)
		return { t: "Generator", bit_generator: bitGeneratorTag(value.bitGenerator, describe) };
	if (value instanceof BitGenerator) return bitGeneratorTag(value, describe);
	if (!(value instanceof SeedSequence)) return undefined;
	const { entropy, spawnKey, poolSize, childrenSpawned } = value;
	const items = { entropy, spawn_key: spawnKey, pool_size: poolSize, n_children_spawned: childrenSpawned };
	const pairs = Object.entries(items).map(([key, part]): TagPair => [{ t: "str", v: key }, describe.tag(part)]);
	return { t: "SeedSequence", state: { t: "dict", items: pairs } };
}

function bitGeneratorTag({ name, state }: BitGenerator, describe: Describe): Tag {
	return { t: "BitGenerator", name, state: describe.tag(state) };
}

function randomStateTag(state: PyDict, describe: Describe): Tag {
	const entry = (dict: PyDict, name: string) => dict.get(name) ?? dict.get(new TextEncoder().encode(name)) ?? null;
	const inner = entry(state, "state") as PyDict;
	const name = entry(state, "bit_generator");
	const key = entry(inner, "key");
	return {
		t: "RandomState",
		bit_generator: typeof name === "string" ? name : new TextDecoder().decode(name as Uint8Array),
		state: describe.tag(state),
		...(key instanceof NDArray && { key: arrayTag(key, describe) }),
		pos: Number(entry(inner, "pos")),
		has_gauss: Number(entry(state, "has_gauss")),
		gauss: floatTag(Number(entry(state, "gauss"))),
	};
}

function isNumeric({ code }: DType): boolean {
	return /^([bui][1248]|f[248]|c8|c16)$/.test(code);
}

function elementsOf(array: NDArray): PyValue[] {
	return (array.ndim === 0 ? [array.get()] : array.reshape(-1).toNested()) as PyValue[];
}

function elementTag(value: PyValue, { kind }: DType): Tag {
	if (value instanceof PyComplex) return { t: "complex", bits: doubleBits(value.re) + doubleBits(value.im) };
	if (kind === "f") return floatTag(value as number);
	return kind === "b" ? { t: "bool", v: value } : { t: "int", v: String(value) };
}

/** Whether elements lie in C or Fortran order; C if both or neither, as numpy's flags say it. */
function orderOf(array: NDArray): "C" | "F" {
	return array.order === "F" ? "F" : "C";
}

/** Where the items lie, counted in items, in C order; at most `max` of them. */
function positions({ shape, strides, offset, size }: NDArray, max: number): number[] {
	return Array.from({ length: Math.min(size, max) }, (_, flat) => {
		let position = offset;
		let rest = flat;
		for (let axis = shape.length - 1; axis >= 0; axis--) {
			const length = shape[axis] as number;
			position += (rest % length) * (strides[axis] as number);
			rest = Math.floor(rest / length);
		}
		return position;
	});
}

/** The bytes of the items in C order and the order of `dtype`. */
function bytesInOrder(array: NDArray): Uint8Array {
	const { dtype, data, size } = array;
	const view = data as Uint8Array;
	const memory = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
	const { itemsize } = dtype;
	const bytes = new Uint8Array(size * itemsize);
	if (isWhole(array)) bytes.set(memory.subarray(0, bytes.length));
	else {
		positions(array, size).forEach((position, index) => {
			bytes.set(memory.subarray(position * itemsize, (position + 1) * itemsize), index * itemsize);
		});
	}
	return (isNumeric(dtype) || "Mm".includes(dtype.kind)) && dtype.byteOrder === ">" ? byteswapped(bytes, dtype) : bytes;
}

/** Whether its items lie one after another from the start of its data. */
function isWhole({ shape, strides, offset }: NDArray): boolean {
	const isNext = (stride: number, axis: number) => stride === shape.slice(axis + 1).reduce((a, b) => a * b, 1);
	return offset === 0 && strides.every(isNext);
}

/** The same dtype in little-endian order, if it is a plain one of the other. */
function otherOrder(dtype: DType): string | undefined {
	if (dtype.fields || dtype.subdtype || dtype.byteOrder !== ">") return undefined;
	return dtype.str.replace(">", "<");
}

function byteswapped(bytes: Uint8Array, { kind, itemsize }: DType): Uint8Array {
	const width = { c: itemsize / 2, U: 4, S: 1, V: 1 }[kind as string] ?? itemsize;
	const swapped = new Uint8Array(bytes.length);
	for (let start = 0; start < bytes.length; start += width) {
		swapped.set(bytes.slice(start, start + width).reverse(), start);
	}
	return swapped;
}

/** The six unused bytes of each x87 long double as zeros. */
function withoutPadding(bytes: Uint8Array, { code, byteOrder }: DType): Uint8Array {
	if (code !== "f16" && code !== "c32") return bytes;
	const unused = byteOrder === ">" ? (place: number) => place < 6 : (place: number) => place >= 10;
	return bytes.map((byte, at) => (unused(at % 16) ? 0 : byte));
}

function scalarBytes({ kind, itemsize, byteOrder }: DType, value: PyValue): Uint8Array {
	const view = new DataView(new ArrayBuffer(itemsize));
	const little = byteOrder !== ">";
	if (value instanceof Uint8Array) return padded(value, itemsize);
	if (typeof value === "string") {
		[...value].forEach((character, at) => {
			view.setUint32(4 * at, character.codePointAt(0) as number, little);
		});
		return new Uint8Array(view.buffer);
	}
	if (value instanceof PyComplex) {
		writeFloat(view, 0, itemsize / 2, value.re, little);
		writeFloat(view, itemsize / 2, itemsize / 2, value.im, little);
	} else if (kind === "f") {
		writeFloat(view, 0, itemsize, value as number, little);
	} else {
		writeInt(view, BigInt(value as number), little);
	}
	return new Uint8Array(view.buffer);
}

/** numpy drops the zeros at the end of bytes. */
function padded(bytes: Uint8Array, itemsize: number): Uint8Array {
	const all = new Uint8Array(itemsize);
	all.set(bytes);
	return all;
}

function writeInt(view: DataView, value: bigint, little: boolean): void {
	const size = view.byteLength;
	for (let at = 0; at < size; at++)
		view.setUint8(little ? at : size - 1 - at, Number((value >> BigInt(8 * at)) & 255n));
}

function writeFloat(view: DataView, at: number, size: number, value: number, little: boolean): void {
	if (size === 8) view.setFloat64(at, value, little);
	else if (size === 4) view.setFloat32(at, value, little);
	else view.setUint16(at, halfBits(value), little);
}

/** The 16 bits of a number that float16 holds exactly. */
function halfBits(value: number): number {
	if (Number.isNaN(value)) return 0x7e00;
	const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
	const size = Math.abs(value);
	if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
	if (size < 2 ** -14) return sign | (size * 2 ** 24);
	const exponent = Math.floor(Math.log2(size));
	return sign | ((exponent + 15) << 10) | (size * 2 ** (10 - exponent) - 1024);
}
