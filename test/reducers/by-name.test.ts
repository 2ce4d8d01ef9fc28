import { expect, test } from "vitest";
import { indexReducers } from "../../src/reducers/by-name.ts";
import type { Reducer } from "../../src/reducers/reducer.ts";

const named = (name: string, ...aliases: string[]): Reducer => ({ name, aliases, create: () => name });

test("reducers are found by all their names", () => {
	const reducer = named("new.Thing", "old.Thing", "older.Thing");
	const find = indexReducers([reducer]);
	expect(["new.Thing", "old.Thing", "older.Thing", "new.Other"].map(find)).toEqual([
		reducer,
		reducer,
		reducer,
		undefined,
	]);
});

test("where two have a name in common, the later one wins", () => {
	const [one, other] = [named("a.b", "c.d"), named("e.f", "c.d")];
	const find = indexReducers([one, other]);
	expect([find("a.b"), find("c.d"), find("e.f")]).toEqual([one, other, other]);
});

test("names of JavaScript's own are none", () => {
	expect(["constructor", "__proto__", "toString"].map(indexReducers([]))).toEqual([undefined, undefined, undefined]);
});
