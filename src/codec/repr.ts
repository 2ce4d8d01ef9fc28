import { isLong } from "../bytes/int64.ts";
import { escapeControls } from "../errors.ts";
import { PyGlobal } from "../values/objects.ts";
import { Ellipsis, NotImplemented, PyByteArray, PyComplex, PyFloat, PyRange, pythonFloat } from "../values/scalars.ts";
import type { PyValue } from "../values/value.ts";

/** Text as Python's `repr` writes it, in quotes; what could steer a terminal or hide in a line is escaped. */
export function reprText(text: string): string {
	return quote(escapeControls(escapeSpaces(text.replaceAll("\\", "\\\\"))));
}

/** Spaces other than the plain one, which look like it. */
function escapeSpaces(text: string): string {
	return text.replace(/[^\P{Zs} ]/gu, (space) => {
		const code = space.charCodeAt(0);
		return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
	});
}

/** Bytes as Python's `repr` writes them: `b'PK\x03\x04'`. */
export function reprBytes(bytes: Uint8Array): string {
	let text = "";
	for (const byte of bytes) text += byteTexts[byte];
	return `b${quote(text)}`;
}

const byteTexts: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
	if (byte === 0x5c) return "\\\\";
	if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
	return ({ 9: "\\t", 10: "\\n", 13: "\\r" } as Record<number, string>)[byte] ?? `\\x${hex(byte, 2)}`;
});

function quote(text: string): string {
	if (!text.includes("'")) return `'${text}'`;
	return text.includes('"') ? `'${text.replaceAll("'", "\\'")}'` : `"${text}"`;
}

function hex(code: number, digits: number): string {
	return code.toString(16).padStart(digits, "0");
}

/** The dotted name; whatever is no ASCII letter, digit or mark of Python's own names is escaped. */
export function reprGlobal({ module, name }: PyGlobal): string {
	return `${module}.${name}`.replace(/[^\w.<>]/gu, (char) => {
		const code = char.codePointAt(0) as number;
		if (code < 0x100) return `\\x${hex(code, 2)}`;
		return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
	});
}

/** More than this, 4,300 decimal digits, takes too long to be written in decimal; Python refuses it. */
const MAX_DECIMAL = 1n << 14_285n;

/** An integer's digits: in decimal, or in hexadecimal after `0x` where that would take long. */
export function bigintText(value: bigint): string {
	if (value < MAX_DECIMAL && -value < MAX_DECIMAL) return String(value);
	return value.toString(16).replace(/^-?/, "$&0x");
}

/** A value without items as Python's `repr` writes it; undefined for containers, objects and what only a reducer knows. */
export function reprScalar(value: PyValue): string | undefined {
	switch (typeof value) {
		case "string":
			return reprText(value);
		case "number":
			return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : pythonFloat(value);
		case "boolean":
			return value ? "True" : "False";
		case "bigint":
			return bigintText(value);
		default:
			return value === null ? "None" : reprObject(value);
	}
}

function reprObject(value: object): string | undefined {
	if (value instanceof PyFloat) return pythonFloat(value.valueOf());
	if (value instanceof PyByteArray) return `bytearray(${reprBytes(value)})`;
	if (value instanceof Uint8Array) return reprBytes(value);
	if (value instanceof PyGlobal) return reprGlobal(value);
	const hasPythonText = value instanceof PyComplex || value instanceof PyRange || isLong(value);
	return hasPythonText || value === Ellipsis || value === NotImplemented ? String(value) : undefined;
}
