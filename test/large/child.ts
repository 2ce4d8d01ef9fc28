import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { built, runFolder } from "../support/built.ts";

/** Runs a module in a process of its own, with all of "picklet/node" in `picklet`, and gives the JSON that it prints. */
export function inNode(code: string): Record<string, unknown> {
	const entry = pathToFileURL(built("node/index.js")).href;
	const module = `import * as picklet from ${JSON.stringify(entry)};
const result = await (async () => {${code}})();
console.log(JSON.stringify({ ...result, peak: process.resourceUsage().maxRSS * 1024 }));`;
	const node = process.env["PICKLET_NODE"] ?? process.execPath;
	return JSON.parse(output(node, ["--input-type=module", "-e", module]));
}

/** Runs a program of Python, and gives what it prints. */
export function inPython(python: string, code: string): string {
	return output(python, ["-c", code]).trim();
}

function output(program: string, args: readonly string[]): string {
	const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 2 ** 26 });
	if (status === 0) return stdout;
	throw new Error(`${program} failed (${status}): ${stderr || error}`);
}

/** A path for a large file, where PICKLET_LARGE says or beside the built code; it is gone after `use`. */
export function withFile<T>(name: string, use: (path: string) => T): T {
	const path = join(process.env["PICKLET_LARGE"] ?? runFolder(), name);
	try {
		return use(path);
	} finally {
		rmSync(path, { force: true });
	}
}
