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
import type { PyValue } from "../values/value.ts";
import { isNested, itemsOf, positional, refuse, smallInteger } from "./arguments.ts";
import { entriesOf } from "./builtins.ts";
import { attributeDict, attributesOf, isCallable, plainObject } from "./objects.ts";
import type { Reducer } from "./reducer.ts";

/** `collections.OrderedDict`: a dict that Python compares in order. */
export class PyOrderedDict extends PyDict {
	/** Attributes that were set on it, if any: its pickled state. */
	state: PyValue | undefined = undefined;

	override get [Symbol.toStringTag](): string {
		return "PyOrderedDict";
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
		if (python === 2) return { callable, args: maxlen === null ? [items] : [items, maxlen] };
		return { callable, args: maxlen === null ? [] : [tuple(), maxlen], items };
	},
};

/** A class of plain attributes, of which `data` or `maps` is what it wraps. */
function wrapping<T extends { attributes: ReadonlyMap<string, PyValue> }>(
	name: string,
	field: string,
	type: new () => T,
	set: (made: T, value: PyValue) => void,
	get: (made: T) => PyValue,
): Reducer<T> {
	return {
		name: `collections.${name}`,
		create: () => new type(),
		takesLazy: (read) => name !== "UserString" && isNested(read),
		setState: (made, state, context) => {
			const attributes = attributesOf(state, context);
			const value = attributes.get(field);
			if (value !== undefined) set(made, value);
			attributes.delete(field);
			made.attributes = attributes;
		},
		types: [type],
		reduce: (made, context) => {
			const state = attributeDict([[field, get(made)], ...made.attributes], context);
			// An instance of an old class there.
			if (name === "UserDict" && context.python === 2)
				return { kind: "inst", callable: context.global("collections", name), args: [], state };
			// UserString gives its text to `__new__`.
			const args = name === "UserString" ? [get(made)] : [];
			return plainObject(["collections", name], context, { args, state });
		},
	};
}

const chainMap = wrapping(
	"ChainMap",
	"maps",
	PyChainMap,
	(made, value) => {
		made.maps = value;
	},
	(made) => made.maps,
);

const userTypes = (["UserDict", "UserList", "UserString"] as const).map((name) =>
	wrapping<PyUserDict | PyUserList | PyUserString>(
		name,
		"data",
		{ UserDict: PyUserDict, UserList: PyUserList, UserString: PyUserString }[name],
		(made, value) => {
			if (made instanceof PyUserString && typeof value !== "string" && !(value instanceof Uint8Array))
				throw refuse("the data of a UserString is to be a str");
			made.data = value as PyValue & string;
		},
		(made) => made.data,
	),
);

/** Python's module collections. */
export const collectionsReducers: readonly Reducer[] = [
	orderedDict,
	defaultdict,
	counter,
	deque,
	chainMap,
	...userTypes,
];
