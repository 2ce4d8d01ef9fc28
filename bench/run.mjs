/**
 * The benchmark: picklet, its peers and CPython's C pickle on the same workloads, which they decode and then encode again.
 *
 *   npm run bench -- [--only W1,W3] [--work decode|encode] [--engines picklet,json] [--node PROGRAM|20|22|24|26|all]... [--python NAME|all]...
 *                    [--rounds N] [--quick] [--no-pyodide] [--out FILE]
 *
 * --work     only one of the two
 * --node     a Node program, or a major version to install; may be given several times; default: the one that runs this
 * --python   another Python of the oracles' index.json, beside the yardstick
 * --quick    one round of a third of the iterations, without W9 and pyodide
 * --out      where to write the page; by default bench/RESULTS.md, and nowhere for a run of only a part
 */
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { comparedEncoders, encoderNamed } from "./engines/encoders.mjs";
import { comparedEngines, engineNamed } from "./engines/index.mjs";
import { ensurePeers, nodeProgram, nodeVersion, nodeVersions, packageVersion } from "./installs.mjs";
import { runInNode, runInPython } from "./jobs.mjs";
import { has, oracleNamed, oracles, oracleWith, pythonLabel, yardstick } from "./pythons.mjs";
import { report } from "./report.mjs";
import { summary } from "./statistics.mjs";
import { encodedWorkloads, ensureWorkloads, workloadFile, workloads } from "./workloads.mjs";

const say = (text) => process.stderr.write(`bench: ${text}\n`);

const { values: options } = parseArgs({
	options: {
		only: { type: "string" },
		work: { type: "string" },
		engines: { type: "string" },
		node: { type: "string", multiple: true, default: [process.execPath] },
		python: { type: "string", multiple: true, default: [] },
		rounds: { type: "string" },
		quick: { type: "boolean", default: false },
		"no-pyodide": { type: "boolean", default: false },
		out: { type: "string" },
	},
});
const rounds = Number(options.rounds ?? (options.quick ? 1 : 3));

function selectedNames() {
	const all = Object.keys(workloads);
	if (!options.only) return all.filter((name) => !(options.quick && name === "W9"));
	const wanted = options.only.split(",");
	const unknown = wanted.filter((name) => !all.includes(name));
	if (unknown.length > 0) throw new TypeError(`no such workload: ${unknown.join(", ")} (there are ${all.join(", ")})`);
	return all.filter((name) => wanted.includes(name));
}

function selectedWorks() {
	const all = Object.keys(works);
	if (options.work && !all.includes(options.work)) throw new TypeError(`no such work: ${options.work}`);
	return options.work ? [options.work] : all;
}

const works = {
	decode: {
		engines: comparedEngines,
		engineNamed,
		/** One line of the table: a workload at one protocol. */
		rows: (name) => workloads[name].protocols.map((protocol) => row("decode", name, protocol)),
	},
	encode: {
		engines: comparedEncoders,
		engineNamed: encoderNamed,
		rows: (name) => (encodedWorkloads.includes(name) ? [row("encode", name, 4)] : []),
	},
};

function row(work, name, protocol) {
	return { work, id: `${name}.p${protocol}`, name, protocol, title: workloads[name].title };
}

/** Of the engines asked for those that do this work, which may be none. */
function selectedEngines(work) {
	const { engines } = works[work];
	const wanted = options.engines?.split(",");
	const unknown = wanted?.filter((name) => !(comparedEngines.includes(name) || comparedEncoders.includes(name))) ?? [];
	if (unknown.length > 0) throw new TypeError(`no such engine: ${unknown.join(", ")}`);
	const withoutPyodide = !wanted && (options.quick || options["no-pyodide"]);
	return engines.filter((name) => (wanted?.includes(name) ?? true) && !(withoutPyodide && name === "pyodide"));
}

function iterationsOf(row) {
	const { iterations } = workloads[row.name];
	return options.quick ? Math.ceil(iterations / 3) : iterations;
}

function inputOf(row, engine) {
	if (engine.input === "json") return workloadFile(row.name, "json");
	if (engine.input !== "pkl") return workloadFile(row.name, `p${row.protocol}.${engine.input}`);
	const protocol = Math.min(row.protocol, engine.protocol ?? row.protocol);
	return workloadFile(row.name, `p${protocol}.pkl`);
}

function jobFor(row, name, input) {
	const { calls = 1, imports = [] } = workloads[row.name];
	const expected = workloadFile(row.name, "expect.json");
	const { work, protocol } = row;
	return { work, engine: name, input, protocol, expected, iterations: iterationsOf(row), calls, imports };
}

const unmadeTwins = new Map();

/** Makes the input of an engine that reads no pickle. Returns why it could not, or undefined. */
function ensureTwin(row, engine) {
	const twin = inputOf(row, engine);
	if (!existsSync(twin) && !unmadeTwins.has(twin)) unmadeTwins.set(twin, makeTwin(row, engine, twin));
	return unmadeTwins.get(twin);
}

function makeTwin(row, engine, twin) {
	const maker = fileURLToPath(new URL("engines/twins.mjs", import.meta.url));
	const expected = workloadFile(row.name, "expect.json");
	const makerArguments = [maker, engine.input, workloadFile(row.name, `p${row.protocol}.pkl`), expected, twin];
	try {
		execFileSync(process.execPath, makerArguments, { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
		return undefined;
	} catch (error) {
		return /^\w*Error.*$/m.exec(error.stderr)?.[0] ?? "could not be written";
	}
}

function engineContender(work, program, version, name) {
	const engine = works[work].engineNamed(name);
	const label = engine.package ? `${engine.label} ${packageVersion(engine.package)}` : engine.label;
	return {
		label,
		runtime: `Node ${version.slice(1)}`,
		rounds: name === "pyodide" ? 1 : rounds,
		results: new Map(),
		async run(row) {
			const unmade = engine.input === "v8" || engine.input === "msgpack" ? ensureTwin(row, engine) : undefined;
			if (unmade) return { outcome: "fails", reason: unmade };
			const input = inputOf(row, engine);
			return existsSync(input) ? runInNode(program, jobFor(row, name, input)) : undefined;
		},
	};
}

/** That Python, or for a workload that needs a package it lacks the newest oracle that has it. */
function pythonFor(python, row) {
	const { imports = [] } = workloads[row.name];
	if (imports.every((module) => has(python, module))) return python;
	const other = imports[0] === "numpy" ? oracleWith(["numpy"]) : oracleWith(["scikit-learn"]);
	if (other) say(`${row.id}: ${pythonLabel(python)} lacks ${imports[0]}, so ${pythonLabel(other)} stands in`);
	return other;
}

function pythonContender(python) {
	const chosen = new Map();
	return {
		label: "C",
		runtime: pythonLabel(python),
		python,
		rounds,
		results: new Map(),
		async run(row) {
			if (!chosen.has(row.name)) chosen.set(row.name, pythonFor(python, row));
			const program = chosen.get(row.name);
			return program && runInPython(program, jobFor(row, "C", workloadFile(row.name, `p${row.protocol}.pkl`)));
		},
	};
}

function otherPythons() {
	const names = options.python.includes("all") ? oracles().map(({ name }) => name) : options.python;
	return names.map((name) => {
		const python = oracleNamed(name);
		if (!python) throw new TypeError(`no Python named ${name} in the oracles' index`);
		return { ...pythonContender(python), label: pythonLabel(python) };
	});
}

/** Every contender once a round, starting with another one each time, so that none always runs first. */
async function measure(row, contenders) {
	const results = contenders.map(() => []);
	for (let round = 0; round < rounds; round++) {
		for (let turn = 0; turn < contenders.length; turn++) {
			const index = (turn + round) % contenders.length;
			if (round >= contenders[index].rounds) continue;
			const result = await contenders[index].run(row);
			if (result) results[index].push(result);
		}
	}
	for (const [index, contender] of contenders.entries()) {
		if (results[index].length > 0) contender.results.set(row.id, summary(results[index]));
	}
}

/** The twins of v8 and msgpackr are made from what the library decodes. */
function checkBuild(names) {
	const needed = names.some((name) => ["picklet", "picklet-all", "decode", "encode", "v8", "msgpackr"].includes(name));
	const built = existsSync(new URL("../dist/index.js", import.meta.url));
	if (needed && !built) throw new TypeError("there is no dist/index.js: run npm run build first");
}

function theYardstick() {
	const python = yardstick();
	if (python) say(`C is ${pythonLabel(python)}: ${python.configArguments}`);
	else say("no Python found: no yardstick, times only");
	return python;
}

function theEngines(work, programs) {
	const names = selectedEngines(work);
	checkBuild(names);
	return programs.flatMap((program) => names.map((name) => engineContender(work, program, nodeVersion(program), name)));
}

function thePrograms() {
	const wanted = options.node.includes("all") ? Object.keys(nodeVersions) : options.node;
	return wanted.map((node) => nodeProgram(node, say));
}

/** Only a whole run replaces the committed page. */
function pageToWrite() {
	const partial = options.only || options.work || options.engines || options.quick;
	return options.out ?? (partial ? undefined : fileURLToPath(new URL("RESULTS.md", import.meta.url)));
}

/** All that do one kind of work, and what they took for it. */
async function measured(work, names, programs, python) {
	const contenders = theEngines(work, programs);
	const yard = python && pythonContender(python);
	const others = otherPythons();
	const rows = names.flatMap(works[work].rows);
	for (const row of rows) {
		say(`${work} ${row.id} ${row.title}`);
		await measure(row, [...(yard ? [yard] : []), ...contenders, ...others]);
	}
	return { work, rows, yard, contenders, others };
}

async function main() {
	const selected = selectedWorks();
	ensurePeers(say);
	const programs = thePrograms();
	const python = theYardstick();
	const names = ensureWorkloads(selectedNames(), say);
	const parts = [];
	for (const work of selected) parts.push(await measured(work, names, programs, python));
	const { headline, full } = report(
		parts.filter(({ rows, contenders }) => rows.length > 0 && contenders.length > 0),
		python,
		rounds,
	);
	console.log(headline);
	const page = pageToWrite();
	if (page) writeFileSync(page, full);
	if (page) say(`written to ${page}`);
}

try {
	await main();
} catch (error) {
	if (!(error instanceof TypeError)) throw error;
	say(error.message);
	process.exitCode = 1;
}
