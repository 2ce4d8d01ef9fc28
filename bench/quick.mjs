/**
 * Times picklet against C's pickle.loads on single workloads, in a few seconds each, while one works on the decoder.
 *
 *   node bench/quick.mjs W1 W3 W12.p0 [--node PROGRAM]... [--file MODULE] [--export NAME] [--rounds N] [--iterations N]
 *
 * --file measures another module's export (default `decode`) that takes bytes; a .ts file is bundled first, so
 * `--file src/index.ts` needs no build. The table gives milliseconds and the ratio of the medians.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runInNode, runInPython } from "./jobs.mjs";
import { pythonLabel, yardstick } from "./pythons.mjs";
import { summary } from "./statistics.mjs";
import { cacheFolder, ensureWorkloads, workloadFile, workloads } from "./workloads.mjs";

const say = (text) => process.stderr.write(`bench: ${text}\n`);

const { values: options, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		node: { type: "string", multiple: true, default: [process.execPath] },
		file: { type: "string" },
		export: { type: "string", default: "decode" },
		rounds: { type: "string", default: "3" },
		iterations: { type: "string" },
	},
});

/** Bundled as the package is built, so that an unbuilt tree can be measured. */
async function bundled(path) {
	const { build } = await import("esbuild");
	const outfile = join(cacheFolder(), "quick-bundle.mjs");
	await build({ entryPoints: [path], bundle: true, format: "esm", minifySyntax: true, platform: "node", outfile });
	return outfile;
}

function parseWorkload(text) {
	const [name, protocol] = text.split(".p");
	if (!Object.hasOwn(workloads, name)) throw new TypeError(`no such workload: ${name}`);
	return { name, protocol: protocol ?? workloads[name].protocols[0] };
}

function jobFor({ name, protocol }, engine) {
	return {
		engine,
		input: workloadFile(name, `p${protocol}.pkl`),
		expected: workloadFile(name, "expect.json"),
		iterations: Number(options.iterations ?? workloads[name].iterations),
		calls: workloads[name].calls ?? 1,
		imports: workloads[name].imports ?? [],
	};
}

function milliseconds(result) {
	if (result.outcome !== "right") return [result.outcome, result.reason ?? ""];
	const digits = result.median < 1 ? 4 : 1;
	return [result.best.toFixed(digits), result.median.toFixed(digits)];
}

function print(cells) {
	console.log(cells.map((cell, column) => (column < 2 ? cell.padEnd(12) : cell.padStart(10))).join(" "));
}

async function measure(workload, contenders) {
	const rounds = contenders.map(() => []);
	for (let round = 0; round < Number(options.rounds); round++) {
		for (const [index, contender] of contenders.entries()) rounds[index].push(await contender.run(workload));
	}
	return rounds.map(summary);
}

const selected = (positionals.length > 0 ? positionals : ["W1", "W3", "W7"]).map(parseWorkload);
const names = [...new Set(selected.map((workload) => workload.name))];
const available = ensureWorkloads(names, say);
const module = options.file?.endsWith(".ts") ? await bundled(options.file) : options.file;
const python = yardstick();

const extras = module ? { module, export: options.export } : {};
const contenders = options.node.map((program) => ({
	label: execFileSync(program, ["--version"], { encoding: "utf8" }).trim(),
	run: (workload) => runInNode(program, { ...jobFor(workload, module ? "module" : "decode"), ...extras }),
}));
if (python) contenders.unshift({ label: "C", run: (workload) => runInPython(python, jobFor(workload, "loads")) });
else say("no Python found: no yardstick");

if (python) say(`C is ${pythonLabel(python)}`);
print(["workload", "engine", "best ms", "median ms", "ratio"]);
for (const workload of selected.filter(({ name }) => available.includes(name))) {
	const results = await measure(workload, contenders);
	for (const [index, result] of results.entries()) {
		const yard = python ? results[0].median : Number.NaN;
		const ratio = index > 0 && result.outcome === "right" ? (result.median / yard).toFixed(2) : "";
		print([`${workload.name}.p${workload.protocol}`, contenders[index].label, ...milliseconds(result), ratio]);
	}
}
