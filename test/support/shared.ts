import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { notRun } from "./notRun.ts";
import { repository } from "./repository.ts";

/**
 * A folder or file of the test data that lies beside the repository, in `../shared` or where `PICKLET_SHARED` says;
 * undefined, and noted as not run, if it is not there.
 */
export function sharedFolder(name: string): string | undefined {
	const path = join(resolve(repository, process.env["PICKLET_SHARED"] ?? "../shared"), name);
	if (existsSync(path)) return path;
	notRun(`what needs the shared test data "${name}" (a folder beside the repository, or where PICKLET_SHARED says)`);
	return undefined;
}
