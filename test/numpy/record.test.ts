import { describe, expect, test } from "vitest";
import {
	DType,
	decode,
	encode,
	isPickleError,
	NDArray,
	NumpyRecord,
	NumpyScalar,
	PyComplex,
	PyDate,
	PyDateTime,
	PyFloat,
	PyTimeDelta,
	type PyValue,
	tuple,
} from "../../src/index.ts";

/** A structured array over bytes: `[("a", "u1"), ("b", ">i2"), ("v", "<f4", (2,)), ("s", "S2")]`, 13 bytes an item. */
function mixed(): NDArray {
	const dtype = DType.of([
		["a", "u1"],
		["b", ">i2"],
		["v", "<f4", [2]],
		["s", "S2"],
	]);
	const bytes = new Uint8Array(26);
	const view = new DataView(bytes.buffer);
	for (const row of [0, 1]) {
		view.setUint8(13 * row, row + 1);
		view.setInt16(13 * row + 1, -300 - row);
		view.setFloat32(13 * row + 3, row + 0.5, true);
		view.setFloat32(13 * row + 7, row + 0.25, true);
		bytes.set([97 + row, 0], 13 * row + 11);
	}
	return new NDArray(bytes, dtype, [2]);
}

describe("structured arrays", () => {
	test("give rows by index", () => {
		const row = mixed().get(1) as NumpyRecord;
		expect(row).toBeInstanceOf(NumpyRecord);
		expect([row.names, row.length]).toEqual([["a", "b", "v", "s"], 4]);
		expect([row.get("a"), row.get("b"), row.get(-0), String(row.get("v")), row.get("s")]).toEqual([
			2,
			-301,
			2,
			"[1.5  1.25]",
			Uint8Array.of(98),
		]);
		expect(String(row)).toBe("(2, -301, [1.5 , 1.25], b'b')");
		expect(() => row.get("c")).toThrow("has no field c; it has a, b, v, s");
	});

	test("give columns by name, without a copy", () => {
		const array = mixed();
		const [a, b, v, s] = ["a", "b", "v", "s"].map((name) => array.column(name)) as [NDArray, NDArray, NDArray, NDArray];
		expect([a.toNested(), b.toNested(), v.toNested(), s.toNested()]).toEqual([
			[1, 2],
			[-300, -301],
			[
				[0.5, 0.25],
				[1.5, 1.25],
			],
			[Uint8Array.of(97), Uint8Array.of(98)],
		]);
		const memoryOf = ({ data }: NDArray) => (data as Uint8Array).buffer;
		expect([a, b, v, s].map(memoryOf)).toEqual([a, b, v, s].map(() => memoryOf(array)));
		expect([a.unit, b.unit, v.unit, b.order]).toEqual(["item", "byte", "byte", "strided"]);
		expect(b.toContiguous().data).toEqual(Int16Array.of(-300, -301));
		expect(v.slice(null, [null, null, -1]).toNested()).toEqual([
			[0.25, 0.5],
			[1.25, 1.5],
		]);
		expect(array.slice([null, null, -1]).column("b").toNested()).toEqual([-301, -300]);
		expect(() => a.column("x")).toThrow(TypeError);
	});

	test("columns of aligned fields are typed arrays over the same memory", () => {
		const dtype = DType.of([
			["x", "<f8"],
			["n", "<i4"],
			["m", "<i4"],
		]);
		const array = new NDArray(new Uint8Array(32), dtype, [2]);
		const column = array.column("m");
		expect([column.data, column.strides, column.offset, column.unit]).toEqual([new Int32Array(8), [4], 3, "item"]);
		(column.data as Int32Array)[3] = 7;
		expect((array.get(0) as NumpyRecord).get("m")).toBe(7);
		expect(column.toNested()).toEqual([7, 0]);
	});

	test("a field that is structured gives rows and columns in turn", () => {
		const dtype = DType.of([
			[
				"p",
				[
					["x", "u1"],
					[["title", "y"], "u1"],
				],
			],
			["", "V1"],
			["n", "u1"],
		]);
		const array = new NDArray(Uint8Array.of(1, 2, 0, 3, 4, 5, 0, 6), dtype, [2]);
		expect(array.column("p").column("title").toNested()).toEqual([2, 5]);
		expect((array.get(1) as NumpyRecord).toObject()).toEqual({ p: { x: 4, y: 5 }, n: 6 });
		expect(String(dtype)).toBe(
			"{'names': ['p', 'n'], 'formats': [[('x', 'u1'), (('title', 'y'), 'u1')], 'u1'], 'offsets': [0, 3], 'itemsize': 4}",
		);
	});

	test("no name reaches a prototype", () => {
		const row = new NumpyRecord(DType.of([["__proto__", "u1"]]), Uint8Array.of(9));
		expect([row.get("__proto__"), Object.keys(row.toObject()), ({} as { polluted?: 1 }).polluted]).toEqual([
			9,
			["__proto__"],
			undefined,
		]);
	});

	test("rows encode as numpy's own", () => {
		const row = mixed().get(0) as NumpyRecord;
		const again = decode(encode(row)) as NumpyRecord;
		expect([again.bytes, String(again.dtype)]).toEqual([row.bytes, String(row.dtype)]);
	});

	test("columns encode as arrays", () => {
		const again = decode(encode(mixed().column("b"))) as NDArray;
		expect([again.dtype.str, again.toNested()]).toEqual([">i2", [-300, -301]]);
	});
});

describe("asType", () => {
	const floats = new NDArray(Float64Array.of(1.9, -1.9, 300, Number.NaN), DType.of("f8"), [4]);

	test.each<[NDArray, string, unknown]>([
		[floats, "i4", Int32Array.of(1, -1, 300, 0)],
		[floats, "u1", Uint8Array.of(1, 255, 44, 0)],
		[floats, "f4", Float32Array.of(1.9, -1.9, 300, Number.NaN)],
		[floats, "?", Uint8Array.of(1, 1, 1, 1)],
		[floats, "c16", Float64Array.of(1.9, 0, -1.9, 0, 300, 0, Number.NaN, 0)],
		[new NDArray(BigInt64Array.of(2n ** 40n, -1n), DType.of("i8"), [2]), "i4", Int32Array.of(0, -1)],
		[new NDArray(Int32Array.of(1, -1), DType.of("i4"), [2]), "u8", BigUint64Array.of(1n, 2n ** 64n - 1n)],
		[
			new NDArray(BigInt64Array.of(1n, -(2n ** 63n)), DType.of("M8[D]"), [2]),
			"M8[h]",
			BigInt64Array.of(24n, -(2n ** 63n)),
		],
		[new NDArray(BigInt64Array.of(-1n, 31n), DType.of("M8[D]"), [2]), "M8[M]", BigInt64Array.of(-1n, 1n)],
		[new NDArray(BigInt64Array.of(14n, -14n), DType.of("M8[M]"), [2]), "M8[D]", BigInt64Array.of(424n, -426n)],
		[new NDArray(BigInt64Array.of(90n), DType.of("m8[s]"), [1]), "m8[m]", BigInt64Array.of(1n)],
		[new NDArray(BigInt64Array.of(90n), DType.of("m8[s]"), [1]), "i8", BigInt64Array.of(90n)],
		[new NDArray(BigInt64Array.of(2n, -1n), DType.of("m8[Y]"), [2]), "m8[D]", BigInt64Array.of(730n, -366n)],
		[new NDArray(BigInt64Array.of(1n), DType.of("m8[M]"), [1]), "m8[s]", BigInt64Array.of(2629746n)],
		[new NDArray(BigInt64Array.of(366n, -1n), DType.of("m8[D]"), [2]), "m8[Y]", BigInt64Array.of(1n, -1n)],
	])("%s to %s", (array, type, data) => {
		expect(array.asType(type).data).toEqual(data);
	});

	test("between text, bytes and numbers", () => {
		const text = new NDArray(["12", "-3.5", "nan"], DType.of("O"), [3]).asType("U");
		expect([text.dtype.str, text.toNested()]).toEqual(["<U4", ["12", "-3.5", "nan"]]);
		expect(text.asType("f8").data).toEqual(Float64Array.of(12, -3.5, Number.NaN));
		expect(text.asType("S2").toNested()).toEqual(["12", "-3", "na"].map((word) => new TextEncoder().encode(word)));
		const some = new PyFloat(300);
		expect(floats.asType("O").data).toEqual([1.9, -1.9, some, Number.NaN]);
		expect(floats.asType("O").asType("U").toNested()).toEqual(["1.9", "-1.9", "300.0", "nan"]);
		expect(floats.asType("U").toNested()).toEqual(["1.9", "-1.9", "300.0", "nan"]);
		expect(text.asType("O").data).toEqual(["12", "-3.5", "nan"]);
		expect(() => new NDArray(["x"], DType.of("O"), [1]).asType("f8")).toThrow(TypeError);
	});

	test.each<[string, string, string]>([
		["?", "<U5", "|S5"],
		["i1", "<U4", "|S4"],
		["u2", "<U5", "|S5"],
		["<i4", "<U11", "|S11"],
		["i8", "<U21", "|S21"],
		["u8", "<U20", "|S20"],
		["f4", "<U32", "|S32"],
		["f16", "<U48", "|S48"],
		["c16", "<U64", "|S64"],
		["c32", "<U96", "|S96"],
		["S3", "<U3", "|S3"],
		["U0", "<U1", "|S1"],
		["M8[D]", "<U28", "|S28"],
		["M8[ns]", "<U48", "|S48"],
		["m8[s]", "<U21", "|S21"],
	])("text of %s is %s and %s", (type, text, bytes) => {
		const dtype = DType.of(type);
		const array = new NDArray(new Uint8Array(dtype.itemsize), dtype, [1], [dtype.itemsize], 0, "byte");
		expect([array.asType("U").dtype.str, array.asType("S").dtype.str]).toEqual([text, bytes]);
	});

	test("long doubles keep all of their digits", () => {
		const wide = [2n ** 64n - 1n, 1n, 2n ** 63n];
		const ints = new NDArray(BigUint64Array.from(wide), DType.of("u8"), [3]);
		for (const type of ["<f16", ">f16", "<f12"]) {
			const long = ints.asType(type);
			const own = Uint8Array.from((long.data as Uint8Array).subarray(0, long.dtype.itemsize));
			expect(long.asType(type).data).toEqual(long.data);
			expect(long.asType("<f16").asType(type).data).toEqual(long.data);
			expect(long.asType("u8").toNested()).toEqual([2n ** 64n - 1n, 1, 2n ** 63n]);
			expect(long.asType("U").get(0)).toBe("1.8446744073709551615e+19");
			expect(long.asType("S").get(1)).toEqual(new TextEncoder().encode("1.0"));
			expect(long.asType("O").get(0)).toEqual(new NumpyScalar(long.dtype, own));
			expect(long.asType("O").asType(type).data).toEqual(long.data);
			expect(long.asType("c32").asType(type).data).toEqual(long.data);
			expect(long.asType("f4").toNested()).toEqual([2 ** 64, 1, 2 ** 63]);
			expect(String(long.slice(0))).toBe("1.8446744073709551615e+19");
		}
		const large = new NDArray([2n ** 70n + 1n, -(2n ** 65n - 1n), 2n ** 17000n], DType.of("O"), [3]).asType("f16");
		expect(large.asType("U").toNested()).toEqual(["1.1805916207174113034e+21", "-3.6893488147419103232e+19", "inf"]);
	});

	test("long doubles are x86's, and doubles to JavaScript", () => {
		const values = [0, -0, 1, -1.5, 0.1, 1e308, 5e-324, Number.POSITIVE_INFINITY, Number.NaN];
		const doubles = new NDArray(Float64Array.from(values), DType.of("f8"), [values.length]);
		for (const type of ["<f16", ">f16", "<f12"]) {
			const long = doubles.asType(type);
			expect(long.toNested()).toEqual(values);
			expect(long.asType("f8").data).toEqual(doubles.data);
		}
		const complex = new NDArray(Float64Array.of(1, -2), DType.of("c16"), [1]).asType("c32");
		expect(complex.get(0)).toEqual(new PyComplex(1, -2));
		expect([...(doubles.asType("<f16").data as Uint8Array).subarray(48, 58)]).toEqual([
			0, 0, 0, 0, 0, 0, 0, 0xc0, 0xff, 0xbf,
		]);
	});

	test("a dtype that there is none of is the programmer's mistake", () => {
		expect(() => floats.asType("f3")).toThrow(TypeError);
		expect(() => floats.asType("V8")).toThrow(TypeError);
		expect(isPickleError(new TypeError())).toBe(false);
	});
});

test("a long double scalar is its bytes, and the nearest number", () => {
	const bytes = new NDArray(Float64Array.of(2.5), DType.of("f8"), [1]).asType("f16").data as Uint8Array;
	const scalar = new NumpyScalar(DType.of("f16"), bytes);
	expect([scalar.value, scalar.valueOf(), String(scalar), JSON.stringify(scalar)]).toEqual([
		bytes,
		2.5,
		"2.5",
		'"2.5"',
	]);
});

describe("rows of Python objects", () => {
	const dtype = DType.of([
		["t", "M8[s]"],
		["d", "M8[D]"],
		["m", "m8[ms]"],
		["s", "S2"],
		["v", "u1", [2]],
		["o", "O"],
		[
			"n",
			[
				["a", "i1"],
				["b", "M8[D]"],
			],
		],
	]);
	const pair = new NDArray(Uint8Array.of(3, 4), DType.of("u1"), [2]);
	const times = [
		new PyDateTime({ year: 1970, month: 1, day: 2 }),
		new PyDate(1969, 12, 31),
		new PyTimeDelta(0, 1, 2000),
	];
	const rows = [
		tuple(...times, "x", pair, null, tuple(7, new PyDate(1970, 1, 3))),
		tuple(null, null, null, Uint8Array.of(98), pair, [1], tuple(8, null)),
	];
	const array = new NDArray([...rows], dtype, [2]);

	test("give what other rows give: times as counts, bytes for S", () => {
		const first = array.get(0) as NumpyRecord;
		expect(["t", "d", "m", "s"].map((name) => first.get(name))).toEqual([86400n, -1n, 1002n, Uint8Array.of(120)]);
		expect([...(first.get("n") as NumpyRecord)]).toEqual([7, 2n]);
		expect([...array.column("t")]).toEqual([86400n, -(2n ** 63n)]);
		expect([...array.column("s")]).toEqual([Uint8Array.of(120), Uint8Array.of(98)]);
		expect(array.column("v").toNested()).toEqual([
			[3, 4],
			[3, 4],
		]);
		expect(array.column("n").column("b").toNested()).toEqual([2n, -(2n ** 63n)]);
	});

	test("print as numpy prints them, and go back as they were", () => {
		expect(String(array)).toBe(
			"[('1970-01-02T00:00:00', '1969-12-31',  1002, b'x', [3, 4], None, (7, '1970-01-03'))\n" +
				" (                'NaT',        'NaT', 'NaT', b'b', [3, 4], list([1]), (8,        'NaT'))]",
		);
		const again = (decode(encode(array)) as NDArray).data as readonly PyValue[][];
		expect([String(again[0]?.[0]), again[1]?.[0]]).toEqual(["1970-01-02T00:00:00", null]);
		expect((decode(encode(array.get(0))) as NumpyRecord).objects?.[0]).toBeInstanceOf(PyDateTime);
	});

	test.each<[string, PyValue]>([
		["i4", "text"],
		["f8", [1]],
		["c16", null],
		["M8[s]", "then"],
		["V2", 5],
	])("may hold what is no %s: that prints too", (type, value) => {
		const own = DType.of([
			["a", type],
			["o", "O"],
		]);
		expect(String(new NDArray([tuple(value, null)], own, [1]))).toMatch(/^\[\(.+, None\)\]$/);
	});
});

test("an int's dtype may have fields: its items are rows", () => {
	const fields = [
		{ name: "low", dtype: DType.of("<i2"), offset: 0, title: undefined },
		{ name: "high", dtype: DType.of("<i2"), offset: 2, title: undefined },
	];
	const array = new NDArray(Uint8Array.of(1, 0, 2, 0), new DType({ kind: "i", itemsize: 4, fields }), [1]);
	expect([String(array), array.column("high").toNested()]).toEqual(["[(1, 2)]", [2]]);
	expect(() => array.asType("f8")).toThrow(TypeError);
});
