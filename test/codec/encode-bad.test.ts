import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import {
	DType,
	decode,
	type EncodeOptions,
	encode,
	encodeChunks,
	NDArray,
	PyByteArray,
	PyDict,
	PyFrozenSet,
	PyGlobal,
	PyObject,
	PyPersistent,
	PySet,
	type PyStep,
	type PyValue,
	tuple,
} from "../../src/index.ts";

const protocols = [0, 1, 2, 3, 4, 5] as const;
const variants: readonly EncodeOptions[] = [
	...protocols.map((protocol) => ({ protocol })),
	{ python: 2 },
	{ protocol: 5, numpy: 2 },
];

/** Takes the memory away from under a view or buffer. */
function detached<T extends ArrayBuffer | ArrayBufferView>(value: T): T {
	const buffer = (ArrayBuffer.isView(value) ? value.buffer : value) as ArrayBuffer;
	structuredClone(buffer, { transfer: [buffer] });
	return value;
}

/** An array over memory that was detached, or shrank, since. */
function arrayWithout(shape: readonly number[], strides?: readonly number[]): NDArray {
	const memory = new Float64Array(shape.reduce((size, length) => size * length, 1));
	const array = new NDArray(memory, DType.of("<f8"), shape, strides);
	detached(memory);
	return array;
}

type Resizable = ArrayBuffer & { resize(length: number): void };

function resizable(length: number, maxByteLength: number): Resizable {
	return Reflect.construct(ArrayBuffer, [length, { maxByteLength }]) as Resizable;
}

/** A view that its resizable memory left out of bounds. */
function beyondEnd<T>(view: (buffer: ArrayBuffer) => T): T {
	const buffer = resizable(8, 16);
	const value = view(buffer);
	buffer.resize(4);
	return value;
}

function shrunk(): NDArray {
	const buffer = resizable(32, 64);
	const array = new NDArray(new Float64Array(buffer, 0, 4), DType.of("<f8"), [4]);
	buffer.resize(16);
	return array;
}

const { proxy, revoke } = Proxy.revocable({}, {});
revoke();
const throwing = (trap: string) =>
	new Proxy(
		{ a: 1 },
		{
			[trap]: () => {
				throw new RangeError("mine");
			},
		},
	);

/** An inert object to which the caller did something. */
function withStep(step: object): PyObject {
	const object = new PyObject("new", new PyGlobal("zoo", "Thing"), tuple());
	object.steps.push(step as PyStep);
	return object;
}

describe("is E_UNENCODABLE with its path, at every protocol", () => {
	test.each<[string, unknown, string]>([
		["a step without its state", [withStep({ kind: "state", value: 1 })], "$[0].state"],
		["a step without its items", [withStep({ kind: "items", entries: [] })], "$[0].items"],
		["a step without its entries", [withStep({ kind: "entries" })], "$[0]"],
		["a step of a call that is none", [withStep({ kind: "call", call: 5 })], "$[0].call"],
		["a step of no kind", [withStep({ kind: "other", items: [1] })], "$[0].other"],
		["a list as a key of a Map", [new Map<unknown, number>([[[1], 1]])], "$[0].keys(...)"],
		["a list in a tuple as a key of a Map", [new Map([[tuple(1, [2]), 1]])], "$[0].keys(...)"],
		["a plain object in a tuple as a key", [new Map([[Object.freeze([{ a: 1 }]), 1]])], "$[0].keys(...)"],
		["a Map as a key", [new Map([[new Map(), 1]])], "$[0].keys(...)"],
		["a PyDict as a member of a Set", [new Set([1, new PyDict()])], "$[0]"],
		["a bytearray as a member", [new Set([new PyByteArray(1)])], "$[0]"],
		["a plain object of another realm as a key", [new Map([[runInNewContext("({ a: 1 })"), 1]])], "$[0].keys(...)"],
		[
			"a Map of another realm in a tuple as a key",
			[new Map([[Object.freeze([runInNewContext("new Map()")]), 1]])],
			"$[0].keys(...)",
		],
		["a Set of another realm as a member", [new Set([runInNewContext("new Set()")])], "$[0]"],
		["a typed array as a key", [new Map([[new Float64Array(1), 1]])], "$[0].keys(...)"],
		["an NDArray as a key", [new Map([[new NDArray(new Float64Array(1), DType.of("<f8"), [1]), 1]])], "$[0]"],
		[
			"1 and 1n as keys",
			[
				new Map<unknown, number>([
					[1, 1],
					[1n, 2],
				]),
			],
			"$[0]",
		],
		[
			"two equal Dates as keys",
			[
				new Map([
					[new Date(5), 1],
					[new Date(5), 2],
				]),
			],
			"$[0]",
		],
		[
			"tuples of equal Dates as keys",
			[
				new Map([
					[Object.freeze([new Date(5)]), 1],
					[Object.freeze([new Date(5)]), 2],
				]),
			],
			"$[0]",
		],
		["tuples of equal buffers as members", [new Set([1, 2].map(() => Object.freeze([new ArrayBuffer(2)])))], "$[0]"],
		["shared memory and equal bytes as members", [new Set([new SharedArrayBuffer(2), new Uint8Array(2)])], "$[0]"],
		["equal bytes of two types as members", [new Set([Uint8Array.of(1), Uint8ClampedArray.of(1)])], "$[0]"],
		["a detached Uint8Array", [detached(new Uint8Array(4))], "$[0]"],
		["a detached ArrayBuffer", [detached(new ArrayBuffer(4))], "$[0]"],
		["a detached DataView", [detached(new DataView(new ArrayBuffer(4)))], "$[0]"],
		["a detached bytearray", [detached(new PyByteArray(4))], "$[0]"],
		["a detached Float64Array", [detached(new Float64Array(4))], "$[0]"],
		["a detached Float64Array without items", [detached(new Float64Array(0))], "$[0]"],
		["a Uint8Array beyond its memory's new end", [beyondEnd((buffer) => new Uint8Array(buffer, 4, 4))], "$[0]"],
		["a Float32Array beyond its memory's new end", [beyondEnd((buffer) => new Float32Array(buffer, 4, 1))], "$[0]"],
		[
			"what calls itself an ArrayBuffer",
			[
				{
					__proto__: {
						get [Symbol.toStringTag]() {
							return "ArrayBuffer";
						},
					},
				},
			],
			"$[0]",
		],
		["a proxy that calls itself bytes", [new Proxy({}, { getPrototypeOf: () => Uint8Array.prototype })], "$[0]"],
		[
			"a getter that throws what has no text",
			{
				get a() {
					throw Object.create(null);
				},
			},
			"$.a",
		],
		[
			"a getter that throws a revoked proxy",
			{
				get a() {
					throw proxy;
				},
			},
			"$.a",
		],
		["an NDArray whose memory was detached", { a: arrayWithout([2, 2]) }, "$.a"],
		["one in Fortran order", { a: arrayWithout([2, 2], [1, 2]) }, "$.a"],
		["one without items", { a: arrayWithout([0]) }, "$.a"],
		["an NDArray whose memory shrank", { a: shrunk() }, "$.a"],
		["a revoked proxy", { a: proxy }, "$.a"],
		["a proxy that does not tell its keys", { a: throwing("ownKeys") }, "$.a"],
		["a proxy that does not tell its prototype", { a: throwing("getPrototypeOf") }, "$.a"],
		["a proxy that does not give a value", { a: throwing("get") }, "$.a.a"],
	])("%s", (_, value, path) => {
		for (const options of variants) {
			const error = expect.objectContaining({ name: "PickleError", code: "E_UNENCODABLE", path });
			expect(() => encode(value, options)).toThrow(error);
			expect(() => [...encodeChunks(value, options)]).toThrow(error);
		}
	});

	test.each<[string, unknown]>([
		["a Set", new Set([new Set()])],
		["a PySet", new Set([new PySet()])],
		["a typed array in a PyFrozenSet", new PyFrozenSet([tuple(new Float64Array(1) as never)])],
	])("%s as a member", (_, value) => {
		for (const options of variants) {
			expect(() => encode(value, options)).toThrow(expect.objectContaining({ code: "E_UNENCODABLE" }));
		}
	});
});

describe("a line feed or NUL in what a line holds", () => {
	const line = "E_UNENCODABLE";
	test.each<[string, PyValue, readonly (string | undefined)[]]>([
		["module", new PyGlobal("a\nb", "c"), [line, line, line, line, undefined, undefined]],
		["name", new PyGlobal("a", "b\nc"), [line, line, line, line, undefined, undefined]],
		["module with NUL", new PyGlobal("a\0b", "c"), []],
		["class of an instance", new PyObject("inst", new PyGlobal("a\nb", "c"), []), [line, line, line, line]],
		["persistent id", new PyPersistent("a\nb"), [line]],
		["persistent id with NUL", new PyPersistent("a\0b"), []],
		["persistent id that is no ASCII", new PyPersistent("é"), [line]],
		["module with a lone surrogate", new PyGlobal("a\ud800", "b"), [line, line, line, line]],
	])("%s: an error where the protocol has lines, else right", (_, value, codes) => {
		for (const protocol of protocols) {
			const code = codes[protocol];
			if (code === undefined) expect(decode(encode(value, { protocol }))).toEqual(value);
			else expect(() => encode(value, { protocol })).toThrow(expect.objectContaining({ code }));
		}
	});
});

describe("is right at every protocol", () => {
	const again = (value: unknown, options: EncodeOptions) => decode(encode(value, options), { encoding: "bytes" });

	test.each<[string, string]>([
		["a high surrogate", "a\ud800b"],
		["a low surrogate", "\udc00"],
		["halves in the wrong order", "\udc00\ud800"],
		["an astral character", "\u{10ffff}"],
		["escapes", "\\u0041\n\r\0\x1a\\"],
	])("%s", (_, text) => {
		for (const options of variants)
			expect(again([text, { [text]: text }], options)).toEqual([text, new PyDict([[text, text]])]);
	});

	test("a resizable buffer is copied as it is", () => {
		const buffer = resizable(4, 8);
		new Uint8Array(buffer).set([1, 2, 3, 4]);
		const whole = new Uint8Array(buffer);
		buffer.resize(2);
		for (const options of variants) {
			const bytes = Uint8Array.of(1, 2);
			expect(again([buffer, whole], options)).toEqual([bytes, bytes]);
		}
	});

	test("bytes that a getter changes are whole, as they were before or after", () => {
		for (const options of variants) {
			const bytes = new Uint8Array(70_000).fill(97);
			const change = {
				get x() {
					bytes.fill(255);
					return 1;
				},
			};
			const [found] = again([bytes, change], options) as [Uint8Array];
			expect([97, 255]).toContain(found[0]);
			expect(found).toEqual(new Uint8Array(70_000).fill(found[0] as number));
		}
	});

	test("an object with keywords, also where frozen arrays are lists", () => {
		const fraction = new PyObject("new", new PyGlobal("a", "b"), tuple(1), new PyDict([["c", 2]]));
		for (const protocol of [2, 3] as const) {
			const call = again(fraction, { protocol, frozen: "list" }) as PyObject;
			const [partial] = [call.callable as PyObject];
			expect(Object.isFrozen(partial.state)).toBe(true);
		}
	});

	test("an int of 4,300 digits, of either sign", () => {
		for (const value of [10n ** 4299n, -(10n ** 4299n)]) expect(again(value, { protocol: 0 })).toBe(value);
	});

	test("equal keys are one object, also where persistentId is asked about them", () => {
		const value = [{ abc: 1 }, { abc: 2 }];
		expect(encode(value, { persistentId: () => undefined })).toEqual(encode(value));
	});

	test("holes are None", () => {
		const sparse: unknown[] = [1];
		sparse[3] = 2;
		for (const options of variants) expect(again(sparse, options)).toEqual([1, null, null, 2]);
	});

	test("a list that a getter shortens or lengthens has the items that it had in the end", () => {
		for (const options of variants) {
			const list: unknown[] = [];
			list.push(
				{
					get x() {
						list.length = 1;
						list.push(7, 8);
						return 1;
					},
				},
				2,
				3,
				4,
			);
			expect(again(list, options)).toEqual([new PyDict([["x", 1]]), 7, 8]);
		}
	});

	test("a cycle through a Map, a Set in a list, and an object", () => {
		for (const protocol of protocols) {
			const map = new Map<string, unknown>();
			const record = { map, set: new Set([new PyFrozenSet([tuple(1)])]), list: [map] };
			map.set("record", record);
			const found = decode(encode(map, { protocol })) as PyDict;
			const inner = found.get("record") as PyDict;
			expect(inner.get("map")).toBe(found);
			expect(inner.get("list")).toEqual([found]);
			expect(inner.get("set")).toEqual(new PySet([new PyFrozenSet([tuple(1)])]));
		}
	});
});

describe("is large", () => {
	test("an int of 10 million bits", () => {
		const int = (1n << 10_000_000n) - 12345n;
		expect(decode(encode(int)) === int).toBe(true);
		expect(() => encode(int, { protocol: 1 })).toThrow(expect.objectContaining({ code: "E_UNENCODABLE" }));
	});

	test("an array of 2^32 - 1 holes", () => {
		for (const options of variants) {
			expect(() => encode({ a: new Array(2 ** 32 - 1) }, options)).toThrow(
				expect.objectContaining({ code: "E_TOO_LARGE", path: "$.a" }),
			);
		}
	});

	test("an object of 100,000 keys", () => {
		const record = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]));
		expect((decode(encode(record)) as PyDict).size).toBe(100_000);
	});
});

test("an array of holes as a key is E_TOO_LARGE at once", () => {
	const holes: unknown[] = [];
	holes.length = 2 ** 32 - 1;
	const error = expect.objectContaining({ code: "E_TOO_LARGE" });
	expect(() => encode(new Map([[Object.freeze(holes), 1]]))).toThrow(error);
	expect(() => encode(new Set([Object.freeze(holes)]))).toThrow(error);
});
