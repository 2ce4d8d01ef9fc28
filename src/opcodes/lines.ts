import { encodeLatin1 } from "../bytes/utf8.ts";

const backslash = 0x5c;
/** Quotes. */
export const [SINGLE, DOUBLE] = [0x27, 0x22];
const hexDigits = encodeLatin1("0123456789abcdef") as Uint8Array;

/** Bytes that are added up one by one. */
class Line {
	#bytes: Uint8Array;
	#length = 0;

	constructor(expected: number) {
		this.#bytes = new Uint8Array(expected + 16);
	}

	add(byte: number): void {
		if (this.#length === this.#bytes.length) {
			const grown = new Uint8Array(this.#length * 2);
			grown.set(this.#bytes);
			this.#bytes = grown;
		}
		this.#bytes[this.#length++] = byte;
	}

	/** A backslash, a letter and so many hexadecimal digits. */
	addEscape(letter: number, code: number, digits: number): void {
		this.add(backslash);
		this.add(letter);
		for (let shift = 4 * (digits - 1); shift >= 0; shift -= 4) this.add(hexDigits[(code >>> shift) & 15] as number);
	}

	finish(): Uint8Array {
		return this.#bytes.slice(0, this.#length);
	}
}

/**
 * The argument of UNICODE, without line feed: Python's `raw-unicode-escape`, in which pickles escape backslashes and line feeds
 * too, and those of Python 3 also NUL, CR and 0x1a. Bytes stand for the characters of their codes.
 */
export function rawUnicodeEscape(text: string | Uint8Array, python2: boolean): Uint8Array {
	const line = new Line(text.length);
	for (let i = 0; i < text.length; i++) {
		let code = typeof text === "string" ? (text.codePointAt(i) as number) : (text[i] as number);
		if (code >= 0x10000) {
			line.addEscape(0x55, code, 8);
			i++;
			continue;
		}
		code &= 0xffff;
		const breaks = code === backslash || code === 10 || (!python2 && (code === 0 || code === 13 || code === 0x1a));
		if (code > 0xff || breaks) line.addEscape(0x75, code, 4);
		else line.add(code);
	}
	return line.finish();
}

/** The argument of STRING, without line feed: `repr` of Python 2's str. */
export function stringLiteral(bytes: Uint8Array): Uint8Array {
	const quote = bytes.includes(SINGLE) && !bytes.includes(DOUBLE) ? DOUBLE : SINGLE;
	const line = new Line(bytes.length + 2);
	line.add(quote);
	addEscaped(line, bytes, quote);
	line.add(quote);
	return line.finish();
}

/** What lies between the quotes of a str. */
export function escapedStr(bytes: Uint8Array, quote: number): Uint8Array {
	const line = new Line(bytes.length);
	addEscaped(line, bytes, quote);
	return line.finish();
}

function addEscaped(line: Line, bytes: Uint8Array, quote: number): void {
	for (const byte of bytes) {
		const letter = byte === 9 ? 0x74 : byte === 10 ? 0x6e : byte === 13 ? 0x72 : 0;
		if (byte === quote || byte === backslash || letter > 0) {
			line.add(backslash);
			line.add(letter || byte);
		} else if (byte < 0x20 || byte >= 0x7f) line.addEscape(0x78, byte, 2);
		else line.add(byte);
	}
}

/** The UTF-8 of the text whose characters are these bytes. */
export function latin1AsUtf8(bytes: Uint8Array): Uint8Array {
	let high = 0;
	for (let i = 0; i < bytes.length; i++) high += (bytes[i] as number) >> 7;
	// Not the caller's memory: what is large is written last, and may have changed by then.
	if (high === 0) return bytes.slice();
	const utf8 = new Uint8Array(bytes.length + high);
	let at = 0;
	for (let i = 0; i < bytes.length; i++) {
		const byte = bytes[i] as number;
		if (byte < 0x80) utf8[at++] = byte;
		else {
			utf8[at++] = 0xc0 | (byte >> 6);
			utf8[at++] = 0x80 | (byte & 0x3f);
		}
	}
	return utf8;
}
