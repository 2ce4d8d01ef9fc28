import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { built, runFolder } from "../support/built.ts";

/** Milliseconds that a fresh Node takes to import a module. */
function importTime(file: string): number {
	const url = JSON.stringify(pathToFileURL(file));
	const program = `const start = performance.now(); await import(${url}); console.log(performance.now() - start);`;
	return Number(execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" }));
}

test("importing the root costs at most 5 ms over an empty module", () => {
	const empty = join(runFolder(), "empty.js");
	writeFileSync(empty, "export {};\n");
	const times = Array.from({ length: 15 }, () => [importTime(empty), importTime(built("index.js"))] as const);
	// The least of each: whatever else the machine does can only add to it.
	const cost = Math.min(...times.map(([, root]) => root)) - Math.min(...times.map(([nothing]) => nothing));
	console.log(`importing the root: ${cost.toFixed(1)} ms over an empty module`);
	expect(cost).toBeLessThanOrEqual(5);
});
