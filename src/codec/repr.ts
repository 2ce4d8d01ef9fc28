import { isLong } from "../bytes/int64.ts";
import { escapeCharacter, reprBytes } from "../bytes/repr.ts";
import { escapeControls } from "../errors.ts";
import { PyGlobal } from "../values/objects.ts";
import { reprText } from "../values/repr.ts";
import { Ellipsis, NotImplemented, PyByteArray, PyComplex, PyFloat, PyRange, pythonFloat } from "../values/scalars.ts";
import { PyAtom, pythonRepr } from "../values/shown.ts";
import type { PyValue } from "../values/value.ts";

export { reprText };

/** The dotted name; whatever is no ASCII letter, digit or mark of Python's own names is escaped. */
export function reprGlobal({ module, name }: PyGlobal): string {
	return `${module}.${name}`.replace(/[^\w.<>]/gu, (char) => {
		const code = char.codePointAt(0) as number;
		return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : escapeCharacter(code);
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
	if (value instanceof PyAtom) return escapeControls(value[pythonRepr]());
	const hasPythonText = value instanceof PyComplex || value instanceof PyRange || isLong(value);
	return hasPythonText || value === Ellipsis || value === NotImplemented ? String(value) : undefined;
}
