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
		["UserDict of Python 2, an old class", ["(iUserDict\nUserDict\n(dS'data'\n(dsb"], new PyUserDict()],
		[
			"UserList of Python 2",
			[call("copy_reg._reconstructor", "cUserList\nUserList\nc__builtin__\nobject\nN"), "(dS'data'\n(lsb"],
			new PyUserList(),
		],
	])("%s", (_name, pieces, value) => {
		expect(read(pieces as string)).toEqual(value);
	});

	test("UserDict is an instance of an old class in Python 2, the others are not", () => {
		const written = (value: PyValue) => Buffer.from(encode(value, { python: 2, protocol: 0 })).toString("latin1");
		expect(written(new PyUserDict())).toMatch(/^\(iUserDict\nIterableUserDict\n/);
		expect(written(new PyUserList())).toMatch(/^ccopy_reg\n_reconstructor\n.*cUserList\nUserList\n/s);
	});

	test("what was set beside stays", () => {
		const value = read(made("UserDict"), "}(", str("data"), "}", str("extra"), "K\x05ub") as PyUserDict;
		expect([...value.attributes]).toEqual([["extra", 5]]);
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
