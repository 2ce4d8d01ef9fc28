import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { encode } from "../../../src/index.ts";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import type { Fault } from "../../../src/inspect/diagnosis/diagnosis.ts";
import { assemble, type Piece, uint4 } from "../../support/assemble.ts";
import { Random } from "../../support/random.ts";
import { repository } from "../../support/repository.ts";
import { sharedFolder } from "../../support/shared.ts";
import { SparseSource } from "../../support/sparseSource.ts";

const corpus = (name: string) => new Uint8Array(readFileSync(join(repository, "corpus", name)));
const arrays = corpus("numpy/float64.p2.pkl");

/** A pickle of protocol 2 up to an object with so many before it in the memo. */
function manyEntries(count: number): Piece {
	const puts = Array.from({ length: count }, (_, i) => (i < 256 ? ["Nq", i] : ["Nr", uint4(i)]));
	return ["\x80\x02", puts.map((put) => [put, "0"]), "N"];
}

/** A pickle of 14 bytes. */
const inner = "\x80\x02]q\x01(K\x01K\x02K\x03e.";

/** The head of a pickle whose frame has so many bytes. */
function frame(length: number): Piece {
	return ["\x80\x04\x95", uint4(length), uint4(0)];
}

const datetime = "\x8c\x08datetime\x94\x8c\x08datetime\x94\x93\x94";

/** What the first fault of small files says of place, data and what undoes it. */
const table: readonly (readonly [name: string, bytes: Piece, fault: Partial<Fault> | undefined])[] = [
	[
		"a cut payload",
		["\x80\x03C\x05ab"],
		{
			code: "truncated",
			offset: 2,
			opcode: "SHORT_BINBYTES",
			missing: { bytes: 3, reading: "the payload of SHORT_BINBYTES" },
		},
	],
	[
		"a cut argument",
		["\x80\x02J\x01"],
		{ code: "truncated", offset: 2, opcode: "BININT", missing: { bytes: 3, reading: "the argument of BININT" } },
	],
	["a cut line", ["I12"], { code: "truncated", offset: 0, opcode: "INT" }],
	["a cut name at protocol 0", ["ccopy_reg\n_reconstru"], { code: "truncated", offset: 0, opcode: "GLOBAL" }],
	[
		"a cut frame",
		["\x80\x04\x95\x20\0\0\0\0\0\0\0]\x94(K\x01"],
		{ code: "truncated", missing: { bytes: 27, reading: "the next opcode" } },
	],
	[
		"no STOP, as the frame says",
		["\x80\x04\x95\x03\0\0\0\0\0\0\0]\x94"],
		{ code: "truncated", data: "whole", mend: { kind: "insert", offset: 13, bytes: [46] } },
	],
	[
		"no STOP, as it seems",
		["\x80\x02K\x01"],
		{ code: "truncated", data: "unknown", mend: { kind: "insert", offset: 4, bytes: [46] } },
	],
	["an unknown opcode", ["\x80\x02](K\x01\xf1K\x02e."], { code: "unknown-opcode", offset: 6, resumes: 7 }],
	["one bit of an opcode", ["\x80\x02](K\x01\xcbK\x02e."], { code: "unknown-opcode", offset: 6, data: "partly" }],
	[
		"one bit of EMPTY_LIST",
		["\x80\x02\xdd(K\x01K\x02e."],
		{ code: "unknown-opcode", offset: 2, candidates: ["EMPTY_LIST"], data: "unknown" },
	],
	["no item for it", ["\x80\x02]K\x01s."], { code: "malformed", offset: 5, opcode: "SETITEM" }],
	["no MARK for it", ["\x80\x02]K\x01t."], { code: "malformed", offset: 5, opcode: "TUPLE" }],
	["no memo entry", ["\x80\x02h\x07."], { code: "malformed", offset: 2, opcode: "BINGET" }],
	["no number", ["I1x2\n."], { code: "malformed", offset: 0, opcode: "INT" }],
	["text that is no UTF-8", ["\x80\x03X", uint4(2), "a\xff."], { code: "malformed", offset: 2, opcode: "BINUNICODE" }],
	["protocol 9", ["\x80\x09N."], { code: "malformed", offset: 0, opcode: "PROTO" }],
	["a list as a key", ["\x80\x02}]Ns."], { code: "malformed", offset: 5, opcode: "SETITEM" }],
	["a frame beyond the file", ["\x80\x04\x95\x20\0\0\0\0\0\0\0]\x94."], { code: "frame", offset: 2, data: "unknown" }],
	[
		"a mark and CR LF",
		["\xef\xbb\xbf(lp0\r\nI1\r\na."],
		{ code: "bom", mend: { kind: "transform", steps: ["strip-bom", "crlf-to-lf"] } },
	],
	[
		"CR LF in a length, which takes in what follows",
		[frame(42), datetime, "C\r\n\x07\xe5\r\n\x05\x149\x32\0\0\0\x94\x85\x94R\x94."],
		{ code: "crlf", data: "whole" },
	],
	["CR LF in the length of bytes", [frame(14), "C\r\n12345\r\n6789\x94."], { code: "crlf", data: "whole" }],
	["CR LF in the length of bytes of protocol 3", ["\x80\x03C\r\n0123456789q\0."], { code: "crlf", data: "whole" }],
	["bytes outside of any frame", [frame(3), "]\x94.", "\x80\x03C\x0101q\0."].slice(0, 2), undefined],
	[
		"a datetime of protocol 0 in UTF-8",
		[
			"cdatetime\ndatetime\np0\n(c_codecs\nencode\np1\n(V\x07\xc3\xa5\\u000a\x05\x14\x39\x32\\u0000\\u0000\\u0000\np2\nVlatin1\np3\ntp4\nRp5\ntp6\nRp7\n.",
		],
		{ code: "utf8", data: "whole" },
	],
	["CR LF in a name", ["cos\r\npath\r\n."], { code: "crlf", offset: 3, data: "whole" }],
	[
		"HTTP headers before an int of protocol 0",
		["HTTP/1.1 200 OK\r\nServer: x\r\n\r\nI864\n."],
		{ code: "leading", data: "whole", mend: { kind: "remove", offset: 0, length: 30 } },
	],
	[
		"LF that became CR LF, where CR LF stood too",
		["\x80\x02(cos\r\npath\r\nq\0U\x05ab\r\ncq\x01X\x02\0\0\0\r\nq\x02K\x0d\x0at."],
		{ code: "crlf", offset: 6, data: "partly" },
	],
	["CR LF in some lines", ["(I1\r\nI2\nt."], { code: "crlf", data: "unknown" }],
	[
		"CR LF that became LF",
		["\x80\x03C\x0bab\ncd\ne\nq\0."],
		{ code: "newlines-lost", offset: 2, missing: { bytes: 3, reading: "payloads" } },
	],
	["CR LF that became LF, of CRs before", ["\x80\x03C\x0cab\r\ncd\ne\nq\0."], { code: "newlines-lost", offset: 2 }],
	[
		"CR LF that became LF in a date, not at its first LF",
		["\x80\x03cdatetime\ndatetime\nq\0C\n\x07\xe4\n\n\n7\0K\xf0q\x01\x85q\x02Rq\x03."],
		{ code: "newlines-lost", offset: 23, missing: { bytes: 1, reading: "payloads" } },
	],
	[
		"CR LF that became LF in many dates, each of which may be read in several ways",
		[
			"\x80\x04](\x8c\x08datetime\x94\x8c\x04date\x94\x93\x94",
			"\x8c\x13line1\nline2\nline3\n\x94h\x02C\x04\x07\xda\n\n\x94\x85\x94R\x94h\x02C\x04\x07\xda\n\x94\x85\x94R\x94".repeat(
				30,
			),
			"e.",
		],
		{ code: "newlines-lost", offset: 24 },
	],
	[
		"CR LF that became LF in a memo number",
		[manyEntries(2573), "r\n\0\0K\x050."],
		{ code: "newlines-lost", offset: 17_246 },
	],
	[
		"CR for LF in names",
		["\x80\x02cos\rpath\rq\0."],
		{ code: "lf-to-cr", data: "whole", mend: { kind: "transform", steps: ["cr-to-lf"] } },
	],
	[
		"CR for LF in a length",
		["\x80\x04\x95\x0e\0\0\0\0\0\0\0\x8c\x0d0123456789\x94."],
		{ code: "lf-to-cr", data: "whole" },
	],
	["CR for LF, and CRs", ["\x80\x02(cos\rpath\rq\0U\x02a\rt."], { code: "lf-to-cr", data: "unknown" }],
	[
		"UTF-8 and CR LF",
		new TextEncoder().encode("\x80\x02(I1\r\nK\x80t."),
		{ code: "utf8", mend: { kind: "transform", steps: ["utf8-to-latin1", "crlf-to-lf"] } },
	],
	[
		"UTF-8 of Windows-1252, which Python's codec has no byte 81 of",
		new TextEncoder().encode("\u20ac\x02(K\x81K\u0192t."),
		{
			code: "utf8",
			command:
				"import pickle; pickle.loads(b''.join(c.encode('latin-1' if ord(c) < 256 else 'cp1252') for c in open(FILE, 'rb').read().decode('utf-8')))",
		},
	],
	["U+FFFD", ["\xef\xbf\xbd\x02K\x01\xef\xbf\xbd."], { code: "replaced", offset: 0, data: "lost" }],
	["7 bits", ["\0\x02]q\0(K\x01K\x02e."], { code: "seven-bit", offset: 0, data: "partly" }],
	[
		"leading bytes",
		["junk: \x80\x02](K\x01K\x02e."],
		{ code: "leading", mend: { kind: "remove", offset: 0, length: 6 } },
	],
	[
		"leading bytes that end as a pickle does",
		["(lp0\n", "\x80\x02](K\x01K\x02e."],
		{ code: "leading", data: "unknown" },
	],
	["a line of text before protocol 0", ["Warning: x\n(lp0\nI1\na."], { code: "leading", data: "whole" }],
	["a head without its opcode", ["Video.Viewer\np0\n.".slice(1)], { code: "leading", data: "unknown" }],
	[
		"a name without its beginning",
		["ny.core.multiarray\nscalar\np0\n(I1\ntp1\nRp2\n."],
		{ code: "leading", data: "unknown", mend: { kind: "remove", offset: 0, length: 3 } },
	],
	[
		"a second pickle behind one whose head is damaged",
		["\0\0\0](K\x01K\x02e.\x80\x02](K\x03K\x04e."],
		{ code: "leading", data: "unknown" },
	],
	[
		"a frame without STOP",
		["\x80\x04\x95\x09\0\0\0\0\0\0\0]\x94(K\x01K\x02e"],
		{ code: "truncated", data: "whole", mend: { kind: "insert", offset: 19, bytes: [0x2e] } },
	],
	[
		"a frame that lost a byte, whose STOP is the argument of BININT1",
		["\x80\x04\x95\x06\0\0\0\0\0\0\0N\x940K."],
		{ code: "truncated", data: "unknown" },
	],
	["a mark before CR LF that may be the text's own", ["\xef\xbb\xbf(Va\r\nVb\r\nl."], { code: "bom", data: "unknown" }],
	[
		"HTTP headers, and a cut",
		["HTTP/1.1 200 OK\r\n\r\n(lp0\nI1\naI"],
		{ code: "leading", data: "partly", mend: { kind: "remove", offset: 0, length: 19 } },
	],
	["a byte order mark, and a cut", ["\xef\xbb\xbf(lp0\nI1\naI"], { code: "bom", data: "partly" }],
	["a cut behind a pickle in bytes", ["\x80\x03C\x0e", inner], { code: "truncated", offset: 18 }],
	["a cut in a pickle in bytes", ["\x80\x03C\x0e", inner.slice(0, 9)], { code: "truncated", offset: 2 }],
	["a cut behind a pickle in a str", ["U\x0e", inner], { code: "truncated", offset: 16 }],
	[
		"a cut in a pickle in a str",
		["T", uint4(400), "\x80\x02]q\x01(", "K\x01".repeat(50)],
		{ code: "truncated", offset: 0 },
	],
	[
		"a cut behind a pickle of protocol 0 in bytes",
		["\x80\x03C\x13(lp0\nI1\naI2\naI3\na."],
		{ code: "truncated", offset: 2 },
	],
	["a cut in a pickle in text", ["c_codecs\nencode\np0\n(V", inner], { code: "truncated", opcode: "UNICODE" }],
	["a cut STRING", ["(S'some text that goes"], { code: "truncated", opcode: "STRING" }],
	["a cut STRING of escapes", ["S'\\x80\\x02]q"], { code: "truncated", opcode: "STRING" }],
	["a cut UNICODE of escapes", ["V\\u001a and so"], { code: "truncated", opcode: "UNICODE" }],
	["a cut UNICODE of some length", ["V", "some text. ".repeat(200)], { code: "truncated", opcode: "UNICODE" }],
	["a cut name of a known module", ["cnumpy.core.multi"], { code: "truncated", opcode: "GLOBAL" }],
	["a list of fruit", ["pears and\napples\n"], { code: "not-a-pickle" }],
	[
		"NUL bytes",
		["\x80\x02N.\0\0\0"],
		{ code: "padding", offset: 4, data: "whole", mend: { kind: "remove", offset: 4, length: 3 } },
	],
	["a second pickle, cut", ["\x80\x02N.\x80\x02]("], { code: "truncated", offset: 8 }],
	[
		"a pickle in a pickle",
		[encode(encode([1, 2, 3]))],
		{ code: "double", data: "whole", mend: { kind: "extract", payload: 13, length: 22 } },
	],
	[
		"a pickle in a str of protocol 0",
		["S'(lp0\\nI1\\naI2\\na.'\np0\n."],
		{ code: "double", offset: 0, command: "import pickle; pickle.loads(pickle.load(open(FILE, 'rb')))" },
	],
	["a pickle of protocol 2 in a str of protocol 0", ["S'\\x80\\x02]q\\x00(K\\x01K\\x02e.'\np0\n."], { code: "double" }],
	[
		"a pickle in a str of protocol 1",
		["U\x0e]q\0(K\x01K\x02K\x03K\x04e.q\0."],
		{ code: "double", mend: { kind: "extract", payload: 2, length: 14 } },
	],
	[
		"a pickle in encoded text",
		[
			"\x80\x02c_codecs\nencode\nq\0X\x0d\0\0\0\xc2\x80\x02]q\0(K\x01K\x02e.q\x01X\x06\0\0\0latin1q\x02\x86q\x03Rq\x04.",
		],
		{ code: "double" },
	],
	[
		"a pickle in text",
		["\x80\x04\x8c\x0a(lp0\nI1\na.\x94."],
		{ code: "double", command: "import pickle; pickle.loads(pickle.load(open(FILE, 'rb')).encode('latin-1'))" },
	],
	[
		"a pickle in a pickle in a pickle",
		[encode(encode(encode([1, 2, 3])))],
		{
			code: "double",
			command: "import pickle; pickle.loads(pickle.loads(pickle.load(open(FILE, 'rb'))))",
			mend: { kind: "extract", payload: 26, length: 22 },
		},
	],
	[
		"a pickle of Python 2 in a pickle",
		["\x80\x03C\x0f\x80\x02]q\0(U\x03a\xe9bK\x01e.q\0."],
		{
			code: "double",
			command: "import pickle; pickle.loads(pickle.load(open(FILE, 'rb'), encoding='bytes'), encoding='latin1')",
		},
	],
	["text that is a short pickle by chance", ["\x80\x04\x8c\x06I1\nI2.\x94."], undefined],
	[
		"NUL bytes before",
		["\0".repeat(100), "\x80\x02](K\x01K\x02e."],
		{ code: "leading", data: "whole", mend: { kind: "remove", offset: 0, length: 100 } },
	],
	["more NUL bytes before protocol 0", ["\0".repeat(60_000), "(lp0\nI1\naI2\na."], { code: "leading", data: "whole" }],
];

describe("faults", () => {
	test.each(table)("%s", async (_, bytes, fault) => {
		const [first] = (await diagnose(assemble(bytes))).faults;
		if (fault) expect(first).toMatchObject(fault);
		else expect(first).toBeUndefined();
	});

	test("every fault says what it is, what shows it and what to do", async () => {
		for (const [, bytes] of table) {
			for (const { title, evidence, advice } of (await diagnose(assemble(bytes))).faults) {
				expect(title).toMatch(/^\S.*\.$/s);
				expect(evidence).toMatch(/\.$/);
				expect(advice).not.toBe("");
			}
		}
	});
});

describe("an array whose data are cut", () => {
	it("says how many of its elements are there", async () => {
		const { faults } = await diagnose(corpus("numpy/float64.p4.pkl").subarray(0, 8143));
		expect(faults[0]).toMatchObject({
			code: "truncated",
			array: { shape: [64, 48], dtype: "float64", needed: 24_576 },
		});
		const { found = 0, items } = faults[0]?.array ?? {};
		expect(items).toBe(Math.floor(found / 8));
	});

	it("is whole if nothing is cut", async () => {
		expect((await diagnose(arrays)).statistics?.arrays).toMatchObject([{ shape: [64, 48], found: 24_576, order: "C" }]);
	});
});

const torch = sharedFolder("frameworks/py311-torch113/torch");
const joblib = sharedFolder("frameworks/py313-np24/joblib");

describe("files of frameworks that are cut", () => {
	it.skipIf(torch === undefined).each([
		["checkpoint.legacy.p2.pt", 20, "truncated", "the storages of torch"],
		["checkpoint.p2.pt", 20, "container", undefined],
	])("%s", async (name, cut, code, reading) => {
		const bytes = new Uint8Array(readFileSync(join(torch as string, name)));
		const { format, faults } = await diagnose(bytes.subarray(0, bytes.length - cut));
		expect(format.name).toContain("torch.save");
		expect(faults[0]?.code).toBe(code);
		expect(faults[0]?.missing?.reading).toBe(reading);
	});

	it.skipIf(joblib === undefined)("an array of joblib, between the opcodes", async () => {
		const bytes = new Uint8Array(readFileSync(join(joblib as string, "array_structured.joblib")));
		const { faults } = await diagnose(bytes.subarray(0, bytes.length - 20));
		expect(faults[0]?.code).toBe("truncated");
	});
});

describe("files of more than 16 MiB, of which only the head is looked at", () => {
	const large = encode({ head: new Uint8Array(300).map((_, i) => i), data: new Uint8Array(17 * 2 ** 20).fill(0x0a) });

	it.each([
		["LF to CR LF", "crlf", Buffer.from(Buffer.from(large).toString("latin1").replaceAll("\n", "\r\n"), "latin1")],
		["Latin-1 as UTF-8", "utf8", Buffer.from(Buffer.from(large).toString("latin1"), "utf8")],
		["a byte order mark", "bom", assemble("\xef\xbb\xbf", large)],
		["leading bytes", "leading", assemble("HTTP/1.1 200 OK\r\n\r\n", large)],
		["a cut", "truncated", large.subarray(0, 17 * 2 ** 20)],
	])("%s", async (_, code, bytes) => {
		expect((await diagnose(bytes)).faults[0]?.code).toBe(code);
	});
});

describe("a long run of NUL bytes behind a pickle", () => {
	it.each([
		["NULs throughout", [2.5 * 2 ** 30], ["padding"]],
		["something at their end", [2.5 * 2 ** 30, assemble("x")], []],
	])("%s", async (_, parts, codes) => {
		const source = new SparseSource(assemble("\x80\x02](K\x01K\x02e."), ...parts);
		const { faults } = await diagnose(source);
		expect(faults.map(({ code }) => code)).toEqual(codes);
		if (faults[0]) expect(faults[0].evidence).toContain("were looked at");
		expect(source.bytesRead).toBeLessThan(1 << 26);
	});
});

describe("CR LF that became LF in large payloads", () => {
	const random = new Random(6);
	const noise = Uint8Array.from({ length: 3_000_000 }, () => random.int(0, 256));
	const lines = new TextEncoder().encode("some text,1,2\r\n".repeat(20_000));

	it.each([
		["noise, protocol 4", { noise, tail: [1, 2] }, 4],
		["noise, protocol 2", { noise, tail: [1, 2] }, 2],
		["noise twice, protocol 3", [noise, "x", noise.subarray(0, 50_000)], 3],
		["lines, protocol 4", [lines, lines.subarray(7)], 4],
	] as const)("%s", async (_, value, protocol) => {
		const bytes = Buffer.from(encode(value, { protocol })).toString("latin1");
		const lost = Buffer.from(bytes.replaceAll("\r\n", "\n"), "latin1");
		const { faults } = await diagnose(lost);
		expect(faults[0]).toMatchObject({ code: "newlines-lost", missing: { bytes: bytes.length - lost.length } });
	});
});
