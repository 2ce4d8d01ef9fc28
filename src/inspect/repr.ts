import { byteTexts, escapeCharacter } from "../bytes/repr.ts";
import { isPrintable } from "./printable.ts";

/** How a character stands in Python's `repr` of a str; quotes as they are. */
export function reprCharacter(code: number): string {
	if (code < 0x80) return byteTexts[code] as string;
	return isPrintable(code) ? String.fromCodePoint(code) : escapeCharacter(code);
}

/** How a character stands in what Python's `ascii` gives; quotes as they are. */
export function asciiCharacter(code: number): string {
	return code < 0x80 ? (byteTexts[code] as string) : escapeCharacter(code);
}
