import { describe, expect, test } from "vitest";
import {
	type DecodeOptions,
	decode,
	decodeAll,
	decodeFirst,
	PyByteArray,
	PyDict,
	PyFloat,
	PyFrozenSet,
	PyGlobal,
	PyObject,
	PyPersistent,
	PySet,
	type PyValue,
	tuple,
	unpickler,
} from "../../src/index.ts";
import * as op from "../../src/opcodes/table.ts";
import { opcodes } from "../../src/opcodes/table.ts";
import { assemble, type Piece, uint2, uint4, uint8 } from "../support/assemble.ts";

interface Row {
	readonly opcode: string;
	readonly pickle: readonly Piece[];
	readonly value: PyValue;
	readonly options?: DecodeOptions;
}

function row(opcode: string, pickle: readonly Piece[], value: PyValue, options: DecodeOptions = {}): Row {
	return { opcode, pickle: [...pickle, op.STOP], value, options };
}

const half = [0x3f, 0xe0, 0, 0, 0, 0, 0, 0];
const thing = [op.GLOBAL, "zoo\nThing\n"];
const made = [thing, op.EMPTY_TUPLE, op.NEWOBJ];
const Thing = new PyGlobal("zoo", "Thing");

/** One row for each opcode at least: the pickle, and the value it has. */
const rows: readonly Row[] = [
	row("MARK", [op.MARK, op.LIST], []),
	row("EMPTY_TUPLE", [op.EMPTY_TUPLE], tuple()),
	row("STOP", [op.NONE, op.BININT1, 7], 7),
	row("POP", [op.BININT1, 7, op.NONE, op.POP], 7),
	row("POP", [op.BININT1, 7, op.MARK, op.POP], 7),
	row("POP_MARK", [op.BININT1, 7, op.MARK, op.NONE, op.NONE, op.POP_MARK], 7),
	row("DUP", [op.BININT1, 7, op.DUP, op.TUPLE2], tuple(7, 7)),
	row("BINBYTES", [op.BINBYTES, uint4(3), "a\0b"], Uint8Array.of(97, 0, 98)),
	row("SHORT_BINBYTES", [op.SHORT_BINBYTES, 2, 0, 255], Uint8Array.of(0, 255)),
	row("FLOAT", [op.FLOAT, "-1.5e3\n"], -1500),
	row("FLOAT", [op.FLOAT, "nan\n"], Number.NaN),
	row("BINFLOAT", [op.BINFLOAT, half], 0.5),
	row("BINFLOAT", [op.BINFLOAT, 0x80, 0, 0, 0, 0, 0, 0, 0], -0),
	row("BINFLOAT", [op.BINFLOAT, 0xff, 0xf0, 0, 0, 0, 0, 0, 0], Number.NEGATIVE_INFINITY),
	row("INT", [op.INT, "-42\n"], -42),
	row("INT", [op.INT, "01\n"], true),
	row("INT", [op.INT, "00\n"], false),
	row("BININT", [op.BININT, uint4(-2)], -2),
	row("BININT1", [op.BININT1, 255], 255),
	row("BININT2", [op.BININT2, uint2(65535)], 65535),
	row("LONG", [op.LONG, "123456789012345678901L\n"], 123456789012345678901n),
	row("LONG1", [op.LONG1, 0], 0),
	row("LONG1", [op.LONG1, 1, 0xff], -1),
	row("LONG1", [op.LONG1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1], 2n ** 64n),
	row("LONG4", [op.LONG4, uint4(2), 0, 0x80], -32768),
	row("NONE", [op.NONE], null),
	row("NEWTRUE", [op.NEWTRUE], true),
	row("NEWFALSE", [op.NEWFALSE], false),
	row("PERSID", [op.PERSID, "page 3\n"], new PyPersistent("page 3")),
	row("BINPERSID", [op.BININT1, 3, op.BINPERSID], new PyPersistent(3)),
	row("REDUCE", [thing, op.BININT1, 1, op.TUPLE1, op.REDUCE], new PyObject("call", Thing, tuple(1))),
	row("STRING", [op.STRING, "'it\\'s \\x41\\n'\n"], "it's A\n"),
	row("STRING", [op.STRING, '"two"\n'], "two"),
	row("BINSTRING", [op.BINSTRING, uint4(2), "ab"], "ab"),
	row("SHORT_BINSTRING", [op.SHORT_BINSTRING, 2, "ab"], "ab"),
	row("SHORT_BINSTRING", [op.SHORT_BINSTRING, 1, 0xe9], Uint8Array.of(0xe9)),
	row("UNICODE", [op.UNICODE, "\xe9\\u20ac\\U0001f40d\\x\n"], "é€🐍\\x"),
	row("BINUNICODE", [op.BINUNICODE, uint4(3), "\xe2\x82\xac"], "€"),
	row("SHORT_BINUNICODE", [op.SHORT_BINUNICODE, 3, "\xef\xbb\xbf"], "\ufeff"),
	row("SHORT_BINUNICODE", [op.SHORT_BINUNICODE, 3, "\xed\xa0\x80"], "\ud800"),
	row("BINUNICODE8", [op.BINUNICODE8, uint8(2), "\xc3\xa9"], "é"),
	row("BINBYTES8", [op.BINBYTES8, uint8(1), 200], Uint8Array.of(200)),
	row("BYTEARRAY8", [op.BYTEARRAY8, uint8(2), 1, 2], PyByteArray.of(1, 2)),
	row("EMPTY_LIST", [op.EMPTY_LIST], []),
	row("APPEND", [op.EMPTY_LIST, op.BININT1, 1, op.APPEND], [1]),
	row("APPENDS", [op.EMPTY_LIST, op.MARK, op.BININT1, 1, op.NONE, op.APPENDS], [1, null]),
	row("LIST", [op.MARK, op.BININT1, 1, op.NONE, op.LIST], [1, null]),
	row("TUPLE", [op.MARK, op.BININT1, 1, op.TUPLE], tuple(1)),
	row("TUPLE1", [op.BININT1, 1, op.TUPLE1], tuple(1)),
	row("TUPLE2", [op.BININT1, 1, op.NONE, op.TUPLE2], tuple(1, null)),
	row("TUPLE3", [op.BININT1, 1, op.NONE, op.NEWTRUE, op.TUPLE3], tuple(1, null, true)),
	row("EMPTY_DICT", [op.EMPTY_DICT], new PyDict()),
	row("DICT", [op.MARK, op.BININT1, 1, op.NONE, op.DICT], new PyDict([[1, null]])),
	row("SETITEM", [op.EMPTY_DICT, op.BININT1, 1, op.NONE, op.SETITEM], new PyDict([[1, null]])),
	row("SETITEMS", [op.EMPTY_DICT, op.MARK, op.NONE, op.BININT1, 1, op.SETITEMS], new PyDict([[null, 1]])),
	row("EMPTY_SET", [op.EMPTY_SET], new PySet()),
	row("ADDITEMS", [op.EMPTY_SET, op.MARK, op.NONE, op.BININT1, 1, op.ADDITEMS], new PySet([null, 1])),
	row("FROZENSET", [op.MARK, op.NONE, op.BININT1, 1, op.FROZENSET], new PyFrozenSet([null, 1])),
	row("PUT", [op.BININT1, 7, op.PUT, "12\n", op.POP, op.GET, "12\n"], 7),
	row("BINPUT", [op.BININT1, 7, op.BINPUT, 200, op.POP, op.BINGET, 200], 7),
	row("LONG_BINPUT", [op.BININT1, 7, op.LONG_BINPUT, uint4(70000), op.POP, op.LONG_BINGET, uint4(70000)], 7),
	row("GET", [op.BININT1, 7, op.BINPUT, 0, op.GET, "0\n", op.TUPLE2], tuple(7, 7)),
	row("BINGET", [op.BININT1, 7, op.PUT, "0\n", op.BINGET, 0, op.TUPLE2], tuple(7, 7)),
	row("LONG_BINGET", [op.BININT1, 7, op.BINPUT, 3, op.LONG_BINGET, uint4(3), op.TUPLE2], tuple(7, 7)),
	row("MEMOIZE", [op.BININT1, 7, op.MEMOIZE, op.BINGET, 0, op.TUPLE2], tuple(7, 7)),
	row("GLOBAL", [op.GLOBAL, "zoo\nThing\n"], Thing),
	row("STACK_GLOBAL", [op.SHORT_BINUNICODE, 3, "zoo", op.SHORT_BINUNICODE, 5, "Thing", op.STACK_GLOBAL], Thing),
	row("INST", [op.MARK, op.BININT1, 1, op.INST, "zoo\nThing\n"], new PyObject("inst", Thing, tuple(1))),
	row("OBJ", [op.MARK, thing, op.BININT1, 1, op.OBJ], new PyObject("inst", Thing, tuple(1))),
	row("NEWOBJ", made, new PyObject("new", Thing, tuple())),
	row("NEWOBJ_EX", [thing, op.EMPTY_TUPLE, op.EMPTY_DICT, op.NEWOBJ_EX], new PyObject("new", Thing, [], new PyDict())),
	row("BUILD", [made, op.BININT1, 9, op.BUILD], withState(new PyObject("new", Thing, tuple()), 9)),
	row("EXT1", [op.EXT1, 200], Thing, { extensions: new Map([[200, "zoo.Thing"]]) }),
	row("EXT2", [op.EXT2, uint2(300)], Thing, { extensions: new Map([[300, "zoo.Thing"]]) }),
	row("EXT4", [op.EXT4, uint4(70000)], Thing, { extensions: new Map([[70000, "zoo.Thing"]]) }),
	row("PROTO", [op.PROTO, 5, op.NONE], null),
	row("FRAME", [op.PROTO, 4, op.FRAME, uint8(2), op.NONE], null),
	row("NEXT_BUFFER", [op.NEXT_BUFFER], Uint8Array.of(1, 2), { buffers: [Uint8Array.of(1, 2).buffer] }),
	row("READONLY_BUFFER", [op.NEXT_BUFFER, op.READONLY_BUFFER], Uint8Array.of(3), { buffers: [Uint8Array.of(3)] }),
];

function withState(object: PyObject, state: PyValue): PyObject {
	PyObject.addState(object, state);
	return object;
}

/** PyObject with what it keeps private, for comparing. */
function shown(value: PyValue): unknown {
	if (!(value instanceof PyObject)) return value;
	const { kind, callable, args, kwargs, steps } = value;
	return { kind, callable, args, kwargs, steps };
}

test("the rows below have each of the 68 opcodes", () => {
	expect(new Set(rows.map(({ opcode }) => opcode))).toEqual(new Set(opcodes.map(({ name }) => name)));
});

test.each(rows)("$opcode: $value", ({ pickle, value, options }) => {
	const decoded = decode(assemble(...pickle), options);
	expect(shown(decoded)).toEqual(shown(value));
	expect(Object.isFrozen(decoded)).toBe(Object.isFrozen(value));
	expect(Object.getPrototypeOf(Object(decoded))).toBe(Object.getPrototypeOf(Object(value)));
});

describe("integers of all opcodes follow the option", () => {
	const pickle = assemble(
		op.MARK,
		[op.BININT1, 1, op.BININT2, uint2(2), op.BININT, uint4(-3), op.INT, "4\n", op.LONG, "5L\n"],
		[op.LONG1, 1, 6, op.LONG4, uint4(1), 7, op.LONG1, 9, uint8(0), 1, op.INT, "01\n", op.NEWTRUE, op.LIST, op.STOP],
	);

	test("bigint: all, but for booleans", () => {
		expect(decode(pickle, { integers: "bigint" })).toEqual([1n, 2n, -3n, 4n, 5n, 6n, 7n, 2n ** 64n, true, true]);
	});

	test("long: a Long up to 64 bits, beyond them a bigint", () => {
		const values = decode(pickle, { integers: "long" }) as { constructor: { name: string } }[];
		expect(values.map(String)).toEqual(["1", "2", "-3", "4", "5", "6", "7", String(2n ** 64n), "true", "true"]);
		expect(values.slice(0, 7).every((value) => value.constructor.name === "Long")).toBe(true);
		expect(typeof values[7]).toBe("bigint");
	});

	test.each([
		[2n ** 53n - 1n, "number"],
		[2n ** 53n, "bigint"],
		[-(2n ** 53n), "bigint"],
		[1n - 2n ** 53n, "number"],
	])("auto: %s is a %s", (value, type) => {
		expect(typeof decode(assemble(op.LONG1, 8, uint8(value), op.STOP))).toBe(type);
	});
});

test('floats: "exact" keeps integral ones apart from ints, and leaves the others numbers', () => {
	const pickle = assemble(
		op.MARK,
		[op.BINFLOAT, 0x40, 0, 0, 0, 0, 0, 0, 0, op.FLOAT, "2\n"],
		[op.BINFLOAT, half, op.FLOAT, "inf\n", op.BININT1, 2],
		[op.LIST, op.STOP],
	);
	expect(decode(pickle, { floats: "exact" })).toEqual([
		new PyFloat(2),
		new PyFloat(2),
		0.5,
		Number.POSITIVE_INFINITY,
		2,
	]);
	expect(decode(pickle)).toEqual([2, 2, 0.5, Number.POSITIVE_INFINITY, 2]);
});

describe('tuples: "array" leaves them unfrozen', () => {
	const pickles: readonly (readonly [string, readonly Piece[], PyValue])[] = [
		["empty", [op.EMPTY_TUPLE], []],
		["of a mark", [op.MARK, op.NONE, op.TUPLE], [null]],
		["TUPLE2", [op.NONE, op.NONE, op.TUPLE2], [null, null]],
	];
	test.each(pickles)("%s", (_name, pickle, value) => {
		const decoded = decode(assemble(...pickle, op.STOP), { tuples: "array" });
		expect(decoded).toEqual(value);
		expect(Object.isFrozen(decoded)).toBe(false);
	});

	test("they are hashable, take no items, and each pickle has an empty one of its own", () => {
		const { decode: read } = unpickler({ tuples: "array" });
		const dict = read(assemble(op.EMPTY_DICT, op.NONE, op.TUPLE1, op.NEWTRUE, op.SETITEM, op.STOP)) as PyDict;
		expect([...dict]).toEqual([[[null], true]]);
		expect(() => read(assemble(op.EMPTY_TUPLE, op.NONE, op.APPEND, op.STOP))).toThrow("takes no items");
		const empty = assemble(op.EMPTY_TUPLE, op.STOP);
		expect(read(empty)).not.toBe(read(empty));
	});
});

describe("shared references and cycles", () => {
	test("what the memo gives out is the same object", () => {
		const [one, other] = decode(assemble(op.EMPTY_LIST, op.BINPUT, 0, op.BINGET, 0, op.TUPLE2, op.STOP)) as [
			unknown,
			unknown,
		];
		expect(one).toBe(other);
	});

	test("a list in itself", () => {
		const list = decode(assemble(op.EMPTY_LIST, op.MEMOIZE, op.BINGET, 0, op.APPEND, op.STOP)) as unknown[];
		expect(list[0]).toBe(list);
	});

	test.each([3, 64, 65, 200])("%d lists, one in the other, that are all in the innermost before they end", (depth) => {
		const begin = Array.from({ length: depth }, () => [op.EMPTY_LIST, op.MEMOIZE, op.MARK]);
		const all = Array.from({ length: depth }, (_, place) => [op.BINGET, place]);
		const ends = Array.from({ length: depth }, () => op.APPENDS);
		let list = decode(assemble(begin, all, ends, op.STOP)) as unknown[];
		const lists = [list];
		while (lists.length < depth) {
			expect(list).toHaveLength(1);
			list = list[0] as unknown[];
			lists.push(list);
		}
		expect(list).toHaveLength(depth);
		expect(list.every((item, place) => item === lists[place])).toBe(true);
	});

	test("a dict in itself", () => {
		const dict = decode(assemble(op.EMPTY_DICT, op.MEMOIZE, op.NONE, op.BINGET, 0, op.SETITEM, op.STOP)) as PyDict;
		expect(dict.get(null)).toBe(dict);
	});

	test("an object in its state", () => {
		const object = decode(assemble(made, op.MEMOIZE, op.BINGET, 0, op.TUPLE1, op.BUILD, op.STOP)) as PyObject;
		expect((object.state as unknown[])[0]).toBe(object);
	});

	test("a set in the state of its member", () => {
		const set = decode(
			assemble(op.EMPTY_SET, op.MEMOIZE, op.MARK, made, op.MEMOIZE, op.BINGET, 0, op.BUILD, op.ADDITEMS, op.STOP),
		) as PySet;
		const [member] = set as unknown as [PyObject];
		expect(member.state).toBe(set);
	});

	test("a tuple in its list, as Python writes it: the first copy is dropped", () => {
		const pickle = assemble([
			op.EMPTY_LIST,
			op.BINPUT,
			0,
			op.BINGET,
			0,
			op.TUPLE1,
			op.BINPUT,
			1,
			op.APPEND,
			op.POP,
			op.BINGET,
			1,
			op.STOP,
		]);
		expect(() => decode(pickle)).not.toThrow();
		const found = decode(pickle) as [unknown[]];
		expect(found[0][0]).toBe(found);
	});

	test("a class is one object in all its places", () => {
		const [one, other] = decode(assemble(thing, thing, op.TUPLE2, op.STOP)) as [PyGlobal, PyGlobal];
		expect(one).toBe(other);
	});
});

/** A list, and what stands where it ends: batches of items, and what lies between and behind them. */
describe("lists of several batches", () => {
	const real = (value: number) => {
		const bytes = new Uint8Array(9);
		new DataView(bytes.buffer).setFloat64(1, value);
		bytes[0] = op.BINFLOAT;
		return bytes;
	};
	const ints = (...values: number[]) => values.map((value) => [op.BININT1, value]);
	const batch = (...pieces: Piece[]) => [op.MARK, ...pieces, op.APPENDS];
	const floats = [real(0.5), real(2), real(-0)];
	const list = [op.EMPTY_LIST, op.MEMOIZE];

	test.each<[name: string, pickle: Piece[], value: PyValue]>([
		["two", [list, batch(ints(1, 2)), batch(ints(3)), op.STOP], [1, 2, 3]],
		["none of items", [list, batch(), batch(), op.STOP], []],
		["APPEND behind them", [list, batch(ints(1)), batch(ints(2)), op.NONE, op.APPEND, op.STOP], [1, 2, null]],
		[
			"1,001 of one item",
			[list, Array.from({ length: 1001 }, () => batch(ints(7))), op.STOP],
			new Array<number>(1001).fill(7),
		],
		[
			"a tuple behind the list",
			[list, batch(ints(1)), op.MARK, ints(2, 3), op.TUPLE, op.TUPLE2, op.STOP],
			tuple([1], tuple(2, 3)),
		],
		[
			"tuples of many items first in each batch",
			[list, batch(op.MARK, ints(1, 2, 3, 4), op.TUPLE), batch(op.MARK, ints(5), op.TUPLE), op.STOP],
			[tuple(1, 2, 3, 4), tuple(5)],
		],
		[
			"two of one number in the memo",
			[op.EMPTY_LIST, op.BINPUT, 0, batch(op.EMPTY_LIST, op.BINPUT, 0, batch(ints(1)), op.BINGET, 0), op.STOP],
			[[1], [1]],
		],
		[
			"a number that something else takes",
			[op.EMPTY_LIST, op.BINPUT, 0, batch(op.NONE, op.BINPUT, 0, op.BINGET, 0), op.BINGET, 0, op.TUPLE2, op.STOP],
			tuple([null, null], null),
		],
		["marks that are dropped", [list, batch(ints(1)), op.MARK, op.POP, op.MARK, ints(2), op.POP_MARK, op.STOP], [1]],
		[
			"a list in each",
			[list, batch(list, batch(ints(1)), batch(ints(2))), batch(list, batch(ints(3)), batch(ints(4))), op.STOP],
			[
				[1, 2],
				[3, 4],
			],
		],
		["floats", [list, batch(floats), batch(floats), op.STOP], [0.5, 2, -0, 0.5, 2, -0]],
		[
			"floats and others",
			[list, batch(floats), batch(floats, op.NONE), batch(ints(1)), op.STOP],
			[0.5, 2, -0, 0.5, 2, -0, null, 1],
		],
		["others and floats", [list, batch(ints(1), floats), batch(floats), op.STOP], [1, 0.5, 2, -0, 0.5, 2, -0]],
	])("%s", (_name, pickle, value) => {
		expect(decode(assemble(...pickle))).toEqual(value);
	});

	test("items above a second mark at the same place are none of the list's", () => {
		for (const items of [floats, ints(1, 2)]) {
			const pickle = assemble(list, op.MARK, op.MARK, items, op.APPENDS, op.APPENDS, op.STOP);
			expect(() => decode(pickle)).toThrow(/^too few values lie above the mark \(APPENDS/);
		}
	});

	test.each<[name: string, batches: Piece[], path: number[], length: number]>([
		["before the first ends", [batch(op.BINGET, 0), batch(ints(1))], [0], 2],
		["after it", [batch(ints(1, 1)), batch(op.BINGET, 0)], [2], 3],
		[
			"from an inner list",
			[batch(ints(1)), batch(ints(1)), batch(list, batch(op.BINGET, 0), batch(ints(2)))],
			[2, 0],
			3,
		],
	])("the list itself, asked for %s", (_name, batches, path, length) => {
		const whole = decode(assemble(list, ...batches, op.STOP)) as unknown[];
		expect(path.reduce((inner: unknown, index) => (inner as unknown[])[index], whole) === whole).toBe(true);
		expect(whole.length).toBe(length);
	});

	test("a list that never ends is in the memo for the next pickle", () => {
		const pickles = assemble(list, batch(ints(1)), op.MARK, op.NONE, op.STOP, op.BINGET, 0, op.STOP);
		expect([...decodeAll(pickles, { keepMemo: true })]).toEqual([null, [1]]);
	});

	test.each([
		["ints", ints(1, 2)],
		["floats", [real(0.5), real(0.5)]],
	])("a limit of %s is met where the batch ends", (_name, items) => {
		const pickle = assemble(list, batch(items), batch(items), batch(items), op.STOP);
		const limits = (maxItems: number) => ({ limits: { maxItems } });
		expect(decode(pickle, limits(6))).toHaveLength(6);
		const refused = { code: "E_LIMIT", opcode: "APPENDS", offset: pickle.length - 2 };
		expect(() => decode(pickle, limits(5))).toThrow(expect.objectContaining(refused));
	});
});

describe("sizes at which others overflow the call stack", () => {
	test("APPENDS of 500,000 items, to a list that has some", () => {
		const pickle = assemble(op.EMPTY_LIST, op.NONE, op.APPEND, op.MARK, "N".repeat(500_000), op.APPENDS, op.STOP);
		expect(decode(pickle)).toHaveLength(500_001);
	});

	test("SETITEMS and ADDITEMS of 500,000", () => {
		const keys = assemble(Array.from({ length: 500_000 }, (_, i) => [op.BININT, uint4(i)]));
		expect((decode(assemble(op.EMPTY_SET, op.MARK, keys, op.ADDITEMS, op.STOP)) as PySet).size).toBe(500_000);
		expect((decode(assemble(op.EMPTY_DICT, op.MARK, keys, op.SETITEMS, op.STOP)) as PyDict).size).toBe(250_000);
	});

	test.each([
		["lists", [op.EMPTY_LIST], [op.APPEND]],
		["tuples", [op.EMPTY_TUPLE], [op.TUPLE1]],
	])("1,000,000 %s in each other", (_name, [open], [close]) => {
		const levels = 1_000_000;
		const opened = close === op.APPEND ? levels : 1;
		const pickle = new Uint8Array(opened + levels).fill(open as number, 0, opened).fill(close as number, opened);
		pickle[pickle.length - 1] = op.STOP;
		let depth = 0;
		for (let value = decode(pickle) as unknown[]; value.length > 0; value = value[0] as unknown[]) depth++;
		expect(depth).toBe(levels - 1);
	});

	test("1,000,000 marks, dropped one by one", () => {
		const pickle = assemble(op.NONE, "(".repeat(1_000_000), "0".repeat(1_000_000), op.STOP);
		expect(decode(pickle)).toBeNull();
	});
});

describe("frames", () => {
	const framed = (length: number, ...inside: readonly Piece[]) =>
		assemble(op.PROTO, 4, op.FRAME, uint8(length), ...inside);

	test.each([
		["one to the end", framed(2, op.NONE, op.STOP), null],
		["two after each other", framed(1, op.NONE, op.FRAME, uint8(2), op.NEWTRUE, op.STOP), true],
		["one that ends before the pickle", framed(1, op.NONE, op.NEWTRUE, op.STOP), true],
		["an empty one", framed(0, op.NONE, op.STOP), null],
		["one that goes past STOP", framed(4, op.NONE, op.STOP, "xx"), null],
	])("%s", (_name, pickle, value) => {
		expect(decodeFirst(pickle).value).toBe(value);
	});

	test("a payload between two", () => {
		const pickle = framed(1, op.EMPTY_LIST, op.BINBYTES, uint4(2), "ab", op.FRAME, uint8(2), op.APPEND, op.STOP);
		expect(decode(pickle)).toEqual([Uint8Array.of(97, 98)]);
	});
});

test("what lies on the stack below the value, and marks that are left, are no error, as in Python", () => {
	expect(decode(assemble(op.NONE, op.MARK, op.MARK, op.BININT1, 7, op.STOP))).toBe(7);
});

describe("persistent ids", () => {
	test("persistentLoad gives the value; nothing is None", () => {
		const pickle = assemble(op.PERSID, "a\n", op.NONE, op.BINPERSID, op.TUPLE2, op.STOP);
		const ids: PyValue[] = [];
		const load = (id: PyValue) => {
			ids.push(id);
			return id === "a" ? 5 : undefined;
		};
		expect(decode(pickle, { persistentLoad: load })).toEqual([5, null]);
		expect(ids).toEqual(["a", null]);
	});

	test("an id of several parts is whole and frozen when the loader sees it", () => {
		const pickle = assemble(op.BINUNICODE, uint4(70_000), "x".repeat(70_000), op.TUPLE1, op.BINPERSID, op.STOP);
		const loaded = decode(pickle, { persistentLoad: (id) => [Object.isFrozen(id), (id as string[])[0]?.length] });
		expect(loaded).toEqual([true, 70_000]);
	});
});

describe("out-of-band buffers", () => {
	const pickle = assemble(op.NEXT_BUFFER, op.NEXT_BUFFER, op.READONLY_BUFFER, op.TUPLE2, op.STOP);

	test("are taken in order, as views", () => {
		const buffers = [new ArrayBuffer(4), new Uint8Array(8).subarray(2, 5)];
		const [one, other] = decode(pickle, { buffers }) as [Uint8Array, Uint8Array];
		expect([one.length, other.length]).toEqual([4, 3]);
		expect(one.buffer).toBe(buffers[0]);
		expect(other.byteOffset).toBe(2);
	});

	test('are copied by copy: "always", and if they are shared', () => {
		const buffers: ArrayBufferView[] = [new Uint8Array(new SharedArrayBuffer(4)), new Uint8Array(4)];
		const [shared] = decode(pickle, { buffers }) as [Uint8Array];
		expect(shared.buffer).toBeInstanceOf(ArrayBuffer);
		const [, copied] = decode(pickle, { buffers, copy: "always" }) as [Uint8Array, Uint8Array];
		expect(copied.buffer).not.toBe(buffers[1]?.buffer);
	});

	test("an unpickler takes them anew for each input", () => {
		const { decode: read } = unpickler({ buffers: [Uint8Array.of(1), Uint8Array.of(2)] });
		expect(read(pickle)).toEqual(read(pickle));
	});

	test("what is no buffer is a TypeError", () => {
		expect(() => decode(pickle, { buffers: ["text"] as never })).toThrow(TypeError);
	});
});

describe("extensions", () => {
	test("name classes that reducers claim, and constants", () => {
		const extensions = new Map([
			[1, "builtins.set"],
			[2, "builtins.Ellipsis"],
		]);
		const value = decode(assemble(op.EXT1, 1, op.EMPTY_TUPLE, op.REDUCE, op.STOP), { extensions });
		expect(value).toEqual(new PySet());
		expect(String(decode(assemble(op.EXT1, 2, op.STOP), { extensions }))).toBe("Ellipsis");
	});

	test("are the same object as the class by its name", () => {
		const extensions = new Map([[1, "zoo.Thing"]]);
		const [one, other] = decode(assemble(op.EXT1, 1, thing, op.TUPLE2, op.STOP), { extensions }) as [
			PyGlobal,
			PyGlobal,
		];
		expect(one).toBe(other);
	});
});

describe("binstring", () => {
	const pickle = assemble(op.BINSTRING, uint4(0x8000_0000), op.STOP);

	test.each([
		[
			"signed",
			"E_LENGTH",
			"the length is -2147483648 as Python reads it, signed, or 2147483648 unsigned, which does not fit",
		],
		["unsigned", "E_TRUNCATED", "needs 2147483653 bytes or more"],
	] as const)("%s", (binstring, code, message) => {
		expect(() => decode(pickle, { binstring })).toThrow(
			expect.objectContaining({ code, message: expect.stringContaining(message) }),
		);
	});
});
