import { PyGetter } from "../values/callables.ts";
import { PyObject } from "../values/objects.ts";
import { refuse } from "./arguments.ts";
import type { Reducer } from "./reducer.ts";

/** `itemgetter(1)`; a methodcaller with keywords is what `functools.partial(methodcaller, ...)` gives. */
function getter(type: PyGetter["type"]): Reducer {
	return {
		name: `operator.${type}`,
		aliases: [`_operator.${type}`],
		create: ({ kind, args, kwargs }, context) => {
			// Python 2 pickles them without what they get.
			if (kind === "new" && args.length === 0) return new PyObject(kind, context.global("operator", type), args);
			if (args.length === 0) throw refuse(`${type} takes an argument`);
			if (type !== "itemgetter" && context.text(args[0] ?? null) === undefined) throw refuse(`${type} takes a name`);
			if (kwargs !== undefined && type !== "methodcaller") throw refuse(`${type} takes no keyword arguments`);
			return new PyGetter(type, args, kwargs);
		},
		types: [PyGetter],
		reduce: ({ type: made, args, keywords }: PyGetter, { global, tuple }) => {
			const callable = global("operator", made);
			if (keywords === undefined) return { callable, args };
			const partial = new PyObject("call", global("functools", "partial"), tuple(callable));
			partial.steps.push({ kind: "state", state: tuple(callable, tuple(args[0] ?? null), keywords, null) });
			return { callable: partial, args: args.slice(1) };
		},
	};
}

/** Python's module operator. */
export const operatorReducers: readonly Reducer[] = (["itemgetter", "attrgetter", "methodcaller"] as const).map(getter);
