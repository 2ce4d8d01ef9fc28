import { PyDict } from "../values/dict.ts";
import type { PyValue } from "../values/value.ts";
import { positional, refuse } from "./arguments.ts";
import { entriesOf } from "./builtins.ts";
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

/** Python's module collections. */
export const collectionsReducers: readonly Reducer[] = [orderedDict];
