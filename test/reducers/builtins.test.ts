import { describe, expect, test } from "vitest";
import {
	type DecodeOptions,
	decode,
	Ellipsis,
	NotImplemented,
	PyByteArray,
	PyComplex,
	PyDict,
	PyFrozenSet,
	PyGlobal,
	PyObject,
	PyRange,
	PySet,
	PySlice,
	type PyValue,
	tuple,
} from "../../src/index.ts";
import { assemble, type Piece, uint4 } from "../support/assemble.ts";

const list = (...items: Piece[]): Piece => ["(", items, "l"];
const tup = (...items: Piece[]): Piece => ["(", items, "t"];
const int = (value: number): Piece => ["J", uint4(value)];
const text = (value: string): Piece => ["X", uint4(value.length), value];
const bytes = (value: string): Piece => ["B", uint4(value.length), value];
const pair = (key: Piece, value: Piece): Piece => tup(key, value);

/** `builtins.name(*args)`. */
function call(name: string, args: readonly Piece[], options?: DecodeOptions, module = "builtins"): PyValue {
	return decode(assemble(`c${module}\n${name}\n`, tup(...args), "R."), options);
}

const latin = (value: string) => Uint8Array.from(value, (char) => char.charCodeAt(0));
const large = "x".repeat(70_000);

type Row = [name: string, args: readonly Piece[], value: PyValue, options?: DecodeOptions];

const rows: Row[] = [
	["set", [], new PySet()],
	["set", [list(int(1), int(2), int(1))], new PySet([1, 2])],
	["set", [tup(text("a"))], new PySet(["a"])],
	["set", [["(", int(1), "\x91"]], new PySet([1])],
	["frozenset", [list(int(1))], new PyFrozenSet([1])],
	["frozenset", [text("hello")], new PyFrozenSet(["h", "e", "l", "o"])],
	["list", [], []],
	["list", [tup(int(1))], [1]],
	["list", [text("a🐍".replace("🐍", "\xf0\x9f\x90\x8d"))], ["a", "🐍"]],
	["list", [bytes("\x01\x02")], [1, 2]],
	["list", [["}", int(1), "Ns"]], [1]],
	["tuple", [list(int(1), "N")], tuple(1, null)],
	["tuple", [], tuple()],
	["dict", [], new PyDict()],
	["dict", [list(pair(int(1), "N"))], new PyDict([[1, null]])],
	["dict", [list(list(int(1), "N"))], new PyDict([[1, null]])],
	["dict", [["}", int(1), "Ns"]], new PyDict([[1, null]])],
	["bytes", [], latin("")],
	["bytes", [bytes("ab")], latin("ab")],
	["bytes", [list(int(1), int(255))], latin("\x01\xff")],
	["bytes", [int(3)], new Uint8Array(3)],
	["bytes", [int(3)], new Uint8Array(3), { integers: "bigint" }],
	["bytes", [int(3)], new Uint8Array(3), { integers: "long" }],
	["bytes", [text("\xc3\xa9"), text("latin-1")], latin("\xe9")],
	["bytes", [text("\xc3\xa9"), text("utf-8")], latin("\xc3\xa9")],
	["bytes", [["U\x02\xc3\xa9"]], latin("\xc3\xa9")],
	["bytearray", [], PyByteArray.of()],
	["bytearray", [bytes("ab")], PyByteArray.from(latin("ab"))],
	["bytearray", [text("\xc3\xa9"), text("latin-1")], PyByteArray.of(0xe9)],
	["bytearray", [text(large), text("latin-1")], PyByteArray.from(latin(large))],
	["complex", [], new PyComplex(0, 0)],
	["complex", [["G\x3f\xf0\0\0\0\0\0\0"], int(2)], new PyComplex(1, 2)],
	["complex", [["G\x3f\xf0\0\0\0\0\0\0"], int(2)], new PyComplex(1, 2), { floats: "exact", integers: "long" }],
	["complex", ["\x88"], new PyComplex(1, 0)],
	["range", [int(5)], new PyRange(0, 5, 1)],
	["range", [int(1), int(5)], new PyRange(1, 5, 1)],
	["range", [int(5), int(1), int(-2)], new PyRange(5, 1, -2)],
	["range", [int(1), int(5), int(1)], new PyRange(1, 5, 1), { integers: "long" }],
	["slice", [int(5)], new PySlice(null, 5, null)],
	["slice", [int(1), int(5)], new PySlice(1, 5, null)],
	["slice", [int(1), "N", text("x")], new PySlice(1, null, "x")],
];

test.each<Row>(rows)("%s(%j) is %o", (name, args, value, options) => {
	const decoded = call(name, args, options);
	expect(decoded).toEqual(value);
	expect(Object.getPrototypeOf(decoded)).toBe(Object.getPrototypeOf(value));
	expect(Object.isFrozen(decoded)).toBe(Object.isFrozen(value));
	// Python 2's range makes a list; its xrange is what became range.
	const old = name === "range" ? "xrange" : name;
	expect(call(old, args, options, "__builtin__")).toEqual(value);
	expect(call(old, args, { ...options, fixImports: false }, "__builtin__")).toEqual(value);
});

describe("NEWOBJ, which calls __new__ alone,", () => {
	test.each<[string, PyValue]>([
		["set", new PySet()],
		["list", []],
		["dict", new PyDict()],
		["bytearray", PyByteArray.of()],
	])("makes an empty %s, whatever the arguments, as in Python", (name, value) => {
		expect(decode(assemble(`cbuiltins\n${name}\n`, tup(list(tup(int(1), int(2)))), "\x81."))).toEqual(value);
	});

	test.each<[string, PyValue]>([
		["frozenset", new PyFrozenSet([1, 2])],
		["tuple", tuple(1, 2)],
		["bytes", Uint8Array.of(1, 2)],
	])("fills a %s, which nothing can fill later", (name, value) => {
		expect(decode(assemble(`cbuiltins\n${name}\n`, tup(list(int(1), int(2))), "\x81."))).toEqual(value);
	});
});

test("bytes made by a call are a copy, so that a bytearray or another holder changes nothing", () => {
	const [source, copy] = decode(assemble(bytes("ab"), "q\x000cbuiltins\nbytes\nh\x00\x85Rh\x00\x86.")) as [
		Uint8Array,
		Uint8Array,
	];
	expect(copy).toEqual(source);
	expect(copy.buffer).not.toBe(source.buffer);
});

const refused: readonly (readonly [name: string, args: readonly Piece[], reason: string])[] = [
	["set", [int(1)], "something to iterate over"],
	["set", [list(), list()], "set takes 0 to 1 arguments, not 2"],
	["dict", [list(int(1))], "pairs of key and value|something to iterate over"],
	["dict", [list(tup(int(1)))], "pairs of key and value"],
	["bytes", [int(-1)], "a negative count"],
	["bytes", [list(int(256))], "bytes holds 0 to 255"],
	["bytearray", [list(int(-1))], "bytearray holds 0 to 255"],
	["bytes", [list("N")], "an argument is to be an int"],
	["bytes", ["N"], "bytes are needed here"],
	["bytes", [text("\xe2\x82\xac"), text("latin-1")], "text within Latin-1 is needed"],
	["bytes", [text("a"), text("utf-16")], "bytes of text is to be in latin-1 or utf-8"],
	["complex", ["N"], "complex takes numbers"],
	["complex", [text("1+2j")], "complex takes numbers"],
	["complex", [list()], "complex takes numbers"],
	["range", [], "range takes 1 to 3 arguments, not 0"],
	["range", [int(0), int(5), int(0)], "the step of a range cannot be 0"],
	["range", ["N"], "an argument is to be an int"],
	["range", [["G\x3f\xf8\0\0\0\0\0\0"]], "an argument is to be an int"],
	["slice", [], "slice takes 1 to 3 arguments"],
];

test.each(refused)("%s(%j) is E_REDUCER: %s", (name, args, reason) => {
	const expected = { code: "E_REDUCER", opcode: "REDUCE", reason: expect.stringMatching(reason) };
	expect(() => call(name, args)).toThrow(expect.objectContaining(expected));
});

test("positional functions take no keyword arguments", () => {
	const pickle = assemble("cbuiltins\nfrozenset\n)}", text("a"), "Ns\x92.");
	expect(() => decode(pickle)).toThrow(
		expect.objectContaining({ code: "E_REDUCER", reason: "frozenset takes no keyword arguments here" }),
	);
});

test("an unhashable member is E_TYPE", () => {
	expect(() => call("set", [list(list())])).toThrow(expect.objectContaining({ code: "E_TYPE" }));
});

test("a set's members may be strs of Python 2", () => {
	expect(call("set", [list("U\x01\xe9")], { encoding: "bytes" })).toEqual(new PySet([latin("\xe9")]));
	expect(call("set", [list("U\x01\xe9")], { encoding: "latin1" })).toEqual(new PySet(["é"]));
});

describe("getattr is how old protocols name what lies in a class", () => {
	const getattr = (owner: Piece, ...names: Piece[]) =>
		decode(assemble("cbuiltins\ngetattr\n", tup(owner, ...names), "R."));
	const outer = "czoo\nOuter\n";

	test("a name in a class", () => {
		expect(getattr(outer, text("Inner"))).toEqual(new PyGlobal("zoo", "Outer.Inner"));
	});

	test("and in what that gave", () => {
		const inner: Piece = ["cbuiltins\ngetattr\n", tup(outer, text("Inner")), "R"];
		expect(getattr(inner, text("Core"))).toEqual(new PyGlobal("zoo", "Outer.Inner.Core"));
	});

	test("a name that is a str of Python 2", () => {
		const pickle = assemble("c__builtin__\ngetattr\n", tup(outer, "U\x05Inner"), "R.");
		for (const encoding of ["auto", "bytes"] as const) {
			expect(decode(pickle, { encoding })).toEqual(new PyGlobal("zoo", "Outer.Inner"));
		}
	});

	test.each<[string, Piece[]]>([
		["with a default", [outer, text("Inner"), "N"]],
		["of an object", [[outer, ")\x81"], text("attribute")]],
		["without a name", [outer]],
	])("%s it stays a call", (_name, args) => {
		const [owner, ...names] = args as [Piece, ...Piece[]];
		const object = getattr(owner, ...names) as PyObject;
		expect(object).toBeInstanceOf(PyObject);
		expect(object).toMatchObject({ kind: "call", callable: new PyGlobal("builtins", "getattr") });
		expect(object.args).toHaveLength(args.length);
	});
});

describe("names that are values", () => {
	test.each([
		["Ellipsis", Ellipsis],
		["NotImplemented", NotImplemented],
	])("%s", (name, value) => {
		expect(decode(assemble(`cbuiltins\n${name}\n.`))).toBe(value);
		expect(decode(assemble(`c__builtin__\n${name}\n.`), { fixImports: false })).toBe(value);
		expect(() => decode(assemble(`cbuiltins\n${name}\n)R.`))).toThrow(/cannot be called|an object|PyConstant/);
	});
});
