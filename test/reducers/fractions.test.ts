import { describe, expect, test } from "vitest";
import { decode, encode, PyDict, PyFraction, type PyValue, toPlain } from "../../src/index.ts";
import { assemble } from "../support/assemble.ts";
import { call, expectBack, inspected, read, refused, shown, str } from "../support/calls.ts";

describe("Fraction", () => {
	test.each<[string, unknown, bigint, bigint, string]>([
		["text, as up to Python 3.10", call("fractions.Fraction", str("22/7")), 22n, 7n, "22/7"],
		["text of an int", call("fractions.Fraction", str("-3")), -3n, 1n, "-3"],
		["ints", call("fractions.Fraction", "K\x16K\x07"), 22n, 7n, "22/7"],
		["lowest terms", call("fractions.Fraction", "K\x0aJ\xfc\xff\xff\xff"), -5n, 2n, "-5/2"],
		[
			"large ints",
			call("fractions.Fraction", "K\x01L1000000000000000000000000000000L\n"),
			1n,
			10n ** 30n,
			`1/1${"0".repeat(30)}`,
		],
	])("of %s", (_name, pieces, numerator, denominator, text) => {
		const value = read(pieces as string) as PyFraction;
		expect([value.numerator, value.denominator]).toEqual([numerator, denominator]);
		expectBack(value);
		expect(toPlain(value)).toBe(text);
		expect(shown(value)).toBe(`Fraction(${numerator}, ${denominator})`);
		expect(inspected(value)).toBe(`PyFraction(${text})`);
	});

	test.each<[PyValue, boolean]>([
		[5, false],
		[0.5, true],
		[new PyFraction(2, 4), true],
		[new PyFraction(1, 3), false],
	])("1/2 as a key and %s", (other, equal) => {
		expect(new PyDict([[new PyFraction(1, 2), 1]]).has(other)).toBe(equal);
	});

	test.each([
		[1n, 2n ** 1074n, 2 ** -1074],
		[2n ** 53n - 1n, 2n ** 1074n, (2 ** 53 - 1) * 2 ** -1074],
		[-3n, 2n ** 60n, -3 * 2 ** -60],
	])("%s/%s is the float of that value", (numerator, denominator, float) => {
		expect(new PyDict([[new PyFraction(numerator, denominator), 1]]).has(float)).toBe(true);
	});

	test.each([0, 1, 2, 4] as const)(
		"of more digits than Python 3 reads of an int goes back at protocol %i",
		(protocol) => {
			const long = new PyFraction(10n ** 4500n + 1n, 3n ** 100n);
			expect(decode(encode(long, { protocol }))).toEqual(long);
		},
	);

	test("an integral one is that int", () => {
		expect(new PyDict([[7, 1]]).has(new PyFraction(14, 2))).toBe(true);
		expect(new PyDict([[10n ** 40n, 1]]).has(new PyFraction(10n ** 40n))).toBe(true);
		expect(new PyDict([[new PyFraction(1, 3), 1]]).has(new PyFraction(2, 6))).toBe(true);
	});

	test.each([
		[call("fractions.Fraction", "K\x01K\x00"), "cannot be 0"],
		[call("fractions.Fraction", str("1/0")), "cannot be 0"],
		[call("fractions.Fraction", str("1.5")), "an int, or two"],
		[call("fractions.Fraction", "G?\xf0\0\0\0\0\0\x01"), "an int"],
		[call("fractions.Fraction"), "1 to 2 arguments"],
	])("of anything else is refused", (pieces, reason) => {
		expect(() => read(pieces)).toThrow(refused(reason));
	});

	test("the common divisor of huge ints is charged before it is looked for", () => {
		const int = (last: number) => ["\x8b", [0x40, 0x42, 0x0f, 0], new Uint8Array(1_000_000 - 1).fill(last), 1];
		const pickle = assemble(call("fractions.Fraction", int(0x55), int(0x33)), ".");
		expect(() => decode(pickle)).toThrow(expect.objectContaining({ code: "E_LIMIT", limit: "maxWork" }));
		expect(() => decode(assemble(call("fractions.Fraction", str(`1/${"9".repeat(9000)}`)), "."))).toThrow(
			expect.objectContaining({ code: "E_LIMIT", limit: "maxIntDigits" }),
		);
	});
});
