import type { PyLargeBytes } from "../values/large.ts";
import type { PyGlobal, PyObjectKind } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";

/** What `__reduce_ex__` gives in Python: how to make the object anew, and what to do to it then. */
export interface Reduction {
	/** `"call"` (default) calls it; `"new"` is its `__new__` alone, `"inst"` an instance of Python 2's old classes. */
	readonly kind?: PyObjectKind | undefined;
	readonly callable: PyValue;
	/** The arguments: a tuple whether frozen or not. */
	readonly args: readonly PyValue[];
	readonly state?: PyValue | undefined;
	readonly items?: readonly PyValue[] | undefined;
	/** Key, value, key, value. */
	readonly entries?: readonly PyValue[] | undefined;
}

/** What a reducer may ask of the encode that calls it. */
export interface EncodeContext {
	/** 0 to 5. */
	readonly protocol: number;
	/** For which Python the pickle is. */
	readonly python: 2 | 3;
	/** For which generation of numpy, if the caller named one. */
	readonly numpy: 1 | 2 | undefined;
	/** Whether buffers may go out of band. */
	readonly outOfBand: boolean;
	/** A tuple, also where `frozen: "list"` makes lists of the caller's frozen arrays. */
	tuple(...items: readonly PyValue[]): readonly PyValue[];
	/** Text that the reducer itself supplies, apart from the value's own strings. For Python 2 it is a str. ASCII only there. */
	text(text: string): PyValue;
	/** A class or function by its name of Python 3. */
	global(module: string, name: string): PyGlobal;
	/** Memory as protocol 5's PickleBuffer: a bytearray, if read-only bytes, or nothing in the pickle if the buffer goes out of band. */
	buffer(memory: Uint8Array | PyLargeBytes, readOnly?: boolean): PyValue;
}

/** The half of a reducer that the encoder uses. See `Reducer`. */
export interface EncodeReducer<T = any> {
	readonly name: string;
	readonly constant?: T | undefined;
	readonly types?: readonly Function[] | undefined;
	is?(value: unknown): value is T;
	reduce?(value: T, context: EncodeContext): Reduction;
}

/** Finds the reducers of values. The machine is handed one and knows no reducer itself. */
export interface EncodeResolver {
	/** By the prototype of their instances. */
	readonly byPrototype: ReadonlyMap<object, EncodeReducer>;
	/** Those that look at the value itself. The first that claims it has it. */
	readonly tests: readonly EncodeReducer[];
	/** Values that a name itself stands for. */
	readonly constants: ReadonlyMap<unknown, PyGlobal>;
}
