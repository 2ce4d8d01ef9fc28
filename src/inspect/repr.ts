import { byteTexts, escapeCharacter } from "../bytes/repr.ts";
import { printableRuns } from "./printable.ts";

/** The first code point of each run but the first. */
const edges = Uint32Array.from(printableRuns.split(" "), (length) => Number.parseInt(length, 36));
for (let i = 1; i < edges.length; i++) edges[i] = (edges[i] as number) + (edges[i - 1] as number);

/** Whether Python's `repr` shows a code point as it is: `str.isprintable`. */
export function isPrintable(code: number): boolean {
	let low = 0;
	let high = edges.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((edges[middle] as number) <= code) low = middle + 1;
		else high = middle;
	}
	return low % 2 === 1;
}

/** How a character stands in Python's `repr` of a str; quotes as they are. */
export function reprCharacter(code: number): string {
	if (code < 0x80) return byteTexts[code] as string;
	return isPrintable(code) ? String.fromCodePoint(code) : escapeCharacter(code);
}

/** How a character stands in what Python's `ascii` gives; quotes as they are. */
export function asciiCharacter(code: number): string {
	return code < 0x80 ? (byteTexts[code] as string) : escapeCharacter(code);
}
