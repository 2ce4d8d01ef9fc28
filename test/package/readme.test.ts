import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { built, runFolder } from "../support/built.ts";
import { entries } from "../support/entries.ts";
import { repository } from "../support/repository.ts";

interface Block {
	readonly file: string;
	readonly language: string;
	readonly text: string;
	readonly line: number;
	/** What the page says it prints: the `text` block after it. */
	readonly output: string | undefined;
}

/** Examples of pages fetch beside the page: here, beside the example. */
const page = `
import { readFile as readPage, writeFile as writePage } from "node:fs/promises";
globalThis.fetch = async (path, { method, body } = {}) => {
	const file = path.replace(/^\\//, "");
	if (method === "PUT") await writePage(file, body);
	return new Response(method === "PUT" ? null : await readPage(file));
};
`;

const folder = join(runFolder(), "readme");
/** The README and the pages that it links to. */
const pages = ["README.md", ...readdirSync(join(repository, "docs")).map((name) => `docs/${name}`)];
const blocks = pages.flatMap(readBlocks);
const examples = blocks.filter((block) => /^[jt]s$/.test(block.language));
const commands = blocks.filter((block) => block.language === "console").flatMap(readCommands);

function readBlocks(file: string): Block[] {
	const text = readFileSync(join(repository, file), "utf8");
	const fences = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
	return fences.map(({ index, 1: language = "", 2: content = "" }, place) => {
		const next = fences[place + 1];
		return {
			file,
			language,
			text: content,
			line: text.slice(0, index).split("\n").length,
			output: next?.[1] === "text" ? next[2] : undefined,
		};
	});
}

/** The lines `$ picklet ...` of a block, also behind a pipe or npx, each with what it prints. Others are not run. */
function readCommands({ file, text, line }: Block) {
	const parts = text.split(/^\$ /m).slice(1);
	return parts.flatMap((part) => {
		const [command = "", ...printed] = part.split("\n");
		const program = command.replaceAll(/\bnpx picklet\b/g, "picklet");
		return /(^|[|;&] *)picklet\b/.test(program) ? [{ file, line, command, program, printed: printed.join("\n") }] : [];
	});
}

/** One file that Node runs anywhere: the example and the package's sources. */
async function bundle({ text, language }: Block): Promise<string> {
	const result = await build({
		stdin: { contents: text, resolveDir: repository, loader: language === "ts" ? "ts" : "js" },
		alias: Object.fromEntries(entries),
		bundle: true,
		format: "esm",
		platform: "node",
		write: false,
		logLevel: "silent",
	});
	return page + (result.outputFiles[0]?.text ?? "");
}

beforeAll(() => {
	mkdirSync(join(folder, "bin"), { recursive: true });
	symlinkSync(join(repository, "corpus"), join(folder, "corpus"));
});

describe.each(examples)("$file, line $line", (block) => {
	test("the example runs, and prints what the page says", async () => {
		const program = await bundle(block);
		const args = ["--input-type=module", "-"];
		const { status, stdout, stderr } = spawnSync(process.execPath, args, {
			cwd: folder,
			input: program,
			encoding: "utf8",
		});
		expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
		if (block.output !== undefined) expect(stdout).toBe(block.output);
	});
});

describe.each(commands)("$file, block of line $line", ({ command, program, printed }) => {
	test(`$ ${command}`, () => {
		const bin = join(folder, "bin");
		if (!existsSync(join(bin, "picklet"))) symlinkSync(built("cli/main.js"), join(bin, "picklet"));
		const env = { ...process.env, PATH: bin + delimiter + process.env["PATH"], NO_COLOR: "1" };
		const { stdout } = spawnSync("sh", ["-c", `( ${program} ) 2>&1`], { cwd: folder, env, encoding: "utf8" });
		expect(stdout.trimEnd()).toBe(printed.trimEnd());
	});
});

test("the TypeScript of the pages has no type error", () => {
	const types = join(folder, "types");
	mkdirSync(types, { recursive: true });
	const options = { noUncheckedIndexedAccess: false, moduleDetection: "force" };
	const config = { extends: join(repository, "tsconfig.json"), compilerOptions: options, include: ["*.ts"] };
	writeFileSync(join(types, "tsconfig.json"), JSON.stringify(config));
	for (const { file, language, text, line } of examples) {
		if (language === "ts") writeFileSync(join(types, `${basename(file, ".md")}${line}.ts`), text);
	}
	writeFileSync(join(types, "none.ts"), "");
	const { stdout } = spawnSync(join(repository, "node_modules/.bin/tsc"), ["-p", types], { encoding: "utf8" });
	expect(stdout).toBe("");
});

describe.each(pages)("%s", (page) => {
	test("links to what is there", () => {
		const text = readFileSync(join(repository, page), "utf8");
		const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(#[^)\s]+)?\)/g)];
		const missing = links.filter(([, file = "", anchor]) => {
			const target = file === "" ? page : join(dirname(page), file);
			if (!existsSync(join(repository, target))) return true;
			return anchor !== undefined && !anchorsOf(target).includes(anchor);
		});
		expect(missing.map(([link]) => link)).toEqual([]);
	});
});

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
	const text = readFileSync(join(repository, page), "utf8").replace(/^```.*?^```$/gms, "");
	const headings = [...text.matchAll(/^#+ (.+)$/gm)];
	return headings.map(
		([, heading = ""]) =>
			`#${heading
				.toLowerCase()
				.replace(/[^\w\- ]/g, "")
				.replaceAll(" ", "-")}`,
	);
}
