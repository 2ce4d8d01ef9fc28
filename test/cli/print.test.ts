import { describe, expect, test } from "vitest";
import { Long } from "../../src/bytes/int64.ts";
import { Printer, type PrintLimits } from "../../src/cli/print.ts";
import {
	DType,
	Ellipsis,
	NDArray,
	NumpyScalar,
	PyByteArray,
	PyComplex,
	PyDict,
	PyFloat,
	PyFrozenSet,
	PyGlobal,
	PyObject,
	PyOrderedDict,
	PyPersistent,
	PyRange,
	PySet,
	PySlice,
	type PyValue,
	tuple,
} from "../../src/index.ts";
import { SubclassState } from "../../src/numpy/index.ts";

const bounded: PrintLimits = { width: 80, depth: 8, items: 10, entries: 50, values: 1000, full: false };
const all = Number.POSITIVE_INFINITY;
const full: PrintLimits = { width: 80, depth: 1000, items: all, entries: all, values: all, full: true };

function print(value: PyValue, limits: Partial<PrintLimits> = {}): string {
	return [...new Printer({ ...bounded, ...limits }).lines(value)].join("\n");
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const user = new PyGlobal("app", "User");
const f8 = DType.of("<f8");

describe("as Python writes it", () => {
	test.each<[string, PyValue]>([
		["None", null],
		["True", true],
		["-5", -5],
		["1.5", 1.5],
		["2.0", new PyFloat(2)],
		["-0.0", -0],
		["nan", Number.NaN],
		["1e+22", 1e22],
		["18446744073709551616", 2n ** 64n],
		["-3", Long.fromInt(-3)],
		["'it'", "it"],
		[`"it's"`, "it's"],
		[`'"it\\'s"'`, `"it's"`],
		[
			"'a\\\\b\\n\\r\\t\\x00\\x7f\\x9b\\xa0\\u2003\\u202e\\ud800\\U000e0041é😀'",
			"a\\b\n\r\t\0\x7f\x9b\xa0\u2003\u202e\ud800\u{e0041}é😀",
		],
		["b'PK\\x03\\x04\\\\'", Uint8Array.of(80, 75, 3, 4, 92)],
		[`b"it's"`, Uint8Array.from("it's", (char) => char.charCodeAt(0))],
		["bytearray(b'a')", PyByteArray.of(97)],
		["[]", []],
		["[1, [2]]", [1, [2]]],
		["()", tuple()],
		["(1,)", tuple(1)],
		["(1, 2)", tuple(1, 2)],
		["{}", new PyDict()],
		[
			"{'a': 1, 2: (3, 4), (5,): None}",
			new PyDict([
				["a", 1],
				[2, tuple(3, 4)],
				[tuple(5), null],
			] as [PyValue, PyValue][]),
		],
		["OrderedDict({'a': 1})", new PyOrderedDict([["a", 1]])],
		["set()", new PySet()],
		["{1, 'a'}", new PySet([1, "a"])],
		["frozenset()", new PyFrozenSet()],
		["frozenset({1})", new PyFrozenSet([1])],
		["(1+2j)", new PyComplex(1, 2)],
		["range(0, 5)", new PyRange(0, 5)],
		["slice(None, 5, None)", new PySlice(null, 5)],
		["Ellipsis", Ellipsis],
		["os.path.join", new PyGlobal("os.path", "join")],
		["\\u043es.sys\\x20tem", new PyGlobal("оs", "sys tem")],
		["x\\U0001f600.y\\x1b", new PyGlobal("x😀", "y\x1b")],
		["<persistent id ('storage', 1)>", new PyPersistent(tuple("storage", 1))],
		["np.float64(1.5)", new NumpyScalar(f8, 1.5)],
		["np.bool(True)", new NumpyScalar(DType.of("|b1"), true)],
		["np.datetime64('2024-01-01')", new NumpyScalar(DType.of("M8[D]"), 19723n)],
		["np.datetime64('1970-01-01T02','h')", new NumpyScalar(DType.of("M8[h]"), 2n)],
		["np.datetime64('1970-01-01T00:00:50','25s')", new NumpyScalar(DType.of("M8[25s]"), 2n)],
		["np.datetime64('NaT','D')", new NumpyScalar(DType.of("M8[D]"), -(2n ** 63n))],
		["np.timedelta64(5,'25s')", new NumpyScalar(DType.of("m8[25s]"), 5n)],
		["np.timedelta64(5)", new NumpyScalar(DType.of("m8"), 5n)],
		["np.timedelta64('NaT','s')", new NumpyScalar(DType.of("m8[s]"), -(2n ** 63n))],
		["np.longdouble('0.0')", new NumpyScalar(DType.of("f16"), new Uint8Array(16))],
		["np.bytes_(b'ab')", new NumpyScalar(DType.of("|S2"), Uint8Array.of(97, 98))],
		["dtype('float64')", f8],
		["dtype('>f8')", DType.of(">f8")],
		["{1: 2}", new Map([[1, 2]])],
		["http://a.b/", new URL("http://a.b/")],
		["<Object>", { a: 1 }],
	])("%s", (text, value) => {
		expect(print(value)).toBe(text);
	});
});

describe("objects that nobody claims", () => {
	const make = (kind: "call" | "new", args: PyValue[], kwargs?: PyDict) => new PyObject(kind, user, args, kwargs);

	test.each<[string, PyObject]>([
		["<app.User()>", make("call", [])],
		["<app.User('x', k=1)>", make("call", ["x"], new PyDict([["k", 1]]))],
		["<app.User>", make("new", [])],
		["<app.User args=[1], kwargs={'k': 2}>", make("new", [1], new PyDict([["k", 2]]))],
		["< callable=<app.User()>, args=[1]>", new PyObject("call", make("call", []), [1])],
	])("%s", (text, object) => {
		expect(print(object)).toBe(text);
	});

	test("what was done to one", () => {
		const object = make("new", []);
		object.steps.push(
			{
				kind: "state",
				state: new PyDict([
					["name", "x"],
					["_age", 3],
				] as [string, PyValue][]),
			},
			{ kind: "state", state: new PyDict([["not a name", 1]]) },
			{ kind: "state", state: 5 },
			{ kind: "items", items: [1, 2] },
			{ kind: "entries", entries: [[], 1, "k", 2] },
			{ kind: "call", call: new PyObject("call", new PyGlobal("app", "finish"), []) },
		);
		expect(print(object, { width: 200 })).toBe(
			"<app.User name='x', _age=3, state={'not a name': 1}, state=5, [1, 2], {[]: 1, 'k': 2}, then=<app.finish()>>",
		);
		expect(print(object, { depth: 0 })).toBe("<app.User ...>");
	});

	test("one of many lines", () => {
		const object = make("new", []);
		object.steps.push({
			kind: "state",
			state: new PyDict([
				["text", "x".repeat(60)],
				["list", numbers(30)],
			] as [string, PyValue][]),
		});
		expect(print(object)).toBe(
			`<app.User\n  text='${"x".repeat(60)}',\n  list=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ... 20 more],\n>`,
		);
	});
});

describe("layout", () => {
	test("what does not fit on a line is indented", () => {
		const value = new PyDict([
			["names", ["a".repeat(40), "b".repeat(40)]],
			["n", 1],
		] as [string, PyValue][]);
		expect(print(value)).toBe(
			`{\n  'names': [\n    '${"a".repeat(40)}',\n    '${"b".repeat(40)}',\n  ],\n  'n': 1,\n}`,
		);
	});

	test("short items share lines", () => {
		expect(print(numbers(30), { ...full, width: 40 })).toBe(
			"[\n  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,\n  12, 13, 14, 15, 16, 17, 18, 19, 20,\n  21, 22, 23, 24, 25, 26, 27, 28, 29,\n]",
		);
	});

	test("lines stay within the width", () => {
		const rows = numbers(40).map(
			(i) =>
				new PyDict([
					[`key ${i}`, tuple(i, "text", [i])],
					["other", "x".repeat(i)],
				] as [string, PyValue][]),
		);
		for (const line of print(rows, { ...full, width: 60 }).split("\n")) expect(line.length).toBeLessThanOrEqual(60);
	});
});

describe("long things are shortened, unless all is asked for", () => {
	test.each<[string, PyValue]>([
		["[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ... 4,990 more]", numbers(5000)],
		["[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", numbers(11)],
		[`'${"é".repeat(200)}'... 1 more character`, "é".repeat(201)],
		[`'${"x".repeat(199)}'... 2 more characters`, `${"x".repeat(199)}😀😀`],
		[`b'${"x".repeat(80)}'... 1,234,487 more bytes`, new Uint8Array(1_234_567).fill(120)],
		[`0x1${"0".repeat(61)}... 24,939 more digits`, 1n << 100_000n],
	])("%s", (text, value) => {
		expect(print(value)).toBe(text);
		expect(print(value, full)).not.toContain("more");
	});

	test("long keys", () => {
		expect(print(new PyDict([["k".repeat(300), 1]]))).toBe(`{\n  '${"k".repeat(200)}'...: 1,\n}`);
		expect(print(new PyDict([[tuple("k".repeat(300)), 1]]))).toContain("...: 1");
	});

	test("many entries", () => {
		const dict = new PyDict(numbers(100).map((i) => [i, "x".repeat(20)]));
		expect(print(dict).split("\n").at(-2)).toBe("  ... 50 more");
		expect(print(dict, full).split("\n")).toHaveLength(102);
	});

	test("depth", () => {
		const value = [[[[1, 2]]], new PyDict([["a", [tuple()]]])];
		expect(print(value, { depth: 0 })).toBe("[... 2 items]");
		expect(print(value, { depth: 1 })).toBe("[[... 1 item], {... 1 item}]");
		expect(print(value, { depth: 2 })).toBe("[[[... 1 item]], {'a': [... 1 item]}]");
		expect(print(value, { depth: 4 })).toBe("[[[[1, 2]]], {'a': [()]}]");
	});

	test("the number of values", () => {
		const printer = new Printer({ ...bounded, values: 20 });
		const text = [...printer.lines(numbers(9).map(() => numbers(9).map(() => "x".repeat(30))))].join("\n");
		expect(printer.exhausted).toBe(true);
		expect(text.match(/'x+'/g)?.length).toBeLessThan(30);
		expect(text).toContain("... 7 more");
	});
});

describe("what is shown twice, or lies in itself", () => {
	test("cycles name the place they lead to", () => {
		const list: PyValue[] = [1];
		list.push(tuple(list), new PyDict([["back", list]]));
		expect(print(list)).toBe("[1, (<cycle: $>,), {'back': <cycle: $>}]");
		const inner = new PyDict();
		inner.set("me", inner);
		inner.set("text", "x".repeat(80));
		expect(print([inner])).toBe(`[\n  {\n    'me': <cycle: $[0]>,\n    'text': '${"x".repeat(80)}',\n  },\n]`);
	});

	test("large things are not written twice", () => {
		const large = ["x".repeat(50), "y".repeat(50)];
		const array = new NDArray(new Float64Array(100), f8, [10, 10]);
		const text = print(
			new PyDict([
				["a", large],
				["b c", [large]],
				["d", array],
				["e", tuple(array)],
			] as [string, PyValue][]),
		);
		expect(text).toContain("'b c': [<same as $.a>],");
		expect(text).toContain("'e': (<same as $.d>,),");
		const small = tuple(1, 2);
		expect(print([small, small])).toBe("[(1, 2), (1, 2)]");
	});

	test("each value starts anew", () => {
		const printer = new Printer(bounded);
		const large = ["x".repeat(50), "y".repeat(50)];
		expect([...printer.lines(large)]).toEqual([...printer.lines(large)]);
	});

	test("a doubling value takes a line a level, however much is asked for", () => {
		let doubled: PyValue = tuple("x".repeat(50), "y".repeat(50));
		for (let i = 0; i < 64; i++) doubled = tuple(doubled, doubled);
		expect(print(doubled, full).split("\n").length).toBeLessThan(64 * 4);
	});

	test("depth takes no stack", () => {
		let value: PyValue = [];
		for (let i = 0; i < 20_000; i++) value = [value];
		expect(print(value, full).split("\n").length).toBeLessThan(2000);
		expect(print(value, { ...full, depth: 20_000 }).split("\n").length).toBeGreaterThan(20_000);
	});
});

describe("numpy arrays", () => {
	const doubles = (count: number, shape: number[]) =>
		new NDArray(
			Float64Array.from(numbers(count), (i) => i + 0.5),
			f8,
			shape,
		);

	test.each<[string, NDArray]>([
		["array([0.5, 1.5, 2.5], shape=(3,), dtype=float64)", doubles(3, [3])],
		[
			"array([0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, ... 90 more],\n      shape=(100,), dtype=float64)",
			doubles(100, [100]),
		],
		["array(0.5, shape=(), dtype=float64)", doubles(1, [])],
		["array([], shape=(0, 3), dtype=float64)", doubles(0, [0, 3])],
		[
			"array([[  1, 200],\n       [ -3,   4]], shape=(2, 2), dtype=int16)",
			new NDArray(Int16Array.of(1, 200, -3, 4), DType.of("<i2"), [2, 2]),
		],
		["array([True, False], shape=(2,), dtype=bool)", new NDArray(Uint8Array.of(1, 0), DType.of("|b1"), [2])],
		[
			"array([1, 9007199254740993], shape=(2,), dtype=int64)",
			new NDArray(BigInt64Array.of(1n, 2n ** 53n + 1n), DType.of("<i8"), [2]),
		],
		["array([0.1, 0.33333333], shape=(2,), dtype=float64)", new NDArray(Float64Array.of(0.1, 1 / 3), f8, [2])],
		[
			"array([0.1, nan], shape=(2,), dtype=float32)",
			new NDArray(Float32Array.of(0.1, Number.NaN), DType.of("<f4"), [2]),
		],
		["array([(1.5-2j)], shape=(1,), dtype=complex128)", new NDArray(Float64Array.of(1.5, -2), DType.of("<c16"), [1])],
		["array([1, 2], shape=(2,), dtype='>i2')", new NDArray(Int16Array.of(1, 2), DType.of(">i2"), [2])],
		[
			`array([b'${"x".repeat(16)}'...], shape=(1,), dtype='|S20')`,
			new NDArray(new Uint8Array(20).fill(120), DType.of("|S20"), [1]),
		],
	])("%s", (text, array) => {
		expect(print(array, { width: 90 })).toBe(text);
	});

	test("of two axes", () => {
		expect(print(doubles(2000, [100, 20]), { width: 60 })).toBe(
			[
				"array([[ 0.5,  1.5,  2.5,  3.5,  4.5, ... 15 more],",
				"       [20.5, 21.5, 22.5, 23.5, 24.5, ... 15 more],",
				"       [40.5, 41.5, 42.5, 43.5, 44.5, ... 15 more],",
				"       [60.5, 61.5, 62.5, 63.5, 64.5, ... 15 more],",
				"       [80.5, 81.5, 82.5, 83.5, 84.5, ... 15 more],",
				"       ... 95 more], shape=(100, 20), dtype=float64)",
			].join("\n"),
		);
	});

	test("of three axes, inside something else", () => {
		expect(print([doubles(120, [4, 5, 6])])).toBe(
			[
				"[",
				"  array([[[ 0.5,  1.5,  2.5,  3.5,  4.5,  5.5],",
				"          [ 6.5,  7.5,  8.5,  9.5, 10.5, 11.5],",
				"          ... 3 more],",
				"         [[30.5, 31.5, 32.5, 33.5, 34.5, 35.5],",
				"          [36.5, 37.5, 38.5, 39.5, 40.5, 41.5],",
				"          ... 3 more],",
				"         ... 2 more], shape=(4, 5, 6), dtype=float64),",
				"]",
			].join("\n"),
		);
	});

	test("whole", () => {
		const text = print(doubles(1200, [2, 600]), full);
		expect(text.split("\n")[0]).toBe("array([[0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 11.5, 12.5,");
		expect(text.match(/\d\.5/g)).toHaveLength(1200);
		expect(text).toMatch(/599\.5\],\n {7}\[600\.5, .*1199\.5\]\],? ?\n? *shape=\(2, 600\), dtype=float64\)$/s);
	});

	test("of objects, and of subclasses", () => {
		const objects = new NDArray([1, "a", [2], null], DType.of("|O"), [2, 2]);
		expect(print(objects)).toBe("array([1, 'a', [2], None], shape=(2, 2), dtype=object)");
		expect(print(new NDArray([], DType.of("|O"), [0]))).toBe("array([], shape=(0,), dtype=object)");
		const subclassed = Object.assign(doubles(1, [1]), { subclass: new PyGlobal("app", "Array") });
		expect(print(subclassed)).toBe("app.Array([0.5], shape=(1,), dtype=float64)");
		const attributes = new PyDict([["unit", "m"]]);
		expect(print(Object.assign(subclassed, { state: new SubclassState([attributes], 0, true) }))).toBe(
			"<app.Array array([0.5], shape=(1,), dtype=float64), state=({'unit': 'm'},)>",
		);
		expect(print(Object.assign(subclassed, { state: undefined, attributes }))).toContain("attributes={'unit': 'm'}");
	});

	test("items of no size are not written without end", () => {
		const array = new NDArray(new Uint8Array(), DType.of("|V0"), [2 ** 40]);
		expect(print(array, full).length).toBeLessThan(200);
	});
});
