import { reprBytes } from "../bytes/repr.ts";
import { escapeControls } from "../errors.ts";
import { reprText } from "../values/repr.ts";
import { PyComplex, PyFloat, pythonFloat } from "../values/scalars.ts";
import type { PyValue } from "../values/value.ts";
import { datetimeText, NAT, timedeltaText } from "./datetimes.ts";
import { type DType, shapeText } from "./dtype.ts";
import { isLongDouble } from "./elements.ts";
import { longDoubleText } from "./longdouble.ts";
import { textLength } from "./text.ts";

/** What printing needs of an array. */
interface Printable {
	readonly dtype: DType;
	readonly shape: readonly number[];
	readonly size: number;
	readonly subclass: { readonly name: string } | undefined;
	get(...index: readonly number[]): PyValue;
	toNested(): PyValue;
}

/** What printing needs of a row of a structured array. */
interface PrintableRecord extends Iterable<PyValue> {
	readonly dtype: DType;
	get(index: number): PyValue;
}

/** Arrays with more items are shortened, as numpy does. */
const THRESHOLD = 1000;
/** Items shown at each end of an axis. */
const EDGE = 3;
/** The most items that are ever shown: numpy has no such bound, and arrays of many short axes would never end. */
const MAX_SHOWN = 10_000;
/** Characters of a dtype's fields that are shown with an array; of a longer one its size alone. */
const MAX_DTYPE = 2000;
/** Characters or bytes of one item that are shown: numpy has no such bound either. */
const MAX_ITEM = 200;
const WIDTH = 75;
const PRECISION = 8;

/** As numpy's `str` prints an array. */
export function arrayText(array: Printable): string {
	const { dtype, shape } = array;
	if (shape.length === 0) {
		const item = array.get();
		return dtype.subdtype && !dtype.hasObject ? arrayText(item as Printable) : scalarText(item, dtype);
	}
	return body(array, " ", "", WIDTH);
}

/** As numpy's `repr` prints an array: `array([1., 2.], dtype=float32)`. */
export function arrayRepr(array: Printable): string {
	const { dtype, shape, size } = array;
	const prefix = `${escapeControls((array.subclass?.name ?? "array").slice(0, 64))}(`;
	const extras: string[] = [];
	if ((size === 0 && !(shape.length === 1 && shape[0] === 0)) || size > THRESHOLD)
		extras.push(`shape=${shapeText(shape)}`);
	if (size === 0 || !isImplied(dtype)) extras.push(`dtype=${dtypeText(dtype)}`);
	const text = prefix + body(array, ", ", " ".repeat(prefix.length), WIDTH - 1);
	if (extras.length === 0) return `${text})`;
	const tail = `${extras.join(", ")})`;
	const line = textLength(text.slice(text.lastIndexOf("\n") + 1));
	return `${text},${line + tail.length + 2 > WIDTH ? `\n${" ".repeat(prefix.length)}` : " "}${tail}`;
}

/** Whether the items alone tell the dtype. */
function isImplied(dtype: DType): boolean {
	return dtype.byteOrder !== ">" && !dtype.fields && ["b1", "i8", "f8", "c16"].includes(dtype.code);
}

function dtypeText(dtype: DType): string {
	const text = dtype.toString();
	if (text.length > MAX_DTYPE) return `'${dtype.str}'`;
	return /^[a-z]\w*$|^[[{(]|^StringDType/.test(text) ? text : `'${text}'`;
}

/** The items in brackets, in lines of at most 75 characters where that is possible. */
function body(array: Printable, separator: string, indent: string, lineWidth: number): string {
	const { shape, size } = array;
	if (size === 0 && shape.length > 0) return "[]";
	const edge = edgeItems(shape, size);
	if (edge === 0) return "[...]";
	const axes = shape.map((length) => places(length, edge));
	const format = formatter(array, axes);
	const row = (index: readonly number[], hanging: string, width: number): string => {
		const axis = index.length;
		if (axis === shape.length) return format(array.get(...index));
		const shown = axes[axis] as readonly (number | undefined)[];
		const words = shown.map((i) => (i === undefined ? "..." : row([...index, i], `${hanging} `, width - 1)));
		if (axis < shape.length - 1) {
			const between = separator.trimEnd() + "\n".repeat(shape.length - 1 - axis) + hanging;
			return `[${words.join(between)}]`;
		}
		return `[${wrapped(words, separator, hanging, width - 1).slice(hanging.length)}]`;
	};
	return row([], ` ${indent}`, lineWidth);
}

/** Words in lines, each of which begins with the indent. */
function wrapped(words: readonly string[], separator: string, hanging: string, width: number): string {
	let [done, line] = ["", hanging];
	words.forEach((word, i) => {
		if (textLength(line) + textLength(word) > width && line.length > hanging.length) {
			done += `${line.trimEnd()}\n`;
			line = hanging;
		}
		line += word + (i < words.length - 1 ? separator : "");
	});
	return done + line;
}

/** How many items each end of an axis shows; all of them if infinite, none at all if 0. */
function edgeItems(shape: readonly number[], size: number): number {
	if (size <= THRESHOLD) return Number.POSITIVE_INFINITY;
	const shown = (edge: number) => shape.reduce((count, length) => count * Math.min(length, 2 * edge), 1);
	for (let edge = EDGE; edge > 0; edge--) if (shown(edge) <= MAX_SHOWN) return edge;
	return 0;
}

/** The indexes of an axis that are shown; undefined stands for those left out. */
function places(length: number, edge: number): readonly (number | undefined)[] {
	if (length <= 2 * edge) return Array.from({ length }, (_, i) => i);
	const ends = Array.from({ length: 2 * edge }, (_, i) => (i < edge ? i : length - 2 * edge + i));
	return [...ends.slice(0, edge), undefined, ...ends.slice(edge)];
}

/** All items that are shown. */
function shownItems(array: Printable, axes: readonly (readonly (number | undefined)[])[]): PyValue[] {
	let indexes: number[][] = [[]];
	for (const axis of axes) {
		const shown = axis.filter((i) => i !== undefined);
		indexes = indexes.flatMap((index) => shown.map((i) => [...index, i]));
	}
	return indexes.map((index) => array.get(...index));
}

type Format = (item: PyValue) => string;

function formatter(array: Printable, axes: readonly (readonly (number | undefined)[])[]): Format {
	return formatOf(array.dtype, () => shownItems(array, axes), array.shape.length === 0);
}

/** How all items are written that stand in one column; `isAlone` for an array without dimensions. */
function formatOf(dtype: DType, shown: () => PyValue[], isAlone: boolean, depth = 2): Format {
	const { kind, code, unit } = dtype;
	if (dtype.fields) return recordFormat(dtype, shown().filter(isRecord), isAlone, depth);
	if (dtype.subdtype && !dtype.hasObject) return subarrayFormat(shown() as Printable[]);
	if (kind === "b") return (item) => (item ? (isAlone ? "True" : " True") : "False");
	if (kind === "i" || kind === "u") return aligned(shown().map(String), String);
	if (kind === "M") return timeFormat(shown() as bigint[], (count) => `'${datetimeText(count, unit)}'`);
	if (kind === "m") return timeFormat(shown() as bigint[], String);
	if (kind === "f") {
		const format = floatFormat(shown() as number[], code, "");
		return (item) => format(item as number);
	}
	if (kind === "c") return complexFormat(shown() as PyComplex[], code);
	return kind === "V" && !dtype.hasObject
		? (item) => `b'${[...(item as Uint8Array)].map(hexByte).join("")}'`
		: (item) => itemText(item, depth);
}

function aligned(words: readonly string[], text: Format): Format {
	const width = words.reduce((most, word) => Math.max(most, word.length), 0);
	return (item) => text(item).padStart(width);
}

function timeFormat(items: readonly bigint[], text: (count: bigint) => string): Format {
	const word = (item: PyValue) => (item === NAT ? "'NaT'" : text(item as bigint));
	return aligned(items.map(word), word);
}

function complexFormat(items: readonly PyComplex[], code: string): Format {
	const re = floatFormat(
		items.map((item) => item.re),
		code,
		"",
	);
	const im = floatFormat(
		items.map((item) => item.im),
		code,
		"+",
	);
	return (item) => re((item as PyComplex).re) + im((item as PyComplex).im).replace(/ *$/, "j$&");
}

/** Each field is written as a column of its own. */
function recordFormat({ fields = [] }: DType, items: readonly PrintableRecord[], isAlone: boolean, depth = 2): Format {
	const nested = (item: PyValue) => itemText(item, depth);
	const formats = fields.map(({ dtype }, index) => {
		const column = items.map((item) => item.get(index));
		return column.every((item) => isItemOf(item, dtype, column))
			? formatOf(dtype, () => column, isAlone, depth)
			: nested;
	});
	return (item) => {
		if (!isRecord(item)) return nested(item);
		const words = [...item].map((value, index) => (formats[index] as Format)(value));
		return `(${words.join(", ")}${words.length === 1 ? "," : ""})`;
	};
}

/** Rows of Python objects may hold anything: whether a field's value is of its dtype, and of one shape with the others. */
function isItemOf(item: PyValue, { kind, fields, subdtype, hasObject }: DType, column: readonly PyValue[]): boolean {
	if (hasObject || fields) return true;
	if (subdtype) return isArrayLike(item, column[0]);
	if ("iuf".includes(kind)) return typeof item === "number" || (kind !== "f" && typeof item === "bigint");
	if (kind === "c") return item instanceof PyComplex;
	if (kind === "M" || kind === "m") return typeof item === "bigint";
	return kind !== "V" || item instanceof Uint8Array;
}

function isArrayLike(item: PyValue, first: PyValue | undefined): boolean {
	const [own, other] = [item, first].map((value) => (value ?? {}) as Partial<Printable>);
	return (
		typeof own?.get === "function" && String(own.shape) === String(other?.shape) && own.dtype?.str === other?.dtype?.str
	);
}

/** Arrays inside of rows, with all or the first and last of their items. */
function subarrayFormat(items: readonly Printable[]): Format {
	const [first] = items;
	if (first === undefined) return itemText;
	const { dtype, shape, size } = first;
	const edge = edgeItems(shape, size);
	const shown = shape.reduce((count, length) => count * Math.min(length || 1, 2 * edge), items.length);
	if (shown > 10 * MAX_SHOWN || edge === 0) return () => "[...]";
	const axes = shape.map((length) => places(length, edge));
	const format = formatOf(dtype, () => items.flatMap((item) => shownItems(item, axes)), false);
	const nested = (item: Printable, index: readonly number[]): string => {
		if (index.length === shape.length) return format(item.get(...index));
		const places = axes[index.length] as readonly (number | undefined)[];
		return `[${places.map((i) => (i === undefined ? "..." : nested(item, [...index, i]))).join(", ")}]`;
	};
	return (item) => nested(item as Printable, []);
}

function hexByte(byte: number): string {
	return `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

/** Decimal digits that each float type holds for sure. */
const precisions: Partial<Record<string, number>> = { f2: 3, f4: 6, f8: 15, c8: 6, c16: 15 };

/** Numbers as numpy aligns them: shortest digits, at most 8 after the point, in scientific form where they differ much. */
function floatFormat(items: readonly number[], code: string, plus: "" | "+"): (item: number) => string {
	const finite = items.filter(Number.isFinite);
	const sizes = finite.filter((item) => item !== 0).map((item) => Math.abs(shortest(item, code)));
	const [least, most] = sizes.reduce(([low, high], size) => [Math.min(low, size), Math.max(high, size)], [Infinity, 0]);
	const cutoff = 10 ** Math.min(8, precisions[code] ?? 8);
	const scientific = sizes.length > 0 && (most >= cutoff || least < 0.0001 || most / least > 1000);
	const sign = (item: number) => (item < 0 || Object.is(item, -0) ? "-" : plus);
	const digits = scientific ? scientificDigits : positionalDigits;
	const parts = finite.map((item) => digits(Math.abs(item), code, 0).split(/[.e]/) as string[]);
	const right = parts.reduce((longest, part) => Math.max(longest, (part[1] as string).length), 0);
	const power = parts.reduce((longest, part) => Math.max(longest, part[2]?.length ?? 0), 0);
	const wholes = finite.map((item, i) => sign(item) + (parts[i] as string[])[0]);
	let left = wholes.reduce((longest, whole) => Math.max(longest, whole.length), 0);
	const padRight = scientific ? power + 1 + right : right;
	if (finite.length < items.length) {
		const infinite = plus === "+" || items.includes(Number.NEGATIVE_INFINITY) ? 4 : 3;
		left = Math.max(left, infinite - padRight - 1);
	}
	const width = left + padRight + 1;
	return (item) => {
		if (Number.isNaN(item)) return `${plus}nan`.padStart(width);
		if (!Number.isFinite(item)) return `${sign(item)}inf`.padStart(width);
		const text = sign(item) + digits(Math.abs(item), code, scientific ? right : 0, power);
		return " ".repeat(left - text.indexOf(".")) + text.padEnd(text.indexOf(".") + 1 + padRight);
	};
}

/** The shortest decimal digits that stand for this value among those of its type, as a double. */
export function shortest(value: number, code: string): number {
	const round = code === "f2" ? toHalf : code === "f4" || code === "c8" ? Math.fround : undefined;
	if (round === undefined || !Number.isFinite(value) || value === 0) return value;
	for (let places = 0; places < 8; places++) {
		const candidate = Number(exponential(value, places));
		if (round(candidate) === value) return candidate;
	}
	return Number(value.toExponential(8));
}

/** The float16 nearest to a number in its range. */
function toHalf(value: number): number {
	const step = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(value))), -14) - 10);
	const count = value / step;
	const even = 2 * Math.round(count / 2);
	return (
		step * (Math.abs(count - even) === 1 || Math.abs(count - Math.trunc(count)) !== 0.5 ? Math.round(count) : even)
	);
}

/** `12.5`, `3.`: no zeros at the end, at most 8 digits after the point. */
function positionalDigits(value: number, code: string): string {
	const [whole, fraction = ""] = String(shortest(value, code)).split(".") as [string, string?];
	if (fraction.length <= PRECISION) return `${whole}.${fraction}`;
	return roundedEven(value.toFixed(PRECISION), value.toFixed(PRECISION + 1), value).replace(/0+$/, "");
}

/** `1.25e+08`: from `least` to 8 digits after the point, and an exponent of at least 2 digits, or `power` with its sign. */
function scientificDigits(value: number, code: string, least: number, power = 3): string {
	let text = shortest(value, code).toExponential();
	const found = /\.(\d+)/.exec(text)?.[1]?.length ?? 0;
	const places = Math.min(PRECISION, Math.max(least, found));
	if (places < found || least > found) text = exponential(value, places);
	const [, whole, fraction = "", sign, exponent] = /^(\d)\.?(\d*)e([-+])(\d+)$/.exec(text) as unknown as string[];
	const kept = (fraction as string).replace(/0+$/, "").padEnd(least, "0");
	return `${whole}.${kept}e${sign}${(exponent as string).padStart(Math.max(2, power - 1), "0")}`;
}

function exponential(value: number, places: number): string {
	return roundedEven(value.toExponential(places), value.toExponential(places + 1), value);
}

/** Of two roundings of a number halfway between them, the even one: JavaScript rounds up, numpy to even. */
function roundedEven(rounded: string, exact: string, value: number): string {
	const [digits, exponent] = exact.split("e") as [string, string?];
	if (!digits.endsWith("5") || Number(exact) !== value || significant(value.toExponential(100)) !== significant(exact))
		return rounded;
	const down = digits.slice(0, -1);
	return /[02468]$/.test(down) ? down + (exponent === undefined ? "" : `e${exponent}`) : rounded;
}

function significant(text: string): string {
	return text.replace(/e.*|\./g, "").replace(/^0+|0+$/g, "");
}

/** One item as Python's `str` of a numpy scalar. */
export function scalarText(value: PyValue, dtype: DType): string {
	const { kind, code, unit } = dtype;
	if (typeof value === "string") return value;
	if (dtype.fields && isRecord(value)) return recordFormat(dtype, [value], true)(value);
	if (typeof value === "bigint" && kind === "M") return datetimeText(value, unit);
	if (typeof value === "bigint" && kind === "m") return timedeltaText(value, unit);
	if (value instanceof Uint8Array && isLongDouble(dtype)) return extendedText(value, dtype);
	if (kind === "f" && typeof value === "number") return numberText(value, code);
	if (kind !== "c" || !(value instanceof PyComplex)) return itemText(value);
	return complexText(numberText(value.re, code), numberText(value.im, code));
}

/** The bytes of a long double, or of a pair of them. */
function extendedText(bytes: Uint8Array, { kind, itemsize, byteOrder }: DType): string {
	const isBig = byteOrder === ">";
	if (kind === "f") return longDoubleText(bytes, 0, itemsize, isBig);
	const half = itemsize / 2;
	return complexText(longDoubleText(bytes, 0, half, isBig), longDoubleText(bytes, half, half, isBig));
}

function complexText(real: string, imaginary: string): string {
	const im = `${imaginary.replace(/\.0$/, "")}j`;
	return real === "0.0" ? im : `(${real.replace(/\.0$/, "")}${/^[-+]/.test(im) ? "" : "+"}${im})`;
}

function isRecord(value: PyValue): value is PyValue & PrintableRecord {
	const { dtype, shape } = (value ?? {}) as Partial<Printable>;
	return dtype?.fields !== undefined && shape === undefined;
}

/** A float as numpy's scalars print it: in scientific form below 1e-4, and where its type has no more sure digits. */
function numberText(value: number, code: string): string {
	const short = shortest(value, code);
	const digits = precisions[code] ?? 15;
	const cutoff = digits === 15 ? 1e16 : 10 ** digits;
	if (Math.abs(short) < cutoff || !Number.isFinite(short)) return pythonFloat(short);
	return short.toExponential().replace(/\d+$/, (exponent) => exponent.padStart(2, "0"));
}

/** A value in a word or two, as Python's `repr`; what lies deeper than two levels, or is long, is shortened. */
function itemText(value: PyValue, depth = 2): string {
	switch (typeof value) {
		case "string":
			return reprText(value.length > MAX_ITEM ? `${value.slice(0, MAX_ITEM)}...` : value);
		case "boolean":
			return value ? "True" : "False";
		case "number":
			return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : pythonFloat(value);
		case "object":
			return value === null ? "None" : objectText(value, depth);
		default:
			return String(value);
	}
}

/** An item that is written as it says itself. */
export class Word {
	readonly text: string;

	constructor(text: string) {
		this.text = text;
	}
}

function objectText(value: object, depth: number): string {
	if (value instanceof Word) return value.text;
	if (value instanceof PyFloat) return pythonFloat(value.valueOf());
	if (value instanceof Uint8Array) return bytesText(value);
	if (Array.isArray(value)) {
		const text = depth === 0 ? "..." : listText(value, depth - 1);
		if (Object.isFrozen(value)) return `(${text}${value.length === 1 ? "," : ""})`;
		return depth === 2 ? `list([${text}])` : `[${text}]`;
	}
	// A record among objects may hold itself.
	if (isRecord(value)) return depth > 0 ? recordFormat(value.dtype, [value], true, depth - 1)(value) : "(...)";
	const { shape, dtype } = value as Partial<Printable>;
	if (shape && dtype) return `<array of ${dtype.name}, shape ${shapeText(shape)}>`;
	return `<${value.constructor?.name ?? "object"}>`;
}

function listText(values: readonly PyValue[], depth: number): string {
	const texts = values.slice(0, 6).map((value) => itemText(value, depth));
	return (values.length > 6 ? [...texts, "..."] : texts).join(", ");
}

function bytesText(bytes: Uint8Array): string {
	return bytes.length > MAX_ITEM ? `${reprBytes(bytes.subarray(0, MAX_ITEM))}...` : reprBytes(bytes);
}
