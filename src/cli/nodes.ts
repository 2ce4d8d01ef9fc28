import { keyText, objectParts, type PathStep } from "../codec/parts.ts";
import { reprGlobal, reprText } from "../codec/repr.ts";
import { escapeControls } from "../errors.ts";
import { MaskedArray } from "../numpy/masked.ts";
import { NDArray, NumpyRecord } from "../numpy/ndarray.ts";
import { BitGenerator, RandomGenerator, RandomState, SeedSequence } from "../numpy/random.ts";
import { PyUserString } from "../values/containers.ts";
import { PyDict } from "../values/dict.ts";
import { PyGlobal, PyObject, PyPersistent } from "../values/objects.ts";
import { PySlice } from "../values/scalars.ts";
import { PyFrozenSet, PySet } from "../values/set.ts";
import { type Layout, pythonLayout } from "../values/shown.ts";
import type { PyValue } from "../values/value.ts";
import { arrayName, arrayTraits } from "./traits.ts";
import { counted } from "./words.ts";

/** What was set in an object that is no dict here: its keys need not be what a dict takes. */
class Entries {
	readonly #entries: readonly PyValue[];

	constructor(entries: readonly PyValue[]) {
		this.#entries = entries;
	}

	get size(): number {
		return this.#entries.length / 2;
	}

	*[Symbol.iterator](): Generator<[PyValue, PyValue]> {
		const entries = this.#entries;
		for (let i = 0; i + 1 < entries.length; i += 2) yield [entries[i] as PyValue, entries[i + 1] as PyValue];
	}
}

/** A value inside another, with what stands before it: `'key': `, `name=` or nothing. */
export interface Child {
	readonly label: string;
	readonly value: PyValue;
	readonly step: PathStep;
}

/** A value with others inside, as it is written: brackets and what stands between them. */
export interface Node {
	readonly open: string;
	readonly close: string;
	/** What stands for the whole if nothing is inside. */
	readonly empty?: string;
	/** What stands between the brackets in place of the children where these are not shown. */
	readonly folded: string;
	readonly total: number;
	/** Whether the children have names or keys: more of these are worth showing. */
	readonly isKeyed: boolean;
	readonly children: Iterable<Child>;
}

/** Whether a value may have others inside. */
export function hasInside(value: PyValue): value is object {
	if (typeof value !== "object" || value === null) return false;
	if (Array.isArray(value) || value instanceof PyDict || value instanceof PyObject) return true;
	if (value instanceof NDArray) return value.dtype.hasObject || (value.state ?? value.attributes) !== undefined;
	return pythonLayout in value || containers.some((type) => value instanceof type);
}

const containers = [
	PySet,
	PyFrozenSet,
	PyPersistent,
	PySlice,
	Map,
	Set,
	Entries,
	MaskedArray,
	NumpyRecord,
	RandomState,
	RandomGenerator,
	BitGenerator,
	SeedSequence,
];

/** How a value is written that has others inside. */
export function nodeOf(value: object): Node {
	if (pythonLayout in value) return layoutNode((value as Laid)[pythonLayout]());
	if (Array.isArray(value)) return Object.isFrozen(value) ? tupleNode(value) : listNode("[", value, "]");
	if (value instanceof PyDict || value instanceof Map || value instanceof Entries) return dictNode(value);
	if (value instanceof PyFrozenSet) return { ...setNode("frozenset({", value, "})"), empty: "frozenset()" };
	if (value instanceof PySet || value instanceof Set) return { ...setNode("{", value, "}"), empty: "set()" };
	if (value instanceof PyObject) return objectNode(value);
	if (value instanceof PyPersistent) return partsNode("<persistent id ", [["", value.id, "id"]], ">");
	const numpys = numpyNode(value);
	if (numpys !== undefined) return numpys;
	if (value instanceof PySlice) return partsNode("slice(", partsOf(["start", "stop", "step"], value), ")");
	return arrayNode(value as NDArray);
}

/** A value that says itself how it is written. */
interface Laid {
	[pythonLayout](): Layout;
}

/** The children of a dict go by their keys, others by their labels or places. */
function layoutNode({ open, close, items, labels, entries, empty = open + close }: Layout): Node {
	if (entries !== undefined)
		return { ...countedNode(open, entries.size, entriesOf(entries), close), isKeyed: true, empty };
	const node = countedNode(open, items.length, labelledItems(items, labels), close);
	return labels === undefined ? node : { ...node, folded: "...", isKeyed: true };
}

function* labelledItems(items: ArrayLike<PyValue>, labels: readonly string[] = []): Generator<Child> {
	for (let i = 0; i < items.length; i++) {
		const label = labels[i] ?? "";
		const name = label.replace(/=$/, "");
		yield {
			label: escapeControls(label.length > MAX_KEY ? `${label.slice(0, MAX_KEY)}...=` : label),
			value: items[i] as PyValue,
			step: name === "" ? i : name,
		};
	}
}

function listNode(open: string, items: readonly PyValue[], close: string): Node {
	return countedNode(open, items.length, itemsOf(items), close);
}

function countedNode(open: string, total: number, children: Iterable<Child>, close: string): Node {
	return { open, close, folded: `... ${counted(total, "item")}`, total, isKeyed: false, children };
}

function tupleNode(items: readonly PyValue[]): Node {
	return listNode("(", items, items.length === 1 ? ",)" : ")");
}

function* itemsOf(items: Iterable<PyValue>): Generator<Child> {
	let index = 0;
	for (const value of items) yield { label: "", value, step: index++ };
}

function setNode(open: string, items: Iterable<PyValue> & { readonly size: number }, close: string): Node {
	return countedNode(open, items.size, itemsOf(items), close);
}

function dictNode(dict: PyDict | Map<PyValue, PyValue> | Entries): Node {
	return { ...countedNode("{", dict.size, entriesOf(dict), "}"), isKeyed: true };
}

function* entriesOf(entries: Iterable<readonly [PyValue, PyValue]>): Generator<Child> {
	for (const [key, value] of entries) yield { label: `${keyLabel(key)}: `, value, step: { key } };
}

/** A value with its insides left out: `[... 3 items]`. */
export function foldedText({ open, folded, close }: Node): string {
	return open + folded + close;
}

/** Characters of a key that are shown. */
const MAX_KEY = 200;

function keyLabel(key: PyValue): string {
	if (typeof key === "string") return key.length > MAX_KEY ? `${reprText(key.slice(0, MAX_KEY))}...` : reprText(key);
	if (key instanceof PyUserString) return `UserString(${keyLabel(key.data)})`;
	const text = keyText(key) ?? (hasInside(key) ? foldedText(nodeOf(key)) : "...");
	return text.length > MAX_KEY ? `${text.slice(0, MAX_KEY)}...` : text;
}

/** Label, value and the name of the step to it. */
type Part = readonly [label: string, value: PyValue, step: string];

function partsNode(open: string, parts: readonly Part[], close: string): Node {
	const children = parts.map(([label, value, step]) => ({ label, value, step }));
	return { open, close, folded: "...", total: parts.length, isKeyed: true, children };
}

function partsOf<Name extends string>(names: readonly Name[], value: Readonly<Record<Name, PyValue>>): Part[] {
	return names.map((name) => ["", value[name], name]);
}

/**
 * `<module.Call(arg, name=arg)>` for a call that nothing was done to; else `<module.Class attribute=value, [items]>`, with args and
 * kwargs by name.
 */
function objectNode(object: PyObject): Node {
	const { callable, args, kwargs, states, items, entries, calls } = objectParts(object);
	const name = callable instanceof PyGlobal ? reprGlobal(callable) : "";
	const made: Child[] = name ? [] : [{ label: "callable=", value: callable, step: "callable" }];
	if (name && object.kind !== "new" && object.steps.length === 0) {
		for (const [index, value] of args.entries()) made.push({ label: "", value, step: index });
		for (const child of kwargs ? attributesOf(kwargs) : []) made.push(child);
		return { open: `<${name}(`, close: ")>", folded: "...", total: made.length, isKeyed: true, children: made };
	}
	if (args.length > 0) made.push({ label: "args=", value: args, step: "args" });
	if (kwargs) made.push({ label: "kwargs=", value: kwargs, step: "kwargs" });
	for (const state of states) {
		if (isAttributes(state)) made.push(...attributesOf(state));
		else made.push({ label: "state=", value: state, step: "state" });
	}
	if (items.length > 0) made.push({ label: "", value: [...items], step: "items" });
	if (entries.length > 0) made.push({ label: "", value: new Entries(entries), step: "entries" });
	for (const call of calls) made.push({ label: "then=", value: call, step: "calls" });
	return {
		open: `<${name} `,
		close: ">",
		empty: `<${name}>`,
		folded: "...",
		total: made.length,
		isKeyed: true,
		children: made,
	};
}

const NAME = /^[A-Za-z_]\w{0,99}$/;

/** Attributes of a state that are shown each by itself; more of them are shown as the dict they are. */
const MAX_ATTRIBUTES = 1000;

function isAttributes(state: PyValue): state is PyDict {
	if (!(state instanceof PyDict) || state.size > MAX_ATTRIBUTES) return false;
	for (const key of state.keys()) if (typeof key !== "string" || !NAME.test(key)) return false;
	return true;
}

function* attributesOf(attributes: PyDict): Generator<Child> {
	for (const [key, value] of attributes)
		yield { label: `${typeof key === "string" && NAME.test(key) ? key : keyLabel(key)}=`, value, step: { key } };
}

/** What numpy has beside arrays: rows, masked arrays and random generators. */
function numpyNode(value: object): Node | undefined {
	if (value instanceof NumpyRecord) return partsNode("np.void((", rowParts(value), value.length === 1 ? ",))" : "))");
	if (value instanceof MaskedArray)
		return partsNode("masked_array(", named(value, { data: "data", mask: "mask", fill_value: "fillValue" }), ")");
	if (value instanceof RandomState)
		return partsNode("RandomState(", named(value, { state: "state", bit_generator: "bitGenerator" }), ")");
	if (value instanceof RandomGenerator)
		return partsNode("Generator(", named(value, { bit_generator: "bitGenerator" }), ")");
	if (value instanceof BitGenerator)
		return partsNode(`${reprName(value.name)}(`, named(value, { state: "state", seed_sequence: "seedSequence" }), ")");
	if (!(value instanceof SeedSequence)) return undefined;
	const names = {
		entropy: "entropy",
		spawn_key: "spawnKey",
		pool_size: "poolSize",
		n_children_spawned: "childrenSpawned",
	} as const;
	return partsNode("SeedSequence(", named(value, names), ")");
}

function rowParts(record: NumpyRecord): Part[] {
	return [...record.entries()].map(([name, value]) => ["", value, name]);
}

/** Properties that are there, by Python's names for them. */
function named<T extends object>(value: T, names: Readonly<Record<string, keyof T & string>>): Part[] {
	return Object.entries(names)
		.filter(([, property]) => value[property] !== undefined)
		.map(([name, property]) => [`${name}=`, value[property] as PyValue, property]);
}

function reprName(name: string): string {
	return NAME.test(name) ? name : "BitGenerator";
}

/** An array of objects, or of a subclass that adds to the state. Items stand in C order; the shape says how they lie. */
function arrayNode(array: NDArray): Node {
	const { size, state, attributes } = array;
	if ((state ?? attributes) !== undefined) {
		const parts: Part[] = [["", array.slice(), "array"]];
		if (state !== undefined) parts.push(["state=", Object.freeze([...state.added]), "state"]);
		if (attributes !== undefined) parts.push(["attributes=", attributes, "attributes"]);
		return partsNode(`<${arrayName(array)} `, parts, ">");
	}
	const items = size > 0 ? array.reshape(size) : [];
	return countedNode(`${arrayName(array)}([`, size, itemsOf(items), `], ${arrayTraits(array)})`);
}
