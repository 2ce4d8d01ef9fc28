import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { disassemble } from "../../src/inspect/index.ts";
import { assemble, type Piece, uint4 } from "../support/assemble.ts";
import { runFolder } from "../support/built.ts";
import { picklet } from "../support/picklet.ts";

let folder = "";
let count = 0;
beforeEach(() => {
	folder = join(runFolder(), `dis${count++}`);
	mkdirSync(folder, { recursive: true });
});

function file(name: string, ...pieces: readonly Piece[]): string {
	writeFileSync(join(folder, name), assemble(...pieces));
	return join(folder, name);
}

const dis = (...args: readonly string[]) => picklet(["dis", ...args]);

describe("picklet dis", () => {
	test("prints what pickletools prints", async () => {
		const path = file("a.pkl", "](K\x01e.");
		const text = disassemble(readFileSync(path));
		expect(await dis(path)).toEqual({ status: 0, out: text, err: "" });
		expect(await picklet(["dis", "-"], readFileSync(path, "latin1"))).toEqual({ status: 0, out: text, err: "" });
	});

	test("-a annotates at column 30, -l indents", async () => {
		const path = file("a.pkl", "](K\x01e.");
		const text = disassemble(readFileSync(path), { annotate: 30, indentLevel: 1 });
		expect((await dis("-a", "-l", "1", path)).out).toBe(text);
		expect((await dis("--annotate", "--indentlevel", "1", path)).out).toBe(text);
	});

	test("before each of several files stands its name, or what -p says", async () => {
		const [a, b] = [file("a.pkl", "N."), file("b.pkl", "N.")];
		const text = disassemble(readFileSync(a));
		expect((await dis(a, b)).out).toBe(`==> ${a} <==\n${text}==> ${b} <==\n${text}`);
		expect((await dis("-p", "{{{name}}}", a, b)).out).toBe(`{${a}}\n${text}{${b}}\n${text}`);
		expect(await dis("-p", "{0}", a, b)).toMatchObject({ status: 2, out: "" });
	});

	test("-m keeps the memo from file to file", async () => {
		const [a, b] = [file("a.pkl", "]q\0."), file("b.pkl", "h\0.")];
		expect((await dis("-m", a, b)).status).toBe(0);
		const { status, err } = await dis(a, b);
		expect({ status, err }).toEqual({
			status: 1,
			err: `picklet: ${b}: memo key 0 has never been stored into (BINGET at offset 0) [E_MEMO]\n`,
		});
	});

	test.each([["-l", "-1"], ["-l-1"], ["--indentlevel", "-1"], ["--indentlevel=-1"]])(
		"a negative level: %s %s",
		async (...level) => {
			const path = file("levels.pkl", "](K\x01(K\x02le.");
			const text = disassemble(readFileSync(path), { indentLevel: -1 });
			expect(await dis(...level.filter((part) => part !== undefined), path)).toEqual({ status: 0, out: text, err: "" });
		},
	);

	test("-p knows Python's conversions of the name, and no others", async () => {
		const path = file("it's \u00e9.pkl", "N.");
		const { out } = await dis("-p", "{{{name!r}}} {name!a} {name!s}", path, path);
		expect(out.split("\n")[0]).toBe(`{"${path}"} "${path.replace("\u00e9", "\\xe9")}" ${path}`);
		expect((await dis("-p", "{name:>9}", path, path)).err).toMatch(/--preamble knows/);
	});

	test("-o writes to a device", async () => {
		expect(await dis("-o", "/dev/null", file("one.pkl", "N."))).toEqual({ status: 0, out: "", err: "" });
	});

	test("-o writes to a file, replacing it", async () => {
		const path = file("a.pkl", "N.");
		const out = file("out.txt", "old");
		expect(await dis("-o", out, path)).toEqual({ status: 0, out: "", err: "" });
		expect(readFileSync(out, "utf8")).toBe(disassemble(readFileSync(path)));
		expect((await dis("-o", join(folder, "none", "out.txt"), path)).err).toMatch(/cannot write: .*no such directory/);
	});

	test("long arguments are shortened, except with --full", async () => {
		const path = file("a.pkl", "B", uint4(2000), "x".repeat(2000), "0V", "\\u0041".repeat(1000), "\n0C\x02ab.");
		const { out } = await dis(path);
		expect(out.split("\n").slice(0, 3)).toEqual([
			`    0: B    BINBYTES   b'${"x".repeat(64)}' ... (1936 more bytes)`,
			" 2005: 0    POP",
			` 2006: V    UNICODE    '${"A".repeat(10)}' ... (5940 more bytes)`,
		]);
		expect((await dis("--full", path)).out).toBe(disassemble(readFileSync(path)));
	});

	test("an error comes after the lines before it, and the next file after that", async () => {
		const [a, b] = [file("a.pkl", "Nt."), file("b.pkl", "N.")];
		const { status, out, err } = await dis(a, b);
		expect(status).toBe(1);
		expect(out).toBe(
			`==> ${a} <==\n    0: N    NONE\n    1: t    TUPLE\n==> ${b} <==\n${disassemble(readFileSync(b))}`,
		);
		expect(err).toBe(`picklet: ${a}: no MARK exists on stack (TUPLE at offset 1) [E_STACK]\n`);
	});

	test("gzip is opened, other files are named, missing ones too", async () => {
		const packed = file("a.pkl.gz", new Uint8Array(gzipSync(assemble("N."))));
		expect(await dis(packed)).toEqual({ status: 0, out: disassemble(assemble("N.")), err: `${packed}: gzip\n` });
		expect((await dis(file("a.zip", "PK\x03\x04abcdefgh"))).err).toMatch(/not a pickle but a zip archive/);
		expect((await dis(join(folder, "none"))).err).toMatch(/none: no such file/);
	});

	test.each([[[]], [["-l", "x", "a"]], [["--nonsense"]]])("%j is a wrong command line", async (args) => {
		expect((await dis(...args)).status).toBe(2);
	});
});

describe("picklet optimize", () => {
	const optimize = (...args: readonly string[]) => picklet(["optimize", ...args]);

	test("writes a pickle without unused memo entries, and replaces none unless told", async () => {
		const [path, out] = [file("a.pkl", "]q\0."), join(folder, "out.pkl")];
		expect(await optimize(path, out)).toEqual({ status: 0, out: "", err: "" });
		expect(readFileSync(out, "latin1")).toBe("].");
		expect(await optimize(path, out)).toEqual({
			status: 1,
			out: "",
			err: `picklet: ${out}: it exists; --force replaces it\n`,
		});
		expect((await optimize("--force", path, path)).status).toBe(0);
		expect(readFileSync(path, "latin1")).toBe("].");
	});

	test("what follows the pickle is not lost but refused", async () => {
		const out = join(folder, "out.pkl");
		const { status, err } = await optimize(file("a.pkl", "N.N."), out);
		expect(status).toBe(1);
		expect(err).toMatch(/2 bytes follow the pickle, which ends at 2 \[E_TRAILING\]/);
		expect(() => readFileSync(out)).toThrow("ENOENT");
	});

	test.each([[["a"]], [["a", "b", "c"]]])("%j is a wrong command line", async (args) => {
		expect((await optimize(...args)).status).toBe(2);
	});
});
