/** What a text holds that decides which quotes stand around it. */
export interface Quotes {
	single: boolean;
	double: boolean;
}

function hex(code: number, digits: number): string {
	return code.toString(16).padStart(digits, "0");
}

/** A character as an escape of Python's string literals. */
export function escapeCharacter(code: number): string {
	if (code === 9) return "\\t";
	if (code === 10) return "\\n";
	if (code === 13) return "\\r";
	if (code < 0x100) return `\\x${hex(code, 2)}`;
	return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

/** How the characters of bytes stand in Python's `repr`; quotes as they are. */
export const byteTexts: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
	if (byte === 0x5c) return "\\\\";
	return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : escapeCharacter(byte);
});

/** Bytes without the quotes around them; notes which they hold. */
export function bytesBody(bytes: Uint8Array, start: number, end: number, quotes: Quotes): string {
	let text = "";
	for (let at = start; at < end; at++) {
		const byte = bytes[at] as number;
		text += byteTexts[byte];
		if (byte === 0x27) quotes.single = true;
		else if (byte === 0x22) quotes.double = true;
	}
	return text;
}

/** The quote that Python puts around a text. */
export function quoteAround({ single, double }: Quotes): string {
	return single && !double ? '"' : "'";
}

/** A part of a text as it stands between the quotes; `always` as in a bytearray, where Python escapes more than it must. */
export function escapeQuotes(body: string, { single, double }: Quotes, always = false): string {
	return single && (double || always) ? body.replaceAll("'", "\\'") : body;
}

/** Bytes as Python's `repr` writes them: `b'PK\x03\x04'`. */
export function reprBytes(bytes: Uint8Array): string {
	const quotes = { single: false, double: false };
	const body = bytesBody(bytes, 0, bytes.length, quotes);
	return `b${inQuotes(body, quotes)}`;
}

/** A text in the quotes that Python takes for it. */
export function inQuotes(body: string, quotes: Quotes): string {
	const quote = quoteAround(quotes);
	return quote + escapeQuotes(body, quotes) + quote;
}
