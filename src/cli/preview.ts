import { LazyNDArray } from "../numpy/lazy.ts";
import type { NDArray } from "../numpy/ndarray.ts";
import type { PyValue } from "../values/value.ts";
import { type ShownArray, shownOf } from "./arrays.ts";

/** The beginning of an array that lies in its file, with all of its shape: what printing needs. */
export class ArrayPreview implements ShownArray {
	readonly shape: readonly number[];
	readonly dtype: NDArray["dtype"];
	readonly size: number;
	readonly subclass: NDArray["subclass"];
	readonly data: { readonly length: number };
	readonly #corner: NDArray;

	constructor({ shape, dtype, size, subclass }: LazyNDArray, corner: NDArray) {
		this.shape = shape;
		this.dtype = dtype;
		this.size = size;
		this.subclass = subclass;
		this.data = { length: size };
		this.#corner = corner;
	}

	get(...index: readonly number[]): PyValue {
		return this.#corner.get(...index);
	}
}

/** Reads of each array what printing shows of it, and nothing else. */
export async function readPreviews(arrays: Iterable<object>): Promise<Map<object, ArrayPreview>> {
	const previews = new Map<object, ArrayPreview>();
	for (const array of arrays) {
		if (!(array instanceof LazyNDArray) || array.size === 0) continue;
		const { shape } = array;
		const corner = shape.map((length, axis) => [0, shownOf(length, axis, shape.length)] as const);
		previews.set(array, new ArrayPreview(array, await array.readSlice(...corner)));
	}
	return previews;
}
