import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Long } from "../../src/bytes/int64.ts";
import {
	DType,
	decode,
	Ellipsis,
	NDArray,
	NotImplemented,
	NumpyScalar,
	type PlainOptions,
	PyByteArray,
	PyComplex,
	PyDate,
	PyDecimal,
	PyDict,
	PyFloat,
	PyFrozenSet,
	PyGlobal,
	PyObject,
	PyPersistent,
	PyRange,
	PySet,
	PySlice,
	type PyValue,
	toPlain,
	tuple,
} from "../../src/index.ts";
import { sharedFolder } from "../support/shared.ts";

const f8 = DType.of("<f8");
const user = new PyGlobal("app", "User");

function nested(depth: number): PyValue[] {
	let value: PyValue[] = [];
	for (let i = 1; i < depth; i++) value = [value];
	return value;
}

describe("each kind of value has its plain form", () => {
	test.each<[string, PyValue, unknown]>([
		["None", null, null],
		["bool", true, true],
		["int", 5, 5],
		["float", 1.5, 1.5],
		["nan", Number.NaN, Number.NaN],
		["exact float", new PyFloat(2), 2],
		["big int", 2n ** 70n, "1180591620717411303424"],
		["Long", Long.fromString("9223372036854775807"), "9223372036854775807"],
		["str", "a\0\ud800", "a\0\ud800"],
		["bytes", Uint8Array.of(1, 2, 255), "AQL/"],
		["bytearray", PyByteArray.of(0), "AA=="],
		["list", [1, [2]], [1, [2]]],
		["tuple", tuple(1, tuple()), [1, []]],
		["set", new PySet([1, "a"]), [1, "a"]],
		["frozenset", new PyFrozenSet([1]), [1]],
		["dict", new PyDict([["a", new PyDict([["b", null]])]]), { a: { b: null } }],
		["complex", new PyComplex(1, -2), { re: 1, im: -2 }],
		["range", new PyRange(0, 10, 3), { class: "range", args: [0, 10, 3] }],
		["slice", new PySlice(null, 5), { class: "slice", args: [null, 5, null] }],
		["Ellipsis", Ellipsis, "Ellipsis"],
		["NotImplemented", NotImplemented, "NotImplemented"],
		["global", new PyGlobal("os.path", "join"), { global: "os.path.join" }],
		["persistent id", new PyPersistent(tuple("storage", 1)), { persistent: ["storage", 1] }],
		["numpy scalar", new NumpyScalar(f8, 2.5), 2.5],
		["numpy scalar beyond 2^53", new NumpyScalar(DType.of("<i8"), 2n ** 60n), "1152921504606846976"],
		["dtype", f8, "<f8"],
		["Map", new Map([[1, 2]]), { 1: 2 }],
		["Set", new Set([1]), [1]],
		["typed array", Float32Array.of(1, 2), [1, 2]],
		["what has a text of its own", new URL("http://a.b/"), "http://a.b/"],
		["what has only properties", { a: { b: 1 } }, { a: { b: 1 } }],
		["what JSON has not", (() => 1) as unknown as PyValue, null],
	])("%s", (_, value, plain) => {
		expect(toPlain(value)).toEqual(plain);
	});

	test("the result shares nothing and can be changed", () => {
		const shared = tuple(1);
		const plain = toPlain([shared, shared]) as number[][];
		plain[0]?.push(2);
		expect(plain).toEqual([[1, 2], [1]]);
	});
});

describe("options", () => {
	const big = 2n ** 64n;
	test.each<[PlainOptions, PyValue, unknown]>([
		[{ bigints: "number" }, big, 2 ** 64],
		[{ bigints: "keep" }, big, big],
		[{ bytes: "hex" }, Uint8Array.of(1, 255), "01ff"],
		[{ bytes: "array" }, Uint8Array.of(1, 255), [1, 255]],
	])("%o", (options, value, plain) => {
		expect(toPlain(value, options)).toEqual(plain);
	});

	test("what there is not is a TypeError", () => {
		expect(() => toPlain(1, { bytes: "utf-8" as "hex" })).toThrow(TypeError);
	});

	test("ints that take long in decimal are hexadecimal", () => {
		expect(toPlain(1n << 100_000n)).toBe(`0x1${"0".repeat(25_000)}`);
		expect(toPlain(-(1n << 100_000n))).toBe(`-0x1${"0".repeat(25_000)}`);
	});

	test("base64 of any length", () => {
		for (const length of [0, 1, 2, 3, 3071, 3072, 3073, 10_000]) {
			const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
			expect(toPlain(bytes)).toBe(Buffer.from(bytes).toString("base64"));
		}
	});
});

describe("numpy arrays", () => {
	const matrix = new NDArray(Float64Array.of(1, 2, 3, 4, 5, 6), f8, [2, 3]);
	const wide = new NDArray(BigInt64Array.of(1n, 2n ** 60n), DType.of("<i8"), [2]);
	const objects = new NDArray([1, [2, null], new PyDict([["a", 1]]), 4n], DType.of("|O"), [2, 2]);

	test.each<[string, NDArray, unknown, unknown]>([
		[
			"floats",
			matrix,
			[
				[1, 2, 3],
				[4, 5, 6],
			],
			{ dtype: "<f8", shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
		],
		[
			"a view",
			matrix.transpose(),
			[
				[1, 4],
				[2, 5],
				[3, 6],
			],
			{ dtype: "<f8", shape: [3, 2], data: [1, 4, 2, 5, 3, 6] },
		],
		["int64", wide, [1, "1152921504606846976"], { dtype: "<i8", shape: [2], data: [1, "1152921504606846976"] }],
		[
			"objects",
			objects,
			[
				[1, [2, null]],
				[{ a: 1 }, "4"],
			],
			{ dtype: "|O", shape: [2, 2], data: [1, [2, null], { a: 1 }, "4"] },
		],
		["no dimensions", new NDArray(Float64Array.of(7), f8, []), 7, { dtype: "<f8", shape: [], data: [7] }],
		["no items", new NDArray(new Float64Array(), f8, [2, 0]), [[], []], { dtype: "<f8", shape: [2, 0], data: [] }],
	])("%s", (_, array, nestedForm, flat) => {
		expect(toPlain(array)).toEqual(nestedForm);
		expect(toPlain(array, { arrays: "flat" })).toEqual(flat);
	});

	test("a shape that no data pays for is E_PLAIN", () => {
		const empty = new NDArray(new Float64Array(), f8, [2 ** 40, 0]);
		expect(() => toPlain([empty])).toThrow(expect.objectContaining({ code: "E_PLAIN", path: "$[0]" }));
	});
});

describe("inert objects", () => {
	test("attributes", () => {
		const object = new PyObject("new", user, []);
		object.steps.push({ kind: "state", state: new PyDict([["name", "x"]]) });
		expect(toPlain(object)).toEqual({ class: "app.User", state: { name: "x" } });
	});

	test("all that was done to it", () => {
		const object = new PyObject("new", user, [1], new PyDict([["k", 2]]));
		const call = new PyObject("call", new PyGlobal("app", "finish"), [object, 5]);
		object.steps.push(
			{ kind: "state", state: 1 },
			{ kind: "state", state: 2 },
			{ kind: "items", items: [3] },
			{ kind: "add", items: [4] },
			{ kind: "entries", entries: ["a", [], [], "b"] },
		);
		expect(toPlain(object)).toEqual({
			class: "app.User",
			args: [1],
			kwargs: { k: 2 },
			states: [1, 2],
			items: [3, 4],
			entries: [
				["a", []],
				[[], "b"],
			],
		});
		object.steps.push({ kind: "call", call });
		expect(() => toPlain(object)).toThrow(expect.objectContaining({ code: "E_PLAIN", path: "$.calls[0].args[0]" }));
	});

	test("seen through the helpers of copyreg", () => {
		const by = (helper: string, args: PyValue[]) => new PyObject("call", new PyGlobal("copyreg", helper), args);
		const object = new PyGlobal("builtins", "object");
		expect(toPlain(by("_reconstructor", [user, object, null]))).toEqual({ class: "app.User" });
		expect(toPlain(by("_reconstructor", [user, new PyGlobal("builtins", "list"), [1]]))).toEqual({
			class: "app.User",
			args: [{ global: "builtins.list" }, [1]],
		});
		expect(toPlain(by("__newobj__", [user, 1]))).toEqual({ class: "app.User", args: [1] });
		expect(toPlain(by("__newobj_ex__", [user, tuple(1), new PyDict()]))).toEqual({
			class: "app.User",
			args: [1],
			kwargs: {},
		});
		expect(toPlain(by("__newobj_ex__", [user, 1]))).toEqual({
			class: "copyreg.__newobj_ex__",
			args: [{ global: "app.User" }, 1],
		});
	});

	test("a callable that is no name", () => {
		const object = new PyObject("call", new PyObject("call", user, []), [1]);
		expect(toPlain(object)).toEqual({ callable: { class: "app.User" }, args: [1] });
	});
});

describe("keys are text", () => {
	test.each<[string, PyValue]>([
		["1", 1],
		["1.0", new PyFloat(1)],
		["-0.5", -0.5],
		["None", null],
		["True", true],
		["18446744073709551616", 2n ** 64n],
		["b'a\\xff'", Uint8Array.of(97, 255)],
		["()", tuple()],
		["(1,)", tuple(1)],
		["(1, 'a', (2, 3))", tuple(1, "a", tuple(2, 3))],
		["frozenset({1, 2})", new PyFrozenSet([1, 2])],
		["app.User", user],
		["app.User(1, 'x')", new PyObject("call", user, [1, "x"])],
		["(1+2j)", new PyComplex(1, 2)],
		["range(0, 5)", new PyRange(0, 5)],
		["1.5", new NumpyScalar(f8, 1.5)],
		["2024-02-29", new PyDate(2024, 2, 29)],
		["1.10", PyDecimal.parse("1.10")],
		["(Decimal('1.10'), 1)", tuple(PyDecimal.parse("1.10"), 1)],
	])("%s", (text, key) => {
		expect(toPlain(new PyDict([[key, 0]]))).toEqual({ [text]: 0 });
	});

	test("__proto__ and others of their kind are own properties", () => {
		const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "toJSON"];
		const plain = toPlain(new PyDict(names.map((name) => [name, new PyDict([["polluted", true]])]))) as object;
		expect(Object.keys(plain)).toEqual(names);
		expect(Object.getPrototypeOf(plain)).toBe(Object.prototype);
		expect(JSON.stringify(plain)).toBe(`{${names.map((name) => `"${name}":{"polluted":true}`).join()}}`);
		expect({}).not.toHaveProperty("polluted");
	});

	test("two with one text are E_PLAIN", () => {
		const dict = new PyDict([
			["1", "a"],
			[1, "b"],
		]);
		expect(() => toPlain([dict])).toThrow(expect.objectContaining({ code: "E_PLAIN", path: "$[0]" }));
	});

	test("one without text is E_PLAIN", () => {
		let doubled: PyValue = tuple();
		for (let i = 0; i < 64; i++) doubled = tuple(doubled, doubled);
		const keyless = [doubled, new PyPersistent(1), tuple(...Array.from({ length: 20_000 }, () => 1))];
		for (const key of keyless) {
			expect(() => toPlain(new Map([[key, 1]]))).toThrow(expect.objectContaining({ code: "E_PLAIN", path: "$" }));
		}
	});
});

describe("cycles are E_PLAIN, with their path", () => {
	const list: PyValue[] = [1];
	list.push(tuple(list));
	const dict = new PyDict();
	dict.set("a key", new PyDict([[tuple(1), [0, dict]]]));
	const object = new PyObject("new", user, []);
	object.steps.push({ kind: "state", state: new PyDict([["me", object]]) });
	const array = new NDArray([0], DType.of("|O"), [1]);
	(array.data as PyValue[])[0] = array;

	test.each<[string, PyValue]>([
		["$[1][0]", list],
		['$["a key"][...][1]', dict],
		["$.state.me", object],
		["$[0]", array],
	])("%s", (path, value) => {
		expect(() => toPlain(value)).toThrow(expect.objectContaining({ code: "E_PLAIN", path }));
	});
});

describe("output is bounded", () => {
	test("by depth", () => {
		expect(toPlain(nested(1000))).toHaveLength(1);
		expect(() => toPlain(nested(1001))).toThrow(
			expect.objectContaining({ code: "E_PLAIN", path: `$${"[0]".repeat(8)} ... ${"[0]".repeat(8)}` }),
		);
		expect(() => toPlain([[1]], { maxDepth: 1 })).toThrow(expect.objectContaining({ code: "E_PLAIN", path: "$[0]" }));
		expect(toPlain(nested(200_000), { maxDepth: 200_000 })).toHaveLength(1);
	});

	test("by copies", () => {
		let doubled: PyValue = tuple(null, null);
		for (let i = 0; i < 64; i++) doubled = tuple(doubled, doubled);
		expect(() => toPlain(doubled)).toThrow(expect.objectContaining({ code: "E_PLAIN" }));
		expect(() => toPlain([doubled], { maxCopies: 10 })).toThrow(/maxCopies/);
	});

	test("but honest sharing is written", () => {
		const row = tuple(...Array.from({ length: 20 }, (_, i) => i));
		expect(toPlain(Array.from({ length: 100_000 }, () => row))).toHaveLength(100_000);
	});

	test("by copies of large text and bytes", () => {
		const [text, bytes] = ["x".repeat(2 ** 20), new Uint8Array(2 ** 20)];
		expect(toPlain([text, text, bytes, bytes])).toHaveLength(4);
		for (const large of [text, bytes]) {
			expect(() =>
				toPlain(
					Array.from({ length: 100 }, () => large),
					{ maxCopies: 10_000 },
				),
			).toThrow(/maxCopies/);
		}
	});
});

describe("arrays without dimensions", () => {
	const object = DType.of("O");
	const around = (value: PyValue) => new NDArray([value], object, []);

	test("are their item, however many lie in each other", () => {
		let value: PyValue = "inside";
		for (let depth = 0; depth < 20_000; depth++) value = around(value);
		expect(toPlain(value)).toBe("inside");
	});

	test.each([{}, { arrays: "flat" }] as const)("that hold themselves are E_PLAIN: %j", (options) => {
		const array = around(null);
		(array.data as PyValue[])[0] = array;
		expect(() => toPlain(array, options)).toThrow(expect.objectContaining({ code: "E_PLAIN" }));
		(array.data as PyValue[])[0] = [around(array)];
		expect(() => toPlain(array, options)).toThrow(expect.objectContaining({ code: "E_PLAIN" }));
	});
});

const hostile = sharedFolder("hostile");
describe.runIf(hostile)("hostile files", () => {
	const read = (name: string) => decode(readFileSync(join(hostile as string, name)));
	test.each([
		"laughs-64x2-tuple",
		"depth-tuple-1e6",
		"cycle-list",
		"cycle-dict",
		"cycle-tuple-list",
		"cycle-object-dict",
	])("%s is E_PLAIN", (name) => {
		const value = read(`${name}.pkl`);
		expect(() => toPlain(value)).toThrow(expect.objectContaining({ code: "E_PLAIN" }));
	});

	test("toJSON is a key like any other", () => {
		expect(toPlain(read("toJSON-attribute.pkl"))).toEqual({
			toJSON: { global: "__main__.Foo" },
			inspect: { global: "__main__.Foo" },
		});
	});
});
