import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeLong, parseFloatText, parseIndexText, parseIntText, parseLongText } from "../../src/bytes/numbers.ts";
import { encodeLatin1 } from "../../src/bytes/utf8.ts";
import { isPickleError, type PickleErrorCode } from "../../src/errors.ts";

/** CPython raises an error; here it is an E_NUMBER. */
const refused = Symbol("refused");
type Integer = number | bigint;
type Outcome<Value> = Value | typeof refused;

const maxIntDigits = 4300;
const withCode = (code: PickleErrorCode): unknown => expect.toSatisfy((error) => isPickleError(error, code));

/** Runs a parser on a text that stands between digits of others. */
function parse<Value>(
	text: string,
	parser: (bytes: Uint8Array, start: number, end: number, max: number) => Value,
): Value {
	const bytes = encodeLatin1(`99${text}99`) as Uint8Array;
	return parser(bytes, 2, bytes.length - 2, maxIntDigits);
}

function check<Value>(text: string, parser: Parameters<typeof parse<Value>>[1], expected: Outcome<Value>): void {
	if (expected === refused) expect(() => parse(text, parser)).toThrow(withCode("E_NUMBER"));
	else expect(parse(text, parser)).toBe(expected);
}

/** The argument, then what INT and LONG made of it in Python 3.6, 3.7, 3.9, 3.11 and 3.13, which agree. */
const integers: readonly (readonly [text: string, int: Outcome<Integer | boolean>, long: Outcome<Integer>])[] = [
	["0", 0, 0],
	["1", 1, 1],
	["-1", -1, -1],
	["00", false, 0],
	["01", true, refused],
	["02", 2, refused],
	["10", 10, 10],
	["+0", false, 0],
	["+1", true, 1],
	["-0", false, 0],
	[" 0", false, 0],
	[" 1", true, 1],
	["\t1", true, 1],
	["1 ", 1, 1],
	["0 ", 0, 0],
	["1\r", 1, 1],
	["0\0", false, 0],
	["1\0", true, 1],
	["\x000", false, refused],
	["000", 0, 0],
	["001", 1, refused],
	["-01", -1, refused],
	["42", 42, 42],
	["-42", -42, -42],
	["+42", 42, 42],
	[" 42", 42, 42],
	["42 ", 42, 42],
	["\v\f\r 42 \t\r", 42, 42],
	["\u00a042", refused, refused],
	["\u001c42", refused, refused],
	["42\0junk", 42, 42],
	["42\0 L", 42, 42],
	["\0\0\0", 0, refused],
	["\0junk", 0, refused],
	[" \0", refused, refused],
	["", refused, refused],
	[" ", refused, refused],
	["+", refused, refused],
	["-", refused, refused],
	["--1", refused, refused],
	["+-1", refused, refused],
	["- 1", refused, refused],
	["1 2", refused, refused],
	["017", 15, refused],
	["-017", -15, refused],
	[" 017", 15, refused],
	["017 ", refused, refused],
	["017\r", refused, refused],
	["08", refused, refused],
	["018", refused, refused],
	["0_17", refused, refused],
	["00_0", 0, 0],
	["0_0", 0, 0],
	["000\r", 0, 0],
	["0777777777777777777777", 9223372036854775807n, refused],
	["01000000000000000000000", refused, refused],
	["-01000000000000000000000", -9223372036854775808n, refused],
	["-01000000000000000000001", refused, refused],
	["0x1f", 31, 31],
	["0X1F", 31, 31],
	["-0x1f", -31, -31],
	["0x_1f", 31, 31],
	["0x1_f", 31, 31],
	["0x__1f", refused, refused],
	["0x1f_", refused, refused],
	["0x", refused, refused],
	["0xg", refused, refused],
	["0_x1", refused, refused],
	["x1f", refused, refused],
	["0x 1", refused, refused],
	["0x-1", refused, refused],
	["0x1f ", 31, 31],
	["0xfffffffffffffffff", 295147905179352825855n, 295147905179352825855n],
	["0o17", 15, 15],
	["0O17", 15, 15],
	["0o8", refused, refused],
	["0o", refused, refused],
	["0b11", 3, 3],
	["0B11", 3, 3],
	["0b2", refused, refused],
	["0b", refused, refused],
	["-0b11", -3, -3],
	["0b_1_1", 3, 3],
	["1_000", 1000, 1000],
	["1__0", refused, refused],
	["_1", refused, refused],
	["1_", refused, refused],
	["1_ ", refused, refused],
	["1e5", refused, refused],
	["1.0", refused, refused],
	["1L", refused, 1],
	["0L", refused, 0],
	["01L", refused, refused],
	["1LL", refused, refused],
	["1l", refused, refused],
	["1 L", refused, 1],
	["1L ", refused, refused],
	["L", refused, refused],
	["LL", refused, refused],
	[" L", refused, refused],
	["-L", refused, refused],
	["0xL", refused, refused],
	["\0L", false, refused],
	["1\0L", 1, 1],
	["-0L", refused, 0],
	["+1L", refused, 1],
	["0x1fL", refused, 31],
	["0b1L", refused, 1],
	["999999999999999", 999999999999999, 999999999999999],
	["9007199254740991", 9007199254740991, 9007199254740991],
	["9007199254740992", 9007199254740992n, 9007199254740992n],
	["-9007199254740991", -9007199254740991, -9007199254740991],
	["-9007199254740992", -9007199254740992n, -9007199254740992n],
	["9007199254740993", 9007199254740993n, 9007199254740993n],
	["0x1fffffffffffff", 9007199254740991, 9007199254740991],
	["0x20000000000000", 9007199254740992n, 9007199254740992n],
	["0000000000000000000000000001 ", refused, refused],
	["9223372036854775807", 9223372036854775807n, 9223372036854775807n],
	["9223372036854775808", 9223372036854775808n, 9223372036854775808n],
	["-9223372036854775808", -9223372036854775808n, -9223372036854775808n],
	["-9223372036854775809", -9223372036854775809n, -9223372036854775809n],
	["18446744073709551616", 18446744073709551616n, 18446744073709551616n],
	["123456789012345678901234567890", 123456789012345678901234567890n, 123456789012345678901234567890n],
	["\u00b2", refused, refused],
	["\u00ff", refused, refused],
	["None", refused, refused],
	["True", refused, refused],
	["nan", refused, refused],
	["1\u00c2\u00a0", refused, refused],
];

/** Where Python 3.14.2 differs, which reads both as decimal: its INT and its LONG, beside the above. */
const since314: readonly (readonly [text: string, int: Outcome<Integer | boolean>, long: Outcome<Integer>])[] = [
	["01", true, 1],
	["02", 2, 2],
	["-01", -1, -1],
	["017", 17, 17],
	[" 017", 17, 17],
	["017 ", 17, 17],
	["08", 8, 8],
	["0_17", 17, 17],
	["0777777777777777777777", 777777777777777777777n, 777777777777777777777n],
	["01L", refused, 1],
	["0x1f", refused, refused],
	["0x1f ", refused, refused],
	["0x1fL", refused, refused],
	["0o17", refused, refused],
	["0b11", refused, refused],
];

describe("parseIntText and parseLongText", () => {
	it.each(integers)("read %j as CPython up to 3.13 does", (text, int, long) => {
		check(text, parseIntText, int);
		check(text, parseLongText, long);
	});

	it.each(since314)("do not read %j as CPython 3.14 does", (text, int, long) => {
		const row = integers.find(([spelling]) => spelling === text);
		expect(row).toBeDefined();
		expect(row?.slice(1)).not.toEqual([int, long]);
	});

	const long = "1".repeat(maxIntDigits);
	it.each([
		["as many decimal digits as allowed", long, BigInt(long)],
		["underscores, which are no digits", `1${"_1".repeat(maxIntDigits - 1)}`, BigInt(long)],
		["hexadecimal digits without limit", `0x${long}1`, BigInt(`0x${long}1`)],
		["binary digits without limit", `-0b${long}1`, -BigInt(`0b${long}1`)],
		["blanks, which are no digits", `${" ".repeat(9999)}-7${" ".repeat(9999)}`, -7],
	])("take %s", (_, text, expected) => {
		check(text, parseIntText, expected);
		check(text, parseLongText, expected);
	});

	it.each([`${long}1`, `-${long}1`, `+${long}1`, `${long}_1`, `${long}1 `, `${"0".repeat(maxIntDigits + 1)} `])(
		"refuse more decimal digits than allowed (%#)",
		(text) => {
			for (const parser of [parseIntText, parseLongText]) {
				expect(() => parse<unknown>(text, parser)).toThrow(withCode("E_LIMIT"));
				expect(() => parse<unknown>(text, parser)).toThrow(`${maxIntDigits + 1} digits`);
			}
		},
	);

	it("let strtol take any number of zeros, which PyLong_FromString does not", () => {
		check("0".repeat(9999), parseIntText, 0);
		check(`${"0".repeat(9999)}17`, parseIntText, 15);
		expect(() => parse("0".repeat(9999), parseLongText)).toThrow(withCode("E_LIMIT"));
	});

	it("read what Python writes for any integer", () => {
		fc.assert(
			fc.property(fc.bigInt(), fc.integer({ min: 0, max: 200 }), (value, shift) => {
				const integer = value >> BigInt(shift);
				const expected = Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
				check(String(integer), parseIntText, expected);
				check(`${integer}L`, parseLongText, expected);
			}),
		);
	});

	it("show a long line shortened, with its controls escaped", () => {
		expect(() => parse(`\x1b[31m${"x".repeat(1e6)}`, parseIntText)).toThrow(
			/^"\\x1b\[31mx{1,60}\.\.\." is not an integer$/,
		);
	});
});

describe("parseIndexText", () => {
	/** As `load_get` and `load_put` of CPython 3.6 to 3.13: base 10. */
	it.each([
		["0", 0],
		["1", 1],
		["123", 123],
		["010", 10],
		["00", 0],
		["01", 1],
		["+1", 1],
		["-0", 0],
		[" 1 ", 1],
		["1\r", 1],
		["1_0", 10],
		["1\0z", 1],
		["9007199254740991", Number.MAX_SAFE_INTEGER],
		["9007199254740992", -1],
		["99999999999999999999", -1],
		["-1", -1],
		["", -1],
		["1L", -1],
		["0x1", -1],
		["1.0", -1],
		["1__0", -1],
		["_1", -1],
		["x", -1],
		["\0", -1],
		["1 2", -1],
	])("reads %j as %i", (text, expected) => {
		expect(parse(text, parseIndexText)).toBe(expected);
	});
});

describe("parseFloatText", () => {
	/** As `load_float` of CPython 3.6 to 3.14, which agree. */
	it.each<[string, Outcome<number>]>([
		["0", 0],
		["-0", -0],
		["0.0", 0],
		["-0.0", -0],
		["1.5", 1.5],
		["+1.5", 1.5],
		["5.", 5],
		[".5", 0.5],
		["+.5e-3", 0.0005],
		["1.e5", 1e5],
		["1e5", 1e5],
		["1E+05", 1e5],
		["017.5", 17.5],
		["0.1", 0.1],
		["0.30000000000000004", 0.30000000000000004],
		["9007199254740993", 9007199254740992],
		["1.7976931348623157e308", Number.MAX_VALUE],
		["1.7976931348623158e308", Number.MAX_VALUE],
		["1.7976931348623159e308", refused],
		["1e400", refused],
		["-1e400", refused],
		["1e99999999999999999999", refused],
		["0e99999999999999999999", 0],
		["1e-400", 0],
		["-1e-99999999999999999999", -0],
		["2.4703282292062327e-324", 0],
		["2.4703282292062328e-324", 5e-324],
		["2.2250738585072011e-308", 2.225073858507201e-308],
		[`${"1".repeat(310)}e-300`, 1.1111111111111112e9],
		["1.5\0junk", 1.5],
		["inf\0", Number.POSITIVE_INFINITY],
		["inf", Number.POSITIVE_INFINITY],
		["+Infinity", Number.POSITIVE_INFINITY],
		["-INF", Number.NEGATIVE_INFINITY],
		["nan", Number.NaN],
		["-nan", Number.NaN],
		["+NaN", Number.NaN],
		["", refused],
		["\0", refused],
		[" 1.5", refused],
		["1.5 ", refused],
		["1.5\r", refused],
		["1_0.5", refused],
		["1,5", refused],
		[".", refused],
		["+", refused],
		["e5", refused],
		["1e", refused],
		["1e+", refused],
		["1e5.5", refused],
		["1.5.5", refused],
		["--1", refused],
		["1.5L", refused],
		["1.5f", refused],
		["1d5", refused],
		["0x1p3", refused],
		["0x10", refused],
		["infinit", refused],
		["inf ", refused],
		[" inf", refused],
		["--inf", refused],
		["nan(1)", refused],
		["nanx", refused],
		["1.#INF", refused],
	])("reads %j as CPython does", (text, expected) => {
		check(text, parseFloatText, expected);
	});

	it("reads what JavaScript and Python write for any float", () => {
		fc.assert(fc.property(fc.double(), (value) => Object.is(parse(`${value}`, parseFloatText), Number(`${value}`))));
	});
});

describe("decodeLong", () => {
	const decodeAll = (...bytes: number[]): Integer =>
		decodeLong(new DataView(Uint8Array.from([0xff, ...bytes, 0xff]).buffer), 1, 1 + bytes.length);

	function encode(value: bigint, length: number): Uint8Array {
		return Uint8Array.from({ length }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
	}

	function expectSame(value: bigint, length: number): void {
		const small = Number.isSafeInteger(Number(value)) ? Number(value) : value;
		expect(decodeAll(...encode(value, length))).toBe(small);
	}

	it.each<[Integer, ...number[]]>([
		[0],
		[0, 0],
		[-1, 0xff],
		[127, 0x7f],
		[-128, 0x80],
		[255, 0xff, 0],
		[-256, 0, 0xff],
		[-1, 0xff, 0xff, 0xff],
		[0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
		[-1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
		[-9007199254740992n, 0, 0, 0, 0, 0, 0, 0xe0],
		[-9223372036854775808n, 0, 0, 0, 0, 0, 0, 0, 0x80],
		[9223372036854775808n, 0, 0, 0, 0, 0, 0, 0, 0x80, 0],
	])("is %s", (expected, ...bytes) => {
		expect(decodeAll(...bytes)).toBe(expected);
	});

	it("is right around every power of two that its forms meet", () => {
		for (const bits of [
			7, 8, 15, 31, 32, 47, 48, 52, 53, 54, 55, 56, 63, 64, 65, 119, 120, 127, 128, 1023, 1024, 1025, 9000,
		]) {
			for (const offset of [-1n, 0n, 1n]) {
				const value = (1n << BigInt(bits)) + offset;
				const length = (bits >> 3) + 1;
				for (const extra of [0, 1, 7, 8, 200]) {
					if (BigInt.asIntN(8 * (length + extra), value) === value) expectSame(value, length + extra);
					if (BigInt.asIntN(8 * (length + extra), -value) === -value) expectSame(-value, length + extra);
				}
			}
		}
	});

	it("is right for any bytes", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
				const unsigned = bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
				expectSame(BigInt.asIntN(8 * bytes.length, unsigned), bytes.length);
			}),
		);
	});

	it("refuses what no BigInt holds", () => {
		const bytes = new Uint8Array(2 ** 27 + 1);
		bytes[bytes.length - 1] = 1;
		expect(() => decodeLong(new DataView(bytes.buffer), 0, bytes.length)).toThrow(withCode("E_TOO_LARGE"));
	});
});
