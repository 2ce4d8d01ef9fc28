import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AxisSlice, DType, LazyNDArray, NDArray, PyLazyBytes } from "../../src/index.ts";
import { cStrides, fStrides } from "../../src/numpy/shapes.ts";
import { sparseSource } from "../support/sparse.ts";

/** Items 0, 1, 2 ... of a dtype in a file, and the same array in memory. */
function both(shape: readonly number[], order: "C" | "F", type = "<u4") {
	const size = shape.reduce((product, count) => product * count, 1);
	const items = Uint32Array.from({ length: size }, (_, i) => i);
	const bytes = new Uint8Array(items.buffer).slice();
	const dtype = DType.of(type);
	if (dtype.byteOrder === ">") new DataView(bytes.buffer).setUint32(0, 0);
	const source = sparseSource(new Uint8Array(5), bytes);
	const lazy = new LazyNDArray(new PyLazyBytes(source, 5, bytes.length, "bytes"), dtype, shape, order);
	const strides = order === "F" ? fStrides(shape) : cStrides(shape);
	return { source, lazy, whole: new NDArray(items, dtype, shape, strides) };
}

const index = fc.integer({ min: -7, max: 7 });
const part: fc.Arbitrary<AxisSlice> = fc.oneof(
	fc.constant(null),
	fc.tuple(fc.option(index), fc.option(index), fc.constantFrom(1, 2, 3, -1, -2, null)),
);

describe("readSlice gives what slice gives", () => {
	test.each(["C", "F"] as const)("in %s order", async (order) => {
		const cases = fc.tuple(
			fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 }),
			fc.array(part, { maxLength: 4 }),
		);
		await fc.assert(
			fc.asyncProperty(cases, async ([shape, parts]) => {
				const { lazy, whole } = both(shape, order);
				const slices = parts.slice(0, shape.length);
				expect((await lazy.readSlice(...slices)).toNested()).toEqual(whole.slice(...slices).toNested());
			}),
			{ numRuns: 400 },
		);
	});

	test("with single indexes", async () => {
		const { lazy, whole } = both([4, 5, 6], "C");
		for (const slices of [[1], [-1, 2], [1, 2, 3], [[0, 3, 2], -1], [null, null, 0]] as AxisSlice[][]) {
			const read = await lazy.readSlice(...slices);
			expect([read.shape, read.toNested()]).toEqual([whole.slice(...slices).shape, whole.slice(...slices).toNested()]);
		}
	});

	test("wrong ones are TypeErrors", async () => {
		const { lazy } = both([4, 5], "C");
		await expect(lazy.readSlice(4)).rejects.toThrow(TypeError);
		await expect(lazy.readSlice(0, 0, 0)).rejects.toThrow(TypeError);
		await expect(lazy.readSlice([0, 4, 0])).rejects.toThrow(TypeError);
	});
});

describe("reads no more than it needs", () => {
	test("rows are one read of their own length", async () => {
		const { lazy, source } = both([1000, 100], "C");
		expect((await lazy.readRows(10, 12)).shape).toEqual([2, 100]);
		expect(source.reads).toEqual([{ offset: 5 + 10 * 400, length: 800 }]);
	});

	test("what lies near is read in one", async () => {
		const { lazy, source } = both([1000, 100], "C");
		expect((await lazy.readSlice(null, 3)).get(999)).toBe(99903);
		expect(source.reads).toEqual([{ offset: 5 + 12, length: 999 * 400 + 4 }]);
	});

	test("what lies far apart is not", async () => {
		const { lazy, source } = both([4, 50_000], "C");
		expect((await lazy.readSlice(null, [0, 2])).toNested()).toEqual(
			[0, 1, 2, 3].map((i) => [i * 50_000, i * 50_000 + 1]),
		);
		expect(source.reads.map(({ length }) => length)).toEqual([8, 8, 8, 8]);
	});
});

describe("steps through 8e9 bytes", () => {
	const shape = [100_000, 200, 50] as const;
	const each = (step: number): AxisSlice => [null, null, step];

	test.each([
		["rows far apart", [each(1000)], 100, 8e6],
		["rows far apart, backwards", [each(-1000)], 100, 8e6],
		["an item of rows far apart", [each(-100), 5, 5], 1000, 8e3],
		["the middle axis", [7, each(9)], 1, 8e4],
		["the middle axis of many rows", [each(500), each(-50)], 200, 13e6],
		["the last axis, backwards", [[5, 6], null, each(-1)], 1, 8e4],
		["the last axis of rows", [each(1000), each(7), each(3)], 100, 8e6],
		["all three, few items far apart", [each(50), each(100), each(25)], 4000, 2e6],
	] as const)("%s: no more than it must", async (_, slices, reads, bytes) => {
		for (const order of ["C", "F"] as const) {
			const source = sparseSource(8e9);
			const counts = order === "C" ? shape : [...shape].reverse();
			const parts = order === "C" ? slices : [...slices, null, null].slice(0, 3).reverse();
			const lazy = new LazyNDArray(new PyLazyBytes(source, 0, 8e9, "bytes"), DType.of("<f8"), counts, order);
			await lazy.readSlice(...parts);
			expect(source.reads.length).toBeLessThanOrEqual(reads);
			expect(source.reads.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(bytes);
		}
	});

	test("four readings at a time, of which the first failure is told once none is under way", async () => {
		const source = sparseSource(8e9);
		let now = 0;
		let most = 0;
		const slow = {
			size: source.size,
			async read(into: Uint8Array, offset: number) {
				most = Math.max(most, ++now);
				await new Promise((resolve) => setTimeout(resolve, 1));
				now--;
				if (offset > 4e9) throw new Error("no more");
				return source.read(into, offset);
			},
		};
		const lazy = new LazyNDArray(new PyLazyBytes(slow, 0, 8e9, "bytes"), DType.of("<f8"), shape, "C");
		await expect(lazy.readSlice(each(1000), 3)).rejects.toMatchObject({ code: "E_SOURCE" });
		expect([now, most]).toEqual([0, 4]);
		expect(source.reads.length).toBeLessThan(55);
	});
});

test("big-endian items are swapped", async () => {
	const bytes = Uint8Array.of(0, 0, 0, 1, 0, 0, 1, 0);
	const lazy = new LazyNDArray(new PyLazyBytes(sparseSource(bytes), 0, 8, "bytes"), DType.of(">u4"), [2], "C");
	expect((await lazy.read()).toNested()).toEqual([1, 256]);
	expect((await lazy.readRows(1, 2)).toNested()).toEqual([256]);
});

test("progress and abort", async () => {
	const { lazy } = both([100, 100], "C");
	const told: number[][] = [];
	await lazy.read({ onProgress: (done, total) => void told.push([done, total]) });
	await lazy.readRows(0, 1, { onProgress: (done, total) => void told.push([done, total]) });
	expect(told).toEqual([
		[40_000, 40_000],
		[400, 400],
	]);
	await expect(lazy.read({ signal: AbortSignal.abort("stop") })).rejects.toBe("stop");
	await expect(lazy.readRows(0, 1, { signal: AbortSignal.abort("stop") })).rejects.toBe("stop");
});

test("is shown without its items, and is no dict key", () => {
	const { lazy } = both([2, 3], "F");
	expect(String(lazy)).toBe("LazyNDArray(shape=(2, 3), dtype=uint32)");
	expect([lazy.ndim, lazy.size]).toEqual([2, 6]);
});

describe("options may follow the slices:", () => {
	test("a signal ends it, and onProgress is told", async () => {
		const { lazy, whole } = both([1000, 50], "C");
		const told: number[] = [];
		const read = await lazy.readSlice([null, null, 2], { onProgress: (done) => told.push(done) });
		expect(read.toNested()).toEqual(whole.slice([null, null, 2]).toNested());
		expect(told.at(-1)).toBe(500 * 50 * 4);
		await expect(lazy.readSlice(3, { signal: AbortSignal.abort("why") })).rejects.toBe("why");
	});
});
