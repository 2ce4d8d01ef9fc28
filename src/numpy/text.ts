/** Characters of numpy's `U` beyond Unicode's last stand for themselves in no JavaScript string. */
const REPLACEMENT = 0xfffd;

/** The bytes of an `S` item: those at its end that are 0 are padding. */
export function readBytes(memory: Uint8Array, start: number, itemsize: number): Uint8Array {
	let end = start + itemsize;
	while (end > start && memory[end - 1] === 0) end--;
	return memory.slice(start, end);
}

function codePoint(memory: Uint8Array, at: number, isBig: boolean): number {
	let code = 0;
	for (let i = 0; i < 4; i++) code = code * 256 + (memory[isBig ? at + i : at + 3 - i] as number);
	return code;
}

/** The text of a `U` item, four bytes a character, without the zeros at its end. */
export function readText(memory: Uint8Array, start: number, itemsize: number, isBig: boolean): string {
	let end = start + itemsize;
	while (end > start && codePoint(memory, end - 4, isBig) === 0) end -= 4;
	let text = "";
	for (let at = start; at < end; at += 4) {
		const point = codePoint(memory, at, isBig);
		text += String.fromCodePoint(point > 0x10ffff ? REPLACEMENT : point);
	}
	return text;
}

/** Characters as numpy counts them. */
export function textLength(text: string): number {
	let count = 0;
	for (const _ of text) count++;
	return count;
}

/** Puts text into a `U` item; what does not fit is cut off, as numpy does. */
export function writeText(text: string, memory: Uint8Array, start: number, itemsize: number, isBig: boolean): void {
	let at = start;
	for (const character of text) {
		if (at >= start + itemsize) return;
		const point = character.codePointAt(0) as number;
		for (let i = 0; i < 4; i++) memory[at + (isBig ? 3 - i : i)] = (point >>> (8 * i)) & 255;
		at += 4;
	}
}
