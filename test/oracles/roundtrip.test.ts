import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { decode, encode } from "../../src/index.ts";
import { compareTags } from "../support/compareTags.ts";
import { describe as describeValue } from "../support/describe.ts";
import type { Judge } from "./judge.ts";
import { prepared, type Recipe, recipes } from "./mappedValues.ts";
import { pyodide } from "./pyodide.ts";

const protocols = [0, 1, 2, 3, 4, 5] as const;
/** One seed, so that every run tests the same values; another finds others. */
const SEED = 20261125;
const shareStrings = ["keys", "all", "none"] as const;

type Protocol = (typeof protocols)[number];

/** What decoding finds other than it was encoded. */
function lost(recipe: Recipe, protocol: Protocol): string[] {
	const { value, python } = prepared(recipe, protocol);
	const share = shareStrings[protocol % 3] as (typeof shareStrings)[number];
	const found = decode(encode(value, { protocol, shareStrings: share }), { floats: "exact" });
	return compareTags(describeValue(found), describeValue(python));
}

describe.each(protocols)("values of the whole mapping, protocol %d", (protocol) => {
	let judge: Judge;
	beforeAll(async () => {
		judge = await pyodide();
	});

	it("decode to what was encoded", () => {
		fc.assert(
			fc.property(recipes, (recipe) => {
				expect(lost(recipe, protocol)).toEqual([]);
			}),
			{ seed: SEED + protocol, numRuns: 1000 },
		);
	});

	it("are in CPython 3.14 what they are here", async () => {
		const sample = fc.sample(recipes, { seed: SEED - protocol, numRuns: 400 });
		const mapped = sample.map((recipe) => prepared(recipe, protocol));
		const loaded = await judge.loadsEach(mapped.map(({ value }) => encode(value, { protocol })));
		const different = mapped.flatMap(({ python }, i) => {
			const answer = loaded[i] as (typeof loaded)[number];
			const found = answer.value === undefined ? [answer.error] : compareTags(describeValue(python), answer.value);
			return found.length === 0 ? [] : [{ found, recipe: JSON.stringify(sample[i], bigintsAsText) }];
		});
		expect(different.slice(0, 3)).toEqual([]);
	});
});

function bigintsAsText(_: string, value: unknown): unknown {
	return typeof value === "bigint" ? `${value}n` : value;
}
