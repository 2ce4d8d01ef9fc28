import { PyPartial } from "../values/callables.ts";
import { PyDict } from "../values/dict.ts";
import { PyGlobal } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";
import { refuse } from "./arguments.ts";
import { isCallable } from "./objects.ts";
import type { Reducer } from "./reducer.ts";

/** `partial(function)`, whose state is function, arguments, keywords and attributes. */
const partial: Reducer<PyPartial> = {
	name: "functools.partial",
	aliases: ["_functools.partial"],
	create: ({ args, kwargs }, context) => {
		const [callable] = args;
		if (callable === undefined || !isCallable(callable)) throw refuse("a partial is to be of a class or function");
		return new PyPartial(callable, context.tuple(args.slice(1)), kwargs);
	},
	setState: (made, state) => {
		const [callable, args, keywords, attributes] = partsOf(state);
		made.callable = callable;
		made.args = args;
		made.keywords = keywords ?? new PyDict();
		made.attributes = attributes;
	},
	// As Python does it; a function that nothing claims keeps the partial.
	called: (made, { args, kwargs }, context) => {
		if (!(made.callable instanceof PyGlobal) || !context.resolve(String(made.callable))) return undefined;
		context.charge(made.args.length + made.keywords.size);
		const entries = [...made.keywords, ...(kwargs ?? [])].flat();
		const keywords = entries.length === 0 ? undefined : context.keyed(new PyDict(), entries);
		return context.create("call", made.callable, context.tuple([...made.args, ...args]), keywords);
	},
	types: [PyPartial],
	reduce: ({ callable, args, keywords, attributes }, { global, tuple }) => ({
		callable: global("functools", "partial"),
		args: [callable],
		state: tuple(callable, tuple(...args), keywords, attributes),
	}),
};

type Parts = [callable: PyValue, args: readonly PyValue[], keywords: PyDict | null, attributes: PyDict | null];

function partsOf(state: PyValue): Parts {
	if (Array.isArray(state) && state.length === 4) {
		const [callable, args, keywords, attributes] = state as Parts;
		const fine = isCallable(callable) && Array.isArray(args) && [keywords, attributes].every(isDictOrNone);
		if (fine) return [callable, args, keywords, attributes];
	}
	throw refuse("the state of a partial is function, arguments, keywords and attributes");
}

function isDictOrNone(value: PyValue | null): boolean {
	return value === null || value instanceof PyDict;
}

/** Python's module functools. */
export const functoolsReducers: readonly Reducer[] = [partial];
