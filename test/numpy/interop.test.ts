import ndarray from "ndarray";
import * as np from "numpy-ts";
import { expect, test } from "vitest";
import { DType, decode, encode, NDArray } from "../../src/index.ts";

const grid = new NDArray(Float64Array.of(0, 1, 2, 3, 4, 5), DType.of("f8"), [2, 3]);

test("ndarray (scijs) takes an array as it is, views too, and gives one back", () => {
	const view = grid.transpose().slice([1, 3]);
	const theirs = ndarray(view.data as Float64Array, [...view.shape], [...view.strides], view.offset);
	expect([theirs.get(0, 0), theirs.get(1, 1), theirs.dtype]).toEqual([1, 5, "float64"]);
	const turned = theirs.transpose(1, 0).step(1, -1);
	const back = new NDArray(turned.data, view.dtype, turned.shape, turned.stride, turned.offset);
	expect((decode(encode(back)) as NDArray).toNested()).toEqual([
		[2, 1],
		[5, 4],
	]);
});

test("numpy-ts takes an array's items, and gives them back", () => {
	const theirs = np.array(grid.toNested() as number[][]).transpose();
	const back = new NDArray(Float64Array.from((theirs.toArray() as number[][]).flat()), grid.dtype, [...theirs.shape]);
	expect((decode(encode(back)) as NDArray).toNested()).toEqual(grid.transpose().toNested());
});
