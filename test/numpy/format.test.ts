import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { DType, NDArray, NumpyRecord, NumpyScalar, PyGlobal, type PyValue, toPlain, tuple } from "../../src/index.ts";
import type { DTypeDescr } from "../../src/numpy/index.ts";

interface Printed {
	readonly dtype: DTypeDescr;
	readonly shape: readonly number[];
	readonly hex: string;
	readonly repr: string;
	readonly str: string;
}

function read(name: string): Printed[] {
	const lines = readFileSync(new URL(name, import.meta.url), "utf8")
		.trimEnd()
		.split("\n");
	return lines.map((line) => JSON.parse(line) as Printed);
}

/** An array over bytes as the file has them. */
function arrayOf({ dtype: descr, shape, hex }: Pick<Printed, "dtype" | "shape" | "hex">): NDArray {
	const dtype = DType.of(descr);
	const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, dtype.itemsize));
	return new NDArray(new Uint8Array(Buffer.from(hex, "hex")), dtype, shape, strides, 0, "byte");
}

test.each(read("printed.jsonl"))("$repr", (printed) => {
	const array = arrayOf(printed).toContiguous();
	expect(inspect(array)).toBe(printed.repr);
	expect(String(array)).toBe(printed.str);
});

test.each(read("printedScalars.jsonl"))("scalar $dtype $str", ({ dtype, hex, str }) => {
	const isLongDouble = dtype === "<f16" || dtype === "<c32";
	const value = isLongDouble ? new Uint8Array(Buffer.from(hex, "hex")) : arrayOf({ dtype, shape: [], hex }).get();
	expect(String(new NumpyScalar(DType.of(dtype), value))).toBe(str);
});

const objectType = DType.of("O");

test("objects print in a word or two", () => {
	const array = new NDArray([], objectType, [0]);
	const values = [
		null,
		true,
		1,
		1.5,
		-0,
		2n ** 70n,
		"it's",
		Uint8Array.of(97, 255),
		[1, [2, [3, [4]]]],
		tuple(1),
		array,
	];
	const text = inspect(new NDArray(values, objectType, [values.length])).replaceAll(/\s+/g, " ");
	expect(text).toContain("None, True, 1, 1.5, -0.0, ");
	expect(text).toContain(
		`1180591620717411303424, "it's", b'a\\xff', list([1, [2, [...]]]), (1,), <array of object, shape (0,)>`,
	);
});

test("an array that holds itself prints", () => {
	const data: unknown[] = [];
	const array = new NDArray(data as object[], objectType, [0]);
	data.push(array);
	const holder = new NDArray(data as object[], objectType, [1]);
	expect(inspect(holder)).toBe("array([<array of object, shape (0,)>], dtype=object)");
});

test("text that could steer a terminal is escaped", () => {
	expect(String(new NDArray(["\u001b[31m\u202e"], objectType, [1]))).toBe("['\\x1b[31m\\u202e']");
});

test("the class of a subclass stands in front", () => {
	const array = Object.assign(new NDArray(new Int8Array(1), DType.of("i1"), [1]), {
		subclass: new PyGlobal("numpy", "matrix"),
	});
	expect(inspect(array)).toBe("matrix([0], dtype=int8)");
});

test("arrays of many short axes stop", () => {
	const nothing = new NDArray(new Uint8Array(0), DType.of("V0"), new Array(50).fill(2));
	expect(inspect(nothing)).toMatch(/^array\(\[\.\.\.\],/);
	const long = new NDArray(new Uint8Array(0), DType.of("V0"), [2 ** 40]);
	expect(inspect(long)).toContain("b'', b'', b'', ..., b'', b'', b''");
	expect(inspect(new NDArray(new Uint8Array(2 ** 16), DType.of("u1"), new Array(16).fill(2)))).toContain("[...]");
});

/** A dtype whose every item is an array. */
function subarrayOf(type: string, shape: readonly number[]): DType {
	const dtype = DType.of(type);
	const itemsize = shape.reduce((size, length) => size * length, dtype.itemsize);
	return new DType({ kind: "V", itemsize, subdtype: { dtype, shape } });
}

test.each<[string, NDArray, string, PyValue]>([
	["i2, (2,)", new NDArray(Uint8Array.of(1, 0, 2, 0), subarrayOf("<i2", [2]), [1]), "[[1, 2]]", [[1, 2]]],
	["()", new NDArray(Uint8Array.of(1, 2), subarrayOf("u1", []), [2]), "[1 2]", [1, 2]],
	["(0,)", new NDArray(new Uint8Array(0), subarrayOf("u1", [0]), [2]), "[[] []]", [[], []]],
	["no dimensions", new NDArray(Uint8Array.of(1, 2), subarrayOf("u1", [2]), []), "[1 2]", [1, 2]],
])("items that are arrays themselves: %s", (_, array, text, nested) => {
	expect([String(array), array.toNested(), toPlain(array)]).toEqual([text, nested, nested]);
});

test("long arrays in rows are shortened, and those of nothing stop", () => {
	const dtype = DType.of([["v", "u1", [1001]]]);
	expect(String(new NDArray(new Uint8Array(1001), dtype, [1]))).toBe("[([0, 0, 0, ..., 0, 0, 0],)]");
	const nothing = DType.of([["v", "V0", [2 ** 20]]]);
	expect(String(new NDArray(new Uint8Array(0), nothing, [1]))).toBe("[([b'', b'', b'', ..., b'', b'', b''],)]");
	const empty = DType.of([["v", "u1", [2 ** 20, 0]]]);
	expect(String(new NDArray(new Uint8Array(0), empty, [1]))).toBe("[([...],)]");
});

test("a record that holds itself stops", () => {
	const dtype = DType.of([
		["a", "O"],
		["b", "i4"],
	]);
	const row: PyValue[] = [null, 1];
	const record = new NumpyRecord(dtype, row);
	row[0] = [record];
	expect(String(record)).toBe("(list([([...], 1)]), 1)");
});
