import { isLong, toLong } from "../bytes/int64.ts";
import { PyDict } from "../values/dict.ts";
import { KeyedEntries } from "../values/entries.ts";
import { PyGlobal, PyObject } from "../values/objects.ts";
import { Ellipsis, NotImplemented, PyByteArray, PyComplex, PyFloat, PyRange, PySlice } from "../values/scalars.ts";
import { PyFrozenSet, PySet } from "../values/set.ts";
import type { PyValue } from "../values/value.ts";
import { integer, isNested, itemsOf, positional, refuse } from "./arguments.ts";
import { encodeText } from "./codecs.ts";
import { unencodable } from "./objects.ts";
import type { CreateCall, DecodeContext, Reducer } from "./reducer.ts";

/** The items of a mutable object: its `__new__` alone makes an empty one, whatever the arguments. */
function filled(call: CreateCall, name: string, context: DecodeContext): PyValue[] {
	return call.kind === "new" ? [] : iterated(call, name, context);
}

function iterated(call: CreateCall, name: string, context: DecodeContext): PyValue[] {
	const [items] = positional(call, name, 0, 1);
	return items === undefined ? [] : itemsOf(items, context);
}

/** `set([...])`, as protocols 0 to 3 write sets; ADDITEMS is for 4 and later. */
const set: Reducer<PySet> = {
	name: "builtins.set",
	aliases: ["__builtin__.set"],
	create: (call, context) => context.keyed(new PySet(), filled(call, "set", context)),
};

const frozenset: Reducer<PyFrozenSet> = {
	name: "builtins.frozenset",
	aliases: ["__builtin__.frozenset"],
	create: (call, context) => context.keyed(new PyFrozenSet(), iterated(call, "frozenset", context)),
};

const list: Reducer<PyValue[]> = {
	name: "builtins.list",
	aliases: ["__builtin__.list"],
	create: (call, context) => filled(call, "list", context),
	takesLazy: isNested,
};

const tuple: Reducer<readonly PyValue[]> = {
	name: "builtins.tuple",
	aliases: ["__builtin__.tuple"],
	create: (call, context) => context.tuple(iterated(call, "tuple", context)),
	takesLazy: isNested,
};

const dict: Reducer<PyDict> = {
	name: "builtins.dict",
	aliases: ["__builtin__.dict"],
	takesLazy: isNested,
	create: ({ kind, args, kwargs }, context) => {
		if (kind === "new") return new PyDict();
		const [source] = positional({ args }, "dict", 0, 1);
		const entries = source === undefined ? [] : entriesOf(source, context);
		for (const [key, value] of kwargs ?? []) entries.push(key, value);
		return context.keyed(new PyDict(), entries);
	},
};

/** The entries of a dict, or of an iterable of pairs: key, value, key, value. */
export function entriesOf(source: PyValue, context: DecodeContext): PyValue[] {
	if (source instanceof PyDict) {
		context.charge(source.size);
		return [...KeyedEntries.entries(source)];
	}
	return itemsOf(source, context).flatMap((pair) => {
		if (Array.isArray(pair) && pair.length === 2) return pair as PyValue[];
		throw refuse("entries are to be pairs of key and value");
	});
}

/** `bytes(...)` and `bytearray(...)`: of nothing, bytes, ints, text and its encoding, or so many zeros. */
function bytesOf(call: CreateCall, name: string, context: DecodeContext): Uint8Array {
	const [source, encoding] = positional(call, name, 0, 2);
	if (source === undefined) return new Uint8Array(0);
	if (encoding !== undefined) {
		const encoded = encodeText(source, encoding, context);
		if (encoded === undefined) throw refuse(`${name} of text is to be in latin-1 or utf-8`);
		return encoded;
	}
	if (typeof source === "number" || typeof source === "bigint" || isLong(source))
		return zeros(Number(integer(source)), context);
	if (!Array.isArray(source)) return context.bytes(source);
	return Uint8Array.from(itemsOf(source, context), (item) => {
		const byte = Number(integer(item));
		if (byte >= 0 && byte <= 255) return byte;
		throw refuse(`${name} holds 0 to 255`);
	});
}

function zeros(count: number, context: DecodeContext): Uint8Array {
	if (count < 0) throw refuse("a negative count of bytes");
	context.charge(count / 8);
	return new Uint8Array(count);
}

const bytes: Reducer<Uint8Array> = {
	name: "builtins.bytes",
	aliases: ["__builtin__.bytes"],
	takesBytes: true,
	create: (call, context) => {
		const content = bytesOf(call, "bytes", context);
		context.charge(content.length / 8);
		return content.slice();
	},
};

const bytearray: Reducer<PyByteArray> = {
	name: "builtins.bytearray",
	aliases: ["__builtin__.bytearray"],
	takesBytes: true,
	create: (call, context) => {
		const content = call.kind === "new" ? new Uint8Array(0) : bytesOf(call, "bytearray", context);
		context.charge(content.length / 8);
		return new PyByteArray(content);
	},
};

const complex: Reducer<PyComplex> = {
	name: "builtins.complex",
	aliases: ["__builtin__.complex"],
	create: (call) => {
		const [re = 0, im = 0] = positional(call, "complex", 0, 2).map(real);
		return new PyComplex(re, im);
	},
	types: [PyComplex],
	reduce: ({ re, im }, context) => {
		if (typeof re !== "number" || typeof im !== "number") throw unencodable("a PyComplex without its parts");
		return { callable: context.global("builtins", "complex"), args: [new PyFloat(re), new PyFloat(im)] };
	},
};

function real(value: PyValue): number {
	if (typeof value === "number" || value instanceof PyFloat) return Number(value);
	if (typeof value === "bigint" || typeof value === "boolean" || isLong(value)) return Number(integer(value));
	throw refuse("complex takes numbers");
}

const range: Reducer<PyRange> = {
	name: "builtins.range",
	aliases: ["builtins.xrange", "__builtin__.xrange"],
	create: (call) => {
		const parts = positional(call, "range", 1, 3).map(integer);
		const [start, stop, step] = parts.length === 1 ? [0, parts[0], 1] : [parts[0], parts[1], parts[2] ?? 1];
		if (step === 0 || step === 0n) throw refuse("the step of a range cannot be 0");
		return new PyRange(start as number, stop as number, step as number);
	},
	types: [PyRange],
	reduce: ({ start, stop, step }, context) => ({
		callable: context.global("builtins", "range"),
		args: [start, stop, step],
	}),
};

const slice: Reducer<PySlice> = {
	name: "builtins.slice",
	aliases: ["__builtin__.slice"],
	create: (call) => {
		const args = positional(call, "slice", 1, 3);
		if (args.length === 1) return new PySlice(null, args[0] as PyValue);
		return new PySlice(args[0] as PyValue, args[1] as PyValue, args[2] ?? null);
	},
	types: [PySlice],
	reduce: ({ start, stop, step }, context) => ({
		callable: context.global("builtins", "slice"),
		args: [start, stop, step],
	}),
};

/** Classes whose call gives back what it is given, if that is of the class. Of anything else it stays a call. */
function conversion(name: string, aliases: readonly string[], convert: Convert): Reducer {
	return {
		name: `builtins.${name}`,
		aliases,
		create: ({ kind, callable, args, kwargs }, context) => {
			const converted = args.length > 1 || kwargs ? undefined : convert(args[0], context);
			return converted ?? new PyObject(kind, callable, args, kwargs);
		},
	};
}

type Convert = (value: PyValue | undefined, context: DecodeContext) => PyValue | undefined;

/** `int(5)`, also the long of Python 2; `int()` is 0. */
const int = conversion("int", ["__builtin__.int", "__builtin__.long"], (value, { options: { integers } }) => {
	if (value === undefined) return integers === "auto" ? 0 : integers === "long" ? toLong(0) : 0n;
	return typeof value === "bigint" || Number.isSafeInteger(value) || isLong(value) ? value : undefined;
});

/** `str("a")`, also the unicode of Python 2; `str()` is empty. */
const str = conversion("str", ["__builtin__.str", "__builtin__.unicode"], (value = "") => {
	return typeof value === "string" ? value : undefined;
});

/** `getattr(Outer, "Inner")` is how protocols below 4 name what lies in a class. */
const getattr: Reducer = {
	name: "builtins.getattr",
	aliases: ["__builtin__.getattr"],
	create: ({ args, kwargs }, context) => {
		const [owner, name] = args;
		const attribute = name === undefined ? undefined : context.text(name);
		if (owner instanceof PyGlobal && attribute !== undefined && args.length === 2) {
			return context.member(owner, attribute);
		}
		return new PyObject("call", context.global("builtins", "getattr"), args, kwargs);
	},
};

/** Names that are values rather than classes. */
const constants: readonly Reducer[] = [
	{ name: "builtins.Ellipsis", aliases: ["__builtin__.Ellipsis"], constant: Ellipsis, create: notCalled },
	{
		name: "builtins.NotImplemented",
		aliases: ["__builtin__.NotImplemented"],
		constant: NotImplemented,
		create: notCalled,
	},
];

function notCalled(): never {
	throw refuse("this is a value, which cannot be called");
}

/** Python's module builtins. */
export const builtinsReducers: readonly Reducer[] = /* @__PURE__ */ [
	set,
	frozenset,
	list,
	tuple,
	dict,
	bytes,
	bytearray,
	complex,
	range,
	slice,
	int,
	str,
	getattr,
].concat(constants);
