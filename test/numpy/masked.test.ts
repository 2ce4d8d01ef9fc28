import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
	DType,
	decode,
	encode,
	isPickleError,
	MaskedArray,
	masked,
	NDArray,
	PyDict,
	toPlain,
} from "../../src/index.ts";
import { arrayPart, arrayState, bytesOf, Call, dtypePart, Global, type Part, pickle, tuple } from "./pickle.ts";

const maskedClass = new Global("numpy.ma.core", "MaskedArray");
const reconstruct = new Global("numpy.ma.core", "_mareconstruct");

/** A masked array by its state. */
function maskedPart(state: Part | undefined, type = maskedClass): Call {
	return new Call(reconstruct, [type, new Global("numpy", "ndarray"), tuple(0), "b"], state);
}

const ints = (mask: readonly number[], fill: Part = null) =>
	maskedPart(tuple(1, tuple(3), dtypePart("i4"), false, bytesOf(Int32Array.of(1, 2, 3)), Uint8Array.from(mask), fill));

const read = (part: Part) => decode(pickle(part)) as MaskedArray;

describe("a masked array", () => {
	test("gives its items, and masked", () => {
		const array = read(ints([0, 1, 0]));
		expect(array).toBeInstanceOf(MaskedArray);
		expect([array.shape, array.ndim, array.size, array.dtype.str]).toEqual([[3], 1, 3, "<i4"]);
		expect([array.get(0), array.get(1), array.get(-1)]).toEqual([1, masked, 3]);
		expect([...array]).toEqual([1, masked, 3]);
		expect(array.toNested()).toEqual([1, null, 3]);
		expect([array.data.toNested(), array.mask.toNested(), array.fillValue]).toEqual([
			[1, 2, 3],
			[false, true, false],
			null,
		]);
		expect([String(array), String(masked), inspect(masked)]).toEqual(["[1 -- 3]", "--", "masked"]);
		expect(inspect(array)).toBe("masked_array(data=[1 -- 3],\n             mask=[False  True False], dtype=int32)");
		expect(toPlain([array, masked])).toEqual([[1, null, 3], null]);
	});

	test("keeps its class and fill value", () => {
		const array = read(ints([0, 0, 0], arrayPart(arrayState([], dtypePart("i4"), bytesOf(Int32Array.of(-1))))));
		expect([String(array.type), String(array.baseClass), (array.fillValue as NDArray).get()]).toEqual([
			"numpy.ma.core.MaskedArray",
			"numpy.ndarray",
			-1,
		]);
		const own = tuple(ints([0, 1, 0]).state as Part, new Map<Part, Part>([["name", "x"]]));
		const subclass = read(maskedPart(own, new Global("mine", "Masked")));
		expect([String(subclass.type), subclass.toNested()]).toEqual(["mine.Masked", [1, null, 3]]);
		expect(subclass.state?.added).toEqual([new PyDict([["name", "x"]])]);
		(subclass.data.data as Int32Array)[2] = 4;
		const again = decode(encode(subclass)) as MaskedArray;
		expect([String(again.type), again.toNested(), again.state]).toEqual(["mine.Masked", [1, null, 4], subclass.state]);
	});

	test("has a mask for each field", () => {
		const fields = new Map<Part, Part>([
			["a", tuple(dtypePart("u1", "|"), 0)],
			["b", tuple(dtypePart("u1", "|"), 1)],
		]);
		const dtype = dtypePart("V2", "|", { 3: tuple("a", "b"), 4: fields, 5: 2, 6: 1, 7: 16 });
		const array = read(
			maskedPart(tuple(1, tuple(2), dtype, false, Uint8Array.of(1, 2, 3, 4), Uint8Array.of(1, 0, 1, 1), null)),
		);
		expect(String(array.mask.dtype)).toBe("[('a', '?'), ('b', '?')]");
		expect([String(array.get(0)), array.get(1)]).toEqual(["(1, 2)", masked]);
	});

	test("in Fortran order, and of objects", () => {
		const grid = read(
			maskedPart(
				tuple(1, tuple(2, 2), dtypePart("u1", "|"), true, Uint8Array.of(1, 2, 3, 4), Uint8Array.of(0, 1, 0, 0), null),
			),
		);
		expect([grid.toNested(), [...grid].map(String)]).toEqual([
			[
				[1, 3],
				[null, 4],
			],
			["[1 3]", "[-- 4]"],
		]);
		const objects = read(
			maskedPart(tuple(1, tuple(2), dtypePart("O8", "|"), false, ["x", null], Uint8Array.of(0, 1), null)),
		);
		expect([objects.toNested(), String(objects)]).toEqual([["x", null], "['x' --]"]);
	});

	test.each([2, 3] as const)("encodes as numpy's own, for Python %s", (python) => {
		for (const array of [
			read(ints([0, 1, 0])),
			new MaskedArray(new NDArray(["x"], DType.of("O"), [1]), new NDArray(Uint8Array.of(1), DType.of("?"), [1])),
		]) {
			const again = decode(encode(array, { python })) as MaskedArray;
			expect([again.toNested(), String(again.type), again.dtype.str]).toEqual([
				array.toNested(),
				"numpy.ma.core.MaskedArray",
				array.dtype.str,
			]);
		}
	});

	test.each<[string, Part]>([
		["state of a masked array", maskedPart(5)],
		["state of a masked array", maskedPart(tuple(1, 2, 3))],
		["needs 3 bytes", ints([0, 1])],
		[
			"pointers",
			maskedPart(tuple(1, tuple(1), dtypePart("O8", "|"), false, new Uint8Array(8), Uint8Array.of(0), null)),
		],
		["two classes", new Call(reconstruct, ["x", "y", tuple(0), "b"])],
		["4 arguments", new Call(reconstruct, [])],
	])("refused: %s", (reason, part) => {
		try {
			read(part);
			expect.unreachable();
		} catch (error) {
			if (!isPickleError(error, "E_REDUCER")) throw error;
			expect([error.message.includes(reason), typeof error.offset]).toEqual([true, "number"]);
		}
	});
});

test("numpy.ma.masked is one value", () => {
	const constant = new Call(new Global("numpy.ma.core", "MaskedConstant"), []);
	expect(decode(pickle([constant, constant]))).toEqual([masked, masked]);
	expect(decode(encode([masked]))).toEqual([masked]);
});

test("data and mask of different shapes are the programmer's mistake", () => {
	const one = new NDArray(Uint8Array.of(1), DType.of("?"), [1]);
	expect(() => new MaskedArray(one, one.reshape(1, 1))).toThrow(TypeError);
});
