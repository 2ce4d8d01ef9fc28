/** A way of making text of a pickle, or of its bytes. */
export interface TransportCase {
	readonly name: string;
	/** What it is called. */
	readonly format: string;
	/** The faults that it has, the outermost first. */
	readonly faults: string;
	make(bytes: Uint8Array): Uint8Array;
}

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const wrapped = (text: string, end: string) => text.replace(/.{76}/g, `$&${end}`) + end;
const pairs = (bytes: Uint8Array, between: string, before = "") =>
	Array.from(bytes, (byte) => before + byte.toString(16).padStart(2, "0")).join(between);
const utf16 = (bytes: Uint8Array, isBig: boolean) =>
	Array.from(bytes, (byte) => (isBig ? [0, byte] : [byte, 0])).flat();

/** A literal of these bytes between such quotes, as Python writes them. */
function literal(bytes: Uint8Array, quote: string): string {
	const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
	const body = Array.from(bytes, (byte) => {
		const char = String.fromCharCode(byte);
		if (char === quote[0]) return `\\${char}`;
		return escapes[char] ?? (byte >= 32 && byte < 127 ? char : `\\x${byte.toString(16).padStart(2, "0")}`);
	}).join("");
	return quote + body + quote;
}

const texts: readonly (readonly [name: string, format: string, make: (bytes: Uint8Array) => string])[] = [
	["base64", "base64 text", base64],
	["base64 in lines", "base64 text", (bytes) => wrapped(base64(bytes), "\n")],
	["base64 in lines of Windows", "base64 text", (bytes) => wrapped(base64(bytes), "\r\n")],
	["base64 without padding", "base64 text", (bytes) => base64(bytes).replace(/=+$/, "")],
	["base64 for URLs", "base64 text", (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_")],
	["base64 for URLs, without padding", "base64 text", (bytes) => Buffer.from(bytes).toString("base64url")],
	["base64 in a data: URI", "base64 text", (bytes) => `data:application/octet-stream;base64,${base64(bytes)}`],
	["base64 in quotes", "base64 text", (bytes) => `"${base64(bytes)}"\n`],
	["base64 as bytes of Python", "base64 text", (bytes) => `b'${base64(bytes)}'`],
	["base64 behind a byte order mark", "base64 text", (bytes) => `\xef\xbb\xbf${base64(bytes)}`],
	["hex", "hexadecimal text", (bytes) => pairs(bytes, "")],
	["hex in upper case, with blanks", "hexadecimal text", (bytes) => pairs(bytes, " ").toUpperCase()],
	["hex in lines", "hexadecimal text", (bytes) => wrapped(pairs(bytes, ""), "\n")],
	["hex behind 0x", "hexadecimal text", (bytes) => `0x${pairs(bytes, "")}\n`],
	["hex of PostgreSQL", "hexadecimal text", (bytes) => `\\x${pairs(bytes, "")}`],
	["hex in quotes", "hexadecimal text", (bytes) => `'${pairs(bytes, "")}'`],
	["hex with 0x before each", "hexadecimal text", (bytes) => pairs(bytes, ", ", "0x")],
	["hex with colons", "hexadecimal text", (bytes) => pairs(bytes, ":")],
	["hex behind a byte order mark", "hexadecimal text", (bytes) => `\xef\xbb\xbf${pairs(bytes, "")}`],
	["the repr of bytes", "the repr of bytes", (bytes) => `b${literal(bytes, "'")}`],
	["the repr of bytes, with a line end", "the repr of bytes", (bytes) => `b${literal(bytes, '"')}\r\n`],
	["the repr of a str of Python 2", "the repr of bytes", (bytes) => literal(bytes, "'")],
	["the repr of unicode of Python 2", "the repr of bytes", (bytes) => `u${literal(bytes, '"')}`],
	["a literal of bytes in three quotes", "the repr of bytes", (bytes) => `b${literal(bytes, "'''")}`],
	["the repr of a bytearray", "the repr of bytes", (bytes) => `bytearray(b${literal(bytes, "'")})`],
	["escapes without quotes", "the repr of bytes", (bytes) => literal(bytes, "'").slice(1, -1)],
];

const utf16s: readonly (readonly [name: string, isBig: boolean, mark: readonly number[]])[] = [
	["UTF-16", false, [0xff, 0xfe]],
	["UTF-16, the high byte first", true, [0xfe, 0xff]],
	["UTF-16 without a mark", false, []],
	["UTF-16 without a mark, the high byte first", true, []],
];

const utf16Name = (isBig: boolean) => `UTF-16 text (${isBig ? "big" : "little"}-endian)`;

export const transports: readonly TransportCase[] = [
	...texts.map(([name, format, make]) => ({
		name,
		format,
		faults: "transport-text",
		make: (bytes: Uint8Array) => latin1(make(bytes)),
	})),
	...utf16s.map(([name, isBig, mark]) => ({
		name,
		format: utf16Name(isBig),
		faults: "transport-text",
		make: (bytes: Uint8Array) => Uint8Array.from([...mark, ...utf16(bytes, isBig)]),
	})),
];
