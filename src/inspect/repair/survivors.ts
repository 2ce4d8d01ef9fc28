import type { ArrayHead } from "../diagnosis/arrays.ts";

/** What is left of an array of which only the first bytes are there. */
export interface Survivors {
	readonly shape: readonly number[];
	/** Whole elements of the array that are there. */
	readonly kept: number;
	readonly of: number;
	/** Elements that fill the last row up. */
	readonly filled: number;
	/** Bytes of the elements kept, and bytes that follow them. */
	readonly bytes: number;
	readonly filling: Uint8Array;
	/** What the elements that fill it up are, in a word. */
	readonly filledWith: string;
}

/** A row that was begun is filled up if that takes no more bytes than are there; of few bytes more, of many less. */
const LEAST_FILLED = 4096;
const MOST_FILLED = 1 << 24;

/**
 * The shape that holds all whole elements which are there: cut along the axis that is outermost in storage, its last row filled up
 * with NaN or zeros; where more would be filled than is there, one axis of them all.
 */
export function survivorsOf({ shape, dtype, fortran }: ArrayHead, found: number): Survivors | undefined {
	const of = shape.reduce((all, length) => all * length, 1);
	const { itemsize } = dtype;
	if (shape.length === 0 || itemsize === 0 || !Number.isSafeInteger(of)) return undefined;
	const kept = Math.min(of, Math.floor(found / itemsize));
	const outermost = fortran ? shape.length - 1 : 0;
	const row = shape.reduce((all, length, axis) => (axis === outermost ? all : all * length), 1);
	const rows = row === 0 ? 0 : Math.ceil(kept / row);
	const filled = rows * row - kept;
	const bytes = kept * itemsize;
	const filledWith = fillingText(dtype);
	if (filled * itemsize > Math.max(Math.min(bytes, MOST_FILLED), LEAST_FILLED)) {
		const line = shape.map((_, axis) => (axis === outermost ? kept : 1));
		return { shape: line, kept, of, filled: 0, bytes, filling: new Uint8Array(0), filledWith };
	}
	const cut = shape.map((length, axis) => (axis === outermost ? rows : length));
	return { shape: cut, kept, of, filled, bytes, filling: fillingOf(dtype, filled), filledWith };
}

const blanks: Partial<Record<string, string>> = {
	b: "False",
	S: "empty text",
	U: "empty text",
	M: "NaT",
	m: "NaT",
	V: "zero bytes",
};

function fillingText({ kind, itemsize, hasObject }: ArrayHead["dtype"]): string {
	if (hasObject) return "None";
	const isFloat = kind === "f" || kind === "c";
	if (isFloat && quietNaN(kind === "c" ? itemsize / 2 : itemsize)) return "NaN";
	return blanks[kind] ?? "0";
}

function fillingOf({ kind, itemsize, byteOrder }: ArrayHead["dtype"], count: number): Uint8Array {
	const filling = new Uint8Array(count * itemsize);
	const width = kind === "c" ? itemsize / 2 : itemsize;
	const nan = kind === "f" || kind === "c" ? quietNaN(width) : kind === "M" || kind === "m" ? [...notATime] : undefined;
	if (nan === undefined) return filling;
	if (byteOrder === ">") nan.reverse();
	for (let at = 0; at < filling.length; at += nan.length) filling.set(nan, at);
	return filling;
}

/** NaT of datetime64 and timedelta64: the least number of 64 bits. */
const notATime: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0x80];

/** NaN of 2, 4 or 8 bytes; undefined for others, which numpy has by platform. */
function quietNaN(width: number): number[] | undefined {
	const tops: Partial<Record<number, readonly [number, number]>> = {
		2: [0x00, 0x7e],
		4: [0xc0, 0x7f],
		8: [0xf8, 0x7f],
	};
	const top = tops[width];
	return top && [...new Array<number>(width - 2).fill(0), ...top];
}
