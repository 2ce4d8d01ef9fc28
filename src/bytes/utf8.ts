import { PickleError } from "../errors.ts";

/**
 * What the texts decoded so far held. `splitPair` is set, and never cleared, by `decodeUtf8` and
 * `decodeRawUnicodeEscape` when a high and a low surrogate were written apart: JavaScript joins the two to the astral
 * character, which is another Python str. Clear it before, look after.
 */
export const decodedText: { splitPair: boolean } = { splitPair: false };

/** UTF-16 units that one string holds at most: V8's limit, the lowest of the engines'. */
const maxTextLength = 2 ** 29 - 24;
/** Bytes up to which a loop beats TextDecoder. */
const shortText = 32;
/** Units handed to one `String.fromCharCode`; every engine takes 65,535 arguments. */
const pieceLength = 8192;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
/** Where units are gathered; no two texts are in the making at once. */
const units = new Uint16Array(pieceLength);
/** An array for each short length: `apply` on an array of just the units is the fastest way to a flat string. */
const exact = Array.from({ length: shortText + 1 }, (_, length) => new Array<number>(length).fill(0));

/**
 * The text of UTF-8 bytes as Python's `surrogatepass` reads it: encoded lone surrogates stay, and so does U+FEFF.
 *
 * @throws PickleError `E_TEXT` for what is not UTF-8, `E_TOO_LARGE` for more than a string holds; both without offset
 */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
	const length = end - start;
	if (length > shortText) return decodeLongText(bytes, start, end);
	const list = exact[length] as number[];
	for (let index = 0; index < length; index++) {
		const byte = bytes[start + index] as number;
		if (byte > 0x7f) return decodeShortText(bytes, start, end);
		list[index] = byte;
	}
	return fromUnits(list);
}

/** The text of at most 32 bytes if they are ASCII: checked and copied in one pass, 1.1x on W12. */
export function decodeShortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
	const list = exact[end - start];
	if (list === undefined) return undefined;
	for (let index = 0; index < list.length; index++) {
		const byte = bytes[start + index] as number;
		if (byte > 0x7f) return undefined;
		list[index] = byte;
	}
	return fromUnits(list);
}

function decodeShortText(bytes: Uint8Array, start: number, end: number): string {
	let count = 0;
	for (let at = start; at < end; ) {
		const code = codePointAt(bytes, at, end);
		if (code < 0 || isSurrogate(code)) return decodeByHand(bytes, start, end);
		count = putUnits(code, count);
		at += utf8Width(code);
	}
	return flatText(units, 0, count);
}

function decodeLongText(bytes: Uint8Array, start: number, end: number): string {
	if (end - start > maxTextLength) checkTextLength(end - start - countTop(bytes, start, end, 0x80));
	try {
		return decoder.decode(bytes.subarray(start, end));
	} catch {
		// A surrogate, not UTF-8 at all, shared memory in a browser, or too many astral characters: the slow way tells.
		return decodeByHand(bytes, start, end);
	}
}

function decodeByHand(bytes: Uint8Array, start: number, end: number): string {
	const builder = new TextBuilder();
	for (let at = start; at < end; ) {
		const code = checkedCodePointAt(bytes, at, end, start);
		builder.add(code);
		at += utf8Width(code);
	}
	return builder.finish();
}

/** Makes a string of code points, in pieces, and notes surrogate pairs written apart. */
export class TextBuilder {
	#text = "";
	#count = 0;
	#previous = 0;

	/** @throws PickleError `E_TOO_LARGE` */
	add(code: number): void {
		if (this.#count > pieceLength - 2) this.#text = this.finish();
		if (code >> 10 === 0x37 && this.#previous >> 10 === 0x36) decodedText.splitPair = true;
		this.#count = putUnits(code, this.#count);
		this.#previous = code;
	}

	/** @throws PickleError `E_TOO_LARGE` */
	finish(): string {
		checkTextLength(this.#text.length + this.#count);
		const piece = flatText(units, 0, this.#count);
		this.#count = 0;
		return this.#text + piece;
	}
}

/** Puts a code point's units after the first `count`; how many there are then. */
function putUnits(code: number, count: number): number {
	if (code < 0x10000) {
		units[count] = code;
		return count + 1;
	}
	units[count] = 0xd7c0 + (code >> 10);
	units[count + 1] = 0xdc00 | (code & 0x3ff);
	return count + 2;
}

/** The string of at most `pieceLength` units. */
function flatText(list: Uint16Array | Uint8Array, start: number, end: number): string {
	const short = exact[end - start];
	if (short === undefined) return fromUnits(list.subarray(start, end));
	for (let index = 0; index < short.length; index++) short[index] = list[start + index] as number;
	return fromUnits(short);
}

function fromUnits(list: ArrayLike<number>): string {
	return String.fromCharCode.apply(null, list as number[]);
}

/** The code point whose UTF-8 begins at `at`, a surrogate too; -1 where there is none. */
function codePointAt(bytes: Uint8Array, at: number, end: number): number {
	const lead = bytes[at] as number;
	if (lead < 0x80) return lead;
	// A continuation byte is below 0x40 once its top bit is flipped.
	const one = (at + 1 < end ? (bytes[at + 1] as number) : 0) ^ 0x80;
	if (lead < 0xe0) return lead < 0xc2 || one > 0x3f ? -1 : ((lead & 0x1f) << 6) | one;
	const two = (at + 2 < end ? (bytes[at + 2] as number) : 0) ^ 0x80;
	if (lead < 0xf0) {
		const code = ((lead & 0x0f) << 12) | (one << 6) | two;
		return (one | two) > 0x3f || code < 0x800 ? -1 : code;
	}
	const three = (at + 3 < end ? (bytes[at + 3] as number) : 0) ^ 0x80;
	const code = ((lead & 0x0f) << 18) | (one << 12) | (two << 6) | three;
	return (one | two | three) > 0x3f || code < 0x10000 || code > 0x10ffff ? -1 : code;
}

/** @throws PickleError `E_TEXT` where there is none */
function checkedCodePointAt(bytes: Uint8Array, at: number, end: number, start: number): number {
	const code = codePointAt(bytes, at, end);
	if (code >= 0) return code;
	const byte = (bytes[at] as number).toString(16);
	throw new PickleError("E_TEXT", `not UTF-8: byte 0x${byte} at index ${at - start} of the text`);
}

function utf8Width(code: number): number {
	if (code < 0x80) return 1;
	if (code < 0x800) return 2;
	return code < 0x10000 ? 3 : 4;
}

function isSurrogate(code: number): boolean {
	return code >> 11 === 0x1b;
}

function checkTextLength(length: number): void {
	if (length <= maxTextLength) return;
	throw new PickleError(
		"E_TOO_LARGE",
		`a text longer than the ${maxTextLength} characters that a string holds; readPickle takes it`,
	);
}

/** How many bytes have these two top bits: 0x80 is a continuation, 0xc0 a lead. Without branches, see `utf8ToLatin1`. */
function countTop(bytes: Uint8Array, start: number, end: number, top: number): number {
	let count = 0;
	for (let at = start; at < end; at++) count -= ((((bytes[at] as number) ^ top) >> 6) - 1) >> 31;
	return count;
}

/** Whether bytes are strict UTF-8: no surrogates, no overlong forms. */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
	for (let at = start; at < end; ) {
		const code = codePointAt(bytes, at, end);
		if (code < 0 || isSurrogate(code)) return false;
		at += utf8Width(code);
	}
	return true;
}

/** Whether all bytes are below 0x80. */
export function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
	for (let at = start; at < end; at++) if ((bytes[at] as number) > 0x7f) return false;
	return true;
}

/** The UTF-8 of a text as Python's `surrogatepass` writes it: lone surrogates as three bytes. */
export function encodeUtf8(text: string): Uint8Array {
	const bytes = encoder.encode(text);
	if (!/\p{Cs}/u.test(text)) return bytes;
	let at = 0;
	for (const char of text) {
		const code = char.codePointAt(0) as number;
		// The encoder put U+FFFD there, which has three bytes too.
		if (isSurrogate(code)) bytes.set([0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)], at);
		at += utf8Width(code);
	}
	return bytes;
}

/**
 * The text whose characters are the bytes.
 *
 * @throws PickleError `E_TOO_LARGE` for more than a string holds; without offset
 */
export function decodeLatin1(bytes: Uint8Array, start: number, end: number): string {
	if (end - start <= shortText) return flatText(bytes, start, end);
	checkTextLength(end - start);
	if (isAscii(bytes, start, end)) return decodeLongText(bytes, start, end);
	let text = "";
	for (let at = start; at < end; at += pieceLength) text += flatText(bytes, at, Math.min(at + pieceLength, end));
	return text;
}

/** The bytes whose text is this; undefined if a character is above U+00FF. */
export function encodeLatin1(text: string): Uint8Array | undefined {
	const bytes = new Uint8Array(text.length);
	for (let index = 0; index < bytes.length; index++) {
		const code = text.charCodeAt(index);
		if (code > 0xff) return undefined;
		bytes[index] = code;
	}
	return bytes;
}

/**
 * From UTF-8 to the Latin-1 of the same text, without a string between: so Python 3 writes arrays at protocols 0 to 2.
 *
 * @returns undefined if a character is above U+00FF
 * @throws PickleError `E_TEXT` for what is not UTF-8; without offset
 */
export function utf8ToLatin1(bytes: Uint8Array): Uint8Array | undefined {
	const latin1 = new Uint8Array(bytes.length - countTop(bytes, 0, bytes.length, 0xc0));
	let at = 0;
	let faults = 0;
	// Without branches, because an array's bytes are as good as random. A lead is 0xc2, and its continuation stands for
	// itself, or 0xc3, which adds 0x40 to that.
	for (let index = 0; index < latin1.length; index++) {
		const first = bytes[at] as number;
		const isLead = first >> 7;
		at += isLead;
		const last = bytes[at++] as number;
		faults |= isLead * (((first & 0xfe) ^ 0xc2) | ((last & 0xc0) ^ 0x80));
		latin1[index] = last | ((first & isLead) << 6);
	}
	if (faults === 0 && at === bytes.length) return latin1;
	for (at = 0; at < bytes.length; ) at += utf8Width(checkedCodePointAt(bytes, at, bytes.length, 0));
	return undefined;
}
