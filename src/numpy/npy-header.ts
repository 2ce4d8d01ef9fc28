import { decodeLatin1, encodeUtf8 } from "../bytes/utf8.ts";
import { PickleError, quoted } from "../errors.ts";
import { reprText } from "../values/repr.ts";
import { DType, type DTypeDescr, type DTypeField, type FieldDescr, shapeText } from "./dtype.ts";
import { type Literal, LiteralTuple, parseLiteral } from "./literal.ts";
import { MAX_DIMENSIONS } from "./shapes.ts";

/** What a .npy file says of its array. */
export interface NpyHeader {
	/** 1, 2 or 3: how long the header may be, and in which encoding. */
	readonly version: number;
	readonly dtype: DType;
	readonly shape: readonly number[];
	readonly isFortran: boolean;
	/** Where the array's data begins, in bytes. */
	readonly dataOffset: number;
}

/** What every .npy file begins with: `\x93NUMPY`. */
const MAGIC: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Bytes that tell where the header ends. */
export const NPY_PREFIX = 12;

/** numpy's own headers are some hundred bytes long. */
const MAX_HEADER = 2 ** 20;

/** Whether bytes begin as a .npy file does. */
export function isNpy(bytes: Uint8Array): boolean {
	return MAGIC.every((byte, at) => bytes[at] === byte);
}

function malformed(reason: string, offset = 0): PickleError {
	return new PickleError("E_CONTAINER", reason, { offset });
}

/** Where the header's text begins and ends, from a file's first 12 bytes. @throws PickleError E_CONTAINER if it is no .npy file */
export function headerRange(prefix: Uint8Array): { version: number; start: number; end: number } {
	if (!isNpy(prefix)) throw malformed("not a .npy file: it does not begin with \\x93NUMPY");
	const [version = 0, minor] = [prefix[6], prefix[7]];
	if (version < 1 || version > 3 || minor !== 0)
		throw malformed(`a .npy file of version ${version}.${minor ?? "?"}; those of 1.0, 2.0 and 3.0 are known`, 6);
	const start = version === 1 ? 10 : NPY_PREFIX;
	if (prefix.length < start)
		throw new PickleError("E_TRUNCATED", "the .npy file ends in its header", { offset: prefix.length });
	let length = 0;
	for (let at = start - 1; at >= 8; at--) length = length * 256 + (prefix[at] as number);
	if (length > MAX_HEADER)
		throw malformed(`a header of ${length} bytes; more than ${MAX_HEADER} is none that numpy writes`, 8);
	return { version, start, end: start + length };
}

/** The header of a .npy file from its first bytes, all of the header among them. @throws PickleError E_CONTAINER if it is malformed */
export function parseNpyHeader(bytes: Uint8Array): NpyHeader {
	const { version, start, end } = headerRange(bytes);
	if (bytes.length < end)
		throw new PickleError("E_TRUNCATED", "the .npy file ends in its header", { offset: bytes.length });
	const text = version < 3 ? decodeLatin1(bytes, start, end) : utf8(bytes.subarray(start, end));
	try {
		const { dtype, shape, isFortran } = readHeader(parseLiteral(text));
		return { version, dtype, shape, isFortran, dataOffset: end };
	} catch (error) {
		throw error instanceof PickleError ? error.at(start, undefined) : error;
	}
}

function utf8(bytes: Uint8Array): string {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		throw malformed("a header that is not UTF-8");
	}
}

function readHeader(header: Literal): Pick<NpyHeader, "dtype" | "shape" | "isFortran"> {
	const keys = header instanceof Map ? [...header.keys()].sort().join() : "";
	if (!(header instanceof Map) || keys !== "descr,fortran_order,shape")
		throw new PickleError("E_CONTAINER", "a header that is no dict of descr, fortran_order and shape");
	const isFortran = header.get("fortran_order");
	if (typeof isFortran !== "boolean") throw new PickleError("E_CONTAINER", "fortran_order is no bool");
	return {
		dtype: readDescr(header.get("descr") as Literal),
		shape: readShape(header.get("shape") as Literal),
		isFortran,
	};
}

function readShape(shape: Literal): readonly number[] {
	const lengths = shape instanceof LiteralTuple ? shape.items : [undefined];
	if (!lengths.every((length): length is number => typeof length === "number" && length >= 0))
		throw new PickleError("E_CONTAINER", "a shape that is no tuple of lengths from 0 to 2^53");
	if (lengths.length > MAX_DIMENSIONS)
		throw new PickleError(
			"E_CONTAINER",
			`a shape of ${lengths.length} dimensions; an array has at most ${MAX_DIMENSIONS}`,
		);
	return Object.freeze([...lengths]);
}

function readDescr(literal: Literal): DType {
	const descr = toDescr(literal, 0);
	try {
		return DType.of(descr);
	} catch {
		const text = typeof descr === "string" ? quoted(descr) : "of these fields";
		throw new PickleError("E_CONTAINER", `numpy has no dtype ${text}`);
	}
}

function toDescr(literal: Literal, depth: number): DTypeDescr {
	if (typeof literal === "string") return literal;
	if (!Array.isArray(literal) || depth > MAX_DIMENSIONS)
		throw new PickleError("E_CONTAINER", "a descr that is no text and no list of fields");
	return literal.map((field: Literal): FieldDescr => {
		const [label, descr, shape = new LiteralTuple([])] = field instanceof LiteralTuple ? field.items : [];
		const name = label instanceof LiteralTuple ? label.items : label;
		if (!isLabel(name) || descr === undefined)
			throw new PickleError("E_CONTAINER", "a field that is no tuple of name and dtype");
		return [name, toDescr(descr, depth + 1), readShape(typeof shape === "number" ? new LiteralTuple([shape]) : shape)];
	});
}

function isLabel(name: unknown): name is string | readonly [string, string] {
	if (typeof name === "string") return true;
	return Array.isArray(name) && name.length === 2 && name.every((part) => typeof part === "string");
}

/** Data begins at a multiple of this, so that it can be mapped into memory. */
const ALIGNMENT = 64;

/** The header of a .npy file as numpy writes it, in the lowest version that holds it. @throws PickleError E_UNENCODABLE */
export function npyHeader(dtype: DType, shape: readonly number[], isFortran: boolean): Uint8Array {
	const dict = `{'descr': ${descrText(dtype)}, 'fortran_order': ${isFortran ? "True" : "False"}, 'shape': ${shapeText(shape)}, }`;
	const isLatin1 = !/[^\0-\xff]/.test(dict);
	const text = isLatin1 ? Uint8Array.from(dict, (char) => char.charCodeAt(0)) : encodeUtf8(dict);
	const version = !isLatin1 ? 3 : text.length + ALIGNMENT < 2 ** 16 ? 1 : 2;
	const start = version === 1 ? 10 : NPY_PREFIX;
	const size = Math.ceil((start + text.length + 1) / ALIGNMENT) * ALIGNMENT;
	const header = new Uint8Array(size).fill(0x20);
	header.set([...MAGIC, version, 0]);
	for (let at = 8, rest = size - start; at < start; at++, rest = Math.floor(rest / 256)) header[at] = rest % 256;
	header.set(text, start);
	header[size - 1] = 0x0a;
	return header;
}

function descrText(dtype: DType): string {
	const { fields, itemsize, string } = dtype;
	if (string !== undefined)
		throw new PickleError("E_UNENCODABLE", "numpy does not save StringDType as .npy; convert it by asType");
	if (fields === undefined) return reprText(dtype.kind === "b" ? "|b1" : dtype.str);
	const parts: string[] = [];
	let end = 0;
	const gap = (to: number) => {
		if (to > end) parts.push(`('', '|V${to - end}')`);
	};
	for (const field of fields) {
		if (field.offset < end) throw new PickleError("E_UNENCODABLE", "fields that overlap have no form in .npy");
		if (field.name === "" && field.title === undefined && field.dtype.kind === "V" && !field.dtype.fields)
			throw new PickleError("E_UNENCODABLE", "a field of bytes without a name has no form in .npy");
		gap(field.offset);
		parts.push(fieldText(field));
		end = field.offset + field.dtype.itemsize;
	}
	gap(itemsize);
	return `[${parts.join(", ")}]`;
}

function fieldText({ name, title, dtype }: DTypeField): string {
	const label = typeof title === "string" ? `(${reprText(title)}, ${reprText(name)})` : reprText(name);
	let [own, shape]: [DType, readonly number[]] = [dtype, []];
	for (let sub = own.subdtype; sub !== undefined; sub = own.subdtype)
		[own, shape] = [sub.dtype, [...shape, ...sub.shape]];
	return `(${label}, ${descrText(own)}${shape.length > 0 ? `, ${shapeText(shape)}` : ""})`;
}
