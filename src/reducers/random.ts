import { PyObject } from "../values/objects.ts";
import { PyRandom } from "../values/records.ts";
import type { PyValue } from "../values/value.ts";
import { positional, refuse, smallInteger } from "./arguments.ts";
import type { Reducer } from "./reducer.ts";

const WORDS = 625;

/** `Random()`, whose state is version, 625 ints and what `gauss` kept. Of a seed it stays a call. */
const random: Reducer<PyRandom | PyObject> = {
	name: "random.Random",
	create: (call) => {
		const [seed] = positional(call, "Random", 0, 1);
		return seed === undefined ? new PyRandom(3, []) : new PyObject(call.kind, call.callable, call.args);
	},
	setState: (object, state) => {
		const made = object as PyRandom;
		const [version, words, gaussNext] = stateOf(state);
		made.version = smallInteger(version, 1, 3);
		for (const word of words) smallInteger(word, 0, 0xffff_ffff);
		made.words = words;
		made.gaussNext = gaussNext;
	},
	types: [PyRandom],
	reduce: (value, { global, tuple }) => {
		const { version, words, gaussNext } = value as PyRandom;
		const state = words.length > 0 ? tuple(version, tuple(...words), gaussNext) : undefined;
		return { callable: global("random", "Random"), args: [], state };
	},
};

function stateOf(state: PyValue): [version: PyValue, words: readonly PyValue[], gaussNext: PyValue] {
	if (Array.isArray(state) && state.length === 3) {
		const [version, words, gaussNext] = state as PyValue[];
		if (Array.isArray(words) && words.length === WORDS) return [version as PyValue, words, gaussNext ?? null];
	}
	throw refuse(`the state of a Random is its version, ${WORDS} ints and a float or None`);
}

/** Python's module random. */
export const randomReducers: readonly Reducer[] = [random];
