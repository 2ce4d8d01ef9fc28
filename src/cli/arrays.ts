import { reprBytes } from "../bytes/repr.ts";
import { reprScalar } from "../codec/repr.ts";
import { escapeControls } from "../errors.ts";
import { NAT } from "../numpy/datetimes.ts";
import { scalarText, shortest } from "../numpy/format.ts";
import type { NDArray } from "../numpy/ndarray.ts";
import { PyComplex, pythonFloat } from "../values/scalars.ts";
import type { PyValue } from "../values/value.ts";
import { arrayName, arrayTraits } from "./traits.ts";
import { more, shownCount } from "./words.ts";

/** How an array is to be written. */
export interface ArrayLayout {
	/** Characters in which its first line is to fit, and those after it with their own indent. */
	readonly room: number;
	/** All items in all their digits, in place of the first of each axis in eight. */
	readonly full: boolean;
}

/** What printing asks of an array. */
export type ShownArray = Pick<NDArray, "shape" | "dtype" | "size" | "subclass"> & {
	get(...index: readonly number[]): PyValue;
	readonly data: { readonly length: number };
};

/** Words of the items are put in columns if no more than so many are shown. */
const MAX_ALIGNED = 1000;
/** Items of the last axis that are shown. */
const MAX_COLUMNS = 10;

/**
 * The lines of an array as numpy writes it, with its shape and dtype: `array([[1, 2],` and so on, the first with no indent. Arrays
 * of objects are none of its business.
 */
export function* arrayLines(array: ShownArray, layout: ArrayLayout): Generator<string> {
	const open = `${arrayName(array)}(`;
	const close = `${arrayTraits(array)})`;
	let last: string | undefined;
	for (const line of itemLines(array, layout, open)) {
		if (last !== undefined) yield last;
		last = line;
	}
	if ((last as string).length + 2 + close.length <= layout.room) yield `${last}, ${close}`;
	else {
		yield `${last},`;
		yield " ".repeat(open.length) + close;
	}
}

function* itemLines(array: ShownArray, layout: ArrayLayout, open: string): Generator<string> {
	if (array.size === 0) yield `${open}[]`;
	else if (array.shape.length === 0) yield open + itemWord(array, array.get(), layout.full);
	else yield* new Rows(array, isPaidFor(array) ? layout : { ...layout, full: false }, open).lines();
}

/** Whether there is data for all items: those without size can be more than any output holds. */
function isPaidFor({ size, data }: ShownArray): boolean {
	return size <= Math.max(data.length, MAX_ALIGNED);
}

/** How many indexes of an axis are shown. */
export function shownOf(length: number, axis: number, dimensions: number): number {
	if (axis === dimensions - 1) return shownCount(length, MAX_COLUMNS);
	if (dimensions === 2) return shownCount(length, 5);
	return shownCount(length, axis < dimensions - 4 ? 1 : 2);
}

/** Writes the items line by line: a line holds items of one row, along the last axis. */
class Rows {
	readonly #array: ShownArray;
	readonly #layout: ArrayLayout;
	readonly #open: string;
	readonly #shown: readonly number[];
	/** All words have at least so many characters. */
	readonly #wordWidth: number;

	constructor(array: ShownArray, layout: ArrayLayout, open: string) {
		this.#array = array;
		this.#layout = layout;
		this.#open = open;
		const { shape } = array;
		const shown = shape.map((length, axis) => (layout.full ? length : shownOf(length, axis, shape.length)));
		this.#shown = shown;
		const count = shown.reduce((product, length) => product * length, 1);
		const isAligned = shape.length > 1 && count <= MAX_ALIGNED && "biufc".includes(array.dtype.kind);
		this.#wordWidth = isAligned ? this.#widest() : 0;
		if (!layout.full) shown[shape.length - 1] = this.#columns();
	}

	#widest(): number {
		let widest = 0;
		for (const index of this.#rowIndexes())
			for (const word of this.#words(index)) widest = Math.max(widest, word.length);
		return widest;
	}

	/** How many words of the first row fit into a line, with what stands around them; at least three. */
	#columns(): number {
		const { shape } = this.#array;
		const most = this.#shown.at(-1) as number;
		const room = this.#layout.room - this.#open.length - shape.length;
		const widths = [...this.#words(new Array(shape.length - 1).fill(0))].map((word) => word.length + 2);
		const needed = widths.reduce((sum, width) => sum + width, 0);
		if (most === shape.at(-1) && needed <= room) return most;
		let used = "... 1,000,000 more".length;
		let fitting = 0;
		for (const width of widths) {
			used += width;
			if (used <= room) fitting++;
		}
		return Math.max(Math.min(3, most), fitting);
	}

	/** The indexes of all rows that are shown, by all axes but the last. */
	*#rowIndexes(): Generator<number[]> {
		const index = new Array<number>(this.#array.shape.length - 1).fill(0);
		for (;;) {
			yield index;
			let axis = index.length - 1;
			while (axis >= 0 && ++(index[axis] as number) === this.#shown[axis]) index[axis--] = 0;
			if (axis < 0) return;
		}
	}

	*#words(row: readonly number[]): Generator<string> {
		const length = this.#shown.at(-1) as number;
		for (let i = 0; i < length; i++) {
			yield itemWord(this.#array, this.#array.get(...row, i), this.#layout.full).padStart(this.#wordWidth);
		}
	}

	*lines(): Generator<string> {
		const { shape } = this.#array;
		const dimensions = shape.length;
		const hanging = " ".repeat(this.#open.length);
		let before = this.#open + "[".repeat(dimensions);
		for (const index of this.#rowIndexes()) {
			const ended = this.#endedAxes(index);
			const after = `${this.#more(dimensions - 1)}]`;
			const lines = [...this.#rowLines(index, before, hanging + " ".repeat(dimensions))];
			const tail = lines.pop() as string;
			yield* lines;
			let line = tail + after;
			for (let axis = dimensions - 2; axis >= dimensions - 1 - ended; axis--) {
				const more = this.#more(axis);
				if (more) {
					yield `${line},`;
					line = hanging + " ".repeat(axis + 1) + more.slice(2);
				}
				line += "]";
			}
			yield ended === dimensions - 1 ? line : `${line},`;
			before = hanging + " ".repeat(dimensions - ended - 1) + "[".repeat(ended + 1);
		}
	}

	/** The words of one row, in as many lines as they need. */
	*#rowLines(index: readonly number[], before: string, hanging: string): Generator<string> {
		let line = before;
		let isFirst = true;
		for (const word of this.#words(index)) {
			const separator = isFirst ? "" : ", ";
			if (!isFirst && line.length + 2 + word.length > this.#layout.room) {
				yield `${line},`;
				line = hanging + word;
			} else line += separator + word;
			isFirst = false;
		}
		yield line;
	}

	/** How many axes, from the second last on, end with this row. */
	#endedAxes(index: readonly number[]): number {
		let ended = 0;
		while (
			ended < index.length &&
			index[index.length - 1 - ended] === (this.#shown[index.length - 1 - ended] as number) - 1
		) {
			ended++;
		}
		return ended;
	}

	/** What tells of the indexes of an axis that are not shown. */
	#more(axis: number): string {
		const left = (this.#array.shape[axis] as number) - (this.#shown[axis] as number);
		return left > 0 ? `, ${more(left)}` : "";
	}
}

/** Bytes of a raw item that are shown. */
const MAX_RAW = 16;

function itemWord({ dtype }: ShownArray, item: PyValue, full: boolean): string {
	if (item instanceof Uint8Array) {
		return item.length <= MAX_RAW || full ? reprBytes(item) : `${reprBytes(item.subarray(0, MAX_RAW))}...`;
	}
	if (dtype.kind === "M" || item === NAT) return `'${scalarText(item, dtype)}'`;
	if (dtype.fields) return scalarText(item, dtype);
	if (full || !"fc".includes(dtype.kind))
		return dtype.kind === "f" || dtype.kind === "c" ? scalarText(item, dtype) : simple(item);
	if (item instanceof PyComplex)
		return String(new PyComplex(rounded(item.re, dtype.code), rounded(item.im, dtype.code)));
	return typeof item === "number" ? pythonFloat(rounded(item, dtype.code)) : simple(item);
}

function simple(item: PyValue): string {
	return reprScalar(item) ?? escapeControls(String(item));
}

/** A float in at most eight digits. */
function rounded(value: number, code: string): number {
	const exact = shortest(value, code);
	return Number.isFinite(exact) && exact !== 0 ? Number(exact.toPrecision(8)) : exact;
}
