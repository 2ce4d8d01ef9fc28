import { describe, expect, test } from "vitest";
import { decode, encode, PyArray, type PyArrayData, PyDict, PyObject, toPlain } from "../../src/index.ts";
import { assemble } from "../support/assemble.ts";
import { bytes, call, expectBack, read, refused, shown, str } from "../support/calls.ts";

const packed = (typecode: string, format: number, ...data: number[]) =>
	call("array._array_reconstructor", "carray\narray\n", str(typecode), ["K", format], bytes(...data));

describe("array.array", () => {
	test.each<[string, unknown, PyArrayData, string]>([
		["b", packed("b", 1, 255, 2), Int8Array.of(-1, 2), "array('b', [-1, 2])"],
		["B", packed("B", 0, 255), Uint8Array.of(255), "array('B', [255])"],
		["h, little-endian", packed("h", 4, 1, 255), Int16Array.of(-255), "array('h', [-255])"],
		["h, big-endian", packed("h", 5, 255, 1), Int16Array.of(-255), "array('h', [-255])"],
		["H", packed("H", 2, 1, 2), Uint16Array.of(513), "array('H', [513])"],
		["i", packed("i", 8, 1, 0, 0, 0), Int32Array.of(1), "array('i', [1])"],
		["I", packed("I", 6, 1, 0, 0, 128), Uint32Array.of(0x8000_0001), "array('I', [2147483649])"],
		[
			"l of 8 bytes",
			packed("l", 12, 255, 255, 255, 255, 255, 255, 255, 255),
			BigInt64Array.of(-1n),
			"array('l', [-1])",
		],
		["l of 4 bytes, as on Windows", packed("l", 8, 2, 0, 0, 0), Int32Array.of(2), "array('l', [2])"],
		["Q", packed("Q", 10, 1, 0, 0, 0, 0, 0, 0, 0), BigUint64Array.of(1n), "array('Q', [1])"],
		["f", packed("f", 14, 0, 0, 192, 63), Float32Array.of(1.5), "array('f', [1.5])"],
		["d, big-endian", packed("d", 17, 63, 248, 0, 0, 0, 0, 0, 0), Float64Array.of(1.5), "array('d', [1.5])"],
		["u of UTF-16", packed("u", 18, 97, 0, 172, 32), "a€", "array('u', 'a€')"],
		["u of UTF-32, big-endian", packed("u", 21, 0, 0, 0, 97, 0, 1, 246, 0), "a😀", "array('u', 'a😀')"],
		["w of Python 3.13", packed("w", 20, 97, 0, 0, 0), "a", "array('w', 'a')"],
		[
			"h of a list",
			call("array.array", str("h"), "(K\x01J\xff\xff\xff\xffl"),
			Int16Array.of(1, -1),
			"array('h', [1, -1])",
		],
		["d of a list", call("array.array", str("d"), "(G?\xf8\0\0\0\0\0\0l"), Float64Array.of(1.5), "array('d', [1.5])"],
		["u of a list", call("array.array", str("u"), ["(", str("a"), str("€"), "l"]), "a€", "array('u', 'a€')"],
		["L of nothing", call("array.array", str("L"), "]"), new BigUint64Array(0), "array('L', [])"],
	])("%s", (name, pieces, data, repr) => {
		const array = read(pieces as string) as PyArray;
		expect(array).toEqual(new PyArray(name[0] as string, data));
		for (const protocol of [0, 2, 3, 4, 5] as const) {
			// A list does not say that an l has 4 bytes.
			const again = decode(encode(array, { protocol })) as PyArray;
			expect([...again]).toEqual([...array].map((item) => (again.data instanceof BigInt64Array ? BigInt(item) : item)));
		}
		expect(shown(array)).toBe(repr);
	});

	test.each<[string, number, string]>([
		["l", 13, "q"],
		["L", 11, "Q"],
		["l", 9, "i"],
		["L", 7, "I"],
		["l", 12, "l"],
	])("%s of format %i is %s, as CPython has what another machine wrote", (typecode, format, found) => {
		const size = format > 9 ? 8 : 4;
		expect((read(packed(typecode, format, ...new Array(size).fill(0))) as PyArray).typecode).toBe(found);
	});

	test("Python 2's characters", () => {
		const array = decode(assemble(call("array.array", "U\x01c", "(U\x01aU\x01\xffl"), ".")) as PyArray;
		expect(array).toEqual(new PyArray("c", Uint8Array.of(97, 255)));
		for (const protocol of [0, 1, 2] as const) {
			expect(decode(encode(array, { python: 2, protocol }), { encoding: "bytes" })).toEqual(array);
		}
		expect(() => encode(array)).toThrow(expect.objectContaining({ code: "E_UNENCODABLE" }));
	});

	test("back for Python 2, but for the typecodes that it does not have", () => {
		expectBack(new PyArray("h", Int16Array.of(1)));
		expectBack(new PyArray("f", Float32Array.of(0.1)));
		expect(() => encode(new PyArray("q", BigInt64Array.of(1n)), { python: 2 })).toThrow("Python 2 does not have");
	});

	test("is an array of JSON, and no key", () => {
		const array = new PyArray("q", BigInt64Array.of(1n, 2n ** 60n));
		expect(toPlain(array)).toEqual(["1", String(2n ** 60n)]);
		expect(() => new PyDict([[array, 1]])).toThrow(expect.objectContaining({ code: "E_TYPE" }));
	});

	test("one of another class stays a call", () => {
		const made = read(call("array._array_reconstructor", "capp\nArray\n", str("b"), "K\x01", bytes(1))) as PyObject;
		expect(made).toBeInstanceOf(PyObject);
		expect(decode(encode(made))).toEqual(made);
	});

	test.each<[unknown, string]>([
		[packed("d", 21, 0, 0, 0, 0), "typecode d is over a Float64Array"],
		[packed("d", 16, 0, 0, 0, 0, 0, 0, 0), "7 bytes are no whole items of 8"],
		[call("array._array_reconstructor", "carray\narray\n", str("d"), "M\xe7\x03", bytes()), "0 to 21, not 999"],
		[packed("x", 1, 1), "one letter of"],
		[packed("u", 20, 0, 0, 17, 0), "code points only"],
		[call("array._array_reconstructor", "K\x01", str("d"), "K\x01", bytes()), "to be a class"],
		[call("array.array", str("b"), "(M\xff\x00l"), "too large for the typecode"],
		[call("array.array", str("x"), "]"), "one letter of"],
		[call("array.array", str("d"), ["(", str("1"), "l"]), "holds floats"],
		[call("array.array", str("b"), "K\x05"), "iterate over"],
	])("of anything else is refused", (pieces, reason) => {
		expect(() => read(pieces as string)).toThrow(refused(reason));
	});

	test("a range is not written out", () => {
		const range = call("__builtin__.xrange", "J\0\0\0\x40");
		expect(() => read(call("array.array", str("i"), range))).toThrow(expect.objectContaining({ code: "E_LIMIT" }));
	});
});
