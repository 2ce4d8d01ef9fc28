import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/bytes/source.ts";
import { DType, isPickleError, type LazyNDArray, NDArray, type NumpyRecord } from "../../src/index.ts";
import { type NpySource, openNpy, readNpy, writeNpy } from "../../src/numpy/index.ts";

/** A .npy file by its header's text and data. */
function npy(header: string, data: Uint8Array = new Uint8Array(0), version = 1): Uint8Array {
	const text = new TextEncoder().encode(header);
	const length =
		version === 1
			? [text.length & 255, text.length >> 8]
			: [text.length & 255, (text.length >> 8) & 255, text.length >> 16, 0];
	return Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, ...length, ...text, ...data]);
}

const header = (descr: string, shape: string, fortran = "False") =>
	`{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

async function refused(bytes: Uint8Array): Promise<string> {
	try {
		await readNpy(bytes);
	} catch (error) {
		if (!isPickleError(error)) throw error;
		return `${error.code} ${error.message}`;
	}
	return "read";
}

test("the bytes are numpy's own", () => {
	const array = new NDArray(Float64Array.of(1, 2), DType.of("<f8"), [2]);
	const bytes = writeNpy(array);
	const text = new TextDecoder("latin1").decode(bytes.subarray(10, 128));
	expect([...bytes.subarray(0, 10)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0x76, 0]);
	expect(text).toBe(`${"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }".padEnd(117)}\n`);
	expect(bytes.length).toBe(128 + 16);
});

describe("round trips", () => {
	test.each<[string, NDArray]>([
		["f8", new NDArray(Float64Array.of(1, 2, 3, 4, 5, 6), DType.of("f8"), [2, 3])],
		["Fortran order", new NDArray(Int16Array.of(1, 2, 3, 4, 5, 6), DType.of("i2"), [3, 2]).transpose()],
		["a view", new NDArray(Int32Array.of(1, 2, 3, 4), DType.of("i4"), [4]).slice([null, null, 2])],
		["big-endian", new NDArray(Float32Array.of(1.5), DType.of(">f4"), [1])],
		["no dimensions", new NDArray(Uint8Array.of(1), DType.of("?"), [])],
		["no items", new NDArray(new Float64Array(0), DType.of("f8"), [3, 0, 2])],
		["text", new NDArray(["ab", "€"], DType.of("O"), [2]).asType("U")],
		["times", new NDArray(BigInt64Array.of(1n, -1n), DType.of("M8[25us]"), [2])],
		["objects", new NDArray([null, "x", [1]], DType.of("O"), [3])],
		[
			"fields",
			new NDArray(
				new Uint8Array(22).map((_, i) => i),
				DType.of([
					["é", "u1"],
					[["title", "b"], ">i2", [2]],
					["", "V2"],
					["p", [["q", "S4"]]],
				]),
				[2],
			),
		],
		["fields beyond Latin-1", new NDArray(Uint8Array.of(7), DType.of([["€", "u1"]]), [1])],
		[
			"a long header",
			new NDArray(
				new Uint8Array(3000),
				DType.of(Array.from({ length: 3000 }, (_, i) => [`a long name of field ${i}`, "u1"])),
				[1],
			),
		],
	])("%s", async (_, array) => {
		const again = await readNpy(writeNpy(array));
		expect([again.dtype.str, String(again.dtype), again.shape, again.order]).toEqual([
			array.dtype.str,
			String(array.dtype),
			array.shape,
			array.order === "strided" ? "C" : array.order,
		]);
		expect(String(again)).toBe(String(array));
		expect(writeNpy(again)).toEqual(writeNpy(array));
	});

	test("versions are the lowest that do", () => {
		const fields = (name: string, count: number) =>
			new NDArray(new Uint8Array(count), DType.of(Array.from({ length: count }, (_, i) => [`${name}${i}`, "u1"])), [1]);
		expect(
			[fields("a", 1), fields("a name of a field", 3000), fields("€", 1)].map((array) => writeNpy(array)[6]),
		).toEqual([1, 2, 3]);
	});
});

test("data at hand is viewed", async () => {
	const bytes = writeNpy(new NDArray(new Float64Array(10), DType.of("f8"), [10]));
	expect(((await readNpy(bytes)).data as Float64Array).buffer).toBe(bytes.buffer);
});

describe("a source", () => {
	const array = new NDArray(
		Float64Array.from({ length: 1000 }, (_, i) => i),
		DType.of("f8"),
		[100, 10],
	);
	const counting = (bytes: Uint8Array, size: number | undefined = bytes.length) => {
		const inner = bytesSource(bytes);
		const reads: number[] = [];
		const read = async (into: Uint8Array, offset: number) => {
			const count = await inner.read(into.subarray(0, 300), offset);
			reads.push(count);
			return count;
		};
		return { source: { size, read }, reads };
	};

	test("gives rows without the rest", async () => {
		const { source, reads } = counting(writeNpy(array));
		const file = await openNpy(source);
		expect([file.shape, file.dtype.str, file.isFortran, file.version]).toEqual([[100, 10], "<f8", false, 1]);
		expect((await file.readRows(98, 200)).toNested()).toEqual(array.slice([98, 100]).toNested());
		expect(reads.reduce((a, b) => a + b)).toBeLessThan(600);
		const scalar = new NDArray(Uint8Array.of(1), DType.of("u1"), []);
		await expect((await openNpy(writeNpy(scalar))).readRows(0, 1)).rejects.toThrow(TypeError);
	});

	test.each([[true], [false]])("gives all, its size known: %s", async (isKnown) => {
		const bytes = writeNpy(array);
		const { source } = counting(bytes);
		const { size, ...unknown } = source;
		const read = await readNpy(isKnown ? source : { ...unknown, size: undefined });
		expect([read.toNested(), size]).toEqual([array.toNested(), bytes.length]);
	});

	test.each<[string, (bytes: Uint8Array) => NpySource]>([
		["bytes", (bytes) => bytes],
		["a source", (bytes) => bytesSource(bytes)],
		["a source of unknown size", (bytes) => ({ ...bytesSource(bytes), size: undefined })],
	])("rows of %s are Python's slices, in either order", async (_, from) => {
		for (const own of [array, array.transpose()]) {
			const file = await openNpy(from(writeNpy(own)));
			for (const [start, stop] of [
				[2, 5],
				[-3, 1000],
				[5, 2],
			] as const)
				expect((await file.readRows(start, stop)).toNested()).toEqual(own.slice([start, stop]).toNested());
		}
	});

	test("is an array that stays where it is until it is read", async () => {
		const { source, reads } = counting(writeNpy(array.transpose()));
		const lazy = (await openNpy(source)).lazy() as LazyNDArray;
		expect([lazy.shape, lazy.dtype.str, lazy.order, reads.length]).toEqual([[10, 100], "<f8", "F", 2]);
		expect((await lazy.readSlice(3, [98, 100])).toNested()).toEqual([983, 993]);
		expect((await lazy.read()).toNested()).toEqual(array.transpose().toNested());
		const objects = new NDArray([null], DType.of("O"), [1]);
		expect((await openNpy(bytesSource(writeNpy(objects)))).lazy()).toBeUndefined();
	});

	test("that holds less is refused before anything is allocated", async () => {
		const lying = npy(header("'<f8'", "(1099511627776,)"));
		await expect(readNpy(counting(lying).source)).rejects.toMatchObject({ code: "E_TRUNCATED" });
		await expect(readNpy({ ...counting(lying).source, size: undefined })).rejects.toMatchObject({
			code: "E_TRUNCATED",
		});
	});
});

test.each<[string, Uint8Array]>([
	["long ints of Python 2", npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2L,), }", Uint8Array.of(1, 2))],
	["no spaces", npy("{'shape':(2,),'descr':\"|u1\",'fortran_order':False}", Uint8Array.of(1, 2))],
	["more behind it", npy(header("'|u1'", "(2,)"), Uint8Array.of(1, 2, 3, 4))],
	["version 3", npy(header("'|u1'", "(2,)"), Uint8Array.of(1, 2), 3)],
])("reads %s", async (_, bytes) => {
	expect((await readNpy(bytes)).toNested()).toEqual([1, 2]);
});

test("escapes in names of fields", async () => {
	const array = await readNpy(npy(header("[('a\\'\\n\\x41\\u20ac', '|u1')]", "(1,)"), Uint8Array.of(5)));
	expect((array.get(0) as NumpyRecord).toObject()).toEqual({ "a'\nA€": 5 });
});

test.each<[string, Uint8Array]>([
	["E_CONTAINER not a .npy file", Uint8Array.of(1, 2, 3)],
	["E_CONTAINER not a .npy file", new Uint8Array(0)],
	["E_CONTAINER a .npy file of version 4.0", npy("", undefined, 4)],
	["E_TRUNCATED the .npy file ends in its header", npy(header("'<f8'", "(2,)")).subarray(0, 40)],
	[
		"E_CONTAINER a header of 4294967295 bytes",
		Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 255, 255, 255, 255]),
	],
	["E_CONTAINER the header has no literal that numpy writes", npy("__import__('os').system('true')")],
	["E_CONTAINER the header has no literal that numpy writes", npy(header("dict()", "(2,)"))],
	["E_CONTAINER the header has items without a comma", npy(header("'<f8'", "(1+1,)"))],
	["E_CONTAINER the header has more text than one literal", npy(`${header("'<f8'", "(1,)")};x`)],
	["E_CONTAINER the header has text without its closing quote", npy("{'descr")],
	["E_CONTAINER the header has brackets more than 200 deep", npy("[".repeat(10_000))],
	["E_CONTAINER the header has a key that is no text or comes twice", npy("{'shape': (), 'shape': ()}")],
	["E_CONTAINER a header that is no dict", npy("[1]")],
	["E_CONTAINER a header that is no dict", npy("{'descr': '<f8', 'shape': ()}")],
	["E_CONTAINER a header that is no dict", npy("{'descr': '<f8', 'fortran_order': False, 'shape': (), 'extra': 1}")],
	["E_CONTAINER fortran_order is no bool", npy(header("'<f8'", "(2,)", "1"))],
	["E_CONTAINER a shape that is no tuple", npy(header("'<f8'", "[2]"))],
	["E_CONTAINER a shape that is no tuple", npy(header("'<f8'", "(-1,)"))],
	["E_CONTAINER a shape that is no tuple", npy(header("'<f8'", "(18446744073709551616,)"))],
	["E_CONTAINER a shape of 100 dimensions", npy(header("'<f8'", `(${"1, ".repeat(100)})`))],
	['E_CONTAINER numpy has no dtype "<f3"', npy(header("'<f3'", "(2,)"))],
	["E_CONTAINER numpy has no dtype of these fields", npy(header("[('a', '<f8'), ('a', '<f8')]", "(2,)"))],
	["E_CONTAINER a field that is no tuple", npy(header("['<f8']", "(2,)"))],
	["E_CONTAINER a descr that is no text", npy(header("5", "(2,)"))],
	["E_CONTAINER a descr that is no text", npy(header(`${"[('a', ".repeat(70)}'<f8'${")]".repeat(70)}`, "()"))],
	[
		"E_TOO_LARGE an array of shape (4294967296, 4294967296) and 147573952589676412928 bytes",
		npy(header("'<f8'", "(4294967296, 4294967296)")),
	],
	["E_TOO_LARGE an array of shape", npy(header("'|S0'", "(4294967296, 4294967296)"))],
	["E_TRUNCATED the array needs 16 bytes of data", npy(header("'<f8'", "(2,)"), new Uint8Array(15))],
	["E_TRUNCATED", npy(header("'|O'", "(2,)"))],
	["E_CONTAINER the .npy file's pickle is not the array", npy(header("'|O'", "(2,)"), Uint8Array.of(0x4e, 0x2e))],
])("refused: %s", async (reason, bytes) => {
	expect(await refused(bytes)).toContain(reason);
});

test("what .npy has no form for cannot be written", () => {
	const overlapping = new DType({
		kind: "V",
		itemsize: 4,
		fields: [
			{ name: "a", dtype: DType.of("u4"), offset: 0, title: undefined },
			{ name: "b", dtype: DType.of("u1"), offset: 1, title: undefined },
		],
	});
	expect(() => writeNpy(new NDArray(new Uint8Array(4), overlapping, [1]))).toThrow("overlap");
});
