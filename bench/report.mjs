/** The benchmark's results as Markdown. */
import { cpus, homedir, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { geometricMean } from "./statistics.mjs";

const project = fileURLToPath(new URL("..", import.meta.url));

/** Left out of the mean: ruled by a call's cost, by the memory's speed, by a library. */
const notAveraged = new Set(["S1", "W9", "W13"]);

/** `names` is how many columns at the left hold text and not numbers. */
function table(header, rows, names = 1) {
	const line = (cells) => `| ${cells.join(" | ")} |`;
	return [line(header), line(header.map((_, column) => (column < names ? "---" : "---:"))), ...rows.map(line)].join(
		"\n",
	);
}

function milliseconds(number) {
	if (number < 0.1) return number.toPrecision(2);
	return number.toFixed(number < 1 ? 2 : number < 100 ? 1 : 0);
}

function megabytes(bytes) {
	return (bytes / 1e6).toFixed(0);
}

function ratio(part, whole) {
	const quotient = part / whole;
	return Number.isFinite(quotient) ? quotient.toFixed(quotient < 0.1 ? 3 : 2) : "";
}

/** Paths of this machine are nobody's business in a committed file. */
function withoutPaths(text) {
	return text.replaceAll(project, "").replaceAll(homedir(), "~");
}

function cell(result, yard) {
	if (!result) return "";
	if (result.outcome !== "right") return result.outcome;
	const times = milliseconds(result.median);
	return yard?.outcome === "right" ? `${ratio(result.median, yard.median)} (${times})` : `(${times})`;
}

function rowTitle(row) {
	return `${row.id} ${row.title}`;
}

function meanCell(results, yards, rows) {
	const ratios = [];
	for (const row of rows.filter(({ name }) => !notAveraged.has(name))) {
		const [result, yard] = [results.get(row.id), yards?.get(row.id)];
		if (result?.outcome === "right" && yard?.outcome === "right") ratios.push(result.median / yard.median);
		else return "";
	}
	return ratios.length > 0 ? geometricMean(ratios).toFixed(2) : "";
}

/** Ratios of one runtime's engines, a column each. */
function ratioTable(rows, yard, contenders) {
	const header = ["workload", ...(yard ? ["C, ms"] : []), ...contenders.map(({ label }) => label)];
	const lines = rows.map((row) => {
		const yardResult = yard?.results.get(row.id);
		const yardCell = yardResult?.outcome === "right" ? milliseconds(yardResult.median) : (yardResult?.outcome ?? "");
		const cells = contenders.map(({ results }) => cell(results.get(row.id), yardResult));
		return [rowTitle(row), ...(yard ? [yardCell] : []), ...cells];
	});
	const means = contenders.map(({ results }) => meanCell(results, yard?.results, rows));
	return table(header, [...lines, ["geometric mean", ...(yard ? [""] : []), ...means]]);
}

function detailLine(row, contender, yard) {
	const result = contender.results.get(row.id);
	const name = [row.id, contender.label, contender.runtime];
	if (result.outcome !== "right") return [...name, result.outcome, "", "", "", "", "", "", "", ""];
	const over = yard?.outcome === "right" ? (key) => ratio(result[key], yard[key]) : () => "";
	const growth = yard?.growth >= 1e6 ? over("growth") : "";
	return [
		...name,
		...[milliseconds(result.median), milliseconds(result.best), milliseconds(result.first), over("median")],
		...[milliseconds(result.cpu), over("cpu"), megabytes(result.peak), megabytes(result.growth), growth],
	];
}

function detailTable(rows, yard, contenders) {
	const header = ["workload", "engine", "runtime", "median ms", "best ms", "first ms", "/ C"];
	header.push("CPU ms", "CPU / C", "peak MB", "growth MB", "growth / C");
	const lines = rows.flatMap((row) =>
		contenders
			.filter(({ results }) => results.has(row.id))
			.map((contender) => detailLine(row, contender, yard?.results.get(row.id))),
	);
	return table(header, lines, 3);
}

function failures(rows, contenders) {
	const places = new Map();
	for (const row of rows) {
		for (const { label, results } of contenders) {
			const { reason } = results.get(row.id) ?? {};
			if (!reason) continue;
			const failure = `${label}: \`${withoutPaths(reason).trim().slice(0, 120)}\``;
			places.set(failure, new Set(places.get(failure)).add(row.id));
		}
	}
	return [...places].map(([failure, ids]) => `- ${failure} (${[...ids].join(", ")})`);
}

function machine() {
	const processors = cpus();
	return `${processors.length} x ${processors[0]?.model ?? "unknown"}, ${megabytes(totalmem())} MB, ${process.platform} ${release()}`;
}

function about(python, rounds) {
	const lines = [`${new Date().toISOString().slice(0, 10)}; ${machine()}; ${rounds} rounds.`];
	if (python) {
		const { version, compiler, configArguments } = python;
		lines.push(
			`C is \`pickle.loads\` and \`pickle.dumps\` of CPython ${version}, ${compiler}, \`${withoutPaths(configArguments ?? "unknown flags")}\`.`,
		);
	}
	return lines.join(" ");
}

const explanations = {
	decode: `"wrong": decoded to something else, by a few sampled values; "fails": an error. jpickle reads the protocol 2 file.
JSON and msgpackr copy what W6 shares. pyodide is measured in one round.`,
	encode: `Each engine encodes what it decoded, C at protocol 4. "wrong": decodes to something else again; "fails": an
error. JSON holds no integers beyond 53 bits, and JSON and msgpackr write anew what W6 shares.`,
};

const explanation = `Time over C's time, below 1 is faster than C; in brackets milliseconds. Each number is the median over the rounds of
a process's median: a round runs every engine once, in a fresh process, with the same number of iterations and a
collection before each that is not timed.`;

const detailExplanation = `"first" is a process's first call. Peak is the process's resident memory after the first call, growth what of it came
since the engine was loaded, the input included, or to encode since there was a value.`;

const titles = { decode: "Decode", encode: "Encode" };

/** The tables of ratios of one kind of work. */
function ratios({ work, rows, yard, contenders, others }) {
	const runtimes = [...new Set(contenders.map(({ runtime }) => runtime))];
	const sections = runtimes.map((runtime) => {
		const own = contenders.filter((contender) => contender.runtime === runtime);
		return `### ${runtime}\n\n${ratioTable(rows, yard, own)}`;
	});
	if (others.length > 0) sections.push(`### Other Pythons\n\n${ratioTable(rows, yard, others)}`);
	return [`## ${titles[work]}`, explanations[work], ...sections].join("\n\n");
}

/** All figures of one kind of work. */
function details({ work, rows, yard, contenders, others }) {
	const everyone = [...(yard ? [yard] : []), ...contenders, ...others];
	const notes = failures(rows, everyone);
	const full = [`### ${titles[work]}`, detailTable(rows, yard, everyone)];
	if (notes.length > 0) full.push("Errors:", notes.join("\n"));
	return full.join("\n\n");
}

/**
 * Each of `parts` is one kind of work: { work, rows, yard, contenders, others }. Its `yard` (or undefined) and `contenders`
 * have label, runtime ("Node 20.20.2") and results, a Map from a row's id to its summary. `others` are more Pythons, `python`
 * is the yardstick's. Returns { headline, full }: the ratio tables, and the whole page.
 */
export function report(parts, python, rounds) {
	const headline = [about(python, rounds), explanation, ...parts.map(ratios)].join("\n\n");
	const full = ["# Benchmark", "Written by `npm run bench`.", headline, "## In full", detailExplanation];
	full.push(...parts.map(details));
	return { headline, full: `${full.join("\n\n")}\n` };
}
