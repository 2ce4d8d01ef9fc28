import { expect, test } from "vitest";
import { optimize } from "../../src/inspect/index.ts";
import { optimizeFirst } from "../../src/inspect/optimize.ts";
import { assemble, type Piece, uint4, uint8 } from "../support/assemble.ts";

const payload = new Uint8Array(70_000);

test.each<[string, Piece, Piece]>([
	["entries that nothing reads are left out", "]q\0Xa\0\0\0\0q\x01a.".replace("Xa", "X"), "]X\0\0\0\0a."],
	["others are numbered anew", "\x80\x02]q\0]q\x05h\x05\x86.", "\x80\x02]]q\0h\0\x86."],
	["at protocol 0 by PUT and GET", "(lp3\n(lp7\ng7\nta.", "(l(lp0\ng0\nta."],
	[
		"from protocol 4 on by MEMOIZE, in one frame",
		"\x80\x04]\x94]\x94h\x01\x86.",
		["\x80\x04\x95", uint8(7), "]]\x94h\0\x86."],
	],
	["frames are made anew", ["\x80\x04\x95", uint8(2), "]\x94."], "\x80\x04]."],
	[
		"long payloads lie outside frames",
		["\x80\x04N0N0\x8e", uint8(payload.length), payload, "N0N0."],
		["\x80\x04\x95", uint8(4), "N0N0\x8e", uint8(payload.length), payload, "\x95", uint8(5), "N0N0."],
	],
	["bytes after STOP are left out", "N.N.", "N."],
])("%s", (_, before, after) => {
	expect(optimize(assemble(before))).toEqual(assemble(after));
});

test.each([2, 4])("at protocol %i, piece by piece, long payloads are the input's memory", (protocol) => {
	const bytes = assemble(0x80, protocol, "](K\x01q\0B", uint4(payload.length), payload, "q\x01h\x01e.");
	const { pieces, end } = optimizeFirst(bytes);
	const given = [...pieces];
	expect(assemble(given)).toEqual(optimize(bytes));
	expect(given.filter(({ buffer }) => buffer === bytes.buffer)).toHaveLength(1);
	expect(end).toBe(bytes.length);
});

test("the 257th entry takes a long number", () => {
	const count = 257;
	const items = Array.from({ length: count }, (_, i) => ["Nr", uint4(i), "j", uint4(i)]);
	const optimized = optimize(assemble("\x80\x02(", items, "t."));
	expect(optimized.subarray(-14)).toEqual(assemble("\xffNr", uint4(256), "j", uint4(256), "t."));
});

test.each<[Piece, string, string]>([
	["h\x05.", "E_MEMO", "memo key 5 has never been stored into"],
	["\x80\x06N.", "E_PROTOCOL", "pickle protocol must be <= 5"],
	["N", "E_TRUNCATED", "pickle exhausted before seeing STOP"],
])("%j is %s", (piece, code, reason) => {
	expect(() => optimize(assemble(piece))).toThrow(
		expect.objectContaining({ code, reason: expect.stringContaining(reason) }),
	);
});

test("a long text that is no UTF-8 is E_TEXT", () => {
	const failing = () => optimize(assemble("X", uint4(payload.length), payload.slice().fill(255), "."));
	expect(failing).toThrow(expect.objectContaining({ code: "E_TEXT", offset: 0 }));
});
