import type { Signal } from "../bytes/platform.ts";
import { type Limits, resolveLimits } from "../limits.ts";
import type { Resolver } from "../opcodes/resolver.ts";
import type { MachineOptions } from "../opcodes/unpickler.ts";
import { indexReducers } from "../reducers/by-name.ts";
import type { Reducer } from "../reducers/reducer.ts";
import type { PyLargeBytes } from "../values/large.ts";
import type { PyValue } from "../values/value.ts";
import { resolveExtensions, resolveReducers } from "./names.ts";

/** How to decode. Each has one default. */
export interface DecodeOptions {
	/** What ints become. `"auto"` (default): a number if safe, else a bigint; `"bigint"`; `"long"`: a Long for 64 bits. */
	readonly integers?: "auto" | "bigint" | "long" | undefined;
	/** What floats become. `"auto"` (default): a number; `"exact"`: an integral one is a PyFloat, so that it stays a float. */
	readonly floats?: "auto" | "exact" | undefined;
	/**
	 * What Python 2's `str` becomes. `"auto"` (default): text where it is valid UTF-8, else bytes, string by string; `"latin1"` and
	 * `"bytes"` give one type throughout; `"ascii"` and `"utf-8"` refuse what they cannot read.
	 */
	readonly encoding?: "auto" | "ascii" | "latin1" | "utf-8" | "bytes" | undefined;
	/** Whether tuples are frozen arrays, which tells them from lists. `"frozen"` (default) or `"array"`. */
	readonly tuples?: "frozen" | "array" | undefined;
	/**
	 * When bytes and array data are copies: `"small"` (default) below 4 KiB, else views of the input; `"always"`; `"never"`. Data of
	 * arrays that no view serves is a copy all the same: of up to 64 bytes, not aligned, or in the other byte order.
	 */
	readonly copy?: "small" | "always" | "never" | undefined;
	/** How BINSTRING's length is read: `"signed"` (default), as Python does, or `"unsigned"`, for writers that overflowed. */
	readonly binstring?: "signed" | "unsigned" | undefined;
	/** What numpy scalars become: `"numpy"` (default), a NumpyScalar, or `"value"`, the bare value. */
	readonly scalars?: "numpy" | "value" | undefined;
	/** Whether names of Python 2 become those of Python 3 below protocol 3. Default true. */
	readonly fixImports?: boolean | undefined;
	/**
	 * Protocol 5's out-of-band buffers, in order; `readPickle` takes them of any length. Each decode goes through them from the
	 * start: a generator serves one.
	 */
	readonly buffers?: Iterable<ArrayBuffer | ArrayBufferView | PyLargeBytes> | undefined;
	/** Gives the value of a persistent id, or `"error"` to refuse them. Default: a PyPersistent. */
	readonly persistentLoad?: ((id: PyValue) => unknown) | "error" | undefined;
	/** The `module.name` of each code of `copyreg.add_extension`. Default: none. */
	readonly extensions?: ReadonlyMap<number, string> | undefined;
	/** What turns Python's objects into values; the later of two with one name wins. */
	readonly reducers?: readonly Reducer[] | undefined;
	/** What decoding may use at most. */
	readonly limits?: Partial<Limits> | undefined;
	/** `decodeAll` and `decodeStream`: whether a pickle sees the memo of those before it, as files of one Pickler need. Default false. */
	readonly keepMemo?: boolean | undefined;
}

const checkedApart = ["extensions", "reducers"];

const choices = {
	integers: ["auto", "bigint", "long"],
	floats: ["auto", "exact"],
	encoding: ["auto", "ascii", "latin1", "utf-8", "bytes"],
	tuples: ["frozen", "array"],
	copy: ["small", "always", "never"],
	binstring: ["signed", "unsigned"],
	scalars: ["numpy", "value"],
} as const;

/** What the other options are to be, in words, and how to tell. */
const others: Readonly<Record<string, readonly [kind: string, is: (value: unknown) => boolean]>> = {
	fixImports: ["true or false", isBoolean],
	keepMemo: ["true or false", isBoolean],
	buffers: [
		"an iterable of buffers",
		(value) => typeof (value as Iterable<unknown> | null)?.[Symbol.iterator] === "function",
	],
	persistentLoad: ['a function or "error"', (value) => value === "error" || typeof value === "function"],
	limits: ["an object of limits", (value) => typeof value === "object" && value !== null],
};

function isBoolean(value: unknown): boolean {
	return typeof value === "boolean";
}

type Choices = { [Name in keyof typeof choices]: (typeof choices)[Name][number] };

/** The options, whose ways to follow a work and to end it are right. @throws TypeError */
export function checkFollowing<T extends { readonly signal?: unknown; readonly onProgress?: unknown }>(options: T): T {
	checkObject(options);
	const { signal, onProgress } = options;
	if (signal !== undefined && typeof (signal as Signal | null)?.throwIfAborted !== "function")
		throw new TypeError("option signal is an AbortSignal");
	if (onProgress !== undefined && typeof onProgress !== "function")
		throw new TypeError("option onProgress is a function");
	return options;
}

/** @throws TypeError */
export function checkObject(options: unknown): void {
	if (typeof options !== "object" || options === null) throw new TypeError("options are an object");
}

/** @throws TypeError for an unknown option or value */
export function resolveDecodeOptions(options: DecodeOptions, defaultReducers: readonly Reducer[]): MachineOptions {
	checkObject(options);
	for (const [name, value] of Object.entries(options)) {
		if (Object.hasOwn(choices, name) || checkedApart.includes(name)) continue;
		const [kind, is] = (Object.hasOwn(others, name) && others[name]) || [];
		if (is === undefined) throw new TypeError(`unknown option "${name}"`);
		if (value !== undefined && !is(value)) throw new TypeError(`option ${name} is ${kind}`);
	}
	const chosen: Record<string, string> = {};
	for (const [name, values] of Object.entries(choices)) {
		const { [name as keyof Choices]: value = values[0] } = options;
		if (!(values as readonly string[]).includes(value)) {
			throw new TypeError(`option ${name} is one of ${values.join(", ")}, not ${String(value)}`);
		}
		chosen[name] = value;
	}
	const { integers, floats, encoding, tuples, copy, binstring, scalars } = chosen as Choices;
	// Written out: a spread gives objects of more than one shape, and those of one that is gone take optimised code with them.
	return {
		integers,
		floats,
		encoding,
		tuples,
		copy,
		binstring,
		scalars,
		fixImports: options.fixImports ?? true,
		keepMemo: options.keepMemo ?? false,
		persistentLoad: options.persistentLoad,
		buffers: options.buffers,
		extensions: new Map(resolveExtensions(options.extensions)),
		resolver: indexReducers(resolveReducers(options.reducers, defaultReducers)) satisfies Resolver,
		limits: resolveLimits(options.limits),
	};
}
