/** The workloads by name, and the cache folder where they lie. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { oracleWith, yardstick } from "./pythons.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));

/**
 * `iterations` is how often each process decodes, the same for every engine: enough for V8's and CPython's own warm-up.
 * `calls` (1 by default) is how many decodes make one timed iteration, for those too short for the clock.
 * `protocols` are those measured, the first by default; `imports` what Python must have imported before it is timed.
 */
export const workloads = {
	S1: { title: "one dict of 147 bytes", iterations: 15, calls: 20_000, protocols: [4] },
	W1: { title: "1,000,000 ints", iterations: 15, protocols: [4] },
	W2: { title: "1,000,000 floats", iterations: 15, protocols: [4] },
	W3: { title: "100,000 dicts of 8 keys", iterations: 12, protocols: [4] },
	W4: { title: "500,000 strings", iterations: 12, protocols: [4] },
	W5: { title: "lists nested 100,000 deep", iterations: 20, protocols: [4] },
	W6: { title: "shared references", iterations: 20, protocols: [4] },
	W7: { title: "100,000 instances", iterations: 12, protocols: [4] },
	W8: { title: "100,000 ints of 127 bits", iterations: 20, protocols: [4] },
	W10: { title: "10,000 arrays of 8 float64", iterations: 20, protocols: [4], imports: ["numpy"] },
	W11: { title: "dict of 100,000 int keys", iterations: 15, protocols: [4] },
	W12: { title: "W3 as Python 2.7 writes it", iterations: 12, protocols: [0, 2] },
	W13: {
		title: "scikit-learn models",
		iterations: 8,
		protocols: [4],
		imports: ["sklearn.ensemble", "sklearn.pipeline"],
	},
	W9: { title: "one float64 array of 256 MiB", iterations: 5, protocols: [2, 4, 5], imports: ["numpy"] },
};

/** Those of which it is also measured how what they decode to is encoded, at protocol 4. */
export const encodedWorkloads = ["S1", "W1", "W2", "W3", "W4", "W6", "W7", "W8", "W11"];

/** Where workloads are kept: $PICKLET_BENCH, or .cache/bench in the project. */
export function cacheFolder() {
	return process.env.PICKLET_BENCH || join(here, "..", ".cache", "bench");
}

/** Path of a workload's file; `suffix` is "p4.pkl", "json", "expect.json" and the like. */
export function workloadFile(name, suffix) {
	return join(cacheFolder(), `${name}.${suffix}`);
}

/** expect.json is written last, so its presence says that the workload is whole. */
function isMade(name) {
	return existsSync(workloadFile(name, "expect.json"));
}

function generatorEnvironment(python) {
	const python2 = oracleWith(["numpy"], (row) => row.version.startsWith("2.7."));
	const sklearn = oracleWith(["scikit-learn"]);
	const found = { PYTHON27: python2?.program, PYTHON_SKLEARN: sklearn?.program };
	const known = Object.fromEntries(Object.entries(found).filter(([, program]) => program));
	return { ...known, ...process.env, ...python.environment };
}

/**
 * Makes the workloads that are missing and returns those of `names` that are there, in the same order. What cannot be
 * made is said through `say`.
 */
export function ensureWorkloads(names, say) {
	const missing = names.filter((name) => !isMade(name));
	if (missing.length > 0) makeWorkloads(missing, say);
	const absent = missing.filter((name) => !isMade(name));
	if (absent.length > 0) say(`skipped, because they could not be made: ${absent.join(", ")}`);
	return names.filter(isMade);
}

function makeWorkloads(names, say) {
	const python = yardstick();
	if (!python) return say("no Python 3 found, which makes the workloads");
	say(`making ${names.join(", ")} in ${cacheFolder()}`);
	mkdirSync(cacheFolder(), { recursive: true });
	const generator = join(here, "workloads.py");
	const env = generatorEnvironment(python);
	spawnSync(python.program, [generator, "--out", cacheFolder(), ...names], {
		env,
		stdio: ["ignore", "ignore", "inherit"],
	});
}
