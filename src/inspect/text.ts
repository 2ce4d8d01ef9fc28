import { decodeEscape } from "../bytes/escapes.ts";
import { PickleError } from "../errors.ts";

/** A part of an argument. */
export interface Part {
	readonly bytes: Uint8Array;
	readonly start: number;
	readonly end: number;
	/** Whether the argument ends with it; else what is not whole at its end is left for the next part. */
	readonly final: boolean;
	/** Where the part starts in the argument, in bytes. */
	readonly at: number;
}

/** All of an argument. */
export function wholePart(bytes: Uint8Array): Part {
	return { bytes, start: 0, end: bytes.length, final: true, at: 0 };
}

/**
 * Gives the characters of a part, as code points, to `take`; a surrogate is one. Returns the index up to which it has read.
 * @throws PickleError E_TEXT with what Python says, without offset
 */
export type TextDecoding = (part: Part, take: (code: number) => void) => number;

function textError(text: string): PickleError {
	return new PickleError("E_TEXT", text);
}

/** Bytes as Latin-1. */
export const latin1: TextDecoding = ({ bytes, start, end }, take) => {
	for (let at = start; at < end; at++) take(bytes[at] as number);
	return end;
};

/** What UTF-8 begins at a place: a code point, or the negative number of bytes that are wrong; 0 if more bytes are needed. */
function utf8At(bytes: Uint8Array, at: number, end: number): number {
	const lead = bytes[at] as number;
	if (lead < 0xc2 || lead > 0xf4) return -1;
	const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	let code = lead & (0x7f >> size);
	for (let i = 1; i < size; i++) {
		if (at + i >= end) return 0;
		const byte = bytes[at + i] as number;
		if (byte >> 6 !== 2 || (i === 1 && isOutOfRange(lead, byte))) return -i;
		code = (code << 6) | (byte & 0x3f);
	}
	return code;
}

/** Whether a second byte would make an overlong form, a surrogate or more than U+10FFFF. */
function isOutOfRange(lead: number, second: number): boolean {
	if (lead === 0xe0) return second < 0xa0;
	if (lead === 0xed) return second > 0x9f;
	if (lead === 0xf0) return second < 0x90;
	return lead === 0xf4 && second > 0x8f;
}

/** The surrogate whose three bytes stand at a place, as `surrogatepass` reads them; 0 if there is none. */
function surrogateAt(bytes: Uint8Array, at: number, end: number): number {
	if (bytes[at] !== 0xed || at + 2 >= end) return 0;
	const [second, third] = [bytes[at + 1] as number, bytes[at + 2] as number];
	if (second >> 5 !== 5 || third >> 6 !== 2) return 0;
	return 0xd000 | ((second & 0x3f) << 6) | (third & 0x3f);
}

function utf8Error(bytes: Uint8Array, at: number, position: number, wrong: number, end: number): PickleError {
	const lead = bytes[at] as number;
	const isStart = wrong === 1 && (lead < 0xc2 || lead > 0xf4);
	const count = wrong === 0 ? end - at : wrong;
	const why = wrong === 0 ? "unexpected end of data" : isStart ? "invalid start byte" : "invalid continuation byte";
	const what =
		count === 1
			? `byte 0x${lead.toString(16).padStart(2, "0")} in position ${position}`
			: `bytes in position ${position}-${position + count - 1}`;
	return textError(`'utf-8' codec can't decode ${what}: ${why}`);
}

function utf8Decoding(passesSurrogates: boolean): TextDecoding {
	return ({ bytes, start, end, final, at: offset }, take) => {
		let at = start;
		while (at < end) {
			const lead = bytes[at] as number;
			const code = lead < 0x80 ? lead : utf8At(bytes, at, end);
			if (code > 0) {
				take(code);
				at += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
			} else if (lead === 0) {
				take(0);
				at++;
			} else {
				const surrogate = passesSurrogates ? surrogateAt(bytes, at, end) : 0;
				if (surrogate > 0) {
					take(surrogate);
					at += 3;
				} else if (!final && end - at < 4) return at;
				else throw utf8Error(bytes, at, offset + at - start, -code, end);
			}
		}
		return at;
	};
}

/** UTF-8 with surrogates: Python's `surrogatepass`. */
export const utf8: TextDecoding = utf8Decoding(true);
export const strictUtf8: TextDecoding = utf8Decoding(false);

const backslash = 0x5c;

/** The argument of UNICODE: Python's `raw-unicode-escape`. */
export const rawUnicodeEscape: TextDecoding = ({ bytes, start, end, final, at: offset }, take) => {
	for (let at = start; at < end; ) {
		if (bytes[at] !== backslash) {
			take(bytes[at++] as number);
			continue;
		}
		const name = at + 1 < end ? bytes[at + 1] : undefined;
		const digits = name === 0x75 ? 4 : name === 0x55 ? 8 : 0;
		if (!final && at + 2 + digits > end) return at;
		if (digits === 0) {
			take(backslash);
			if (name !== undefined) take(name);
			at += name === undefined ? 1 : 2;
			continue;
		}
		take(unicodeEscape(bytes, at, Math.min(end, at + 2 + digits), digits, offset + at - start));
		at += 2 + digits;
	}
	return end;
};

function unicodeEscape(bytes: Uint8Array, at: number, end: number, digits: number, position: number): number {
	let stop = at + 2;
	let code = 0;
	for (; stop < end; stop++) {
		const digit = Number.parseInt(String.fromCharCode(bytes[stop] as number), 16);
		if (Number.isNaN(digit)) break;
		code = code * 16 + digit;
	}
	const isWhole = stop === at + 2 + digits;
	if (isWhole && code <= 0x10ffff) return code;
	const why = isWhole ? "\\Uxxxxxxxx out of range" : `truncated \\${digits === 4 ? "uXXXX" : "UXXXXXXXX"} escape`;
	const what = `bytes in position ${position}-${position + stop - at - 1}`;
	throw textError(`'rawunicodeescape' codec can't decode ${what}: ${why}`);
}

/** The most bytes of an escape in STRING's argument. */
const ESCAPE = 4;

/** What lies between the quotes of STRING's argument: escapes as in Python's bytes literals. */
export const byteEscapes: TextDecoding = ({ bytes, start, end, final, at: offset }, take) => {
	const last = final ? end : end - ESCAPE;
	let at = start;
	while (at < end) {
		const byte = bytes[at] as number;
		if (byte !== backslash) {
			take(byte);
			at++;
			continue;
		}
		if (at > last) return at;
		const found = decodeEscape(bytes, at + 1, end);
		if (found < 0) {
			const isTrailing = at + 1 === end;
			throw textError(isTrailing ? "Trailing \\ in string" : `invalid \\x escape at position ${offset + at - start}`);
		}
		take((found >> 2) & 0xff);
		at += 1 + (found & 3);
	}
	return at;
};

/** The bytes that a whole argument stands for. */
export function unescaped(bytes: Uint8Array): Uint8Array {
	const found = new Uint8Array(bytes.length);
	let count = 0;
	byteEscapes(wholePart(bytes), (code) => {
		found[count++] = code;
	});
	return found.subarray(0, count);
}
