import {
	Ellipsis,
	NotImplemented,
	PyByteArray,
	PyComplex,
	PyDict,
	PyFloat,
	PyFrozenSet,
	PyGlobal,
	PyRange,
	PySet,
	PySlice,
	type PyValue,
} from "../../src/values.ts";

/** Which Python writes: in 2, bytes are `str` and text is `unicode`. */
export type Dialect = 2 | 3;

/** Stands in the text for what cannot be known of a value: an address, or what an inert object's class would write. */
export const ANYTHING = "\uffff";

/** Levels, items and characters that reprlib was told to write; the whole was cut somewhere behind `MAX_TEXT`. */
const MAX_LEVEL = 5;
const MAX_ITEMS = 16;
const MAX_TEXT = 300;

/**
 * What Python's reprlib writes of a value: builtin types as `repr` does, dicts and sets sorted where that can be, `...` for
 * what is too deep, too many or too long. ANYTHING stands for objects of other types; of a class or function only the name is sure.
 */
export function pythonRepr(value: PyValue, dialect: Dialect = 3, level = MAX_LEVEL): string {
	switch (typeof value) {
		case "string":
			return shortened(dialect === 3 ? quoted(value, printable) : `u${quoted(value, ascii)}`);
		case "number":
			return Number.isInteger(value) && !Object.is(value, -0) ? String(BigInt(value)) : floatRepr(value);
		case "boolean":
			return value ? "True" : "False";
		case "bigint":
			return shortened(String(value));
		default:
			return value === null ? "None" : (scalarRepr(value, dialect) ?? containerRepr(value, dialect, level));
	}
}

/** Whether what `pythonRepr` gives can be what Python wrote. Python 2's `L` behind a long is not looked at. */
export function matchesRepr(repr: string, recorded: string, dialect: Dialect): boolean {
	const wanted = dialect === 2 ? recorded.replaceAll(/(\d)L\b/g, "$1") : recorded;
	const [first = "", ...rest] = repr.split(ANYTHING);
	if (rest.length === 0) return first === wanted || (wanted.length >= MAX_TEXT && first.startsWith(wanted));
	if (!wanted.startsWith(first)) return false;
	let end = first.length;
	for (const part of rest) {
		const found = wanted.indexOf(part, end);
		if (found < 0) return wanted.length >= MAX_TEXT;
		end = found + part.length;
	}
	return wanted.endsWith(rest.at(-1) as string);
}

function scalarRepr(value: object, dialect: Dialect): string | undefined {
	if (value instanceof PyFloat) return floatRepr(value.valueOf());
	if (value instanceof PyComplex) return complexRepr(value);
	if (value instanceof PyByteArray) return shortened(`bytearray(b${bytesRepr(value)})`);
	if (value instanceof Uint8Array) return shortened((dialect === 3 ? "b" : "") + bytesRepr(value));
	if (value instanceof PyGlobal) return globalRepr(value);
	if (value instanceof PyRange) return rangeRepr(value, dialect);
	if (value === Ellipsis) return "Ellipsis";
	return value === NotImplemented ? "NotImplemented" : undefined;
}

function shortened(text: string): string {
	if (text.length <= MAX_TEXT) return text;
	const start = Math.floor((MAX_TEXT - 3) / 2);
	return `${text.slice(0, start)}...${text.slice(text.length - (MAX_TEXT - 3 - start))}`;
}

function containerRepr(value: object, dialect: Dialect, level: number): string {
	const items = (values: readonly PyValue[]) => itemsRepr(values, dialect, level);
	if (Array.isArray(value)) {
		if (!Object.isFrozen(value)) return `[${items(value)}]`;
		return `(${items(value)}${value.length === 1 && level > 0 ? "," : ""})`;
	}
	if (value instanceof PySlice) return `slice(${items([value.start, value.stop, value.step])})`;
	// Members that have no order come in that of their hashes.
	const members = (set: Iterable<PyValue>) => ((values) => (values ? items(values) : ANYTHING))(sorted([...set]));
	if (value instanceof PyFrozenSet) return setRepr("frozenset", members(value), dialect);
	if (value instanceof PySet) return setRepr(dialect === 3 ? "" : "set", members(value), dialect);
	return Object.getPrototypeOf(value) === PyDict.prototype ? dictRepr(value as PyDict, dialect, level) : ANYTHING;
}

function itemsRepr(values: readonly PyValue[], dialect: Dialect, level: number): string {
	if (level <= 0 && values.length > 0) return "...";
	const shown = values.slice(0, MAX_ITEMS).map((item) => pythonRepr(item, dialect, level - 1));
	return [...shown, ...(values.length > MAX_ITEMS ? ["..."] : [])].join(", ");
}

function setRepr(name: string, items: string, dialect: Dialect): string {
	if (items === "") return `${name || "set"}()`;
	return name === "" ? `{${items}}` : dialect === 3 ? `${name}({${items}})` : `${name}([${items}])`;
}

function dictRepr(dict: PyDict, dialect: Dialect, level: number): string {
	if (level <= 0 && dict.size > 0) return "{...}";
	const repr = (value: PyValue) => pythonRepr(value, dialect, level - 1);
	const keys = (sorted([...dict.keys()]) ?? [...dict.keys()]).slice(0, MAX_ITEMS);
	const entries = keys.map((key) => `${repr(key)}: ${repr(dict.get(key) as PyValue)}`);
	return `{${[...entries, ...(dict.size > MAX_ITEMS ? ["..."] : [])].join(", ")}}`;
}

/** In Python's order if all are text, numbers or bytes, or there is but one. */
function sorted(values: PyValue[]): PyValue[] | undefined {
	if (values.length < 2) return values;
	if (values.every((value) => typeof value === "string")) return values.sort();
	const numeric = values.every(
		(value) => typeof value === "number" || typeof value === "bigint" || value instanceof PyFloat,
	);
	if (numeric) return values.sort((a, b) => Number(a) - Number(b));
	return values.every((value) => value instanceof Uint8Array) ? values.sort(compareBytes) : undefined;
}

function compareBytes(a: PyValue, b: PyValue): number {
	return Buffer.compare(a as Uint8Array, b as Uint8Array);
}

function globalRepr({ name }: PyGlobal): string {
	const last = name.slice(name.lastIndexOf(".") + 1);
	return `${ANYTHING}${last}${ANYTHING}`;
}

function rangeRepr({ start, stop, step }: PyRange, dialect: Dialect): string {
	const isSingle = step === 1 || step === 1n;
	const parts = isSingle ? (dialect === 2 && start === 0 ? [stop] : [start, stop]) : [start, stop, step];
	return `${dialect === 3 ? "range" : "xrange"}(${parts.join(", ")})`;
}

function floatRepr(value: number, withPoint = true): string {
	if (Number.isNaN(value)) return "nan";
	if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
	const sign = value < 0 || Object.is(value, -0) ? "-" : "";
	const [digits, exponentText] = Math.abs(value).toExponential().split("e") as [string, string];
	const exponent = Number(exponentText);
	if (exponent < -4 || exponent >= 16) {
		return `${sign}${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
	}
	const text = Math.abs(value).toString();
	return sign + text + (withPoint && !text.includes(".") ? ".0" : "");
}

function complexRepr({ re, im }: PyComplex): string {
	const imaginary = floatRepr(im, false);
	if (Object.is(re, 0)) return `${imaginary}j`;
	return `(${floatRepr(re, false)}${/^-/.test(imaginary) ? "" : "+"}${imaginary}j)`;
}

function bytesRepr(bytes: Uint8Array): string {
	return quoted(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1"), ascii);
}

function quoted(text: string, isShown: RegExp): string {
	const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
	const shown = Array.from(text, (char) => {
		if (char === "\\" || char === quote) return `\\${char}`;
		if (isShown.test(char)) return char;
		return ({ "\n": "\\n", "\r": "\\r", "\t": "\\t" } as Record<string, string>)[char] ?? escaped(char);
	});
	return quote + shown.join("") + quote;
}

const ascii = /^[ -~]$/;
const printable = /^(?: |[^\p{C}\p{Z}])$/u;

function escaped(char: string): string {
	const code = char.codePointAt(0) as number;
	const hex = code.toString(16);
	if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
	return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
