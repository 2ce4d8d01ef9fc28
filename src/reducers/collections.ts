import {
	PyChainMap,
	PyCounter,
	PyDefaultDict,
	PyDeque,
	PyUserDict,
	PyUserList,
	PyUserString,
} from "../values/containers.ts";
import { PyDict } from "../values/dict.ts";
import { PyObject } from "../values/objects.ts";
import { PyRange } from "../values/scalars.ts";
import { PyFrozenSet, PySet } from "../values/set.ts";
import { type Layout, pythonLayout } from "../values/shown.ts";
import type { PyValue } from "../values/value.ts";
import { isNested, itemsOf, positional, refuse, smallInteger } from "./arguments.ts";
import { entriesOf } from "./builtins.ts";
import { attributeDict, attributesOf, isCallable, plainObject, unencodable } from "./objects.ts";
import type { DecodeContext, Reducer } from "./reducer.ts";

/** `collections.OrderedDict`: a dict that Python compares in order. */
export class PyOrderedDict<K extends PyValue = PyValue, V extends PyValue = PyValue> extends PyDict<K, V> {
	/** Attributes that were set on it, if any: its pickled state. */
	state: PyValue | undefined = undefined;

	override get [Symbol.toStringTag](): string {
		return "PyOrderedDict";
	}

	[pythonLayout](): Layout {
		return { open: "OrderedDict({", close: "})", items: [], entries: this, empty: "OrderedDict()" };
	}
}

/** Python 2 gives the entries as a list of lists, Python 3 sets them afterwards. */
const orderedDict: Reducer<PyOrderedDict> = {
	name: "collections.OrderedDict",
	create: (call, context) => {
		const [source] = call.kind === "new" ? [] : positional(call, "OrderedDict", 0, 1);
		return context.keyed(new PyOrderedDict(), source === undefined ? [] : entriesOf(source, context));
	},
	takesLazy: isNested,
	setState: (dict, state) => {
		const parts = Array.isArray(state) && state.length === 2 ? state : [state];
		if (!parts.every((part) => part === null || part instanceof PyDict))
			throw refuse("an OrderedDict's state is a dict of attributes");
		dict.state = state;
	},
	types: [PyOrderedDict],
	reduce: (dict, { python, global }) => {
		const callable = global("collections", "OrderedDict");
		const { state } = dict;
		// Lists of key and value, as Python 2 has them.
		if (python === 2) return { callable, args: [[...dict.entries()]], state };
		return { callable, args: [], entries: [...dict.entries()].flat(), state };
	},
};

/** `defaultdict(factory)`, whose entries are set afterwards. The factory is what Python would call. */
const defaultdict: Reducer<PyDefaultDict> = {
	name: "collections.defaultdict",
	create: (call, context) => {
		const [factory = null, source] = call.kind === "new" ? [] : positional(call, "defaultdict", 0, 2);
		if (factory !== null && !isCallable(factory))
			throw refuse("the factory of a defaultdict is to be a class, a function or None");
		return context.keyed(new PyDefaultDict(factory), source === undefined ? [] : entriesOf(source, context));
	},
	takesLazy: isNested,
	setState: ignored,
	types: [PyDefaultDict],
	reduce: (dict, { global }) => ({
		callable: global("collections", "defaultdict"),
		args: dict.factory === null ? [] : [dict.factory],
		entries: [...dict.entries()].flat(),
	}),
};

/** `Counter({...})` */
const counter: Reducer<PyCounter> = {
	name: "collections.Counter",
	create: (call, context) => {
		const [source] = call.kind === "new" ? [] : positional(call, "Counter", 0, 1);
		if (source !== undefined && !(source instanceof PyDict)) throw refuse("a Counter is to be made of a dict");
		return context.keyed(new PyCounter(), source === undefined ? [] : entriesOf(source, context));
	},
	setState: ignored,
	types: [PyCounter],
	reduce: (counts, { global }) => ({ callable: global("collections", "Counter"), args: [new PyDict(counts)] }),
};

/** A state is for the attributes of subclasses, which are other classes. */
function ignored(_object: unknown, state: PyValue): void {
	if (state !== null) throw refuse("this class takes no state");
}

/** `deque()` or `deque((), maxlen)` and items afterwards; in Python 2 `deque([...], maxlen)`. */
const deque: Reducer<PyDeque> = {
	name: "collections.deque",
	create: (call, context) => {
		const [items, maxlen = null] = call.kind === "new" ? [] : positional(call, "deque", 0, 2);
		const length = maxlen === null ? null : smallInteger(maxlen, 0, Number.MAX_SAFE_INTEGER);
		return new PyDeque(items === undefined ? [] : itemsOf(items, context), length);
	},
	extend: (made, added, context) => {
		if (made.maxlen !== null && made.length + added.length > made.maxlen)
			throw refuse(`a deque of at most ${made.maxlen} items cannot have ${made.length + added.length}`);
		context.charge(added.length / 8);
		let at = made.items.length;
		for (const item of added) made.items[at++] = item;
	},
	takesLazy: (read, what) => what === "items" || isNested(read),
	setState: ignored,
	types: [PyDeque],
	reduce: ({ items, maxlen }, { global, python, tuple }) => {
		const callable = global("collections", "deque");
		if (maxlen !== null && items.length > maxlen)
			throw unencodable(`a deque of ${items.length} items, which can have ${maxlen},`);
		// A list of its own each time, as in Python 2: one that is not finished would be taken as it is.
		if (python === 2) return { callable, args: maxlen === null ? [[...items]] : [[...items], maxlen] };
		return { callable, args: maxlen === null ? [] : [tuple(), maxlen], items };
	},
};

/** A class of plain attributes, of which `field` is what it wraps. */
interface Wrapping<T> {
	readonly field: "data" | "maps";
	readonly type: new () => T;
	/** What its call makes, or undefined for arguments that only Python can read. */
	make(args: readonly PyValue[], context: DecodeContext): T | undefined;
	/** The arguments of its `__new__`, which object's leaves unread. */
	newArgs?(made: T): readonly PyValue[];
	set(made: T, value: PyValue): void;
	get(made: T): PyValue;
}

function wrapping<T extends { attributes: ReadonlyMap<string, PyValue> }>(
	name: string,
	{ field, type, make, newArgs, set, get }: Wrapping<T>,
): Reducer<T | PyObject> {
	return {
		name: `collections.${name}`,
		create: (call, context) => {
			if (call.kind === "call") {
				const args = positional(call, name, 0, name === "ChainMap" ? call.args.length : 1);
				return make(args, context) ?? new PyObject("call", call.callable, call.args);
			}
			const [given] = positional(call, name, 0, newArgs ? 1 : 0);
			const made = new type();
			if (given !== undefined) set(made, given);
			return made;
		},
		takesLazy: (read) => name !== "UserString" && isNested(read),
		setState: (made, state, context) => {
			const attributes = attributesOf(state, context);
			const value = attributes.get(field);
			if (value !== undefined) set(made as T, value);
			attributes.delete(field);
			(made as T).attributes = attributes;
		},
		types: [type],
		reduce: (wrapper, context) => {
			const made = wrapper as T;
			const state = attributeDict([[field, get(made)], ...made.attributes], context);
			// An instance of an old class there.
			if (name === "UserDict" && context.python === 2)
				return { kind: "inst", callable: context.global("collections", name), args: [], state };
			return plainObject(["collections", name], context, { args: newArgs?.(made) ?? [], state });
		},
	};
}

const chainMap = wrapping<PyChainMap>("ChainMap", {
	field: "maps",
	type: PyChainMap,
	make: (args) => new PyChainMap(args.length === 0 ? undefined : [...args]),
	set: (made, value) => {
		made.maps = value;
	},
	get: (made) => made.maps,
});

const data = {
	field: "data" as const,
	set: (made: { data: PyValue }, value: PyValue) => {
		made.data = value;
	},
	get: (made: { data: PyValue }) => made.data,
};

/** Of a dict or pairs it makes a dict of its own. */
const userDict = wrapping<PyUserDict>("UserDict", {
	...data,
	type: PyUserDict,
	make: ([source = null], context) => {
		const given = source instanceof PyUserDict ? source.data : source;
		if (given !== null && !isIterable(given)) return undefined;
		return new PyUserDict(context.keyed(new PyDict(), given === null ? [] : entriesOf(given, context)));
	},
});

const userList = wrapping<PyUserList>("UserList", {
	...data,
	type: PyUserList,
	make: ([source = null], context) => {
		const given = source instanceof PyUserList ? source.data : source;
		if (given !== null && !isIterable(given)) return undefined;
		return new PyUserList(given === null ? [] : itemsOf(given, context));
	},
});

/** Whether `itemsOf` can say what iterating over the value gives. */
function isIterable(value: PyValue): boolean {
	const types = [Uint8Array, PyDict, PySet, PyFrozenSet, PyRange];
	return Array.isArray(value) || typeof value === "string" || types.some((type) => value instanceof type);
}

const userString = wrapping<PyUserString>("UserString", {
	field: "data",
	type: PyUserString,
	make: ([source]) => {
		const text = source instanceof PyUserString ? source.data : source;
		return isText(text) ? new PyUserString(text) : undefined;
	},
	newArgs: ({ data: text }) => [text],
	set: (made, value) => {
		if (!isText(value)) throw refuse("the data of a UserString is to be a str");
		made.data = value;
	},
	get: (made) => made.data,
});

function isText(value: PyValue | undefined): value is string | Uint8Array {
	return typeof value === "string" || value instanceof Uint8Array;
}

/** Python's module collections. */
export const collectionsReducers: readonly Reducer[] = [
	orderedDict,
	defaultdict,
	counter,
	deque,
	chainMap,
	userDict,
	userList,
	userString,
];
