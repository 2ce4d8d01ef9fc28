import { reprBytes } from "../bytes/repr.ts";
import { hasOwnText } from "../codec/parts.ts";
import { bigintText, reprScalar, reprText } from "../codec/repr.ts";
import { escapeControls } from "../errors.ts";
import { datetimeText, NAT } from "../numpy/datetimes.ts";
import { DType, unitText } from "../numpy/dtype.ts";
import { isLongDouble } from "../numpy/elements.ts";
import { LazyNDArray } from "../numpy/lazy.ts";
import { NumpyScalar } from "../numpy/scalar.ts";
import { Bulk } from "../values/bulk.ts";
import { PyByteArray } from "../values/scalars.ts";
import { PyAtom } from "../values/shown.ts";
import type { PyValue } from "../values/value.ts";
import { arrayName, arrayTraits } from "./traits.ts";

/** Digits in groups of three. (Intl takes 30 ms to load.) */
export function grouped(count: number | bigint): string {
	return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 item`, `5,000 items` */
export function counted(count: number, unit: string): string {
	return `${grouped(count)} ${unit}${count === 1 ? "" : "s"}`;
}

/** `... 4,990 more`, with what is counted behind it: `... 1 more byte`. */
export function more(count: number, unit = ""): string {
	return `... ${grouped(count)} more${unit && ` ${unit}${count === 1 ? "" : "s"}`}`;
}

/** How many of these are shown where a bound is set: one more than it rather than "... 1 more". */
export function shownCount(total: number, bound: number): number {
	return total <= bound + 1 ? total : bound;
}

/** Characters and bytes that are shown of a text and of bytes. */
const [MAX_TEXT, MAX_BYTES] = [200, 80];
/** Digits that are shown of an int too long to be written in decimal. */
const MAX_HEX = 64;

/** A value that has no others inside, as Python writes it; long ones are shortened unless all is asked for. */
export function wordOf(value: PyValue, full: boolean): string {
	if (typeof value === "string") return textWord(value, full);
	if (typeof value === "bigint") return bigintWord(value, full);
	if (value instanceof PyByteArray) return `bytearray(${bytesWord(value, full)})`;
	if (value instanceof Uint8Array) return bytesWord(value, full);
	if (value instanceof NumpyScalar) return scalarWord(value, full);
	if (value instanceof DType) return dtypeWord(value);
	if (value instanceof LazyNDArray) return `${arrayName(value)}(<not read>, ${arrayTraits(value)})`;
	if (value instanceof Bulk)
		return `<${value.kind === "text" ? "str" : value.kind} of ${counted(value.byteLength, "byte")}>`;
	if (value instanceof PyAtom) return shortened(reprScalar(value) as string, full);
	return reprScalar(value) ?? otherWord(value as object, full);
}

function textWord(text: string, full: boolean): string {
	if (full || text.length <= MAX_TEXT) return reprText(text);
	const end = isPair(text, MAX_TEXT - 1) ? MAX_TEXT - 1 : MAX_TEXT;
	let left = text.length - end;
	for (let i = end; i < text.length; i++) if (isPair(text, i)) left--;
	return reprText(text.slice(0, end)) + more(left, "character");
}

/** Whether one character takes this place and the next. */
function isPair(text: string, at: number): boolean {
	return (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}

function bytesWord(bytes: Uint8Array, full: boolean): string {
	if (full || bytes.length <= MAX_BYTES) return reprBytes(bytes);
	return reprBytes(bytes.subarray(0, MAX_BYTES)) + more(bytes.length - MAX_BYTES, "byte");
}

function bigintWord(value: bigint, full: boolean): string {
	const text = bigintText(value);
	if (full || !text.includes("x")) return text;
	return text.slice(0, MAX_HEX) + more(text.length - MAX_HEX, "digit");
}

/** What numpy calls the scalars of the dtypes that have no fixed size. */
const scalarNames: Partial<Record<string, string>> = {
	S: "bytes_",
	U: "str_",
	V: "void",
	M: "datetime64",
	m: "timedelta64",
	O: "object_",
};

function scalarWord(scalar: NumpyScalar, full: boolean): string {
	const { dtype, value } = scalar;
	const bare = scalar.valueOf();
	if (typeof value === "string") return `np.${scalarNames["U"]}(${textWord(value, full)})`;
	if (typeof value === "bigint" && "Mm".includes(dtype.kind)) return timeWord(value, dtype);
	if (isLongDouble(dtype)) return `np.${dtype.kind === "c" ? "c" : ""}longdouble('${scalar}')`;
	const text = bare instanceof Uint8Array ? bytesWord(bare, full) : escapeControls(String(scalar));
	return `np.${scalarNames[dtype.kind] ?? dtype.name}(${text})`;
}

/** A time as numpy 2 writes it: with its unit where the text does not tell it. */
function timeWord(count: bigint, dtype: DType): string {
	const unit = unitText(dtype.unit).slice(1, -1);
	const name = scalarNames[dtype.kind];
	if (count === NAT) return `np.${name}('NaT'${unit && `,'${unit}'`})`;
	if (dtype.kind === "m") return `np.${name}(${count}${unit && `,'${unit}'`})`;
	const isTold = dtype.unit?.count === 1 && unit !== "h";
	return `np.${name}('${datetimeText(count, dtype.unit)}'${isTold ? "" : `,'${unit}'`})`;
}

function dtypeWord(dtype: DType): string {
	const text = escapeControls(String(dtype));
	return /^[[{(]/.test(text) ? `dtype(${text})` : `dtype('${text}')`;
}

/** An object of a class that this program does not know. */
function otherWord(value: object, full: boolean): string {
	return shortened(
		escapeControls(hasOwnText(value) ? String(value) : `<${value.constructor?.name ?? "object"}>`),
		full,
	);
}

function shortened(text: string, full: boolean): string {
	return full || text.length <= MAX_TEXT ? text : text.slice(0, MAX_TEXT) + more(text.length - MAX_TEXT, "character");
}
