/** What the benchmark installs at its first run: the peers, and Node programs of other versions. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "./workloads.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const require = createRequire(import.meta.url);
const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const quiet = ["--ignore-scripts", "--no-audit", "--no-fund"];

/** The Node versions that `--node 20` and the like stand for. */
export const nodeVersions = { 20: "20.20.2", 22: "22.23.3", 24: "24.21.0", 26: "26.10.0" };

function runNpm(npmArguments) {
	execFileSync(npm, [...npmArguments, ...quiet], { stdio: ["ignore", "ignore", "inherit"], shell: npm !== "npm" });
}

/** Installs the peers as bench/package-lock.json has them, unless they are there. */
export function ensurePeers(say) {
	if (existsSync(join(here, "node_modules"))) return;
	say("installing the peers into bench/node_modules (npm ci --prefix bench)");
	runNpm(["ci", "--prefix", here]);
}

/**
 * The program for `--node`: a path or command as given, or for a major version the program of the npm package `node`
 * (its part for this platform), installed into the cache folder.
 */
export function nodeProgram(wanted, say) {
	const version = nodeVersions[wanted];
	if (!version) return wanted;
	const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
	const folder = join(cacheFolder(), `node-${version}`);
	const program = join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
	if (!existsSync(program)) {
		say(`installing Node ${version} into ${folder}`);
		runNpm(["install", "--prefix", folder, "--no-save", `${name}@${version}`]);
	}
	return program;
}

/** "v22.23.3" */
export function nodeVersion(program) {
	return execFileSync(program, ["--version"], { encoding: "utf8" }).trim();
}

/** The installed version of one of the peers, or of pyodide, which comes with the project's own tools. */
export function packageVersion(name) {
	for (const folder of require.resolve.paths(name)) {
		const manifest = join(folder, name, "package.json");
		if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, "utf8")).version;
	}
	return "not installed";
}
