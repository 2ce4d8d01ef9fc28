import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesSource } from "../../src/bytes/source.ts";
import { type EncodeOptions, NDArray, PyDict } from "../../src/index.ts";
import { readNpy, readNpz, writeNpy, writeNpz } from "../../src/numpy/index.ts";
import { type Python, pythons } from "../oracles/pythons.ts";
import { compareTags } from "../support/compareTags.ts";
import { describe as describeValue } from "../support/describe.ts";
import { environmentsIn, type FrameworkFile, frameworkFiles } from "../support/frameworks.ts";
import { notRun } from "../support/notRun.ts";
import { sharedFolder } from "../support/shared.ts";
import { Summary } from "../support/summary.ts";

const folder = sharedFolder("frameworks");
const environments = folder === undefined ? [] : environmentsIn(folder).filter((name) => /-np\d+$/.test(name));
const installed = new Map(pythons().map((python) => [python.name, python]));
for (const name of installed.size > 0 ? environments.filter((name) => !installed.has(name)) : [])
	notRun(`.npy and .npz files judged by ${name}, which is not installed`);

const summary = new Summary();
let scratch: string;
beforeAll(() => {
	scratch = mkdtempSync(join(tmpdir(), "picklet-npy-"));
});
afterAll(() => {
	rmSync(scratch, { recursive: true });
	summary.print();
});

const filesOf = (environment: string) => [...frameworkFiles(folder as string, environment, ["npy"])];
const isNpz = ({ name }: FrameworkFile) => name.endsWith(".npz");

async function differences(file: FrameworkFile): Promise<string[]> {
	const described = describeValue(await read(file));
	const tag = isNpz(file) ? { ...described, t: "OrderedDict" } : described;
	const found = file.siblings.map((expected) => compareTags(tag, expected, { encoding: "auto", unordered: true }));
	const best = found.find((texts) => texts.length === 0) ?? (found[0] as string[]);
	summary.count(`${file.environment} read`, best.length > 0 ? "different" : "equal");
	return best.map((text) => `${file.environment} ${file.name} ${text}`);
}

/** An array, or the dict of a .npz file's. */
async function read(file: FrameworkFile): Promise<NDArray | PyDict> {
	const source = bytesSource(file.data);
	return isNpz(file) ? new PyDict(await readNpz(source)) : readNpy(source);
}

/** Writes the files anew, both forms of .npz by turns, and lets numpy compare. */
async function rewritten({ name: environment, python }: Python): Promise<string[]> {
	const isPython2 = environment.startsWith("py27");
	const options: EncodeOptions = isPython2
		? { python: 2 }
		: { protocol: 3, numpy: environment.includes("-np2") ? 2 : 1 };
	const target = join(scratch, environment);
	mkdirSync(join(target, "npy"), { recursive: true });
	const files = filesOf(environment);
	for (const [i, file] of files.entries()) {
		const value = await read(file);
		const bytes =
			value instanceof NDArray
				? writeNpy(value, options)
				: await writeNpz(arraysOf(value), { ...options, compress: i % 2 === 0 });
		writeFileSync(join(target, file.name), bytes);
	}
	const failing = await failingChecks(python, environment, target);
	for (const { name } of files)
		summary.count(`${environment} written`, failing.some((text) => text.includes(name)) ? "different" : "equal");
	return failing;
}

function arraysOf(dict: PyDict): ReadonlyMap<string, NDArray> {
	return new Map([...dict].map(([name, array]) => [name as string, array as NDArray]));
}

interface Check {
	readonly file: string;
	readonly result: string;
	readonly why?: string;
}

async function failingChecks(python: string, environment: string, target: string): Promise<string[]> {
	const report = join(scratch, `${environment}.json`);
	const args = [
		join(folder as string, "check.py"),
		"check",
		join(folder as string, environment),
		target,
		"--family",
		"npy",
		"--json",
		report,
	];
	const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1", OPENBLAS_NUM_THREADS: "1" };
	await promisify(execFile)(python, args, { env }).catch(() => undefined);
	const checks = JSON.parse(readFileSync(report, "utf8")) as readonly Check[];
	return checks.filter(({ result }) => result !== "pass").map((check) => JSON.stringify(check));
}

describe.skipIf(folder === undefined)("the .npy and .npz files of real numpys", () => {
	it.each(environments)("of %s hold what it loads", async (environment) => {
		const files = filesOf(environment);
		expect((await Promise.all(files.map(differences))).flat()).toEqual([]);
		expect(files.length).toBeGreaterThan(15);
	});

	it.concurrent.each(environments.filter((name) => installed.has(name)))(
		"written anew are the same to %s",
		async (environment) => {
			expect(await rewritten(installed.get(environment) as Python)).toEqual([]);
		},
		60_000,
	);
});
