import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
	type DecodeOptions,
	DType,
	decode,
	isPickleError,
	type NumpyRecord,
	NumpyScalar,
	PyComplex,
	type PyDict,
	PyFloat,
	type PyValue,
} from "../../src/index.ts";
import { arrayPart, arrayState, bytesOf, Call, dtypePart, Global, type Part, pickle, tuple } from "./pickle.ts";

const name = new Global("numpy.core.multiarray", "scalar");
const scalar = (dtype: Part, data: Part) => new Call(name, [dtype, data]);

function scalarOf(part: Part): NumpyScalar {
	const value = decode(pickle(part));
	expect(value).toBeInstanceOf(NumpyScalar);
	return value as NumpyScalar;
}

test("numbers keep their dtype and act as numbers", () => {
	const half = scalarOf(scalar(dtypePart("f4"), bytesOf(Float32Array.of(1.5))));
	expect([half.dtype.name, half.value, +(half as unknown as number) + 1, `${half}`, JSON.stringify([half])]).toEqual([
		"float32",
		1.5,
		2.5,
		"1.5",
		"[1.5]",
	]);
	expect(inspect(half)).toBe("float32(1.5)");
	expect(scalarOf(scalar(dtypePart("i8"), bytesOf(BigInt64Array.of(-5n)))).value).toBe(-5);
	expect(scalarOf(scalar(dtypePart("i2", ">"), Uint8Array.of(1, 2))).value).toBe(258);
	expect(scalarOf(scalar(dtypePart("f2"), Uint8Array.of(0, 0x3e))).value).toBe(1.5);
});

test("what JSON has no form for is text", () => {
	const big = scalarOf(scalar(dtypePart("u8"), bytesOf(BigUint64Array.of(2n ** 63n))));
	expect([big.value, JSON.stringify(big)]).toEqual([2n ** 63n, '"9223372036854775808"']);
	const complex = scalarOf(scalar(dtypePart("c16"), bytesOf(Float64Array.of(1, 2))));
	expect([complex.value, JSON.stringify(complex)]).toEqual([new PyComplex(1, 2), '"(1+2j)"']);
	expect(JSON.stringify(scalarOf(scalar(dtypePart("b1", "|"), Uint8Array.of(1))))).toBe("true");
});

test("a str_ is the key that a str of its text is", () => {
	const text = scalar(dtypePart("U1", "<", { 5: 4, 6: 4 }), Uint8Array.of(97, 0, 0, 0));
	const dict = decode(
		pickle(
			new Map<Part, Part>([
				[text, 1],
				["a", 2],
			]),
		),
	) as PyDict;
	expect([dict.size, dict.get("a"), dict.has("a"), dict.delete("a"), dict.size]).toEqual([1, 2, true, true, 0]);
});

test("other dtypes keep their bytes", () => {
	const bytes = Uint8Array.of(97, 0, 98);
	expect(scalarOf(scalar(dtypePart("S3", "|", { 5: 3, 6: 1 }), bytes)).value).toEqual(bytes);
	expect(scalarOf(scalar(dtypePart("V0", "|", { 5: 0, 6: 1 }), new Uint8Array())).value).toEqual(new Uint8Array());
});

describe('scalars: "value"', () => {
	const bare = (part: Part, options?: DecodeOptions): PyValue => decode(pickle(part), { scalars: "value", ...options });
	const int = scalar(dtypePart("i4"), bytesOf(Int32Array.of(7)));
	const float = scalar(dtypePart("f8"), bytesOf(Float64Array.of(2)));

	test("gives what Python's own number gives", () => {
		expect(bare(int)).toBe(7);
		expect(bare(int, { integers: "bigint" })).toBe(7n);
		expect(String(bare(int, { integers: "long" }))).toBe("7");
		expect(bare(float)).toBe(2);
		expect(bare(float, { floats: "exact" })).toEqual(new PyFloat(2));
		expect(bare(scalar(dtypePart("b1", "|"), Uint8Array.of(1)))).toBe(true);
	});
});

describe("records with objects", () => {
	const fields = new Map<Part, Part>([["o", tuple(dtypePart("O8", "|"), 0)]]);
	const record = dtypePart("V8", "|", { 3: tuple("o"), 4: fields, 5: 8, 6: 1, 7: 27 });

	test("are rows of a tuple, also in an array without dimensions", () => {
		const row = (part: Part) => [...(decode(pickle(part)) as NumpyRecord)];
		expect(row(scalar(record, tuple("x")))).toEqual(["x"]);
		expect(row(scalar(record, arrayPart(arrayState([], record, [tuple("x")]))))).toEqual(["x"]);
	});

	test.each<[string, Part]>([
		["addresses", scalar(record, new Uint8Array(8))],
		["addresses", scalar(dtypePart("O8", "|"), new Uint8Array(8))],
		["8 bytes, the pickle holds 3", scalar(dtypePart("f8"), new Uint8Array(3))],
		["bytes are needed", scalar(dtypePart("f8"), 1)],
		["dtype is expected", scalar("f8", new Uint8Array(8))],
		["arguments", new Call(name, [dtypePart("f8")])],
	])("refused: %s", (reason, part) => {
		try {
			decode(pickle(part));
		} catch (error) {
			expect(isPickleError(error, "E_REDUCER")).toBe(true);
			expect((error as Error).message).toContain(reason);
			return;
		}
		throw new Error("nothing was refused");
	});
});

test("scalars are the keys that Python's numbers are", () => {
	const keys: Part[] = [
		scalar(dtypePart("i8"), bytesOf(BigInt64Array.of(1n))),
		scalar(dtypePart("f8"), bytesOf(Float64Array.of(2.5))),
		scalar(dtypePart("u8"), bytesOf(BigUint64Array.of(2n ** 63n))),
		scalar(dtypePart("b1", "|"), Uint8Array.of(0)),
		scalar(dtypePart("c16"), bytesOf(Float64Array.of(7, 0))),
		scalar(dtypePart("S1", "|", { 5: 1, 6: 1 }), Uint8Array.of(97)),
	];
	const dict = decode(pickle(new Map(keys.map((key, i) => [key, i])))) as PyDict;
	expect([1, true, 2.5, 2n ** 63n, false, 0, 7, "a"].map((key) => dict.get(key))).toEqual([
		0,
		0,
		1,
		2,
		3,
		3,
		4,
		undefined,
	]);
	expect(dict.get([...dict.keys()][5] as PyValue)).toBe(5);
});

test.each([
	["<f8", 2.3141115341519586e30, "2.3141115341519586e+30"],
	["<f8", 12345678901234568, "1.2345678901234568e+16"],
	["<f8", -1e16, "-1e+16"],
	["<f8", 1e-5, "1e-05"],
	["<f4", 1e8, "1e+08"],
	["<f4", -0, "-0.0"],
	["<f2", -0, "-0.0"],
] as const)("%s %d prints all its digits: %s", (dtype, value, text) => {
	expect(String(new NumpyScalar(DType.of(dtype), value))).toBe(text);
});
