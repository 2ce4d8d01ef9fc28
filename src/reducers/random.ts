import { PyRandom } from "../values/records.ts";
import type { PyValue } from "../values/value.ts";
import { positional, refuse, smallInteger } from "./arguments.ts";
import type { Reducer } from "./reducer.ts";

const WORDS = 625;

/** `Random()`, whose state is version, 625 ints and what `gauss` kept. */
const random: Reducer<PyRandom> = {
	name: "random.Random",
	create: (call) => {
		positional(call, "Random", 0, 1);
		return new PyRandom(3, []);
	},
	setState: (made, state) => {
		const [version, words, gaussNext] = stateOf(state);
		made.version = smallInteger(version, 1, 3);
		for (const word of words) smallInteger(word, 0, 0xffff_ffff);
		made.words = words;
		made.gaussNext = gaussNext;
	},
	types: [PyRandom],
	reduce: ({ version, words, gaussNext }, { global, tuple }) => ({
		callable: global("random", "Random"),
		args: [],
		...(words.length > 0 && { state: tuple(version, tuple(...words), gaussNext) }),
	}),
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
