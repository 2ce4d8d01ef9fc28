import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DecodeOptions, decode, decodeAll, isPickleError, type PyValue } from "../../src/index.ts";
import { type CompareOptions, compareTags } from "../support/compareTags.ts";
import { type CorpusFile, corpusFiles, decodeOptionsFor } from "../support/corpus.ts";
import { describe as describeValue } from "../support/describe.ts";
import type { Tag } from "../support/tags.ts";
import type { Judge, LoadsOptions } from "./judge.ts";
import { pyodide } from "./pyodide.ts";
import { pythons, startPython } from "./pythons.ts";
import { pythonValues } from "./values.ts";

const files = corpusFiles().filter(({ expected }) => expected.error === undefined);

/** Python's names of the encodings, and picklet's. */
const encodings = [
	["ASCII", "ascii"],
	["latin1", "latin1"],
	["utf-8", "utf-8"],
	["bytes", "bytes"],
] as const;

/** Numbers in words that Python 3.14 reads differently, or not any more; picklet reads them as 3.13 and all before. */
const changedIn314 = /^opcodes\/int_spellings\./;

function loadsOptionsFor({ buffers, expected: { options } }: CorpusFile): LoadsOptions {
	return { ...(options.extensions && { extensions: options.extensions }), ...(buffers && { buffers }) };
}

/**
 * Whether Python refuses what picklet reads all the same: an array's or a date's bytes that are no text, or bytes where the
 * class wants text.
 */
function isStricter(message: string, encoding: string): boolean {
	return /UnicodeDecodeError/.test(message) || (encoding === "bytes" && /TypeError|KeyError: 'int'/.test(message));
}

/** Differences between what picklet decodes and what Python loads, every pickle of the file. */
async function differences(
	judge: Judge,
	file: CorpusFile,
	loads: LoadsOptions,
	options: DecodeOptions,
): Promise<string[]> {
	const { one_memo: oneMemo = false } = file.expected.options;
	const expected = await judge.loadsAll(file.data, { ...loadsOptionsFor(file), ...loads, oneMemo });
	const decoded = [...decodeAll(file.data, { ...decodeOptionsFor(file), ...options })];
	return comparedAll(decoded, expected, { ...options, unordered: judge.major === 2 });
}

function comparedAll(decoded: readonly PyValue[], expected: readonly Tag[], options: CompareOptions): string[] {
	if (decoded.length !== expected.length) return [`${decoded.length} pickles, not ${expected.length}`];
	return expected.flatMap((tag, index) => compareTags(describeValue(decoded[index] as PyValue), tag, options));
}

/** Invents values, lets Python pickle them, and compares what picklet and Python load. */
function agreesOnInventions(judge: Judge, protocols: readonly number[], numRuns: number): Promise<void> {
	const inventions = fc.array(pythonValues, { minLength: 1, maxLength: 8 });
	const encoding = judge.major === 2 ? "bytes" : "ascii";
	return fc.assert(
		fc.asyncProperty(inventions, fc.constantFrom(...protocols), async (tags, protocol) => {
			for (const { data, value } of await judge.dumps(tags, protocol)) {
				const decoded = decode(data, { floats: "exact", encoding });
				expect(compareTags(describeValue(decoded), value, { encoding, unordered: judge.major === 2 })).toEqual([]);
			}
		}),
		{ numRuns },
	);
}

describe("CPython 3.14 in pyodide", () => {
	let judge: Judge;
	beforeAll(async () => {
		judge = await pyodide();
	});

	it.each(files.filter(({ path }) => !changedIn314.test(path)))(
		"loads what picklet decodes from $path",
		async (file) => {
			for (const [python, encoding] of encodings) {
				const found = differences(judge, file, { encoding: python }, { encoding }).catch((error) => {
					if (isStricter(error.message, python)) return [];
					throw error;
				});
				expect(await found, python).toEqual([]);
			}
		},
	);

	it(
		"loads what picklet decodes from pickles of invented values",
		() => agreesOnInventions(judge, [0, 1, 2, 3, 4, 5], 300),
		60_000,
	);

	it("refuses what picklet refuses, wherever a pickle is cut", async () => {
		const [dumped] = await judge.dumps([cutMe], 4);
		const data = dumped?.data as Uint8Array;
		for (let end = 0; end < data.length; end++) {
			expect(await judge.loads(data.subarray(0, end)), `${end} bytes`).toHaveProperty("error");
			expect(() => decode(data.subarray(0, end)), `${end} bytes`).toThrowError(expect.toSatisfy(isPickleError));
		}
	});
});

const cutMe: Tag = {
	t: "dict",
	id: 0,
	items: [
		[
			{ t: "str", v: "key" },
			{
				t: "list",
				id: 1,
				items: [
					{ t: "int", v: "-5" },
					{ t: "float", bits: "3ff8000000000000" },
				],
			},
		],
		[
			{ t: "tuple", items: [{ t: "none" }] },
			{ t: "bytes", hex: "00ff" },
		],
	],
};

describe.each(pythons())("$name, Python $version", (python) => {
	const running = { judge: undefined as Judge | undefined, stop: () => {} };
	const judge = () => running.judge as Judge;
	const python2 = python.version.startsWith("2");
	const highest = python2 ? 2 : Number(python.version.split(".")[1]) < 8 ? 4 : 5;
	beforeAll(() => {
		Object.assign(running, startPython(python));
	});
	afterAll(() => running.stop());

	it("loads what picklet decodes from the files that it wrote", async () => {
		const own = files.filter(({ writers }) => writers.includes(python.name));
		const encoding = python2 ? "bytes" : "ascii";
		for (const file of own) expect(await differences(judge(), file, {}, { encoding }), file.path).toEqual([]);
	});

	it("loads what picklet decodes from pickles of invented values", () =>
		agreesOnInventions(
			judge(),
			Array.from({ length: highest + 1 }, (_, protocol) => protocol),
			25,
		));
});
