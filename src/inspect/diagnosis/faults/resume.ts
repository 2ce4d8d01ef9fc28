import { instructionBytes } from "../../../opcodes/input.ts";
import { type ArgumentKind, opcodeOf } from "../../../opcodes/table.ts";
import { type Reader, readAt } from "../window.ts";

/** Opcodes that read one after another where a payload may have ended, and behind damage, for that to be believed. */
const BELIEVED = 3;
const RESUMED = 16;
/** How far behind damage opcodes are sought. */
const MAX_DAMAGE = 4096;

/** Whether the bytes from an offset on read as opcodes, a few of them or up to the STOP that ends the file. */
export async function continuesAt({ source }: Reader, offset: number): Promise<boolean> {
	const bytes = await readAt(source, offset, Math.min(4096, source.size - offset));
	return readsOn(bytes, 0, BELIEVED, offset + bytes.length === source.size);
}

/**
 * From where on behind damage the rest reads as opcodes again: many of them, or up to the STOP that ends the file. Undefined if
 * that is nowhere near.
 */
export async function resumesAt({ source }: Reader, offset: number): Promise<number | undefined> {
	const bytes = await readAt(source, offset, Math.min(1 << 16, source.size - offset));
	const [place] = resumptions(bytes, offset + bytes.length === source.size);
	return place === undefined ? undefined : offset + place;
}

/** All such places behind the first of the bytes. */
export function* resumptions(bytes: Uint8Array, isEnd: boolean): Generator<number, void> {
	for (let at = 1; at < Math.min(MAX_DAMAGE, bytes.length); at++) {
		if (readsOn(bytes, at, RESUMED, isEnd)) yield at;
	}
}

/**
 * Whether instructions, all of opcodes that `may` be, follow each other from a place on up to the bytes' end, or the last of them
 * beyond if that `mayGoOn`.
 */
export function readsUpTo(
	bytes: Uint8Array,
	from: number,
	mayGoOn: boolean,
	may: (code: number) => boolean = () => true,
): boolean {
	let at = from;
	while (at < bytes.length) {
		const row = opcodeOf(bytes[at] as number);
		if (row === undefined || !may(row.code)) return false;
		at = instructionEnd(bytes, at, row.argument);
	}
	return mayGoOn || at === bytes.length;
}

/** Whether so many opcodes follow each other from a place on, or fewer up to a STOP at the bytes' end. */
function readsOn(bytes: Uint8Array, from: number, wanted: number, isEnd: boolean): boolean {
	let at = from;
	for (let count = 0; count < wanted; count++) {
		const row = opcodeOf(bytes[at] ?? 0);
		if (row === undefined) return false;
		const end = instructionEnd(bytes, at, row.argument);
		if (row.name === "STOP") return isEnd && end === bytes.length;
		if (end > bytes.length) return false;
		at = end;
	}
	return true;
}

/** Where an instruction ends; beyond the bytes if they do not hold it. */
function instructionEnd(bytes: Uint8Array, at: number, argument: ArgumentKind): number {
	const fixed = at + (instructionBytes[bytes[at] as number] as number);
	if (argument.endsWith("line") || argument === "two lines") {
		const first = bytes.indexOf(10, at);
		const last = first < 0 || argument !== "two lines" ? first : bytes.indexOf(10, first + 1);
		return last < 0 ? Number.POSITIVE_INFINITY : last + 1;
	}
	if (/^(long|string|bytes|text)1$/.test(argument)) return fixed + (bytes[at + 1] ?? 0);
	if (!/^(long|string|bytes|text)4$/.test(argument)) return fixed;
	const [low = 0, second = 0, third = 0, high = 0] = bytes.subarray(at + 1, at + 5);
	return fixed + low + second * 256 + third * 65_536 + high * 2 ** 24;
}
