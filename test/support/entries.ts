import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./repository.ts";

/** The package.json. */
export const manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));

/** What people import, with its source: `picklet` in `src/index.ts`, `picklet/core` in `src/core.ts`, ... */
export const entries: ReadonlyMap<string, string> = new Map(
	Object.entries<{ node?: string }>(manifest.exports).flatMap(([path, { node: code }]) =>
		code === undefined ? [] : [[path.replace(/^\./, "picklet"), sourceOf(code)]],
	),
);

function sourceOf(code: string): string {
	return join(repository, code.replace("/dist/", "/src/").replace(/\.js$/, ".ts"));
}
