import { describe, expect, test } from "vitest";
import {
	decode,
	encode,
	PyChainMap,
	PyCounter,
	PyDefaultDict,
	PyDeque,
	PyDict,
	PyGlobal,
	PyObject,
	PyOrderedDict,
	PyUserDict,
	PyUserList,
	PyUserString,
	type PyValue,
	toPlain,
} from "../../src/index.ts";
import { assemble } from "../support/assemble.ts";
import { call, expectBack, read, refused, shown, str } from "../support/calls.ts";

const list = new PyGlobal("builtins", "list");
const dict = (...entries: [PyValue, PyValue][]) => new PyDict(entries);
const made = (name: string) => ["\x80\x02ccollections\n", name, "\n)\x81"];

describe("goes back as it came", () => {
	test.each<[PyValue, string, unknown]>([
		[new PyDefaultDict(list, [["a", 1]]), "defaultdict(list, {'a': 1})", { a: 1 }],
		[new PyDefaultDict(), "defaultdict(None, {})", {}],
		[new PyCounter([["a", 2]]), "Counter({'a': 2})", { a: 2 }],
		[new PyCounter(), "Counter()", {}],
		[new PyOrderedDict(), "OrderedDict()", {}],
		[dict([new PyUserString("k"), 1]), "{UserString('k'): 1}", { k: 1 }],
		[new PyDeque([1, "b"]), "deque([1, 'b'])", [1, "b"]],
		[new PyDeque([], 3), "deque([], maxlen=3)", []],
		[new PyUserDict(dict(["a", 1])), "UserDict({'a': 1})", { a: 1 }],
		[new PyUserList([1, 2]), "UserList([1, 2])", [1, 2]],
		[new PyUserString("text"), "UserString('text')", "text"],
		[new PyChainMap([dict(["a", 1]), dict(["b", 2])]), "ChainMap({'a': 1}, {'b': 2})", [{ a: 1 }, { b: 2 }]],
	])("%s", (value, repr, plain) => {
		expectBack(value);
		expect(shown(value)).toBe(repr);
		expect(toPlain(value)).toEqual(plain);
	});
});

describe("as pickled", () => {
	test.each<[string, unknown, PyValue]>([
		[
			"defaultdict",
			[call("collections.defaultdict", "c__builtin__\nlist\n"), "K\x01Ns"],
			new PyDefaultDict(list, [[1, null]]),
		],
		["Counter", call("collections.Counter", "}K\x01K\x02s"), new PyCounter([[1, 2]])],
		["deque of Python 3", [call("collections.deque", ")K\x03"), "(K\x01K\x02e"], new PyDeque([1, 2], 3)],
		["deque of Python 2", call("collections.deque", "(K\x01lK\x03"), new PyDeque([1], 3)],
		["UserDict", [made("UserDict"), "}", str("data"), "}sb"], new PyUserDict()],
		["UserDict of pairs", call("collections.UserDict", "]", str("a"), "K\x01\x86a"), new PyUserDict(dict(["a", 1]))],
		[
			"UserDict of another",
			call("UserDict.UserDict", call("collections.UserDict", "}", str("a"), "K\x01s")),
			new PyUserDict(dict(["a", 1])),
		],
		["UserDict of None", call("collections.UserDict", "N"), new PyUserDict()],
		["UserList of a tuple", call("collections.UserList", "K\x01K\x02\x86"), new PyUserList([1, 2])],
		["UserList of another", call("collections.UserList", call("collections.UserList", "]K\x01a")), new PyUserList([1])],
		["UserString of text", call("collections.UserString", str("abc")), new PyUserString("abc")],
		["ChainMap of dicts", call("collections.ChainMap", "}K\x01K\x02s}"), new PyChainMap([dict([1, 2]), dict()])],
		["ChainMap", call("collections.ChainMap"), new PyChainMap()],
		["UserDict of Python 2, an old class", ["(iUserDict\nUserDict\n(dS'data'\n(dsb"], new PyUserDict()],
		[
			"UserList of Python 2",
			[call("copy_reg._reconstructor", "cUserList\nUserList\nc__builtin__\nobject\nN"), "(dS'data'\n(lsb"],
			new PyUserList(),
		],
	])("%s", (_name, pieces, value) => {
		expect(read(pieces as string)).toEqual(value);
	});

	test.each(["UserDict", "UserList", "UserString"])("%s of what only Python can read stays a call", (name) => {
		const value = read(call(`collections.${name}`, "cmine\nThing\n)R"));
		expect(value).toMatchObject({ kind: "call", args: [expect.any(PyObject)] });
		expectBack(value);
	});

	test("UserDict has a dict of its own", () => {
		const [given, wrapped] = read("}q\x00", call("collections.UserDict", "h\x00"), "\x86") as unknown as [
			PyDict,
			PyUserDict,
		];
		expect(wrapped.data).not.toBe(given);
	});

	test("more items than maxlen, of the caller's, are E_UNENCODABLE", () => {
		const deque = new PyDeque([1, 2, 3], 3);
		deque.items.push(4);
		for (const options of [{}, { python: 2 }] as const)
			expect(() => encode([deque], options)).toThrow(expect.objectContaining({ code: "E_UNENCODABLE", path: "$[0]" }));
	});

	test("UserDict is an instance of an old class in Python 2, the others are not", () => {
		const written = (value: PyValue) => Buffer.from(encode(value, { python: 2, protocol: 0 })).toString("latin1");
		expect(written(new PyUserDict())).toMatch(/^\(iUserDict\nIterableUserDict\n/);
		expect(written(new PyUserList())).toMatch(/^ccopy_reg\n_reconstructor\n.*cUserList\nUserList\n/s);
	});

	test("what was set beside stays", () => {
		const value = read(made("UserDict"), "}(", str("data"), "}", str("extra"), "K\x05ub") as PyUserDict;
		expect([...value.attributes]).toEqual([["extra", 5]]);
		expect(shown(value)).toBe("UserDict({}, extra=5)");
		expectBack(value);
	});

	test("a deque and a defaultdict in themselves", () => {
		const deque = read(call("collections.deque"), "q\x00h\x00a") as PyDeque;
		expect(deque.items[0]).toBe(deque);
		expect(shown(deque)).toBe("deque([<cycle: $>])");
		expect(() => toPlain(deque)).toThrow(expect.objectContaining({ code: "E_PLAIN" }));
		const again = decode(encode(deque)) as PyDeque;
		expect(again.items[0]).toBe(again);
		const map = read(call("collections.defaultdict"), "q\x00Nh\x00s") as PyDefaultDict;
		expect(map.get(null)).toBe(map);
	});

	test("ChainMap gives the first that has a key", () => {
		const map = new PyChainMap([dict(["a", 1]), new PyUserDict(dict(["a", 2], ["b", 3]))]);
		expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([1, 3, undefined]);
	});
});

describe("as keys", () => {
	test.each<[PyValue]>([
		[new PyDefaultDict()],
		[new PyCounter()],
		[new PyDeque()],
		[new PyUserDict()],
		[new PyUserList()],
		[new PyChainMap()],
	])("%o cannot be hashed", (value) => {
		expect(() => new PyDict([[value, 1]])).toThrow(expect.objectContaining({ code: "E_TYPE" }));
	});

	test("a UserString is its text", () => {
		for (const text of ["a", "", "\0x"]) expect(new PyDict([[text, 1]]).has(new PyUserString(text))).toBe(true);
	});
});

describe("what is none is refused", () => {
	test.each<[string, unknown, string]>([
		["a factory that is text", call("collections.defaultdict", str("x")), "factory of a defaultdict"],
		["a factory that is a list", call("collections.defaultdict", "]"), "factory of a defaultdict"],
		["a Counter of a list", call("collections.Counter", "]"), "made of a dict"],
		["more items than maxlen", [call("collections.deque", ")K\x01"), "(K\x01K\x02e"], "at most 1 items cannot have 2"],
		["more items than maxlen, in Python 2", call("collections.deque", "(K\x01K\x02lK\x01"), "maxlen of a deque"],
		["a maxlen below 0", call("collections.deque", ")J\xff\xff\xff\xff"), "an int is to be 0"],
		["a maxlen that is text", call("collections.deque", ")", str("5")), "an int"],
		["a deque of an int", call("collections.deque", "K\x05"), "iterate over"],
		["a UserDict of two", call("collections.UserDict", str("x"), "]"), "0 to 1 arguments, not 2"],
		["a UserDict of a list of none", call("collections.UserDict", "]Na"), "pairs of key and value"],
		["a UserList by __new__", ["ccollections\nUserList\n]\x85\x81"], "0 arguments, not 1"],
		["a deque with a state", [call("collections.deque"), "}K\x01Nsb"], "takes no state"],
		["a UserString of an int", [made("UserString"), "}", str("data"), "K\x05sb"], "to be a str"],
		["a UserDict's state that is a list", [made("UserDict"), "]b"], "a dict of attributes"],
	])("%s", (_name, pieces, reason) => {
		expect(() => read(pieces as string)).toThrow(refused(reason));
	});

	test("copies of one list are charged", () => {
		const many = call("collections.deque", "h\x00");
		const pickle = assemble(
			"](",
			"K\x00".repeat(10_000),
			"eq\x00",
			["(", ...Array.from({ length: 3000 }, () => many), "t"],
			".",
		);
		expect(() => decode(pickle)).toThrow(expect.objectContaining({ code: "E_LIMIT", limit: "maxWork" }));
	});
});
