import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RepairOptions, repair } from "../../src/inspect/repair/repair.ts";
import { type CorpusFile, corpusFiles } from "../support/corpus.ts";
import { environmentsIn, type FrameworkFile, frameworkFiles } from "../support/frameworks.ts";
import { readAll } from "../support/readAll.ts";
import { readBytes, readIndex } from "../support/realFiles.ts";
import { differingPairs, failingChecks, type Pair, write } from "../support/reencode.ts";
import { sharedFolder } from "../support/shared.ts";
import { loadedText } from "./corpusLoads.ts";
import type { Judge } from "./judge.ts";
import { pyodide } from "./pyodide.ts";
import { type Python, pythons, startPython } from "./pythons.ts";

/** With PICKLET_TRANSCODE=all every file, else one of so many. */
const isFull = process.env["PICKLET_TRANSCODE"] === "all";
const protocols = [0, 1, 2, 3, 4, 5] as const;
const files = corpusFiles().filter(
	({ path, expected }) => expected.error === undefined && !path.startsWith("overflow/"),
);

/** What a protocol has no form for, and nothing else. */
const refusals =
	/lie outside the pickle|extension registry|persistent id|NaN with bits|more than 4300 digits|holds at most/;

/** A file in another protocol; undefined if it has it already, or cannot be said so. */
async function transcoded(data: Uint8Array, options: RepairOptions): Promise<Uint8Array | undefined> {
	const { outcome, refusal, result, after } = await repair(data, undefined, options);
	if (outcome === "refused") expect(refusal?.why).toMatch(refusals);
	else if (outcome !== "undamaged")
		expect({ outcome, faults: after.faults }).toEqual({ outcome: "repaired", faults: [] });
	return outcome === "repaired" ? readAll(result) : undefined;
}

/** What differs between what a Python loads of the files and of what they become. */
async function differing(judge: Judge, file: CorpusFile, ways: readonly RepairOptions[]): Promise<[number, string[]]> {
	const wrong: string[] = [];
	let compared = 0;
	const before = await loadedText(judge, file, file.data);
	if (before === undefined) return [0, []];
	for (const options of ways) {
		const data = await transcoded(file.data, options);
		if (data === undefined) continue;
		compared++;
		const after = await loadedText(judge, file, data);
		if (after !== before)
			wrong.push(`${file.path} ${JSON.stringify(options)}: ${after?.slice(0, 400)}, was ${before.slice(0, 400)}`);
	}
	return [compared, wrong];
}

async function allDiffering(judge: Judge, tried: readonly CorpusFile[], ways: readonly RepairOptions[]) {
	let compared = 0;
	const wrong: string[] = [];
	for (const file of tried) {
		const [count, texts] = await differing(judge, file, ways);
		compared += count;
		wrong.push(...texts);
	}
	return { compared, wrong };
}

describe("a pickle in another protocol is the same value", () => {
	test("of corpus/, at every protocol, in CPython 3.14", { timeout: 300_000 }, async () => {
		const { compared, wrong } = await allDiffering(
			await pyodide(),
			files,
			protocols.map((protocol) => ({ protocol })),
		);
		expect(wrong).toEqual([]);
		expect(compared).toBeGreaterThan(2000);
	});

	const python2 = pythons().filter(({ version }) => version.startsWith("2"));
	test.each(python2)(
		"of corpus/'s files of Python 2, at its protocols, in $name",
		{ timeout: 120_000 },
		async (python) => {
			const { judge, stop } = startPython(python);
			try {
				const ways: readonly RepairOptions[] = [
					{ protocol: 0 },
					{ protocol: 1 },
					{ protocol: 2 },
					{ for: "python 2.7" },
				];
				const { compared, wrong } = await allDiffering(
					judge,
					files.filter((file) => file.python2),
					ways,
				);
				expect(wrong).toEqual([]);
				expect(compared).toBeGreaterThan(100);
			} finally {
				stop();
			}
		},
	);
});

let scratch: string;
beforeAll(() => {
	scratch = mkdtempSync(join(tmpdir(), "picklet-transcode-"));
});
afterAll(() => rmSync(scratch, { recursive: true }), 120_000);

const frameworks = sharedFolder("frameworks");
const environments = pythons().filter(({ name }) => frameworks && environmentsIn(frameworks).includes(name));
const families = ["numpy", "stdlib", "pandas", "scipy", "sklearn", "xarray", "byvalue"];

function highest({ version }: Python): number {
	const [major = 0, minor = 0] = version.split(".").map(Number);
	return major < 3 ? 2 : minor < 8 ? 4 : 5;
}

describe.skipIf(frameworks === undefined)(
	"pickles of real frameworks in other protocols are equal in their own Python",
	() => {
		test.each(environments)("$name", { timeout: isFull ? 3_000_000 : 200_000 }, async (python) => {
			const pickles = [...frameworkFiles(frameworks as string, python.name, families)].filter(
				({ name, buffers }) => /\.p\d\.pkl$/.test(name) && buffers === undefined,
			);
			const wrong: string[] = [];
			let written = 0;
			for (const protocol of protocols.filter((each) => each <= highest(python))) {
				const folder = join(scratch, python.name, String(protocol));
				const tried = pickles.filter((_, i) => isFull || i % 40 === protocol);
				const done = await writeAll(tried, folder, protocol);
				written += done.length;
				const failing =
					done.length > 0
						? await failingChecks(python.python, frameworks as string, python.name, folder, families)
						: new Map<string, string>();
				const strange = [...failing].filter(
					([name, why]) => done.includes(name) && /no builder|No module named|can't pickle/.test(why),
				);
				const stubbed = await differingUnderStubs(
					python,
					folder,
					pickles,
					strange.map(([name]) => name),
				);
				for (const [name] of strange) failing.delete(name);
				const isNan = (why: unknown) => python.version.startsWith("2") && nanSign.test(String(why));
				for (const [name, why] of [...failing, ...stubbed])
					if (done.includes(name) && !isNan(why)) wrong.push(`${name} to ${protocol}: ${why}`);
			}
			expect(wrong).toEqual([]);
			expect(written).toBeGreaterThan(20);
		});
	},
);

const nanSign = /a float is '(\\x00){6}\\xf8\\x(ff|7f)', was '(\\x00){6}\\xf8\\x(ff|7f)'$/;

/** What needs a package that the environment has not: its classes are stubs. */
async function differingUnderStubs(
	{ python }: Python,
	folder: string,
	pickles: readonly FrameworkFile[],
	names: readonly string[],
): Promise<ReadonlyMap<string, unknown>> {
	const pairs = pickles
		.filter(({ name }) => names.includes(name))
		.map(({ name, data }) => {
			const after = join(folder, name);
			const before = `${after}.before`;
			write(before, data);
			return { name, before, after, count: 1 };
		});
	return pairs.length === 0 ? new Map() : differingPairs(python, pairs);
}

async function writeAll(
	pickles: readonly FrameworkFile[],
	folder: string,
	protocol: 0 | 1 | 2 | 3 | 4 | 5,
): Promise<string[]> {
	const done: string[] = [];
	for (const { name, data } of pickles) {
		const result = await transcoded(data, { protocol });
		if (result === undefined) continue;
		write(join(folder, name), result);
		done.push(name);
	}
	return done;
}

/** Before protocol 4 a dotted name is a call of getattr, as Python writes it too, of which a stub knows nothing. */
const dotted = /is <builtins\.getattr>/;

const real = sharedFolder("corpus");
const [judge] = pythons().filter(({ version }) => version.startsWith("3.13"));

test.skipIf(real === undefined || judge === undefined)(
	"real files in other protocols are equal in Python 3.13, with stubs for classes",
	{ timeout: isFull ? 3_000_000 : 200_000 },
	async () => {
		const pairs: Pair[] = [];
		const listed = [...readIndex(real as string).values()].filter(
			({ kind, trailing_bytes, n_pickles }) =>
				n_pickles > 0 && trailing_bytes === 0 && !/fuzz|malformed|joblib|torch/.test(kind),
		);
		for (const [i, file] of listed.entries()) {
			if (!isFull && i % 48 > 0) continue;
			const data = readBytes(real as string, file);
			for (const protocol of protocols) {
				const result = await repair(data, undefined, { protocol });
				if (result.outcome !== "repaired") continue;
				const name = `${file.path} to ${protocol}`;
				const after = join(scratch, "real", name.replaceAll("/", "_"));
				write(after, await readAll(result.result));
				pairs.push({ name, before: join(real as string, file.path), after, count: file.n_pickles });
			}
		}
		const found = await differingPairs((judge as Python).python, pairs);
		const wrong = [...found].filter(
			([name, texts]) =>
				!texts[0]?.startsWith("does not load") && !(/ to [0-3]$/.test(name) && dotted.test(String(texts[0]))),
		);
		expect(wrong).toEqual([]);
		expect(pairs.length).toBeGreaterThan(60);
	},
);
