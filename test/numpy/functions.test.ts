import { expect, test } from "vitest";
import { decode, encode, NDArray, PyDict, PyGlobal, PyObject } from "../../src/index.ts";
import { arrayState, bytesOf, Call, dtypePart, Global, type Part, pickle, Shared, tuple } from "./pickle.ts";

const read = (part: Part) => decode(pickle(part)) as object;

test.each<[string, string, string, string]>([
	["numpy.core", "numpy.core.umath", "add", "numpy.add"],
	["numpy.core", "numpy.core._multiarray_umath", "add", "numpy.add"],
	["numpy._core", "numpy", "add", "numpy.add"],
	["numpy.core", "numpy.core.umath", "_arg", "numpy.core.umath._arg"],
	["numpy.core", "scipy.special", "gamma", "scipy.special.gamma"],
])("a ufunc of %s by %s.%s is %s", (from, module, name, global) => {
	const found = read(new Call(new Global(from, "_ufunc_reconstruct"), [module, name]));
	expect(found).toBeInstanceOf(PyGlobal);
	expect(String(found)).toBe(global);
});

const state = arrayState([2], dtypePart("i2"), bytesOf(Int16Array.of(1, 2)));
const imported = (dill: string, module: string, name: string) =>
	new Call(new Global(dill, "_get_attr"), [new Call(new Global(dill, "_import_module"), [module]), name]);
const reconstruct = new Global("numpy.core.multiarray", "_reconstruct");
const made = (type: Global) => tuple(type, tuple(0), Uint8Array.of(98));
const ndarray = new Global("numpy", "ndarray");

test.each<[string, Part]>([
	["dill 0.2", new Call(new Global("dill.dill", "_create_array"), [reconstruct, made(ndarray), state])],
	[
		"dill 0.2.7",
		new Call(new Global("dill.dill", "_create_array"), [
			imported("dill.dill", "numpy.core.multiarray", "_reconstruct"),
			made(ndarray),
			state,
			null,
		]),
	],
	[
		"dill 0.3.4",
		new Call(new Global("dill._dill", "_create_array"), [
			imported("dill._dill", "numpy.core._multiarray_umath", "_reconstruct"),
			made(ndarray),
			state,
			new Map(),
		]),
	],
])("an array of %s is an array", (_, part) => {
	const array = read(part) as NDArray;
	expect(array).toBeInstanceOf(NDArray);
	expect([array.toNested(), array.subclass, array.state]).toEqual([[1, 2], undefined, undefined]);
	expect((decode(encode(array)) as NDArray).toNested()).toEqual([1, 2]);
});

test("dill's attributes of a subclass lie beside its state, and go back by dill", () => {
	const attributes = new Map<Part, Part>([["title", "x"]]);
	const part = new Call(new Global("dill._dill", "_create_array"), [
		reconstruct,
		made(new Global("mine", "Sub")),
		state,
		attributes,
	]);
	for (const array of [read(part), decode(encode(read(part)))] as NDArray[]) {
		expect([String(array.subclass), array.toNested(), array.attributes]).toEqual([
			"mine.Sub",
			[1, 2],
			new PyDict([["title", "x"]]),
		]);
	}
});

test.each(["dill.dill", "dill._dill"])("what came by %s goes back by it", (module) => {
	const attributes = new Map<Part, Part>([["_getitem", false]]);
	const sub = made(new Global("numpy", "matrix"));
	const matrix = read(new Call(new Global(module, "_create_array"), [reconstruct, sub, state, attributes]));
	expect(new TextDecoder("latin1").decode(encode(matrix, { protocol: 2 }))).toContain(`c${module}\n_create_array\n`);
	const call = read(new Call(new Global(module, "_create_array"), [new Global("mine", "make"), tuple(), state]));
	expect(String((call as PyObject).callable)).toBe(`${module}._create_array`);
});

test.each(["dill.dill", "dill._dill"])("%s writes the data of an array without items as bytes()", (module) => {
	const none = new Call(new Call(new Global(module, "_load_type"), ["bytes"]), []);
	const empty = arrayState([0, 3], dtypePart("f8"), none);
	const args = [reconstruct, made(ndarray), empty, null];
	for (const part of [
		new Call(new Global(module, "_create_array"), args),
		new Call(reconstruct, made(ndarray) as Part[], empty),
	])
		expect((read(part) as NDArray).shape).toEqual([0, 3]);
	expect(read(new Call(new Global(module, "_load_type"), ["CodeType"]))).toBeInstanceOf(PyObject);
});

test("what else dill makes by these names stays a call", () => {
	const create = new Global("dill._dill", "_create_array");
	expect(read(new Call(create, [new Global("mine", "make"), tuple(), state]))).toBeInstanceOf(PyObject);
	expect(read(new Call(create, [reconstruct, made(ndarray), state, new Map<Part, Part>([["a", 1]])]))).toBeInstanceOf(
		PyObject,
	);
	expect(read(new Call(new Global("dill._dill", "_get_attr"), ["text", "upper"]))).toBeInstanceOf(PyObject);
	expect(String(read(imported("dill._dill", "_codecs", "encode")))).toBe("_codecs.encode");
});

test("an object array may hold itself", () => {
	const shared = new Shared(null);
	shared.part = new Call(reconstruct, made(ndarray) as Part[], arrayState([2], dtypePart("O8", "|"), [shared, 5]));
	const array = read(shared) as NDArray;
	expect([array.get(0), array.get(1)]).toEqual([array, 5]);
	const again = decode(encode(array)) as NDArray;
	expect(again.get(0)).toBe(again);
	expect(String(again)).toBe("[<array of object, shape (2,)> 5]");
});
