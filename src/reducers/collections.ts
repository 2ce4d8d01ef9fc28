import { PyDict } from "../values/dict.ts";
import type { PyValue } from "../values/value.ts";
import { positional } from "./arguments.ts";
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
		const [source] = positional(call, "OrderedDict", 0, 1);
		return context.keyed(new PyOrderedDict(), source === undefined ? [] : entriesOf(source, context));
	},
	setState: (dict, state) => {
		dict.state = state;
	},
};

/** Python's module collections. */
export const collectionsReducers: readonly Reducer[] = [orderedDict];
