import { describe, expect, test } from "vitest";
import {
	type DecodeOptions,
	decode,
	decodeAll,
	decodeStream,
	PickleError,
	PyDict,
	PyGlobal,
	PyObject,
	PySet,
	type PyValue,
	type Reducer,
	standardReducers,
	tuple,
} from "../../src/index.ts";
import * as op from "../../src/opcodes/table.ts";
import { assemble, type Piece } from "../support/assemble.ts";

const thing = [op.GLOBAL, "zoo\nThing\n"];
const made = [thing, op.EMPTY_TUPLE, op.NEWOBJ];
const text = (value: string): Piece => [op.SHORT_BINUNICODE, value.length, value];

function objectOf(...pickle: readonly Piece[]): PyObject {
	const value = decode(assemble(...pickle, op.STOP));
	expect(value).toBeInstanceOf(PyObject);
	return value as PyObject;
}

describe("an object that no reducer claims keeps, in order, what was done to it", () => {
	test.each<[string, Piece[], unknown]>([
		["BUILD", [op.BININT1, 7, op.BUILD], [{ kind: "state", state: 7 }]],
		["BUILD of None", [op.NONE, op.BUILD], [{ kind: "state", state: null }]],
		[
			"BUILD twice",
			[op.BININT1, 7, op.BUILD, op.BININT1, 8, op.BUILD],
			[
				{ kind: "state", state: 7 },
				{ kind: "state", state: 8 },
			],
		],
		["APPEND", [op.NONE, op.APPEND], [{ kind: "items", items: [null] }]],
		["APPENDS", [op.MARK, op.NONE, op.BININT1, 1, op.APPENDS], [{ kind: "items", items: [null, 1] }]],
		["ADDITEMS", [op.MARK, op.NONE, op.ADDITEMS], [{ kind: "add", items: [null] }]],
		["SETITEM", [op.NONE, op.BININT1, 1, op.SETITEM], [{ kind: "entries", entries: [null, 1] }]],
		["SETITEMS", [op.MARK, op.NONE, op.BININT1, 1, op.SETITEMS], [{ kind: "entries", entries: [null, 1] }]],
		["nothing to append", [op.MARK, op.APPENDS, op.MARK, op.SETITEMS, op.MARK, op.ADDITEMS], []],
		[
			"several",
			[op.NONE, op.APPEND, op.BININT1, 7, op.BUILD, op.NONE, op.NONE, op.SETITEM],
			[
				{ kind: "items", items: [null] },
				{ kind: "state", state: 7 },
				{ kind: "entries", entries: [null, null] },
			],
		],
	])("%s", (_name, steps, expected) => {
		expect(objectOf(made, steps).steps).toEqual(expected);
	});

	test("views of the steps", () => {
		const object = objectOf(
			[made, op.BININT1, 1, op.APPEND, op.MARK, op.BININT1, 2, op.ADDITEMS, op.BININT1, 3, op.BININT1, 4, op.SETITEM],
			[op.BININT1, 5, op.BUILD, op.BININT1, 6, op.BUILD],
		);
		expect(object).toMatchObject({ items: [1, 2], entries: [3, 4], state: 6 });
		expect(new PyObject("new", new PyGlobal("a", "b"), [])).toMatchObject({ items: [], entries: [], state: undefined });
	});

	test("keyword arguments", () => {
		const object = objectOf(thing, op.EMPTY_TUPLE, op.MARK, text("a"), op.NONE, op.DICT, op.NEWOBJ_EX);
		expect(object.kwargs).toEqual(new PyDict([["a", null]]));
	});

	test("what another call would give can be called", () => {
		const object = objectOf(thing, op.EMPTY_TUPLE, op.REDUCE, op.EMPTY_TUPLE, op.REDUCE);
		expect(object.callable).toBeInstanceOf(PyObject);
		expect(object.class).toBeUndefined();
	});
});

describe("state_setter: a call that took the object first, and whose result was dropped", () => {
	const setter = [op.GLOBAL, "zoo\nset_state\n"];
	const calls = (object: PyObject) => object.steps.flatMap((step) => (step.kind === "call" ? [step.call] : []));

	test("is a step of the object", () => {
		const object = objectOf(made, op.MEMOIZE, setter, op.BINGET, 0, op.BININT1, 7, op.TUPLE2, op.REDUCE, op.POP);
		const [call] = calls(object);
		expect(call).toMatchObject({ kind: "call", callable: new PyGlobal("zoo", "set_state") });
		expect(call?.args).toEqual([object, 7]);
	});

	test("a dropped call of something else is forgotten", () => {
		const object = objectOf(made, op.MEMOIZE, setter, op.NONE, op.TUPLE1, op.REDUCE, op.POP);
		expect(object.steps).toEqual([]);
	});

	test("a call that the memo holds is not one: recursive tuples drop items that they find there", () => {
		const object = objectOf(made, op.MEMOIZE, setter, op.BINGET, 0, op.TUPLE1, op.REDUCE, op.MEMOIZE, op.POP);
		expect(object.steps).toEqual([]);
	});
});

/** A class for which reducers are written here. */
class Thing {
	readonly made: string;
	readonly done: unknown[] = [];

	constructor(kind = "call") {
		this.made = kind;
	}
}

const reducer: Reducer<Thing> = {
	name: "zoo.Thing",
	aliases: ["oldzoo.Thing"],
	create: ({ kind, args, kwargs }) => {
		const thing = new Thing(kind);
		if (args.length > 0) thing.done.push([...args]);
		if (kwargs) thing.done.push(kwargs);
		return thing;
	},
	setState: (thing, state) => void thing.done.push({ state }),
	extend: (thing, items) => void thing.done.push({ items }),
	setItems: (thing, entries) => void thing.done.push({ entries }),
};

const options: DecodeOptions = { reducers: [reducer] };
const read = (pickle: readonly Piece[], reducers: readonly Reducer[] = [reducer]) =>
	decode(assemble(...pickle, op.STOP), { reducers }) as Thing;

describe("a reducer makes the object and is told what is done to it", () => {
	test.each<[string, Piece[], string, unknown[]]>([
		["REDUCE", [thing, op.EMPTY_TUPLE, op.REDUCE], "call", []],
		["REDUCE with arguments", [thing, op.NONE, op.TUPLE1, op.REDUCE], "call", [[null]]],
		["NEWOBJ", made, "new", []],
		["NEWOBJ_EX", [thing, op.EMPTY_TUPLE, op.EMPTY_DICT, op.NEWOBJ_EX], "new", [new PyDict()]],
		["INST, whose class has no arguments", [op.MARK, op.INST, "zoo\nThing\n"], "new", []],
		["INST with arguments", [op.MARK, op.NONE, op.INST, "zoo\nThing\n"], "call", [[null]]],
		["OBJ", [op.MARK, thing, op.NONE, op.OBJ], "call", [[null]]],
		["its other names", [op.GLOBAL, "oldzoo\nThing\n", op.EMPTY_TUPLE, op.REDUCE], "call", []],
		["BUILD", [made, op.BININT1, 7, op.BUILD], "new", [{ state: 7 }]],
		["APPEND", [made, op.NONE, op.APPEND], "new", [{ items: [null] }]],
		["APPENDS", [made, op.MARK, op.NONE, op.NONE, op.APPENDS], "new", [{ items: [null, null] }]],
		["ADDITEMS", [made, op.MARK, op.NONE, op.NONE, op.ADDITEMS], "new", [{ items: [null, null] }]],
		["SETITEM", [made, op.NONE, op.BININT1, 1, op.SETITEM], "new", [{ entries: [null, 1] }]],
	])("%s", (_name, pickle, kind, done) => {
		const thing = read(pickle);
		expect(thing).toBeInstanceOf(Thing);
		expect(thing).toMatchObject({ made: kind, done });
	});

	test("later ones win, also over the standard ones", () => {
		const name = "builtins.set";
		const mine: Reducer[] = [
			{ name, create: () => "first" },
			{ name: "other", aliases: [name], create: () => "last" },
		];
		expect(read([op.GLOBAL, "builtins\nset\n", op.EMPTY_TUPLE, op.REDUCE], [...standardReducers, ...mine])).toBe(
			"last",
		);
	});

	test("nothing made is None", () => {
		expect(read(made, [{ name: "zoo.Thing", create: () => undefined }])).toBeNull();
	});

	test.each<[string, Piece[], Reducer]>([
		[
			"items for its Array",
			[op.BININT1, 1, op.APPEND],
			{ name: "zoo.Thing", create: () => [0], extend: (to, items) => to.push({ items }) },
		],
		[
			"entries for its PyDict",
			[op.NONE, op.NONE, op.SETITEM],
			{ name: "zoo.Thing", create: () => new PyDict(), setItems: (to) => to.set("by", "me") },
		],
		[
			"members for its PySet",
			[op.MARK, op.NONE, op.ADDITEMS],
			{ name: "zoo.Thing", create: () => new PySet(), extend: (to) => to.add("by me") },
		],
	])("its own methods come before those of the value: %s", (_name, steps, own) => {
		const { extend: _extend, setItems: _setItems, ...without } = own;
		const [withOwn, plain] = [read([made, steps], [own]), read([made, steps], [without])];
		expect(withOwn).not.toEqual(plain);
	});

	test("the context tells offset, options and other reducers, and makes globals and tuples", () => {
		const asks: Reducer = {
			name: "zoo.Thing",
			create: (_call, context) => [
				context.offset,
				context.options.integers,
				context.resolve("zoo.Thing") === asks,
				context.resolve("zoo.Other"),
				String(context.global("a", "b")),
				Object.isFrozen(context.tuple([1])),
			],
		};
		expect(read([op.NONE, op.POP, made], [asks])).toEqual([
			2 + assemble(thing).length + 1,
			"auto",
			true,
			undefined,
			"a.b",
			true,
		]);
	});
});

describe("what a reducer throws is an E_REDUCER with the place", () => {
	const broken = (method: string): Reducer => ({
		...reducer,
		[method]: () => {
			throw new RangeError("broken");
		},
	});

	test.each<[string, Piece[]]>([
		["create", [made]],
		["setState", [made, op.NONE, op.BUILD]],
		["extend", [made, op.NONE, op.APPEND]],
		["setItems", [made, op.NONE, op.NONE, op.SETITEM]],
		["key", [made]],
	])("%s", (method, pickle) => {
		const error = failure(() => read(pickle, [broken(method)]));
		expect(error).toMatchObject({ code: "E_REDUCER", reason: "zoo.Thing: broken", cause: new RangeError("broken") });
		expect(error.offset).toBe(assemble(...pickle).length - 1);
	});

	test("a text that is thrown", () => {
		const error = failure(() => read([made], [{ ...reducer, create: () => raise("no reason") }]));
		expect(error).toMatchObject({ code: "E_REDUCER", reason: "zoo.Thing: no reason" });
	});

	test("but a PickleError keeps its code, and gets the place", () => {
		const own = new PickleError("E_TYPE", "wants a dict");
		const error = failure(() => read([made], [{ ...reducer, create: () => raise(own) }]));
		expect(error).toMatchObject({ code: "E_TYPE", reason: "wants a dict", opcode: "NEWOBJ" });
	});

	test.each<[string, Piece[], string]>([
		["state", [made, op.BININT1, 1, op.BUILD], "a Thing takes no state"],
		["items", [made, op.NONE, op.APPEND], "a Thing takes no items"],
		["members", [made, op.MARK, op.NONE, op.ADDITEMS], "a Thing takes no members"],
		["entries", [made, op.NONE, op.NONE, op.SETITEM], "a Thing takes no entries"],
	])("one that takes no %s: E_TYPE", (_name, pickle, reason) => {
		const bare: Reducer = { name: "zoo.Thing", create: () => new Thing() };
		expect(failure(() => read(pickle, [bare]))).toMatchObject({ code: "E_TYPE", reason });
	});

	test.each<[string, Piece[]]>([
		["None", [op.NONE]],
		["None and no slots", [op.NONE, op.EMPTY_DICT, op.TUPLE2]],
	])("a state of %s says nothing, and any object takes it", (_name, state) => {
		const bare: Reducer = { name: "zoo.Thing", create: () => new Thing() };
		expect(read([made, state, op.BUILD], [bare])).toBeInstanceOf(Thing);
	});
});

function raise(what: unknown): never {
	throw what;
}

function failure(run: () => unknown): PickleError {
	try {
		run();
	} catch (error) {
		expect(error).toBeInstanceOf(PickleError);
		return error as PickleError;
	}
	throw new Error("nothing was thrown");
}

describe("setState may give a replacement while nothing else refers to the object", () => {
	const frozen: Reducer = {
		name: "zoo.Thing",
		create: () => ({ empty: true }),
		setState: (_object, state) => Object.freeze({ state }),
	};

	test.each<[string, Piece[], unknown]>([
		["in its place", [made, op.NONE, op.BUILD], { state: null }],
		["in a list", [op.EMPTY_LIST, made, op.NONE, op.BUILD, op.APPEND], [{ state: null }]],
		["from the memo", [made, op.MEMOIZE, op.NONE, op.BUILD, op.POP, op.BINGET, 0], { state: null }],
		["replaced again", [made, op.MEMOIZE, op.NONE, op.BUILD, op.BININT1, 7, op.BUILD], { state: 7 }],
		[
			"of two objects",
			[made, op.MEMOIZE, made, op.MEMOIZE, op.NONE, op.BUILD, op.BUILD, op.BINGET, 1, op.TUPLE2],
			[{ state: { state: null } }, { state: null }],
		],
		[
			"whose memo place was taken by another",
			[made, op.PUT, "0\n", op.NONE, op.PUT, "0\n", op.BUILD, op.GET, "0\n", op.TUPLE2],
			[{ state: null }, null],
		],
	])("%s", (_name, pickle, value) => {
		expect(read(pickle, [frozen])).toEqual(value);
	});

	test.each<[string, Piece[]]>([
		["the memo gave it out", [made, op.MEMOIZE, op.EMPTY_LIST, op.BINGET, 0, op.APPEND, op.BUILD]],
		["it is in the memo twice", [made, op.BINPUT, 0, op.BINPUT, 1, op.NONE, op.BUILD]],
		["it was doubled on the stack", [made, op.DUP, op.NONE, op.BUILD, op.TUPLE2]],
	])("not when %s: E_REDUCER", (_name, pickle) => {
		const error = failure(() => read(pickle, [frozen]));
		expect(error).toMatchObject({
			code: "E_REDUCER",
			reason: "zoo.Thing replaced an object that others refer to already",
		});
	});

	test("returning the object itself, or nothing, is always right", () => {
		const same: Reducer = { ...reducer, setState: (object) => object };
		expect(read([made, op.DUP, op.NONE, op.BUILD, op.TUPLE2], [same])).toHaveLength(2);
	});
});

describe("key: what a reducer's object is equal to", () => {
	const keyed: Reducer<{ key: PyValue }> = {
		name: "zoo.Thing",
		create: ({ args: [key] }) => ({ key: key as PyValue }),
		setState: (object, state) => void Object.assign(object, { key: state }),
		key: ({ key }) => key as string,
	};
	const one = (key: Piece): Piece => [thing, key, op.TUPLE1, op.REDUCE];
	const size = (...keys: Piece[]) =>
		(read([op.EMPTY_SET, op.MARK, ...keys, op.ADDITEMS], [keyed]) as unknown as PySet).size;

	test("equal keys are one member", () => {
		expect(size(one(text("a")), one(text("a")), one(text("b")))).toBe(2);
	});

	test("text is equal among its kind alone, a number to any number", () => {
		expect(size(one(text("a")), text("a"))).toBe(2);
		expect(size(one([op.BININT1, 1]), op.NEWTRUE, [op.BININT1, 1])).toBe(1);
	});

	test("it is asked again after the state", () => {
		expect(size([one(op.NONE), text("a"), op.BUILD], one(text("a")))).toBe(1);
	});

	test("without it objects are equal to themselves alone", () => {
		const pickle = [op.EMPTY_SET, op.MARK, made, op.MEMOIZE, made, op.BINGET, 0, op.ADDITEMS];
		expect((read(pickle) as unknown as PySet).size).toBe(2);
	});
});

test("a reducer for a class of one's own takes a few lines", () => {
	class Point {
		x = 0;
		y = 0;
	}
	const point: Reducer<Point> = {
		name: "shapes.Point",
		create: () => new Point(),
		setState: (made, state) => {
			if (!(state instanceof PyDict)) throw new TypeError("its state is to be a dict");
			made.x = Number(state.get("x"));
			made.y = Number(state.get("y"));
		},
	};
	const pickle = assemble(
		[op.PROTO, 2, op.GLOBAL, "shapes\nPoint\n", op.EMPTY_TUPLE, op.NEWOBJ, op.EMPTY_DICT, op.MARK],
		[text("x"), op.BININT1, 3, text("y"), op.BININT1, 4, op.SETITEMS, op.BUILD, op.STOP],
	);
	expect(decode(pickle, { reducers: [...standardReducers, point] })).toEqual(
		Object.assign(new Point(), { x: 3, y: 4 }),
	);
});

test("reducers go with each call, and leave no trace in others", () => {
	expect(read(made)).toBeInstanceOf(Thing);
	expect(decode(assemble(...made, op.STOP))).toBeInstanceOf(PyObject);
	expect([...decodeAll(assemble(made, op.STOP, made, op.STOP), options)]).toHaveLength(2);
});

test("a reducer or loader may decode something itself", () => {
	const inner = assemble(op.BININT1, 7, op.STOP);
	const nested: Reducer = { name: "zoo.Thing", create: () => decode(inner) };
	expect(read([op.EMPTY_LIST, made, op.APPEND, made, op.APPEND], [nested])).toEqual([7, 7]);
	const pickle = assemble(op.EMPTY_LIST, op.PERSID, "a\n", op.APPEND, op.STOP);
	expect(decode(pickle, { persistentLoad: () => decode(pickle) })).toHaveLength(1);
});

describe("what an input says when it ends while a reducer's object is read", () => {
	const unfinished: Reducer = { ...reducer, unfinished: (_thing, parts) => `only ${parts.length} parts came` };
	const pickle = assemble(made, op.MARK, op.NONE, op.NONE);

	test("is part of the message", async () => {
		const reducers = [unfinished];
		expect(() => decode(pickle, { reducers })).toThrow("without STOP: only 2 parts came");
		const stream = decodeStream([pickle], { reducers });
		await expect(stream.next()).rejects.toThrow("without STOP: only 2 parts came");
	});

	test("where nothing can be said, nothing is", () => {
		expect(() => decode(pickle, options)).toThrow(/without STOP \(/);
	});
});

describe("no name or key of a pickle touches a prototype", () => {
	const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];

	test.each(names)("%s", (name) => {
		const before = Object.getOwnPropertyNames(Object.prototype);
		const dict = decode(assemble(op.EMPTY_DICT, text(name), op.EMPTY_DICT, op.SETITEM, op.STOP)) as PyDict;
		expect([...dict.keys()]).toEqual([name]);
		expect(Object.keys(dict.toObject())).toEqual([name]);
		const object = decode(
			assemble(made, op.EMPTY_DICT, text(name), op.BININT1, 7, op.SETITEM, op.BUILD, op.STOP),
		) as PyObject;
		expect(object.get(name)).toBe(7);
		expect(object.get("valueOf")).toBeUndefined();
		expect(String(decode(assemble(text(name), text(name), op.STACK_GLOBAL, op.STOP)))).toBe(`${name}.${name}`);
		expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
		expect(Object.getPrototypeOf(object)).toBe(PyObject.prototype);
	});
});

test("a tuple of a reducer counts as one", () => {
	const tuples: Reducer = { name: "zoo.Thing", create: (_call, context) => context.tuple([1, 2]) };
	expect(read([op.EMPTY_SET, op.MARK, made, op.ADDITEMS], [tuples])).toEqual(new PySet([tuple(1, 2)]));
});
