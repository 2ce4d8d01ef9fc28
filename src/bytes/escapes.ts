import { PickleError, quoted } from "../errors.ts";
import { decodeLatin1, TextBuilder } from "./utf8.ts";

const backslash = 0x5c;
/** By the character after a backslash, the byte that the two make; 0 where they make none. */
const simpleEscapes = new Uint8Array(256);
for (const pair of ["\\\\", "''", '""', "a\x07", "b\b", "f\f", "n\n", "r\r", "t\t", "v\v"]) {
	simpleEscapes[pair.charCodeAt(0)] = pair.charCodeAt(1);
}

/**
 * The bytes of STRING's argument: what is between its quotes, escapes resolved as in Python's bytes literals. A view of
 * the line where there is no escape.
 *
 * @throws PickleError `E_TEXT` for missing quotes, a bad `\x` or a lone backslash at the end; without offset
 */
export function unescapeString(line: Uint8Array, start = 0, end: number = line.length): Uint8Array {
	const quote = line[start];
	if (end - start < 2 || quote !== line[end - 1] || (quote !== 0x27 && quote !== 0x22)) {
		throw new PickleError("E_TEXT", "a string that is not between equal quotes");
	}
	const text = line.subarray(start + 1, end - 1);
	const first = text.indexOf(backslash);
	return first < 0 ? text : unescapeBytes(text, first);
}

/** Up to so many bytes to look for an escape costs less than a view of the text. */
const SHORT = 64;

/** Whether STRING's argument is short, between equal quotes and has no escapes in it, so that no view of it is needed. */
export function isPlainString(line: Uint8Array, start: number, end: number): boolean {
	const quote = line[start];
	if (end - start < 2 || end - start > SHORT) return false;
	if (quote !== line[end - 1] || (quote !== 0x27 && quote !== 0x22)) return false;
	for (let at = start + 1; at < end - 1; at++) if (line[at] === backslash) return false;
	return true;
}

function unescapeBytes(text: Uint8Array, first: number): Uint8Array {
	const bytes = new Uint8Array(text);
	let count = first;
	for (let at = first; at < text.length; at++) {
		let byte = text[at] as number;
		if (byte === backslash) {
			const found = decodeEscape(text, at + 1, text.length);
			if (found < 0) throw badEscape(text, at, at + 1 < text.length ? 4 : 1);
			byte = found >> 2;
			at += found & 3;
		}
		bytes[count++] = byte;
	}
	return bytes.slice(0, count);
}

/** The escape after a backslash: four times its byte, plus how many characters make it; -1 for a bad one. */
export function decodeEscape(text: Uint8Array, at: number, end: number): number {
	if (at >= end) return -1;
	const name = text[at] as number;
	const simple = simpleEscapes[name] as number;
	if (simple > 0) return simple * 4 + 1;
	if (name === 0x78) {
		const value = at + 3 > end ? -1 : hexValue(text, at + 1, 2);
		return value < 0 ? -1 : value * 4 + 3;
	}
	if (!isOctal(name)) return backslash * 4;
	let value = 0;
	let count = 0;
	while (count < 3 && at + count < end && isOctal(text[at + count])) {
		value = value * 8 + ((text[at + count++] as number) & 7);
	}
	// Above 0o377 the bytes keep the low eight bits, as C's do.
	return value * 4 + count;
}

function isOctal(byte: number | undefined): boolean {
	return byte !== undefined && byte >> 3 === 6;
}

/**
 * The text of UNICODE's argument, Python's `raw-unicode-escape`: Latin-1 but for `\uXXXX` and `\UXXXXXXXX` after an even
 * number of backslashes. Two surrogates written apart set `decodedText.splitPair`.
 *
 * @throws PickleError `E_TEXT` for a bad escape, `E_TOO_LARGE` for more than a string holds; both without offset
 */
export function decodeRawUnicodeEscape(line: Uint8Array, start = 0, end: number = line.length): string {
	for (let at = start; at < end; at++) if (line[at] === backslash) return decodeEscapes(line, start, end);
	return decodeLatin1(line, start, end);
}

function decodeEscapes(line: Uint8Array, start: number, end: number): string {
	const builder = new TextBuilder();
	for (let at = start; at < end; at++) {
		const byte = line[at] as number;
		const name = byte === backslash && at + 1 < end ? (line[at + 1] as number) : 0;
		const digits = name === 0x75 ? 4 : name === 0x55 ? 8 : 0;
		if (digits > 0) {
			const code = at + digits + 2 > end ? -1 : hexValue(line, at + 2, digits);
			if (code < 0 || code > 0x10ffff) throw badEscape(line.subarray(start, end), at - start, digits + 2);
			builder.add(code);
			at += digits + 1;
		} else {
			builder.add(byte);
			// The second of two backslashes begins no escape.
			if (name === backslash) builder.add(line[++at] as number);
		}
	}
	return builder.finish();
}

/** The value of just so many hexadecimal digits, or -1. */
function hexValue(text: Uint8Array, start: number, count: number): number {
	let value = 0;
	for (let at = start; at < start + count; at++) {
		const byte = text[at] ?? 0;
		const letter = (byte | 0x20) - 0x61;
		const digit = byte >> 3 === 6 || byte >> 1 === 0x1c ? byte & 15 : letter >= 0 && letter < 6 ? letter + 10 : -1;
		if (digit < 0) return -1;
		value = value * 16 + digit;
	}
	return value;
}

function badEscape(text: Uint8Array, at: number, length: number): PickleError {
	const found = decodeLatin1(text, at, Math.min(at + length, text.length));
	return new PickleError("E_TEXT", `bad escape ${quoted(found)} at index ${at} of the text`);
}
