/**
 * What importing the root costs over an empty module, in milliseconds of the processor, which other programs disturb less
 * than the clock.
 *
 *   npm run build && node bench/import-cost.mjs
 */
import { execFileSync } from "node:child_process";

const rounds = 20;
const root = new URL("../dist/index.js", import.meta.url).href;
const empty = "data:text/javascript,export {}";

/** @param {string} url */
function importTime(url) {
	const program = `
		const before = process.cpuUsage();
		await import(${JSON.stringify(url)});
		const { user, system } = process.cpuUsage(before);
		console.log((user + system) / 1000);
	`;
	return Number(execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" }));
}

let [least, leastEmpty] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
for (let round = 0; round < rounds; round++) {
	leastEmpty = Math.min(leastEmpty, importTime(empty));
	least = Math.min(least, importTime(root));
}
console.log(`importing picklet: ${(least - leastEmpty).toFixed(1)} ms over an empty module, at best of ${rounds}`);
