import { describe, expect, test } from "vitest";
import {
	type DecodeOptions,
	decode,
	encode,
	isPickleError,
	NDArray,
	type NumpyRecord,
	PyByteArray,
	PyComplex,
	PyDict,
	type PyLargeBytes,
} from "../../src/index.ts";
import {
	arrayPart,
	arrayState,
	bytesOf,
	Call,
	dtypePart,
	Global,
	type Part,
	pickle,
	Raw,
	Shared,
	tuple,
} from "./pickle.ts";

function arrayOf(part: Part, options?: DecodeOptions): NDArray {
	const value = decode(pickle(part), options);
	expect(value).toBeInstanceOf(NDArray);
	return value as NDArray;
}

function refused(part: Part): string {
	try {
		decode(pickle(part));
	} catch (error) {
		if (isPickleError(error, "E_REDUCER")) return error.reason;
		throw error;
	}
	throw new Error("nothing was refused");
}

const frombuffer = new Global("numpy._core.numeric", "_frombuffer");

/* Each dtype's items as bytes of both orders, made by DataView. */
const numbers: readonly [string, (view: DataView, at: number, little: boolean) => void, number, unknown][] = [
	["i2", (view, at, little) => view.setInt16(at, -300, little), 2, -300],
	["u2", (view, at, little) => view.setUint16(at, 65000, little), 2, 65000],
	["i4", (view, at, little) => view.setInt32(at, -70000, little), 4, -70000],
	["u4", (view, at, little) => view.setUint32(at, 4e9, little), 4, 4e9],
	["i8", (view, at, little) => view.setBigInt64(at, -(2n ** 60n), little), 8, -(2n ** 60n)],
	["u8", (view, at, little) => view.setBigUint64(at, 2n ** 63n, little), 8, 2n ** 63n],
	["f2", (view, at, little) => view.setUint16(at, 0x3e00, little), 2, 1.5],
	["f4", (view, at, little) => view.setFloat32(at, 1.25, little), 4, 1.25],
	["f8", (view, at, little) => view.setFloat64(at, 0.1, little), 8, 0.1],
	["c8", putComplex64, 8, new PyComplex(1, 2)],
	["c16", putComplex128, 16, new PyComplex(1, 2)],
];

function putComplex64(view: DataView, at: number, little: boolean): void {
	for (const part of [0, 1]) view.setFloat32(at + 4 * part, part + 1, little);
}

function putComplex128(view: DataView, at: number, little: boolean): void {
	for (const part of [0, 1]) view.setFloat64(at + 8 * part, part + 1, little);
}

describe.each(numbers)("%s", (name, put, size, item) => {
	test.each([
		["<", 3],
		["<", 300],
		[">", 3],
		[">", 300],
	])("order %s, %i items", (order, count) => {
		const bytes = new Uint8Array(size * count);
		for (let i = 0; i < count; i++) put(new DataView(bytes.buffer), i * size, order === "<");
		for (const array of [
			arrayOf(arrayPart(arrayState([count], dtypePart(name, order), bytes))),
			arrayOf(new Call(frombuffer, [bytes, dtypePart(name, order), tuple(count), "C"])),
		]) {
			expect(array.dtype.str).toBe(order + name);
			expect(array.size).toBe(count);
			expect([...array].every((value) => JSON.stringify(value, text) === JSON.stringify(item, text))).toBe(true);
		}
	});
});

function text(_: string, value: unknown): unknown {
	return typeof value === "bigint" ? String(value) : value;
}

describe("_reconstruct", () => {
	const f8 = dtypePart("f8");
	const data = bytesOf(Float64Array.of(1, 2, 3, 4, 5, 6));

	test("C and Fortran order", () => {
		const c = arrayOf(arrayPart(arrayState([2, 3], f8, data)));
		expect([c.toNested(), c.order, c.strides]).toEqual([
			[
				[1, 2, 3],
				[4, 5, 6],
			],
			"C",
			[3, 1],
		]);
		const f = arrayOf(arrayPart(arrayState([2, 3], f8, data, true)));
		expect([f.toNested(), f.order, f.strides]).toEqual([
			[
				[1, 3, 5],
				[2, 4, 6],
			],
			"F",
			[1, 2],
		]);
	});

	test("no dimensions, no items, many axes", () => {
		expect(arrayOf(arrayPart(arrayState([], f8, bytesOf(Float64Array.of(7))))).get()).toBe(7);
		expect(arrayOf(arrayPart(arrayState([3, 0, 2], f8, new Uint8Array()))).toNested()).toEqual([[], [], []]);
		expect(arrayOf(arrayPart(arrayState(new Array(64).fill(1), f8, bytesOf(Float64Array.of(7))))).ndim).toBe(64);
		expect(arrayOf(arrayPart(arrayState([0, 2 ** 50, 2 ** 50], f8, new Uint8Array()))).size).toBe(0);
	});

	test("the state without version of old files", () => {
		expect(arrayOf(arrayPart(tuple(tuple(2), f8, false, bytesOf(Float64Array.of(1, 2))))).toNested()).toEqual([1, 2]);
	});

	test("names of numpy 1 and 2, is_fortran as int, shape as list", () => {
		const state = tuple(1, [1], f8, 0, bytesOf(Float64Array.of(1)));
		const modern = new Global("numpy._core.multiarray", "_reconstruct");
		expect(arrayOf(new Call(modern, [new Global("numpy", "ndarray"), tuple(0), "b"], state)).toNested()).toEqual([1]);
	});

	test("is_fortran may be an int of any type", () => {
		for (const integers of ["auto", "bigint", "long"] as const) {
			expect(arrayOf(arrayPart(arrayState([2, 3], f8, data, 0)), { integers }).order).toBe("C");
			expect(arrayOf(arrayPart(arrayState([2, 3], f8, data, 1)), { integers }).order).toBe("F");
		}
	});

	test("without a state it is empty", () => {
		const array = arrayOf(arrayPart(undefined));
		expect([array.shape, array.dtype.str, array.subclass]).toEqual([[0], "|i1", undefined]);
	});

	test.each(["auto", "bigint", "long"] as const)("with integers: %s the shape is numbers", (integers) => {
		expect(arrayOf(arrayPart(arrayState([2, 3], f8, data)), { integers }).shape).toEqual([2, 3]);
	});

	test("with tuples: array", () => {
		const array = arrayOf(arrayPart(arrayState([2, 3], f8, data)), { tuples: "array" });
		expect([array.toNested(), Object.isFrozen(array.shape)]).toEqual([
			[
				[1, 2, 3],
				[4, 5, 6],
			],
			true,
		]);
	});

	test("objects are listed in C order always", () => {
		const object = dtypePart("O8", "|", { 7: 63 });
		const items: Part[] = [0, "a", null, 3, 4, 5];
		const c = arrayOf(arrayPart(arrayState([2, 3], object, items)));
		expect([c.toNested(), c.order]).toEqual([
			[
				[0, "a", null],
				[3, 4, 5],
			],
			"C",
		]);
		const f = arrayOf(arrayPart(arrayState([2, 3], object, items, true)));
		expect([f.toNested(), f.order, f.data]).toEqual([
			[
				[0, "a", null],
				[3, 4, 5],
			],
			"F",
			[0, 3, "a", 4, null, 5],
		]);
	});

	test("an array may hold itself", () => {
		const self = new Shared(null);
		self.part = arrayPart(arrayState([2], dtypePart("O8", "|"), [self, 1]));
		const array = arrayOf(self);
		expect(array.get(0)).toBe(array);
	});

	test("later changes of the list do not reach the array", () => {
		const list = new Shared([1, 2]);
		const array = arrayPart(arrayState([2], dtypePart("O8", "|"), list));
		/* [array, list], and then an APPEND to the list. */
		const bytes = [...pickle([array, list])];
		const [kept] = decode(Uint8Array.from([...bytes.slice(0, -2), 0x49, 0x39, 0x0a, 0x61, 0x65, 0x2e])) as [NDArray];
		expect(kept.toNested()).toEqual([1, 2]);
	});

	test("records with objects are tuples of them", () => {
		const fields = new Map<Part, Part>([
			["a", tuple(dtypePart("i4"), 0)],
			["o", tuple(dtypePart("O8", "|"), 4)],
		]);
		const record = dtypePart("V12", "|", { 3: tuple("a", "o"), 4: fields, 5: 12, 6: 1, 7: 27 });
		const array = arrayOf(arrayPart(arrayState([1], record, [tuple(1, "x")])));
		expect([...(array.get(0) as NumpyRecord)]).toEqual([1, "x"]);
		expect([...array.column("o")]).toEqual(["x"]);
		expect(array.column("a").data).toEqual(Int32Array.of(1));
		expect(refused(arrayPart(arrayState([1], record, new Uint8Array(12))))).toContain("pointers");
		expect(refused(arrayPart(arrayState([1], record, [tuple(1)])))).toContain("tuples");
	});

	test("text, bytes and long doubles keep their bytes, also big-endian ones", () => {
		const bytes = Uint8Array.of(0, 0, 0, 97, 0, 0, 0, 98);
		const array = arrayOf(arrayPart(arrayState([2], dtypePart("U1", ">", { 5: 4, 6: 4 }), bytes)));
		expect([array.dtype.str, array.data, array.get(1)]).toEqual([">U1", bytes, "b"]);
		expect(arrayOf(arrayPart(arrayState([1], dtypePart("f16"), new Uint8Array(16)))).get(0)).toBe(0);
		const f = arrayOf(
			arrayPart(arrayState([2, 2], dtypePart("S1", "|", { 5: 1, 6: 1 }), Uint8Array.of(1, 2, 3, 4), true)),
		);
		expect([f.order, f.get(0, 1)]).toEqual(["F", Uint8Array.of(3)]);
	});

	test("subclasses keep their class, and a state of their own", () => {
		const matrix = new Global("numpy", "matrix");
		const plain = arrayState([1], f8, bytesOf(Float64Array.of(1)));
		const kept = arrayOf(arrayPart(plain, matrix));
		expect([String(kept.subclass), kept.state, kept.toNested()]).toEqual(["numpy.matrix", undefined, [1]]);
		const other = arrayOf(arrayPart("what", matrix));
		expect([other.shape, other.state?.added, other.state?.at]).toEqual([[0], ["what"], undefined]);
	});

	test("a row in Fortran order, as numpy up to 1.11 has it, goes back so", () => {
		const bytes = bytesOf(Float64Array.of(1, 2, 3));
		for (const fortran of [true, false]) {
			const array = arrayOf(arrayPart(arrayState([1, 3], f8, bytes, fortran)));
			const again = decode(encode(array)) as NDArray;
			expect([again.strides, again.toNested()]).toEqual([fortran ? [1, 1] : [3, 1], [[1, 2, 3]]]);
		}
	});

	const own = arrayState([1], f8, bytesOf(Float64Array.of(1))) as Part[];
	const added = new Map([["unit", "m"]]);
	test.each<[string, Part, number, boolean]>([
		["(*state, added)", tuple(...own, added), 0, false],
		["(added, *state)", tuple(added, ...own), 1, false],
		["(state, added)", tuple(tuple(...own), added), 0, true],
		["(added, state)", tuple(added, tuple(...own)), 1, true],
		["[state, added]", [tuple(...own), added], 0, true],
	])("a subclass's state %s goes back with the array as it then is", (_, state, at, nested) => {
		const array = arrayOf(arrayPart(state, new Global("mine", "Quantity")));
		expect([array.toNested(), array.state?.at, array.state?.nested]).toEqual([[1], at, nested]);
		expect(array.state?.added).toEqual([new PyDict([["unit", "m"]])]);
		(array.data as Float64Array)[0] = 7;
		for (const options of [{}, { python: 2 }] as const) {
			const again = decode(encode(array, options)) as NDArray;
			expect([again.toNested(), again.state]).toEqual([[7], array.state]);
		}
	});

	const nothing = new Uint8Array();
	test.each<[string, Part]>([
		["a class as its first", new Call(new Global("numpy.core.multiarray", "_reconstruct"), [1, tuple(0), "b"], null)],
		["arguments", new Call(new Global("numpy.core.multiarray", "_reconstruct"), [new Global("numpy", "ndarray")])],
		[
			"without items",
			new Call(new Global("numpy.core.multiarray", "_reconstruct"), [new Global("numpy", "ndarray"), tuple(3), "b"]),
		],
		["is (1, shape", arrayPart(null)],
		["is (1, shape", arrayPart(tuple(1, tuple(0)))],
		["is (1, shape", arrayPart(tuple(1, tuple(0), "f8", false, nothing))],
		["another version", arrayPart(tuple(2, tuple(0), f8, false, nothing))],
		["no bool", arrayPart(tuple(1, tuple(0), f8, null, nothing))],
		["shape is -1", arrayPart(arrayState([-1], f8, nothing))],
		["shape is 9007199254740992", arrayPart(arrayState([2n ** 53n], f8, nothing))],
		["shape is no int", arrayPart(arrayState([null], f8, nothing))],
		["shape is 0.5", arrayPart(arrayState([new Raw(0x47, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0)], f8, nothing))],
		["at most 64 dimensions", arrayPart(arrayState(new Array(65).fill(1), f8, nothing))],
		["needs 8 bytes, the pickle holds 3", arrayPart(arrayState([1], f8, new Uint8Array(3)))],
		["needs 8 bytes, the pickle holds 16", arrayPart(arrayState([1], f8, new Uint8Array(16)))],
		["needs 147573952589676412928 bytes", arrayPart(arrayState([2 ** 32, 2 ** 32], f8, nothing))],
		[
			"needs 0 bytes, the pickle holds 0",
			arrayPart(arrayState([2 ** 40, 2 ** 40], dtypePart("V0", "|", { 5: 0, 6: 1 }), nothing)),
		],
		["bytes are needed", arrayPart(arrayState([1], f8, 1))],
		["pointers", arrayPart(arrayState([1], dtypePart("O8", "|"), new Uint8Array(8)))],
		["needs 3 objects, the pickle lists 2", arrayPart(arrayState([3], dtypePart("O8", "|"), [1, 2]))],
		["needs 1 objects, the pickle lists 2", arrayPart(arrayState([1], dtypePart("O8", "|"), [1, 2]))],
	])("refused: %s", (reason, part) => expect(refused(part)).toContain(reason));

	test("data that an old cPickle cut says so", () => {
		const reason = refused(arrayPart(arrayState([536870922], f8, new Uint8Array(80))));
		expect(reason).toBe(
			"the array of shape (536870922,) float64 needs 4294967376 bytes, the pickle holds 80; 80 is 4294967376 mod 2^32: an old " +
				"cPickle (Python before 2.7.14) kept the length in 32 bits and silently cut the data; the first 10 elements are all that was written",
		);
	});
});

describe("an input that ends where the data would begin", () => {
	const cut = (protocol: number, shape: readonly number[]) => {
		const bytes = pickle(arrayPart(tuple(1, tuple(...shape), dtypePart("f8"), false)));
		const whole = Uint8Array.from([0x80, protocol, ...bytes.slice(2, -3)]);
		try {
			decode(whole);
		} catch (error) {
			if (isPickleError(error, "E_TRUNCATED")) return error.reason;
		}
		return undefined;
	};

	test("names the array and the limit of its writer", () => {
		expect(cut(2, [30000, 200, 50])).toContain(
			"the array of shape (30000, 200, 50) float64 needs 2400000000 bytes of data, which are missing; a str of Python 2 holds at most 2147483647 bytes",
		);
		expect(cut(3, [55000, 200, 50])).toContain("bytes below protocol 4 holds at most 4294967295 bytes");
	});

	test("names the array alone where no limit was in the way", () => {
		expect(cut(2, [10])).toMatch(/float64 needs 80 bytes of data, which are missing$/);
		expect(cut(4, [30000, 200, 50])).toMatch(/which are missing$/);
		expect(cut(2, [2 ** 50, 2 ** 50])).not.toContain("missing");
	});
});

describe("_frombuffer", () => {
	const make = (...args: Part[]) => new Call(frombuffer, args);
	const f8 = dtypePart("f8");
	const six = bytesOf(Float64Array.of(1, 2, 3, 4, 5, 6));

	test("order C, F, and K with an axis order", () => {
		expect(arrayOf(make(six, f8, tuple(2, 3), "C")).toNested()).toEqual([
			[1, 2, 3],
			[4, 5, 6],
		]);
		const f = arrayOf(make(six, f8, tuple(2, 3), "F"));
		expect([f.toNested(), f.order]).toEqual([
			[
				[1, 3, 5],
				[2, 4, 6],
			],
			"F",
		]);
		const k = arrayOf(
			make(bytesOf(Float64Array.from({ length: 24 }, (_, i) => i)), f8, tuple(2, 3, 4), "K", tuple(1, 0, 2)),
		);
		expect([k.shape, k.get(2, 1, 3), k.order]).toEqual([[3, 2, 4], 23, "strided"]);
		expect(arrayOf(make(six, f8, 6, "C")).shape).toEqual([6]);
	});

	test("a bytearray's memory is the array's", () => {
		const bytearray = new Shared(new Raw(0x96, 16, 0, 0, 0, 0, 0, 0, 0, ...new Uint8Array(16)));
		const [bytes, array] = decode(pickle(tuple(bytearray, make(bytearray, dtypePart("u1", "|"), tuple(16), "C")))) as [
			PyByteArray,
			NDArray,
		];
		expect(bytes).toBeInstanceOf(PyByteArray);
		expect(array.size).toBe(16);
	});

	test("out of band buffers", () => {
		const buffer = Float64Array.of(1, 2, 3);
		const part = make(new Raw(0x97), f8, tuple(3), "C");
		const array = arrayOf(part, { buffers: [buffer] });
		expect(array.toNested()).toEqual([1, 2, 3]);
	});

	test.each<[string, Part]>([
		["arguments", make(six, f8)],
		["dtype is expected", make(six, "f8", tuple(6), "C")],
		["needs 48 bytes", make(new Uint8Array(8), f8, tuple(6), "C")],
		["no arrays of objects", make([1], dtypePart("O8", "|"), tuple(1), "C")],
		["the order", make(six, f8, tuple(6), "A")],
		["the order", make(six, f8, tuple(6), "K")],
		["the order", make(six, f8, tuple(2, 3), "K", tuple(0, 0))],
		["the order", make(six, f8, tuple(2, 3), "K", tuple(0, "1"))],
	])("refused: %s", (reason, part) => expect(refused(part)).toContain(reason));
});

describe("memory", () => {
	const large = bytesOf(Float64Array.from({ length: 1024 }, (_, i) => i));
	const state = arrayPart(arrayState([1024], dtypePart("f8"), large));
	const input = (pad: number) => {
		const bytes = pickle(state);
		const start = bytes.length - large.length - 3;
		const buffer = new Uint8Array(bytes.length + 16);
		const shift = (8 - (start % 8) + pad) % 8;
		buffer.set(bytes, shift);
		return buffer.subarray(shift, shift + bytes.length);
	};

	test("is a view of the input where it is aligned", () => {
		const bytes = input(0);
		const view = decode(bytes) as NDArray;
		expect((view.data as Float64Array).buffer).toBe(bytes.buffer);
		expect(view.get(1023)).toBe(1023);
		expect(((decode(bytes, { copy: "always" }) as NDArray).data as Float64Array).buffer).not.toBe(bytes.buffer);
	});

	test("is a copy where it is not", () => {
		const bytes = input(3);
		const array = decode(bytes, { copy: "never" }) as NDArray;
		expect((array.data as Float64Array).buffer).not.toBe(bytes.buffer);
		expect(array.get(1023)).toBe(1023);
	});

	test("that it is read-only is known from bytes, and goes back", () => {
		for (const buffer of [new Uint8Array(8), new Raw(0x96, 8, 0, 0, 0, 0, 0, 0, 0, ...new Array(8).fill(0))]) {
			const array = arrayOf(new Call(frombuffer, [buffer, dtypePart("f8"), tuple(1), "C"]));
			expect(array.readOnly).toBe(buffer instanceof Uint8Array);
			expect((decode(encode(array, { protocol: 5, numpy: 2 })) as NDArray).readOnly).toBe(array.readOnly);
			const buffers: Uint8Array[] = [];
			const onBuffer = (memory: Uint8Array | PyLargeBytes) => void buffers.push(memory as Uint8Array);
			const outside = encode(array, { protocol: 5, onBuffer });
			expect((decode(outside, { buffers }) as NDArray).readOnly).toBe(array.readOnly);
		}
	});

	test("copies are work", () => {
		const shared = new Shared(large);
		const many = Array.from({ length: 50 }, () => arrayPart(arrayState([1024], dtypePart("f8", ">"), shared)));
		expect(() => decode(pickle(many), { limits: { maxWork: 10_000 } })).toThrow("maxWork");
		const list = new Shared(new Array(1000).fill(null));
		const objects = Array.from({ length: 50 }, () => arrayPart(arrayState([1000], dtypePart("O8", "|"), list)));
		expect(() => decode(pickle(objects), { limits: { maxWork: 10_000 } })).toThrow("maxWork");
	});
});
