import { describe, expect, test } from "vitest";
import { DisassemblyError, DisassemblyMemo, disassemble } from "../../src/inspect/index.ts";
import { isPrintable } from "../../src/inspect/repr.ts";
import { assemble, type Piece, uint4 } from "../support/assemble.ts";

/** The one line of an instruction, without its offset. */
function line(...pieces: readonly Piece[]): string {
	const [first = ""] = disassemble(assemble(...pieces, "0N.")).split("\n");
	return first.slice(7);
}

test("a pickle of Python 2", () => {
	expect(disassemble(assemble("(dp0\nS'a'\np1\n(lp2\nI1\naI01\nas."))).toBe(
		`    0: (    MARK
    1: d        DICT       (MARK at 0)
    2: p    PUT        0
    5: S    STRING     'a'
   10: p    PUT        1
   13: (    MARK
   14: l        LIST       (MARK at 13)
   15: p    PUT        2
   18: I    INT        1
   21: a    APPEND
   22: I    INT        True
   26: a    APPEND
   27: s    SETITEM
   28: .    STOP
highest protocol among opcodes = 0
`,
	);
});

test("annotations stand in a column, as far as lines are not longer", () => {
	expect(disassemble(assemble("\x80\x02(U\x0aabcdefghijl."), { annotate: 20, indentLevel: 2 })).toBe(
		`    0: \\x80 PROTO      2    Protocol version indicator.
    2: (    MARK            Push markobject onto the stack.
    3: U      SHORT_BINSTRING 'abcdefghij' Push a Python string object.
   15: l      LIST       (MARK at 2)       Build a list out of the topmost stack slice, after markobject.
   16: .    STOP                           Stop the unpickling machine.
highest protocol among opcodes = 2
`,
	);
});

describe("arguments stand as Python's repr writes them", () => {
	test.each<[Piece, string]>([
		["F1e16\n", "F    FLOAT      1e+16"],
		["F123456789012345\n", "F    FLOAT      123456789012345.0"],
		["F0.0001\n", "F    FLOAT      0.0001"],
		["F0.00001\n", "F    FLOAT      1e-05"],
		["F-0\n", "F    FLOAT      -0.0"],
		["Fnan\n", "F    FLOAT      nan"],
		["C\x01'", 'C    SHORT_BINBYTES b"\'"'],
		["C\x02'\"", "C    SHORT_BINBYTES b'\\'\"'"],
		["\x96\x01\0\0\0\0\0\0\0'", '\\x96 BYTEARRAY8 bytearray(b"\\\'")'],
		["U\x02\xe9\x7f", "U    SHORT_BINSTRING '\\xe9\\x7f'"],
		["\x8c\x02\xc3\xa9", "\\x8c SHORT_BINUNICODE '\u00e9'"],
		["\x8c\x02\xc2\xad", "\\x8c SHORT_BINUNICODE '\\xad'"],
		["\x8c\x04\xf0\x9f\x98\x80", "\\x8c SHORT_BINUNICODE '\u{1f600}'"],
		["\x8c\x06\xed\xa0\xbd\xed\xb8\x80", "\\x8c SHORT_BINUNICODE '\\ud83d\\ude00'"],
		["V\\ud83d\\ude00\n", "V    UNICODE    '\\ud83d\\ude00'"],
	])("%j: %s", (piece, text) => {
		expect(line(piece)).toBe(text);
	});
});

test("a memo goes on through the pickles of one Pickler", () => {
	const bytes = assemble("]q\0.h\0.");
	const memo = new DisassemblyMemo();
	disassemble(bytes, { memo });
	expect(disassemble(bytes, { memo, start: 4 })).toBe(
		"    4: h    BINGET     0\n    6: .    STOP\nhighest protocol among opcodes = 1\n",
	);
	expect(() => disassemble(bytes, { start: 4 })).toThrow("memo key 0 has never been stored into");
});

describe("where pickletools fails, the error has what it printed before", () => {
	test.each<[Piece, string, string, string]>([
		["N", "E_TRUNCATED", "pickle exhausted before seeing STOP", "    0: N    NONE\n"],
		["q\0.", "E_STACK", "stack is empty -- can't store into memo", "    0: q    BINPUT     0\n"],
		["(q\0.", "E_STACK", "can't store markobject in the memo", "    0: (    MARK\n    1: q        BINPUT     0\n"],
		["t.", "E_STACK", "no MARK exists on stack", "    0: t    TUPLE\n"],
		["g01\n.", "E_MEMO", "memo key True has never been stored into", "    0: g    GET        True\n"],
		["NR.", "E_STACK", "tries to pop 2 items from stack with only 1 items", "    0: N    NONE\n    1: R    REDUCE\n"],
		// REDUCE takes the mark as a value: then there is one to look for, and none to find.
		[
			"N(Rt.",
			"E_STACK",
			"list index out of range",
			"    0: N    NONE\n    1: (    MARK\n    2: R        REDUCE\n    3: ",
		],
		[
			"N].",
			"E_STACK",
			"stack not empty after STOP: [None]",
			"    0: N    NONE\n    1: ]    EMPTY_LIST\n    2: .    STOP\nhighest protocol among opcodes = 1\n",
		],
	])("%j: %s, %s", (piece, code, reason, output) => {
		const failing = () => disassemble(assemble(piece));
		expect(failing).toThrow(DisassemblyError);
		expect(failing).toThrow(expect.objectContaining({ code, reason, output }));
	});
});

test("an int of more digits than Python prints is its error, behind the offset", () => {
	const failing = () => disassemble(assemble("\x8b", uint4(2000), new Uint8Array(2000).fill(1), "."));
	const reason =
		"Exceeds the limit (4300 digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit";
	expect(failing).toThrow(expect.objectContaining({ code: "E_NUMBER", reason, output: "    0: " }));
});

test("nothing recurses or grows beyond the text, however deep the marks are", () => {
	expect(() => disassemble(assemble("(".repeat(200_000)), { indentLevel: 0 })).toThrow(
		"pickle exhausted before seeing STOP",
	);
	expect(() => disassemble(assemble("(".repeat(100_000)), { indentLevel: 65_536 })).toThrow(
		expect.objectContaining({ code: "E_TOO_LARGE" }),
	);
});

test("numbers in the memo may be anything", () => {
	const places = ["-5", "99999999999999999999", "4000000000", "70000", "3"];
	const puts = places.map((place) => `Np${place}\n0g${place}\n0`).join("");
	expect(disassemble(assemble(puts, "N\x940N."))).toContain("MEMOIZE    (as 5)");
});

test.each([{ indentLevel: 1.5 }, { annotate: 1e9 }, { start: -1 }, { memo: new Map() }])(
	"%j is a TypeError",
	(options) => {
		expect(() => disassemble(assemble("N."), options as never)).toThrow(TypeError);
	},
);

test("what is printable is Unicode 16's", () => {
	// Todhri, new in Unicode 16; unassigned; a soft hyphen; a space; a no-break space.
	expect([0x105c0, 0x378, 0xad, 0x20, 0xa0].map(isPrintable)).toEqual([true, false, false, true, false]);
});
