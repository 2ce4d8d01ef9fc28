import { describe, expect, test } from "vitest";
import { DType, isPickleError, NDArray, PyComplex, PyDict, type PyValue } from "../../src/index.ts";

const f8 = DType.of("f8");
const grid = () =>
	new NDArray(
		Float64Array.from({ length: 24 }, (_, i) => i),
		f8,
		[2, 3, 4],
	);

test("the dtype may be given as DType.of takes it", () => {
	const fields = [
		["a", "u1"],
		["b", "<U1"],
	] as const;
	const array = new NDArray(new Uint8Array(5), fields, [1]);
	expect([array.dtype.str, array.dtype.names]).toEqual(["|V5", ["a", "b"]]);
	expect(() => new NDArray(new Uint8Array(1), "float65", [1])).toThrow(new TypeError('"float65" is no dtype'));
	expect(() => new NDArray(new Uint8Array(1), "uint8", undefined as never)).toThrow("a shape is an array of lengths");
});

describe("items", () => {
	test.each<[string, ConstructorParameters<typeof NDArray>[0], PyValue[]]>([
		["b1", Uint8Array.of(0, 1, 2), [false, true, true]],
		["i1", Int8Array.of(-1, 2), [-1, 2]],
		["u1", Uint8Array.of(255), [255]],
		["i2", Int16Array.of(-300), [-300]],
		["u2", Uint16Array.of(65535), [65535]],
		["i4", Int32Array.of(-70000), [-70000]],
		["u4", Uint32Array.of(2 ** 32 - 1), [2 ** 32 - 1]],
		["i8", BigInt64Array.of(-1n, 2n ** 53n - 1n, 2n ** 53n, -(2n ** 63n)), [-1, 2 ** 53 - 1, 2n ** 53n, -(2n ** 63n)]],
		["u8", BigUint64Array.of(0n, 2n ** 64n - 1n), [0, 2n ** 64n - 1n]],
		["f4", Float32Array.of(0.5, Number.NaN), [0.5, Number.NaN]],
		["f8", Float64Array.of(0.1, -0), [0.1, -0]],
		["c8", Float32Array.of(1, 2, 3, 4), [new PyComplex(1, 2), new PyComplex(3, 4)]],
		["c16", Float64Array.of(1, -0), [new PyComplex(1, -0)]],
		["O", ["a", null, 1n], ["a", null, 1n]],
		["S2", Uint8Array.of(97, 0, 98, 99), [Uint8Array.of(97), Uint8Array.of(98, 99)]],
	])("of %s", (name, data, items) => {
		const array = new NDArray(data, name, [items.length]);
		expect(items.map((_, i) => array.get(i))).toEqual(items);
		expect([...array]).toEqual(items);
		expect(array.toNested()).toEqual(items);
		expect(items.map((_, i) => array.get(i - items.length))).toEqual(items);
	});

	test("float16 is exact", () => {
		const bits = Uint16Array.of(0x0000, 0x8000, 0x3c00, 0x3555, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0xfc00, 0x7e00);
		const values = [
			0,
			-0,
			1,
			0.333251953125,
			2 ** -24,
			1023 * 2 ** -24,
			2 ** -14,
			65504,
			Infinity,
			-Infinity,
			Number.NaN,
		];
		expect([...new NDArray(bits, DType.of("f2"), [bits.length])]).toEqual(values);
	});

	test("of an array without dimensions", () => {
		const array = new NDArray(Float64Array.of(1.5), f8, []);
		expect([array.get(), array.toNested(), array.size, array.ndim, array.order]).toEqual([1.5, 1.5, 1, 0, "C"]);
		expect(() => [...array]).toThrow(TypeError);
		expect(String(array)).toBe("1.5");
	});

	test.each([[[0]], [[0, 0, 4]], [[0, 0, -5]], [[0, 0, 0.5]], [[0, 0, Number.NaN]], [[0, 0, 0, 0]], [["0", 0, 0]]])(
		"no index %j",
		(index) => {
			expect(() => grid().get(...(index as number[]))).toThrow(TypeError);
		},
	);

	test("one index that is an array, as numpy takes it, is named", () => {
		expect(() => grid().get([0, 0, 0] as never, 0, 0)).toThrow(new TypeError("an index is to be an integer"));
	});
});

describe("the constructor", () => {
	test.each<[string, () => NDArray]>([
		["too little data", () => new NDArray(new Float64Array(5), f8, [2, 3])],
		["too little data for complex", () => new NDArray(new Float64Array(5), DType.of("c16"), [3])],
		["memory of another type", () => new NDArray(new Float32Array(6), f8, [6])],
		["ints for floats of the same width", () => new NDArray(new Int32Array(6), DType.of("f4"), [6])],
		["an Array of numbers", () => new NDArray([1, 2], f8, [2])],
		["typed memory for objects", () => new NDArray(new Float64Array(2), DType.of("O"), [2])],
		["strides beyond the data", () => new NDArray(new Float64Array(6), f8, [2, 3], [4, 1])],
		["negative strides before the data", () => new NDArray(new Float64Array(6), f8, [6], [-1])],
		["an offset beyond", () => new NDArray(new Float64Array(6), f8, [6], [1], 1)],
		["negative lengths", () => new NDArray(new Float64Array(6), f8, [-1])],
		["fractions", () => new NDArray(new Float64Array(6), f8, [1.5])],
		["a fractional offset", () => new NDArray(new Float64Array(6), f8, [1], [1], 0.5)],
		["other strides than axes", () => new NDArray(new Float64Array(6), f8, [6], [1, 1])],
		["65 axes", () => new NDArray(new Float64Array(6), f8, new Array(65).fill(1))],
	])("refuses %s", (_, make) => expect(make).toThrow(TypeError));

	test("takes strides of either sign, and empty arrays of any shape", () => {
		expect(new NDArray(Float64Array.of(1, 2, 3), f8, [3], [-1], 2).toNested()).toEqual([3, 2, 1]);
		expect(new NDArray(Float64Array.of(1, 2), f8, [3, 2], [0, 1]).toNested()).toEqual([
			[1, 2],
			[1, 2],
			[1, 2],
		]);
		expect(new NDArray(new Float64Array(0), f8, [2, 0]).toNested()).toEqual([[], []]);
	});
});

describe("views", () => {
	test("iteration gives rows that share the memory", () => {
		const rows = [...grid()] as NDArray[];
		expect(rows.map((row) => row.shape)).toEqual([
			[3, 4],
			[3, 4],
		]);
		expect(rows[1]?.get(0, 0)).toBe(12);
		expect(rows[1]?.data).toBe(rows[0]?.data);
	});

	test("slice takes what Python's indexing takes", () => {
		const array = grid();
		expect(array.slice(1).toNested()).toEqual([
			[12, 13, 14, 15],
			[16, 17, 18, 19],
			[20, 21, 22, 23],
		]);
		expect(array.slice(0, -1).toNested()).toEqual([8, 9, 10, 11]);
		expect(array.slice(null, [1, 2], [0, 1]).toNested()).toEqual([[[4]], [[16]]]);
		expect(array.slice(0, 0, [null, null, -1]).toNested()).toEqual([3, 2, 1, 0]);
		expect(array.slice(0, 0, [-1, 0, -2]).toNested()).toEqual([3, 1]);
		expect(array.slice(0, 0, [1]).toNested()).toEqual([1, 2, 3]);
		expect(array.slice(0, 0, [3, 1]).toNested()).toEqual([]);
		expect(array.slice(0, 0, [10, 20]).shape).toEqual([0]);
		expect(array.slice(0, 0, [-10, 10, 3]).toNested()).toEqual([0, 3]);
		expect(array.slice().shape).toEqual([2, 3, 4]);
		expect(array.slice(1, 2, 3).toNested()).toBe(23);
		expect(array.slice(null).data).toBe(array.data);
	});

	test.each<[string, () => NDArray]>([
		["too many parts", () => grid().slice(0, 0, 0, 0)],
		["an index out of range", () => grid().slice(2)],
		["a step of 0", () => grid().slice([0, 1, 0])],
		["a fractional step", () => grid().slice([0, 1, 0.5])],
		["a fractional start", () => grid().slice([0.5])],
	])("slice refuses %s", (_, make) => expect(make).toThrow(TypeError));

	test("transpose", () => {
		expect(grid().transpose().shape).toEqual([4, 3, 2]);
		expect(grid().transpose().get(3, 2, 1)).toBe(23);
		expect(grid().transpose(1, 0, 2).get(2, 1, 3)).toBe(23);
		expect(grid().transpose().order).toBe("F");
		expect(grid().transpose(1, 0, 2).order).toBe("strided");
		for (const axes of [[0], [0, 1, 1], [0, 1, 3], [0, 1, -1]])
			expect(() => grid().transpose(...axes)).toThrow(TypeError);
	});

	test("reshape is a view of what lies in C order, else a copy in C order", () => {
		const array = grid();
		expect(array.reshape(4, -1).shape).toEqual([4, 6]);
		expect(array.reshape(24).data).toBe(array.data);
		expect(array.slice(1).reshape(12).toNested()).toEqual([12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]);
		expect(grid().slice(0).transpose().reshape(-1).toNested()).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
		expect(new NDArray(Float64Array.of(1), f8, []).reshape(1, 1).toNested()).toEqual([[1]]);
		expect(new NDArray(new Float64Array(0), f8, [0, 3]).reshape(3, 0).shape).toEqual([3, 0]);
		for (const shape of [[5], [-1, 5], [-1, -1], [2, 12, 0], [-2, -12]])
			expect(() => array.reshape(...shape)).toThrow(TypeError);
		expect(() => new NDArray(new Float64Array(0), f8, [0]).reshape(0, -1)).toThrow(TypeError);
	});

	test("toContiguous gives exactly the items", () => {
		const array = grid();
		expect(array.toContiguous()).toBe(array);
		expect(array.slice(1).toContiguous().data).toEqual(Float64Array.from({ length: 12 }, (_, i) => i + 12));
		expect(array.slice(null, 0, 1).toContiguous().data).toEqual(Float64Array.of(1, 13));
		expect(array.slice(0).toContiguous("F").data).toEqual(Float64Array.of(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11));
		expect(array.slice(0).toContiguous("F").order).toBe("F");
		const complex = new NDArray(Float64Array.of(1, 2, 3, 4, 5, 6), DType.of("c16"), [3]);
		expect(complex.slice([null, null, -2]).toContiguous().data).toEqual(Float64Array.of(5, 6, 1, 2));
		const raw = new NDArray(Uint8Array.of(1, 2, 3, 4, 5, 6), DType.of("V2"), [3]);
		expect(raw.slice([null, null, -2]).toContiguous().data).toEqual(Uint8Array.of(5, 6, 1, 2));
		const objects = new NDArray(["a", "b", "c", "d"], DType.of("O"), [2, 2]);
		expect(objects.transpose().toContiguous().data).toEqual(["a", "c", "b", "d"]);
		expect(objects.slice(1).toContiguous().data).toEqual(["c", "d"]);
	});

	test("order ignores axes of one item, and empty arrays are C", () => {
		expect(new NDArray(new Float64Array(3), f8, [1, 3], [7, 1]).order).toBe("C");
		expect(new NDArray(new Float64Array(3), f8, [3, 1], [1, 9]).order).toBe("C");
		expect(new NDArray(new Float64Array(0), f8, [3, 0], [5, 5]).order).toBe("C");
		expect(new NDArray(new Float64Array(6), f8, [3], [2]).order).toBe("strided");
	});
});

test("arrays too large for JavaScript's arrays say so", () => {
	const nothing = new NDArray(new Uint8Array(0), DType.of("V0"), [2 ** 40]);
	const short = (work: () => unknown) => {
		try {
			work();
		} catch (error) {
			return isPickleError(error, "E_TOO_LARGE");
		}
		return false;
	};
	expect(short(() => nothing.toNested())).toBe(true);
	expect(short(() => [...nothing])).toBe(true);
	expect(short(() => new NDArray(new Float64Array(0), f8, [2 ** 40, 0]).toNested())).toBe(true);
	expect(short(() => new NDArray(new Uint8Array(0), DType.of("V0"), new Array(50).fill(2)).toNested())).toBe(true);
	expect(nothing.toContiguous("F").size).toBe(2 ** 40);
});

test("64 axes", () => {
	const array = new NDArray(Float64Array.of(7), f8, new Array(64).fill(1));
	expect(array.get(...new Array<number>(64).fill(0))).toBe(7);
	expect(String(array)).toBe(`${"[".repeat(64)}7.${"]".repeat(64)}`);
	expect(array.transpose().reshape(1).toNested()).toEqual([7]);
});

test("an array is no key", () => {
	expect(() => new PyDict([[grid(), 1]])).toThrow("NDArray cannot be a dict key");
});
