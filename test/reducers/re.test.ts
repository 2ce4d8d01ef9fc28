import { expect, test } from "vitest";
import { PyDict, PyPattern, toPlain } from "../../src/index.ts";
import { bytes, call, expectBack, read, refused, shown, str } from "../support/calls.ts";

test.each<[unknown, PyPattern, string]>([
	[call("re._compile", str("a+"), "K\x22"), new PyPattern("a+", 34), "re.compile('a+', flags=34)"],
	[call("re._compile", bytes(97), "K\x00"), new PyPattern(Uint8Array.of(97), 0), "re.compile(b'a', flags=0)"],
	[call("re._compile", str("(((("), "K\x20"), new PyPattern("((((", 32), "re.compile('((((', flags=32)"],
])("a pattern is never compiled", (pieces, pattern, repr) => {
	expect(read(pieces as string)).toEqual(pattern);
	expect(shown(pattern)).toBe(repr);
	if (typeof pattern.pattern === "string") {
		expectBack(pattern);
		expect(toPlain(pattern)).toEqual({ pattern: pattern.pattern, flags: pattern.flags });
	}
});

test("equality as keys", () => {
	const dict = new PyDict([[new PyPattern("a", 32), 1]]);
	expect(dict.has(new PyPattern("a", 32))).toBe(true);
	expect(dict.has(new PyPattern("a", 0))).toBe(false);
	expect(dict.has(new PyPattern(Uint8Array.of(97), 32))).toBe(false);
});

test.each([
	[call("re._compile", "K\x01", "K\x00"), "str or bytes"],
	[call("re._compile", str("a"), str("b")), "an int"],
	[call("re._compile", str("a")), "2 arguments"],
])("anything else is refused", (pieces, reason) => {
	expect(() => read(pieces)).toThrow(refused(reason));
});
