import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A folder inside the repository that lives as long as this run of the tests. */
export function runFolder(): string {
	const folder = process.env["PICKLET_TEST_FOLDER"];
	if (folder === undefined) throw new Error("test/support/globalSetup.ts has not run");
	return folder;
}

/**
 * A file of the code as built when this run of the tests began, such as `built("cli/main.js")`: never a dist that is older
 * than src. Throws what the build said if it failed.
 */
export function built(path: string): string {
	const failure = join(runFolder(), "buildError.txt");
	if (existsSync(failure)) throw new Error(readFileSync(failure, "utf8"));
	return join(runFolder(), "dist", path);
}
