import { PyObject } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";
import type { EncodeStep } from "./path.ts";

// Kinds: what is left to do.
export const LIST = 0;
export const TUPLE = 1;
export const ENTRIES = 2;
export const PROPERTIES = 3;
export const MEMBERS = 4;
export const FROZENSET = 5;
export const CALL = 6;
export const PERSISTENT = 7;
/** Items that follow each other, with nothing behind. */
export const FLAT = 8;

// How items are put into batches.
/** As C does with lists, dicts and sets: a MARK unless there is one in all; after 1,000 entries another batch, empty or not. */
export const EXACT = 0;
/** As with iterators, and in Python 2's `pickle.py`: no MARK for one that is left over. */
export const ITERATED = 1;

// Phases of a CALL; behind the last one its steps are counted.
export const CALLABLE = 0;
export const ARGUMENTS = 1;
export const KEYWORDS = 2;
export const MAKE = 3;
export const STEPS = 4;

const NO_CALL = new PyObject("call", null, []);
export const NO_ITEMS: readonly unknown[] = [];

/** One value that is not finished. These are used again: they lie on a stack that only grows. */
export class Pending {
	kind = LIST;
	/** The value itself: what the memo knows. */
	value: unknown = null;
	/** Items, flat entries; of PROPERTIES the keys, each of which counts for two. */
	items: readonly unknown[] = NO_ITEMS;
	/** Of PROPERTIES that are a dict's, the values. */
	values: readonly unknown[] | undefined = undefined;
	/** How many items there are. A LIST of the caller's may change. */
	length = 0;
	/** Just behind the item that is being written; the phase of a CALL. */
	index = 0;
	/** Where the batch ends. */
	batchEnd = 0;
	/** The opcode that ends the batch, or a CALL's step. */
	closing = 0;
	style = EXACT;
	/** How many containers had been numbered when this one was begun. */
	opened = 0;
	call: PyObject = NO_CALL;
	/** Whether a CALL's arguments and result get numbers. */
	numbered = true;
	/** Whether a CALL is the encoder's own idea, such as `set([...])`: then paths do not go through it. */
	hidden = false;

	/** Lets go of values. */
	release(): void {
		this.value = null;
		this.items = NO_ITEMS;
		this.values = undefined;
		this.call = NO_CALL;
	}
}

export function strideOf(kind: number): 1 | 2 {
	return kind === ENTRIES || kind === PROPERTIES ? 2 : 1;
}

/** Which part is being written. */
export function stepOf({ kind, items, index, call }: Pending): EncodeStep | undefined {
	const at = index - 1;
	if (at < 0) return undefined;
	switch (kind) {
		case ENTRIES:
			return { kind: at % 2 === 0 ? "key" : "value", key: items[at - (at % 2)] as PyValue };
		case PROPERTIES:
			return { kind: at % 2 === 0 ? "key" : "value", key: items[at >> 1] as PyValue };
		case CALL:
			return callStep(call, index);
		case PERSISTENT:
			return { kind: "part", name: "id" };
		default:
			return { kind: "item", index: at };
	}
}

function callStep(call: PyObject, phase: number): EncodeStep | undefined {
	if (phase < STEPS) return { kind: "part", name: ["", "callable", "args", "kwargs"][phase] as string };
	const name = call.steps[phase - STEPS - 1]?.kind;
	return name === undefined || name === "entries" ? undefined : { kind: "part", name };
}
