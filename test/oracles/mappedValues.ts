import fc from "fast-check";
import Long from "long";
import {
	DType,
	Ellipsis,
	NDArray,
	NotImplemented,
	NumpyScalar,
	PyByteArray,
	PyComplex,
	PyDateTime,
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
	PyTimeDelta,
	PyTimeZone,
	type PyValue,
} from "../../src/index.ts";

/** A JavaScript value, and the one of picklet's own types that Python has for it. */
export interface Mapped {
	readonly value: unknown;
	readonly python: PyValue;
}

/** How a value is made, anew each time, so that cycles and sharing are those of one value. Prints and shrinks as data. */
export type Recipe =
	| { readonly kind: "atom"; readonly name: string; readonly data: unknown }
	| { readonly kind: "again"; readonly pick: number }
	| { readonly kind: string; readonly items: readonly Recipe[] }
	| { readonly kind: string; readonly entries: readonly (readonly [Recipe, Recipe])[] };

function atom<T>(name: string, data: fc.Arbitrary<T>): fc.Arbitrary<Recipe> {
	return data.map((made) => ({ kind: "atom", name, data: made }));
}

const text = fc.oneof(
	fc.string({ unit: "binary", maxLength: 12 }),
	fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
	fc.constantFrom("__proto__", "constructor", "1", "\ufeff", "\ud800", "\udc00", "line\nline\0", "back\\slash\\u0041"),
);
const line = fc.string({ maxLength: 5 }).filter((one) => /^[ -~]*$/.test(one));
const float = fc.oneof(fc.double(), fc.integer().map(Number), fc.constantFrom(-0, 5e-324, 2 ** 53, -(2 ** 31)));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const safe = fc.maxSafeInteger();
const octets = fc.uint8Array({ maxLength: 8 });
const DTYPES = ["|b1", "|i1", "<i2", ">i4", "<i8", "<u8", "<f4", ">f8", "<c16"];

const hashableAtoms = [
	atom("none", fc.constantFrom(null, undefined)),
	atom("same", fc.boolean()),
	atom("same", safe),
	atom("same", text),
	// A Map's key is never -0.
	atom(
		"number",
		float.filter((one) => !(Number.isNaN(one) || Object.is(one, -0))),
	),
	atom("same", fc.oneof(int64, fc.bigInt())),
	atom("Long", int64),
	atom(
		"PyFloat",
		float.filter((one) => !Number.isNaN(one)),
	),
	atom("Uint8Array", octets),
	atom("Buffer", octets),
	atom("ArrayBuffer", octets),
	atom("DataView", octets),
	atom("Uint8ClampedArray", octets),
	atom(
		"PyComplex",
		fc.tuple(float, float).filter((pair) => !pair.some(Number.isNaN)),
	),
	atom("PyRange", fc.tuple(safe, safe, fc.constantFrom(1, -1, 7))),
	atom("constant", fc.constantFrom("Ellipsis", "NotImplemented")),
	atom("PyGlobal", fc.tuple(fc.constantFrom("mine", "a.b"), fc.constantFrom("Point", "Outer.Inner"))),
] as const;

const { hashable, anything } = fc.letrec<{ hashable: Recipe; anything: Recipe }>((tie) => {
	const items = (kind: string, item: fc.Arbitrary<Recipe>, maxLength = 4) =>
		fc.array(item, { maxLength }).map((made) => ({ kind, items: made }));
	const entries = (kind: string, key: fc.Arbitrary<Recipe>) =>
		fc.array(fc.tuple(key, tie("anything")), { maxLength: 4 }).map((made) => ({ kind, entries: made }));
	return {
		hashable: fc.oneof(
			{ maxDepth: 2, withCrossShrink: true },
			{ weight: 6, arbitrary: fc.oneof(...hashableAtoms) },
			{ weight: 1, arbitrary: items("tuple", tie("hashable")) },
			{ weight: 1, arbitrary: items("PyFrozenSet", tie("hashable")) },
		),
		anything: fc.oneof(
			{ maxDepth: 4, withCrossShrink: true },
			{ weight: 6, arbitrary: fc.oneof(...hashableAtoms) },
			atom("number", float),
			atom("PyByteArray", octets),
			atom("Date", fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true })),
			atom("PyPersistent", line),
			atom("typed", fc.tuple(fc.constantFrom("Int8Array", "Uint16Array", "Int32Array", "Float64Array"), octets)),
			atom("NDArray", fc.tuple(fc.constantFrom(...DTYPES), fc.boolean(), octets)),
			atom("NumpyScalar", fc.tuple(fc.constantFrom("<i4", "<f8"), fc.integer({ min: -9, max: 9 }))),
			{ weight: 4, arbitrary: fc.nat().map((pick): Recipe => ({ kind: "again", pick })) },
			{ weight: 3, arbitrary: items("list", tie("anything")) },
			{ weight: 2, arbitrary: items("tuple", tie("anything")) },
			items("PySlice", tie("hashable"), 3),
			...["Set", "PySet", "PyFrozenSet"].map((kind) => items(kind, tie("hashable"))),
			...["Map", "PyDict", "PyOrderedDict"].map((kind) => entries(kind, tie("hashable"))),
			...["object", "null-prototype object"].map((kind) => entries(kind, atom("same", text))),
			...["call", "new"].map((kind) => items(kind, tie("anything"))),
		),
	};
});

/** Values of every row of the two tables of the value mapping; as keys and members those that Python can hash. */
export const recipes: fc.Arbitrary<Recipe> = fc.oneof(
	{ weight: 9, arbitrary: anything },
	{ weight: 1, arbitrary: hashable },
);

/** Makes the value. Instances made by NEWOBJ are calls below the protocol that has it. */
export function prepared(recipe: Recipe, protocol: number): Mapped {
	return new Kitchen(protocol).make(recipe);
}

class Kitchen {
	readonly #hasNew: boolean;
	/** What another part of the value may refer to: finished, or a container that can hold itself. */
	readonly #known: Mapped[] = [];
	#inKey = false;

	constructor(protocol: number) {
		this.#hasNew = protocol >= 2;
	}

	make(recipe: Recipe): Mapped {
		if ("pick" in recipe) {
			const known = this.#known[recipe.pick % this.#known.length];
			return known ?? { value: null, python: null };
		}
		if ("name" in recipe) return this.#atom(recipe.name, recipe.data);
		return "entries" in recipe ? this.#entries(recipe.kind, recipe.entries) : this.#items(recipe.kind, recipe.items);
	}

	#know(made: Mapped): Mapped {
		if (!this.#inKey) this.#known.push(made);
		return made;
	}

	/** A key or member, which nothing else refers to: classes that hold keys take picklet's own types only. */
	#key(recipe: Recipe): Mapped {
		const outer = this.#inKey;
		this.#inKey = true;
		const made = this.make(recipe);
		this.#inKey = outer;
		return made;
	}

	/** Numbers, text and bytes have no identity that is kept apart; the others may be referred to. */
	#atom(name: string, data: unknown): Mapped {
		const made = atomOf(name, data);
		const identity = /^(PyByteArray|Date|PyPersistent|typed|NDArray)$/.test(name);
		return identity ? this.#know(made) : made;
	}

	#items(kind: string, items: readonly Recipe[]): Mapped {
		if (kind === "list") return this.#list(items);
		if (kind === "call" || kind === "new") return this.#object(this.#hasNew ? kind : "call", items);
		const made = items.map((item) => (kind.endsWith("Set") ? this.#key(item) : this.make(item)));
		const values = made.map(({ value }) => value);
		const pythons = made.map(({ python }) => python);
		if (kind === "tuple") return this.#know({ value: Object.freeze(values), python: Object.freeze(pythons) });
		if (kind === "PySlice") {
			const parts = [0, 1, 2].map((i) => [values[i] ?? null, pythons[i] ?? null] as const);
			const [start, stop, step] = parts as [(typeof parts)[0], (typeof parts)[0], (typeof parts)[0]];
			const value = new PySlice(start[0] as PyValue, stop[0] as PyValue, step[0] as PyValue);
			return { value, python: new PySlice(start[1], stop[1], step[1]) };
		}
		return this.#know(membersOf(kind, made));
	}

	#list(items: readonly Recipe[]): Mapped {
		const value: unknown[] = [];
		const python: PyValue[] = [];
		const list = this.#know({ value, python });
		for (const item of items) {
			const made = this.make(item);
			value.push(made.value);
			python.push(made.python);
		}
		return list;
	}

	/** The first half are arguments; then a state, and what is appended and set. */
	#object(kind: "call" | "new", items: readonly Recipe[]): Mapped {
		const half = Math.ceil(items.length / 2);
		const args = items.slice(0, half).map((item) => this.make(item));
		const type = new PyGlobal("mine", "Point");
		const value = new PyObject(kind, type, Object.freeze(args.map((one) => one.value as PyValue)));
		const python = new PyObject(kind, type, Object.freeze(args.map((one) => one.python)));
		const object = this.#know({ value, python });
		for (const [i, item] of items.slice(half).entries()) {
			const made = this.make(item);
			for (const [target, part] of [
				[value, made.value as PyValue],
				[python, made.python],
			] as const) {
				if (i === 0 && part !== null && part !== undefined) target.steps.push({ kind: "state", state: part });
				else target.steps.push({ kind: "items", items: [part] }, { kind: "entries", entries: ["key", part] });
			}
		}
		return object;
	}

	#entries(kind: string, entries: readonly (readonly [Recipe, Recipe])[]): Mapped {
		const python = kind === "PyOrderedDict" ? new PyOrderedDict() : new PyDict();
		const value = emptyOf(kind);
		const made = this.#know({ value, python });
		const put = putterOf(value);
		for (const [keyRecipe, itemRecipe] of entries) {
			const key = this.#key(keyRecipe);
			if (python.has(key.python)) continue;
			const item = this.make(itemRecipe);
			python.set(key.python, item.python);
			put(value instanceof PyDict ? key.python : key.value, item.value);
		}
		if (kind.endsWith("object")) inOrderOf(value, python);
		return made;
	}
}

function membersOf(kind: string, made: readonly Mapped[]): Mapped {
	const members = new PySet();
	const kept = made.filter(({ python }) => {
		const isNew = !members.has(python);
		members.add(python);
		return isNew;
	});
	const values = kept.map(({ value }) => value) as PyValue[];
	const pythons = kept.map(({ python }) => python);
	if (kind === "PyFrozenSet") return { value: new PyFrozenSet(pythons), python: new PyFrozenSet(pythons) };
	const value = kind === "Set" ? new Set(values) : new PySet(pythons);
	return { value, python: new PySet(pythons) };
}

function emptyOf(kind: string): object {
	switch (kind) {
		case "Map":
			return new Map();
		case "PyDict":
			return new PyDict();
		case "PyOrderedDict":
			return new PyOrderedDict();
		default:
			return kind === "object" ? {} : Object.create(null);
	}
}

function putterOf(value: object): (key: unknown, item: unknown) => void {
	if (value instanceof PyDict || value instanceof Map) {
		return (key, item) => {
			(value as Map<unknown, unknown>).set(key, item);
		};
	}
	return (key, item) => {
		Object.defineProperty(value, key as string, { value: item, enumerable: true, configurable: true, writable: true });
	};
}

/** Names that are numbers come first in JavaScript's objects. */
function inOrderOf(value: object, python: PyDict): void {
	const items = Object.keys(value).map((key) => [key, python.get(key) as PyValue] as const);
	python.clear();
	for (const [key, item] of items) python.set(key, item);
}

function atomOf(name: string, data: unknown): Mapped {
	const same = (value: PyValue): Mapped => ({ value, python: value });
	const bytes = () => Uint8Array.from(data as Uint8Array);
	const buffer = () => bytes().buffer;
	switch (name) {
		case "none":
			return { value: data, python: null };
		case "same":
			return same(data as PyValue);
		case "number": {
			const number = data as number;
			const isInt = Number.isSafeInteger(number) && !Object.is(number, -0);
			return { value: number, python: isInt ? number : new PyFloat(number) };
		}
		case "Long":
			return { value: Long.fromString(String(data)), python: data as bigint };
		case "PyFloat":
			return same(new PyFloat(data as number));
		case "Uint8Array":
			return same(bytes());
		case "Buffer":
			return { value: Buffer.from(bytes()), python: bytes() };
		case "ArrayBuffer":
			return { value: buffer(), python: bytes() };
		case "DataView":
			return { value: new DataView(buffer()), python: bytes() };
		case "Uint8ClampedArray":
			return { value: new Uint8ClampedArray(buffer()), python: bytes() };
		case "PyByteArray":
			return same(new PyByteArray(bytes()));
		case "PyPersistent":
			return same(new PyPersistent(data as string));
		case "constant":
			return same(data === "Ellipsis" ? Ellipsis : NotImplemented);
		case "Date": {
			const date = new Date(data as Date);
			return { value: date, python: inUtc(date) };
		}
		default:
			return partsOf(name, data as never);
	}
}

/** Python's zone of all Dates: one object. */
const UTC = new PyTimeZone(new PyTimeDelta(0));

function inUtc(date: Date): PyDateTime {
	return new PyDateTime({
		year: date.getUTCFullYear(),
		month: date.getUTCMonth() + 1,
		day: date.getUTCDate(),
		hour: date.getUTCHours(),
		minute: date.getUTCMinutes(),
		second: date.getUTCSeconds(),
		microsecond: 1000 * date.getUTCMilliseconds(),
		tzinfo: UTC,
	});
}

/** What is made of several parts. */
function partsOf(name: string, data: readonly [never, never, never]): Mapped {
	const [first, second, third] = data;
	const same = (value: PyValue): Mapped => ({ value, python: value });
	switch (name) {
		case "PyComplex":
			return same(new PyComplex(first, second));
		case "PyRange":
			return same(new PyRange(first, second, third));
		case "PyGlobal":
			return same(new PyGlobal(first, second));
		case "NumpyScalar":
			return same(new NumpyScalar(DType.of(first), second));
		case "NDArray":
			return same(arrayOf(first, second, third));
		default:
			return typedOf(first, second);
	}
}

const typed: Readonly<Record<string, readonly [new (items: readonly number[]) => NDArray["data"], string]>> = {
	Int8Array: [Int8Array, "|i1"],
	Uint16Array: [Uint16Array, "<u2"],
	Int32Array: [Int32Array, "<i4"],
	Float64Array: [Float64Array, "<f8"],
};

function typedOf(name: string, items: Uint8Array): Mapped {
	const [Type, dtype] = typed[name] as (typeof typed)[string];
	const value = new Type([...items]);
	return { value, python: new NDArray(value, DType.of(dtype), [items.length]) };
}

/** An array of two axes, in C or Fortran order. */
function arrayOf(text: string, fortran: boolean, items: Uint8Array): NDArray {
	const dtype = DType.of(text);
	const columns = Math.max(1, items.length >> 1);
	const count = columns * 2 * (dtype.kind === "c" ? 2 : 1);
	const numbers = Array.from({ length: count }, (_, i) => items[i % (items.length || 1)] ?? i);
	const data = (memoryTypes[dtype.code] as (numbers: readonly number[]) => NDArray["data"])(numbers);
	return new NDArray(data, dtype, [2, columns], fortran ? [1, 2] : [columns, 1]);
}

const memoryTypes: Readonly<Record<string, (numbers: readonly number[]) => NDArray["data"]>> = {
	b1: (numbers) => Uint8Array.from(numbers, (one) => one % 2),
	i1: (numbers) => Int8Array.from(numbers),
	i2: (numbers) => Int16Array.from(numbers),
	i4: (numbers) => Int32Array.from(numbers),
	i8: (numbers) => BigInt64Array.from(numbers.map(BigInt)),
	u8: (numbers) => BigUint64Array.from(numbers.map(BigInt)),
	f4: (numbers) => Float32Array.from(numbers),
	f8: (numbers) => Float64Array.from(numbers),
	c16: (numbers) => Float64Array.from(numbers),
};
