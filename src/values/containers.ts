import { callLayout, labelOf } from "./callables.ts";
import { PyDict } from "./dict.ts";
import { compositeParts, equalityKey } from "./equality.ts";
import { PyGlobal } from "./objects.ts";
import { type Layout, plainForm, pythonLayout } from "./shown.ts";
import type { PyValue } from "./value.ts";

/** `collections.defaultdict`: a dict, and what Python calls to make the values that are missing. Nothing is called here. */
export class PyDefaultDict<K extends PyValue = PyValue, V extends PyValue = PyValue> extends PyDict<K, V> {
	/** A class or function, or null. */
	readonly factory: PyValue;

	constructor(factory: PyValue = null, entries?: Iterable<readonly [NoInfer<K>, NoInfer<V>]>) {
		super(entries);
		this.factory = factory;
	}

	override get [Symbol.toStringTag](): string {
		return "PyDefaultDict";
	}

	[pythonLayout](): Layout {
		const factory = this.factory instanceof PyGlobal ? this.factory.name : this.factory === null ? "None" : "<factory>";
		return { open: `defaultdict(${factory}, {`, close: "})", items: [], entries: this };
	}
}

/** `collections.Counter`: a dict of counts. */
export class PyCounter extends PyDict {
	override get [Symbol.toStringTag](): string {
		return "PyCounter";
	}

	[pythonLayout](): Layout {
		return { open: "Counter({", close: "})", items: [], entries: this, empty: "Counter()" };
	}
}

/** `collections.deque`. */
export class PyDeque {
	readonly items: PyValue[];
	/** How many items Python keeps at most; null for any number. */
	readonly maxlen: number | null;

	/** @throws TypeError for more items than maxlen */
	constructor(items: Iterable<PyValue> = [], maxlen: number | null = null) {
		this.items = Array.from(items);
		this.maxlen = maxlen;
		if (maxlen !== null && !(Number.isSafeInteger(maxlen) && maxlen >= this.items.length))
			throw new TypeError("maxlen of a deque is at least the number of its items");
	}

	get length(): number {
		return this.items.length;
	}

	[Symbol.iterator](): Iterator<PyValue> {
		return this.items[Symbol.iterator]();
	}

	[pythonLayout](): Layout {
		const { items, maxlen } = this;
		return { open: "deque([", close: maxlen === null ? "])" : `], maxlen=${maxlen})`, items };
	}

	[plainForm](): object {
		return this.items;
	}

	/** A deque cannot be a key. */
	[compositeParts](): undefined {
		return undefined;
	}
}

/** `collections.ChainMap`: dicts, of which the first that has a key gives its value. */
export class PyChainMap {
	/** Dicts and other mappings. */
	maps: PyValue;
	/** What was set on it beside. */
	attributes: ReadonlyMap<string, PyValue> = new Map();

	constructor(maps: PyValue = [new PyDict()]) {
		this.maps = maps;
	}

	/** The value of a key, from the first dict that has it; undefined if none has. */
	get(key: PyValue): PyValue | undefined {
		const maps: readonly PyValue[] = Array.isArray(this.maps) ? this.maps : [];
		const found = maps.find((map) => (map instanceof PyDict || map instanceof PyUserDict) && map.has(key));
		return (found as PyDict | undefined)?.get(key);
	}

	[pythonLayout](): Layout {
		const items = Array.isArray(this.maps) ? this.maps : [this.maps];
		return wrapperLayout("ChainMap", items, this.attributes);
	}

	[plainForm](): object {
		return Array.isArray(this.maps) ? this.maps : [this.maps];
	}

	[compositeParts](): undefined {
		return undefined;
	}
}

/** What it wraps, and behind that what was set beside, by name, which Python leaves out. */
function wrapperLayout(name: string, items: readonly PyValue[], attributes: ReadonlyMap<string, PyValue>): Layout {
	return attributes.size === 0 ? { open: `${name}(`, close: ")", items } : callLayout(name, items, attributes);
}

/** What wraps a dict, list or str so that a class can extend it: the value is `data`. */
abstract class Wrapper<Data extends PyValue> {
	data: Data;
	/** What was set on it beside. */
	attributes: ReadonlyMap<string, PyValue> = new Map();

	constructor(data: Data) {
		this.data = data;
	}
}

/** `collections.UserDict`, also Python 2's `UserDict.UserDict`. */
export class PyUserDict extends Wrapper<PyValue> {
	constructor(data: PyValue = new PyDict()) {
		super(data);
	}

	has(key: PyValue): boolean {
		return this.data instanceof PyDict && this.data.has(key);
	}

	get(key: PyValue): PyValue | undefined {
		return this.data instanceof PyDict ? this.data.get(key) : undefined;
	}

	[pythonLayout](): Layout {
		return wrapperLayout("UserDict", [this.data], this.attributes);
	}

	[plainForm](): object {
		return this.data instanceof PyDict ? this.data : [this.data];
	}

	[compositeParts](): undefined {
		return undefined;
	}
}

/** `collections.UserList`. */
export class PyUserList extends Wrapper<PyValue> {
	constructor(data: PyValue = []) {
		super(data);
	}

	[Symbol.iterator](): Iterator<PyValue> {
		return (Array.isArray(this.data) ? this.data : [])[Symbol.iterator]();
	}

	[pythonLayout](): Layout {
		return wrapperLayout("UserList", [this.data], this.attributes);
	}

	[plainForm](): object {
		return Array.isArray(this.data) ? this.data : [this.data];
	}

	[compositeParts](): undefined {
		return undefined;
	}
}

/** `collections.UserString`. */
export class PyUserString extends Wrapper<string | Uint8Array> {
	constructor(data: string | Uint8Array = "") {
		super(data);
	}

	override toString(): string {
		return typeof this.data === "string" ? this.data : String.fromCharCode(...this.data.subarray(0, 1000));
	}

	[pythonLayout](): Layout {
		return wrapperLayout("UserString", [this.data], this.attributes);
	}

	/** It equals a str of the same text. */
	[equalityKey](): string | undefined {
		if (typeof this.data !== "string") return undefined;
		return this.data.charCodeAt(0) === 0 ? `\0str${this.data}` : this.data;
	}
}

/** `types.SimpleNamespace`: attributes and nothing else. */
export class PySimpleNamespace {
	attributes: PyDict;

	constructor(attributes: PyDict = new PyDict()) {
		this.attributes = attributes;
	}

	/** An attribute; undefined if there is none of the name. */
	get(name: string): PyValue | undefined {
		return this.attributes.get(name);
	}

	[pythonLayout](): Layout {
		const names = [...this.attributes.keys()].map(labelOf);
		return { open: "namespace(", close: ")", items: [...this.attributes.values()], labels: names };
	}

	[plainForm](): object {
		return this.attributes;
	}

	[compositeParts](): undefined {
		return undefined;
	}
}
