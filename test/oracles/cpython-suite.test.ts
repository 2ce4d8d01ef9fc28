import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { built } from "../support/built.ts";
import { notRun } from "../support/notRun.ts";
import { repository } from "../support/repository.ts";
import { pythons } from "./pythons.ts";

const run = promisify(execFile);

interface Counts {
	readonly methods: number;
	readonly excluded: number;
	readonly transcoded: number;
}

interface Summary {
	readonly total: Counts;
	/** Tests that fail, and excluded ones that do not. */
	readonly failures: readonly object[];
}

/** The last installed Python of each minor version that has its own tests with it. */
async function withTests(): Promise<string[]> {
	const names: string[] = [];
	for (const minor of ["3.11.", "3.13."]) {
		const python = pythons().findLast(({ version }) => version.startsWith(minor));
		const hasTests = python && (await canImport(python.python, "test.pickletester"));
		if (hasTests) names.push(python.name);
		else notRun(`CPython's own tests of pickle, ${minor}x (no such Python with its package test)`);
	}
	return names;
}

async function canImport(program: string, module: string): Promise<boolean> {
	if (!existsSync(program)) return false;
	return run(program, ["-c", `import ${module}`]).then(
		() => true,
		() => false,
	);
}

/** What scripts/cpython-suite/run.mjs comes to. Its exit code says the same as `failures`. */
async function suite(name: string): Promise<Summary> {
	const script = join(repository, "scripts/cpython-suite/run.mjs");
	const options = ["--json", "--library", built("index.js"), "--python", name];
	const { stdout } = await run(process.execPath, [script, ...options], { maxBuffer: 2 ** 26 }).catch((error) => {
		if (error.stdout) return error;
		throw error;
	});
	const [summary] = JSON.parse(stdout);
	return summary;
}

const names = await withTests();

describe.skipIf(names.length === 0)("CPython's own tests of pickle pass", () => {
	it.concurrent.each(names)("with all pickles transcoded: %s", { timeout: 300_000 }, async (name) => {
		const { total, failures } = await suite(name);
		expect(failures).toEqual([]);
		expect(total.transcoded).toBeGreaterThan(10_000);
		expect(total.excluded).toBeLessThan(total.methods / 10);
	});
});
