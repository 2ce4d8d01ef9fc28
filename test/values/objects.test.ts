import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { PyDict, PyGlobal, PyObject, type PyObjectKind, PyPersistent, type PyValue, tuple } from "../../src/values.ts";

const Thing = new PyGlobal("zoo", "Thing");
const made = (...states: PyValue[]) => {
	const object = new PyObject("new", Thing, tuple());
	for (const state of states) PyObject.addState(object, state);
	return object;
};

test("a PyGlobal is a name", () => {
	expect(String(Thing)).toBe("zoo.Thing");
	expect(inspect(Thing)).toBe('PyGlobal("zoo.Thing")');
	expect(inspect(new PyGlobal("a\n", "b"))).toBe('PyGlobal("a\\n.b")');
});

test("a PyPersistent has the id", () => {
	expect(new PyPersistent(tuple("storage", 5)).id).toEqual(["storage", 5]);
});

describe("class: what a PyObject is an instance of, as far as its making tells", () => {
	test.each<[string, PyObjectKind, PyValue, PyValue[], PyGlobal | undefined]>([
		["new", "new", Thing, [], Thing],
		["inst", "inst", Thing, [], Thing],
		["call", "call", Thing, [], Thing],
		[
			"_reconstructor",
			"call",
			new PyGlobal("copyreg", "_reconstructor"),
			[Thing, new PyGlobal("builtins", "object"), null],
			Thing,
		],
		["Python 2's", "call", new PyGlobal("copy_reg", "_reconstructor"), [Thing], Thing],
		["__newobj__", "call", new PyGlobal("copyreg", "__newobj__"), [Thing], Thing],
		["__newobj_ex__", "call", new PyGlobal("copyreg", "__newobj_ex__"), [Thing], Thing],
		["a helper of what is no class", "call", new PyGlobal("copyreg", "__newobj__"), [5], undefined],
		[
			"another function of copyreg",
			"call",
			new PyGlobal("copyreg", "other"),
			[Thing],
			new PyGlobal("copyreg", "other"),
		],
		["a call of a call", "call", new PyObject("call", Thing, []), [], undefined],
	])("%s", (_name, kind, callable, args, expected) => {
		expect(new PyObject(kind, callable, args).class).toEqual(expected);
	});
});

describe("get and attributes", () => {
	const a = (value: PyValue) => new PyDict([["a", value]]);

	test.each<[string, PyObject, PyValue | undefined, readonly PyValue[]]>([
		["no state", made(), undefined, []],
		["a dict", made(a(1)), 1, [["a", 1]]],
		["another dict", made(new PyDict([["b", 1]])), undefined, [["b", 1]]],
		["the last of two", made(a(1), a(2)), 2, [["a", 2]]],
		[
			"an earlier one",
			made(a(1), new PyDict([["b", 2]])),
			1,
			[
				["a", 1],
				["b", 2],
			],
		],
		["a dict and slots, which come last", made(tuple(a(1), a(2))), 2, [["a", 2]]],
		["slots alone", made(tuple(null, a(2))), 2, [["a", 2]]],
		["a dict and no slots", made(tuple(a(1), null)), 1, [["a", 1]]],
		["a state of another form", made(5, [1, 2, 3], "text"), undefined, []],
		["None as value", made(a(null)), null, [["a", null]]],
		[
			'a name in bytes, as encoding: "bytes" leaves it',
			made(new PyDict([[Uint8Array.of(97), 1]])),
			1,
			[[Uint8Array.of(97), 1]],
		],
	])("%s", (_name, object, value, attributes) => {
		expect(object.get("a")).toEqual(value);
		expect([...object.attributes()]).toEqual(attributes);
	});
});

test("state is the last one, steps are all", () => {
	const object = made(1, 2);
	expect(object.state).toBe(2);
	expect(object.steps).toEqual([
		{ kind: "state", state: 1 },
		{ kind: "state", state: 2 },
	]);
	expect(made().state).toBeUndefined();
});

test("items and entries are views, to which nothing can be added", () => {
	const object = made();
	object.steps.push({ kind: "items", items: [1] }, { kind: "add", items: [2] }, { kind: "entries", entries: [3, 4] });
	expect([object.items, object.entries]).toEqual([
		[1, 2],
		[3, 4],
	]);
	for (const view of [object.items, object.entries, made().items])
		expect(() => (view as PyValue[]).push(5)).toThrow(TypeError);
});

test("Node shows a cycle once", () => {
	const thing = made(new PyDict());
	(thing.state as PyDict).set("self", thing);
	expect(inspect(thing, { depth: Number.POSITIVE_INFINITY })).toBe(
		"PyObject <zoo.Thing> { state: PyDict(1) { 'self' => [Circular] } }",
	);
});

test("Node shows what it is", () => {
	expect(inspect(made(5))).toBe("PyObject <zoo.Thing> { state: 5 }");
	expect(inspect([made(made(made(5)))], { depth: 1 })).toBe(
		"[ PyObject <zoo.Thing> { state: [PyObject <zoo.Thing>] } ]",
	);
	expect(inspect(new PyObject("new", Thing, [], new PyDict([["k", 1]])))).toContain("kwargs: PyDict(1) { 'k' => 1 }");
});
