import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Terminal } from "./command.ts";
import { run } from "./run.ts";

const { stdin, stdout, stderr } = process;

const terminal: Terminal = {
	write: async (text) => {
		if (!stdout.write(text)) await once(stdout, "drain");
	},
	complain: (line) => void stderr.write(`${line}\n`),
	...(stderr.isTTY ? { showProgress: (line: string) => void stderr.write(`\r\x1b[K${line}`) } : {}),
	input: () => stdin,
	width: Math.max(40, stdout.columns ?? 80),
	isStyled: stdout.isTTY === true && stdout.hasColors(),
};

/** Whoever reads has had enough: no error. */
function onWriteError(error: NodeJS.ErrnoException): never {
	if (error.code === "EPIPE") process.exit();
	stderr.write(`picklet: cannot write: ${error.message}\n`);
	process.exit(1);
}

function version(): string {
	const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
	return (JSON.parse(manifest) as { version: string }).version;
}

stdout.on("error", onWriteError);
stderr.on("error", () => {});
const args = process.argv.slice(2);
process.exitCode = await run(args, version, terminal);
