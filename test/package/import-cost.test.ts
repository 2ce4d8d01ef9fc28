import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { built, runFolder } from "../support/built.ts";

const budget = 5;

/** Milliseconds of the processor, which other programs disturb less than the clock, that a fresh Node takes to import a module. */
function importTime(file: string): number {
	const program = `
		const before = process.cpuUsage();
		await import(${JSON.stringify(pathToFileURL(file))});
		const { user, system } = process.cpuUsage(before);
		console.log((user + system) / 1000);
	`;
	return Number(execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" }));
}

test("importing the root costs at most 5 ms over an empty module", () => {
	const empty = join(runFolder(), "empty.js");
	writeFileSync(empty, "export {};\n");
	// The least of each: whatever else the machine does can only add to it.
	let [least, leastEmpty] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
	for (let round = 0; round < 25 && (round < 10 || least - leastEmpty > budget); round++) {
		leastEmpty = Math.min(leastEmpty, importTime(empty));
		least = Math.min(least, importTime(built("index.js")));
	}
	console.log(`importing the root: ${(least - leastEmpty).toFixed(1)} ms over an empty module`);
	expect(least - leastEmpty).toBeLessThanOrEqual(budget);
});
