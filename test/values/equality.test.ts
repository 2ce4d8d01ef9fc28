import Long from "long";
import { describe, expect, test } from "vitest";
import { DType, decode, encode, NDArray, NumpyScalar, PyDecimal, PyFraction } from "../../src/index.ts";
import { compositesEqual, equalityKey, keyOf } from "../../src/values/equality.ts";
import {
	PyComplex,
	PyDict,
	PyFloat,
	PyFrozenSet,
	PyGlobal,
	PyObject,
	PyPersistent,
	PyRange,
	PySet,
	PySlice,
	type PyValue,
	tuple,
} from "../../src/values.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

/** Each line is one key in Python: all are equal, and unequal to those of the other lines. */
const classes: readonly (readonly PyValue[])[] = [
	[1, 1n, true, new PyFloat(1), Long.fromNumber(1), new PyComplex(1, 0), new PyComplex(1, -0)],
	[0, -0, 0n, false, new PyFloat(-0), new PyComplex(-0, 0)],
	["1"],
	[null],
	[0.5, new PyFloat(0.5), new PyComplex(0.5, 0)],
	[2 ** 53, 2n ** 53n, Long.fromBigInt(2n ** 53n)],
	[2n ** 53n + 1n, Long.fromBigInt(2n ** 53n + 1n)],
	[1e22, 10n ** 22n],
	[1e23, BigInt(1e23)],
	[10n ** 23n],
	[2n ** 1024n],
	[-(2n ** 1024n)],
	[Number.POSITIVE_INFINITY, new PyFloat(Number.POSITIVE_INFINITY)],
	[Number.NEGATIVE_INFINITY],
	[new PyComplex(1, 2), new PyComplex(1, 2)],
	[new PyComplex(0, 2), new PyComplex(-0, 2)],
	["", ""],
	["\0"],
	["\0int1"],
	["\0str\0"],
	["\0bytesa"],
	["__proto__"],
	["é"],
	["e\u0301"],
	[bytes(), bytes()],
	[bytes(97), bytes(0, 97).subarray(1)],
	["a"],
	[bytes(0, 255, 1)],
	[tuple(), Object.freeze([])],
	[tuple(1, 2), tuple(1n, new PyFloat(2)), tuple(true, 2)],
	[tuple(2, 1)],
	[tuple(tuple(1, 2)), tuple(tuple(1, 2n))],
	[tuple("a", bytes(97))],
	[tuple(bytes(97), "a")],
	[new PyFrozenSet(), new PyFrozenSet([])],
	[new PyFrozenSet([1, 2]), new PyFrozenSet([2n, true])],
	[new PyFrozenSet([tuple(1), "a"]), new PyFrozenSet(["a", tuple(1)])],
	[new PyFrozenSet([new PyFrozenSet([1])]), new PyFrozenSet([new PyFrozenSet([true])])],
	[tuple(new PyFrozenSet([1])), tuple(new PyFrozenSet([1]))],
	[new PyRange(0, 10), new PyRange(0n, 10n, 1n), new PyRange(0, 10, 1)],
	[new PyRange(0, 10, 3), new PyRange(0, 12, 3)],
	[new PyRange(5, 5), new PyRange(9, 0), new PyRange(0, 0, 7)],
	[new PyRange(3, 4), new PyRange(3, 9, 100)],
	[new PySlice(1, 2), new PySlice(1, 2n, null)],
	[tuple(1, 2, null)],
	[new PyGlobal("a", "b"), new PyGlobal("a", "b")],
	[new PyGlobal("a", "c")],
	[new PyObject("new", new PyGlobal("a", "b"), [])],
	[new PyObject("new", new PyGlobal("a", "b"), [])],
	[new PyPersistent(1)],
	[{ [equalityKey]: () => "\0mine" }, { [equalityKey]: () => "\0mine" }],
	[{ [equalityKey]: () => 77n }, 77],
];

const members = classes.flatMap((equal, line) => equal.map((value) => ({ value, line })));

describe("values are one key exactly where Python's == and hash say so", () => {
	test.each(members)("$value", ({ value, line }) => {
		const dict = new PyDict([[value, "found"]]);
		const small = members.filter(({ value: other }) => dict.has(other)).map((other) => other.line);
		expect(new Set(small)).toEqual(new Set([line]));
		expect(small).toHaveLength((classes[line] as readonly PyValue[]).length);
	});

	test("the same in large dicts, which have an index", () => {
		const dict = new PyDict(members.map(({ value, line }) => [value, line]));
		expect(dict.size).toBe(classes.length);
		for (const { value, line } of members) expect(dict.get(value)).toBe(line);
		for (const [line, [first]] of classes.entries()) expect([...dict.keys()][line]).toBe(first);
	});

	test("the same within tuples and frozensets", () => {
		const dict = new PyDict();
		for (const { value, line } of members) dict.set(tuple(value), line).set(new PyFrozenSet([value]), line);
		expect(dict.size).toBe(2 * classes.length);
		for (const { value, line } of members) expect(dict.get(tuple(value))).toBe(line);
	});
});

describe("NaN equals nothing, itself included", () => {
	test.each<[string, () => PyValue]>([
		["as a number", () => Number.NaN],
		["as a PyFloat", () => new PyFloat(Number.NaN)],
		["as part of a complex", () => new PyComplex(Number.NaN, 0)],
		["as imaginary part", () => new PyComplex(1, Number.NaN)],
		["in a tuple", () => tuple(Number.NaN)],
		["in a frozenset", () => new PyFrozenSet([Number.NaN])],
	])("%s: two stay two", (_name, make) => {
		const dict = new PyDict([
			[make(), 1],
			[make(), 2],
		]);
		expect(dict.size).toBe(2);
		expect(dict.get(make())).toBeUndefined();
	});

	test("but a tuple with one in it is itself", () => {
		const key = tuple(Number.NaN);
		expect(new PyDict([[key, 1]]).get(key)).toBe(1);
	});
});

describe("tuples of one hash, as ints that differ by this make them,", () => {
	const apart = 0xfffffffb;
	const pair = (left: PyValue, other = apart) => [tuple(left, 1), tuple(left, 1 + other)] as const;

	test("are different keys", () => {
		for (const size of [0, 20]) {
			const dict = new PyDict(Array.from({ length: size }, (_, i): [number, number] => [i, i]));
			const [one, other] = pair("a");
			dict.set(one, 1).set(other, 2);
			expect([dict.get(tuple("a", 1)), dict.get(tuple("a", 1 + apart)), dict.get(tuple("a", 1 + 2 * apart))]).toEqual([
				1,
				2,
				undefined,
			]);
			expect([dict.delete(one), dict.has(one), dict.get(other)]).toEqual([true, false, 2]);
		}
	});

	test("are told apart as members of frozensets, small and large", () => {
		for (const more of [[], Array.from({ length: 20 }, (_, i) => i)]) {
			const [one, other] = pair("a");
			const dict = new PyDict([[new PyFrozenSet([one, other, ...more]), 1]]);
			expect(dict.get(new PyFrozenSet([...more, ...pair("a")].reverse()))).toBe(1);
			expect(dict.get(new PyFrozenSet([...pair("a", 2 * apart), ...more]))).toBeUndefined();
		}
	});

	test("in frozensets that lie more than 100 deep in each other they are too much: E_LIMIT", () => {
		const deep = () => {
			let set = new PyFrozenSet();
			for (let i = 0; i < 150; i++) set = new PyFrozenSet(pair(set));
			return set;
		};
		const dict = new PyDict([[deep(), 1]]);
		expect(() => dict.get(deep())).toThrow(expect.objectContaining({ code: "E_LIMIT", limit: "maxWork" }));
	});
});

describe("depth and work are bounded", () => {
	test("tuples 100,000 deep", () => {
		const deep = () => {
			let value: PyValue = tuple();
			for (let i = 0; i < 100_000; i++) value = tuple(value, i);
			return value;
		};
		expect(new PyDict([[deep(), 1]]).get(deep())).toBe(1);
	});

	test("frozensets 5,000 deep", () => {
		const deep = () => {
			let value: PyValue = new PyFrozenSet();
			for (let i = 0; i < 5000; i++) value = new PyFrozenSet([value, i]);
			return value;
		};
		expect(new PyDict([[deep(), 1]]).get(deep())).toBe(1);
	});

	test("a tuple shared by its parts 60 times over is compared once", () => {
		const wide = () => {
			let value: PyValue = tuple(0);
			for (let i = 0; i < 60; i++) value = tuple(value, value);
			return value;
		};
		let work = 0;
		const [one, other] = [wide(), wide()] as object[];
		expect(compositesEqual(one as object, other as object, (units) => (work += units))).toBe(true);
		expect(work).toBeLessThan(2000);
	});

	test("bigints that agree in their low 64 bits are found in no more steps than others", () => {
		const alike = new PyDict(Array.from({ length: 20_000 }, (_, i) => [(BigInt(i) << 64n) + 1n, i]));
		expect(alike.size).toBe(20_000);
		expect(alike.get((19_999n << 64n) + 1n)).toBe(19_999);
		expect(typeof keyOf((1n << 64n) + 1n)).toBe("string");
	});

	test("work is counted by size, that of bytes and large ints", () => {
		const work = (key: PyValue) => {
			let sum = 0;
			keyOf(key, (units) => (sum += units));
			return sum;
		};
		expect(work("x".repeat(1000))).toBe(0);
		expect(work(new Uint8Array(800))).toBe(200);
		expect(work(1n << 32_000n)).toBeGreaterThan(500);
	});
});

test("a set's members are keys: what cannot be one is E_TYPE", () => {
	expect(() => new PySet([[]])).toThrow(expect.objectContaining({ code: "E_TYPE" }));
	expect(() => new PyFrozenSet([new PyDict()])).toThrow(expect.objectContaining({ code: "E_TYPE" }));
});

describe("numbers of one value that some Python keeps apart", () => {
	const half = {
		decimal: new PyDecimal(0, "5", -1),
		fraction: new PyFraction(1, 2),
		complex: new PyComplex(0.5, 0),
		single: new NumpyScalar(DType.of("c8"), new PyComplex(0.5, 0)),
		long: new NumpyScalar(DType.of("f16"), new NDArray(Float64Array.of(0.5), DType.of("f8"), [1]).asType("f16").data),
	};
	type Kind = keyof typeof half;
	// Python 3 keeps only long doubles apart; Python 2.7 all of these.
	const apart: readonly (readonly [Kind, Kind])[] = [
		["decimal", "fraction"],
		["decimal", "complex"],
		["decimal", "single"],
		["decimal", "long"],
		["fraction", "long"],
	];
	const one: readonly (readonly [Kind, Kind])[] = [
		["fraction", "complex"],
		["complex", "single"],
		["complex", "long"],
	];
	const fillers = Array.from({ length: 20 }, (_, i) => i + 2);

	test.each(apart)("%s and %s", (first, second) => {
		for (const others of [[], fillers]) {
			const set = new PySet([...others, half[first], half[second]]);
			expect(set.size).toBe(others.length + 2);
			expect([half[first], half[second], 0.5].map((key) => set.has(key))).toEqual([true, true, true]);
			expect(new PySet([tuple(half[first]), tuple(half[second]), ...others]).size).toBe(others.length + 2);
			expect((decode(encode(set)) as PySet).size).toBe(set.size);
			expect([set.delete(half[second]), set.has(half[second]), set.has(half[first])]).toEqual([true, false, true]);
			expect([set.delete(half[first]), set.size]).toEqual([true, others.length]);
		}
	});

	test.each(one)("but not %s and %s, nor any from the float", (first, second) => {
		for (const others of [[], fillers]) {
			expect(new PySet([half[first], half[second], ...others]).size).toBe(others.length + 1);
			expect(new PySet([half[first], 0.5, ...others]).size).toBe(others.length + 1);
		}
	});
});

test("a Date is the aware datetime of its moment", () => {
	const [moment, before] = [new Date(1500), new Date(-1)];
	const same = decode(encode(moment)) as PyValue;
	expect(new PySet([moment, new Date(1500), same]).size).toBe(1);
	expect(new PySet([before, decode(encode(before))]).size).toBe(1);
	expect(new PyDict([[moment, 1]]).get(new Date(1501))).toBeUndefined();
});

test("a complex number without its parts is not encoded", () => {
	expect(() => encode(Object.create(PyComplex.prototype))).toThrow(expect.objectContaining({ code: "E_UNENCODABLE" }));
});
