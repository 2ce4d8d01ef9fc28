import type { Limits } from "../limits.ts";
import type { PyDict } from "../values/dict.ts";
import type { KeyedEntries } from "../values/entries.ts";
import type { PyGlobal } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";

/** How an object is to be made: by calling the class or function, or by its `__new__` alone. */
export interface CreateCall {
	readonly kind: "call" | "new";
	/** The class or function, one of the reducer's names. */
	readonly callable: PyGlobal;
	readonly args: readonly PyValue[];
	readonly kwargs?: PyDict | undefined;
}

/** The options of a decode that reducers may ask for, resolved. */
export interface ValueOptions {
	readonly integers: "auto" | "bigint" | "long";
	readonly floats: "auto" | "exact";
	readonly encoding: "auto" | "ascii" | "latin1" | "utf-8" | "bytes";
	readonly tuples: "frozen" | "array";
	readonly copy: "small" | "always" | "never";
	readonly scalars: "numpy" | "value";
	readonly limits: Limits;
}

/** What a reducer may ask of the decode that calls it. */
export interface DecodeContext {
	readonly options: ValueOptions;
	/** Absolute offset of the opcode at work, in bytes. */
	readonly offset: number;
	/** How many floats of an integral value were read so far: by `floats: "auto"` they look like ints, which an array's shape needs. */
	readonly integralFloats: number;
	/** The reducer of a name such as `collections.OrderedDict`, under any of its names. */
	resolve(name: string): DecodeReducer | undefined;
	/**
	 * The bytes of a bytes, bytearray, buffer or Python 2 str, whatever `encoding` made of it. `length`, the bytes needed,
	 * tells a Python 2 str from text of a UNICODE opcode, which is taken as Latin-1, as CPython does there. The
	 * result may have another length: checking it is the reducer's.
	 * @throws PickleError E_REDUCER if the value is none of these
	 */
	bytes(value: PyValue, length?: number): Uint8Array;
	/** The text of a str or of a Python 2 str that `encoding: "bytes"` left as bytes; undefined for anything else. */
	text(value: PyValue): string | undefined;
	/** The bytes that a str's characters stand for: Python's `value.encode("latin1")`. @throws PickleError E_REDUCER */
	latin1(value: PyValue): Uint8Array;
	/** Makes an object of a class or function as the opcodes do: by its reducer, else inert. */
	create(kind: "call" | "new", callable: PyValue, args: PyValue, kwargs?: PyValue): PyValue;
	/** A class or function by its name of Python 3. */
	global(module: string, name: string): PyValue;
	/** What lies in a class: `Outer.Inner`. */
	member(owner: PyGlobal, name: string): PyValue;
	/** A tuple of the items: frozen, unless `tuples` says otherwise. The array is taken over. */
	tuple(items: PyValue[]): readonly PyValue[];
	/** Whether an array stands for a tuple, else for a list. */
	isTuple(value: readonly PyValue[]): boolean;
	/** Puts entries (key, value, key, value) or members into a dict or set of the reducer's making. @throws PickleError E_TYPE */
	keyed<K extends KeyedEntries>(target: K, entries: PyValue[]): K;
	/** Arguments or state, or a part of them, that a `takesBytes` reducer keeps: strings in it are decoded by the end. */
	keep(value: PyValue): PyValue;
	/** Counts work that the input's length has not paid for. @throws PickleError E_LIMIT past `limits.maxWork` */
	charge(work: number): void;
}

/** The half of a reducer that the decoder uses. See `Reducer`. */
export interface DecodeReducer<T = unknown> {
	readonly name: string;
	/** Its arguments and state may hold Python 2 strs still undecoded, which only `context.bytes` and `text` can read. */
	readonly takesBytes?: boolean | undefined;
	/**
	 * Whether it takes what `openPickle` left in the file, as PyLazyBytes, in these arguments or state, or items or entries. If not,
	 * that is read first, also in lists, tuples, dicts and inert objects that they hold.
	 */
	takesLazy?(read: readonly PyValue[], what: "argument" | "items"): boolean;
	/** What the name itself stands for, if it is no class or function: `Ellipsis`. */
	readonly constant?: T | undefined;
	create(call: CreateCall, context: DecodeContext): T;
	setState?(object: T, state: PyValue, context: DecodeContext): T | void;
	extend?(object: T, items: readonly PyValue[], context: DecodeContext): void;
	setItems?(object: T, entries: readonly PyValue[], context: DecodeContext): void;
	key?(value: T): string | number | bigint | boolean;
	/** What calling the object itself gives, as of a `functools.partial`; undefined where the call stays as it is. */
	called?(object: T, call: Pick<CreateCall, "args" | "kwargs">, context: DecodeContext): PyValue | undefined;
	/** Where input ends while the object's state is being read: what can be said of the object from `parts`, the items so far. */
	unfinished?(object: T, parts: readonly PyValue[], protocol: number): string | undefined;
}

/** Finds the reducer of a `module.name`. The machine is handed one and knows no reducer itself. */
export type Resolver = (name: string) => DecodeReducer | undefined;
