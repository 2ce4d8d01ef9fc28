import { reprBytes } from "../bytes/repr.ts";
import { decodeLatin1 } from "../bytes/utf8.ts";
import { PickleError } from "../errors.ts";

/** Decimal digits that Python reads and writes at most. */
const MAX_DIGITS = 4300;
const DIGITS_BOUND = 10n ** BigInt(MAX_DIGITS);
const TOO_MANY = `Exceeds the limit (${MAX_DIGITS} digits) for integer string conversion`;
const ADVICE = "use sys.set_int_max_str_digits() to increase the limit";

function numberError(text: string): PickleError {
	return new PickleError("E_NUMBER", text);
}

/** Without what C's `isspace` takes at both ends. A regular expression would try every space of a long run. */
function trimmed(line: Uint8Array): string {
	let [start, end] = [0, line.length];
	while (start < end && isSpace(line[start] as number)) start++;
	while (end > start && isSpace(line[end - 1] as number)) end--;
	return decodeLatin1(line, start, end);
}

function isSpace(byte: number): boolean {
	return byte === 0x20 || (byte >= 9 && byte <= 13);
}

/** A longer line is not shown whole, though Python would. */
const SHOWN = 65536;

/** A line in an error. */
export function reprLine(line: Uint8Array): string {
	return line.length <= SHOWN ? reprBytes(line) : `${reprBytes(line.subarray(0, SHOWN))}...`;
}

/** An underscore that is not between digits. */
const strayUnderscore = /(^|\D)_|_(\D|$)/;

/** Python's `int(line)`. @throws PickleError E_NUMBER with what Python says, without offset */
export function pythonInt(line: Uint8Array): number | bigint {
	const text = trimmed(line);
	if (!/^[-+]?\d[\d_]*$/.test(text) || strayUnderscore.test(text.replace(/^[-+]/, ""))) {
		throw numberError(`invalid literal for int() with base 10: ${reprLine(line).slice(0, 200)}`);
	}
	const digits = text.replace(/[-+_]/g, "");
	if (digits.length > MAX_DIGITS) throw numberError(`${TOO_MANY}: value has ${digits.length} digits; ${ADVICE}`);
	const number = Number(digits);
	const value = Number.isSafeInteger(number) ? number : BigInt(digits);
	return text[0] === "-" && value !== 0 ? -value : value;
}

/** Python's `float(line)`. @throws PickleError E_NUMBER with what Python says, without offset */
export function pythonFloatOf(line: Uint8Array): number {
	const text = trimmed(line);
	if (/^[-+]?(\d[\d_]*(\.[\d_]*)?|\.\d[\d_]*)(e[-+]?\d[\d_]*)?$/i.test(text) && !strayUnderscore.test(text)) {
		return Number(text.replaceAll("_", ""));
	}
	if (/^[-+]?nan$/i.test(text)) return Number.NaN;
	if (/^[-+]?inf(inity)?$/i.test(text)) return text[0] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
	throw numberError(`could not convert string to float: ${reprLine(line)}`);
}

/** An int or bool as Python's `repr` writes it. @throws PickleError E_NUMBER for too many digits, without offset */
export function reprInt(value: number | bigint | boolean): string {
	if (typeof value === "boolean") return value ? "True" : "False";
	if (typeof value === "bigint" && (value >= DIGITS_BOUND || value <= -DIGITS_BOUND)) {
		throw numberError(`${TOO_MANY}; ${ADVICE}`);
	}
	return String(value);
}
