import Long from "long";
import { describe, expect, test } from "vitest";
import { encode as encodeCore } from "../../src/core.ts";
import {
	decode,
	type EncodeOptions,
	encode,
	encodeChunks,
	isPickleError,
	type NDArray,
	PyByteArray,
	type PyDateTime,
	PyDict,
	PyFloat,
	PyFrozenSet,
	PyGlobal,
	PyObject,
	PyPersistent,
	PySet,
	PyTimeZone,
	type PyValue,
	pickler,
	tuple,
} from "../../src/index.ts";

const protocols = [0, 1, 2, 3, 4, 5] as const;

function again(value: unknown, options?: EncodeOptions): PyValue {
	return decode(encode(value, options), { floats: "exact" });
}

describe.each(protocols)("JavaScript to Python, protocol %d", (protocol) => {
	test.each<[string, unknown, PyValue]>([
		["null", null, null],
		["undefined", undefined, null],
		["true", true, true],
		["a safe integer", 2 ** 53 - 1, 2 ** 53 - 1],
		["a negative one", -(2 ** 40), -(2 ** 40)],
		["an unsafe number", 2 ** 53, new PyFloat(2 ** 53)],
		["-0", -0, new PyFloat(-0)],
		["a PyFloat", new PyFloat(1), new PyFloat(1)],
		["a bigint", -(2n ** 64n), -(2n ** 64n)],
		["a Long", Long.MAX_UNSIGNED_VALUE, 2n ** 64n - 1n],
		["a string", "é\ud800\ufeff\n\\\0", "é\ud800\ufeff\n\\\0"],
		["bytes", Uint8Array.of(1, 200), Uint8Array.of(1, 200)],
		["no bytes", new Uint8Array(0), new Uint8Array(0)],
		["a Buffer", Buffer.from("ab"), Uint8Array.of(97, 98)],
		["an ArrayBuffer", Uint8Array.of(5).buffer, Uint8Array.of(5)],
		["a DataView", new DataView(Uint8Array.of(1, 2, 3).buffer, 1), Uint8Array.of(2, 3)],
		["a Uint8ClampedArray", Uint8ClampedArray.of(9), Uint8Array.of(9)],
		["a bytearray", PyByteArray.of(1, 2), PyByteArray.of(1, 2)],
		["holes", Object.assign([1], { 2: 2 }), [1, null, 2]],
		["a tuple", tuple(1, "a"), tuple(1, "a")],
		["a Map", new Map([[1, "a"]]), new PyDict([[1, "a"]])],
		[
			"an object",
			{ b: 1, a: [2] },
			new PyDict([
				["b", 1],
				["a", [2]],
			]),
		],
		["one without prototype", Object.assign(Object.create(null), { a: 1 }), new PyDict([["a", 1]])],
		["one with a constructor", { constructor: 1 }, new PyDict([["constructor", 1]])],
		["a Set", new Set([1]), new PySet([1])],
		["a frozenset", new PyFrozenSet([1]), new PyFrozenSet([1])],
		["a persistent id", new PyPersistent("7"), new PyPersistent("7")],
	])("%s", (_, value, expected) => {
		expect(again(value, { protocol })).toEqual(expected);
	});

	test("typed arrays are arrays of numpy", () => {
		const array = again(Float32Array.of(1.5, -2), { protocol }) as NDArray;
		expect([array.dtype.str, array.shape, array.toNested()]).toEqual(["<f4", [2], [1.5, -2]]);
		const wide = again(BigInt64Array.of(-1n, 2n ** 62n), { protocol }) as NDArray;
		expect([wide.dtype.str, wide.toNested()]).toEqual(["<i8", [-1, 2n ** 62n]]);
	});

	test("a Date is an aware datetime", () => {
		const date = again(new Date(Date.UTC(2024, 1, 29, 12, 34, 56, 789)), { protocol }) as PyDateTime;
		expect(String(date)).toBe("2024-02-29T12:34:56.789000+00:00");
		expect(date.tzinfo).toBeInstanceOf(PyTimeZone);
	});
});

describe("what has no form in Python", () => {
	class Unclaimed {}
	const detached = new Uint8Array(8);
	structuredClone(detached.buffer, { transfer: [detached.buffer] });
	const { proxy, revoke } = Proxy.revocable({}, {});
	revoke();

	test.each<[string, unknown, string]>([
		["a function", { users: [1, 2, 3, { photo() {} }] }, "$.users[3].photo"],
		["a symbol", [Symbol("x")], "$[0]"],
		["an instance", new Map([["a b", new Unclaimed()]]), '$["a b"]'],
		["a promise", Promise.resolve(), "$"],
		["a WeakMap", tuple(1, new WeakMap()), "$[1]"],
		["a member", new Set([1, () => 1]), "$[1]"],
		["an invalid Date", [new Date(Number.NaN)], "$[0]"],
		[
			"a getter that throws",
			{
				a: {
					get b() {
						throw new Error("no");
					},
				},
			},
			"$.a.b",
		],
		["a revoked proxy", [proxy], "$[0]"],
		["detached memory", { a: detached }, "$.a"],
		["an unhashable key", new PyDict([[tuple(1), new Map([[{}, 1]])]]), "$[...].keys(...)"],
		[
			"equal keys",
			[
				new Map<unknown, number>([
					[1, 1],
					[1n, 2],
				]),
			],
			"$[0]",
		],
		["a name of two lines", new PyObject("call", new PyGlobal("m\nos", "system"), []), "$.callable"],
	])("%s is E_UNENCODABLE with its path", (_, value, path) => {
		for (const options of [{}, { protocol: 2 }] as const) {
			if (path === "$.callable" && !("protocol" in options)) continue;
			expect(() => encode(value, options)).toThrow(expect.objectContaining({ code: "E_UNENCODABLE", path }));
		}
	});

	test("an id of two lines, at protocol 0", () => {
		expect(() => encode(new PyPersistent("a\nb"), { protocol: 0 })).toThrow(
			expect.objectContaining({ code: "E_UNENCODABLE" }),
		);
		expect(again(new PyPersistent("a\nb"))).toEqual(new PyPersistent("a\nb"));
	});

	test("a sparse array of gigabytes is E_TOO_LARGE at once", () => {
		expect(() => encode(new Array(2 ** 32 - 1))).toThrow(expect.objectContaining({ code: "E_TOO_LARGE" }));
	});

	test("an int that Python refuses to read as text", () => {
		expect(() => encode(10n ** 5000n, { protocol: 0 })).toThrow("5001 digits");
		expect(again(-(1n << 100_000n) - 5n)).toBe(-(1n << 100_000n) - 5n);
	});

	test("what is changed while it is encoded", () => {
		const list: unknown[] = [
			{
				get x() {
					list.length = 1;
					return 1;
				},
			},
			2,
			3,
		];
		expect(again(list)).toEqual([new PyDict([["x", 1]])]);
		const map = new Map<unknown, unknown>([
			[
				1,
				{
					get x() {
						map.set(2, 2);
						return 1;
					},
				},
			],
		]);
		expect(() => encode(map)).toThrow("changed while it is encoded");
		const bytes = new Uint8Array(100_000);
		const value = [
			bytes,
			{
				get x() {
					structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
					return 1;
				},
			},
		];
		expect(() => encode(value)).toThrow("taken away");
	});

	test("a failing callback has its own code, and a failure leaves the pickler usable", () => {
		const fails = () => {
			throw new Error("mine");
		};
		expect(() => encode(1, { persistentId: fails })).toThrow(expect.objectContaining({ code: "E_PERSISTENT_ID" }));
		const arrays = () => encode(new Float64Array(1), { protocol: 5, onBuffer: fails });
		expect(arrays).toThrow(expect.objectContaining({ code: "E_BUFFER" }));
		const one = pickler();
		expect(() => one.encode([() => 1])).toThrow();
		expect(decode(one.encode([1]))).toEqual([1]);
	});

	test("in core, arrays need the reducers", () => {
		expect(() => encodeCore(new Float64Array(1))).toThrow("Float64Array");
	});
});

describe("options", () => {
	test.each<[EncodeOptions]>([
		[{ protocol: 6 as 5 }],
		[{ python: 2, protocol: 3 }],
		[{ overflow: "split" }],
		[{ onBuffer: () => {} }],
		[{ numpy: 3 as 2 }],
		[{ unknown: 1 } as EncodeOptions],
		[{ extensions: new Map([[0, "a.b"]]) }],
		[{ reducers: [null] as never }],
		[null as never],
	])("%j is a TypeError", (options) => {
		const write = () => encode(1, options);
		expect(write).toThrow(TypeError);
		expect(() => [...encodeChunks(1, options)]).toThrow(TypeError);
	});

	test("frozen", () => {
		expect(again(Object.freeze([1]))).toEqual(tuple(1));
		const list = again([Object.freeze([1]), new Float64Array(1)], { frozen: "list" }) as [PyValue[], NDArray];
		expect(Object.isFrozen(list[0])).toBe(false);
		expect(list[1].shape).toEqual([1]);
	});

	test("python: 2 writes str, unicode and names of Python 2", () => {
		const text = Buffer.from(encode([Uint8Array.of(97), "b", 2 ** 40, new PySet([1])], { python: 2 })).toString(
			"latin1",
		);
		expect(text).toContain("U\x01a");
		expect(text).toContain("X\x01\0\0\0b");
		expect(text).toContain("I1099511627776\n");
		expect(text).toContain("c__builtin__\nset\n");
		expect(() => encode(new Date(0), { python: 2 })).toThrow(expect.objectContaining({ code: "E_UNENCODABLE" }));
	});

	test("errors are PickleErrors", () => {
		try {
			encode(() => 1);
		} catch (error) {
			expect(isPickleError(error, "E_UNENCODABLE")).toBe(true);
		}
	});
});
