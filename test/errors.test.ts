import { describe, expect, test } from "vitest";
import { escapeControls, quoted } from "../src/errors.ts";
import {
	type DecodeOptions,
	decode,
	decodeStream,
	isPickleError,
	PickleError,
	type PickleErrorCode,
	toPlain,
} from "../src/index.ts";
import { assemble, type Piece, uint2, uint4, uint8 } from "./support/assemble.ts";

interface Failure {
	readonly code: PickleErrorCode;
	readonly pickle: readonly Piece[];
	readonly offset: number;
	readonly opcode: string | undefined;
	readonly message: string;
	readonly options?: DecodeOptions;
}

function fails(
	code: PickleErrorCode,
	pickle: readonly Piece[],
	[offset, opcode]: readonly [number, string | undefined],
	message: string,
	options: DecodeOptions = {},
): Failure {
	return { code, pickle, offset, opcode, message, options };
}

const failures: readonly Failure[] = [
	fails("E_TRUNCATED", [], [0, undefined], "the input is empty"),
	fails("E_TRUNCATED", ["N"], [1, undefined], "ends at 1 without STOP"),
	fails(
		"E_TRUNCATED",
		["NJ", 1, 2],
		[1, "BININT"],
		"needs 5 bytes or more, but the input ends 3 bytes after it starts",
	),
	fails("E_TRUNCATED", ["X", uint4(9), "abc"], [0, "BINUNICODE"], "needs 14 bytes"),
	fails("E_TRUNCATED", ["\x8e", uint8(2n ** 63n)], [0, "BINBYTES8"], "needs 9223372036854776000 bytes"),
	fails("E_TRUNCATED", ["I12"], [0, "INT"], "the instruction needs"),
	fails("E_TRUNCATED", ["czoo\nThing"], [0, "GLOBAL"], "the instruction needs"),
	fails("E_TRAILING", ["N.N."], [2, undefined], "2 bytes after the pickle, which ends at 2; decodeFirst"),
	fails(
		"E_CONTAINER",
		["\x1f\x8b\x08\0\0\0"],
		[0, undefined],
		"not a bare pickle but gzip data: readPickle unpacks it",
	),
	fails("E_OPCODE", ["N\xff"], [1, undefined], "no opcode has the code 0xff"),
	fails("E_PROTOCOL", ["\x80\x06N."], [0, "PROTO"], "protocol 6 does not exist; the newest is 5"),
	fails(
		"E_FRAME",
		["\x95", uint8(100), "N."],
		[0, "FRAME"],
		"the frame ends 98 bytes after the input, which was cut at 11",
	),
	fails("E_FRAME", ["\x95", uint8(8), "\x95", uint8(2), "N."], [9, "FRAME"], "goes past the end"),
	fails(
		"E_FRAME",
		["\x95", uint8(12), "N\x95", uint8(2), "N."],
		[10, "FRAME"],
		"a frame starts before the one around it",
	),
	fails("E_FRAME", ["\x95", uint8(3), "J", uint4(1), "."], [9, "BININT"], "past the end of its frame at 12"),
	fails("E_STACK", ["."], [0, "STOP"], "the stack holds too few values"),
	fails("E_STACK", ["N(."], [2, "STOP"], "too few values lie above the mark"),
	fails("E_STACK", ["0"], [0, "POP"], "too few"),
	fails("E_STACK", ["(N2(2"], [4, "DUP"], "too few"),
	fails("E_STACK", ["e"], [0, "APPENDS"], "there is no mark"),
	fails("E_STACK", ["(Ne"], [2, "APPENDS"], "too few"),
	fails("E_STACK", ["1"], [0, "POP_MARK"], "there is no mark"),
	fails("E_STACK", ["N\x86"], [1, "TUPLE2"], "too few"),
	fails("E_STACK", ["\x85"], [0, "TUPLE1"], "too few"),
	fails("E_STACK", ["NN\x87"], [2, "TUPLE3"], "too few"),
	fails("E_STACK", ["NNs"], [2, "SETITEM"], "too few"),
	fails("E_STACK", ["Na"], [1, "APPEND"], "too few"),
	fails("E_STACK", ["(o"], [1, "OBJ"], "too few"),
	fails("E_STACK", ["iz\nT\n"], [0, "INST"], "there is no mark"),
	fails("E_STACK", ["NR"], [1, "REDUCE"], "too few"),
	fails("E_STACK", ["NN\x92"], [2, "NEWOBJ_EX"], "too few"),
	fails("E_STACK", ["N\x93"], [1, "STACK_GLOBAL"], "too few"),
	fails("E_STACK", ["Q"], [0, "BINPERSID"], "too few"),
	fails("E_STACK", ["\x98"], [0, "READONLY_BUFFER"], "too few"),
	fails("E_STACK", ["p0\n"], [0, "PUT"], "too few"),
	fails("E_STACK", ["\x94"], [0, "MEMOIZE"], "too few"),
	fails("E_MEMO", ["h\x05"], [0, "BINGET"], "the memo has no entry 5"),
	fails("E_MEMO", ["j", uint4(4e9)], [0, "LONG_BINGET"], "no entry 4000000000"),
	fails("E_MEMO", ["g7\n"], [0, "GET"], "no entry 7"),
	fails("E_MEMO", ["gx\n"], [0, "GET"], "the memo index is no decimal number"),
	fails("E_MEMO", ["Np-1\n"], [1, "PUT"], "the memo index is no decimal number"),
	fails("E_NUMBER", ["Iabc\n"], [0, "INT"], '"abc" is not an integer'),
	fails("E_NUMBER", ["L12x\n"], [0, "LONG"], '"12x" is not an integer'),
	fails("E_NUMBER", ["F1.2.3\n"], [0, "FLOAT"], '"1.2.3" is not a float'),
	fails("E_NUMBER", ["\x8b", uint4(-1)], [0, "LONG4"], "an int of -1 bytes"),
	fails("E_TEXT", ["X", uint4(1), "\xff."], [0, "BINUNICODE"], "not UTF-8: byte 0xff at index 0"),
	fails("E_TEXT", ["S'a\n"], [0, "STRING"], "not between equal quotes"),
	fails("E_TEXT", ["V\\u12\n"], [0, "UNICODE"], "bad escape"),
	fails("E_TEXT", ["P\xe9\n"], [0, "PERSID"], "is to be ASCII"),
	fails("E_TEXT", ["NU\x01\xff\x85."], [1, "SHORT_BINSTRING"], 'no ascii text; try encoding: "latin1"', {
		encoding: "ascii",
	}),
	fails("E_GLOBAL", ["c\nx\n"], [0, "GLOBAL"], "the name of a module or class is empty"),
	fails("E_GLOBAL", ["cx\n\xff\n"], [0, "GLOBAL"], "is no UTF-8 text"),
	fails("E_GLOBAL", ["NX", uint4(1), "b\x93"], [7, "STACK_GLOBAL"], 'are to be str, not None and "b"'),
	fails(
		"E_EXTENSION",
		["\x82\x07"],
		[0, "EXT1"],
		"the extension code 7 is not registered; pass it in options.extensions",
	),
	fails("E_EXTENSION", ["\x83", uint2(700)], [0, "EXT2"], "code 700"),
	fails("E_EXTENSION", ["\x84", uint4(-1)], [0, "EXT4"], "code -1"),
	fails("E_PERSISTENT_ID", ["Pid\n"], [0, "PERSID"], 'persistent id "id": pass a function', {
		persistentLoad: "error",
	}),
	fails("E_PERSISTENT_ID", ["NQ"], [1, "BINPERSID"], "persistent id None", { persistentLoad: "error" }),
	fails("E_PERSISTENT_ID", [")Q"], [1, "BINPERSID"], "for the id a tuple: gone", { persistentLoad: gone }),
	fails("E_BUFFER", ["\x97"], [0, "NEXT_BUFFER"], "an out-of-band buffer is missing"),
	fails("E_BUFFER", ["\x97\x97"], [1, "NEXT_BUFFER"], "is missing", { buffers: [new ArrayBuffer(1)] }),
	fails("E_TYPE", ["N\x98"], [1, "READONLY_BUFFER"], "None is no buffer"),
	fails("E_TYPE", ["}]Ns"], [3, "SETITEM"], "a list cannot be a dict key"),
	fails("E_TYPE", ["(]\x91"], [2, "FROZENSET"], "a list cannot be a dict key or set member"),
	fails("E_TYPE", ["}]\x85Ns"], [4, "SETITEM"], "a list cannot be a dict key"),
	fails("E_TYPE", ["}(NNNu"], [5, "SETITEMS"], "a key has no value"),
	fails("E_TYPE", ["NNa"], [2, "APPEND"], "None takes no items"),
	fails("E_TYPE", [")Na"], [2, "APPEND"], "a tuple takes no items"),
	fails("E_TYPE", ["]NNs"], [3, "SETITEM"], "a list takes no entries"),
	fails("E_TYPE", ["}(N\x90"], [3, "ADDITEMS"], "a dict takes no members"),
	fails("E_TYPE", ["](N\x90"], [3, "ADDITEMS"], "a list takes no members"),
	fails("E_TYPE", ["]K\x01b"], [3, "BUILD"], "a list takes no state"),
	fails("E_TYPE", ["\x8fK\x01b"], [3, "BUILD"], "a set takes no state"),
	fails("E_TYPE", ["cz\nT\nK\x01b"], [7, "BUILD"], 'the class or function "z.T" takes no state'),
	fails("E_TYPE", ["K\x01)R"], [3, "REDUCE"], "a number cannot be called"),
	fails("E_TYPE", ["X", uint4(1), "a)R"], [7, "REDUCE"], "a str cannot be called"),
	fails("E_TYPE", ["])\x81"], [2, "NEWOBJ"], "a list cannot be a class"),
	fails("E_TYPE", ["cz\nT\nN\x81"], [6, "NEWOBJ"], "the arguments are None, not a tuple"),
	fails("E_TYPE", ["cz\nT\n)N\x92"], [7, "NEWOBJ_EX"], "the keyword arguments are None, not a dict"),
	fails("E_REDUCER", ["cz\nT\n]R"], [6, "REDUCE"], "the arguments are a list, not a tuple"),
	fails("E_REDUCER", ["cbuiltins\nset\nK\x01\x85R"], [17, "REDUCE"], "something to iterate over"),
	fails("E_LENGTH", ["T", uint4(-1)], [0, "BINSTRING"], "-1 as Python reads it, signed, or 4294967295 unsigned"),
	fails("E_LIMIT", ["\x8b", uint4(5), "12345."], [0, "LONG4"], "raise limits.maxIntBytes", {
		limits: { maxIntBytes: 4 },
	}),
];

function gone(): never {
	throw new Error("gone");
}

function errorOf(run: () => unknown): PickleError {
	try {
		run();
	} catch (error) {
		if (isPickleError(error)) return error;
		throw error;
	}
	throw new Error("nothing was thrown");
}

test.each(failures)("$code of $pickle: $message", ({ code, pickle, offset, opcode, message, options }) => {
	const error = errorOf(() => decode(assemble(...pickle), options));
	expect([error.code, error.offset, error.opcode]).toEqual([code, offset, opcode]);
	expect(error.message).toContain(message);
	expect(error.message).toContain(`(${opcode ?? "byte"} at offset ${offset})`);
	expect(error.message).toBe(`${error.reason} (${opcode ?? "byte"} at offset ${offset})`);
});

test.each(failures)("from a stream of single bytes, the same: $code of $pickle", async (failure) => {
	const { code, pickle, offset, opcode, options } = failure;
	if (code === "E_TRAILING") return;
	const bytes = assemble(...pickle);
	const read = async () => {
		for await (const _value of decodeStream(
			Array.from(bytes, (byte) => Uint8Array.of(byte)),
			options,
		))
			void 0;
	};
	const error = await read().then(
		() => undefined,
		(reason: PickleError) => reason,
	);
	expect([error?.code, error?.offset, error?.opcode]).toEqual([code, offset, opcode]);
});

test.each([
	[
		"E_PLAIN",
		() =>
			toPlain(
				new Map([
					[1n, 1],
					["1", 2],
				] as [unknown, number][]) as never,
			),
	],
] as const)("%s of toPlain has a path", (code, run) => {
	expect(errorOf(run)).toMatchObject({ code });
});

test("the end of a cut input is told", () => {
	expect(errorOf(() => decode(assemble("NJ", 1, 2)))).toMatchObject({ offset: 1, end: 4 });
	expect(errorOf(() => decode(assemble("N")))).toMatchObject({ offset: 1, end: 1 });
	expect(errorOf(() => decode(assemble("\x95", uint8(100), "N.")))).toMatchObject({ end: 11 });
});

test("offsets count from the start of the input, also in later pickles", () => {
	const view = assemble("xxxxN.h\x01.").subarray(4);
	const all = [...collect(view)];
	expect(all[0]).toBeNull();
	expect(all[1]).toMatchObject({ code: "E_MEMO", offset: 2 });
});

function* collect(bytes: Uint8Array): Generator<unknown> {
	try {
		yield decode(bytes.subarray(0, 2));
		yield decode(assemble("N0", bytes.subarray(2)));
	} catch (error) {
		yield error;
	}
}

describe("PickleError", () => {
	test("is an Error with the name, the code and the details", () => {
		const cause = new Error("why");
		const error = new PickleError("E_LIMIT", "too much", {
			offset: 3,
			opcode: "NONE",
			limit: "maxItems",
			path: "$",
			end: 9,
			cause,
		});
		expect(error).toBeInstanceOf(Error);
		expect(String(error)).toBe("PickleError: too much (NONE at offset 3)");
		expect(error).toMatchObject({
			code: "E_LIMIT",
			offset: 3,
			opcode: "NONE",
			limit: "maxItems",
			path: "$",
			end: 9,
			cause,
		});
	});

	test("at() gives it a place only where it has none", () => {
		const error = new PickleError("E_TEXT", "bad", { path: "$.a", cause: 5 });
		expect(error.at(7, "UNICODE")).toMatchObject({
			offset: 7,
			opcode: "UNICODE",
			path: "$.a",
			cause: 5,
			message: "bad (UNICODE at offset 7)",
		});
		const placed = error.at(7, undefined);
		expect(placed.message).toBe("bad (byte at offset 7)");
		expect(placed.at(8, "NONE")).toBe(placed);
	});
});

describe("isPickleError", () => {
	const error = new PickleError("E_TEXT", "bad");

	test("knows any code, or the codes that are given", () => {
		expect(isPickleError(error)).toBe(true);
		expect(isPickleError(error, "E_TEXT", "E_TYPE")).toBe(true);
		expect(isPickleError(error, "E_TYPE")).toBe(false);
	});

	test.each([undefined, null, "E_TEXT", 5, new Error("E_TEXT"), { code: "E_TEXT" }])("is false for %s", (value) => {
		expect(isPickleError(value)).toBe(false);
	});

	test("knows the errors of another copy of the package", () => {
		const foreign = { code: "E_TEXT", [Symbol.for("picklet.PickleError")]: true };
		expect(isPickleError(foreign, "E_TEXT")).toBe(true);
	});
});

describe("text of the input in messages", () => {
	test.each([
		["plain", '"plain"'],
		['quo"te\\', '"quo\\"te\\\\"'],
		["\x1b[31m\n\r\t\0", '"\\x1b[31m\\n\\r\\t\\x00"'],
		["\u202e\ud800\u{e0001}\u2028", '"\\u202e\\ud800\\U000e0001\\u2028"'],
		["é🐍", '"é🐍"'],
		["a".repeat(65), `"${"a".repeat(61)}..."`],
	])("%j is shown as %s", (text, shown) => {
		expect(quoted(text)).toBe(shown);
	});

	test("escapes alone leave quotes as they are", () => {
		expect(escapeControls('"a"\u0085')).toBe('"a"\\x85');
	});
});
