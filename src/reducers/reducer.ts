import type { EncodeContext, Reduction } from "../opcodes/reduction.ts";
import type { CreateCall, DecodeContext, DecodeReducer } from "../opcodes/resolver.ts";
import type { PyValue } from "../values/value.ts";

export type { CreateCall, DecodeContext, EncodeContext, Reduction };

/**
 * Makes a JavaScript value of what Python would get from one class or function, and back. Reducers are plain values
 * passed with each call; where two have a name in common, the later one wins.
 */
export interface Reducer<T = any> extends DecodeReducer<T> {
	/** The name under which Python 3 has it: `collections.OrderedDict`. */
	readonly name: string;
	/** Other names that it had: Python 2's, or a module's before it moved. */
	readonly aliases?: readonly string[];
	/** What the name itself stands for, if it is no class or function: `Ellipsis`. */
	readonly constant?: T | undefined;
	/** Makes the object. What it throws becomes a PickleError with the offset. */
	create(call: CreateCall, context: DecodeContext): T;
	/** Takes the state that BUILD brings. May return a replacement while nothing else refers to the object. */
	setState?(object: T, state: PyValue, context: DecodeContext): T | void;
	/** Takes appended or added items. */
	extend?(object: T, items: readonly PyValue[], context: DecodeContext): void;
	/** Takes entries: key, value, key, value. */
	setItems?(object: T, entries: readonly PyValue[], context: DecodeContext): void;
	/** What it is equal to as a dict key or set member: text among its own kind, a number or boolean as that number. */
	key?(value: T): string | number | bigint | boolean;
	/**
	 * Whether it takes what `openPickle` left in the file, as PyLazyBytes, in these arguments or state, or items or entries. If not,
	 * that is read first, also in lists, tuples, dicts and inert objects that they hold.
	 */
	takesLazy?(read: readonly PyValue[], what: "argument" | "items"): boolean;
	/** What calling the object itself gives, as of a `functools.partial`; undefined where the call stays as it is. */
	called?(object: T, call: Pick<CreateCall, "args" | "kwargs">, context: DecodeContext): PyValue | undefined;
	/** Where input ends while the object's state is being read: what can be said of the object from `parts`, the items so far. */
	unfinished?(object: T, parts: readonly PyValue[], protocol: number): string | undefined;
	/** Constructors whose instances encoding looks up. */
	readonly types?: readonly Function[];
	/** Tells its values where `types` cannot. */
	is?(value: unknown): value is T;
	/** The way back. */
	reduce?(value: T, context: EncodeContext): Reduction;
}
