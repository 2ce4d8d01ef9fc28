import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { PyOrderedDict } from "../../src/index.ts";
import { PyCounter, PyUserString } from "../../src/values/containers.ts";
import { PyByteArray, PyDict, PyFrozenSet, PySet, type PyValue, tuple } from "../../src/values.ts";

describe("a PyDict is a Map", () => {
	test("of the entries it is made of: keys keep their first place and take the last value", () => {
		const dict = new PyDict([
			["a", 1],
			["b", 2],
			["a", 3],
		]);
		expect([...dict]).toEqual([
			["a", 3],
			["b", 2],
		]);
		expect(dict.size).toBe(2);
		expect(new PyDict().size).toBe(0);
		expect([...new PyDict(new Map([["k", 5]]))]).toEqual([["k", 5]]);
	});

	test("whose types may be named, and are PyValue where instanceof tells what it is", () => {
		const counts = new PyDict<string, number>([["a", 1]]);
		const count: number | undefined = counts.get("a");
		const any: PyDict = counts;
		const value: PyValue = counts;
		expect([count, any.get("a")]).toEqual([1, 1]);
		if (value instanceof PyDict) expectTypeOf(value).toEqualTypeOf<PyDict>();
		if (value instanceof PyCounter) expectTypeOf(value).toEqualTypeOf<PyCounter>();
		if (any instanceof PyOrderedDict) expectTypeOf(any).toEqualTypeOf<PyOrderedDict>();
		expectTypeOf(new PyDict([["a", 1]])).toEqualTypeOf<PyDict>();
	});

	test("get, has, set, delete and clear", () => {
		const dict = new PyDict();
		expect(dict.set("a", 1).set("b", 2)).toBe(dict);
		expect([dict.get("a"), dict.get("c"), dict.has("b"), dict.has("c")]).toEqual([1, undefined, true, false]);
		expect([dict.delete("a"), dict.delete("a"), dict.size]).toEqual([true, false, 1]);
		dict.clear();
		expect([dict.size, dict.has("b"), [...dict]]).toEqual([0, false, []]);
		expect([...dict.set("b", 3)]).toEqual([["b", 3]]);
	});

	test("a key that was deleted comes back at the end", () => {
		const dict = new PyDict([
			["a", 1],
			["b", 2],
		]);
		dict.delete("a");
		dict.set("a", 3);
		expect([...dict.keys()]).toEqual(["b", "a"]);
	});

	test.each([1, 40])("text finds a key that is no str but equals it, of %i", (count) => {
		const dict = new PyDict(Array.from({ length: count }, (_, i) => [new PyUserString(`k${i}`), i]));
		expect([dict.get("k0"), dict.has("k0"), dict.set("k0", 5).size, dict.get(new PyUserString("k0"))]).toEqual([
			0,
			true,
			count,
			5,
		]);
		expect([dict.delete("k0"), dict.has("k0"), dict.size]).toEqual([true, false, count - 1]);
		const set = new PySet([...dict.set("a", 1).keys(), new PyUserString("a"), new PyUserString("b"), "b"]);
		expect([set.size, set.has("b"), set.delete("a"), set.size]).toEqual([count + 1, true, true, count]);
	});

	test("keys, values, entries and forEach go in order of insertion", () => {
		const dict = new PyDict([
			["b", 1],
			[2, 2],
			["a", 3],
		]);
		expect([...dict.keys()]).toEqual(["b", 2, "a"]);
		expect([...dict.values()]).toEqual([1, 2, 3]);
		expect([...dict.entries()]).toEqual([
			["b", 1],
			[2, 2],
			["a", 3],
		]);
		const seen: unknown[] = [];
		dict.forEach(function (this: unknown, value, key, all) {
			seen.push([this, key, value, all === dict]);
		}, "self");
		expect(seen).toEqual([
			["self", "b", 1, true],
			["self", 2, 2, true],
			["self", "a", 3, true],
		]);
	});

	test("names itself, and shows its entries", () => {
		const dict = new PyDict([["a", 1]]);
		expect(Object.prototype.toString.call(dict)).toBe("[object PyDict]");
		expect(inspect(dict)).toBe("PyDict(1) { 'a' => 1 }");
		expect(inspect(new PyDict([["a", new PyDict()]]), { depth: 0 })).toBe("PyDict(1) { 'a' => [PyDict] }");
		expect(inspect(new PyDict([["a", new PyDict()]]), { depth: null })).toBe("PyDict(1) { 'a' => PyDict(0) {} }");
	});
});

describe("toMap and toObject", () => {
	test("toMap has keys that are equal as JavaScript's are", () => {
		const map = new PyDict([
			[1, "a"],
			[tuple(1), "b"],
		]).toMap();
		expect(map).toBeInstanceOf(Map);
		expect([map.get(1), map.get(1n), map.get(tuple(1))]).toEqual(["a", undefined, undefined]);
	});

	test("toObject has no prototype", () => {
		const object = new PyDict([
			["__proto__", 1],
			["a", 2],
		]).toObject();
		expect(Object.getPrototypeOf(object)).toBeNull();
		expect(Object.entries(object)).toEqual([
			["__proto__", 1],
			["a", 2],
		]);
	});

	test("toObject takes string keys alone", () => {
		expect(() => new PyDict([[1, 2]]).toObject()).toThrow(
			new TypeError("toObject: a key is no string; toMap takes any"),
		);
	});
});

describe("while it is iterated", () => {
	const numbers = (count: number) => new PyDict(Array.from({ length: count }, (_, i): [number, number] => [i, i]));

	test.each([3, 100])("of %i entries, each may be deleted", (count) => {
		const dict = numbers(count);
		const seen: PyValue[] = [];
		for (const key of dict.keys()) {
			seen.push(key);
			dict.delete(key);
		}
		expect(seen).toHaveLength(count);
		expect(dict.size).toBe(0);
	});

	test("entries that come are seen, and those that go are not", () => {
		const dict = numbers(3);
		const seen: PyValue[] = [];
		for (const key of dict.keys()) {
			seen.push(key);
			if (key === 0) dict.delete(1);
			if (key === 2) dict.set("new", 0);
		}
		expect(seen).toEqual([0, 2, "new"]);
	});

	test("it may be a queue: holes are cleared away under an iterator's feet", () => {
		const dict = numbers(2);
		let next = 2;
		const seen: PyValue[] = [];
		for (const key of dict.keys()) {
			seen.push(key);
			dict.delete(key);
			if (next < 1000) dict.set(next++, 0);
		}
		expect(seen).toEqual(Array.from({ length: 1000 }, (_, i) => i));
	});

	test("clear ends it, unless more comes", () => {
		const seen: PyValue[] = [];
		const dict = numbers(5);
		for (const key of dict.keys()) {
			seen.push(key);
			if (key === 1) {
				dict.clear();
				dict.set("after", 0);
			}
		}
		expect(seen).toEqual([0, 1, "after"]);
	});
});

test.each<[string, PyValue]>([
	["a list", []],
	["a dict", new PyDict()],
	["a set", new PySet()],
	["a bytearray", PyByteArray.of(1)],
	["a tuple with a list in it", tuple(1, tuple([]))],
	["a frozenset's place taken by a set", tuple(new PySet())],
])("%s cannot be a key: E_TYPE, and nothing is changed", (_name, key) => {
	for (const size of [0, 1, 20]) {
		const dict = new PyDict(Array.from({ length: size }, (_, i): [number, number] => [i, i]));
		const unhashable = expect.objectContaining({
			code: "E_TYPE",
			message: expect.stringContaining("Python cannot hash it"),
		});
		expect(() => dict.set(key, 1)).toThrow(unhashable);
		expect(dict.size).toBe(size);
	}
});

/* The law: whatever is done to it, it is what a Map is whose keys are Python's equality classes. */

/** Keys and what they equal; two with one name are one key. */
const keys: readonly (readonly [name: string, key: PyValue])[] = [
	["1", 1],
	["1", 1n],
	["1", true],
	["0", 0],
	["0", -0],
	["0", false],
	["None", null],
	["'1'", "1"],
	["'\\0'", "\0str"],
	["b'1'", Uint8Array.of(49)],
	["b'1'", new Uint8Array([48, 49]).subarray(1)],
	["()", tuple()],
	["(1,)", tuple(1)],
	["(1,)", tuple(true)],
	["('1',)", tuple("1")],
	["((1,),)", tuple(tuple(1n))],
	["frozenset()", new PyFrozenSet()],
	["frozenset((1, None))", new PyFrozenSet([1, null])],
	["frozenset((1, None))", new PyFrozenSet([null, true])],
	["2**64", 2n ** 64n],
	["2**64", 2 ** 64],
	["2**64+1", 2n ** 64n + 1n],
	...Array.from({ length: 20 }, (_, i) => [`n${i}`, `n${i}`] as const),
];

type Step = readonly [action: "set" | "delete" | "clear" | "get", key: number, value: number];

const steps = fc.array(
	fc.tuple(
		fc.oneof(
			{ weight: 10, arbitrary: fc.constant("set") },
			{ weight: 6, arbitrary: fc.constant("delete") },
			fc.constantFrom("clear", "get"),
		),
		fc.nat(keys.length - 1),
		fc.nat(99),
	) as fc.Arbitrary<Step>,
	{ maxLength: 300 },
);

test("whatever is done to it, it is as a Map of names would be", () => {
	fc.assert(
		fc.property(steps, (all) => {
			const dict = new PyDict();
			const model = new Map<string, [PyValue, number]>();
			for (const [action, at, value] of all) {
				const [name, key] = keys[at] as (typeof keys)[number];
				if (action === "set") {
					dict.set(key, value);
					model.set(name, [model.get(name)?.[0] ?? key, value]);
				} else if (action === "delete") expect(dict.delete(key)).toBe(model.delete(name));
				else if (action === "get") expect(dict.get(key)).toBe(model.get(name)?.[1]);
				else {
					dict.clear();
					model.clear();
				}
				expect(dict.size).toBe(model.size);
			}
			expect([...dict]).toEqual([...model.values()].map(([key, value]) => [key ?? null, value]));
		}),
	);
});

test("toObject says no without printing a key of many paths", () => {
	let key: readonly unknown[] = tuple(1);
	for (let level = 0; level < 64; level++) key = tuple(key, key) as readonly unknown[];
	expect(() => new PyDict([[key, null]]).toObject()).toThrow(TypeError);
});
