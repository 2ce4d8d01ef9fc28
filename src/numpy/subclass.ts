import type { DecodeContext } from "../reducers/reducer.ts";
import type { PyValue } from "../values/value.ts";

/**
 * The state of an array of a subclass that adds to its base's, as `(base's state, attributes)` or `(*base's state, unit)`. The base's part
 * is not kept: encoding makes it of the array as it then is.
 */
export class SubclassState {
	/** What the subclass adds, in order; its whole state as the one item where that has no part of the base's. */
	readonly added: readonly PyValue[];
	/** Before which of these the base's part lies; undefined if there is none. */
	readonly at: number | undefined;
	/** Whether the base's part is a tuple of its own, else its items lie between the others. */
	readonly nested: boolean;
	/** Whether all of it is a list, else a tuple. */
	readonly list: boolean;

	constructor(added: readonly PyValue[], at?: number, nested = false, list = false) {
		this.added = added;
		this.at = at;
		this.nested = nested;
		this.list = list;
	}

	/** The whole state again, with this as the base's part. */
	around(own: readonly PyValue[], tuple: (...items: readonly PyValue[]) => PyValue): PyValue {
		const { added, at } = this;
		if (at === undefined) return added[0] as PyValue;
		const parts = [...added.slice(0, at), ...(this.nested ? [own] : own), ...added.slice(at)];
		return this.list ? parts : tuple(...parts);
	}
}

/** Nothing in use adds more; what does is no state of an array. */
const MAX_PARTS = 256;

/** Finds the base's part, of so many items, in a state, and what lies around it. */
export function splitState(
	state: PyValue,
	length: number,
	isOwn: (value: PyValue | undefined) => boolean,
	context: DecodeContext,
): { readonly own: readonly PyValue[]; readonly state: SubclassState } | undefined {
	if (!Array.isArray(state) || state.length > MAX_PARTS) return undefined;
	const list = !context.isTuple(state);
	const around = (at: number, count: number) =>
		[...state.slice(0, at), ...state.slice(at + count)].map((part) => context.keep(part));
	for (let at = 0; at < state.length; at++) {
		const part = state[at] as PyValue;
		if (isOwn(part)) return { own: part as PyValue[], state: new SubclassState(around(at, 1), at, true, list) };
		const items = state.slice(at, at + length);
		if (isOwn(items)) return { own: items, state: new SubclassState(around(at, length), at, false, list) };
	}
	return undefined;
}
