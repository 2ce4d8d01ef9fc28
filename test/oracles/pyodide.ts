import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadPyodide } from "pyodide";
import { repository } from "../support/repository.ts";
import { Judge } from "./judge.ts";

const modules = [
	"corpus/tags.py",
	"corpus/inert.py",
	"corpus/numpy_standin.py",
	"test/oracles/survivors.py",
	"test/oracles/judge.py",
];

let started: Promise<Judge> | undefined;
let loaded: ReturnType<typeof loadPyodide> | undefined;

/** CPython 3.14 in pyodide: the judge that is always there. Starts once, in some five seconds. */
export function pyodide(): Promise<Judge> {
	started ??= start();
	return started;
}

/** What a script of this folder answers in pyodide. */
export async function answerInPyodide(script: string, request: object): Promise<unknown> {
	const answer = (await load([`test/oracles/${script}`], script.replace(/\.py$/, ""))) as (request: string) => string;
	return JSON.parse(answer(JSON.stringify(request)));
}

/** Puts modules into pyodide, imports the one named, and gives its function `answer`. */
async function load(files: readonly string[], module: string): Promise<(request: string) => string> {
	loaded ??= loadPyodide();
	const python = await loaded;
	python.FS.mkdirTree("/judge");
	for (const file of files) {
		python.FS.writeFile(join("/judge", file.slice(file.lastIndexOf("/") + 1)), readFileSync(join(repository, file)));
	}
	python.runPython(`import sys\nif "/judge" not in sys.path: sys.path.insert(0, "/judge")\nimport ${module}`);
	return python.runPython(`${module}.answer`) as (request: string) => string;
}

async function start(): Promise<Judge> {
	const answer = await load(modules, "judge");
	const python = await (loaded as NonNullable<typeof loaded>);
	const version = python.runPython("sys.version.split()[0]") as string;
	return new Judge(`CPython ${version} in pyodide`, 3, async (request) => answer(request));
}
