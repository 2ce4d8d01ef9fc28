import { PyGetter } from "../values/callables.ts";
import { PyObject } from "../values/objects.ts";
import { refuse } from "./arguments.ts";
import type { Reducer } from "./reducer.ts";

const types = ["itemgetter", "attrgetter", "methodcaller"] as const;

/** `itemgetter(1)`; a methodcaller with keywords is what `functools.partial(methodcaller, ...)` gives. */
const getter: Reducer = {
	name: "operator.itemgetter",
	aliases: ["operator", "_operator"].flatMap((module) => types.map((type) => `${module}.${type}`)),
	create: ({ kind, callable, args, kwargs }, context) => {
		const type = callable.name as PyGetter["type"];
		// Python 2 pickles them without what they get.
		if (kind === "new" && args.length === 0) return new PyObject(kind, callable, args, kwargs);
		if (args.length === 0) throw refuse(`${type} takes an argument`);
		if (type !== "itemgetter" && context.text(args[0] ?? null) === undefined) throw refuse(`${type} takes a name`);
		if (kwargs !== undefined && type !== "methodcaller") throw refuse(`${type} takes no keyword arguments`);
		return new PyGetter(type, args, kwargs);
	},
	types: [PyGetter],
	reduce: ({ type, args, keywords }: PyGetter, { global, tuple }) => {
		const callable = global("operator", type);
		if (keywords === undefined) return { callable, args };
		const partial = new PyObject("call", global("functools", "partial"), tuple(callable));
		partial.steps.push({ kind: "state", state: tuple(callable, tuple(args[0] ?? null), keywords, null) });
		return { callable: partial, args: args.slice(1) };
	},
};

/** Python's module operator. */
export const operatorReducers: readonly Reducer[] = [getter];
