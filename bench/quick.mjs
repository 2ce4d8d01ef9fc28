/**
 * Times picklet against C's pickle on single workloads, in a few seconds each, while one works on the decoder or encoder.
 *
 *   node bench/quick.mjs W1 W3 W12.p0 [--encode] [--node PROGRAM|22]... [--file MODULE] [--export NAME] [--rounds N]
 *                       [--iterations N] [--profile]
 *
 * --encode times the way back: what the workload decodes to, at protocol 4, against pickle.dumps; with the default options
 * and with `shareStrings: "all"`. --file measures another module's export (default `decode`, which takes bytes, or `encode`,
 * for which it needs a `decode` too); a .ts file is bundled first, so `--file src/index.ts` needs no build. The table gives
 * milliseconds, and ratios to C: of the medians, of the best, of the processor time's medians; on a busy machine trust the
 * last two. --profile prints the functions that the time went to instead.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { nodeProgram, nodeVersion } from "./installs.mjs";
import { runInNode, runInPython } from "./jobs.mjs";
import { profileInNode } from "./profile.mjs";
import { pythonLabel, yardstick } from "./pythons.mjs";
import { summary } from "./statistics.mjs";
import { cacheFolder, ensureWorkloads, workloadFile, workloads } from "./workloads.mjs";

const say = (text) => process.stderr.write(`bench: ${text}\n`);

const { values: options, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		node: { type: "string", multiple: true, default: [process.execPath] },
		file: { type: "string" },
		export: { type: "string" },
		encode: { type: "boolean", default: false },
		rounds: { type: "string", default: "3" },
		iterations: { type: "string" },
		profile: { type: "boolean", default: false },
	},
});
const work = options.encode ? "encode" : "decode";

/** Bundled as the package is built, so that an unbuilt tree can be measured. */
async function bundled(path) {
	const { build } = await import("esbuild");
	const outfile = join(cacheFolder(), "quick-bundle.mjs");
	const format = { bundle: true, format: "esm", platform: "neutral", target: "es2022", minifySyntax: true };
	// A dependency asks for it, of what is packed.
	const external = ["stream/web"];
	await build({ entryPoints: [path], ...format, mainFields: ["module", "main"], external, outfile });
	return outfile;
}

/** "W12.p0" or "W12", which is its first protocol. */
function parseWorkload(text) {
	const [name, protocol] = text.split(".p");
	if (!Object.hasOwn(workloads, name)) throw new TypeError(`no such workload: ${name}`);
	return { name, protocol: protocol ?? workloads[name].protocols[0] };
}

function jobFor({ name, protocol }, engine) {
	const { iterations, calls = 1, imports = [] } = workloads[name];
	return {
		work,
		engine,
		protocol: options.encode ? 4 : Number(protocol),
		input: workloadFile(name, `p${protocol}.pkl`),
		expected: workloadFile(name, "expect.json"),
		iterations: Number(options.iterations ?? iterations),
		calls,
		imports,
	};
}

/** The engines of index.mjs or encoders.mjs that are picklet. */
function pickletEngines(module) {
	if (module) return ["module"];
	return options.encode ? ["picklet", "picklet-all"] : ["decode"];
}

function pickletJob(workload, engine, module) {
	return { ...jobFor(workload, engine), module, export: options.export ?? work };
}

/** Each engine in each Node. */
function pickletContenders(programs, module) {
	return programs.flatMap((program) =>
		pickletEngines(module).map((engine) => ({
			label: `${nodeVersion(program)} ${engine}`,
			program,
			job: (workload) => pickletJob(workload, engine, module),
		})),
	);
}

function print(cells) {
	console.log(
		cells.map((cell, column) => (column < 2 ? cell.padEnd(column === 0 ? 10 : 21) : cell.padStart(9))).join(" "),
	);
}

function figures(result, yard) {
	if (result.outcome !== "right") return [result.outcome, result.reason ?? ""];
	const times = ["best", "median", "cpu"].map((key) => result[key].toFixed(result.median < 1 ? 4 : 1));
	if (yard?.outcome !== "right") return times;
	return [...times, ...["median", "best", "cpu"].map((key) => (result[key] / yard[key]).toFixed(2))];
}

/** Every contender once a round, and what the rounds come to. */
async function measure(workload, contenders) {
	const rounds = contenders.map(() => []);
	for (let round = 0; round < Number(options.rounds); round++) {
		for (const [index, contender] of contenders.entries()) rounds[index].push(await contender.run(workload));
	}
	return rounds.map(summary);
}

async function printTimes(selected, programs, module) {
	const python = yardstick();
	const contenders = pickletContenders(programs, module).map(({ label, program, job }) => ({
		label,
		run: (workload) => runInNode(program, job(workload)),
	}));
	const c = { label: "C", run: (workload) => runInPython(python, jobFor(workload, "C")) };
	if (python) contenders.unshift(c);
	say(python ? `C is ${pythonLabel(python)}` : "no Python found: no yardstick");
	print(["workload", "engine", "best ms", "median ms", "CPU ms", "/ C", "best / C", "CPU / C"]);
	for (const workload of selected) {
		const results = await measure(workload, contenders);
		for (const [index, { label }] of contenders.entries()) {
			const yard = python && index > 0 ? results[0] : undefined;
			print([`${workload.name}.p${workload.protocol}`, label, ...figures(results[index], yard)]);
		}
	}
}

async function printProfiles(selected, programs, module) {
	for (const workload of selected) {
		for (const { label, program, job } of pickletContenders(programs, module)) {
			console.log(`${workload.name}.p${workload.protocol} ${label}`);
			for (const { name, share } of await profileInNode(program, job(workload))) {
				console.log(`${(share * 100).toFixed(1).padStart(6)} %  ${name}`);
			}
		}
	}
}

async function main() {
	const wanted = (positionals.length > 0 ? positionals : ["W1", "W3", "W7"]).map(parseWorkload);
	const made = ensureWorkloads([...new Set(wanted.map(({ name }) => name))], say);
	const selected = wanted.filter(({ name }) => made.includes(name));
	const programs = options.node.map((node) => nodeProgram(node, say));
	const module = options.file?.endsWith(".ts") ? await bundled(options.file) : options.file;
	await (options.profile ? printProfiles : printTimes)(selected, programs, module);
}

await main();
