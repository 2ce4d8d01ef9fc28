import { describe, expect, test } from "vitest";
import { decode, PyDict, PyGlobal, PyObject, PySet, type Reducer, standardReducers } from "../../src/index.ts";
import { assemble, type Piece } from "../support/assemble.ts";

const tup = (...items: Piece[]): Piece => ["(", items, "t"];
const helper = (name: string, args: Piece, module = "copyreg") => [`c${module}\n${name}\n`, args, "R"];
const thing = "czoo\nThing\n";
const object = "cbuiltins\nobject\n";
const Thing = new PyGlobal("zoo", "Thing");

/** Tells how it was made. */
const reducer: Reducer = {
	name: "zoo.Thing",
	create: ({ kind, args, kwargs }) => ({ kind, args: [...args], kwargs }),
	setState: (made, state) => ({ ...made, state }),
};
const reducers = [...standardReducers, reducer];

const rows: readonly (readonly [name: string, args: Piece, made: object])[] = [
	["_reconstructor", tup(thing, object, "N"), { kind: "new", args: [] }],
	["_reconstructor", tup(thing, ["cdill._dill\n_load_type\n", "U\nObjectType\x85R"], "N"), { kind: "new", args: [] }],
	["_reconstructor", tup(thing, "cbuiltins\nint\n", "K\x05"), { kind: "new", args: [5] }],
	["__newobj__", tup(thing), { kind: "new", args: [] }],
	["__newobj__", tup(thing, "K\x05", "N"), { kind: "new", args: [5, null] }],
	["__newobj_ex__", tup(thing, tup("K\x05"), "}"), { kind: "new", args: [5], kwargs: new PyDict() }],
];

describe.each(rows)("%s(%j)", (name, args, made) => {
	test.each(["copyreg", "copy_reg"])("of %s makes what the class's reducer makes", (module) => {
		const pickle = assemble(helper(name, args, module), "K\x07b.");
		expect(decode(pickle, { reducers })).toEqual({ kwargs: undefined, ...made, state: 7 });
	});

	test("stays a call where no reducer claims the class, which it names", () => {
		const value = decode(assemble(helper(name, args), "K\x07b.")) as PyObject;
		expect(value).toBeInstanceOf(PyObject);
		expect(value).toMatchObject({ kind: "call", callable: new PyGlobal("copyreg", name), state: 7 });
		expect(value.class).toEqual(Thing);
		expect(value.args[0]).toEqual(Thing);
	});
});

test("_reconstructor of a class that is its own base calls it: __new__, then __init__", () => {
	const pickle = assemble(helper("_reconstructor", tup("cbuiltins\nset\n", "cbuiltins\nset\n", "(K\x01l")), ".");
	expect(decode(pickle)).toEqual(new PySet([1]));
	expect(decode(assemble(helper("_reconstructor", tup(thing, thing, "K\x05")), "."), { reducers })).toMatchObject({
		kind: "call",
		args: [5],
	});
});

test("_reconstructor of object stays a call with a state that object would leave unread", () => {
	const value = decode(assemble(helper("_reconstructor", tup(thing, object, "K\x05")), "."), { reducers });
	expect(value).toMatchObject({ kind: "call", args: [Thing, new PyGlobal("builtins", "object"), 5] });
});

test("__newobj__ of a set makes an empty one, as in Python", () => {
	expect(decode(assemble(helper("__newobj__", tup("cbuiltins\nset\n", "(K\x01l")), "."))).toEqual(new PySet());
});

test.each<[string, Piece, Piece, string]>([
	["_reconstructor", tup(), tup(thing, object), "takes 3 arguments, not 2"],
	["__newobj__", tup(), tup(), "needs a class"],
	["__newobj_ex__", tup(), tup(thing), "takes 3 arguments, not 1"],
])("%s of wrong arguments is E_REDUCER", (name, none, few, reason) => {
	const of = (args: Piece) => () => decode(assemble(helper(name, args), "."), { reducers });
	expect(of(none)).toThrow(
		expect.objectContaining({ code: "E_REDUCER", reason: expect.stringContaining("needs a class") }),
	);
	expect(of(few)).toThrow(expect.objectContaining({ code: "E_REDUCER", reason: expect.stringContaining(reason) }));
});

test("a helper that makes a helper is no recursion", () => {
	const itself = "ccopyreg\n__newobj__\n";
	const pickle = assemble(itself, "q\x00(", "h\x00".repeat(50_000), "tR.");
	expect((decode(pickle) as PyObject).args).toHaveLength(50_000);
});
