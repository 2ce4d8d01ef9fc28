import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { DType, decode, encode, isPickleError, PyDict, PyGlobal } from "../../src/index.ts";
import { Call, dtypePart, Global, type Part, pickle, Shared, tuple } from "./pickle.ts";

function dtypeOf(part: Part): DType {
	const value = decode(pickle(part));
	expect(value).toBeInstanceOf(DType);
	return value as DType;
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

/* Checked against numpy 2.4: dtype.str, dtype.name, kind, itemsize, alignment. */
test.each([
	["f8", "<f8", "float64", "f", 8, 8],
	[">f8", ">f8", "float64", "f", 8, 8],
	["b1", "|b1", "bool", "b", 1, 1],
	["?", "|b1", "bool", "b", 1, 1],
	["b", "|i1", "int8", "i", 1, 1],
	["bool", "|b1", "bool", "b", 1, 1],
	["S5", "|S5", "bytes40", "S", 5, 1],
	["a5", "|S5", "bytes40", "S", 5, 1],
	["c", "|S1", "bytes8", "S", 1, 1],
	["S", "|S0", "bytes", "S", 0, 1],
	["U3", "<U3", "str96", "U", 12, 4],
	["U", "<U0", "str", "U", 0, 4],
	["V16", "|V16", "void128", "V", 16, 1],
	["V", "|V0", "void", "V", 0, 1],
	["O", "|O", "object", "O", 8, 8],
	["O4", "|O", "object", "O", 4, 4],
	["M8[ns]", "<M8[ns]", "datetime64[ns]", "M", 8, 8],
	["M8", "<M8", "datetime64", "M", 8, 8],
	["m8[25s]", "<m8[25s]", "timedelta64[25s]", "m", 8, 8],
	[">M8[25us]", ">M8[25us]", "datetime64[25us]", "M", 8, 8],
	["g", "<f16", "float128", "f", 16, 16],
	["G", "<c32", "complex256", "c", 32, 16],
	["c8", "<c8", "complex64", "c", 8, 4],
	["e", "<f2", "float16", "f", 2, 2],
	["l", "<i8", "int64", "i", 8, 8],
	["q", "<i8", "int64", "i", 8, 8],
	["p", "<i8", "int64", "i", 8, 8],
	["float64", "<f8", "float64", "f", 8, 8],
	["datetime64[25us]", "<M8[25us]", "datetime64[25us]", "M", 8, 8],
	["timedelta64", "<m8", "timedelta64", "m", 8, 8],
	["uint16", "<u2", "uint16", "u", 2, 2],
	["int", "<i8", "int64", "i", 8, 8],
	["float", "<f8", "float64", "f", 8, 8],
	["complex", "<c16", "complex128", "c", 16, 8],
	["object", "|O", "object", "O", 8, 8],
	["str", "<U0", "str", "U", 0, 4],
	["bytes", "|S0", "bytes", "S", 0, 1],
	["complex128", "<c16", "complex128", "c", 16, 8],
])("%s", (text, str, name, kind, itemsize, alignment) => {
	const dtype = DType.of(text);
	expect([dtype.str, dtype.name, dtype.kind, dtype.itemsize, dtype.alignment]).toEqual([
		str,
		name,
		kind,
		itemsize,
		alignment,
	]);
});

test.each([
	"",
	"x",
	"f3",
	"i16",
	"f",
	"b2",
	"O2",
	"f8,i4",
	"(2,)f8",
	"M8[zz]",
	"M8[0s]",
	"f8[s]",
	"M8[s/3]",
	"int7",
	"__import__('os')",
	"M4",
	"datetime32[s]",
	"datetime64s",
])("%s is no dtype", (text) => {
	if (text === "f") return expect(DType.of(text).str).toBe("<f4");
	expect(() => DType.of(text)).toThrow(TypeError);
	return expect(refused(new Call(new Global("numpy", "dtype"), [text, false, true]))).toContain("numpy has no dtype");
});

test("a long description is shortened in the error", () => {
	const reason = refused(new Call(new Global("numpy", "dtype"), [`V${"9".repeat(100_000)}`]));
	expect(reason.length).toBeLessThan(120);
});

describe("the argument of numpy.dtype", () => {
	const made = (argument: Part) => dtypeOf(new Call(new Global("numpy", "dtype"), [argument, false, true]));

	test("may be a class", () => {
		expect(made(new Global("numpy", "float32")).str).toBe("<f4");
		expect(made(new Global("numpy", "bool_")).str).toBe("|b1");
		expect(made(new Global("numpy", "str_")).str).toBe("<U0");
		expect(made(new Global("builtins", "int")).str).toBe("<i8");
		const record = made(new Global("numpy", "record"));
		expect([record.str, String(record.type)]).toEqual(["|V0", "numpy.record"]);
	});

	test("may be a dtype", () => expect(made(dtypePart("f8", ">")).str).toBe(">f8"));

	test("may be the bytes of Python 2", () => expect(made(Uint8Array.of(105, 52)).str).toBe("<i4"));

	test("is refused otherwise", () => {
		expect(refused(new Call(new Global("numpy", "dtype"), [7]))).toContain("no dtype");
		expect(refused(new Call(new Global("numpy", "dtype"), []))).toContain("arguments");
	});
});

describe("states", () => {
	const make = (descr: string, ...state: Part[]) =>
		dtypeOf(new Call(new Global("numpy", "dtype"), [descr, 0, 1], tuple(...state)));
	const f4 = dtypePart("f4");

	test("of every version", () => {
		expect(make("f8", ">", null, null, -1, -1).str).toBe(">f8");
		expect(make("f8", 1, ">", null, null, -1, -1).str).toBe(">f8");
		expect(make("f8", 2, ">", null, null, null, -1, -1).str).toBe(">f8");
		expect(make("f8", 3, ">", null, null, null, -1, -1, 0).str).toBe(">f8");
		expect(make("f8", 4, ">", null, null, null, -1, -1, 0, null).str).toBe(">f8");
	});

	test("the fields' entry -1 names them up to version 1", () => {
		const fields = new Map<Part, Part>([
			["a", tuple(f4, 0)],
			[-1, tuple("a")],
		]);
		expect(make("V4", "|", null, fields, 4, 1).names).toEqual(["a"]);
		expect(make("V4", 1, "|", null, fields, 4, 1).names).toEqual(["a"]);
	});

	test("names give the order of the fields, titles are kept", () => {
		const fields = new Map<Part, Part>([
			["b", tuple(dtypePart("S2", "|", { 5: 2, 6: 1 }), 4, "B")],
			["B", tuple(dtypePart("S2", "|", { 5: 2, 6: 1 }), 4, "B")],
			["a", tuple(f4, 0)],
		]);
		const dtype = make("V6", 3, "|", null, tuple("a", "b"), fields, 6, 1, 16);
		expect(dtype.fields?.map(({ name, offset, title }) => [name, offset, title])).toEqual([
			["a", 0, undefined],
			["b", 4, "B"],
		]);
		expect(inspect(dtype)).toBe("dtype([('a', '<f4'), (('B', 'b'), 'S2')])");
		expect([dtype.str, dtype.name, dtype.code]).toEqual(["|V6", "void48", "V6"]);
	});

	test("subarrays", () => {
		const dtype = make("V24", 3, "|", tuple(f4, tuple(2, 3)), null, null, 24, 4, 0);
		expect([dtype.subdtype?.dtype.str, dtype.subdtype?.shape]).toEqual(["<f4", [2, 3]]);
		expect(inspect(dtype)).toBe("dtype(('<f4', (2, 3)))");
		expect(make("V8", 3, "|", tuple(f4, 2), null, null, 8, 4, 0).subdtype?.shape).toEqual([2]);
	});

	test("gaps are shown, aligned flags are a byte with or without sign", () => {
		const fields = new Map<Part, Part>([["a", tuple(f4, 4)]]);
		const dtype = make("V16", 3, "|", null, tuple("a"), fields, 16, 4, -112);
		expect(dtype.flags).toBe(144);
		expect(inspect(dtype)).toBe(
			"dtype({'names': ['a'], 'formats': ['<f4'], 'offsets': [4], 'itemsize': 16, 'aligned': True})",
		);
	});

	test("a field may be called __proto__", () => {
		const fields = new Map<Part, Part>([["__proto__", tuple(f4, 0)]]);
		expect(make("V4", 3, "|", null, tuple("__proto__"), fields, 4, 1, 16).names).toEqual(["__proto__"]);
	});

	test("names of Python 2 may be bytes", () => {
		const name = Uint8Array.of(97);
		const dtype = make("V4", 3, "|", null, tuple(name), new Map<Part, Part>([[name, tuple(f4, 0)]]), 4, 1, 16);
		expect(dtype.names).toEqual(["a"]);
	});

	test.each([
		["\xe9", "U\x01\xe9"],
		["\u0434", "X\x02\0\0\0\xd0\xb4"],
	])("the name %j is for Python 2 what str can hold", (name, written) => {
		const dtype = make("V4", 3, "|", null, tuple(name), new Map<Part, Part>([[name, tuple(f4, 0)]]), 4, 1, 16);
		expect(Buffer.from(encode(dtype, { python: 2 })).toString("latin1")).toContain(written);
	});

	test("datetime units and metadata", () => {
		const metadata = new Map<Part, Part>([["k", 1]]);
		const bytes = Uint8Array.of(115);
		const dtype = make("M8", 4, ">", null, null, null, -1, -1, 0, tuple(metadata, tuple(bytes, 25, 1, 1)));
		expect([dtype.str, dtype.unit, dtype.metadata]).toEqual([
			">M8[25s]",
			{ count: 25, name: "s" },
			new PyDict([["k", 1]]),
		]);
		expect(make("m8", 4, "<", null, null, null, -1, -1, 0, tuple(null, tuple("generic", 1, 1, 1))).str).toBe("<m8");
		expect(make("i4", 4, "<", null, null, null, -1, -1, 0, metadata).metadata?.get("k")).toBe(1);
	});

	test.each<[string, Part[]]>([
		["5 to 9 parts", [3, "<"]],
		["version", [5, "<", null, null, null, -1, -1, 0]],
		["byte order", [3, "?", null, null, null, -1, -1, 0]],
		["byte order", [3, 1, null, null, null, -1, -1, 0]],
		["item size", [3, "|", null, null, null, -1, 1, 0]],
		["flags", [3, "|", null, null, null, 4, 1, null]],
		["fields", [3, "|", null, null, new Map(), 4, 1, 0]],
		["fields", [3, "|", null, tuple("a"), null, 4, 1, 0]],
		["no name", [3, "|", null, tuple(1), new Map(), 4, 1, 0]],
		["no name", [3, "|", null, tuple(tuple("a")), new Map(), 4, 1, 0]],
		["no description", [3, "|", null, tuple("a"), new Map(), 4, 1, 0]],
		["outside its item", [3, "|", null, tuple("a"), new Map<Part, Part>([["a", tuple(f4, 1)]]), 4, 1, 0]],
		["outside its item", [3, "|", null, tuple("a"), new Map<Part, Part>([["a", tuple(f4, -1)]]), 4, 1, 0]],
		["dtype is expected", [3, "|", null, tuple("a"), new Map<Part, Part>([["a", tuple(1, 0)]]), 4, 1, 0]],
		["one name", [3, "|", null, tuple("a", "a"), new Map<Part, Part>([["a", tuple(f4, 0)]]), 4, 1, 0]],
		["pair of dtype and shape", [3, "|", 1, null, null, 4, 1, 0]],
		["does not fill", [3, "|", tuple(f4, tuple(2)), null, null, 4, 1, 0]],
	])("refused: %s", (reason, state) => {
		expect(refused(new Call(new Global("numpy", "dtype"), ["V4", false, true], tuple(...state)))).toContain(reason);
	});

	test.each<[string, Part]>([
		["is a pair", 1],
		["unit", tuple(null, tuple("zz", 1, 1, 1))],
		["unit", tuple(null, tuple("s", 0, 1, 1))],
		["unit", tuple(null, tuple("s", 1, 0, 1))],
		["unit", tuple(null, null)],
	])("refused: a datetime's %s", (reason, metadata) => {
		const state = tuple(4, "<", null, null, null, -1, -1, 0, metadata);
		expect(refused(new Call(new Global("numpy", "dtype"), ["M8"], state))).toContain(reason);
	});

	test("a text's size is a multiple of four", () => {
		expect(refused(dtypePart("U1", "<", { 5: 5, 6: 4 }))).toContain("item size");
	});

	test("come once, and not after the dtype is in use", () => {
		const twice = new Shared(dtypePart("f8"));
		const again = tuple(3, "<", null, null, null, -1, -1, 0);
		const build = pickle(tuple(twice, again));
		/* The tuple's MARK goes, the state that follows the dtype is BUILD's. */
		const bytes = [...build.filter((_, i) => i !== 2)].slice(0, -2);
		expect(() => decode(Uint8Array.from([...bytes, 0x62, 0x2e]))).toThrow("already has a state");
	});

	test("cannot hold the dtype itself", () => {
		const self = new Shared(null);
		self.part = dtypePart("V4", "|", { 3: tuple("a"), 4: new Map<Part, Part>([["a", tuple(self, 0)]]), 5: 4, 6: 1 });
		expect(refused(self)).toContain("state");
	});

	const nested = (depth: number, names: readonly string[]): Part => {
		let inner: Part = dtypePart("V0", "|", { 5: 0, 6: 1 });
		for (let i = 0; i < depth; i++) {
			const shared = new Shared(inner);
			const fields = new Map<Part, Part>(names.map((name) => [name, tuple(shared, 0)]));
			inner = dtypePart("V0", "|", { 3: tuple(...names), 4: fields, 5: 0, 6: 1 });
		}
		return inner;
	};

	test("nest to a limit", () => {
		expect(dtypeOf(nested(60, ["a"])).depth).toBe(61);
		expect(() => decode(pickle(nested(64, ["a"])))).toThrow("nests deeper");
	});

	test("do not grow by sharing", () => {
		expect(() => decode(pickle(nested(40, ["a", "b"])))).toThrow("maxWork");
	});
});

test("dtypes are equal as keys when they print alike", () => {
	const dict = new PyDict([[DType.of("f8"), 1]]);
	expect([dict.get(DType.of("<f8")), dict.get(DType.of(">f8")), dict.get("float64")]).toEqual([
		1,
		undefined,
		undefined,
	]);
});

test("StringDType", () => {
	const stringDType = new Global("numpy._core._internal", "_convert_to_stringdtype_kwargs");
	const plain = dtypeOf(new Call(stringDType, [1]));
	expect([plain.kind, plain.hasObject, plain.string, plain.name]).toEqual([
		"T",
		true,
		{ coerce: true, missing: undefined },
		"StringDType128",
	]);
	expect(dtypeOf(new Call(stringDType, [0, null])).string).toEqual({ coerce: false, missing: null });
	expect(inspect(plain)).toBe("dtype(StringDType())");
	expect(inspect(dtypeOf(new Call(stringDType, [false, null])))).toBe(
		"dtype(StringDType(na_object=None, coerce=False))",
	);
	expect(String(dtypeOf(new Call(stringDType, [true, "?"])))).toBe("StringDType(na_object='?')");
});

test("names that could steer a terminal are escaped", () => {
	const fields = new Map<Part, Part>([["\u001b[2J'", tuple(dtypePart("f4"), 0)]]);
	const part = dtypePart("V4", "|", { 3: tuple("\u001b[2J'"), 4: fields, 5: 4, 6: 1 });
	expect(String(dtypeOf(part))).toBe(`[("\\x1b[2J'", '<f4')]`);
	expect(dtypeOf(new Call(new Global("numpy", "dtype"), [new Global("mine", "\u202e")])).name).toBe("\\u202e");
});

test("the class of the items stays", () => {
	const made = decode(
		pickle(
			new Call(new Global("numpy", "dtype"), [new Global("mine", "Void")], tuple(3, "|", null, null, null, 3, 1, 0)),
		),
	);
	expect((made as DType).type).toEqual(new PyGlobal("mine", "Void"));
	expect((made as DType).itemsize).toBe(3);
});
