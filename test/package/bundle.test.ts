import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { entries } from "../support/entries.ts";
import { repository } from "../support/repository.ts";

/** Bytes, minified and gzipped, long included. Changing one is a commit with the table that this test prints. */
const budgets = [
	{ name: "decode from core", budget: 24_500, code: 'export { decode } from "picklet/core";' },
	{
		name: "decode from core, NDArray, numeric numpy reducers",
		budget: 41_500,
		code: 'export { decode } from "picklet/core"; export { arrayReducers, NDArray } from "picklet/numpy";',
	},
	{ name: "everything in the root", budget: 74_500, code: 'export * from "picklet";' },
];

async function bundle(code: string) {
	const result = await build({
		stdin: { contents: code, resolveDir: repository, loader: "ts" },
		alias: Object.fromEntries(entries),
		absWorkingDir: repository,
		bundle: true,
		minify: true,
		format: "esm",
		platform: "browser",
		target: "es2022",
		write: false,
		logLevel: "silent",
		metafile: true,
	});
	const text = result.outputFiles[0]?.text ?? "";
	const parts = Object.values(result.metafile.outputs)[0]?.inputs ?? {};
	const files = Object.entries(parts).map(([file, { bytesInOutput }]) => ({ file, bytes: bytesInOutput }));
	return { text, size: gzipSync(text, { level: 9 }).length, files: files.sort((a, b) => b.bytes - a.bytes) };
}

const table: string[] = [];
afterAll(() => console.log(["minified and gzipped, bytes   budget", ...table].join("\n")));

describe.each(budgets)("$name", ({ name, budget, code }) => {
	test("keeps its budget and runs in a browser", async () => {
		const { text, size, files } = await bundle(code);
		table.push(`${String(size).padStart(28)} ${String(budget).padStart(8)}   ${name}`);
		const largest = files.slice(0, 12).map(({ file, bytes }) => `${String(bytes).padStart(7)} ${file}\n`);
		expect(size, `over its budget; before gzip:\n${largest.join("")}`).toBeLessThanOrEqual(budget);
		// esbuild has refused node:* already, as it does for browsers.
		expect(text).not.toMatch(/\bBuffer\b|\bprocess\.env\b/);
	});
});

test("decode from core carries no reducer, no array and no prose", async () => {
	const { files } = await bundle('export { decode } from "picklet/core";');
	const names = files.filter(({ bytes }) => bytes > 0).map(({ file }) => file);
	expect(names.filter((file) => /src\/(reducers\/(?!reducer|by-name)|numpy|inspect)|opcodes\/docs/.test(file))).toEqual(
		[],
	);
});
