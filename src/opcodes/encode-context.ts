import type { PyLargeBytes } from "../values/large.ts";
import { PyGlobal } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";
import type { Payload } from "./framer.ts";
import type { EncodeContext } from "./reduction.ts";

/** Text that no value shares: what a reducer supplies. For Python 2 it is a str. */
export class OwnText {
	readonly text: string;

	constructor(text: string) {
		this.text = text;
	}
}

/** The text whose characters are these bytes. */
export class Latin1Text {
	readonly bytes: Payload;

	constructor(bytes: Payload) {
		this.bytes = bytes;
	}
}

/** Text of the encoder's that is one object with equal text of the value. */
export class SharedText {
	readonly text: string;

	constructor(text: string) {
		this.text = text;
	}
}

/** Memory for protocol 5's PickleBuffer. */
export class OwnBuffer {
	readonly memory: Uint8Array | PyLargeBytes;
	readonly readOnly: boolean;

	constructor(memory: Uint8Array | PyLargeBytes, readOnly: boolean) {
		this.memory = memory;
		this.readOnly = readOnly;
	}
}

/** Classes and functions that the encoder and reducers name themselves: each is one object. */
const globals = new Map<string, PyGlobal>();

export function ownGlobal(module: string, name: string): PyGlobal {
	const key = `${module}\n${name}`;
	let global = globals.get(key);
	if (global === undefined) {
		global = new PyGlobal(module, name);
		globals.set(key, global);
	}
	return global;
}

/** What reducers see of the encode that calls them. */
export class ReducerContext implements EncodeContext {
	readonly protocol: number;
	readonly python: 2 | 3;
	readonly numpy: 1 | 2 | undefined;
	readonly outOfBand: boolean;
	/** Tuples that are no frozen arrays of the caller's. */
	readonly tuples: Set<unknown> = new Set();

	constructor(protocol: number, python: 2 | 3, numpy: 1 | 2 | undefined, outOfBand: boolean) {
		this.protocol = protocol;
		this.python = python;
		this.numpy = numpy;
		this.outOfBand = outOfBand;
	}

	/** Bound, as reducers take it out of the context. */
	readonly tuple = (...items: readonly PyValue[]): readonly PyValue[] => {
		const tuple = Object.freeze([...items]);
		this.tuples.add(tuple);
		return tuple;
	};

	text(text: string): PyValue {
		return new OwnText(text);
	}

	latin1(bytes: Uint8Array): PyValue {
		return new Latin1Text(bytes);
	}

	global(module: string, name: string): PyGlobal {
		return ownGlobal(module, name);
	}

	buffer(memory: Uint8Array | PyLargeBytes, readOnly = false): PyValue {
		return new OwnBuffer(memory, readOnly);
	}
}
