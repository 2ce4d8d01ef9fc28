import { payloadLimits } from "../opcodes/lengths.ts";
import type { PicklerOptions } from "../opcodes/pickler.ts";
import type { EncodeReducer, EncodeResolver } from "../opcodes/reduction.ts";
import type { Reducer } from "../reducers/reducer.ts";
import type { PyLargeBytes } from "../values/large.ts";
import type { PyGlobal } from "../values/objects.ts";
import { globalOf, resolveExtensions, resolveReducers } from "./names.ts";
import { checkObject } from "./options.ts";

/** Takes a buffer. A method's type, so that a function of Uint8Arrays will do where no array is longer than one. */
export type BufferTaker = { take(buffer: Uint8Array | PyLargeBytes): unknown }["take"];

/** How to encode. Each has one default. */
export interface EncodeOptions {
	/** 0 to 5. Default 4, which Python 3.4 and later read; with `python: 2` it is 2, the highest there. */
	readonly protocol?: 0 | 1 | 2 | 3 | 4 | 5 | undefined;
	/**
	 * 2 writes for Python 2.7, as its own `pickle.py` does: bytes are str, strings are unicode, names are Python 2's. Default 3. Python 2
	 * also reads what is written for Python 3 at protocols 0 to 2, but for what it has no class for, such as the zone of a Date.
	 */
	readonly python?: 2 | 3 | undefined;
	/**
	 * The generation of numpy that is to read arrays. Default: names that both read. 1 and 2 write what that numpy itself
	 * writes, at protocol 5 by buffers. Two things have no form that both read in full: a Generator or bit generator with a seed sequence is
	 * by default as numpy 2 has it, which 1.26 refuses, and 1 leaves the seed sequence out; that a struct is aligned numpy 2 sees with 2 only.
	 */
	readonly numpy?: 1 | 2 | undefined;
	/** Whether names of Python 3 become those of Python 2 below protocol 3. Default true. */
	readonly fixImports?: boolean | undefined;
	/**
	 * Which equal strings become one object in Python. `"keys"` (default): the keys of dicts; `"all"`: all of them, for smaller
	 * pickles of repetitive text; `"none"`.
	 */
	readonly shareStrings?: "keys" | "all" | "none" | undefined;
	/** What a frozen array is: a `"tuple"` (default), or a `"list"`, for data that was frozen for other reasons. */
	readonly frozen?: "tuple" | "list" | undefined;
	/** Gives the persistent id of a value, or undefined for none. It is asked for every value. Default: none has one. */
	readonly persistentId?: ((value: unknown) => unknown) | undefined;
	/** The `module.name` of each code of `copyreg.add_extension`. Default: none. */
	readonly extensions?: ReadonlyMap<number, string> | undefined;
	/**
	 * Protocol 5: takes the memory of arrays out of band, in order, for Python's `buffers`. What it returns truthy for stays in the
	 * pickle. Memory that is longer than a Uint8Array comes as a PyLargeBytes. Default: all memory lies in the pickle.
	 */
	readonly onBuffer?: BufferTaker | undefined;
	/**
	 * What happens to a payload that the protocol cannot hold (2 GiB with `python: 2`, else 4 GiB below protocol 4): `"error"`
	 * (default), `"promote"` to protocol 4, which Python 2 does not read, or, with `python: 2`, `"split"` into pieces that it joins
	 * (bytes and arrays). Below protocol 4 `"promote"` reads the value a second time if a payload overflows, and `encodeChunks`
	 * gives no piece before the whole value is encoded.
	 */
	readonly overflow?: "error" | "promote" | "split" | undefined;
	/** What turns values into Python's objects; the later of two that claim one wins. */
	readonly reducers?: readonly Reducer[] | undefined;
}

const choices: Readonly<Record<string, readonly unknown[]>> = {
	python: [3, 2],
	numpy: [undefined, 1, 2],
	fixImports: [true, false],
	shareStrings: ["keys", "all", "none"],
	frozen: ["tuple", "list"],
	overflow: ["error", "promote", "split"],
};

const others = ["protocol", "persistentId", "extensions", "onBuffer", "reducers"];

type Choices = Pick<PicklerOptions, "python" | "numpy" | "fixImports" | "shareStrings" | "frozen" | "overflow">;

/** @throws TypeError for an unknown option or value, or two that exclude each other */
export function resolveEncodeOptions(options: EncodeOptions, defaultReducers: readonly Reducer[]): PicklerOptions {
	checkObject(options);
	for (const name of Object.keys(options)) {
		if (!(Object.hasOwn(choices, name) || others.includes(name))) throw new TypeError(`unknown option "${name}"`);
	}
	const chosen = Object.fromEntries(
		Object.entries(choices).map(([name, values]) => [name, choice(name, values, options)]),
	) as unknown as Choices;
	const protocol = options.protocol ?? (chosen.python === 2 ? 2 : 4);
	const { persistentId, onBuffer } = options;
	checkFunction("persistentId", persistentId);
	checkFunction("onBuffer", onBuffer);
	checkTogether(protocol, chosen, onBuffer !== undefined);
	return {
		...chosen,
		protocol,
		persistentId,
		onBuffer,
		extensions: new Map(
			resolveExtensions(options.extensions).map(([code, { module, name }]) => [`${module}\n${name}`, code]),
		),
		resolver: indexEncoders(resolveReducers(options.reducers, defaultReducers)),
		limits: payloadLimits,
	};
}

function choice(name: string, values: readonly unknown[], options: EncodeOptions): unknown {
	const value = options[name as keyof EncodeOptions] ?? values[0];
	if (values.includes(value)) return value;
	throw new TypeError(
		`option ${name} is one of ${values.filter((one) => one !== undefined).join(", ")}, not ${String(value)}`,
	);
}

function checkFunction(name: string, value: unknown): void {
	if (value !== undefined && typeof value !== "function") throw new TypeError(`option ${name} is a function`);
}

function checkTogether(protocol: number, { python, overflow }: Choices, hasBuffers: boolean): void {
	if (![0, 1, 2, 3, 4, 5].includes(protocol)) throw new TypeError(`option protocol is 0 to 5, not ${String(protocol)}`);
	if (python === 2 && protocol > 2) throw new TypeError(`Python 2 reads protocols 0 to 2, not ${protocol}`);
	if (python !== 2 && overflow === "split") throw new TypeError('overflow: "split" is for python: 2');
	if (hasBuffers && protocol < 5) throw new TypeError(`onBuffer needs protocol 5, not ${protocol}`);
}

/** Finds reducers by the values they claim. Built once for each `pickler`. */
function indexEncoders(reducers: readonly Reducer[]): EncodeResolver {
	const byPrototype = new Map<object, EncodeReducer>();
	const constants = new Map<unknown, PyGlobal>();
	const tests: EncodeReducer[] = [];
	for (const reducer of reducers) {
		for (const type of reducer.types ?? []) byPrototype.set(type.prototype as object, reducer);
		if (reducer.constant !== undefined) constants.set(reducer.constant, globalOf(reducer.name, "a constant's name"));
		if (reducer.is !== undefined) tests.unshift(reducer);
	}
	return { byPrototype, constants, tests };
}
