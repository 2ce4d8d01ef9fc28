import { decodeUtf8 } from "../../../bytes/utf8.ts";
import { latin1AsUtf8, rawUnicodeEscape, stringLiteral } from "../../../opcodes/lines.ts";
import { readAt, type SizedSource } from "../../diagnosis/window.ts";
import { utf8, wholePart } from "../../text.ts";

/** How the bytes of a payload become those of another form, piece by piece. */
export interface Change {
	/** How many bytes at the end of a piece wait for the next. */
	readonly kept: (bytes: Uint8Array) => number;
	readonly apply: (bytes: Uint8Array) => Uint8Array;
}

const none = () => 0;

/** Bytes at the end that begin a character of UTF-8 which goes on. */
function unfinished(bytes: Uint8Array): number {
	for (let back = 1; back <= 3 && back < bytes.length; back++) {
		const byte = bytes[bytes.length - back] as number;
		const width = byte < 0x80 ? 1 : byte < 0xc0 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
		if (width > 0) return back < width ? back : 0;
	}
	return 0;
}

/** Bytes to the UTF-8 of the text whose characters they are. */
export const toUtf8: Change = { kept: none, apply: latin1AsUtf8 };
/** Bytes to the argument of UNICODE of that text. */
export const bytesToLine: Change = { kept: none, apply: (bytes) => rawUnicodeEscape(bytes, false) };
/** UTF-8 to the argument of UNICODE. */
export const textToLine: Change = { kept: unfinished, apply: escapedText };
/** Bytes to what stands between the quotes of STRING's argument. */
export const bytesToQuoted: Change = {
	kept: none,
	// Both quotes are escaped, as a piece does not know what the others hold.
	apply: (bytes) => (bytes.includes(0x27) ? escapedQuotes(bytes) : stringLiteral(bytes).subarray(1, -1)),
};

function escapedQuotes(bytes: Uint8Array): Uint8Array {
	const parts: Uint8Array[] = [];
	let from = 0;
	for (let at = bytes.indexOf(0x27); at >= 0; at = bytes.indexOf(0x27, from)) {
		parts.push(stringLiteral(bytes.subarray(from, at)).subarray(1, -1), Uint8Array.of(0x5c, 0x27));
		from = at + 1;
	}
	parts.push(stringLiteral(bytes.subarray(from)).subarray(1, -1));
	return joined(parts);
}

/** Surrogates that were written apart stay apart, which no string would keep. */
function escapedText(bytes: Uint8Array): Uint8Array {
	if (!bytes.includes(0xed)) return rawUnicodeEscape(decodeUtf8(bytes, 0, bytes.length), false);
	const parts: Uint8Array[] = [];
	let text = "";
	utf8(wholePart(bytes), (code) => {
		const char = String.fromCodePoint(code);
		if (code >> 11 !== 0x1b) text += char;
		else {
			parts.push(rawUnicodeEscape(text, false), rawUnicodeEscape(char, false));
			text = "";
		}
	});
	parts.push(rawUnicodeEscape(text, false));
	return joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
	const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

const PIECE = 1 << 18;

/** A run of the source's bytes, changed. */
export async function* changedRun(
	source: SizedSource,
	from: number,
	length: number,
	{ kept, apply }: Change,
): AsyncGenerator<Uint8Array, void> {
	const end = from + length;
	for (let at = from; at < end; ) {
		const bytes = await readAt(source, at, Math.min(PIECE, end - at));
		if (bytes.length === 0) return;
		const whole = at + bytes.length < end ? bytes.length - kept(bytes) : bytes.length;
		yield apply(bytes.subarray(0, whole));
		at += whole;
	}
}
