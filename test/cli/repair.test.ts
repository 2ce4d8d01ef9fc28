import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { runFolder } from "../support/built.ts";
import { picklet } from "../support/picklet.ts";
import { zip } from "../support/zip.ts";

const folder = join(runFolder(), "repair");
const out = join(folder, "out.pkl");
beforeEach(() => {
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
});

function file(content: string): string {
	const path = join(folder, "in.pkl");
	writeFileSync(path, content, "latin1");
	return path;
}

const repair = (...args: readonly string[]) => picklet(["repair", ...args]);
const read = (path: string) => readFileSync(path, "latin1");

/** A list of three ints, lines ended by CR LF; a list of two that is cut in its third item. */
const returned = "(lp0\r\nI1\r\naI2\r\naI3\r\na.";
const cut = "\x80\x02]q\x00(K\x01K\x02K";

describe("picklet repair", () => {
	test("what is mended without loss: status 0, and the file is what it was", async () => {
		const path = file(returned);
		const outcome = await repair(path, out);
		expect(outcome).toMatchObject({ status: 0, err: "" });
		expect(outcome.out).toBe(`${out}: repaired, 18 bytes of 22; nothing is lost\n  The CR before each LF goes.\n`);
		expect(read(out)).toBe("(lp0\nI1\naI2\naI3\na.");
		expect(read(path)).toBe(returned);
		expect(existsSync(`${out}.repair.json`)).toBe(false);
	});

	test("a whole file: status 1, and nothing is written", async () => {
		const outcome = await repair(file("N."), out);
		expect(outcome).toMatchObject({ status: 1, out: "" });
		expect(outcome.err).toContain("there is nothing to repair");
		expect(existsSync(out)).toBe(false);
	});

	test("what cannot be mended without loss: status 1, and nothing is written", async () => {
		const outcome = await repair(file(cut), out);
		expect(outcome.status).toBe(1);
		expect(outcome.err).toContain("cannot be repaired without loss: The file ends too early");
		expect(existsSync(out)).toBe(false);
	});

	test("where two repairs fit, both are shown and none is made: status 1", async () => {
		const outcome = await repair(file("\xef\xbb\xbf(Va\r\nVb\r\nl."), out);
		expect(outcome.status).toBe(1);
		expect(outcome.err).toContain("2 repairs would fit, and none is made: (1) at offset 0: The byte order mark goes.");
		expect(outcome.err).toContain("(2) at offset 0: The byte order mark goes. The CR before each LF goes.");
		expect(existsSync(out)).toBe(false);
	});

	test("salvage: status 3, with a report of what is lost beside the file", async () => {
		const outcome = await repair("--salvage", file(cut), out);
		expect(outcome).toMatchObject({ status: 3, err: "" });
		expect(outcome.out).toContain(`${out}: salvaged, `);
		expect(read(out)).toBe("\x80\x02]q\x00(K\x01K\x02e.");
		const report = JSON.parse(read(`${out}.repair.json`));
		expect(report).toMatchObject({
			outcome: "salvaged",
			size: 11,
			resultSize: 12,
			losses: [{ offset: 10, path: "$[2]" }, {}],
		});
		expect(report.result).toBeUndefined();
	});

	test("--dry-run prints the edits and writes nothing", async () => {
		const outcome = await repair("--dry-run", "--salvage", file(cut));
		expect(outcome.status).toBe(3);
		expect(outcome.out).toContain("@@ -10,1 +10,2 @@ What is open is closed, and the pickle ends.\n+65 2e\n");
		expect(existsSync(out)).toBe(false);
	});

	test("an archive of several files: which hold pickles, and the one that --member names", async () => {
		const archive = Buffer.from(zip({ "a.pkl": Buffer.from("N."), "b.pkl": Buffer.from(returned) })).toString("latin1");
		const path = file(archive);
		const { status, err } = await repair(path, out);
		expect(status).toBe(1);
		expect(err).toBe(
			`picklet: ${path}: it is a zip archive of 2 files, of which one is to be chosen by its name, as --member NAME does; pickles: a.pkl, b.pkl (damaged)\n`,
		);
		expect(await repair(path, out, "--member", "b.pkl")).toMatchObject({ status: 0, err: "" });
		expect(read(out)).toBe("(lp0\nI1\naI2\naI3\na.");
	});

	test("OUT that is IN is refused, even with --force", async () => {
		const path = file(returned);
		const outcome = await repair("--force", path, join(folder, ".", "in.pkl"));
		expect(outcome).toMatchObject({ status: 1, out: "" });
		expect(outcome.err).toContain("OUT is IN");
		expect(read(path)).toBe(returned);
	});

	test("OUT that exists is replaced with --force only", async () => {
		writeFileSync(out, "mine");
		expect((await repair(file(returned), out)).status).toBe(1);
		expect(read(out)).toBe("mine");
		expect((await repair("--force", file(returned), out)).status).toBe(0);
		expect(read(out)).toBe("(lp0\nI1\naI2\naI3\na.");
	});

	test("a report that exists is replaced with --force only, and then OUT is not written either", async () => {
		writeFileSync(`${out}.repair.json`, "mine");
		const outcome = await repair("--salvage", file(cut), out);
		expect(outcome).toMatchObject({ status: 1, out: "" });
		expect(outcome.err).toContain(`${out}.repair.json: it exists; --force replaces it`);
		expect(existsSync(out)).toBe(false);
		expect(read(`${out}.repair.json`)).toBe("mine");
		expect((await repair("--salvage", "--force", file(cut), out)).status).toBe(3);
		expect(JSON.parse(read(`${out}.repair.json`))).toMatchObject({ outcome: "salvaged" });
	});

	test("another protocol, and another reader: status 0", async () => {
		const outcome = await repair("--for", "python 2.7", file("\x80\x04\x8c\x08builtins\x8c\x03set\x93."), out);
		expect(outcome).toMatchObject({ status: 0, err: "" });
		expect(outcome.out).toContain(
			"Protocol 4 becomes 2; the value is the same: builtins.set is called __builtin__.set.",
		);
		expect(read(out)).toBe("\x80\x02c__builtin__\nset\n.");
	});

	test("what the protocol cannot say: status 1, the reason and where", async () => {
		const outcome = await repair("--protocol", "4", file("\x80\x05\x97."), out);
		expect(outcome.status).toBe(1);
		expect(outcome.err).toContain("cannot be written so, the value the same: at offset 2, data that lie outside");
		expect(existsSync(out)).toBe(false);
	});

	test.each([
		[["--protocol", "9", "a", "b"], "--protocol is to be 0 to 5, not 9"],
		[["--for", "rust 1", "a", "b"], 'not "rust 1"'],
		[["--for", "python 2", "--protocol", "4", "a", "b"], "python 2 reads protocol 2 at most, not 4"],
	])("a wrong option: status 2, for %j", async (args, text) => {
		const outcome = await repair(...args);
		expect(outcome.status).toBe(2);
		expect(outcome.err).toContain(text);
	});

	test.each([[[]], [["in.pkl"]], [["a", "b", "c"]]])("a wrong command line: status 2, for %j", async (args) => {
		expect((await repair(...args)).status).toBe(2);
	});
});
