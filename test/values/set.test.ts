import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { PyFrozenSet, PySet, tuple } from "../../src/values.ts";

describe.each([
	["PySet", PySet],
	["PyFrozenSet", PyFrozenSet],
])("%s", (name, Class) => {
	test("holds equal values once, in the order of their first coming", () => {
		const set = new Class([1, "a", true, 1n, tuple(2), tuple(2)]);
		expect([...set]).toEqual([1, "a", tuple(2)]);
		expect(set.size).toBe(3);
		expect([set.has(1.0), set.has(tuple(2n)), set.has("b")]).toEqual([true, true, false]);
	});

	test("iterates as a Set", () => {
		const set = new Class(["a", "b"]);
		expect([...set.values()]).toEqual(["a", "b"]);
		expect([...set.keys()]).toEqual(["a", "b"]);
		expect([...set.entries()]).toEqual([
			["a", "a"],
			["b", "b"],
		]);
		const seen: unknown[] = [];
		set.forEach(function (this: unknown, value, key, all) {
			seen.push([this, value, key, all === set]);
		}, "self");
		expect(seen).toEqual([
			["self", "a", "a", true],
			["self", "b", "b", true],
		]);
	});

	test("names itself, and shows its members", () => {
		const set = new Class(["a"]);
		expect(Object.prototype.toString.call(set)).toBe(`[object ${name}]`);
		expect(inspect(set)).toBe(`${name}(1) { 'a' }`);
		expect(inspect({ deep: set }, { depth: 0 })).toBe(`{ deep: [${name}] }`);
	});
});

test("a set takes and loses members", () => {
	const set = new PySet();
	expect(set.add(1).add(2).add(1)).toBe(set);
	expect([set.delete(1), set.delete(1), [...set]]).toEqual([true, false, [2]]);
	set.clear();
	expect(set.size).toBe(0);
});

test("a frozenset cannot be changed", () => {
	const set = new PyFrozenSet([1]);
	expect(() => set.delete(1)).toThrow(TypeError);
	expect(() => set.clear()).toThrow(TypeError);
	expect("add" in set).toBe(false);
	expect(set.size).toBe(1);
});

test("members may go while the set is iterated", () => {
	const set = new PySet(Array.from({ length: 100 }, (_, i) => i));
	for (const member of set) set.delete(member);
	expect(set.size).toBe(0);
});
