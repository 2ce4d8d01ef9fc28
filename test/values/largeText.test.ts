import { describe, expect, test } from "vitest";
import { PyLargeText } from "../../src/index.ts";

const text = "a\u00e4\u20ac\u{1f600}\u{10ffff}z\u{1f600}";
const large = new PyLargeText(new TextEncoder().encode(text));

describe("chunks of a PyLargeText", () => {
	test.each([1, 2, 3, 4, 5, 6, 7, 8, 9.5, 100, undefined])(
		"of %s bytes are the whole text, no character cut",
		(size) => {
			const chunks = [...large.chunks(size)];
			expect(chunks.join("")).toBe(text);
			for (const chunk of chunks) expect(chunk).not.toMatch(/\p{Cs}/u);
		},
	);

	test.each([0, -1, Number.NaN])("of %s bytes are a TypeError", (size) => {
		expect(() => [...large.chunks(size)]).toThrow(TypeError);
	});

	test("that are no UTF-8 are E_TEXT", () => {
		for (const bytes of [
			[0xf0, 0x9f, 0x98],
			[0x80, 0x80, 0x80, 0x80, 0x80],
			[0xff, 0x61, 0x61, 0x61, 0x61],
		]) {
			const wrong = new PyLargeText(Uint8Array.from(bytes));
			expect(() => [...wrong.chunks(4)]).toThrow(expect.objectContaining({ code: "E_TEXT" }));
		}
	});
});
