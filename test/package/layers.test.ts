import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { repository } from "../support/repository.ts";

interface Layer {
	readonly name: string;
	readonly files: RegExp;
	/** Names of the layers it may import from, besides itself. */
	readonly imports: string;
	readonly packages?: RegExp;
}

/** From the lowest to the highest. A file belongs to the first row that matches it. biome.jsonc says the same to editors. */
const layers: readonly Layer[] = [
	{ name: "int64", files: /^bytes\/int64\.ts$/, imports: "values", packages: /^long$/ },
	{ name: "values", files: /^((errors|values|limits)\.ts$|values\/|bytes\/)/, imports: "int64" },
	{
		name: "containers",
		files: /^containers\//,
		imports: "int64 values",
		packages: /^(fzstd|pako|xz-decompress)$/,
	},
	{ name: "opcodes", files: /^opcodes\//, imports: "int64 values" },
	{ name: "reducer", files: /^reducers\/(reducer|by-name)\.ts$/, imports: "int64 values opcodes" },
	{ name: "reducers", files: /^(numpy\/)?reducers[./]/, imports: "int64 values opcodes reducer dtype arrays" },
	{
		name: "npy",
		files: /^numpy\/np[yz]\.ts$/,
		imports: "int64 values containers opcodes dtype arrays reducers codec",
		packages: /^unzipit$/,
	},
	{
		name: "numpy",
		files: /^numpy\/index\.ts$/,
		imports: "int64 values opcodes reducer dtype arrays reducers codec npy",
	},
	{ name: "dtype", files: /^numpy\/dtype\.ts$/, imports: "int64 values opcodes arrays" },
	{ name: "arrays", files: /^numpy\//, imports: "int64 values opcodes reducer dtype" },
	{ name: "codec", files: /^codec\//, imports: "int64 values containers opcodes reducer dtype arrays reducers" },
	{
		name: "salvaged",
		files: /^inspect\/(index|salvaged)\.ts$/,
		imports: "int64 values containers opcodes dtype reducers codec inspect",
	},
	{ name: "inspect", files: /^inspect\//, imports: "int64 values containers opcodes dtype codec" },
	{
		name: "temporal",
		files: /^temporal\//,
		imports: "int64 values opcodes reducer dtype arrays reducers codec",
		packages: /^temporal-polyfill/,
	},
	{ name: "core", files: /^core\.ts$/, imports: "int64 values containers opcodes reducer dtype arrays codec" },
	{
		name: "root",
		files: /^index\.ts$/,
		imports: "int64 values containers opcodes reducer dtype arrays reducers codec numpy core",
	},
	{
		name: "node",
		files: /^node\//,
		imports: "int64 values containers opcodes reducer dtype arrays reducers codec inspect npy numpy core root",
		packages: /^node:/,
	},
	{
		name: "cli",
		files: /^cli\//,
		imports:
			"int64 values containers opcodes reducer dtype arrays reducers codec inspect npy temporal numpy core root node",
		packages: /^node:/,
	},
];

const source = join(repository, "src");
const files = readdirSync(source, { recursive: true, encoding: "utf8" })
	.map((file) => file.replaceAll("\\", "/"))
	.filter((file) => file.endsWith(".ts"));
const importsOf = new Map(files.map((file) => [file, readImports(file)]));

/** What a file imports, types too: paths below src, and names of packages. */
function readImports(file: string): string[] {
	const text = readFileSync(join(source, file), "utf8");
	const statements = text.matchAll(/^(?:import|export)\s(?:(?:[\w\s,*]|\{[^}]*\})*\sfrom\s*)?"([^"]+)"/gm);
	const calls = text.matchAll(/^(?!\s*(?:\*|\/[/*])).*?\bimport\(\s*"([^"]+)"/gm);
	const names = [...statements, ...calls].map((match) => match[1] as string);
	return names.map((name) => (name.startsWith(".") ? posix.join(posix.dirname(file), name) : name));
}

function layerOf(file: string): Layer | undefined {
	return layers.find((layer) => layer.files.test(file));
}

function isAllowed(file: string, imported: string): boolean {
	const layer = layerOf(file);
	if (layer === undefined) return false;
	if (!importsOf.has(imported)) return layer.packages?.test(imported) ?? false;
	const other = layerOf(imported);
	return other === layer || layer.imports.split(" ").includes(other?.name ?? "");
}

/** The files of one import cycle, or undefined. */
function findCycle(): string[] | undefined {
	const done = new Set<string>();
	const visit = (file: string, path: readonly string[]): string[] | undefined => {
		if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
		if (done.has(file)) return undefined;
		for (const imported of importsOf.get(file) ?? []) {
			const cycle = visit(imported, [...path, file]);
			if (cycle !== undefined) return cycle;
		}
		done.add(file);
		return undefined;
	};
	for (const file of files) {
		const cycle = visit(file, []);
		if (cycle !== undefined) return cycle;
	}
	return undefined;
}

test("every file of src has a layer", () => {
	expect(files.filter((file) => layerOf(file) === undefined)).toEqual([]);
});

test("imports go down the layers only", () => {
	const wrong = files.flatMap((file) =>
		(importsOf.get(file) ?? []).filter((name) => !isAllowed(file, name)).map((name) => `${file} imports ${name}`),
	);
	expect(wrong).toEqual([]);
});

test("no file imports itself by way of others", () => {
	expect(findCycle()).toBeUndefined();
});

test("the table itself goes one way, but for what int64 and dtype share with their neighbours", () => {
	const cyclic = layers.flatMap((layer) =>
		layer.imports
			.split(" ")
			.filter((name) =>
				layers
					.find((other) => other.name === name)
					?.imports.split(" ")
					.includes(layer.name),
			)
			.map((name) => `${layer.name} ${name}`),
	);
	expect(cyclic.sort()).toEqual(["arrays dtype", "dtype arrays", "int64 values", "values int64"]);
});
