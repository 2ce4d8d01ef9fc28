import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decode, decodeAll, isPickleError, type PyValue } from "../../src/index.ts";
import { type CompareOptions, compareTags } from "../support/compareTags.ts";
import { type CorpusFile, corpusFiles, decodeOptionsFor } from "../support/corpus.ts";
import { describe as describeValue } from "../support/describe.ts";
import type { Tag } from "../support/tags.ts";
import type { Judge } from "./judge.ts";
import { pyodide } from "./pyodide.ts";
import { pythons, startPython } from "./pythons.ts";
import { pythonValues } from "./values.ts";

const files = corpusFiles().filter(({ expected }) => expected.error === undefined);

/** Python's names of the encodings, and picklet's. */
const encodings = { ASCII: "ascii", latin1: "latin1", "utf-8": "utf-8", bytes: "bytes" } as const;
type Encoding = keyof typeof encodings;

/** Text INT that Python 3.14 does not read any more, or otherwise; picklet reads it as 3.13 and all before. */
const changedIn314 = /^opcodes\/int_spellings\./;

/** Differences between what picklet decodes and what Python loads, every pickle of the file. */
async function differences(judge: Judge, file: CorpusFile, encoding: Encoding): Promise<string[]> {
	const { buffers, expected } = file;
	const { extensions, one_memo: oneMemo = false } = expected.options;
	const given = { ...(extensions && { extensions }), ...(buffers && { buffers }) };
	const loaded = await judge.loadsAll(file.data, { ...given, encoding, oneMemo });
	const options = { ...decodeOptionsFor(file), encoding: encodings[encoding] };
	return compareAll([...decodeAll(file.data, options)], loaded, { ...options, unordered: judge.major === 2 });
}

function compareAll(decoded: readonly PyValue[], loaded: readonly Tag[], options: CompareOptions): string[] {
	if (decoded.length !== loaded.length) return [`${decoded.length} pickles, not ${loaded.length}`];
	return loaded.flatMap((tag, index) => compareTags(describeValue(decoded[index] as PyValue), tag, options));
}

/**
 * Whether Python refuses what picklet reads all the same: an array's or a date's bytes that are no text, or bytes where the
 * class wants text.
 */
function isStricter({ message }: Error, encoding: Encoding): boolean {
	return /UnicodeDecodeError/.test(message) || (encoding === "bytes" && /TypeError|KeyError: 'int'/.test(message));
}

/** Invents values, lets Python pickle them, and compares what picklet and Python load. */
function agreeOnInventions(judge: Judge, highestProtocol: number, numRuns: number): Promise<void> {
	const inventions = fc.array(pythonValues, { minLength: 1, maxLength: 8 });
	const options = { encoding: judge.major === 2 ? "bytes" : "ascii", unordered: judge.major === 2 } as const;
	const property = fc.asyncProperty(inventions, fc.nat(highestProtocol), async (tags, protocol) => {
		for (const { data, value } of await judge.dumps(tags, protocol)) {
			const decoded = decode(data, { floats: "exact", encoding: options.encoding });
			expect(compareTags(describeValue(decoded), value, options)).toEqual([]);
		}
	});
	return fc.assert(property, { numRuns });
}

describe("CPython 3.14 in pyodide", () => {
	let judge: Judge;
	beforeAll(async () => {
		judge = await pyodide();
	});

	const unchanged = files.filter(({ path }) => !changedIn314.test(path));
	it.each(unchanged)("loads from $path what picklet decodes", async (file) => {
		for (const encoding of Object.keys(encodings) as Encoding[]) {
			const found = differences(judge, file, encoding).catch((error) => {
				if (isStricter(error, encoding)) return [];
				throw error;
			});
			expect(await found, encoding).toEqual([]);
		}
	});

	it("loads from pickles of invented values what picklet decodes", () => agreeOnInventions(judge, 5, 1000), 60_000);

	it("refuses a pickle that is cut, as picklet does, wherever that is", async () => {
		const invented = fc.sample(pythonValues, { numRuns: 20, seed: 3 });
		for (const { data } of await judge.dumps(invented, 4)) {
			for (let end = 0; end < data.length; end += Math.ceil(data.length / 100)) {
				const cut = data.subarray(0, end);
				expect(await judge.loads(cut), `${end} of ${data.length} bytes`).toHaveProperty("error");
				expect(() => decode(cut), `${end} of ${data.length} bytes`).toThrow(expect.toSatisfy(isPickleError));
			}
		}
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

	it("loads from the corpus' files that it wrote what picklet decodes", async () => {
		for (const file of files.filter(({ writers }) => writers.includes(python.name))) {
			const encoding = major === 2 ? "bytes" : (file.expected.options.encoding ?? "ASCII");
			expect(await differences(judge, file, encoding), file.path).toEqual([]);
		}
	});

	it("loads from pickles of invented values what picklet decodes", () => agreeOnInventions(judge, highestProtocol, 50));
});
