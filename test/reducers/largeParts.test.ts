import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
	type DecodeOptions,
	decode,
	decodeStream,
	encode,
	isPickleError,
	openPickle,
	PyChainMap,
	PyCounter,
	PyDefaultDict,
	PyDeque,
	PyDict,
	PyFrozenSet,
	PyGlobal,
	PyLazyBytes,
	PyObject,
	PyOrderedDict,
	PyPartial,
	PySet,
	PySimpleNamespace,
	PyUserDict,
	PyUserList,
	PyUserString,
	type PyValue,
	readPickle,
	standardReducers,
	tuple,
} from "../../src/index.ts";
import * as op from "../../src/opcodes/table.ts";
import type { CreateCall } from "../../src/reducers/reducer.ts";
import { assemble, type Piece, uint4 } from "../support/assemble.ts";

/** What `openPickle` leaves in the file, and what waits to be decoded. */
const LARGE = 65_536;

const text = "a".repeat(LARGE);
const bytes = new Uint8Array(LARGE).fill(97);

/** Large payloads by the opcode that brings them, and a small str that `encoding: "ascii"` cannot decode. */
const payloads: readonly (readonly [string, Piece])[] = [
	["str", assemble(op.BINUNICODE, uint4(LARGE), bytes)],
	["a str of Python 2", assemble(op.BINSTRING, uint4(LARGE), bytes)],
	["a str of Python 2 that is no text", assemble(op.BINSTRING, uint4(LARGE), new Uint8Array(LARGE).fill(255))],
	["a str of Python 2 by STRING", assemble(op.STRING, "'", bytes, "'\n")],
	["bytes", assemble(op.BINBYTES, uint4(LARGE), bytes)],
];

const list = (...items: Piece[]): Piece => [op.MARK, items, op.LIST];
const dict = (...entries: Piece[]): Piece => [op.MARK, entries, op.DICT];
const one = (item: Piece): Piece => [item, op.TUPLE1];
const int = [op.BININT1, 1];

/** Where a payload can stand: alone, in containers, in those that hold each other, in keys. */
const shapes: readonly ((payload: Piece) => Piece)[] = [
	(payload) => payload,
	(payload) => list(payload, int),
	(payload) => one(payload),
	(payload) => [op.MARK, op.NONE, payload, op.TUPLE],
	(payload) => one(list(one(payload))),
	(payload) => list([payload, int, op.TUPLE2]),
	(payload) => dict([op.SHORT_BINUNICODE, 4, "data"], payload),
	(payload) => dict([op.SHORT_BINUNICODE, 4, "maps"], list(dict(payload, payload))),
	(payload) => dict(payload, int),
	(payload) => dict(one(one(payload)), int),
	(payload) => [op.MARK, payload, one(payload), op.FROZENSET],
];

/** What can be done with a class or function and a value. */
const uses: readonly (readonly [string, (global: Piece, value: Piece) => Piece])[] = [
	["REDUCE", (global, value) => [global, one(value), op.REDUCE]],
	["REDUCE of two", (global, value) => [global, value, [op.SHORT_BINUNICODE, 6, "latin1"], op.TUPLE2, op.REDUCE]],
	["NEWOBJ", (global, value) => [global, one(value), op.NEWOBJ]],
	[
		"NEWOBJ_EX",
		(global, value) => [global, op.EMPTY_TUPLE, dict([op.SHORT_BINUNICODE, 4, "name"], value), op.NEWOBJ_EX],
	],
	["OBJ", (global, value) => [op.MARK, global, value, op.OBJ]],
	["BUILD", (global, value) => [global, op.EMPTY_TUPLE, op.REDUCE, value, op.BUILD]],
	["BUILD of a new one", (global, value) => [global, op.EMPTY_TUPLE, op.NEWOBJ, value, op.BUILD]],
	["APPEND", (global, value) => [global, op.EMPTY_TUPLE, op.REDUCE, value, op.APPEND]],
	["APPENDS", (global, value) => [global, op.EMPTY_TUPLE, op.REDUCE, op.MARK, value, int, op.APPENDS]],
	["ADDITEMS", (global, value) => [global, op.EMPTY_TUPLE, op.REDUCE, op.MARK, value, int, op.ADDITEMS]],
	["SETITEM", (global, value) => [global, op.EMPTY_TUPLE, op.REDUCE, int, value, op.SETITEM]],
	["SETITEMS", (global, value) => [global, op.EMPTY_TUPLE, op.REDUCE, op.MARK, value, value, op.SETITEMS]],
	// Python 2's copy_reg and a memo that gives a value out again.
	[
		"copyreg",
		(global, value) => [
			[op.GLOBAL, "copy_reg\n_reconstructor\n"],
			[op.MARK, global, global, value, op.TUPLE],
			op.REDUCE,
		],
	],
	[
		"BINGET",
		(global, value) => [op.MARK, one(value), op.BINPUT, 1, global, op.BINGET, 1, op.REDUCE, op.BINGET, 1, op.LIST],
	],
	["DUP", (global, value) => [op.MARK, global, one(value), op.DUP, op.TUPLE2, op.BINPUT, 2, op.POP_MARK, op.BINGET, 2]],
];

/** A value as Node shows it, whole in depth. */
function shown(value: unknown): string {
	return inspect(value, { depth: 50, maxStringLength: 8, maxArrayLength: 4 }).replace(/\s+/g, "");
}

/** What a way of reading gives, or its error's code. */
async function outcome(read: () => unknown): Promise<string> {
	try {
		return shown(await read());
	} catch (error) {
		if (!isPickleError(error)) throw error;
		return error.code;
	}
}

async function streamed(pickle: Uint8Array, options: DecodeOptions): Promise<unknown> {
	for await (const value of decodeStream([pickle.subarray(0, 99), pickle.subarray(99)], options)) return value;
	return undefined;
}

const lazyAsRead = new Map(
	(["text", "bytes", "bytearray"] as const).map((kind) => [
		kind as string,
		shown(kind === "text" ? text : decode(encode(bytes))),
	]),
);

/** What `openPickle` gives, with what it left in the file as reading gives it. */
async function opened(pickle: Uint8Array, options: DecodeOptions): Promise<string> {
	const found = await outcome(async () => (await openPickle(pickle, options)).value);
	return found.replace(/PyLazyBytes\(\d+,(\w+)\)/g, (_, kind: string) => lazyAsRead.get(kind) ?? "LAZY");
}

async function decoded(pickle: Uint8Array, options: DecodeOptions = {}): Promise<string> {
	const found = await outcome(() => decode(pickle, options));
	expect(found).not.toContain("Undecoded");
	return found;
}

/** Every way of reading gives what `decode` gives, and none gives out what waits inside of the machine. */
async function expectAlike(pickle: Uint8Array, options: DecodeOptions = {}): Promise<string> {
	const expected = await decoded(pickle, options);
	expect(await outcome(() => streamed(pickle, options))).toBe(expected);
	expect(await outcome(() => readPickle(new Blob([pickle as Uint8Array<ArrayBuffer>]), options))).toBe(expected);
	const lazy = await opened(pickle, options);
	if (!lazy.includes("LAZY")) expect(lazy).toBe(expected);
	return expected;
}

const names = standardReducers.map(({ name }) => name);

describe("no reducer sees or keeps what waits, whatever it is given", () => {
	test.each([...new Set(names)])("%s", async (name) => {
		const at = name.lastIndexOf(".");
		const global = [op.GLOBAL, `${name.slice(0, at)}\n${name.slice(at + 1)}\n`];
		const [[, payload]] = payloads as [[string, Piece]];
		for (const shape of shapes.filter((_, i) => i % 2 === 0)) {
			for (const [what, use] of uses) {
				if (/OBJ|two|new|APPEND$|SETITEM$|BINGET/.test(what)) continue;
				const pickle = assemble([op.PROTO, 4], use(global, shape(payload)), op.STOP);
				expect(await opened(pickle, {})).toBe(await decoded(pickle));
			}
		}
	});

	test.each(payloads)("of a class of one's own: %s", async (what, payload) => {
		const seen: unknown[] = [];
		const own = {
			name: "app.C",
			create: ({ args, kwargs }: CreateCall) => {
				seen.push(args, kwargs);
				return new PyDeque();
			},
			setState: (_made: unknown, state: PyValue) => void seen.push(state),
			extend: (_made: unknown, items: readonly PyValue[]) => void seen.push(items),
			setItems: (_made: unknown, entries: readonly PyValue[]) => void seen.push(entries),
		};
		const reducers = [...standardReducers, own];
		for (const shape of shapes) {
			for (const [, use] of uses) {
				const pickle = assemble([op.PROTO, 4], use([op.GLOBAL, "app\nC\n"], shape(payload)), op.STOP);
				await expectAlike(pickle, { reducers });
				if (what.includes("no text")) await expectAlike(pickle, { reducers, encoding: "ascii" });
			}
		}
		expect(shown(seen)).not.toMatch(/Undecoded|PyLazyBytes/);
	});

	test.each(payloads)("of no class that is known: %s", async (what, payload) => {
		for (const shape of shapes) {
			for (const [, use] of uses) {
				const pickle = assemble([op.PROTO, 4], use([op.GLOBAL, "app\nC\n"], shape(payload)), op.STOP);
				await expectAlike(pickle);
				if (what.includes("no text")) await expectAlike(pickle, { encoding: "ascii" });
			}
		}
	});
});

const mapped = (value: PyValue) => new PyDict([["key", value]]);
const called = (...args: PyValue[]) => new PyObject("call", new PyGlobal("app", "f"), args);

/** What holds values, of a large one. */
const holders: readonly (readonly [string, (value: PyValue) => PyValue])[] = [
	["list", (value) => [value, 1]],
	["list of one", (value) => [value]],
	["tuple", (value) => tuple(value, tuple(value))],
	["dict", mapped],
	["key", (value) => new PyDict([[value, 1]])],
	["key in a tuple", (value) => new PyDict([[tuple(1, tuple(value)), 1]])],
	["set", (value) => new PySet([value, 1])],
	["frozenset", (value) => new PyFrozenSet([value])],
	["deque of one", (value) => new PyDeque([value])],
	["deque", (value) => new PyDeque([value, 1], 5)],
	["OrderedDict", (value) => new PyOrderedDict([[1, value]])],
	["defaultdict", (value) => Object.assign(new PyDefaultDict(new PyGlobal("builtins", "list")).set("key", value))],
	["Counter", (value) => new PyCounter([[value, 1]])],
	["ChainMap", (value) => new PyChainMap([mapped(value)])],
	["UserDict", (value) => new PyUserDict(mapped(value))],
	["UserList", (value) => new PyUserList([value])],
	["SimpleNamespace", (value) => new PySimpleNamespace(mapped(value))],
	["partial", (value) => new PyPartial(new PyGlobal("app", "f"), tuple(value), mapped(value))],
	["an object", (value) => called(value, [value])],
	["deque of objects", (value) => new PyDeque([called(value), tuple(value)])],
	["set of objects", (value) => new PySet([called(value)])],
];

describe("at every protocol", () => {
	for (const protocol of [0, 1, 2, 3, 4, 5] as const) {
		test.each(holders)(`${protocol}: %s`, async (_, hold) => {
			for (const value of [text, bytes]) await expectAlike(encode(hold(value), { protocol }));
			if (protocol < 3) await expectAlike(encode(hold(text), { protocol, python: 2 }));
		});
		test(`${protocol}: UserString`, async () => {
			await expectAlike(encode(new PyUserString(text), { protocol }));
		});
	}
});

describe("openPickle reads in", () => {
	test("keys, which are then found, and equal ones are one", async () => {
		const key = [op.BINUNICODE, uint4(LARGE), text];
		const pickle = assemble([op.PROTO, 4], dict(key, int, [op.SHORT_BINUNICODE, 1, "x"], int, key, op.NONE), op.STOP);
		const { value } = await openPickle<PyDict>(pickle);
		expect([value.size, value.get(text)]).toEqual([2, null]);
	});

	test("a module's name", async () => {
		const pickle = assemble(
			[op.PROTO, 4, op.BINUNICODE, uint4(LARGE), text],
			[op.SHORT_BINUNICODE, 1, "f"],
			[op.STACK_GLOBAL, op.STOP],
		);
		expect((await openPickle<PyGlobal>(pickle)).value.module).toBe(text);
	});

	test("no more than that: what a deque and an object hold stays in the file", async () => {
		const { value } = await openPickle<PyDeque>(encode(new PyDeque([text, called(bytes), tuple(bytes)])));
		const [first, object, pair] = value.items as [PyValue, PyObject, readonly PyValue[]];
		for (const left of [first, object.args[0], pair[0]]) expect(left).toBeInstanceOf(PyLazyBytes);
		expect(Object.isFrozen(pair)).toBe(true);
	});
});
