/**
 * Writes the package's code and types to dist: for Node one file an entry of package.json and the chunks that they share; for bundlers,
 * which take what is used of each, one file a module, below modules.
 *
 *   node scripts/build.mjs             code and types, into dist
 *   node scripts/build.mjs --out DIR   into DIR, which must lie inside the repository for `long` to be found from it
 *   node scripts/build.mjs --code      without the types
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import * as esbuild from "esbuild";

const root = resolve(import.meta.dirname, "..");
const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
const commandFile = manifest.bin.picklet.replace(/^(\.\/)?dist\//, "");

/** Paths below src, without ending: `index`, `numpy/index`, `cli/main`. */
function entries() {
	const files = Object.values(manifest.exports).map((target) => target.node?.replace(/^\.\/dist\//, ""));
	return [...files, commandFile].filter(Boolean).map((file) => file.replace(/\.js$/, ""));
}

/**
 * By the beginning of a file's path below src, the entry whose code is loaded when it is, or is about to be. esbuild makes a
 * chunk for each set of entries that share something; these make the sets nest: importing the root reads 3 files instead of 15,
 * at two thirds of the processor time.
 */
const within = {
	"index.ts": "core",
	"numpy/index.ts": "index",
	"inspect/index.ts": "index",
	"inspect/diagnosis/diagnose.ts": "inspect/index",
	"inspect/diagnosis/report.ts": "inspect/index",
	"temporal/index.ts": "index",
	"node/index.ts": "index",
	"cli/main.ts": "node/index",
	"containers/xz.ts": "index",
	"containers/": "core",
	"node/zlib.ts": "core",
};

/**
 * Adds the imports of `within`, which `dropBareImports` takes away again.
 *
 * @type {esbuild.Plugin}
 */
const nesting = {
	name: "nesting",
	setup(build) {
		build.onResolve({ filter: /\.ts$/ }, ({ kind, path }) => {
			if (kind !== "entry-point") return undefined;
			return { path: resolve(root, path), sideEffects: true };
		});
		build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
			const file = relative(join(root, "src"), path).replaceAll("\\", "/");
			const outer = Object.entries(within).find(([start]) => file.startsWith(start))?.[1];
			if (outer === undefined) return undefined;
			const code = await readFile(path, "utf8");
			return { contents: `${code}\nimport ${JSON.stringify(join(root, "src", `${outer}.ts`))};\n`, loader: "ts" };
		});
	},
};

/** @param {string} outdir */
async function writeCode(outdir) {
	await esbuild.build({
		absWorkingDir: root,
		entryPoints: entries().map((entry) => ({ in: `src/${entry}.ts`, out: entry })),
		outdir,
		chunkNames: "chunks/[name]-[hash]",
		bundle: true,
		splitting: true,
		format: "esm",
		// Neutral also for the entries of Node: they share chunks with the others, and what a browser cannot do stays an import.
		platform: "neutral",
		packages: "external",
		target: "es2022",
		sourcemap: true,
		// Opcodes become literals in the `case`s that name them; names and lines stay readable in stack traces.
		minifySyntax: true,
		logLevel: "warning",
		plugins: [nesting],
	});
	await dropBareImports(outdir);
	await makeCommand(join(outdir, commandFile));
}

/** @param {string} outdir */
async function writeModules(outdir) {
	const files = (await readdir(join(root, "src"), { recursive: true })).filter((file) =>
		/^(?!cli\W).*\.ts$/.test(file),
	);
	await esbuild.build({
		absWorkingDir: root,
		entryPoints: files.map((file) => join("src", file)),
		outbase: "src",
		outdir,
		format: "esm",
		target: "es2022",
		logLevel: "warning",
	});
	const written = (await readdir(outdir, { recursive: true })).filter((file) => file.endsWith(".js"));
	await Promise.all(written.map((file) => importCode(join(outdir, file))));
}

/**
 * esbuild leaves imports of chunks for their side effects, of which there are none; bundlers warn of them. An empty line
 * stays, which keeps the source maps right.
 *
 * @param {string} outdir
 */
async function dropBareImports(outdir) {
	const files = (await readdir(outdir, { recursive: true })).filter((file) => file.endsWith(".js"));
	for (const file of files) {
		const code = await readFile(join(outdir, file), "utf8");
		const kept = code.replace(/^import "\.[^"]*";$/gm, "");
		if (kept !== code) await writeFile(join(outdir, file), kept);
	}
}

/** @param {string} file */
async function makeCommand(file) {
	const code = await readFile(file, "utf8");
	if (!code.startsWith("#!")) {
		const map = JSON.parse(await readFile(`${file}.map`, "utf8"));
		await writeFile(file, `#!/usr/bin/env node\n${code}`);
		await writeFile(`${file}.map`, JSON.stringify({ ...map, mappings: `;${map.mappings}` }));
	}
	await chmod(file, 0o755);
}

/** @param {string} outdir */
async function writeTypes(outdir) {
	const tsc = join(createRequire(import.meta.url).resolve("typescript/package.json"), "../bin/tsc");
	const compiler = spawn(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", outdir], {
		cwd: root,
		stdio: "inherit",
	});
	const [status] = await once(compiler, "exit");
	if (status !== 0) throw new Error("tsc found errors in src");
	const files = await readdir(outdir, { recursive: true });
	await Promise.all(files.filter((file) => file.endsWith(".d.ts")).map((file) => importCode(join(outdir, file))));
}

/**
 * The compilers leave `.ts` in imports, which names no file of the package.
 *
 * @param {string} file
 */
async function importCode(file) {
	const text = await readFile(file, "utf8");
	await writeFile(file, text.replace(/(\b(?:from|import)[ (]*"\.\.?\/[^"]*)\.ts"/g, '$1.js"'));
}

const { values: flags } = parseArgs({
	options: { out: { type: "string", default: "dist" }, code: { type: "boolean" } },
});
const outdir = resolve(root, flags.out);
await rm(outdir, { recursive: true, force: true });
try {
	await Promise.all([
		writeCode(outdir),
		writeModules(join(outdir, "modules")),
		flags.code ? undefined : writeTypes(outdir),
	]);
} catch (error) {
	console.error(`build failed: ${error instanceof Error ? error.message : error}`);
	process.exitCode = 1;
}
