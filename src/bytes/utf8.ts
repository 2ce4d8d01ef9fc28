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
/** An array for each short length: `apply` on an array of just the units is the fastest way to a flat string. */
const exact = Array.from({ length: shortText + 1 }, (_, length) => new Array<number>(length).fill(0));

/**
 * The text of UTF-8 bytes as Python's `surrogatepass` reads it: encoded lone surrogates stay, and so does U+FEFF.
 *
 * @throws PickleError `E_TEXT` for what is not UTF-8, `E_TOO_LARGE` for more than a string holds; both without offset
 */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
	const length = end - start;
	if (length > shortText) return decodeLongUtf8(bytes, start, end);
	const list = exact[length] as number[];
	for (let index = 0; index < length; index++) {
		const byte = bytes[start + index] as number;
		if (byte > 0x7f) return decodeByHand(bytes, start, end);
		list[index] = byte;
	}
	return fromUnits(list);
}

function decodeLongUtf8(bytes: Uint8Array, start: number, end: number): string {
	if (end - start <= maxTextLength) {
		try {
			return decoder.decode(bytes.subarray(start, end));
		} catch {
			// Surrogates, or not UTF-8: the slow way tells.
		}
	}
	return decodeByHand(bytes, start, end);
}

function decodeByHand(bytes: Uint8Array, start: number, end: number): string {
	const builder = new TextBuilder();
	for (let at = start; at < end; ) {
		const code = checkedCodePoint(bytes, at, end, start);
		builder.add(code);
		at += utf8Width(code);
	}
	return builder.finish();
}

/** Where builders gather units; no two are at work at once. */
const units = new Uint16Array(pieceLength);

/** Makes a string of code points, in pieces, and notes surrogate pairs written apart. */
export class TextBuilder {
	private text = "";
	private count = 0;
	private previous = 0;

	/** @throws PickleError `E_TOO_LARGE` */
	add(code: number): void {
		if (this.count > pieceLength - 2) this.text = this.finish();
		if (code > 0xffff) {
			units[this.count++] = 0xd7c0 + (code >> 10);
			units[this.count++] = 0xdc00 | (code & 0x3ff);
		} else {
			units[this.count++] = code;
			if (code >> 10 === 0x37 && this.previous >> 10 === 0x36) decodedText.splitPair = true;
		}
		this.previous = code;
	}

	/** @throws PickleError `E_TOO_LARGE` */
	finish(): string {
		const piece = flatText(units, 0, this.count);
		checkTextLength(this.text.length + this.count);
		this.count = 0;
		return this.text === "" ? piece : this.text + piece;
	}
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
	if (lead < 0xc2 || lead > 0xf4) return -1;
	const width = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	if (at + width > end) return -1;
	let code = lead & (0x7f >> width);
	for (let index = at + 1; index < at + width; index++) {
		const byte = bytes[index] as number;
		if ((byte & 0xc0) !== 0x80) return -1;
		code = (code << 6) | (byte & 0x3f);
	}
	return utf8Width(code) === width && code < 0x110000 ? code : -1;
}

function checkedCodePoint(bytes: Uint8Array, at: number, end: number, start: number): number {
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
	throw new PickleError("E_TOO_LARGE", `a text longer than the ${maxTextLength} characters that a string holds`);
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
 * @throws PickleError `E_TOO_LARGE` for more than a string holds
 */
export function decodeLatin1(bytes: Uint8Array, start: number, end: number): string {
	if (end - start <= shortText) return flatText(bytes, start, end);
	if (isAscii(bytes, start, end)) return decodeUtf8(bytes, start, end);
	checkTextLength(end - start);
	let text = "";
	for (let at = start; at < end; at += pieceLength) text += flatText(bytes, at, Math.min(at + pieceLength, end));
	return text;
}

/** The bytes whose text this is; undefined if a character is above U+00FF. */
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
 * @throws PickleError `E_TEXT` for what is not UTF-8
 */
export function utf8ToLatin1(bytes: Uint8Array): Uint8Array | undefined {
	const latin1 = new Uint8Array(bytes.length - countLeads(bytes));
	let count = 0;
	let lead = 0;
	let more = 0;
	let fault = 0;
	// Without branches, because an array's bytes are as good as random: 0xc2 stands for nothing, 0xc3 for 0x40 more in
	// the next byte, every other byte for itself.
	for (let at = 0; at < bytes.length; at++) {
		const byte = bytes[at] as number;
		const continuation = (byte >> 7) & ~(byte >> 6);
		fault |= lead ^ continuation;
		latin1[count] = byte + more;
		lead = (byte >> 7) ^ continuation;
		more = (lead & byte) << 6;
		fault |= lead * ((byte & 0x3e) ^ 2);
		count += 1 - lead;
	}
	if ((fault | lead) === 0) return latin1;
	for (let at = 0; at < bytes.length; ) at += utf8Width(checkedCodePoint(bytes, at, bytes.length, 0));
	return undefined;
}

/** Bytes that begin a character of several bytes. */
function countLeads(bytes: Uint8Array): number {
	let count = 0;
	for (let at = 0; at < bytes.length; at++) {
		const byte = bytes[at] as number;
		count += (byte >> 7) & (byte >> 6);
	}
	return count;
}
