import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { runFolder } from "./built.ts";

/** Notes what this machine has not the means to test, in one line, for the list that ends the run of the tests. */
export function notRun(reason: string): void {
	appendFileSync(join(runFolder(), "notRun.txt"), `${reason.replaceAll(/\s+/g, " ")}\n`);
}
