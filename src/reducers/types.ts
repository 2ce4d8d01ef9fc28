import { PySimpleNamespace } from "../values/containers.ts";
import { PyDict } from "../values/dict.ts";
import { positional, refuse } from "./arguments.ts";
import type { Reducer } from "./reducer.ts";

/** `SimpleNamespace()`, whose state is a dict of attributes. */
const namespace: Reducer<PySimpleNamespace> = {
	name: "types.SimpleNamespace",
	create: (call) => {
		positional(call, "SimpleNamespace", 0, 0);
		return new PySimpleNamespace();
	},
	setState: (made, state) => {
		if (!(state instanceof PyDict)) throw refuse("the state of a SimpleNamespace is a dict of attributes");
		made.attributes = state;
	},
	types: [PySimpleNamespace],
	reduce: ({ attributes }, { global }) => ({
		callable: global("types", "SimpleNamespace"),
		args: [],
		state: attributes,
	}),
};

/** Python's module types. */
export const typesReducers: readonly Reducer[] = [namespace];
