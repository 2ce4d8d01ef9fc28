import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./repository.ts";

/**
 * Before all tests: builds the code as it is now, for the tests of `built.ts`. After them: says what could not be run
 * on this machine.
 */
export default function setup(): () => void {
	const folder = join(repository, ".cache", `test-${process.pid}`);
	mkdirSync(folder, { recursive: true });
	process.env["PICKLET_TEST_FOLDER"] = folder;
	build(folder);
	return () => {
		printNotRun(join(folder, "notRun.txt"));
		rmSync(folder, { recursive: true, force: true });
	};
}

function build(folder: string): void {
	const command = ["scripts/build.mjs", "--code", "--out", join(folder, "dist")];
	const { status, stderr } = spawnSync(process.execPath, command, { cwd: repository, encoding: "utf8" });
	if (status !== 0) writeFileSync(join(folder, "buildError.txt"), stderr);
}

function printNotRun(list: string): void {
	if (!existsSync(list)) return;
	const reasons = new Set(readFileSync(list, "utf8").split("\n").filter(Boolean));
	console.log(`Could not run here:\n${[...reasons].map((reason) => `  ${reason}\n`).join("")}`);
}
