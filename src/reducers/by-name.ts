import type { Resolver } from "../opcodes/resolver.ts";
import type { Reducer } from "./reducer.ts";

/** Finds reducers by all their names. Built once for each `unpickler`. */
export function indexReducers(reducers: readonly Reducer[]): Resolver {
	const byName = new Map<string, Reducer>();
	for (const reducer of reducers) {
		byName.set(reducer.name, reducer);
		for (const alias of reducer.aliases ?? []) byName.set(alias, reducer);
	}
	return (name) => byName.get(name);
}
