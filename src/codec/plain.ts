import { isLong } from "../bytes/int64.ts";
import { PickleError, quoted } from "../errors.ts";
import { DType } from "../numpy/dtype.ts";
import { MaskedArray, masked } from "../numpy/masked.ts";
import { NDArray, NumpyRecord } from "../numpy/ndarray.ts";
import { NumpyScalar } from "../numpy/scalar.ts";
import { PyDict } from "../values/dict.ts";
import { PyGlobal, PyObject, PyPersistent } from "../values/objects.ts";
import { PyComplex, PyFloat, PyRange, PySlice } from "../values/scalars.ts";
import { PyFrozenSet, PySet } from "../values/set.ts";
import { PyAtom, plainForm } from "../values/shown.ts";
import type { PyValue } from "../values/value.ts";
import { hasOwnText, keyText, objectParts, type PathStep, pathText } from "./parts.ts";
import { bigintText } from "./repr.ts";

/** How `toPlain` writes what JSON has no form for. */
export interface PlainOptions {
	/**
	 * Bigints and Longs: `"string"` (default), their digits, in decimal up to about 4,300 as in Python, beyond that in hexadecimal
	 * after `0x`; `"number"`, the nearest number; `"keep"`, bigints, which JSON.stringify refuses.
	 */
	readonly bigints?: "string" | "number" | "keep" | undefined;
	/** bytes and bytearray: `"base64"` (default) or `"hex"` text, or `"array"`, of numbers. */
	readonly bytes?: "base64" | "hex" | "array" | undefined;
	/**
	 * numpy arrays: `"nested"` (default), arrays in arrays; `"flat"`, `{ dtype, shape, data }` with the data in one
	 * array in C order, which keeps what nesting loses.
	 */
	readonly arrays?: "nested" | "flat" | undefined;
	/** How deep containers may lie in each other. Default 1,000, which JSON.stringify can take. */
	readonly maxDepth?: number | undefined;
	/**
	 * How many values may be written again because more than one place refers to them: a few bytes of a pickle can stand for
	 * more copies than any memory holds. Default: 2^20, and 32 for each value that is written for the first time.
	 */
	readonly maxCopies?: number | undefined;
}

/** What JSON can hold; with `bigints: "keep"` bigints too. */
export type PlainValue = null | boolean | number | bigint | string | PlainValue[] | { [key: string]: PlainValue };

/**
 * A decoded value as plain, mutable arrays and objects for JSON.
 *
 * - list, tuple, set and frozenset become arrays. dict becomes an object: its keys are text as Python's `str` gives
 *   it (`1`, `None`, `(1, 2)`); `__proto__` is a key like any other. JavaScript puts keys like `"2"` before the others.
 * - Numbers stay as they are; JSON.stringify makes null of NaN and the infinities. complex: `{ re, im }`.
 * - A class or function: `{ global: "module.name" }`. An object that no reducer knows: `{ class: "module.name" }` and, if
 *   there are any, `args`, `kwargs`, `state` (`states` if it was given several), `items`, `entries` as pairs and `calls`; `callable` in the
 *   place of `class` if that is no plain name. range and slice likewise. A persistent id: `{ persistent: id }`.
 * - numpy scalars become their value, datetime64 its text, dtypes text such as `"<f8"`. Rows of structured arrays become objects, what is
 *   masked null. Objects of other reducers become their text if they have
 *   any, else an object of their properties.
 *
 * @throws PickleError E_PLAIN, with the path, for a cycle, two keys of one dict with the same text, a key that has no
 * text, more levels than `maxDepth`, or more copies than `maxCopies`
 */
export function toPlain(value: PyValue, options: PlainOptions = {}): PlainValue {
	return new PlainWriter(options).write(value);
}

const choices = {
	bigints: ["string", "number", "keep"],
	bytes: ["base64", "hex", "array"],
	arrays: ["nested", "flat"],
};

type PlainContainer = PlainValue[] | { [key: string]: PlainValue };

/** A container at work: what it is made of, and what of it is already written. */
interface Frame {
	readonly source: object;
	readonly target: PlainContainer;
	/** The target's keys; undefined for arrays. */
	readonly keys: readonly string[] | undefined;
	/** The dict's keys, for the path. */
	readonly sourceKeys: readonly PyValue[] | undefined;
	readonly children: readonly PyValue[];
	next: number;
}

type Content = Pick<Frame, "keys" | "children"> & Partial<Pick<Frame, "sourceKeys">>;

/** Text and bytes from this length on are counted as copies when they come again: one for each such length. */
const LARGE = 1024;

/** A Set holds 2^24 values; containers past these count as copies. */
const MAX_SEEN = 2 ** 24 - 1;

class PlainWriter {
	readonly #options: { [Name in keyof typeof choices]-?: NonNullable<PlainOptions[Name]> };
	readonly #maxDepth: number;
	readonly #maxCopies: number | undefined;
	readonly #stack: Frame[] = [];
	/** The containers that the value at work lies in. */
	readonly #open = new Set<object>();
	readonly #seen = new Set<unknown>();
	readonly #bytesTexts = new Map<Uint8Array, string>();
	#copies = 0;
	#firsts = 0;

	constructor({ bigints, bytes, arrays, maxDepth, maxCopies }: PlainOptions) {
		this.#options = { bigints: bigints ?? "string", bytes: bytes ?? "base64", arrays: arrays ?? "nested" };
		this.#maxDepth = maxDepth ?? 1000;
		this.#maxCopies = maxCopies;
		for (const [name, values] of Object.entries(choices)) {
			const chosen = this.#options[name as keyof typeof choices] as string;
			if (!values.includes(chosen)) throw new TypeError(`option ${name} is one of ${values.join(", ")}, not ${chosen}`);
		}
	}

	write(root: PyValue): PlainValue {
		const written = this.#convert(root);
		for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
			if (frame.next === frame.children.length) {
				this.#stack.pop();
				this.#open.delete(frame.source);
				continue;
			}
			const index = frame.next++;
			const child = this.#convert(frame.children[index] as PyValue);
			place(frame.target, frame.keys?.[index], child);
		}
		return written;
	}

	/** The value's plain form; that of a container is still empty, and its frame is on the stack. */
	#convert(value: PyValue): PlainValue {
		switch (typeof value) {
			case "string":
				if (value.length >= LARGE) this.#see(value, value.length / LARGE);
				return value;
			case "number":
			case "boolean":
				return value;
			case "bigint":
				return this.#bigint(value);
			case "object":
				return value === null ? null : this.#convertObject(value);
			default:
				return null;
		}
	}

	#bigint(value: bigint): PlainValue {
		const { bigints } = this.#options;
		if (bigints === "keep") return value;
		return bigints === "number" ? Number(value) : (this.#convert(bigintText(value)) as string);
	}

	#convertObject(value: object): PlainValue {
		const inner = this.#options.arrays === "nested" ? this.#unwrapped(value) : value;
		if (inner !== value) return this.#convert(inner);
		if (value instanceof PyFloat) return value.valueOf();
		if (value instanceof Uint8Array) return this.#bytes(value);
		if (value === masked) return null;
		if (value instanceof NumpyScalar) return this.#convert(value.dtype.kind === "M" ? String(value) : value.valueOf());
		if (value instanceof DType) return dtypeText(value);
		if (isLong(value)) return this.#bigint(value.toBigInt());
		if (value instanceof NDArray || value instanceof MaskedArray) return this.#array(value);
		if (isMap(value)) return this.#enter(value, this.#dictContent(value));
		const form = (value as { [plainForm]?(): object })[plainForm]?.();
		if (form !== undefined)
			return this.#enter(value, isMap(form) ? this.#dictContent(form) : (contentOf(form) ?? propertiesOf(form)));
		const content = contentOf(value);
		if (content === undefined && hasOwnText(value)) return String(value);
		return this.#enter(value, content ?? propertiesOf(value));
	}

	/** The item of an array without dimensions, which may be another such array, or itself. */
	#unwrapped(value: PyValue): PyValue {
		const passed = new Set<PyValue>();
		let inner = value;
		while ((inner instanceof NDArray || inner instanceof MaskedArray) && inner.ndim === 0 && inner.dtype.kind === "O") {
			if (passed.has(inner) || this.#open.has(inner)) throw this.#error("a cycle: the value lies in itself", "");
			passed.add(inner);
			this.#see(inner, 1);
			inner = inner.toNested();
		}
		return inner;
	}

	#bytes(bytes: Uint8Array): PlainValue {
		if (bytes.length >= LARGE) this.#see(bytes, bytes.length / LARGE);
		if (this.#options.bytes === "array") return Array.from(bytes);
		let text = this.#bytesTexts.get(bytes);
		if (text === undefined) {
			text = this.#options.bytes === "hex" ? hexText(bytes) : base64Text(bytes);
			if (bytes.length >= LARGE) this.#bytesTexts.set(bytes, text);
		}
		return text;
	}

	#array(array: NDArray | MaskedArray): PlainValue {
		const { data, dtype, shape } = array;
		this.#chargeArray(data instanceof NDArray ? data : (array as NDArray));
		const times = dtype.kind === "M" && array instanceof NDArray;
		const nested = (times ? array.asType("U") : array).toNested();
		const plain = "bf".includes(dtype.kind) || ("iu".includes(dtype.kind) && dtype.itemsize < 8);
		if (this.#options.arrays === "flat") {
			const data = shape.length === 0 ? [nested] : (nested as PyValue[]).flat(shape.length - 1);
			return this.#enter(
				array,
				contentOfPairs([
					["dtype", dtype],
					["shape", [...shape]],
					["data", data],
				]),
			);
		}
		if (plain && array instanceof NDArray) return nested as PlainValue;
		return Array.isArray(nested) && shape.length > 0
			? this.#enter(array, { keys: undefined, children: nested })
			: this.#convert(nested);
	}

	/** An array of items of no size, or with an axis of none, can have any shape: what its data has not paid for counts. */
	#chargeArray(array: NDArray): void {
		let [lists, items] = [1, 1];
		for (const length of array.shape) lists += items *= length;
		this.#see(array, Math.min(lists, 4 * array.data.length + LARGE));
		this.#charge(Math.max(0, lists - 4 * array.data.length - LARGE));
	}

	#dictContent(dict: Iterable<readonly [PyValue, PyValue]>): Content {
		const [keys, sourceKeys, children]: [string[], PyValue[], PyValue[]] = [[], [], []];
		const taken = new Set<string>();
		for (const [key, value] of dict) {
			const text = key instanceof PyAtom ? String(key) : keyText(key);
			if (text === undefined) throw this.#error("a dict has a key that has no text or too long a one", "");
			if (typeof key !== "string") this.#charge(Math.floor(text.length / 64));
			if (taken.has(text)) throw this.#error(`a dict has two keys that are both ${quoted(text)} as text`, "");
			taken.add(text);
			keys.push(text);
			sourceKeys.push(key);
			children.push(value);
		}
		return { keys, sourceKeys, children };
	}

	#enter(source: object, { keys, sourceKeys, children }: Content): PlainContainer {
		if (this.#open.has(source)) throw this.#error("a cycle: the value lies in itself", "");
		if (this.#stack.length >= this.#maxDepth)
			throw this.#error(`more than ${this.#maxDepth} levels`, "; raise maxDepth");
		this.#see(source, children.length + 1);
		this.#open.add(source);
		const target: PlainContainer = keys ? {} : [];
		this.#stack.push({ source, target, keys, sourceKeys, children, next: 0 });
		return target;
	}

	/** Counts what is seen again as copies. */
	#see(value: unknown, cost: number): void {
		if (this.#seen.has(value) || this.#seen.size >= MAX_SEEN) this.#charge(cost);
		else {
			this.#seen.add(value);
			this.#firsts += cost;
		}
	}

	#charge(copies: number): void {
		this.#copies += copies;
		const bound = this.#maxCopies ?? 2 ** 20 + 32 * this.#firsts;
		if (this.#copies <= bound) return;
		throw this.#error(
			`copies of what several places refer to, more than ${Math.floor(bound)}`,
			"; raise maxCopies if that is meant",
		);
	}

	#error(found: string, advice: string): PickleError {
		const path = pathText(this.#stack.map(stepOf));
		return new PickleError("E_PLAIN", `no plain form: ${found}, at ${path}${advice}`, { path });
	}
}

/** The step to the child at work. */
function stepOf({ keys, sourceKeys, next }: Frame): PathStep {
	const index = next - 1;
	return sourceKeys ? { key: sourceKeys[index] as PyValue } : (keys?.[index] ?? index);
}

/** Sets an own property, also where the prototype has a setter of that name. */
function place(target: PlainContainer, key: string | undefined, value: PlainValue): void {
	if (Array.isArray(target)) target.push(value);
	else if (key !== "__proto__") target[key as string] = value;
	else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function isMap(value: object): value is Map<PyValue, PyValue> {
	return value instanceof PyDict || value instanceof Map;
}

/** What a container other than a dict is written as; undefined for objects of unknown classes. */
function contentOf(value: object): Content | undefined {
	if (Array.isArray(value)) return { keys: undefined, children: value };
	if (isItems(value)) return { keys: undefined, children: Array.from(value) };
	if (value instanceof NumpyRecord) return contentOfPairs([...value.entries()]);
	if (value instanceof PyComplex)
		return contentOfPairs([
			["re", value.re],
			["im", value.im],
		]);
	if (value instanceof PyGlobal) return contentOfPairs([["global", String(value)]]);
	if (value instanceof PyPersistent) return contentOfPairs([["persistent", value.id]]);
	if (value instanceof PyObject) return contentOfObject(value);
	const name = value instanceof PyRange ? "range" : value instanceof PySlice ? "slice" : undefined;
	if (name === undefined) return undefined;
	const { start, stop, step } = value as PySlice;
	return contentOfPairs([
		["class", name],
		["args", [start, stop, step]],
	]);
}

function isItems(value: object): value is Iterable<PyValue> {
	if (value instanceof PySet || value instanceof PyFrozenSet || value instanceof Set) return true;
	return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function contentOfObject(object: PyObject): Content {
	const { callable, args, kwargs, states, items, entries, calls } = objectParts(object);
	const named = callable instanceof PyGlobal;
	return contentOfPairs([
		named ? ["class", String(callable)] : ["callable", callable],
		["args", args.length > 0 ? args : undefined],
		["kwargs", kwargs],
		states.length > 1 ? ["states", states] : ["state", states[0]],
		["items", items.length > 0 ? items : undefined],
		["entries", entries.length > 0 ? pairsOf(entries) : undefined],
		["calls", calls.length > 0 ? calls : undefined],
	]);
}

function pairsOf(entries: readonly PyValue[]): PyValue[] {
	return Array.from({ length: entries.length / 2 }, (_, i) => entries.slice(2 * i, 2 * i + 2));
}

function contentOfPairs(pairs: readonly (readonly [string, PyValue | undefined])[]): Content {
	const there = pairs.filter((pair): pair is readonly [string, PyValue] => pair[1] !== undefined);
	return { keys: there.map(([key]) => key), children: there.map(([, value]) => value) };
}

function propertiesOf(value: object): Content {
	return contentOfPairs(Object.entries(value) as [string, PyValue][]);
}

/** numpy's text of a dtype: `<f8`, or the list of its fields. */
function dtypeText(dtype: DType): string {
	return dtype.fields ? String(dtype) : dtype.str;
}

function hexText(bytes: Uint8Array): string {
	let text = "";
	for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
	return text;
}

function base64Text(bytes: Uint8Array): string {
	let text = "";
	for (let i = 0; i < bytes.length; i += 3072) {
		text += btoa(String.fromCharCode.apply(null, bytes.subarray(i, i + 3072) as unknown as number[]));
	}
	return text;
}
