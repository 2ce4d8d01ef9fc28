import { describe, expect, test } from "vitest";
import {
	decode,
	PyComplex,
	PyDecimal,
	PyDict,
	PyFloat,
	PyFraction,
	PyObject,
	type PyValue,
	toPlain,
} from "../../src/index.ts";
import { assemble } from "../support/assemble.ts";
import { call, expectBack, inspected, read, refused, shown, str } from "../support/calls.ts";

describe("Decimal keeps every digit", () => {
	test.each<[string, 0 | 1, string, number | bigint | string]>([
		["0", 0, "0", 0],
		["-0", 1, "0", 0],
		["0.00", 0, "0", -2],
		["1.10", 0, "110", -2],
		["-1.5", 1, "15", -1],
		["0E+3", 0, "0", 3],
		["1E+400", 0, "1", 400],
		["1.23E-10", 0, "123", -12],
		["0.000001", 0, "1", -6],
		["1E-7", 0, "1", -7],
		["12345678901234567890.123", 0, "12345678901234567890123", -3],
		["1E+999999999", 0, "1", 999_999_999],
		["1E+999999999999999999", 0, "1", 999_999_999_999_999_999n],
		["-1.5E-999999999999999999", 1, "15", -1_000_000_000_000_000_000n],
		["Infinity", 0, "0", "F"],
		["-Infinity", 1, "0", "F"],
		["NaN", 0, "", "n"],
		["-sNaN123", 1, "123", "N"],
	])("%s", (text, sign, digits, exponent) => {
		const value = read(call("decimal.Decimal", str(text))) as PyDecimal;
		expect(value).toBeInstanceOf(PyDecimal);
		expect([value.sign, value.digits, value.exponent]).toEqual([sign, digits, exponent]);
		expectBack(value);
		expect(toPlain(value)).toBe(text);
		expect(shown(value)).toBe(`Decimal('${text}')`);
		expect(inspected(value)).toBe(`PyDecimal(${text})`);
	});

	test.each([
		["1.", "1"],
		[".5", "0.5"],
		["007", "7"],
		["+1e3", "1E+3"],
		[" inf ", "Infinity"],
		["nan007", "NaN7"],
		["0.1e-10", "1E-11"],
	])("%s is read as Python reads it", (text, read) => {
		expect(String(PyDecimal.parse(text))).toBe(read);
	});

	test("nothing is written out by an exponent", () => {
		const value = PyDecimal.parse("1E+999999999");
		expect(new PyDict([[value, 1]]).get(PyDecimal.parse("10E+999999998"))).toBe(1);
		expect(value.toNumber()).toBe(Number.POSITIVE_INFINITY);
		expect(inspected(new PyDecimal(0, "1".repeat(20_000), 0)).length).toBeLessThan(10_100);
	});

	test("exponents around 2^53 are exact", () => {
		const [below, beyond] = [new PyDecimal(0, "10", 2 ** 53 - 1), new PyDecimal(0, "1", 2n ** 53n)];
		expect([String(below), String(beyond)]).toEqual(["1.0E+9007199254740992", "1E+9007199254740992"]);
		expect(new PyDict([[below, 1]]).has(beyond)).toBe(true);
		expect(new PyDict([[beyond, 1]]).has(new PyDecimal(0, "1", 2n ** 53n + 1n))).toBe(false);
		expect(new PyDecimal(0, "1", 5n).exponent).toBe(5);
	});

	test("an exponent of more than 400 digits, or another argument, stays a call", () => {
		for (const argument of [str(`1E+${"9".repeat(401)}`), "K\x05", "((lt"]) {
			expect(read(call("decimal.Decimal", argument))).toBeInstanceOf(PyObject);
		}
	});

	test.each(["", ".", "1..2", "e5", "1e", "nan1.5", "0x10", "1_0", "--1"])("%j is no decimal", (text) => {
		expect(() => read(call("decimal.Decimal", str(text)))).toThrow(refused("no decimal number|digits of a decimal"));
	});
});

describe("equality as keys, as in Python", () => {
	const decimal = (text: string) => PyDecimal.parse(text);

	test.each<[string, PyValue, PyValue, boolean]>([
		["an int", decimal("5"), 5, true],
		["zeros at the end", decimal("5.00"), decimal("5"), true],
		["zero and -0", decimal("-0"), 0, true],
		["a large int", decimal("1E+400"), 10n ** 400n, true],
		["another large int", decimal("1E+400"), 10n ** 400n + 1n, false],
		["a float", decimal("0.5"), 0.5, true],
		["a PyFloat", decimal("2.5"), new PyFloat(2.5), true],
		["0.1 is not the float 0.1", decimal("0.1"), 0.1, false],
		["that float, written out", decimal("0.1000000000000000055511151231257827021181583404541015625"), 0.1, true],
		["the least float", decimal(`${5n ** 1074n}E-1074`), 5e-324, true],
		["a fraction, as in Python 2.7", decimal("0.1"), new PyFraction(1, 10), false],
		["a fraction that is a float", decimal("0.25"), new PyFraction(1, 4), false],
		["True", decimal("1"), true, true],
		["a complex, as in Python 2.7", decimal("1.5"), new PyComplex(1.5, 0), false],
		["infinity", decimal("Infinity"), Number.POSITIVE_INFINITY, true],
		["its text", decimal("0.1"), "0.1", false],
		["NaN", decimal("NaN"), decimal("NaN"), false],
	])("%s", (_name, one, other, equal) => {
		expect(new PyDict([[one, 1]]).has(other)).toBe(equal);
		expect(new PyDict([[other, 1]]).has(one)).toBe(equal);
	});

	test("a signalling NaN cannot be hashed", () => {
		expect(() => new PyDict([[decimal("sNaN"), 1]])).toThrow(expect.objectContaining({ code: "E_TYPE" }));
	});

	test("many look-ups of many digits are charged", () => {
		const key = call("decimal.Decimal", str("0.1".padEnd(60_000, "1")));
		const keys = assemble("}(", key, "q\x00N", "h\x00N".repeat(20_000), "u.");
		const tuples = assemble("}(", key, "q\x000", "(h\x00K\x01tN".repeat(2000), "u.");
		for (const pickle of [keys, tuples]) {
			expect(() => (decode(pickle, { limits: { maxWork: 1_000_000 } }) as PyDict).size).toThrow(
				expect.objectContaining({ code: "E_LIMIT", limit: "maxWork" }),
			);
		}
	});

	test("zeros inside are passed once", () => {
		const value = PyDecimal.parse(`1${"0".repeat(1_000_000)}1`);
		expect(new PyDict([[value, 1]]).get(value)).toBe(1);
	});
});
