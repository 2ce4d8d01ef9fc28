import { PickleError, quoted } from "../errors.ts";
import { limitError } from "../limits.ts";
import { decodeLatin1, decodeUtf8, encodeLatin1 } from "./utf8.ts";

const zero = 0x30;
const minus = 0x2d;
const plus = 0x2b;
/** Which bytes are digits, and which a finite float is written with: a look into a table is 1.05x on W12 at protocol 0. */
const digitBytes = bytesOf("0123456789");
const floatBytes = bytesOf("0123456789.-+eE");
/** Bytes up to which an integer is built from limbs of 64 bits, faster than from hexadecimal text. */
const limbBytes = 128;
/** Bytes of 2^30 bits, the most that V8 holds. */
const maxBytes = 2 ** 27;

function bytesOf(text: string): Uint8Array {
	const table = new Uint8Array(256);
	for (const char of text) table[char.charCodeAt(0)] = 1;
	return table;
}

/**
 * INT's argument up to the line feed, as C's `load_int` of Python 3.6 to 3.13 reads it: by `strtol` where that takes the
 * whole line, leading zeros meaning octal, else as a literal of Python. Two characters that `strtol` reads as 0 or 1 are
 * a bool.
 *
 * @throws PickleError `E_NUMBER`, `E_LIMIT` for more than `maxIntDigits`, `E_TOO_LARGE`; without offset
 */
export function parseIntText(
	bytes: Uint8Array,
	start: number,
	end: number,
	maxIntDigits: number,
): number | bigint | boolean {
	const plain = parsePlain(bytes, start, end, maxIntDigits);
	if (plain !== undefined) return plain;
	if (end - start === 2 && bytes[start] === zero && ((bytes[start + 1] as number) & 0xfe) === zero) {
		return bytes[start + 1] !== zero;
	}
	const stop = endOfCText(bytes, start, end);
	// strtol finds no digits before a NUL, and load_int does not ask whether it found any.
	const value = stop === start && start < end ? 0 : parseLiteral(bytes, start, stop, maxIntDigits, true);
	const whole = stop === start || !isSpace(bytes[stop - 1]);
	return whole && end - start === 2 && (value === 0 || value === 1) ? value === 1 : value;
}

/**
 * LONG's argument up to the line feed, as C's `load_long` of Python 3.6 to 3.13 reads it: a literal of Python, with or
 * without one `L` at its end.
 *
 * @throws PickleError `E_NUMBER`, `E_LIMIT` for more than `maxIntDigits`, `E_TOO_LARGE`; without offset
 */
export function parseLongText(bytes: Uint8Array, start: number, end: number, maxIntDigits: number): number | bigint {
	const last = bytes[end - 1] === 0x4c && end > start ? end - 1 : end;
	const plain = parsePlain(bytes, start, last, maxIntDigits);
	return plain ?? parseLiteral(bytes, start, endOfCText(bytes, start, last), maxIntDigits, false);
}

/**
 * A memo index, the argument of GET and PUT up to the line feed, as C's `load_get` and `load_put` read it: decimal even
 * with leading zeros. -1 for what is no index; so many characters that no pickler writes them are none either.
 */
export function parseIndexText(bytes: Uint8Array, start: number, end: number): number {
	let plain = 0;
	let at = start;
	for (; at < end && digitBytes[bytes[at] as number] === 1; at++) plain = plain * 10 + (bytes[at] as number) - zero;
	if (at === end && end > start && end - start <= 15) return plain;
	const stop = endOfCText(bytes, start, Math.min(end, start + 64));
	const text = decodeLatin1(bytes, start, stop);
	const index = /^[\t-\r ]*[-+]?\d+(_\d+)*[\t-\r ]*$/.test(text) ? Number(text.replaceAll("_", "")) : -1;
	return index >= 0 && Number.isSafeInteger(index) ? index + 0 : -1;
}

/**
 * The decimal integers that Python itself writes, but for what may be a bool; undefined for anything else, and for too
 * many digits.
 */
function parsePlain(bytes: Uint8Array, start: number, end: number, maxDigits: number): number | bigint | undefined {
	const negative = bytes[start] === minus;
	const first = negative ? start + 1 : start;
	if (first >= end || (bytes[first] === zero && end - start > 1)) return undefined;
	let value = 0;
	for (let at = first; at < end; at++) {
		const digit = (bytes[at] as number) - zero;
		if (digit < 0 || digit > 9) return undefined;
		value = value * 10 + digit;
	}
	if (end - first > maxDigits) return undefined;
	if (Number.isSafeInteger(value)) return negative ? -value : value;
	return toBigInt(decodeLatin1(bytes, start, end));
}

/** Where C sees the text end: at a NUL. */
function endOfCText(bytes: Uint8Array, start: number, end: number): number {
	let stop = start;
	while (stop < end && bytes[stop] !== 0) stop++;
	return stop;
}

/** What C's `isspace` takes. */
function isSpace(byte: number | undefined): boolean {
	return byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13);
}

/** C's `PyLong_FromString` with base 0. `octal`: first C's `strtol`, for which a leading zero means octal. */
function parseLiteral(
	bytes: Uint8Array,
	start: number,
	end: number,
	maxIntDigits: number,
	octal: boolean,
): number | bigint {
	let first = start;
	let last = end;
	while (first < last && isSpace(bytes[first])) first++;
	while (last > first && isSpace(bytes[last - 1])) last--;
	const negative = bytes[first] === minus;
	const signed = negative || bytes[first] === plus;
	const literal = decodeLatin1(bytes, signed && first < last ? first + 1 : first, last);
	if (octal && last === end && /^0[0-7]+$/.test(literal)) {
		const value = toInteger(`0o${literal}`, negative);
		if (typeof value === "number" || BigInt.asIntN(64, value) === value) return value;
	}
	const known = /^(0x[\da-f_]+|0o[0-7_]+|0b[01_]+|[1-9][\d_]*|0[0_]*)$/i.test(literal) && !/__|_$/.test(literal);
	if (!known) throw badNumber(bytes, start, end, "an integer");
	const digits = literal.replaceAll("_", "");
	if (!/^0[xob]/i.test(digits) && digits.length > maxIntDigits) {
		throw limitError("maxIntDigits", maxIntDigits, `an integer of ${digits.length} digits`);
	}
	return toInteger(digits, negative);
}

function toInteger(literal: string, negative: boolean): number | bigint {
	const number = Number(literal);
	const value = Number.isSafeInteger(number) ? number : toBigInt(literal);
	return negative && value !== 0 ? -value : value;
}

/** What BigInt makes of a well-formed literal, if the engine can hold it. */
function toBigInt(literal: string): bigint {
	try {
		return BigInt(literal);
	} catch (cause) {
		throw tooLarge(cause);
	}
}

function tooLarge(cause?: unknown): PickleError {
	return new PickleError("E_TOO_LARGE", "an integer of more bits than this engine's BigInt holds", { cause });
}

function badNumber(bytes: Uint8Array, start: number, end: number, kind: string): PickleError {
	const text = quoted(decodeLatin1(bytes, start, Math.min(end, start + 80)));
	return new PickleError("E_NUMBER", `${text} is not ${kind}`);
}

/**
 * FLOAT's argument up to the line feed, as C's `load_float` reads it: no white space, no underscores, no hexadecimal;
 * `inf`, `infinity` and `nan` in any case. A decimal beyond the largest double is an error, as in Python.
 *
 * @throws PickleError `E_NUMBER`, without offset
 */
export function parseFloatText(bytes: Uint8Array, start: number, end: number): number {
	const stop = endOfDecimal(bytes, start, end);
	if (stop > start && (stop === end || bytes[stop] === 0)) {
		const value = Number(decodeLatin1(bytes, start, stop));
		if (Number.isFinite(value)) return value;
	}
	const text = decodeLatin1(bytes, start, endOfCText(bytes, start, end)).toLowerCase();
	if (/^[-+]?nan$/.test(text)) return Number.NaN;
	if (/^[-+]?inf(inity)?$/.test(text)) return text[0] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
	throw badNumber(bytes, start, end, "a float");
}

/** Where the bytes end that a finite float is written with: digits, signs, point and `e`. */
function endOfDecimal(bytes: Uint8Array, start: number, end: number): number {
	let stop = start;
	while (stop < end && floatBytes[bytes[stop] as number] === 1) stop++;
	return stop;
}

/**
 * The two's complement integer, little-endian, of LONG1 and LONG4: of any number of bytes, 0 of none.
 *
 * @throws PickleError `E_TOO_LARGE` for more than the engine's BigInt holds; without offset
 */
export function decodeLong(view: DataView, start: number, end: number): number | bigint {
	const length = end - start;
	if (length > 8) return decodeWide(view, start, end);
	if (length === 0) return 0;
	let value = view.getInt8(end - 1);
	for (let at = end - 2; at >= start; at--) value = value * 256 + view.getUint8(at);
	if (Number.isSafeInteger(value)) return value;
	if (length === 8) return view.getBigInt64(start, true);
	// Seven bytes: six are always safe.
	const high = view.getInt16(end - 2, true) * 256 + view.getUint8(end - 3);
	return (BigInt(high) << 32n) | BigInt(view.getUint32(start, true));
}

function decodeWide(view: DataView, start: number, end: number): number | bigint {
	let last = end;
	while (last - start > 8 && repeatsSign(view, last)) last--;
	if (last < end) return decodeLong(view, start, last);
	return end - start <= limbBytes ? fromLimbs(view, start, end) : fromHex(view, start, end);
}

/** Whether the last byte says nothing but the sign, which the byte before has too. */
function repeatsSign(view: DataView, end: number): boolean {
	return view.getUint8(end - 1) === signFill(view, end - 1);
}

/** The byte that extends a number which ends here: 0xff if negative, else 0. */
function signFill(view: DataView, end: number): number {
	return view.getUint8(end - 1) > 0x7f ? 0xff : 0;
}

/** More than 8 bytes, 64 bits at a time; quadratic. */
function fromLimbs(view: DataView, start: number, end: number): bigint {
	const topBytes = (end - start) & 7 || 8;
	let value = view.getBigInt64(end - 8, true) >> BigInt(64 - 8 * topBytes);
	for (let at = end - topBytes - 8; at >= start; at -= 8) value = (value << 64n) | view.getBigUint64(at, true);
	return value;
}

const hexText = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0")).join("");
/** Each byte's two hexadecimal digits, next to each other in memory. */
const hexPairs = new Uint16Array((encodeLatin1(hexText) as Uint8Array).buffer);

/** By way of text; engines read that in linear time. */
function fromHex(view: DataView, start: number, end: number): bigint {
	const length = end - start;
	if (length > maxBytes) throw tooLarge();
	const fill = signFill(view, end);
	const pairs = new Uint16Array(length);
	for (let index = 0; index < length; index++) {
		pairs[index] = hexPairs[view.getUint8(end - 1 - index) ^ fill] as number;
	}
	const magnitude = toBigInt(`0x${decodeUtf8(new Uint8Array(pairs.buffer), 0, 2 * length)}`);
	return fill === 0 ? magnitude : ~magnitude;
}
