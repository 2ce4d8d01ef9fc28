import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decode, encode, isPickleError, type PyValue } from "../../src/index.ts";
import { type Python, pythons } from "../oracles/pythons.ts";
import { environmentsIn, type FrameworkFile, frameworkFiles } from "../support/frameworks.ts";
import { notRun } from "../support/notRun.ts";
import { type RealFile, readBytes, readIndex } from "../support/realFiles.ts";
import {
	differingPairs,
	encodeOutOfBand,
	failingChecks,
	lossless,
	type Pair,
	reencoded,
	write,
} from "../support/reencode.ts";
import { sharedFolder } from "../support/shared.ts";
import { Summary } from "../support/summary.ts";

const installed = new Map(pythons().map((python) => [python.name, python]));
let scratch: string;
beforeAll(() => {
	scratch = mkdtempSync(join(tmpdir(), "picklet-reencode-"));
});
afterAll(() => rmSync(scratch, { recursive: true }), 120_000);

/** Files that do not come back equal, each for a reason that lies outside the encoder. */
interface Exception {
	readonly reason: string;
	readonly environments: RegExp;
	readonly files: RegExp;
}

const frameworks = sharedFolder("frameworks");
const environments = frameworks === undefined ? [] : environmentsIn(frameworks).filter((name) => /-np\d+$/.test(name));
const judged = environments.filter((name) => installed.has(name));

describe.skipIf(judged.length === 0)(
	"pickles of real frameworks, decoded and encoded, are equal in their own Python",
	() => {
		const families = ["numpy", "numpy-oob", "stdlib"];
		const summary = new Summary();
		const absent = environments.filter((name) => !installed.has(name));
		if (absent.length > 0) notRun(`pickles of frameworks, encoded again, for want of the Pythons ${absent.join(", ")}`);

		const exceptions: readonly Exception[] = [
			{
				reason: "no option keeps a long within 64 bits apart from an int",
				environments: /^py27/,
				files: /^stdlib\/py2_int_and_long\./,
			},
		];
		const exceptionsByDefault: readonly Exception[] = [
			{
				reason: "numpy 2 adds 128 to the flags below 0 that numpy 1 insists on, which takes `aligned` from them",
				environments: /-np2\d+$/,
				files: /^numpy\/dtype_struct_aligned\./,
			},
		];

		/** Pickles that are equal already: those of the environment itself, and what was compared. The same bytes are the same value. */
		type Known = Set<string>;

		/** One way of encoding the files of an environment. */
		interface Run {
			readonly mode: "as written" | "by default";
			readonly python: Python;
			readonly files: readonly FrameworkFile[];
			readonly exceptions: readonly Exception[];
			readonly known: Known;
			encode(file: FrameworkFile, path: string): Uint8Array;
		}

		const identity = ({ family, case: name }: FrameworkFile, data: Uint8Array) =>
			`${family}/${name} ${Buffer.from(data).toString("latin1")}`;

		/** Encodes the files into a folder and lets the environment's Python compare. Gives what was not to be expected. */
		async function unexpected(run: Run): Promise<string[]> {
			const { mode, python, files, known } = run;
			const target = join(scratch, mode, python.name);
			mkdirSync(target, { recursive: true });
			const pickles = new Map<FrameworkFile, string>();
			for (const file of files) {
				const path = join(target, file.name);
				const pickle = run.encode(file, path);
				if (known.has(identity(file, pickle))) continue;
				pickles.set(file, identity(file, pickle));
				write(path, pickle);
			}
			const failing = await failingChecks(python.python, frameworks as string, python.name, target, families);
			await compareUnderStubs(python, target, files, failing);
			rmSync(target, { recursive: true });
			const isExcepted = ({ name }: FrameworkFile) =>
				run.exceptions.some(({ environments, files }) => environments.test(python.name) && files.test(name));
			for (const file of files) {
				const found = failing.has(file.name) ? "different" : pickles.has(file) ? "equal" : "identical";
				summary.count(`${python.name} ${file.family} ${mode}`, isExcepted(file) ? "excepted" : found);
			}
			for (const [{ name }, pickle] of pickles) if (!failing.has(name)) known.add(pickle);
			const wrong = files.filter((file) => failing.has(file.name) !== isExcepted(file));
			return wrong.map(
				({ name }) => `${mode}: ${name} ${failing.get(name) ?? "is equal, though an exception says not"}`,
			);
		}

		/** What needs a package that the environment has not: its classes are stubs. */
		async function compareUnderStubs(
			{ python }: Python,
			target: string,
			files: readonly FrameworkFile[],
			failing: Map<string, string>,
		): Promise<void> {
			const pairs: Pair[] = [];
			for (const { name, data } of files.filter(({ name }) => failing.get(name)?.includes("No module named"))) {
				const after = join(target, name);
				const before = `${after}.before`;
				write(before, data);
				pairs.push({ name, before, after, count: 1 });
				failing.delete(name);
			}
			if (pairs.length === 0) return;
			for (const [name, texts] of await differingPairs(python, pairs)) failing.set(name, texts.join("; "));
		}

		it.concurrent.each(judged)(
			"%s",
			async (environment) => {
				const python = installed.get(environment) as Python;
				const files = [...frameworkFiles(frameworks as string, environment, families)];
				expect(files.length).toBeGreaterThan(800);
				const values = new Map(
					files.map(({ name, data, buffers }) => [name, decode(data, { ...lossless, buffers })] as const),
				);
				const known = new Set(
					files.filter(({ buffers }) => buffers === undefined).map((file) => identity(file, file.data)),
				);
				const isPython2 = environment.startsWith("py27");
				const own = { python: isPython2 ? 2 : 3, numpy: environment.includes("-np2") ? 2 : 1 } as const;
				const asWritten = await unexpected({
					mode: "as written",
					python,
					files,
					exceptions,
					known,
					encode({ name, family, protocol }, path) {
						const options = { ...own, protocol: protocol as 0 };
						const value = values.get(name) as PyValue;
						return family === "numpy-oob" ? encodeOutOfBand(value, options, path) : encode(value, options);
					},
				});
				expect(asWritten).toEqual([]);
				if (isPython2) return;
				const byDefault = await unexpected({
					mode: "by default",
					python,
					// numpy swaps big-endian arrays at protocol 4, but not those of protocol 5.
					files: files.filter(({ protocol }) => protocol < 5),
					exceptions: exceptionsByDefault,
					known,
					encode: ({ name }) => encode(values.get(name)),
				});
				expect(byDefault).toEqual([]);
			},
			300_000,
		);

		afterAll(() => summary.print());
	},
);

describe("real files, decoded and encoded, are what Python makes of the originals with stubs for classes", () => {
	const folder = sharedFolder("corpus");
	const judge = [...installed.values()].findLast(({ version }) => version.startsWith("3."));
	if (folder !== undefined && judge === undefined) notRun("real files, encoded again, for want of a Python 3");

	/** Files that a Python loads and picklet does not, by the code of the error. */
	const refusals = {
		/** Ints of more than 4,300 digits at protocol 0, which Python 3 refuses too. */
		E_LIMIT: 12,
		/** Python 2 takes a MARK for a value. */
		E_STACK: 5,
		/** Python 2 takes any text for a key of the memo. */
		E_MEMO: 5,
		/** STACK_GLOBAL with two strs of Python 2: Python 3 does not load it either with encoding="bytes". */
		E_GLOBAL: 1,
	};
	/** Their memo indices make Python allocate a table of gigabytes. */
	const gigantic =
		/^kisielk__og-rek\/fuzz\/corpus\/(1c9a359ace8d9c2868ab1398cf125b32b87e88f7|9f5c8585c66b1662ad2b42bf9f1e4ae7cb90590f)$/;

	/** What numpy reads as the same and stubs do not: classes by names that all numpys have, generators and ufuncs by another function. */
	const otherForms = [
		"goeckslab__model-unpickler/tests/test-data/gbc_model01.zip",
		"joblib__joblib/joblib/test/data/joblib_0.9.2_compressed_pickle_py34_np19.gz.inner/pickle.pkl",
		"networkx__networkx/myenv/lib/python3.12/site-packages/numpy/random/tests/data/generator_pcg64_np126.pkl.gz@6c5130b5.inner/pickle.pkl",
		"numpy__numpy/literals/numpy._core.tests.test_ufunc.py_L213_test_pickle_withstring_50e9f6.pkl",
		"statsmodels__statsmodels/statsmodels/tsa/vector_ar/tests/results/vars_results.npz.inner/orthirf.npy.pkl",
	];

	/** Whether a Python loads it, without help: joblib puts arrays between the opcodes, where only its own Unpickler finds them. */
	function isLoaded({ cpython_loads: loads, kind }: RealFile): boolean {
		return kind !== "joblib-rawarray" && Object.values(loads).some((result) => result.startsWith("ok"));
	}

	it.skipIf(folder === undefined || judge === undefined)(
		"with the protocol, Python and numpy that wrote them",
		async () => {
			const files = [...readIndex(folder as string).values()].filter(isLoaded);
			const judged = files.filter(({ path }) => !gigantic.test(path));
			const refused: Record<string, number> = {};
			const pairs: Pair[] = [];
			for (const [i, file] of judged.entries()) {
				const count = Math.max(file.n_pickles, 1);
				const after = join(scratch, `${i}.pkl`);
				try {
					writeFileSync(after, reencoded(readBytes(folder as string, file), count, file.implied_protocol));
					pairs.push({ name: file.path, before: join(folder as string, file.path), after, count });
				} catch (error) {
					if (!isPickleError(error)) throw error;
					refused[error.code] = (refused[error.code] ?? 0) + 1;
				}
			}
			expect(refused).toEqual(refusals);
			const different = await differingPairs((judge as Python).python, pairs);
			const summary = new Summary();
			const kinds = new Map(judged.map(({ path, kind }) => [path, kind]));
			for (const { name } of pairs)
				summary.count(
					kinds.get(name) as string,
					different.has(name) ? (otherForms.includes(name) ? "excepted" : "different") : "equal",
				);
			summary.print();
			expect([...different].filter(([name]) => !otherForms.includes(name))).toEqual([]);
			expect([...different.keys()].sort()).toEqual(otherForms);
			expect([files.length - judged.length, pairs.length]).toEqual([2, 1103]);
		},
		300_000,
	);
});
