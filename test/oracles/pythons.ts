import { execFile, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { notRun } from "../support/notRun.ts";
import { repository } from "../support/repository.ts";
import { Judge } from "./judge.ts";

/** An environment of the oracles' index.json. */
export interface Python {
	readonly name: string;
	/** The program. */
	readonly python: string;
	readonly version: string;
	readonly packages: Readonly<Record<string, string>>;
}

/** The Pythons that are installed to judge; none, and noted as not run, where there is no index of them. */
export function pythons(): readonly Python[] {
	const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
	const index = join(process.env["PICKLET_ORACLES"] || join(cache, "picklet-oracles"), "index.json");
	if (existsSync(index)) return JSON.parse(readFileSync(index, "utf8"));
	notRun(
		"installed Pythons as judges (no index.json in PICKLET_ORACLES or the cache folder's picklet-oracles); pyodide judged alone",
	);
	return [];
}

const environment = {
	...process.env,
	PYTHONPATH: join(repository, "corpus"),
	PYTHONDONTWRITEBYTECODE: "1",
	OPENBLAS_NUM_THREADS: "1",
};

/** Runs a script of this folder in the Python, with one request in JSON as its input; gives its answer. */
export function runScript(python: Python, script: string, request: object): Promise<unknown> {
	return new Promise((resolve, reject) => {
		const options = { env: environment, maxBuffer: 2 ** 30 };
		const child = execFile(
			python.python,
			[join(repository, "test/oracles", script)],
			options,
			(error, output, complaint) => {
				if (error === null) resolve(JSON.parse(output));
				else reject(new Error(`${python.name}: ${complaint}`, { cause: error }));
			},
		);
		child.stdin?.end(JSON.stringify(request));
	});
}

/** Starts a process of the Python; it answers until `stop`. */
export function startPython(python: Python): { readonly judge: Judge; readonly stop: () => void } {
	const child = spawn(python.python, [join(repository, "test/oracles/judge.py")], {
		env: environment,
	});
	const waiting: { readonly resolve: (answer: string) => void; readonly reject: (error: Error) => void }[] = [];
	let complaint = "";
	const ended = () => new Error(`${python.name} ended (${child.signalCode ?? child.exitCode}): ${complaint}`);
	child.stderr.on("data", (chunk) => {
		complaint += chunk;
	});
	child.on("close", () => {
		for (const { reject } of waiting.splice(0)) reject(ended());
	});
	createInterface(child.stdout).on("line", (line) => waiting.shift()?.resolve(line));
	const ask = (request: string): Promise<string> =>
		new Promise((resolve, reject) => {
			if (child.exitCode !== null) return reject(ended());
			waiting.push({ resolve, reject });
			child.stdin.write(`${request}\n`);
		});
	return { judge: new Judge(python.name, Number(python.version[0]), ask), stop: () => child.stdin.end() };
}
