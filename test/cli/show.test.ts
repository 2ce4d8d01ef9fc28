import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { runFolder } from "../support/built.ts";
import { picklet } from "../support/picklet.ts";
import { sharedFolder } from "../support/shared.ts";

const folder = join(runFolder(), "show");
mkdirSync(folder, { recursive: true });

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** Writes a file of the bytes whose codes the text has, and gives its path. */
function file(name: string, content: string | Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, typeof content === "string" ? bytes(content) : content);
	return path;
}

const show = (...args: string[]) => picklet(["show", ...args]);

const list = file("list.pkl", "\x80\x04](K\x01K\x02\x8c\x01ae.");
const two = file("two.pkl", "\x80\x04K\x01.\x80\x04K\x02.");
const python2 = file("python2.pkl", "U\x02\xc3\xa9.");
const nested = file("nested.pkl", "\x80\x04]]]K\x01aaa.");

describe("the value is printed", () => {
	test("of a file", async () => expect(await show(list)).toEqual({ status: 0, out: "[1, 2, 'a']\n", err: "" }));

	test("of standard input", async () => {
		expect(await picklet(["show", "-"], "I5\n.")).toEqual({ status: 0, out: "5\n", err: "" });
	});

	test("of several files, with headers", async () => {
		const { out } = await show(list, two);
		expect(out).toBe(`==> ${list} <==\n[1, 2, 'a']\n\n==> ${two} <==\n1\n\n# pickle 2\n2\n`);
	});

	test("headers are bold where the terminal can", async () => {
		const { out } = await picklet(["show", list, list], "", true);
		expect(out.split("\n")[0]).toBe(`\x1b[1m==> ${list} <==\x1b[22m`);
	});

	test("floats stay floats", async () => {
		expect((await show(file("float.pkl", "G\x3f\xf0\0\0\0\0\0\0."))).out).toBe("1.0\n");
	});

	test.each(["gzip", "zlib"])("of what %s has packed, which is said", async (format) => {
		const pack = format === "gzip" ? gzipSync : deflateSync;
		const path = file(`packed.${format}`, pack(readFileSync(list)));
		expect(await show(path)).toEqual({ status: 0, out: "[1, 2, 'a']\n", err: `${path}: ${format}\n` });
	});
});

describe("options", () => {
	test("--encoding", async () => {
		expect((await show(python2)).out).toBe("'é'\n");
		expect((await show("--encoding", "latin1", python2)).out).toBe("'Ã©'\n");
		expect((await show("--encoding=bytes", python2)).out).toBe("b'\\xc3\\xa9'\n");
		expect(await show("--encoding", "ascii", python2)).toMatchObject({
			status: 1,
			err: expect.stringContaining("[E_TEXT]"),
		});
	});

	test("--depth", async () => {
		expect((await show("--depth", "2", nested)).out).toBe("[[[... 1 item]]]\n");
		expect(await show("--json", "--depth", "2", nested)).toMatchObject({
			status: 1,
			err: expect.stringContaining("[E_PLAIN]"),
		});
		expect((await show("--json", "--depth", "3", nested)).out).toBe("[[[1]]]\n");
	});

	test("--full", async () => {
		const path = file("long.pkl", `(${"K\x07".repeat(200)}l.`);
		expect((await show(path)).out).toBe(`[${"7, ".repeat(10)}... 190 more]\n`);
		expect((await show("--full", path)).out.match(/7/g)).toHaveLength(200);
	});

	test("--json, a line for each pickle", async () => {
		expect(await show("--json", two, list)).toEqual({ status: 0, out: '1\n2\n[1,2,"a"]\n', err: "" });
	});

	test("--keep-memo", async () => {
		const path = file("memo.pkl", "]q\x05K\x01a.h\x05.");
		expect(await show(path)).toMatchObject({
			status: 1,
			out: "[1]\n",
			err: expect.stringMatching(/--keep-memo.*\[E_MEMO\]/),
		});
		expect(await show("--keep-memo", path)).toEqual({ status: 0, out: "[1]\n\n# pickle 2\n[1]\n", err: "" });
	});
});

describe("output stops by its own limits", () => {
	test("of many pickles", async () => {
		const path = file("many.pkl", "K\x01.".repeat(5000));
		const { status, out } = await show(path);
		expect(status).toBe(0);
		expect(out).toMatch(/# stopped after 1,000 values and 4,000 more pickles: --full shows all\n$/);
		expect((await show("--full", path)).out).toMatch(/# pickle 5000\n1\n$/);
	});

	test("of many values", async () => {
		const { out } = await show(
			file("values.pkl", `(${`(${`(${"V012345678901234567890\n".repeat(10)}l`.repeat(10)}l`.repeat(20)}l.`),
		);
		expect(out).toMatch(/# stopped after 1,000 values: --full shows all\n$/);
		expect(out.length).toBeLessThan(50_000);
	});
});

describe("one line says what is wrong, and the next file goes on", () => {
	/** What ends the line where diagnosis finds more. */
	const more = (path: string) => `; picklet diagnose '${path}' says more`;

	test.each<[string, string | Uint8Array, string, "more"?]>([
		[
			"empty.pkl",
			"",
			"not a pickle but an empty file: Python 3's C pickler leaves one when a payload overflows 4 GiB at protocol 3 or below",
		],
		["garbage.pkl", "\x80\x04\xff\xfe", "no opcode has the code 0xff (byte at offset 2) [E_OPCODE]", "more"],
		["json.pkl", '{"a": 1}', "not a pickle but JSON: json.load reads it"],
		[
			"lfs.pkl",
			"version https://git-lfs.github.com/spec/v1\n",
			"not a pickle but a git LFS pointer: run git lfs pull to get the file itself",
		],
		["npy.pkl", "\x93NUMPY\x01\0v\0", "the .npy file ends in its header (byte at offset 10) [E_TRUNCATED]", "more"],
		["zeros.pkl", "\0".repeat(100), "not a pickle but zero bytes: what was there was never written, or is lost"],
		[
			"damaged.gz",
			gzipSync("x").subarray(0, 15),
			"the gzip data is damaged: unexpected end of file [E_CONTAINER]",
			"more",
		],
		[
			"twice.gz",
			gzipSync(gzipSync("x")),
			"the gzip data holds gzip data again, and only one layer is opened [E_CONTAINER]",
		],
		[
			"npz.gz",
			gzipSync("PK\x05\x06"),
			"inside gzip: not a pickle but a zip archive: unpack it first, as unzip does",
			"more",
		],
	])("%s", async (name, content, message, isMore) => {
		const path = file(name, content);
		const { status, out, err } = await show(path, list);
		expect(err.replace(`${path}: gzip\n`, "")).toBe(`picklet: ${path}: ${message}${isMore ? more(path) : ""}\n`);
		expect(out).toContain("[1, 2, 'a']");
		expect(status).toBe(1);
	});

	test("plain text, with the decoder's reason", async () => {
		for (const text of ["Hello, this is plain text.", "This is plain text, too.", "Not a pickle, this one, either"]) {
			expect((await show(file("text.pkl", text))).err).toMatch(/: not a pickle but plain text \(.+\)\n$/);
		}
	});

	test("a damaged pickle is not called something else", async () => {
		for (const text of ["S'it is cut off here", "(lp0\nS'a'\np1\naS'b", "I12x45678901234567\n."]) {
			const path = file("cut.pkl", text);
			const { err } = await show(path);
			expect(err.replace(more(path), "")).toMatch(/\[E_(TRUNCATED|NUMBER)\]\n$/);
			expect(err).not.toContain("not a pickle");
		}
	});

	test("a missing file and a directory", async () => {
		const missing = join(folder, "missing.pkl");
		expect(await show(missing)).toEqual({ status: 1, out: "", err: `picklet: ${missing}: no such file\n` });
		expect(await show(folder)).toEqual({ status: 1, out: "", err: `picklet: ${folder}: it is a directory\n` });
	});

	test("a name with controls", async () => {
		expect((await show("\x1b[2J\n")).err).toBe("picklet: \\x1b[2J\\n: no such file\n");
	});

	test("what follows a pickle", async () => {
		const { out, err } = await show(file("trailing.pkl", `\x80\x04K\x01.${"\0".repeat(50)}`));
		expect(out).toBe("1\n");
		expect(err).toMatch(
			/: what follows the pickle, at offset 5, is not another one but zero bytes; picklet diagnose '.*' says more\n$/,
		);
	});

	test("line ends after a pickle are no failure", async () => {
		const path = file("newline.pkl", "\x80\x04K\x01.\r\n");
		expect(await show(path)).toEqual({
			status: 0,
			out: "1\n",
			err: `${path}: line ends or spaces follow the pickle\n`,
		});
	});

	test("files that are pickles in part", async () => {
		const joblib = file("a.joblib", "\x80\x03cjoblib.numpy_pickle\nNumpyArrayWrapper\nq\0)\x81q\x01b\xff\xff");
		expect((await show(joblib)).err).toContain(
			"a file of joblib, with arrays between the opcodes: joblib.load reads it",
		);
	});

	test("standard input has a name", async () => {
		expect((await picklet(["show", "-"], "")).err).toMatch(/^picklet: standard input: not a pickle but an empty file/);
	});
});

describe("the command line", () => {
	test.each<[string, string[]]>([
		["a command is missing", []],
		['there is no command "shw"', ["shw"]],
		["Unknown option '--frobnicate'", ["--frobnicate"]],
		["Unknown option '--frobnicate'", ["show", "--frobnicate", "x"]],
		["show needs a FILE", ["show"]],
		['--depth takes a number of levels, not "many"', ["show", "--depth", "many", "x"]],
		['--encoding is one of auto, ascii, latin1, utf-8, bytes, not "utf8"', ["show", "--encoding", "utf8", "x"]],
		['there is no help on "shw"', ["help", "shw"]],
		['there is no command "\\x1b"', ["\x1b"]],
	])("%s: exit 2", async (message, args) => {
		const { status, out, err } = await picklet(args);
		expect(err).toContain(`picklet: ${message}`);
		expect(err.split("\n")).toHaveLength(2);
		expect({ status, out }).toEqual({ status: 2, out: "" });
	});

	test.each([
		["picklet help", ["--frobnicate"]],
		["picklet help show", ["show", "--frobnicate", "x"]],
		["picklet help repair", ["repair"]],
	])("points to %s", async (help, args) => {
		expect((await picklet(args)).err).toMatch(new RegExp(`; ${help} says what there is\n$`));
	});

	test("help", async () => {
		const general = await picklet(["--help"]);
		expect(general).toMatchObject({ status: 0, err: "" });
		expect(general.out).toMatch(/^ {2}show +print what the pickles in each file hold$/m);
		expect(await picklet(["help"])).toEqual(general);
		expect(await picklet(["-h"])).toEqual(general);
		const command = await picklet(["help", "show"]);
		for (const name of ["json", "depth N", "encoding E", "full", "keep-memo"])
			expect(command.out).toContain(`  --${name} `);
		expect(await show("--help")).toEqual(command);
		for (const line of `${general.out}${command.out}`.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
	});

	test("version", async () => expect(await picklet(["--version"])).toEqual({ status: 0, out: "1.2.3\n", err: "" }));
});

const overflow = sharedFolder("overflow");
describe.runIf(overflow)("files of the 32-bit overflow", () => {
	interface Entry {
		file: string;
		bytes: number;
		shape: number[];
		needed_bytes: number;
		limit: number;
	}
	const read = () => JSON.parse(readFileSync(join(overflow as string, "index.json"), "utf8")) as Entry[];
	test.each(overflow ? read() : [])("$file", async ({ file: name, bytes: size, shape, needed_bytes, limit }) => {
		const { status, out, err } = await show(join(overflow as string, name));
		expect({ status, out }).toEqual({ status: 1, out: "" });
		if (size === 0) expect(err).toContain("Python 3's C pickler leaves one");
		else for (const fact of [`(${shape.join(", ")})`, needed_bytes, limit]) expect(err).toContain(String(fact));
	});
});

const hostile = sharedFolder("hostile");
test
	.runIf(hostile)
	.each([
		"term-escape-string",
		"term-escape-key",
		"term-escape-global",
		"term-c1-bytes",
		"term-bidi",
		"term-homoglyph",
	])("hostile %s cannot steer the terminal", async (name) => {
	for (const options of [[], ["--json"], ["--full"]]) {
		const { status, out } = await show(...options, join(hostile as string, `${name}.pkl`));
		expect(status).toBe(0);
		expect(out).toMatch(/^[^\p{Cc}\p{Cf}]+(\n[^\p{Cc}\p{Cf}]+)*\n$/u);
	}
});

const containers = sharedFolder("hostile/containers");
describe.runIf(containers)("hostile containers", () => {
	interface Case {
		file: string;
		due: string;
		outcome: string;
	}
	const read = () => JSON.parse(readFileSync(join(containers as string, "index.json"), "utf8")).cases as Case[];
	test.each(containers ? read().filter(({ due }) => due === "decode") : [])("$file", async ({ file: name }) => {
		const { status, err } = await show(join(containers as string, name));
		expect(status).toBe(1);
		expect(err).toMatch(name === "zip-prefix-pickle.pt" ? /zip archive/ : /not a pickle but |\[E_CONTAINER\]/);
	});
});
