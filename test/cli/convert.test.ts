import { spawnSync } from "node:child_process";
import {
	chmodSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { decode, encode, PyFloat, tuple } from "../../src/index.ts";
import { replaceFile } from "../../src/node/write.ts";
import { built, runFolder } from "../support/built.ts";
import { picklet } from "../support/picklet.ts";

let folder = "";
let count = 0;
beforeEach(() => {
	folder = join(runFolder(), `convert${count++}`);
	mkdirSync(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);

function file(name: string, content: string | Uint8Array): string {
	writeFileSync(at(name), typeof content === "string" ? Buffer.from(content, "latin1") : content);
	return at(name);
}

const convert = (args: readonly string[], input = "") => picklet(["convert", ...args], input);

const fine = { status: 0, out: "", err: "" };
const value = () => [new Map<unknown, unknown>([["a", tuple(1, 2.5)]]), new PyFloat(1), new Uint8Array([1, 2]), null];

describe("a pickle is written anew", () => {
	test.each([0, 1, 2, 3, 4, 5] as const)("at protocol %i", async (protocol) => {
		const source = file("in.pkl", encode(value()));
		expect(await convert(["--protocol", String(protocol), source, at("out.pkl")])).toEqual(fine);
		const written = readFileSync(at("out.pkl"));
		expect(decode(written, { floats: "exact" })).toEqual(decode(readFileSync(source), { floats: "exact" }));
		if (protocol >= 2) expect([...written.subarray(0, 2)]).toEqual([0x80, protocol]);
	});

	test("at protocol 4 unless told, from standard input", async () => {
		expect(await convert(["-", at("out.pkl")], "(lp0\nI1\naF2\na.")).toEqual(fine);
		expect(readFileSync(at("out.pkl"))[1]).toBe(4);
		expect(decode(readFileSync(at("out.pkl")), { floats: "exact" })).toEqual([1, new PyFloat(2)]);
	});

	test("from gzip", async () => {
		expect(await convert([file("in.gz", gzipSync(encode([1]))), at("out.pkl")])).toEqual(fine);
		expect(decode(readFileSync(at("out.pkl")))).toEqual([1]);
	});

	test("for Python 2, whose str stays str", async () => {
		expect(await convert(["--python", "2", file("in.pkl", "U\x02\xc3\xa9."), at("out.pkl")])).toEqual(fine);
		const written = readFileSync(at("out.pkl"));
		expect(written[1]).toBe(2);
		expect(written.toString("latin1")).toContain("U\x02\xc3\xa9");
	});

	test("for one numpy", async () => {
		const source = file("in.pkl", encode(new Float64Array([1, 2])));
		for (const [numpy, name] of [
			["1", "numpy.core"],
			["2", "numpy._core"],
		] as const) {
			expect(await convert(["--numpy", numpy, source, at(`${numpy}.pkl`)])).toEqual(fine);
			expect(readFileSync(at(`${numpy}.pkl`)).toString("latin1")).toContain(name);
		}
	});

	test("objects of unknown classes are kept", async () => {
		const source = file("in.pkl", "\x80\x02cmine\nThing\n)\x81}X\x01\0\0\0aK\x01sb.");
		expect(await convert([source, at("out.pkl")])).toEqual(fine);
		expect(decode(readFileSync(at("out.pkl")))).toEqual(decode(readFileSync(source)));
	});
});

describe("JSON", () => {
	test("becomes plain values", async () => {
		const text = Buffer.from('{"a": [1, 2.5, "é", true, null]}').toString("latin1");
		expect(await convert([file("in.json", text), at("out.pkl")])).toEqual(fine);
		expect(decode(readFileSync(at("out.pkl")))).toEqual(decode(encode({ a: [1, 2.5, "é", true, null] })));
	});

	test.each([
		["is damaged", '{"a": \x1b', /^picklet: \S+: not JSON: [^\n]+\n$/],
		["is not UTF-8", '"\xe9"', /^picklet: \S+: not JSON: it is not UTF-8\n$/],
	])("%s", async (_, text, message) => {
		const { status, err } = await convert([file("in.json", text), at("out.pkl")]);
		expect(status).toBe(1);
		expect(err).toMatch(message);
		expect(readdirSync(folder)).toEqual(["in.json"]);
	});
});

test("--encoding says what Python 2's str is", async () => {
	const source = file("in.pkl", Uint8Array.from(Buffer.from("U\x03\xe9t\xe9.", "latin1")));
	expect(await convert(["--encoding", "latin1", source, at("out.pkl")])).toEqual(fine);
	expect(decode(readFileSync(at("out.pkl")))).toBe("été");
	expect((await convert(["--encoding", "klingon", source, at("x.pkl")])).status).toBe(2);
});

describe("a name that asks for JSON gets it", () => {
	const json = async (value: unknown, ...options: readonly string[]) =>
		convert([...options, "--force", file("in.pkl", encode(value)), at("out.json")]);

	test("in the form of show --json", async () => {
		const whole = {
			list: tuple(1, 2.5),
			float: new PyFloat(1),
			bytes: new Uint8Array([1, 2]),
			int: 2n ** 64n,
			no: null,
		};
		expect(await json({ ...whole, array: new Float64Array([1, 0.1]), text: "é\u2028" })).toEqual(fine);
		expect(readFileSync(at("out.json"), "utf8")).toBe(
			'{"list":[1,2.5],"float":1,"bytes":"AQI=","int":"18446744073709551616","no":null,"array":[1,0.1],"text":"é\\u2028"}\n',
		);
		expect((await picklet(["show", "--json", at("in.pkl")])).out).toBe(readFileSync(at("out.json"), "utf8"));
	});

	test("and back", async () => {
		expect(await json({ a: [1, [null, true]] })).toEqual(fine);
		expect(await convert([at("out.json"), at("again.json")])).toEqual(fine);
		expect(readFileSync(at("again.json"), "utf8")).toBe('{"a":[1,[null,true]]}\n');
	});

	test.each([
		["NaN", { a: [1, { "b c": [0, Number.NaN] }] }, 'JSON has no NaN, which is at $.a[1]["b c"][1]'],
		["infinities", [new Float64Array([1, Number.NEGATIVE_INFINITY])], "JSON has no -Infinity, which is at $[0][1]"],
		[
			"two keys of one text",
			new Map<unknown, unknown>([
				[1, 2],
				["1", 3],
			]),
			"two keys that are both",
		],
	])("but not with %s", async (_, value, message) => {
		const { status, err } = await json(value);
		expect(err).toMatch(/^picklet: [^\n]+\[E_PLAIN\]\n$/);
		expect(err).toContain(message);
		expect([status, readdirSync(folder)]).toEqual([1, ["in.pkl"]]);
	});

	test("and no options of pickles", async () => {
		const { status, err } = await json([1], "--protocol", "2");
		expect({ status, err }).toMatchObject({
			status: 2,
			err: expect.stringContaining("--protocol says how a pickle is written"),
		});
	});
});

test.each([
	[
		"is no array",
		new Map<string, unknown>([
			["a", new Float64Array(1)],
			["n", 3],
		]),
		'; that of "n" is no array [E_UNENCODABLE]',
	],
	[
		"has no name",
		new Map<unknown, unknown>([[3, new Float64Array(1)]]),
		"; this one has the key 3, which is no str [E_UNENCODABLE]",
	],
	["is alone", [1], ", which this is not [E_UNENCODABLE]"],
])("an .npz file says what of its values %s", async (_, value, message) => {
	const { status, err } = await convert([file("in.pkl", encode(value)), at("out.npz")]);
	expect(err).toContain(`a .npz file holds an array or a dict of arrays by names${message}`);
	expect([status, readdirSync(folder)]).toEqual([1, ["in.pkl"]]);
});

describe("a file that exists", () => {
	test("is replaced with --force only", async () => {
		const source = file("in.pkl", encode([1]));
		const target = file("out.pkl", "old");
		const refused = { status: 1, out: "", err: `picklet: ${target}: it exists; --force replaces it\n` };
		expect(await convert([source, target])).toEqual(refused);
		expect(readFileSync(target, "utf8")).toBe("old");
		expect(await convert(["--force", source, target])).toEqual(fine);
		expect(decode(readFileSync(target))).toEqual([1]);
		expect(readdirSync(folder)).toEqual(["in.pkl", "out.pkl"]);
	});

	test("may be the one that is read", async () => {
		const path = file("both.pkl", encode([1], { protocol: 0 }));
		expect(await convert(["--force", path, path])).toEqual(fine);
		expect([...readFileSync(path)]).toEqual([...encode([1])]);
	});

	test.skipIf(process.platform === "win32")("keeps its permissions, and links to it", async () => {
		const target = file("out.pkl", "old");
		chmodSync(target, 0o640);
		symlinkSync(target, at("link.pkl"));
		expect(await convert(["--force", file("in.pkl", encode([1])), at("link.pkl")])).toEqual(fine);
		expect(lstatSync(at("link.pkl")).isSymbolicLink()).toBe(true);
		expect(statSync(target).mode & 0o777).toBe(0o640);
		expect(decode(readFileSync(target))).toEqual([1]);
	});
});

describe("a failure is one line, and leaves what was there", () => {
	test.each([
		["damaged", "\x80\x04](K\x01", [], /\[E_TRUNCATED\]; picklet diagnose '.*' says more\n$/],
		["of two pickles", "K\x01.K\x02.", [], /\[E_TRAILING\]\n$/],
		["no pickle", '{"a": 1}', [], /not a pickle but JSON/],
	])("%s", async (_, content, options, message) => {
		const target = file("out.pkl", "old");
		const { status, out, err } = await convert([...options, "--force", file("in.pkl", content), target]);
		expect({ status, out }).toEqual({ status: 1, out: "" });
		expect(err).toMatch(/^picklet: [^\n]+\n$/);
		expect(err).toMatch(message);
		expect(readFileSync(target, "utf8")).toBe("old");
		expect(readdirSync(folder)).toEqual(["in.pkl", "out.pkl"]);
	});

	test("after a part of the new file was written", async () => {
		const target = file("out.pkl", "old");
		function* pieces() {
			yield Buffer.from("new");
			expect(readdirSync(folder)).toHaveLength(2);
			throw new Error("no more");
		}
		await expect(replaceFile(target, pieces())).rejects.toThrow("no more");
		expect(readFileSync(target, "utf8")).toBe("old");
		expect(readdirSync(folder)).toEqual(["out.pkl"]);
	});

	test("what cannot be encoded", async () => {
		const source = file("in.pkl", "\x80\x02X\x03\0\0\0a\nbQ.");
		const { status, err } = await convert(["--protocol", "0", source, at("out.pkl")]);
		expect(status).toBe(1);
		expect(err).toMatch(/^picklet: [^\n]+\[E_UNENCODABLE\]\n$/);
		expect(readdirSync(folder)).toEqual(["in.pkl"]);
	});

	test("a missing source, a missing directory and a directory", async () => {
		const source = file("in.pkl", encode([1]));
		const failed = (err: string) => ({ status: 1, out: "", err: `picklet: ${err}\n` });
		const nowhere = at("none/out.pkl");
		expect(await convert([at("none.pkl"), at("out.pkl")])).toEqual(failed(`${at("none.pkl")}: no such file`));
		expect(await convert([source, nowhere])).toEqual(failed(`${nowhere}: cannot write: there is no such directory`));
		expect(await convert(["--force", source, folder])).toEqual(failed(`${folder}: cannot write: it is a directory`));
		expect(readdirSync(folder)).toEqual(["in.pkl"]);
	});
});

describe("the command line", () => {
	test.each([
		["convert needs IN and OUT", ["in"]],
		["convert needs IN and OUT", ["in", "out", "more"]],
		["--protocol is 0 to 5, not 6", ["--protocol", "6", "in", "out"]],
		["--protocol is 0 to 5, not x", ["--protocol", "x", "in", "out"]],
		["Python 2 reads protocols 0 to 2, not 4", ["--python", "2", "--protocol", "4", "in", "out"]],
		["--numpy is one of 1, 2, not 3", ["--numpy", "3", "in", "out"]],
		["--overflow is one of error, promote, split, not no", ["--overflow", "no", "in", "out"]],
		["--overflow split is for --python 2", ["--overflow", "split", "in", "out"]],
	])("%s: exit 2", async (message, args) => {
		const { status, out, err } = await convert(args);
		expect(err).toMatch(/^picklet: [^\n]+\n$/);
		expect(err).toContain(message);
		expect({ status, out }).toEqual({ status: 2, out: "" });
	});

	test("help", async () => {
		const { status, out } = await convert(["--help"]);
		expect(status).toBe(0);
		expect(out).toMatch(/^Usage: picklet convert \[OPTION\.\.\.\] IN OUT\n/);
		for (const name of ["protocol N", "python 2", "numpy 1|2", "overflow WAY", "force"]) {
			expect(out).toContain(`  --${name} `);
		}
		const general = (await picklet(["help"])).out;
		expect(general).toMatch(/^ {2}convert +write the pickle/m);
		for (const line of `${out}${general}`.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
	});
});

test("standard output takes the pickle as it is", () => {
	const data = new Uint8Array(300_000).map((_, i) => i);
	const args = [built("cli/main.js"), "convert", "--protocol", "5", "-", "-"];
	const { status, stdout, stderr } = spawnSync(process.execPath, args, { input: encode([data]), maxBuffer: 2 ** 24 });
	expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: "" });
	expect(Buffer.compare(stdout, encode([data], { protocol: 5 }))).toBe(0);
});

test.skipIf(process.platform !== "linux")("a device that takes no more is said", async () => {
	const { status, err } = await convert(["--force", file("in.pkl", encode([1])), "/dev/full"]);
	expect([status, err]).toEqual([1, "picklet: /dev/full: cannot write: no space is left on the device\n"]);
});
