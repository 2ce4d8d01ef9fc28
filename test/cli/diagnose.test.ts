import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runFolder } from "../support/built.ts";
import { picklet } from "../support/picklet.ts";

const folder = join(runFolder(), "diagnose");
beforeAll(() => void mkdirSync(folder, { recursive: true }));

function file(name: string, content: string): string {
	writeFileSync(join(folder, name), Buffer.from(content, "latin1"));
	return join(folder, name);
}

const diagnose = (args: readonly string[], input = "") => picklet(["diagnose", ...args], input);

describe("picklet diagnose", () => {
	test("a whole file: status 0, the answer first", async () => {
		const { status, out, err } = await diagnose([file("whole.pkl", "\x80\x02K\x01.")]);
		expect({ status, err }).toEqual({ status: 0, err: "" });
		expect(out.split("\n").slice(0, 2)).toEqual([
			`${folder}/whole.pkl: a pickle of protocol 2, 5 bytes`,
			"Whole: no damage was found.",
		]);
		expect(out).toContain("Read by, if it has the names\n  Python 2.7: loads\n");
	});

	test("a condition is no fault: status 0, with the Python that reads the file", async () => {
		const { status, out } = await diagnose(["--short", file("it's.pkl", "U\x01\xe9.")]);
		expect(status).toBe(0);
		expect(out).toContain(`pickle.load(open('${folder}/it\\'s.pkl', 'rb'), encoding='latin1')`);
	});

	test("a damaged file: status 1, with what, why and what to do", async () => {
		const { status, out } = await diagnose(["--short", file("cut.pkl", "\x80\x02](K\x01")]);
		expect(status).toBe(1);
		expect(out).toBe(
			[
				`${folder}/cut.pkl: a pickle of protocol 2, 6 bytes`,
				"Damaged: The file ends too early: at least 1 byte is missing.",
				"Data: a part is lost.",
				"Do: All that comes before offset 6 is there. It may also be that the writer failed at a payload over 2,147,483,647 bytes, which protocol 2 cannot hold (OverflowError: cannot serialize a string larger than 2 GiB). Copy or download the file again, or write it anew.",
				"",
			].join("\n"),
		);
	});

	test("a file of which something can be read: the command that keeps it", async () => {
		const cut = file("cut list.pkl", "\x80\x02](K\x01K\x02K\x03X\x05\0\0\0ab");
		const { out } = await diagnose(["--short", cut]);
		const command = `picklet repair --salvage '${cut}' rest.pkl`;
		expect(out).toContain(`\nOr keep what can be read of it:\n    ${command}\n`);
	});

	test("a fault that can be undone: the command that does it", async () => {
		const { out } = await diagnose(["--short", file("it's bom.pkl", "\xef\xbb\xbf\x80\x02K\x01.")]);
		expect(out).toContain(`    picklet repair '${folder}/it'\\''s bom.pkl' mended.pkl\n`);
	});

	test("JSON: a file that cannot be read has a line, with the system's error", async () => {
		const missing = join(folder, "missing.pkl");
		const { status, out, err } = await diagnose(["--json", missing, folder, file("whole.pkl", "N.")]);
		const lines = out.trimEnd().split("\n");
		expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual([
			{ file: missing, error: { code: "ENOENT", message: "no such file" } },
			{ file: folder, error: { code: "EISDIR", message: "it is a directory" } },
		]);
		expect(lines).toHaveLength(3);
		expect(err).toBe(`picklet: ${missing}: no such file\npicklet: ${folder}: it is a directory\n`);
		expect(status).toBe(1);
	});

	test("JSON: a line for each file", async () => {
		const files = [file("a.pkl", "N."), file("b.pkl", "N")];
		const { status, out } = await diagnose(["--json", ...files]);
		const lines = out
			.trimEnd()
			.split("\n")
			.map((line) => JSON.parse(line));
		expect(status).toBe(1);
		expect(lines).toMatchObject([
			{ file: files[0], size: 2, data: "whole", faults: [], statistics: { protocol: 0, pickles: 1 } },
			{ file: files[1], size: 1, data: "unknown", faults: [{ code: "truncated", offset: 1 }] },
		]);
	});

	test("several files stand apart; one that is not there is status 1", async () => {
		const { status, out, err } = await diagnose([file("a.pkl", "N."), join(folder, "none.pkl"), file("b.pkl", "N.")]);
		expect(status).toBe(1);
		expect(out.match(/^\S+: a pickle of protocol 0/gm)).toHaveLength(2);
		expect(err).toBe(`picklet: ${folder}/none.pkl: no such file\n`);
	});

	test("standard input", async () => {
		const { out } = await diagnose(["--short", "-"], "N.");
		expect(out).toBe("standard input: a pickle of protocol 0, 2 bytes\nWhole: no damage was found.\n");
	});

	test("what the file holds cannot steer a terminal", async () => {
		const { out } = await diagnose(["-"], "cmod\nna\x1b[31mme\n0cevil\x07\nx\n.");
		expect(out).not.toMatch(/[^\P{C}\n]/u);
		expect(out).toContain("na\\x1b[31mme");
	});

	test("no file is a wrong command line", async () => {
		expect(await diagnose([])).toMatchObject({ status: 2 });
	});
});
