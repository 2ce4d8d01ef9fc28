import { describe, expect, test } from "vitest";
import { decode, encode, PyGlobal, PySet } from "../../src/index.ts";
import { toPython2, toPython3 } from "../../src/opcodes/compat.ts";
import { assemble } from "../support/assemble.ts";

/** Python 2's name, Python 3's, and whether Python 3 writes the first for the second. */
const names: readonly (readonly [old: string, moved: string, back: boolean])[] = [
	["__builtin__ set", "builtins set", true],
	["__builtin__ xrange", "builtins range", true],
	["__builtin__ unicode", "builtins str", true],
	["__builtin__ basestring", "builtins str", false],
	["__builtin__ reduce", "functools reduce", true],
	["copy_reg _reconstructor", "copyreg _reconstructor", true],
	["exceptions ValueError", "builtins ValueError", true],
	["exceptions StandardError", "builtins Exception", false],
	["UserDict UserDict", "collections UserDict", false],
	["UserDict IterableUserDict", "collections UserDict", true],
	["UserDict DictMixin", "collections DictMixin", false],
	["Queue Queue", "queue Queue", true],
	["itertools izip", "builtins zip", true],
	["urllib2 HTTPError", "urllib.error HTTPError", true],
	["cPickle loads", "pickle loads", false],
	["collections OrderedDict", "collections OrderedDict", true],
	["socket _socketobject", "socket SocketType", false],
	["__builtin__ range.start", "builtins range.start", true],
];

const split = (name: string) => name.split(" ") as [string, string];

test.each(names)("%s is %s", (old, moved, back) => {
	expect(toPython3(...split(old))).toEqual(split(moved));
	if (back) expect(toPython2(...split(moved))).toEqual(split(old));
	else expect(toPython2(...split(moved))).not.toEqual(split(old));
});

test.each([
	["builtins ModuleNotFoundError", "exceptions ImportError"],
	["builtins FileNotFoundError", "exceptions OSError"],
	["http.server HTTPServer", "BaseHTTPServer HTTPServer"],
	["http.server SimpleHTTPRequestHandler", "SimpleHTTPServer SimpleHTTPRequestHandler"],
	["_functools partial", "functools partial"],
	["collections deque", "collections deque"],
])("%s is %s in Python 2", (moved, old) => {
	expect(toPython2(...split(moved))).toEqual(split(old));
});

describe("fixImports", () => {
	const set = (protocol: number) => assemble(0x80, protocol, "c__builtin__\nset\n.");

	test.each([0, 1, 2])("renames at protocol %i, unless it is false", (protocol) => {
		expect(decode(set(protocol))).toEqual(new PyGlobal("builtins", "set"));
		expect(decode(set(protocol), { fixImports: false })).toEqual(new PyGlobal("__builtin__", "set"));
	});

	test.each([3, 4, 5])("leaves names alone at protocol %i", (protocol) => {
		expect(decode(set(protocol))).toEqual(new PyGlobal("__builtin__", "set"));
	});

	test("applies to STACK_GLOBAL and extensions too", () => {
		const extensions = new Map([[1, "copy_reg.x"]]);
		expect(decode(assemble("X\x08\0\0\0copy_regX\x01\0\0\0x\x93."))).toEqual(new PyGlobal("copyreg", "x"));
		expect(decode(assemble("\x82\x01."), { extensions })).toEqual(new PyGlobal("copyreg", "x"));
	});

	test("is not needed for the reducers, which know the names of both", () => {
		const pickle = assemble("c__builtin__\nset\n)R.");
		expect(decode(pickle, { fixImports: false })).toEqual(new PySet());
	});
});

describe("a name of Python 2 goes back as it came, though Python 3 has one for several", () => {
	const text = (pickle: Uint8Array) => Buffer.from(pickle).toString("latin1");

	test.each([
		"__builtin__\nint",
		"__builtin__\nlong",
		"__builtin__\nbasestring",
		"__builtin__\nmap",
		"urllib2\nurlopen",
		"UserDict\nUserDict",
		"functools\nreduce",
	])("%j", (name) => {
		const global = decode(assemble(`c${name}\n.`));
		expect(text(encode(global, { python: 2 }))).toContain(`c${name}\n`);
		expect(text(encode(global, { protocol: 0 }))).toContain(`c${name}\n`);
		expect(text(encode(global, { protocol: 0, fixImports: false }))).toContain(
			String(global).replace(/\.(?=[^.]*$)/, "\n"),
		);
	});

	test("beside another one that is the same in Python 3", () => {
		const both = decode(assemble("(c__builtin__\nint\nc__builtin__\nlong\nt."));
		expect(both).toEqual([new PyGlobal("builtins", "int"), new PyGlobal("builtins", "int")]);
		expect(text(encode(both, { python: 2, protocol: 0 }))).toMatch(/c__builtin__\nint\n.*c__builtin__\nlong\n/s);
	});

	test("when it is called", () => {
		const call = decode(assemble("c__builtin__\nstr\n(S'x'\ntR."), { encoding: "bytes" });
		expect(text(encode(call, { python: 2, protocol: 0 }))).toContain("c__builtin__\nstr\n");
	});

	test("when something that lies in it is named", () => {
		const method = "c__builtin__\ngetattr\n(c__builtin__\nstr\nS'join'\ntR";
		const methods = decode(assemble(`(${method}${method}t.`)) as PyGlobal[];
		expect(methods.map(String)).toEqual(["builtins.str.join", "builtins.str.join"]);
		expect(methods[0]).toBe(methods[1]);
		expect(text(encode(methods[0], { python: 2, protocol: 0 }))).toContain("c__builtin__\nstr\n");
	});

	test("and at protocols of Python 3 is Python 3's", () => {
		expect(decode(encode(decode(assemble("c__builtin__\nlong\n."))))).toEqual(new PyGlobal("builtins", "int"));
	});
});
