import { describe, expect, test } from "vitest";
import {
	type DecodeOptions,
	decode,
	decodeStream,
	PyDict,
	type PyFrozenSet,
	type PyGlobal,
	type PyObject,
	type PySet,
	type PyValue,
	type Reducer,
	standardReducers,
	tuple,
} from "../../src/index.ts";
import * as op from "../../src/opcodes/table.ts";
import { assemble, type Piece, uint4, uint8 } from "../support/assemble.ts";

type Encoding = NonNullable<DecodeOptions["encoding"]>;

const latin = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const str = (text: string): Piece => [op.BINSTRING, uint4(text.length), text];

/** What a str of Python 2 becomes by each encoding; undefined where that is E_TEXT. */
const strs: readonly (readonly [bytes: string, Record<Encoding, PyValue | undefined>])[] = [
	["abc", { auto: "abc", ascii: "abc", latin1: "abc", "utf-8": "abc", bytes: latin("abc") }],
	["", { auto: "", ascii: "", latin1: "", "utf-8": "", bytes: latin("") }],
	["\xc3\xa9", { auto: "é", ascii: undefined, latin1: "Ã©", "utf-8": "é", bytes: latin("\xc3\xa9") }],
	["\xe9", { auto: latin("\xe9"), ascii: undefined, latin1: "é", "utf-8": undefined, bytes: latin("\xe9") }],
	[
		"\xef\xbb\xbfa",
		{ auto: "\ufeffa", ascii: undefined, latin1: "ï»¿a", "utf-8": "\ufeffa", bytes: latin("\xef\xbb\xbfa") },
	],
	// An encoded surrogate and an overlong form are no strict UTF-8.
	[
		"\xed\xa0\x80",
		{
			auto: latin("\xed\xa0\x80"),
			ascii: undefined,
			latin1: "í\xa0\x80",
			"utf-8": undefined,
			bytes: latin("\xed\xa0\x80"),
		},
	],
	[
		"\xc0\x80",
		{ auto: latin("\xc0\x80"), ascii: undefined, latin1: "À\x80", "utf-8": undefined, bytes: latin("\xc0\x80") },
	],
];

const rows = strs.flatMap(([bytes, values]) =>
	Object.entries(values).map(([encoding, value]) => ({ bytes, encoding: encoding as Encoding, value })),
);

/** The forms that a str has in pickles. */
const forms: readonly (readonly [name: string, of: (text: string) => Piece])[] = [
	["STRING", (text) => [op.STRING, `'${text}'\n`]],
	["SHORT_BINSTRING", (text) => [op.SHORT_BINSTRING, text.length, text]],
	["BINSTRING", str],
];

describe.each(forms)("%s", (_name, of) => {
	test.each(rows)("$bytes as $encoding is $value", ({ bytes, encoding, value }) => {
		const read = () => decode(assemble(of(bytes), op.STOP), { encoding });
		if (value === undefined) expect(read).toThrow(expect.objectContaining({ code: "E_TEXT" }));
		else expect(read()).toEqual(value);
	});
});

test("strs are of one length whatever encoding reads them: large ones too", () => {
	const text = "é".repeat(40_000);
	const pickle = assemble(str(String.fromCharCode(...[0xc3, 0xa9]).repeat(40_000)), op.STOP);
	expect(decode(pickle)).toBe(text);
	expect(decode(pickle, { encoding: "utf-8" })).toBe(text);
	expect(decode(pickle, { encoding: "latin1" })).toBe("Ã©".repeat(40_000));
	expect(decode(pickle, { encoding: "bytes" })).toHaveLength(80_000);
	expect(() => decode(pickle, { encoding: "ascii" })).toThrow(expect.objectContaining({ code: "E_TEXT", offset: 0 }));
	const bytes = assemble(str("\xff".repeat(70_000)), op.STOP);
	expect(decode(bytes)).toEqual(new Uint8Array(70_000).fill(255));
});

/* Large texts and strs that cannot be decoded wait; wherever they went, the result holds them decoded. */

const large = "x".repeat(65_536);
const waiting: readonly (readonly [name: string, piece: Piece])[] = [
	["a str", str(large)],
	["text", [op.BINUNICODE, uint4(large.length), large]],
	["text with an 8-byte length", [op.BINUNICODE8, uint8(large.length), large]],
];
const thing = [op.GLOBAL, "zoo\nBox\n"];
const made = [thing, op.EMPTY_TUPLE, op.NEWOBJ];

const places: readonly (readonly [
	where: string,
	pickle: (piece: Piece) => Piece[],
	find: (value: never) => unknown,
])[] = [
	["the whole value", (piece) => [piece], (value) => value],
	["a list", (piece) => [op.EMPTY_LIST, piece, op.APPEND], ([item]: [unknown]) => item],
	["a list by APPENDS", (piece) => [op.EMPTY_LIST, op.MARK, piece, op.APPENDS], ([item]: [unknown]) => item],
	["a list by LIST", (piece) => [op.MARK, piece, op.LIST], ([item]: [unknown]) => item],
	["a tuple", (piece) => [piece, op.TUPLE1], ([item]: [unknown]) => item],
	["a tuple of a mark", (piece) => [op.MARK, op.NONE, piece, op.TUPLE], ([, item]: [0, unknown]) => item],
	["a tuple in a tuple", (piece) => [piece, op.TUPLE1, op.TUPLE1], ([[item]]: [[unknown]]) => item],
	["a dict's value", (piece) => [op.EMPTY_DICT, op.NONE, piece, op.SETITEM], (dict: PyDict) => dict.get(null)],
	["a dict's key", (piece) => [op.EMPTY_DICT, piece, op.NONE, op.SETITEM], (dict: PyDict) => [...dict.keys()][0]],
	["DICT", (piece) => [op.MARK, piece, piece, op.DICT], (dict: PyDict) => dict.get(large)],
	[
		"a tuple that is a key",
		(piece) => [op.EMPTY_DICT, piece, op.TUPLE1, op.NONE, op.SETITEM],
		(dict: PyDict) => (dict.has(tuple(large)) ? large : undefined),
	],
	["a set", (piece) => [op.EMPTY_SET, op.MARK, piece, op.ADDITEMS], (set: PySet) => [...set][0]],
	["a frozenset", (piece) => [op.MARK, piece, op.FROZENSET], (set: PyFrozenSet) => [...set][0]],
	["an object's state", (piece) => [made, piece, op.BUILD], ({ state }: PyObject) => state],
	[
		"an object's attribute",
		(piece) => [made, op.EMPTY_DICT, op.SHORT_BINUNICODE, 1, "a", piece, op.SETITEM, op.BUILD],
		(object: PyObject) => object.get("a"),
	],
	["an object's arguments", (piece) => [thing, piece, op.TUPLE1, op.REDUCE], ({ args }: PyObject) => args[0]],
	["an INST", (piece) => [op.MARK, piece, op.INST, "zoo\nBox\n"], ({ args }: PyObject) => args[0]],
	["an OBJ", (piece) => [op.MARK, thing, piece, op.OBJ], ({ args }: PyObject) => args[0]],
	["an object's items", (piece) => [made, piece, op.APPEND], ({ items }: PyObject) => items[0]],
	["an object's members", (piece) => [made, op.MARK, piece, op.ADDITEMS], ({ items }: PyObject) => items[0]],
	["an object's entries", (piece) => [made, op.NONE, piece, op.SETITEM], ({ entries }: PyObject) => entries[1]],
	["a persistent id", (piece) => [piece, op.BINPERSID], ({ id }: { id: unknown }) => id],
	["the memo", (piece) => [piece, op.MEMOIZE, op.EMPTY_LIST, op.BINGET, 0, op.APPEND], ([item]: [unknown]) => item],
	[
		"a tuple of the memo",
		(piece) => [op.EMPTY_LIST, piece, op.TUPLE1, op.MEMOIZE, op.POP, op.BINGET, 0, op.APPEND],
		([[item]]: [[unknown]]) => item,
	],
	[
		"the arguments of set",
		(piece) => [op.GLOBAL, "builtins\nset\n", op.MARK, piece, op.LIST, op.TUPLE1, op.REDUCE],
		(set: PySet) => [...set][0],
	],
	[
		"a call of a codec that stays a call",
		(piece) => [op.GLOBAL, "_codecs\nencode\n", piece, op.SHORT_BINUNICODE, 3, "hex", op.TUPLE2, op.REDUCE],
		({ args }: PyObject) => args[0],
	],
	[
		"arguments of copyreg",
		(piece) => [op.GLOBAL, "copyreg\n__newobj__\n", thing, piece, op.TUPLE2, op.REDUCE],
		({ args }: PyObject) => args[1],
	],
];

describe.each(waiting)("%s of 64 KiB in", (_name, piece) => {
	test.each(places)("%s", (_where, pickle, find) => {
		expect(find(decode(assemble(...pickle(piece), op.STOP)) as never) === large).toBe(true);
	});
});

describe.each(["ascii", "utf-8"] as const)("a str that %s cannot decode, in", (encoding) => {
	test.each(places.filter(([where]) => where !== "DICT" && where !== "a tuple that is a key"))(
		"%s",
		(_where, pickle) => {
			const bytes = assemble(op.NONE, op.POP, ...pickle(str("\xff")), op.STOP);
			const at = bytes.indexOf(op.BINSTRING);
			const expected = { code: "E_TEXT", offset: at, opcode: "BINSTRING" };
			expect(() => decode(bytes, { encoding })).toThrow(expect.objectContaining(expected));
		},
	);
});

test.each(["ascii", "utf-8"] as const)("%s: one that does not reach the result is no error", (encoding) => {
	expect(decode(assemble(str("\xff"), op.POP, op.NONE, op.STOP), { encoding })).toBeNull();
	expect(decode(assemble(op.MARK, str("\xff"), op.POP_MARK, op.NONE, op.STOP), { encoding })).toBeNull();
});

test("tuples whose strings waited are frozen in the result", () => {
	const [outer] = [decode(assemble(str(large), op.TUPLE1, op.TUPLE1, op.STOP)) as readonly unknown[]];
	expect(Object.isFrozen(outer)).toBe(true);
	expect(Object.isFrozen(outer[0])).toBe(true);
});

test("a shared one is one string, decoded once", () => {
	const pickle = assemble(str(large), op.MEMOIZE, op.BINGET, 0, op.TUPLE2, op.STOP);
	const [one, other] = decode(pickle, { encoding: "latin1" }) as [string, string];
	expect(one === other).toBe(true);
});

describe("names, callables and classes are never one that waits", () => {
	const text: Piece = [op.BINUNICODE, uint4(large.length), large];
	test.each([
		["REDUCE", [text, op.EMPTY_TUPLE, op.REDUCE], "E_TYPE", "a str cannot be called"],
		["NEWOBJ", [text, op.EMPTY_TUPLE, op.NEWOBJ], "E_TYPE", "a str cannot be a class"],
		["the arguments", [thing, text, op.REDUCE], "E_REDUCER", "the arguments are a str, not a tuple"],
		["BUILD", [text, op.BININT1, 1, op.BUILD], "E_TYPE", "a str takes no state"],
		["APPEND", [text, op.NONE, op.APPEND], "E_TYPE", "a str takes no items"],
		["READONLY_BUFFER", [text, op.READONLY_BUFFER], "E_TYPE", "a str is no buffer"],
	] as const)("%s", (_name, pickle, code, message) => {
		expect(() => decode(assemble(...pickle, op.STOP))).toThrow(
			expect.objectContaining({ code, message: expect.stringContaining(message) }),
		);
	});

	test("a name may be as long", () => {
		const global = decode(assemble(text, op.SHORT_BINUNICODE, 1, "n", op.STACK_GLOBAL, op.STOP)) as PyGlobal;
		expect(global.module === large).toBe(true);
	});
});

describe("bytes that a reducer asks for", () => {
	/** Keeps the bytes of its argument, of which it needs so many. */
	const taker = (length?: number): Reducer<Uint8Array> => ({
		name: "zoo.Taker",
		takesBytes: true,
		create: ({ args: [value] }, context) => context.bytes(value as PyValue, length).slice(),
	});
	const take = (piece: Piece, options: DecodeOptions, length?: number) =>
		decode(assemble(op.GLOBAL, "zoo\nTaker\n", piece, op.TUPLE1, op.REDUCE, op.STOP), {
			...options,
			reducers: [...standardReducers, taker(length)],
		});

	test.each(["auto", "ascii", "latin1", "utf-8", "bytes"] as const)("are those of the str by %s", (encoding) => {
		for (const bytes of ["abc", "\xc3\xa9", "\xff\xfe", "\xff".repeat(65_536), large]) {
			expect(take(str(bytes), { encoding })).toEqual(latin(bytes));
		}
	});

	test("of text that has not the length needed, its Latin-1, as CPython takes it", () => {
		const text: Piece = [op.UNICODE, "\xe9\n"];
		expect(take(text, {}, 1)).toEqual(latin("\xe9"));
		expect(take(text, {}, 2)).toEqual(latin("\xc3\xa9"));
		expect(take(text, {})).toEqual(latin("\xc3\xa9"));
		expect(take(text, { encoding: "latin1" }, 2)).toEqual(latin("\xe9"));
	});

	test.each([
		[[op.NONE], {}, "bytes are needed here"],
		[[op.UNICODE, "\\u20ac\n"], { encoding: "latin1" }, "text beyond Latin-1"],
	] as const)("%s is E_REDUCER", (piece, options, message) => {
		expect(() => take(piece as Piece, options)).toThrow(
			expect.objectContaining({ code: "E_REDUCER", message: expect.stringContaining(message) }),
		);
	});

	test("a str that it took is no error, unless the memo gives it out again", () => {
		const call = [op.GLOBAL, "zoo\nTaker\n", str("\xff"), op.TUPLE1, op.MEMOIZE, op.REDUCE];
		const options: DecodeOptions = { encoding: "ascii", reducers: [taker()] };
		expect(decode(assemble(call, op.STOP), options)).toEqual(latin("\xff"));
		expect(() => decode(assemble(call, op.BINGET, 0, op.TUPLE2, op.STOP), options)).toThrow(
			expect.objectContaining({ code: "E_TEXT" }),
		);
	});

	test("text() reads a str that is bytes, and nothing else", () => {
		const reader: Reducer = {
			name: "zoo.Taker",
			takesBytes: true,
			create: ({ args }, context) => args.map((value) => context.text(value) ?? null),
		};
		const pickle = assemble(op.GLOBAL, "zoo\nTaker\n", str("ab"), str(large), op.NONE, op.TUPLE3, op.REDUCE, op.STOP);
		expect(decode(pickle, { encoding: "bytes", reducers: [reader] })).toEqual(["ab", null, null]);
		expect(decode(pickle, { reducers: [reader] })).toEqual(["ab", large, null]);
	});
});

describe("copy", () => {
	const sizes = [4095, 4096];
	const read = (size: number, copy?: DecodeOptions["copy"]) => {
		const input = assemble(op.BINBYTES, uint4(size), new Uint8Array(size), op.STOP);
		return (decode(input, { copy }) as Uint8Array).buffer === input.buffer ? "view" : "copy";
	};

	test.each([
		["small", ["copy", "view"]],
		["always", ["copy", "copy"]],
		["never", ["view", "view"]],
		[undefined, ["copy", "view"]],
	] as const)("%s: bytes below and from 4 KiB on are %s", (copy, expected) => {
		expect(sizes.map((size) => read(size, copy))).toEqual(expected);
	});

	test("shared and resizable buffers are always copied", () => {
		const pickle = assemble(op.BINBYTES, uint4(5000), new Uint8Array(5000), op.STOP);
		const Resizable = ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer;
		for (const buffer of [
			new SharedArrayBuffer(pickle.length),
			new Resizable(pickle.length, { maxByteLength: 9999 }),
		]) {
			new Uint8Array(buffer).set(pickle);
			const value = decode(buffer, { copy: "never" }) as Uint8Array;
			expect(value.buffer).not.toBe(buffer);
			expect(value.buffer).toBeInstanceOf(ArrayBuffer);
		}
	});

	test("two decodes share nothing but the input's bytes", () => {
		const pickle = assemble(op.EMPTY_LIST, op.BINBYTES, uint4(5000), new Uint8Array(5000), op.APPEND, op.STOP);
		const [one, other] = [decode(pickle) as Uint8Array[], decode(pickle) as Uint8Array[]];
		expect(one[0]).not.toBe(other[0]);
		expect(one[0]?.buffer).toBe(other[0]?.buffer);
	});

	test.each([
		["STRING", [op.STRING, `'${"\xfe".repeat(9000)}'\n`]],
		["BINSTRING", str("\xfe".repeat(9000))],
		["BINBYTES", [op.BINBYTES, uint4(9000), "\xfe".repeat(9000)]],
		["a large BINSTRING", str("\xfe".repeat(99_000))],
		["a large STRING", [op.STRING, `'${"\xfe".repeat(99_000)}'\n`]],
	])("values of a stream never lie in memory that it uses again: %s", async (_name, piece) => {
		const pickle = assemble(
			op.EMPTY_LIST,
			op.MARK,
			piece,
			[op.BINBYTES, uint4(70_000), new Uint8Array(70_000)],
			op.APPENDS,
			op.STOP,
		);
		const memory = new Uint8Array(120_000);
		function* reused() {
			for (let at = 0; at < pickle.length; at += memory.length) {
				const part = pickle.subarray(at, at + memory.length);
				memory.set(part);
				yield memory.subarray(0, part.length);
			}
		}
		for (const encoding of ["auto", "bytes"] as const) {
			for await (const value of decodeStream(reused(), { copy: "never", encoding })) {
				memory.fill(0);
				expect((value as Uint8Array[])[0]?.every((byte) => byte === 0xfe)).toBe(true);
			}
		}
	});
});

describe("an astral character against its two halves, which JavaScript cannot tell apart", () => {
	const whole: Piece = [op.SHORT_BINUNICODE, 4, "\xf0\x9f\x90\x8d"];
	const halves: Piece = [op.SHORT_BINUNICODE, 6, "\xed\xa0\xbd\xed\xb0\x8d"];
	const written: Piece = [op.UNICODE, "\\ud83d\\udc0d\n"];
	const filler = "\xf0\x9f\x90\x8d".repeat(20_000);
	const largeWhole: Piece = [op.BINUNICODE, uint4(filler.length + 4), filler, "\xf0\x9f\x90\x8d"];
	const largeHalves: Piece = [op.BINUNICODE, uint4(filler.length + 6), filler, "\xed\xa0\xbd\xed\xb0\x8d"];

	test.each([
		["as values", [whole, halves, op.TUPLE2], ["🐍", "🐍"]],
		["as the one key", [op.EMPTY_DICT, halves, op.NONE, op.SETITEM], new PyDict([["🐍", null]])],
		[
			"as keys of two dicts",
			[op.MARK, whole, op.NONE, op.DICT, op.POP, op.MARK, halves, op.NONE, op.DICT],
			new PyDict([["🐍", null]]),
		],
	])("%s they are read", (_name, pickle, value) => {
		expect(decode(assemble(...(pickle as Piece[]), op.STOP))).toEqual(value);
	});

	test.each<[string, Piece[]]>([
		["a dict", [op.EMPTY_DICT, op.MARK, whole, op.NONE, halves, op.NONE, op.SETITEMS]],
		["a dict, one after the other", [op.EMPTY_DICT, halves, op.NONE, op.SETITEM, whole, op.NONE, op.SETITEM]],
		["a dict, by an escape", [op.EMPTY_DICT, op.MARK, whole, op.NONE, written, op.NONE, op.SETITEMS]],
		["a set", [op.EMPTY_SET, op.MARK, halves, whole, op.ADDITEMS]],
		["a frozenset", [op.MARK, halves, whole, op.FROZENSET]],
		[
			"tuples that are keys",
			[op.EMPTY_DICT, op.MARK, whole, op.TUPLE1, op.NONE, halves, op.TUPLE1, op.NONE, op.SETITEMS],
		],
		[
			"frozensets in a set",
			[op.EMPTY_SET, op.MARK, op.MARK, whole, op.FROZENSET, op.MARK, halves, op.FROZENSET, op.ADDITEMS],
		],
		["large ones", [op.EMPTY_SET, op.MARK, largeWhole, largeHalves, op.ADDITEMS]],
	])("where one would hide the other it is E_TEXT: %s", (_name, pickle) => {
		expect(() => decode(assemble(...pickle, op.STOP))).toThrow(
			expect.objectContaining({
				code: "E_TEXT",
				message: expect.stringContaining("astral character against its two halves"),
			}),
		);
	});

	test("an input that failed leaves no trace in the next", () => {
		expect(() => decode(assemble(op.SHORT_BINUNICODE, 7, "\xed\xa0\xbd\xed\xb0\x8d\xff", op.STOP))).toThrow();
		const pickle = assemble(
			op.SHORT_BINUNICODE,
			1,
			"a",
			op.MEMOIZE,
			op.EMPTY_DICT,
			op.MARK,
			"h\0Nh\0N",
			op.SETITEMS,
			op.STOP,
		);
		expect(decode(pickle)).toEqual(new PyDict([["a", null]]));
	});
});
