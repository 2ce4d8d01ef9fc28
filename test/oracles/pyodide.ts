import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadPyodide } from "pyodide";
import { repository } from "../support/repository.ts";
import { Judge } from "./judge.ts";

const modules = ["corpus/tags.py", "corpus/inert.py", "corpus/numpy_standin.py", "test/oracles/judge.py"];

let started: Promise<Judge> | undefined;

/** CPython 3.14 in pyodide: the judge that is always there. Starts once, in some five seconds. */
export function pyodide(): Promise<Judge> {
	started ??= start();
	return started;
}

async function start(): Promise<Judge> {
	const python = await loadPyodide();
	python.FS.mkdir("/judge");
	for (const module of modules) {
		python.FS.writeFile(
			join("/judge", module.slice(module.lastIndexOf("/") + 1)),
			readFileSync(join(repository, module)),
		);
	}
	python.runPython('import sys\nsys.path.insert(0, "/judge")\nimport judge');
	const answer = python.runPython("judge.answer") as (request: string) => string;
	const version = python.runPython("sys.version.split()[0]") as string;
	return new Judge(`CPython ${version} in pyodide`, 3, async (request) => answer(request));
}
