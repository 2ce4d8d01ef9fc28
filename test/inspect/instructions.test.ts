import { describe, expect, test } from "vitest";
import { type InstructionArgument, instructions, isPickleError } from "../../src/inspect/index.ts";
import { opcodeDocs } from "../../src/opcodes/docs.ts";
import { opcodes } from "../../src/opcodes/table.ts";
import { assemble, type Piece, uint2, uint4, uint8 } from "../support/assemble.ts";

/** The name and argument of the first instruction. */
function first(...pieces: readonly Piece[]): [string, InstructionArgument] {
	for (const { opcode, argument } of instructions(assemble(...pieces, "."))) return [opcode.name, argument];
	throw new Error("no instruction");
}

test.each<[Piece, string, InstructionArgument]>([
	["N", "NONE", undefined],
	[["K", 255], "BININT1", 255],
	[["M", uint2(65535)], "BININT2", 65535],
	[["J", uint4(-2)], "BININT", -2],
	[["j", uint4(2 ** 32 - 1)], "LONG_BINGET", 2 ** 32 - 1],
	[["\x95", uint8(7)], "FRAME", 7],
	[["\x95", uint8(2n ** 64n - 1n)], "FRAME", 2n ** 64n - 1n],
	["G?\xf8\0\0\0\0\0\0", "BINFLOAT", 1.5],
	["I00\n", "INT", false],
	["I01\n", "INT", true],
	["I 1_0\t\n", "INT", 10],
	["L-5L\n", "LONG", -5],
	["L123456789012345678901\n", "LONG", 123456789012345678901n],
	["F1e400\n", "FLOAT", Number.POSITIVE_INFINITY],
	["\x8a\x02\x00\xff", "LONG1", -256],
	[["\x8b", uint4(9), "\0\0\0\0\0\0\0\0\x01"], "LONG4", 2n ** 64n],
	["S'a\\x41\\n'\n", "STRING", "aA\n"],
	["U\x02a\xe9", "SHORT_BINSTRING", "a\u00e9"],
	["Va\\u20ac\n", "UNICODE", "a\u20ac"],
	["\x8c\x03\xed\xa0\x80", "SHORT_BINUNICODE", "\ud800"],
	["C\x02\x00\xff", "SHORT_BINBYTES", Uint8Array.of(0, 255)],
	[["\x96", uint8(1), "a"], "BYTEARRAY8", Uint8Array.of(97)],
	["cos.path\njoin\n", "GLOBAL", "os.path join"],
	["Pid\n", "PERSID", "id"],
])("instruction %#: %s, %s", (piece, name, argument) => {
	expect(first(piece)).toEqual([name, argument]);
});

test("each tells where it lies, and none is given after STOP", () => {
	const found = [...instructions(assemble("\x80\x02U\x03abc.NN"))];
	expect(found.map(({ offset, end, opcode }) => [offset, end, opcode.name])).toEqual([
		[0, 2, "PROTO"],
		[2, 7, "SHORT_BINSTRING"],
		[7, 8, "STOP"],
	]);
});

test("`start` says where the pickle begins", () => {
	const found = [...instructions(assemble("N.K\x01."), { start: 2 })];
	expect(found.map(({ offset, opcode }) => [offset, opcode.name])).toEqual([
		[2, "BININT1"],
		[4, "STOP"],
	]);
});

describe("what is no instruction is an error in Python's words, after those before", () => {
	test.each<[Piece, string, string]>([
		["", "E_TRUNCATED", "pickle exhausted before seeing STOP"],
		["\xff", "E_OPCODE", "at position 1, opcode b'\\xff' unknown"],
		["J\x01", "E_TRUNCATED", "not enough data in stream to read int4"],
		["U\x05abc", "E_TRUNCATED", "expected 5 bytes in a string1, but only 3 remain"],
		[["T", uint4(-1)], "E_LENGTH", "string4 byte count < 0: -1"],
		[["\x8b", uint4(-1)], "E_NUMBER", "long4 byte count < 0: -1"],
		[["\x8e", uint8(2n ** 63n)], "E_TRUNCATED", "bytes8 byte count > sys.maxsize: 9223372036854775808"],
		[
			["\x8d", uint8(2n ** 63n - 1n)],
			"E_TRUNCATED",
			"expected 9223372036854775807 bytes in a unicodestring8, but only 0 remain",
		],
		["I1", "E_TRUNCATED", "no newline found when trying to read stringnl"],
		["V1", "E_TRUNCATED", "no newline found when trying to read unicodestringnl"],
		["I1L\n", "E_NUMBER", "invalid literal for int() with base 10: b'1L'"],
		["F1__0\n", "E_NUMBER", "could not convert string to float: b'1__0'"],
		["Sabc\n", "E_TEXT", "no string quotes around b'abc'"],
		["S'abc\n", "E_TEXT", 'string quote b"\'" not found at both ends of b"\'abc"'],
		["S'\\x4'\n", "E_TEXT", "invalid \\x escape at position 0"],
		["S'\\'\n", "E_TEXT", "Trailing \\ in string"],
		["Va\\u12\n", "E_TEXT", "'rawunicodeescape' codec can't decode bytes in position 1-4: truncated \\uXXXX escape"],
		[
			"V\\U00110000\n",
			"E_TEXT",
			"'rawunicodeescape' codec can't decode bytes in position 0-9: \\Uxxxxxxxx out of range",
		],
		["\x8c\x02a\xff", "E_TEXT", "'utf-8' codec can't decode byte 0xff in position 1: invalid start byte"],
		["\x8c\x02a\xe2", "E_TEXT", "'utf-8' codec can't decode byte 0xe2 in position 1: unexpected end of data"],
		["\x8c\x03\xe2\x82a", "E_TEXT", "'utf-8' codec can't decode bytes in position 0-1: invalid continuation byte"],
	])("%j: %s, %s", (piece, code, reason) => {
		const found: string[] = [];
		const failing = () => {
			for (const { opcode } of instructions(assemble("N", piece))) found.push(opcode.name);
		};
		expect(failing).toThrow(expect.objectContaining({ code, reason, offset: 1 }));
		expect(failing).toThrow(expect.toSatisfy(isPickleError));
		expect(found).toEqual(["NONE", "NONE"]);
	});
});

test("an int of more than 4,300 digits is Python's error", () => {
	const reason =
		"Exceeds the limit (4300 digits) for integer string conversion: value has 4301 digits; use sys.set_int_max_str_digits() to increase the limit";
	expect(() => first("L", "1".repeat(4301), "L\n")).toThrow(expect.objectContaining({ code: "E_NUMBER", reason }));
});

test("a wrong call is a TypeError", () => {
	expect(() => [...instructions("N." as never)]).toThrow(TypeError);
	expect(() => [...instructions(assemble("N."), { start: -1 })]).toThrow(TypeError);
});

test("every opcode has its line of prose", () => {
	expect(Object.keys(opcodeDocs).map(Number).sort()).toEqual(opcodes.map(({ code }) => code).sort());
});
