import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { decodeRawUnicodeEscape, unescapeString } from "../../src/bytes/escapes.ts";
import { decodedText, decodeLatin1, encodeLatin1 } from "../../src/bytes/utf8.ts";
import { isPickleError } from "../../src/errors.ts";

const line = (text: string): Uint8Array => encodeLatin1(text) as Uint8Array;
const latin1 = (bytes: Uint8Array): string => decodeLatin1(bytes, 0, bytes.length);
const isTextError = expect.toSatisfy((error) => isPickleError(error, "E_TEXT"));

/** Texts of any code points but surrogates, which make pairs by chance. */
const codePoint = fc.oneof(
	fc.integer({ min: 0, max: 0xd7ff }),
	fc.integer({ min: 0xe000, max: 0x10ffff }),
	fc.constantFrom(0x5c, 0x75),
);
const anyText = fc.array(codePoint, { maxLength: 60 }).map((codes) => String.fromCodePoint(...codes));

/** As CPython 3.6 to 3.14 has them, from `codecs.escape_decode` between quotes. */
describe("unescapeString", () => {
	it.each([
		["''", ""],
		['""', ""],
		["'abc'", "abc"],
		["'a'b'", "a'b"],
		[`'a"b'`, 'a"b'],
		[`"a'b"`, "a'b"],
		["'a\0b'", "a\0b"],
		["'é\xff'", "é\xff"],
		["'\\\\'", "\\"],
		["'\\'\\\"'", "'\""],
		["'\\a\\b\\f\\n\\r\\t\\v'", "\x07\b\f\n\r\t\v"],
		["'\\x41\\xFf\\x0a'", "A\xff\n"],
		["'\\0'", "\0"],
		["'\\7\\12\\101'", "\x07\nA"],
		["'\\1234'", "S4"],
		["'\\18\\8'", "\x018\\8"],
		["'\\377\\400\\777'", "\xff\0\xff"],
		["'\\q\\N{DASH}\\u0041'", "\\q\\N{DASH}\\u0041"],
		["'\\é'", "\\é"],
		["'\\\r'", "\\\r"],
		["'a\\\\n'", "a\\n"],
	])("reads %j", (text, expected) => {
		expect(latin1(unescapeString(line(text)))).toBe(expected);
		const around = line(`S${text}\n\\x`);
		expect(latin1(unescapeString(around, 1, 1 + text.length))).toBe(expected);
	});

	it.each(["", "'", '"', "abc", "'abc", "abc'", "'abc\"", "'abc' ", " 'abc'", "'abc'\r", "`abc`"])(
		"refuses %j, which is not quoted",
		(text) => {
			expect(() => unescapeString(line(text))).toThrow(isTextError);
		},
	);

	it.each([
		["'\\'", "\\", 0],
		["'ab\\'", "\\", 2],
		["'\\\\\\'", "\\", 2],
		["'\\x'", "\\x", 0],
		["'a\\x4'", "\\x4", 1],
		["'\\x4g'", "\\x4g", 0],
		["'\\xg4'", "\\xg4", 0],
	])("refuses %j, a bad escape", (text, found, index) => {
		const run = (): unknown => unescapeString(line(text));
		expect(run).toThrow(isTextError);
		expect(run).toThrow(`bad escape "${found.replace("\\", "\\\\")}" at index ${index} `);
	});

	it("keeps every byte that Python's repr wrote", () => {
		const repr = (byte: number): string => {
			if (byte === 0x27 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
			return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
		};
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 60 }), (value) => {
				expect(new Uint8Array(unescapeString(line(`'${Array.from(value, repr).join("")}'`)))).toEqual(value);
			}),
		);
	});

	it("is a view of the line without escapes, and bytes of its own with them", () => {
		const plain = line("'abc'");
		expect(unescapeString(plain).buffer).toBe(plain.buffer);
		const escaped = line("'a\\n'");
		expect(unescapeString(escaped).buffer).not.toBe(escaped.buffer);
	});
});

describe("decodeRawUnicodeEscape", () => {
	beforeEach(() => {
		decodedText.splitPair = false;
	});

	it.each([
		["", ""],
		["abc", "abc"],
		["a\0b\r", "a\0b\r"],
		["\xe9\x80", "\xe9\x80"],
		["\\", "\\"],
		["a\\", "a\\"],
		["\\\\", "\\\\"],
		["\\\\\\", "\\\\\\"],
		["\\u0041", "A"],
		["\\u00E9\\u00e9", "éé"],
		["\\\\u0041", "\\\\u0041"],
		["\\\\\\u0041", "\\\\A"],
		["\\\\\\\\u0041", "\\\\\\\\u0041"],
		["\\\\u", "\\\\u"],
		["\\x41\\n\\N{DASH}\\'", "\\x41\\n\\N{DASH}\\'"],
		["\\\0", "\\\0"],
		["\\é", "\\é"],
		["\\U0001F600!", "😀!"],
		["\\U0010ffff", "\u{10ffff}"],
		["\\U00000041", "A"],
		["\\ud83d", "\ud83d"],
		["\\ufeff", "\ufeff"],
	])("reads %j", (text, expected) => {
		expect(decodeRawUnicodeEscape(line(text))).toBe(expected);
		expect(decodeRawUnicodeEscape(line(`V${text}\n0000`), 1, 1 + text.length)).toBe(expected);
		expect(decodedText.splitPair).toBe(false);
	});

	it.each([
		["\\ud83d\\ude00", true],
		["\\U0000d83d\\ude00", true],
		["\\ud83d\\U0000de00", true],
		["\\ud83da\\ude00", false],
		["\\ude00\\ud83d", false],
		["\\U0001F600\\ude00", false],
		["\\ud83d\\U0001F600", false],
	])("says whether %j has a pair written apart", (text, splitPair) => {
		decodeRawUnicodeEscape(line(text));
		expect(decodedText.splitPair).toBe(splitPair);
	});

	it.each([
		["\\u", 0],
		["a\\u004", 1],
		["\\u004g", 0],
		["\\u 041", 0],
		["\\u0041\\u12", 6],
		["\\U0001F60", 0],
		["\\U00110000", 0],
		["\\Uffffffff", 0],
		["\\\\\\u1", 2],
	])("refuses %j", (text, index) => {
		for (const run of [
			() => decodeRawUnicodeEscape(line(text)),
			() => decodeRawUnicodeEscape(line(`${text}\n0000`), 0, text.length),
		]) {
			expect(run).toThrow(isTextError);
			expect(run).toThrow(` at index ${index} `);
		}
	});

	it("keeps every text that Python wrote with \\u escapes", () => {
		const escaped = (char: string): string => {
			const code = char.codePointAt(0) as number;
			if (code > 0xffff) return `\\U${code.toString(16).padStart(8, "0")}`;
			return code > 0xff || char === "\\" || char === "\n" ? `\\u${code.toString(16).padStart(4, "0")}` : char;
		};
		fc.assert(
			fc.property(anyText, (value) => {
				expect(decodeRawUnicodeEscape(line(Array.from(value, escaped).join("")))).toBe(value);
			}),
		);
	});

	it("reads texts longer than one piece", () => {
		expect(decodeRawUnicodeEscape(line("\\u65e5".repeat(20_000)))).toBe("日".repeat(20_000));
		expect(decodeRawUnicodeEscape(line("\\U0001f600".repeat(9_000)))).toBe("😀".repeat(9_000));
	});
});
