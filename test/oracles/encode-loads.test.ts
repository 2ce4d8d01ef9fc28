import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decode, decodeAll, type EncodeOptions, encode, type PyValue } from "../../src/index.ts";
import { type CompareOptions, compareTags } from "../support/compareTags.ts";
import { type CorpusFile, corpusFiles, decodeOptionsFor } from "../support/corpus.ts";
import { describe as describeValue } from "../support/describe.ts";
import type { Judge } from "./judge.ts";
import { pyodide } from "./pyodide.ts";
import { pythons, startPython } from "./pythons.ts";
import { pythonValues } from "./values.ts";

type Protocol = 0 | 1 | 2 | 3 | 4 | 5;

const files = corpusFiles().filter(({ expected }) => expected.error === undefined);

/** Differences between a value and what Python loads of its pickle. */
async function differences(
	judge: Judge,
	value: PyValue,
	options: EncodeOptions,
	compare: CompareOptions,
): Promise<string[]> {
	const encoding = judge.major === 2 || options.python === 2 ? "bytes" : "ASCII";
	const loaded = await judge.loads(encode(value, options), { encoding });
	return loaded.value === undefined ? [loaded.error] : compareTags(describeValue(value), loaded.value, compare);
}

const choices = fc.record({
	shareStrings: fc.constantFrom("keys" as const, "all" as const, "none" as const),
	fixImports: fc.constant(true),
});

/** Lets Python pickle invented values, and load what they become when decoded and encoded. */
function agreeOnInventions(judge: Judge, highestProtocol: number, numRuns: number): Promise<void> {
	const inventions = fc.array(pythonValues, { minLength: 1, maxLength: 8 });
	const compare = { encoding: judge.major === 2 ? "bytes" : "ascii", unordered: judge.major === 2 } as const;
	const property = fc.asyncProperty(inventions, fc.nat(highestProtocol), choices, async (tags, protocol, chosen) => {
		for (const { data } of await judge.dumps(tags, Math.min(protocol, highestProtocol))) {
			const value = decode(data, { floats: "exact", encoding: compare.encoding });
			const python = judge.major === 2 ? 2 : 3;
			expect(await differences(judge, value, { ...chosen, protocol: protocol as Protocol, python }, compare)).toEqual(
				[],
			);
		}
	});
	return fc.assert(property, { numRuns });
}

/** The protocols that say everything as the file says it: NEWOBJ and its like become calls below their own. */
function protocolsOf({ path, protocol: written }: CorpusFile): Protocol[] {
	const own = /^(objects|opcodes|sharing|stdlib)\//.test(path) ? written : 0;
	return ([0, 1, 2, 3, 4, 5] as const).filter((protocol) => protocol >= own);
}

/** Differences between the values of a file of the corpus and what Python loads of their pickles. */
async function transcoded(judge: Judge, file: CorpusFile): Promise<string[]> {
	const options = { ...decodeOptionsFor(file), floats: "exact", encoding: "latin1", integers: "auto" } as const;
	const found: string[] = [];
	for (const value of decodeAll(file.data, options)) {
		for (const protocol of protocolsOf(file)) {
			const here = await differences(judge, value, { protocol }, { encoding: "latin1" });
			found.push(...here.map((text) => `protocol ${protocol}: ${text}`));
		}
	}
	return found;
}

describe("CPython 3.14 in pyodide", () => {
	let judge: Judge;
	beforeAll(async () => {
		judge = await pyodide();
	});

	it("loads what invented values become", () => agreeOnInventions(judge, 5, 500), 60_000);

	it.each(files)("loads what the values of $path become", async (file) => {
		expect(await transcoded(judge, file)).toEqual([]);
	});
});

describe.each(pythons())("$name, Python $version", (python) => {
	const [major, minor] = python.version.split(".").map(Number) as [number, number];
	const highestProtocol = major === 2 ? 2 : minor < 8 ? 4 : 5;
	let judge: Judge;
	let stop = () => {};
	beforeAll(() => {
		({ judge, stop } = startPython(python));
	});
	afterAll(() => stop());

	it("loads what invented values become", () => agreeOnInventions(judge, highestProtocol, 50));
});
