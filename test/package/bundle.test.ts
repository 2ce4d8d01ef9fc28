import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { built } from "../support/built.ts";
import { entries, manifest } from "../support/entries.ts";
import { repository } from "../support/repository.ts";

/** Bytes, minified and gzipped, long included. Changing one is a commit with the table that this test prints. */
const budgets = [
	{ name: "decode from core", budget: 27_100, code: 'export { decode } from "picklet/core";' },
	{
		name: "decode from core, NDArray, numeric numpy reducers",
		budget: 50_310,
		code: 'export { decode } from "picklet/core"; export { arrayReducers, NDArray } from "picklet/numpy";',
	},
	{ name: "everything in the root", budget: 92_330, code: 'export * from "picklet";' },
];

/** By what people import, the files that bundlers find in the package. */
const modules = new Map(
	[...entries.keys()].map((name) => {
		const { default: path } = manifest.exports[name.replace("picklet", ".")];
		return [name, built(path.replace("./dist/", ""))] as const;
	}),
);

async function bundle(code: string, files: ReadonlyMap<string, string>) {
	const result = await build({
		stdin: { contents: code, resolveDir: repository, loader: "ts" },
		alias: Object.fromEntries(files),
		absWorkingDir: repository,
		bundle: true,
		minify: true,
		format: "esm",
		platform: "browser",
		target: "es2022",
		write: false,
		// What is imported when it is needed, such as codecs, is no part of what is loaded at first.
		splitting: true,
		outdir: "out",
		logLevel: "silent",
		metafile: true,
	});
	const loaded = loadedAtFirst(result.metafile.outputs);
	const text = result.outputFiles
		.filter(({ path }) => loaded.has(basename(path)))
		.map((file) => file.text)
		.join("");
	const parts = Object.assign({}, ...[...loaded.values()].map(({ inputs }) => inputs)) as Outputs[string]["inputs"];
	const shares = Object.entries(parts).map(([file, { bytesInOutput }]) => ({ file, bytes: bytesInOutput }));
	return { text, size: gzipSync(text, { level: 9 }).length, shares: shares.sort((a, b) => b.bytes - a.bytes) };
}

type Outputs = Metafile["outputs"];

/** The outputs that the entry imports statically, by their names. */
function loadedAtFirst(outputs: Outputs): Map<string, Outputs[string]> {
	const loaded = new Map<string, Outputs[string]>();
	const pending = Object.keys(outputs).filter((path) => outputs[path]?.entryPoint === "<stdin>");
	for (const path of pending) {
		const output = outputs[path];
		if (output === undefined || loaded.has(basename(path))) continue;
		loaded.set(basename(path), output);
		pending.push(...output.imports.filter(({ kind }) => kind === "import-statement").map((imported) => imported.path));
	}
	return loaded;
}

const table: string[] = [];
afterAll(() => console.log(["minified and gzipped, bytes   budget", ...table].join("\n")));

describe.each(budgets)("$name", ({ name, budget, code }) => {
	test("keeps its budget and runs in a browser", async () => {
		const { text, size, shares } = await bundle(code, modules);
		table.push(`${String(size).padStart(28)} ${String(budget).padStart(8)}   ${name}`);
		const largest = shares.slice(0, 12).map(({ file, bytes }) => `${String(bytes).padStart(7)} ${file}\n`);
		expect(size, `over its budget; before gzip:\n${largest.join("")}`).toBeLessThanOrEqual(budget);
		// esbuild has refused node:* already, as it does for browsers.
		expect(text).not.toMatch(/\bBuffer\b|\bprocess\.env\b/);
	});
});

test("decode from core carries no reducer, no array and no prose", async () => {
	const { shares } = await bundle('export { decode } from "picklet/core";', entries);
	const names = shares.filter(({ bytes }) => bytes > 0).map(({ file }) => file);
	expect(names.filter((file) => /src\/(reducers\/(?!reducer|by-name)|numpy|inspect)|opcodes\/docs/.test(file))).toEqual(
		[],
	);
});
