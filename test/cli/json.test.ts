import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonPieces } from "../../src/cli/json.ts";
import type { PlainValue } from "../../src/codec/plain.ts";

const json = (value: PlainValue) => [...jsonPieces(value)].join("");

test("is what JSON.stringify gives, but for characters that could steer a terminal", () => {
	fc.assert(
		fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
			const text = json(value as PlainValue);
			expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
			expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
		}),
	);
});

test("escapes controls of every kind", () => {
	expect(json("\x1b[2J\x9b31m\u202e\u2028\u{e0041}\n")).toBe('"\\u001b[2J\\u009b31m\\u202e\\u2028\\udb40\\udc41\\n"');
	expect(json({ "\x9b": 1 })).toBe('{"\\u009b":1}');
});

test("numbers that JSON has not are null, bigints their digits", () => {
	expect(json([Number.NaN, Number.POSITIVE_INFINITY, -0, 2n ** 64n])).toBe("[null,null,0,18446744073709551616]");
});

test("depth takes no stack, and size no single string", () => {
	let deep: PlainValue = [];
	for (let i = 1; i < 200_000; i++) deep = [deep];
	expect(json(deep)).toHaveLength(400_000);
	const pieces = [...jsonPieces(Array.from({ length: 100_000 }, () => "text"))];
	expect(pieces.length).toBeGreaterThan(5);
	expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(70_000);
});
