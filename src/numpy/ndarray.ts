import { PickleError } from "../errors.ts";
import { compositeParts } from "../values/equality.ts";
import type { PyGlobal } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";
import { type DType, shapeText } from "./dtype.ts";
import { type Layout, layoutOf, type NDArrayData } from "./elements.ts";
import { arrayRepr, arrayText } from "./format.ts";

/** numpy 2's most dimensions. */
export const MAX_DIMENSIONS = 64;

/** The most items or arrays that are made where the data has not paid for them, as of `S0` or of shape (n, 0). */
const MAX_UNPAID = 2 ** 20;

/** The most items of one Array: engines die a little above. */
const MAX_ITEMS = 100_000_000;

/**
 * Which part of an axis a view takes: a number picks one index and drops the axis, null takes all of it, and
 * `[start, stop, step]` is Python's `start:stop:step`, each part of which may be null or left out.
 */
export type AxisSlice = number | null | readonly [start?: number | null, stop?: number | null, step?: number | null];

/** numpy's array. Indexes, strides and offsets count items, also where an item is several elements of `data`. */
export class NDArray {
	/** Bundlers rename classes. */
	static readonly name: string = "NDArray";

	/**
	 * The memory, which views share: a typed array; `BigInt64Array` and `BigUint64Array` for 64-bit ints, `Uint16Array` for
	 * float16, `Uint8Array` for bool, pairs of floats for complex, a plain Array for objects, else raw bytes.
	 */
	readonly data: NDArrayData;
	readonly dtype: DType;
	readonly shape: readonly number[];
	/** How many items lie between neighbours along each axis. */
	readonly strides: readonly number[];
	/** The item of `data` at index 0, 0, ... */
	readonly offset: number;
	/** The class, if the pickle names another one than numpy.ndarray: `numpy.matrix`. */
	readonly subclass: PyGlobal | undefined;
	/** The state as the pickle has it, if the subclass adds to ndarray's. */
	readonly state: PyValue | undefined;

	/**
	 * An array over memory. Strides are those of C order unless given.
	 * @throws TypeError if the memory does not have all items
	 */
	constructor(data: NDArrayData, dtype: DType, shape: readonly number[], strides = cStrides(shape), offset = 0) {
		checkExtent(data.length, layoutOf(dtype).per, shape, strides, offset);
		this.data = data;
		this.dtype = dtype;
		this.shape = shape;
		this.strides = strides;
		this.offset = offset;
		this.subclass = undefined;
		this.state = undefined;
	}

	get ndim(): number {
		return this.shape.length;
	}

	/** How many items it has. */
	get size(): number {
		return product(this.shape);
	}

	/** Whether the items lie without gaps in C order (last axis fastest), else in Fortran order, else neither. */
	get order(): "C" | "F" | "strided" {
		if (isPacked(this.shape, this.strides, false)) return "C";
		return isPacked(this.shape, this.strides, true) ? "F" : "strided";
	}

	/**
	 * One item, by an index for each axis; negative ones count from the end. bool gives a boolean, ints a number or, past
	 * 2^53, a bigint, complex a PyComplex, and a dtype that has no JavaScript form its raw bytes.
	 * @throws TypeError for an index that is out of range or no integer, or too few or many of them
	 */
	get(...index: readonly number[]): PyValue {
		const { shape, strides } = this;
		if (index.length !== shape.length) {
			throw new TypeError(`get takes ${shape.length} indexes for shape ${shapeText(shape)}, not ${index.length}`);
		}
		let position = this.offset;
		for (let axis = 0; axis < shape.length; axis++) {
			position += axisIndex(index[axis] as number, shape[axis] as number) * (strides[axis] as number);
		}
		return layoutOf(this.dtype).read(this.data, position);
	}

	/**
	 * The items of a 1-d array, as `get` gives them; of more dimensions, views along the first axis.
	 * @throws TypeError if it has no dimensions
	 */
	*[Symbol.iterator](): Generator<PyValue, undefined> {
		const { shape, strides, data, offset } = this;
		if (shape.length === 0) throw new TypeError("an array without dimensions cannot be iterated");
		const length = shape[0] as number;
		const stride = strides[0] as number;
		checkExpandable(length, this);
		const layout = layoutOf(this.dtype);
		for (let i = 0; i < length; i++) {
			yield shape.length === 1 ? layout.read(data, offset + i * stride) : this.slice(i);
		}
	}

	/**
	 * Nested arrays of the items, as numpy's `tolist`; the item itself if there are no dimensions.
	 * @throws PickleError E_TOO_LARGE if that would be more arrays or items than an Array can hold
	 */
	toNested(): PyValue {
		const { shape, strides, data } = this;
		for (let axis = 1; axis <= shape.length; axis++) checkExpandable(product(shape.slice(0, axis)), this);
		const layout = layoutOf(this.dtype);
		const nest = (axis: number, position: number): PyValue => {
			if (axis === shape.length) return layout.read(data, position);
			const items: PyValue[] = [];
			for (let i = 0; i < (shape[axis] as number); i++)
				items.push(nest(axis + 1, position + i * (strides[axis] as number)));
			return items;
		};
		return nest(0, this.offset);
	}

	/** The same items without gaps in C or Fortran order, and nothing else in `data`: a copy unless they lie so already. */
	toContiguous(order: "C" | "F" = "C"): NDArray {
		if (order === "F") return this.transpose().toContiguous().transpose();
		const { data, dtype, shape, size } = this;
		const layout = layoutOf(dtype);
		const from = this.offset * layout.per;
		const length = size * layout.per;
		if (!isPacked(shape, this.strides, false)) return new NDArray(gather(this, layout), dtype, shape);
		if (from === 0 && length === data.length) return this;
		const part = Array.isArray(data) ? data.slice(from, from + length) : data.subarray(from, from + length);
		return new NDArray(part, dtype, shape);
	}

	/**
	 * The items in C order under another shape, one dimension of which may be -1. A view where the items lie in C order, else of a copy.
	 * @throws TypeError if the sizes differ
	 */
	reshape(...shape: readonly number[]): NDArray {
		const { size } = this;
		const known = product(shape.filter((length) => length !== -1));
		const full = shape.map((length) => (length === -1 ? size / known : length));
		if (product(full) !== size || !full.every(isLength)) {
			throw new TypeError(`an array of ${size} items has no shape ${shapeText(shape)}`);
		}
		const packed = isPacked(this.shape, this.strides, false) ? this : this.toContiguous();
		return new NDArray(packed.data, this.dtype, full, cStrides(full), packed.offset);
	}

	/**
	 * A view with the axes in another order, by default reversed.
	 * @throws TypeError if the axes are not each one once
	 */
	transpose(...axes: readonly number[]): NDArray {
		const { shape, strides } = this;
		const order = axes.length === 0 ? shape.map((_, axis) => shape.length - 1 - axis) : axes;
		if (!isPermutation(order, shape.length)) {
			throw new TypeError(`transpose takes the axes 0 to ${shape.length - 1}, each once, not ${axes.join(", ")}`);
		}
		const pick = (values: readonly number[]) => order.map((axis) => values[axis] as number);
		return new NDArray(this.data, this.dtype, pick(shape), pick(strides), this.offset);
	}

	/**
	 * A view of a part, with one argument for each axis from the first: `a.slice([1, 3])` is Python's `a[1:3]`, `a.slice(0, null, [null, null, -1])`
	 * its `a[0, :, ::-1]`.
	 * @throws TypeError for an index out of range, too many arguments or a step of 0
	 */
	slice(...parts: readonly AxisSlice[]): NDArray {
		const { shape, strides } = this;
		if (parts.length > shape.length) throw new TypeError(`${parts.length} slices for ${shape.length} axes`);
		const kept: number[] = [];
		const steps: number[] = [];
		let offset = this.offset;
		for (let axis = 0; axis < shape.length; axis++) {
			const part = parts[axis] ?? [];
			const length = shape[axis] as number;
			const stride = strides[axis] as number;
			if (typeof part === "number") {
				offset += axisIndex(part, length) * stride;
				continue;
			}
			const { start, count, step } = resolveSlice(part, length);
			if (count > 0) offset += start * stride;
			kept.push(count);
			steps.push(stride * step);
		}
		return new NDArray(this.data, this.dtype, kept, steps, offset);
	}

	/** As Python's `str` prints it: `[[0. 1.]\n [2. 3.]]`, long ones shortened. */
	toString(): string {
		return arrayText(this);
	}

	[Symbol.for("nodejs.util.inspect.custom")](): string {
		return arrayRepr(this);
	}

	/** Arrays cannot be dict keys. */
	[compositeParts](): undefined {
		return undefined;
	}
}

const ONE_STRIDE: readonly number[] = Object.freeze([1]);

/** Strides in items of an array in C order. */
export function cStrides(shape: readonly number[]): readonly number[] {
	if (shape.length === 1) return ONE_STRIDE;
	const strides = new Array<number>(shape.length);
	let stride = 1;
	for (let axis = shape.length - 1; axis >= 0; axis--) {
		strides[axis] = stride;
		stride *= shape[axis] as number;
	}
	return Object.freeze(strides);
}

/** Strides in items of an array in Fortran order. */
export function fStrides(shape: readonly number[]): readonly number[] {
	return Object.freeze([...cStrides(shape.toReversed())].reverse());
}

/** Whether the numbers are 0 to count - 1, each once. */
export function isPermutation(axes: readonly unknown[], count: number): axes is readonly number[] {
	return axes.length === count && axes.every((axis, place) => isIndex(axis, count) && axes.indexOf(axis) === place);
}

/** The product of lengths: NaN or beyond 2^53 only where no length is 0. */
export function product(lengths: readonly number[]): number {
	let size = 1;
	for (let i = 0; i < lengths.length; i++) {
		const length = lengths[i] as number;
		if (length === 0) return 0;
		size *= length;
	}
	return size;
}

function isLength(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isIndex(value: unknown, length: number): boolean {
	return isLength(value) && value < length;
}

function checkExpandable(count: number, { shape, data }: NDArray): void {
	if (count <= MAX_UNPAID || (count <= data.length && Math.max(...shape) <= MAX_ITEMS)) return;
	throw new PickleError(
		"E_TOO_LARGE",
		`an array of shape ${shapeText(shape)} has too many items for JavaScript arrays`,
	);
}

function checkExtent(
	elements: number,
	per: number,
	shape: readonly number[],
	strides: readonly number[],
	offset: number,
): void {
	let first = offset;
	let last = offset;
	let empty = false;
	for (let axis = 0; axis < shape.length; axis++) {
		const length = shape[axis] as number;
		const reach = (length - 1) * (strides[axis] as number);
		if (!isLength(length) || !Number.isInteger(strides[axis]))
			throw new TypeError("shape and strides are to be integers");
		if (length === 0) empty = true;
		if (reach < 0) first += reach;
		else last += reach;
	}
	const fits = first >= 0 && (last + 1) * per <= elements;
	if (
		!Number.isInteger(offset) ||
		strides.length !== shape.length ||
		shape.length > MAX_DIMENSIONS ||
		!(empty || fits)
	) {
		throw new TypeError(`data of ${elements} elements does not have all items of shape ${shapeText(shape)}`);
	}
}

export function axisIndex(index: number, length: number): number {
	const place = index < 0 ? index + length : index;
	if (!isIndex(place, length)) throw new TypeError(`index ${String(index)} is out of range for an axis of ${length}`);
	return place;
}

/** What Python's slice means for an axis. @throws TypeError */
export function resolveSlice(part: readonly (number | null | undefined)[], length: number) {
	const step = part[2] ?? 1;
	const back = step < 0;
	const place = (value: number | null | undefined, fallback: number) => {
		if (value === null || value === undefined) return fallback;
		if (!Number.isInteger(value)) throw new TypeError(`a slice takes integers, not ${String(value)}`);
		const from = value < 0 ? value + length : value;
		return Math.min(Math.max(from, back ? -1 : 0), back ? length - 1 : length);
	};
	const start = place(part[0], back ? length - 1 : 0);
	const stop = place(part[1], back ? -1 : length);
	if (step === 0 || !Number.isInteger(step)) throw new TypeError("a slice's step is an integer other than 0");
	return { start, step, count: Math.max(0, Math.ceil((stop - start) / step)) };
}

function isPacked(shape: readonly number[], strides: readonly number[], fortran: boolean): boolean {
	if (shape.includes(0)) return true;
	let stride = 1;
	for (let i = 0; i < shape.length; i++) {
		const axis = fortran ? i : shape.length - 1 - i;
		if (shape[axis] === 1) continue;
		if (strides[axis] !== stride) return false;
		stride *= shape[axis] as number;
	}
	return true;
}

/** The elements of a strided array in C order. */
function gather({ data, shape, strides, offset, size }: NDArray, { View, per }: Layout): NDArrayData {
	const target = Array.isArray(data) ? new Array<PyValue>(size) : new View(size * per);
	const index = new Array<number>(shape.length).fill(0);
	let position = offset;
	for (let to = 0; to < size * per; to += per) {
		for (let i = 0; i < per; i++) target[to + i] = data[position * per + i] as never;
		for (let axis = shape.length - 1; axis >= 0; axis--) {
			const stride = strides[axis] as number;
			position += stride;
			if (++(index[axis] as number) < (shape[axis] as number)) break;
			position -= stride * (index[axis] as number);
			index[axis] = 0;
		}
	}
	return target;
}
