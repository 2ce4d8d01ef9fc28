import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { entries } from "../support/entries.ts";

/** The names of types among an entry's `export { ... } from` and `export type { ... } from`. */
function exportedTypes(text: string): string[] {
	return [...text.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, allTypes, list = ""]) =>
		list
			.split(",")
			.map((name) => name.trim())
			.filter((name) => name !== "" && (allTypes !== undefined || name.startsWith("type ")))
			.map((name) => name.replace(/^type /, "").replace(/^.* as /, "")),
	);
}

describe.each([...entries])("%s", (name, file) => {
	test("exports these names", async () => {
		const values = Object.keys(await import(file)).sort();
		const types = exportedTypes(readFileSync(file, "utf8")).sort();
		const list = [...values, ...types.map((type) => `type ${type}`)].map((line) => `${line}\n`).join("");
		await expect(list).toMatchFileSnapshot(`public-api/${name.replace("/", "-")}.txt`);
	});
});
