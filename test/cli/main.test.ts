import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { built, runFolder } from "../support/built.ts";
import { repository } from "../support/repository.ts";

const folder = join(runFolder(), "main");
const long = join(folder, "long.pkl");
const command = () => built("cli/main.js");

beforeAll(() => {
	mkdirSync(folder, { recursive: true });
	writeFileSync(long, Buffer.from(`(${"K\x07".repeat(500_000)}l.`, "latin1"));
	// The command reads the version from the package that it lies in.
	writeFileSync(join(runFolder(), "package.json"), readFileSync(join(repository, "package.json")));
});

function picklet(args: readonly string[], input = "") {
	const { status, stdout, stderr } = spawnSync(process.execPath, [command(), ...args], { input, encoding: "utf8" });
	return { status, stdout, stderr };
}

test("reads standard input and prints to standard output", () => {
	expect(picklet(["show", "-"], "(lp0\nI1\naI2\na.")).toEqual({ status: 0, stdout: "[1, 2]\n", stderr: "" });
});

test("a failure is one line on standard error and exit status 1", () => {
	const { status, stdout, stderr } = picklet(["show", join(folder, "missing")]);
	expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
	expect(stderr).toMatch(/^picklet: .*missing: no such file\n$/);
});

test("a wrong command line is exit status 2", () => expect(picklet(["show", "--nonsense"]).status).toBe(2));

test("knows its version", () => {
	const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
	expect(picklet(["--version"])).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
});

test("large output goes through a pipe whole", () => {
	const { status, stdout } = spawnSync(process.execPath, [command(), "show", "--full", long], { maxBuffer: 2 ** 26 });
	expect(status).toBe(0);
	expect(stdout.toString().match(/7/g)).toHaveLength(500_000);
});

test("a pipe that closes early is no error", async () => {
	const child = spawn(process.execPath, [command(), "show", "--full", long]);
	let stderr = "";
	child.stderr.on("data", (chunk) => (stderr += chunk));
	await once(child.stdout, "data");
	child.stdout.destroy();
	const [status] = await once(child, "close");
	expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
