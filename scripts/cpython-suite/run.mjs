/**
 * Runs CPython's own test.test_pickle with the library between the tests and pickle: first everything that is dumped is
 * decoded and encoded again before the tests see it, then everything that is to be loaded before Python loads it.
 *
 *   npm run cpython-suite -- [--python NAME]... [--only PATTERN] [--library FILE] [--json]
 *
 * --python   environments of the oracles' index.json; default: the newest of 3.11 and of 3.13, where there are such
 * --only     a regular expression that the tests' names are searched for: 'CPicklerTests\.test_float'
 * --library  the library as built; default dist/index.js
 * --json     prints what the tables would show as JSON
 *
 * exclusions.json lists the tests that cannot apply, each with its reason. One that passes all the same is an error, so the
 * list has none too many.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { oracleNamed, oracles } from "../../bench/pythons.mjs";

const here = import.meta.dirname;
const exclusionsFile = join(here, "exclusions.json");

const { values: options } = parseArgs({
	options: {
		python: { type: "string", multiple: true },
		only: { type: "string", default: "" },
		library: { type: "string", default: join(here, "../../dist/index.js") },
		json: { type: "boolean", default: false },
	},
});

function selectedPythons() {
	if (options.python) {
		return options.python.map((name) => {
			const python = oracleNamed(name);
			if (python === undefined) throw new Error(`no Python named ${name} in the oracles' index`);
			return { name, version: python.version, program: python.program };
		});
	}
	return ["3.11.", "3.13."].flatMap((minor) => {
		const row = oracles().findLast(({ version }) => version.startsWith(minor));
		return row ? [{ name: row.name, version: row.version, program: row.python }] : [];
	});
}

/** What suite.py says of each test in each direction. */
async function rowsOf(python) {
	// The tests leave files where they run.
	const folder = await mkdtemp(join(tmpdir(), "picklet-suite-"));
	try {
		const output = join(folder, "rows.json");
		const library = JSON.stringify([process.execPath, join(here, "transcode.mjs"), resolve(options.library)]);
		const suite = [join(here, "suite.py"), library, exclusionsFile, output, options.only];
		const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1", OPENBLAS_NUM_THREADS: "1" };
		const child = spawn(python.program, suite, { cwd: folder, env, stdio: ["ignore", "ignore", "pipe"] });
		const complaints = [];
		child.stderr.on("data", (chunk) => complaints.push(chunk));
		const [code] = await once(child, "close");
		if (code !== 0) throw new Error(`${python.name}: ${Buffer.concat(complaints)}`);
		return JSON.parse(await readFile(output, "utf8"));
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** What became of a test method over both directions; "silent" if no pickle came through the library. */
function fateOf(rows) {
	const outcomes = rows.map(({ outcome }) => outcome);
	for (const outcome of ["failed", "needless", "excluded"]) if (outcomes.includes(outcome)) return outcome;
	if (outcomes.every((outcome) => outcome === "skipped")) return "skipped";
	return rows.some(({ transcoded, refused }) => transcoded + refused > 0) ? "passed" : "silent";
}

/** The rows of each test. */
function byTest(rows) {
	const tests = new Map();
	for (const row of rows) tests.set(row.test, [...(tests.get(row.test) ?? []), row]);
	return tests;
}

const noFates = { passed: 0, silent: 0, skipped: 0, excluded: 0, failed: 0, needless: 0 };

function summaryOf(python, rows) {
	const classes = {};
	for (const [test, both] of byTest(rows)) {
		const [name] = test.split(".");
		classes[name] ??= { ...noFates, methods: 0, transcoded: 0, refused: 0 };
		classes[name].methods++;
		classes[name][fateOf(both)]++;
		for (const { transcoded, refused } of both) {
			classes[name].transcoded += transcoded;
			classes[name].refused += refused;
		}
	}
	const failures = rows.filter(({ outcome }) => outcome === "failed" || outcome === "needless");
	return { name: python.name, version: python.version, classes, total: sum(Object.values(classes)), failures };
}

function sum(counts) {
	const total = { ...noFates, methods: 0, transcoded: 0, refused: 0 };
	for (const count of counts) for (const key of Object.keys(total)) total[key] += count[key];
	return total;
}

const columns = {
	methods: "test methods",
	passed: "passed",
	silent: "no pickle",
	skipped: "skipped",
	excluded: "excluded",
	failed: "failed",
	needless: "needless",
	transcoded: "transcoded",
	refused: "refused",
};

function print({ name, version, classes, total, failures }) {
	console.log(`\nCPython ${version} (${name})\n`);
	const line = (title, cells) =>
		console.log(title.padEnd(30) + cells.map((cell) => String(cell).padStart(13)).join(""));
	line("", Object.values(columns));
	for (const [title, counts] of [...Object.entries(classes), ["all", total]]) {
		line(
			title,
			Object.keys(columns).map((key) => counts[key]),
		);
	}
	for (const { test, direction, outcome, detail } of failures)
		console.log(`\n${outcome}, ${direction}: ${test}\n${detail}`);
	console.log(`\n${((total.excluded / total.methods) * 100).toFixed(1)} % excluded`);
}

const legend = `
A test method runs in both directions. passed: pickles went through the library and the test passed. no pickle: it passed
and none came into being, as where dumps is to fail. skipped: by CPython itself. needless: excluded, but it passes.
transcoded: pickles. refused: pickles that neither the library nor Python takes.`;

async function main() {
	const pythons = selectedPythons();
	if (pythons.length === 0) throw new Error("no Python 3.11 or 3.13 in the oracles' index");
	const summaries = await Promise.all(pythons.map(async (python) => summaryOf(python, await rowsOf(python))));
	if (options.json) process.stdout.write(`${JSON.stringify(summaries)}\n`);
	else {
		summaries.forEach(print);
		console.log(legend);
		console.log("\nExcluded:");
		const exclusions = JSON.parse(await readFile(exclusionsFile, "utf8"));
		for (const { tests, directions, reason } of exclusions)
			console.log(`  ${tests} (${directions.join(", ")}): ${reason}`);
	}
	if (summaries.some(({ failures }) => failures.length > 0)) process.exitCode = 1;
}

await main();
