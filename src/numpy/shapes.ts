/** numpy 2's most dimensions. */
export const MAX_DIMENSIONS = 64;

/** The shape that every array has before its state comes: nothing is to be checked there, 1.05x on W10. */
export const NOTHING: readonly number[] = Object.freeze([0]);

const ONE_STRIDE: readonly number[] = Object.freeze([1]);

/** Strides in items of an array in C order. @throws TypeError for what is no shape */
export function cStrides(shape: readonly number[]): readonly number[] {
	if (!Array.isArray(shape)) throw new TypeError("a shape is an array of lengths");
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

export function isLength(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isIndex(value: unknown, length: number): boolean {
	return isLength(value) && value < length;
}

export function axisIndex(index: number, length: number): number {
	const place = index < 0 ? index + length : index;
	if (isIndex(place, length)) return place;
	if (!Number.isInteger(index)) throw new TypeError("an index is to be an integer");
	throw new TypeError(`index ${index} is out of range for an axis of ${length}`);
}

/** What Python's slice means for an axis. */
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

export function isPacked(shape: readonly number[], strides: readonly number[], fortran: boolean): boolean {
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
