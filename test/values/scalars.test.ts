import { describe, expect, test } from "vitest";
import { pythonFloat } from "../../src/values/scalars.ts";
import {
	Ellipsis,
	NotImplemented,
	PyByteArray,
	PyComplex,
	PyFloat,
	PyRange,
	PySlice,
	tuple,
} from "../../src/values.ts";

test("tuple makes a frozen array", () => {
	expect(tuple(1, "a")).toEqual([1, "a"]);
	expect(Object.isFrozen(tuple())).toBe(true);
});

test("a PyFloat behaves as a number", () => {
	const two = new PyFloat(2);
	expect([Number(two) + 1, `${two}`, JSON.stringify(two), typeof two]).toEqual([3, "2", "2", "object"]);
});

describe("PyByteArray", () => {
	test("is a Uint8Array of its own", () => {
		const bytes = PyByteArray.of(1, 2, 3);
		expect(bytes).toBeInstanceOf(Uint8Array);
		expect(bytes.slice(1).constructor).toBe(Uint8Array);
		expect(bytes.map((byte) => byte * 2).constructor).toBe(Uint8Array);
	});
});

test.each([
	[1, 2, "(1+2j)"],
	[0, 3, "3j"],
	[-0, 3, "(-0+3j)"],
	[1.5, -2, "(1.5-2j)"],
	[0, -0, "-0j"],
	[Number.NaN, Number.POSITIVE_INFINITY, "(nan+infj)"],
	[1, Number.NEGATIVE_INFINITY, "(1-infj)"],
	[1, Number.NaN, "(1+nanj)"],
	[1e20, 1e-7, "(1e+20+1e-07j)"],
])("complex(%d, %d) prints as %s", (re, im, shown) => {
	expect(String(new PyComplex(re, im))).toBe(shown);
});

describe("PyRange", () => {
	test.each([
		[0, 10, 1, 10, "range(0, 10)"],
		[0, 10, 3, 4, "range(0, 10, 3)"],
		[10, 0, -3, 4, "range(10, 0, -3)"],
		[5, 5, 1, 0, "range(5, 5)"],
		[5, 0, 1, 0, "range(5, 0)"],
		[0, 5, -1, 0, "range(0, 5, -1)"],
		[0n, 2n ** 70n, 1n, 2n ** 70n, "range(0, 1180591620717411303424)"],
		[0n, 2n ** 70n, 2n ** 60n, 1024, "range(0, 1180591620717411303424, 1152921504606846976)"],
	])("from %s to %s by %s has %s items", (start, stop, step, length, shown) => {
		const range = new PyRange(start, stop, step);
		expect(range.length).toBe(length);
		expect(String(range)).toBe(shown);
	});
});

test("a PySlice has three values, the last of them None by default", () => {
	expect(new PySlice(1, null)).toEqual({ start: 1, stop: null, step: null });
});

test("constants print their names and cannot be changed", () => {
	expect([String(Ellipsis), String(NotImplemented)]).toEqual(["Ellipsis", "NotImplemented"]);
	expect(Object.isFrozen(Ellipsis)).toBe(true);
	expect(Ellipsis).not.toBe(NotImplemented);
});

/** Python 3.12's repr, and how a complex spells it. */
test.each([
	[1, "1.0", "1"],
	[-0, "-0.0", "-0"],
	[0.1, "0.1", "0.1"],
	[1e15, "1000000000000000.0", "1000000000000000"],
	[1e16, "1e+16", "1e+16"],
	[1.5e16, "1.5e+16", "1.5e+16"],
	[123456789012345680, "1.2345678901234568e+17", "1.2345678901234568e+17"],
	[0.0001, "0.0001", "0.0001"],
	[0.00001, "1e-05", "1e-05"],
	[5e-324, "5e-324", "5e-324"],
	[-1.7976931348623157e308, "-1.7976931348623157e+308", "-1.7976931348623157e+308"],
	[Number.NaN, "nan", "nan"],
	[Number.NEGATIVE_INFINITY, "-inf", "-inf"],
])("%d is %s in Python, and %s in a complex", (value, shown, short) => {
	expect(pythonFloat(value)).toBe(shown);
	expect(pythonFloat(value, true)).toBe(short);
});
