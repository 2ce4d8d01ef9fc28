import { execFileSync } from "node:child_process";
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { entries, manifest } from "../support/entries.ts";
import { repository } from "../support/repository.ts";

/** A project that has installed the package as `npm publish` would send it. */
const project = mkdtempSync(join(tmpdir(), "picklet-package-"));
const installed = join(project, "node_modules/picklet");
let tarball = "";
let packed: string[] = [];

/** Runs a program, and gives what it printed. */
function run(program: string, args: readonly string[], cwd: string): string {
	return execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

beforeAll(() => {
	const checkout = join(project, "checkout");
	for (const name of [
		"package.json",
		"README.md",
		"LICENSE",
		"CHANGELOG.md",
		"docs",
		"tsconfig.json",
		"tsconfig.build.json",
		"scripts",
		"src",
	]) {
		if (existsSync(join(repository, name))) cpSync(join(repository, name), join(checkout, name), { recursive: true });
	}
	symlinkSync(join(repository, "node_modules"), join(checkout, "node_modules"));
	run(process.execPath, ["scripts/build.mjs"], checkout);
	const [report] = JSON.parse(
		run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], checkout),
	);
	tarball = join(project, report.filename);
	packed = report.files.map((file: { path: string }) => file.path);
	mkdirSync(installed, { recursive: true });
	run("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed], project);
	for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
		symlinkSync(join(repository, "node_modules", name), join(project, "node_modules", name));
	}
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

test("the package holds the code, the types, the three texts and what they link to, nothing else", () => {
	const texts = packed.filter((path) => !path.startsWith("dist/"));
	const pages = readdirSync(join(repository, "docs")).map((name) => `docs/${name}`);
	const wanted = ["CHANGELOG.md", "LICENSE", "README.md", ...pages, "package.json"];
	expect(texts.sort()).toEqual(wanted.filter((name) => existsSync(join(repository, name))));
	expect(packed.filter((path) => path.startsWith("dist/") && !/\.(js|js\.map|d\.ts)$/.test(path))).toEqual([]);
});

test("every entry has its code and its types, and imports", () => {
	for (const target of Object.values<string | { types: string; node: string; default: string }>(manifest.exports)) {
		const paths = typeof target === "string" ? [target] : [target.types, target.node, target.default];
		for (const path of paths) expect(packed).toContain(path.replace("./", ""));
	}
	const program = [...entries.keys()].map((name) => `await import("${name}");`).join("\n");
	run(process.execPath, ["--input-type=module", "--eval", program], project);
});

test("CommonJS requires every entry", () => {
	const program = [...entries.keys()].map((name) => `require("${name}");`).join("\n");
	expect(run(process.execPath, ["--input-type=commonjs", "--eval", program], project)).toBe("");
});

test("only the entries of Node import node:*", () => {
	for (const [name] of entries) {
		const nodes = reachable(join(installed, manifest.exports[name.replace("picklet", ".")].default));
		expect([name, nodes.some((imported) => imported.startsWith("node:"))]).toEqual([name, name === "picklet/node"]);
	}
});

/** What a built file imports, and so on: packages and modules of Node by name. */
function reachable(file: string, seen = new Set<string>()): string[] {
	if (seen.has(file)) return [];
	seen.add(file);
	const names = [...readFileSync(file, "utf8").matchAll(/^(?:import|export|\} from)\b[^;"]*"([^"]+)";/gm)];
	return names.flatMap(([, name = ""]) => (name.startsWith(".") ? reachable(join(file, "..", name), seen) : [name]));
}

test("declarations import code, not sources", () => {
	for (const path of packed.filter((name) => name.endsWith(".d.ts"))) {
		expect(readFileSync(join(installed, path), "utf8")).not.toMatch(/(from|import)[ (]*"\.[^"]*\.ts"/);
	}
});

describe("a program in TypeScript", () => {
	const tsc = join(repository, "node_modules/typescript/bin/tsc");
	const imports = [...entries.keys()].map((name, i) => `export * as entry${i} from "${name}";`);

	/** Compiles a program that uses the package; gives what the compiler found wrong. */
	function compiled(name: string, lib: readonly string[], lines: readonly string[]): string {
		const compilerOptions = { lib, types: [], module: "nodenext", target: "es2022", strict: true, noEmit: true };
		const config = join(project, `${name}.json`);
		writeFileSync(join(project, `${name}.ts`), [...imports, ...lines].join("\n"));
		writeFileSync(config, JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
		try {
			return run(process.execPath, [tsc, "-p", config], project);
		} catch (error) {
			return String((error as { stdout: unknown }).stdout);
		}
	}

	test("needs the types of no platform, and none of results that it knows", () => {
		const lines = [
			'import { decode, decodeFirst, openPickle, PyDict, PyValue, readPickle, unpickler } from "picklet";',
			"const bytes = new Uint8Array(1);",
			"export const any: PyValue = decode(bytes);",
			"export const dict: PyDict = decode<PyDict>(bytes);",
			"export const text: string = decodeFirst<string>(bytes).value;",
			"export const list: Promise<readonly number[]> = readPickle<readonly number[]>([bytes], { size: 1 });",
			"export const file: Promise<number> = openPickle<number>(bytes).then(({ value }) => value);",
			"export const size: number = unpickler({}).decode<PyDict>(bytes).size;",
			"export const items: number | undefined = decode<PyDict<string, readonly number[]>>(bytes).get('a')?.length;",
			"export const told = any instanceof PyDict ? any.get(1) : null;",
			"// @ts-expect-error what it is has to be said",
			"export const guessed: string = decode(bytes);",
			"// @ts-expect-error what instanceof tells is no any",
			"export const also: string = told;",
		];
		expect(compiled("plain", ["es2022"], lines)).toBe("");
	});

	test("has those of a browser where it says so", () => {
		const lines = [
			'import { blobSource, type ByteSource, decodeStream, httpSource, openPickle, readPickle } from "picklet";',
			"export async function read(file: File, response: Response, url: URL, { signal }: AbortController) {",
			"	await readPickle(file, { signal });",
			"	decodeStream(response.body as ReadableStream<Uint8Array>);",
			"	await httpSource(url, { fetch, signal });",
			"	const read: ByteSource['read'] = async (_into, _at, own) => (await fetch(url, { signal: own ?? null })).status;",
			"	await using opened = await openPickle({ ...blobSource(file), read });",
			"	// @ts-expect-error",
			"	await readPickle({});",
			"	// @ts-expect-error",
			"	await readPickle(file, { signal: 5 });",
			"	return opened.value;",
			"}",
		];
		expect(compiled("browser", ["es2022", "dom", "dom.iterable"], lines)).toBe("");
	});
});

test("the command is a program", () => {
	const command = join(installed, manifest.bin.picklet);
	expect(readFileSync(command, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
	expect(statSync(command).mode & 0o111).toBe(0o111);
});

test("opcodes are literals in the built machine", () => {
	const core = packed.filter((path) => path.endsWith(".js")).map((path) => readFileSync(join(installed, path), "utf8"));
	expect(core.some((text) => /^\s+case 40:/m.test(text))).toBe(true);
	expect(core.some((text) => /^\s+case MARK:/m.test(text))).toBe(false);
});

test("publint has nothing to say", async () => {
	const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
	expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("attw finds the types right for ESM", () => {
	const attw = join(repository, "node_modules/.bin/attw");
	// It exits with 1, and so throws, if it finds a problem.
	run(attw, [tarball, "--profile", "esm-only", "--format", "ascii"], project);
});

test("it runs on Node 20 and later, with long, and four packages for compressed files and .npz alone", () => {
	expect(manifest.engines).toEqual({ node: ">=20" });
	expect(Object.keys(manifest.dependencies)).toEqual(["fzstd", "long", "pako", "unzipit", "xz-decompress"]);
	expect(manifest.sideEffects).toBe(false);
	expect(manifest.type).toBe("module");
});

test("versions are exact, and the lock names no registry", () => {
	for (const version of Object.values({ ...manifest.dependencies, ...manifest.devDependencies })) {
		expect(version).toMatch(/^\d+\.\d+\.\d+$/);
	}
	expect(readFileSync(join(repository, "package-lock.json"), "utf8")).not.toContain('"resolved": "http');
});
