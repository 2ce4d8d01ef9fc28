import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { repair } from "../../../src/inspect/repair/repair.ts";
import { readAll } from "../../support/readAll.ts";
import { zip } from "../../support/zip.ts";

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const textOf = async (source: Parameters<typeof readAll>[0]) => Buffer.from(await readAll(source)).toString("latin1");
const base64 = (text: string) => new Uint8Array(Buffer.from(text, "base64"));

const whole = "(lp0\nI1\naI2\na.";
const returned = latin1(whole.replaceAll("\n", "\r\n"));

/** The pickle with CR before each LF, packed; zstandard and lz4 in blocks that are not compressed. */
const packed: readonly (readonly [string, Uint8Array])[] = [
	["gzip", gzipSync(returned)],
	["gzip of two members", Buffer.concat([gzipSync(returned.subarray(0, 7)), gzipSync(returned.subarray(7))])],
	["zlib", deflateSync(returned)],
	["a file of an old joblib", Buffer.concat([latin1(`ZF${"0x12".padEnd(19)}`), deflateSync(returned)])],
	["bz2", base64("QlpoOTFBWSZTWfS7o3oAAANdgAASAEFwAAAgIARAACAAMQDTTQQ0GmgHokrtZSG3vF3JFOFCQ9Lujeg=")],
	[
		"xz",
		base64("/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAQKGxwMA0KSTENCmFJMg0KYS4AAAAAL9eOZSmP8DEAASkRMgpwDh+2830BAAAAAARZWg=="),
	],
	["lzma", base64("XQAAgAD//////////wAUGwoC/6s1MiWLFmjCTqxvNp7rEP/9QHwA")],
	["zstandard", Buffer.concat([latin1("\x28\xb5\x2f\xfd\x20\x11\x89\0\0"), returned])],
	["lz4", Buffer.concat([latin1("\x04\x22\x4d\x18\x60\x40\x82\x11\0\0\x80"), returned, latin1("\0\0\0\0")])],
	["a zip archive", zip({ "a.pkl": returned }, true)],
];

describe("what is packed and damaged comes out of it and is mended", () => {
	test.each(packed)("%s", async (_, data) => {
		const { outcome, result, edits } = await repair(data);
		expect({ outcome, text: await textOf(result) }).toEqual({ outcome: "repaired", text: whole });
		expect(edits.map(({ pass, why }) => [pass, why])).toEqual([
			[1, expect.stringMatching(/^It comes out of the .+ that it is packed in\.$/)],
			[2, "The CR before each LF goes."],
		]);
		expect((await repair(await readAll(result))).outcome).toBe("undamaged");
	});
});

test("a file that is stored in a zip archive comes out of it and is mended", async () => {
	const { outcome, result } = await repair(zip({ "a.pkl": latin1(`\x80\x02N.${"\0".repeat(16)}`) }));
	expect({ outcome, text: await textOf(result) }).toEqual({ outcome: "repaired", text: "\x80\x02N." });
});

test.each([
	["base64", (data: Buffer) => latin1(data.toString("base64"))],
	["hex", (data: Buffer) => latin1(data.toString("hex"))],
	["UTF-16", (data: Buffer) => Buffer.from(data.toString("latin1"), "utf16le")],
])("what was packed and then made %s comes out of both, for Python reads no packed pickle", async (_, made) => {
	const { outcome, result } = await repair(made(gzipSync(latin1(whole))));
	expect({ outcome, text: await textOf(result) }).toEqual({ outcome: "repaired", text: whole });
});

test("packed data behind which zeros stand stay packed", async () => {
	const packed = gzipSync(latin1(whole));
	const { outcome, result } = await repair(Buffer.concat([packed, new Uint8Array(600)]));
	expect(["repaired", "undamaged"]).toContain(outcome);
	expect(Buffer.compare((await readAll(result)).subarray(0, packed.length), packed)).toBe(0);
});

describe("what is packed and whole", () => {
	const sound = gzipSync(latin1(whole));

	test("stays as it is", async () => {
		expect(await repair(sound)).toMatchObject({ outcome: "undamaged", edits: [], resultSize: sound.length });
	});

	test("comes out of it if it is asked for", async () => {
		const { outcome, result } = await repair(sound, undefined, { unpack: true });
		expect({ outcome, text: await textOf(result) }).toEqual({ outcome: "repaired", text: whole });
	});

	test("comes out of two layers", async () => {
		const { result } = await repair(gzipSync(sound), undefined, { unpack: true });
		expect(await textOf(result)).toBe(whole);
	});

	test("comes out of it for another protocol", async () => {
		const { outcome, result } = await repair(sound, undefined, { protocol: 2 });
		expect({ outcome, text: await textOf(result) }).toEqual({
			outcome: "repaired",
			text: "\x80\x02(lq\x00K\x01aK\x02a.",
		});
	});
});

describe("an archive of several files", () => {
	const archive = zip({
		"notes.txt": latin1("no pickle"),
		"a.pkl": latin1(whole),
		"b.pkl": returned,
		"c.npy": latin1("N."),
	});

	test("says which of them hold pickles, and what is chosen how", async () => {
		const why =
			"a zip archive of 4 files, of which one is to be chosen by its name (member); pickles: a.pkl, b.pkl (damaged)";
		for (const options of [{ unpack: true }, { protocol: 2 }, { member: "d.pkl" }] as const)
			expect(await repair(archive, undefined, options)).toMatchObject({ outcome: "refused", refusal: { why } });
		expect(await repair(archive)).toMatchObject({ outcome: "damaged", choices: [{ why }] });
	});

	test("gives the file that is named, mended", async () => {
		const { outcome, result, edits } = await repair(archive, undefined, { member: "b.pkl" });
		expect({ outcome, text: await textOf(result) }).toEqual({ outcome: "repaired", text: whole });
		expect(edits[0]?.why).toBe("It comes out of the zip archive (b.pkl) that it is packed in.");
	});

	test("gives the file that is named, in another protocol", async () => {
		const { result } = await repair(archive, undefined, { member: "a.pkl", protocol: 2 });
		expect(await textOf(result)).toBe("\x80\x02(lq\x00K\x01aK\x02a.");
	});

	test("gives what is left of the file that is named", async () => {
		const cut = zip({ "a.pkl": latin1("(lp0\nI1\naI2\n"), "b.pkl": latin1(whole) });
		const { outcome, result } = await repair(cut, undefined, { member: "a.pkl", salvage: true });
		expect({ outcome, text: await textOf(result) }).toEqual({ outcome: "salvaged", text: whole });
	});

	test("of pickles that are whole stays as it is", async () => {
		const two = zip({ a: latin1("N."), b: latin1("N.") });
		expect((await repair(two)).outcome).toBe("undamaged");
	});
});

describe("limits", () => {
	const bomb = Buffer.concat([latin1("B\0\0\x10\0"), new Uint8Array(2 ** 20), latin1(".")]);

	test.each([
		["maxRatio", { maxRatio: 100 }],
		["maxDecompressedBytes", { maxDecompressedBytes: 1000 }],
	])("%s", async (_, limits) => {
		const { outcome, resultSize } = await repair(gzipSync(bomb), undefined, { unpack: true, limits });
		expect({ outcome, resultSize }).toEqual({ outcome: "damaged", resultSize: gzipSync(bomb).length });
	});
});
