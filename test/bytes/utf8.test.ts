import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import {
	decodedText,
	decodeLatin1,
	decodeUtf8,
	encodeLatin1,
	encodeUtf8,
	isAscii,
	isUtf8,
	utf8ToLatin1,
} from "../../src/bytes/utf8.ts";
import { isPickleError } from "../../src/errors.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const decodeAll = (bytes: Uint8Array): string => decodeUtf8(bytes, 0, bytes.length);
/** Texts of any UTF-16 units, paired or lone. */
const anyText = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd700, max: 0xe000 })), {
	maxLength: 80,
});
const text = anyText.map((units) => String.fromCharCode(...units));
const bytes = fc.uint8Array({ maxLength: 90 });
/** Bytes that are close to UTF-8. */
const almost = fc
	.array(fc.constantFrom(0x41, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4, 0xf5), {
		maxLength: 40,
	})
	.map((list) => Uint8Array.from(list));

function strictText(bytes: Uint8Array): string | undefined {
	try {
		return strict.decode(bytes);
	} catch {
		return undefined;
	}
}

beforeEach(() => {
	decodedText.splitPair = false;
});

describe("decodeUtf8", () => {
	const padding = "0123456789".repeat(4);
	const texts = [
		"",
		"a",
		"\0",
		"\x7f",
		"\x80",
		"é",
		"\u07ff",
		"\u0800",
		"\ud7ff",
		"\ue000",
		"\ufeff",
		"\ufeffa",
		"\uffff",
		"😀",
		"\u{10ffff}",
		"日本語",
		"aé日😀",
	];
	it.each(texts)("keeps %j, in short texts and in long ones", (text) => {
		expect(decodeAll(encodeUtf8(text))).toBe(text);
		expect(decodeAll(encodeUtf8(padding + text))).toBe(padding + text);
		expect(decodedText.splitPair).toBe(false);
	});

	it.each([
		["lone high", "ed a0 80", "\ud800", false],
		["lone low", "ed bf bf", "\udfff", false],
		["low before high", "ed b0 80 ed a0 80", "\udc00\ud800", false],
		["a pair written apart", "ed a0 bd ed b8 80", "\ud83d\ude00", true],
		["high, then a pair written apart", "ed a0 bd ed a0 bd ed b8 80", "\ud83d\ud83d\ude00", true],
		["high, then an astral character", "ed a0 bd f0 9f 98 80", "\ud83d😀", false],
		["an astral character, then low", "f0 9f 98 80 ed b8 80", "😀\ude00", false],
		["high and low with text between", "ed a0 bd 61 ed b8 80", "\ud83da\ude00", false],
	])("takes surrogates: %s", (_, encoded, expected, splitPair) => {
		expect(decodeAll(hex(encoded))).toBe(expected);
		expect(decodedText.splitPair).toBe(splitPair);
		decodedText.splitPair = false;
		expect(decodeAll(hex("61".repeat(9000) + encoded))).toBe("a".repeat(9000) + expected);
		expect(decodedText.splitPair).toBe(splitPair);
	});

	it.each([
		["continuation without lead", "61 80", "80", 1],
		["overlong, two bytes", "c0 80", "c0", 0],
		["overlong, two bytes", "c1 bf", "c1", 0],
		["overlong, three bytes", "61 62 e0 9f bf", "e0", 2],
		["overlong, four bytes", "f0 8f bf bf", "f0", 0],
		["beyond U+10FFFF", "f4 90 80 80", "f4", 0],
		["beyond U+10FFFF", "f5 80 80 80", "f5", 0],
		["no UTF-8 byte", "c3 a9 ff", "ff", 2],
		["cut after one byte of two", "c3", "c3", 0],
		["cut after two bytes of three", "e6 97", "e6", 0],
		["cut after three bytes of four", "61 f0 9f 98", "f0", 1],
		["lead after lead", "c3 c3 a9", "c3", 0],
		["three bytes, the last is none", "e6 97 61", "e6", 0],
	])("refuses %s (%s)", (_, encoded, byte, index) => {
		for (const before of [0, 40]) {
			const input = hex("61".repeat(before) + encoded);
			const check = (error: unknown): boolean =>
				isPickleError(error, "E_TEXT") && error.message.includes(`0x${byte} at index ${before + index} `);
			expect(() => decodeAll(input)).toThrow(expect.toSatisfy(check));
		}
	});

	it("looks at nothing outside its range", () => {
		const around = hex("c3 e6 97 a5 80");
		expect(decodeUtf8(around, 1, 4)).toBe("日");
		expect(() => decodeUtf8(around, 1, 3)).toThrow("byte 0xe6 at index 0 ");
	});

	it("is the inverse of encodeUtf8 for every text", () => {
		fc.assert(fc.property(text, (value) => decodeAll(encodeUtf8(value)) === value));
	});

	it("agrees with TextDecoder on what is strict UTF-8, as isUtf8 does", () => {
		fc.assert(
			fc.property(fc.oneof(bytes, almost), (value) => {
				const expected = strictText(value);
				expect(isUtf8(value, 0, value.length)).toBe(expected !== undefined);
				if (expected !== undefined) expect(decodeAll(value)).toBe(expected);
			}),
			{ numRuns: 500 },
		);
	});

	it("takes beyond strict UTF-8 only what encodes back, or holds a pair written apart", () => {
		fc.assert(
			fc.property(almost, (value) => {
				decodedText.splitPair = false;
				let decoded: string;
				try {
					decoded = decodeAll(value);
				} catch (error) {
					return isPickleError(error, "E_TEXT");
				}
				return decodedText.splitPair || Buffer.compare(encodeUtf8(decoded), value) === 0;
			}),
			{ numRuns: 500 },
		);
	});
});

it.each([
	["lone high surrogate", "a\ud800", "61 ed a0 80"],
	["lone low surrogate", "\udfffb", "ed bf bf 62"],
	["characters of every width beside one", "é日😀\udc00!", "c3 a9 e6 97 a5 f0 9f 98 80 ed b0 80 21"],
	["replacement character", "\ufffd", "ef bf bd"],
])("encodeUtf8 writes %s as surrogatepass does", (_, text, expected) => {
	expect(encodeUtf8(text)).toEqual(hex(expected));
});

it("isAscii and isUtf8 look at their range only", () => {
	const input = hex("ff 61 c3 a9 ff");
	expect([isAscii(input, 1, 2), isAscii(input, 1, 3), isAscii(input, 1, 1)]).toEqual([true, false, true]);
	expect([isUtf8(input, 1, 4), isUtf8(input, 1, 3), isUtf8(input, 2, 2)]).toEqual([true, false, true]);
});

describe("Latin-1", () => {
	it.each([0, 1, 31, 32, 33, 8191, 8192, 8193, 20000])("there and back for every byte, %i of them", (length) => {
		const input = Uint8Array.from({ length }, (_, index) => (index * 7) & 0xff);
		const decoded = decodeLatin1(input, 0, length);
		expect(decoded).toHaveLength(length);
		expect(Buffer.compare(encodeLatin1(decoded) as Uint8Array, input)).toBe(0);
	});

	it("has 0x80 to 0x9f as controls, not as windows-1252 has them", () => {
		const input = Uint8Array.from({ length: 256 }, (_, index) => index);
		expect([...decodeLatin1(input, 0x80, 0xa0)].map((char) => char.charCodeAt(0))).toEqual([
			...input.subarray(0x80, 0xa0),
		]);
		expect(decodeLatin1(input, 0, 256).charCodeAt(0x80)).toBe(0x80);
	});

	it("decodes long ASCII", () => {
		const input = new Uint8Array(1000).fill(0x61);
		expect(decodeLatin1(input, 10, 110)).toBe("a".repeat(100));
	});

	it("refuses to encode what is above U+00FF", () => {
		expect(encodeLatin1("aÿ")).toEqual(hex("61 ff"));
		expect(encodeLatin1("aĀ")).toBeUndefined();
	});

	it("says when a text is too long for any string", () => {
		const huge = new Uint8Array(2 ** 29);
		expect(() => decodeLatin1(huge, 0, huge.length)).toThrow(
			expect.toSatisfy((error) => isPickleError(error, "E_TOO_LARGE")),
		);
	});
});

describe("utf8ToLatin1", () => {
	it("gives the bytes whose text it is, wherever the view begins in its buffer", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 7 }), (value, shift) => {
				const encoded = encodeUtf8(decodeLatin1(value, 0, value.length));
				const shifted = new Uint8Array(encoded.length + shift + 3).fill(0xc3);
				shifted.set(encoded, shift);
				expect(utf8ToLatin1(shifted.subarray(shift, shift + encoded.length))).toEqual(value);
			}),
		);
	});

	it("has a result of its own, of just the size", () => {
		const input = hex("61 c3 bf");
		const output = utf8ToLatin1(input);
		expect(output).toEqual(hex("61 ff"));
		expect(output?.buffer).not.toBe(input.buffer);
		expect(output?.buffer.byteLength).toBe(2);
	});

	it.each(["c4 80", "61 e6 97 a5", "f0 9f 98 80", "ed a0 80", "c3 a9 c8 80 61"])("has none for %s", (encoded) => {
		expect(utf8ToLatin1(hex(encoded))).toBeUndefined();
	});

	it.each(["80", "c3", "61 c2", "c3 61", "c3 c3 a9", "c3 a9 a9", "c0 80", "ff", "c4 80 80", "e6 97"])(
		"refuses %s",
		(encoded) => {
			expect(() => utf8ToLatin1(hex(encoded))).toThrow(expect.toSatisfy((error) => isPickleError(error, "E_TEXT")));
		},
	);

	it("does for any bytes what decoding and encoding do", () => {
		const slowly = (value: Uint8Array): Uint8Array | undefined => encodeLatin1(decodeAll(value));
		const outcome = (run: () => Uint8Array | undefined): unknown => {
			try {
				return run();
			} catch (error) {
				return (error as Error).message;
			}
		};
		const near = fc.array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc2, 0xc3, 0xc4, 0xe0, 0xa0), { maxLength: 12 });
		fc.assert(
			fc.property(near, (list) => {
				const value = Uint8Array.from(list);
				expect(outcome(() => utf8ToLatin1(value))).toEqual(outcome(() => slowly(value)));
			}),
			{ numRuns: 1000 },
		);
	});
});
