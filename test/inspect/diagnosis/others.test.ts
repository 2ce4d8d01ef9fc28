import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { encode } from "../../../src/index.ts";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import { assemble, uint4 } from "../../support/assemble.ts";
import { Random } from "../../support/random.ts";

/** What servers, clients and serializers leave where a file should be. */
const errors = [
	"Not Found",
	"Not Found\n",
	"404: Not Found",
	"404 page not found\n",
	"Forbidden",
	"Access denied",
	"Access Denied\r\n",
	"Unauthorized",
	"Bad Gateway",
	"Bad Request",
	"Internal Server Error",
	"Service Unavailable",
	"Gateway Timeout",
	"Too Many Requests",
	"Moved Permanently",
	"Method Not Allowed",
	"Payload Too Large",
	"File not found.",
	"Permission denied",
	"Session expired",
	"Link expired",
	"Validation failed",
	"Proxy error",
	"Gone",
	"null",
	"undefined",
	"None",
	"NaN",
	"[object Object]",
	"\ufeffNot Found",
	'{"message":"Not Found","documentation_url":"https://example.org"}',
	'{"error": "invalid_token"}',
	'{"detail":"Authentication credentials were not provided: 401","status":401}',
	'[{"errors": ["no such key"]}]',
	'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
	"Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'a'\n",
];

describe("an error message in the file's place is one", () => {
	test.each(errors)("%j", async (text) => {
		const { format, faults } = await diagnose(new TextEncoder().encode(text));
		expect(format.name).toBe("an error message");
		expect(faults.map(({ code }) => code)).toEqual(["not-a-pickle"]);
	});

	test("in UTF-16 it is text", async () => {
		const { format, faults } = await diagnose(
			assemble(
				"\xff\xfe",
				[..."Not Found"].map((char) => `${char}\0`),
			),
		);
		expect(format.name).toBe("UTF-16 text");
		expect(faults[0]?.evidence).toContain("Not Found");
	});

	test("in gzip it is one as well", async () => {
		expect((await diagnose(gzipSync("Not Found"))).inside?.format.name).toBe("an error message");
	});
});

describe("text that says nothing is text", () => {
	test.each(["hello", "Foo bar", "x", "Hello, world", "a,b\n1,2\n", "# notes\n", "12", "key: value\n"])(
		"%j",
		async (text) => {
			const { format, faults } = await diagnose(assemble(text));
			expect(format.name).toBe("plain text");
			expect(faults.map(({ code }) => code)).toEqual(["not-a-pickle"]);
		},
	);

	test.each([" ", "\n", "\r\n\r\n"])("%j", async (text) => {
		expect((await diagnose(assemble(text))).format.name).toBe("line ends and spaces");
	});
});

describe("a short pickle of protocol 0 is one", () => {
	const shorts = [
		"I1\n.",
		"N.",
		"S'a'\np0\n.",
		"S'Not Found'\np0\n.",
		"VNot Found\np0\n.",
		"F1.5\n.",
		"L12L\n.",
		"(lp0\n.",
	];
	test.each([...shorts, "I01\n.", "(dp0\n.", "(t.", "]."])("%j", async (text) => {
		const { format, faults } = await diagnose(assemble(text));
		expect(format.name).toMatch(/^a pickle of protocol [01]$/);
		expect(faults).toEqual([]);
	});

	test.each(["S'Not Found'\np0\n", "VNot Found\np0\n", "S'a'\np", "I12", "(lp0\nI1\na", "S'error: no such"])(
		"%j is one that is cut",
		async (text) => {
			const { format, faults } = await diagnose(assemble(text));
			expect(format.name).toBe("a pickle of protocol 0");
			expect(faults[0]?.code).toBe("truncated");
		},
	);
});

/** Files of other programs by what they are. */
const others: Readonly<Record<string, readonly Uint8Array[]>> = {
	"marshal data": [
		assemble("\xfb\xda\x01a[\x03\0\0\0\xe9\x01\0\0\0g\0\0\0\0\0\0\x04@\xda\x01x0"),
		assemble("[\x02\0\0\0i\x01\0\0\0i\x02\0\0\0"),
		assemble("\xa9\x02\xe9\x01\0\0\0\xda\x03abc"),
		assemble("\xe3\0\0\0\0\0\0\0\0", new Uint8Array(60)),
	],
	"compiled Python code": [
		assemble("\xcb\r\r\n", new Uint8Array(12), "\xe3\0\0\0\0"),
		assemble("\x03\xf3\r\n\x12\x34\x56\x78c\0\0\0\0"),
	],
	"MessagePack data": [
		assemble("\x82\xa1a\x01\xa1b\x02"),
		assemble("\x93\x01\xcb\x3f\xf8\0\0\0\0\0\0\xc4\x03abc"),
		assemble("\xdc\0\x11", new Uint8Array(17)),
	],
	"BSON data": [assemble(uint4(16), "\x10a\0\x01\0\0\0", new Uint8Array(5))],
	"a property list": [assemble("bplist00\xd1\x01\x02")],
	"an SQLite database": [assemble("SQLite format 3\0", new Uint8Array(80))],
	"a PNG image": [assemble("\x89PNG\r\n\x1a\n", new Uint8Array(50))],
	"a JPEG image": [assemble("\xff\xd8\xff\xe0\0\x10JFIF", new Uint8Array(50))],
	"a PDF document": [assemble("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")],
	"a program": [assemble("\x7fELF\x02\x01\x01", new Uint8Array(50)), assemble("MZ\x90\0\x03", new Uint8Array(50))],
	"R data": [assemble("RDX3\nX\n\0\0\0\x03"), assemble("X\n\0\0\0\x03\0\x04\x01\0")],
	"a MATLAB file": [assemble("MATLAB 5.0 MAT-file, Platform: GLNXA64".padEnd(124), "\0\x01IM")],
	"a serialized Java object": [assemble("\xac\xed\0\x05sr\0\x13java.util.ArrayList")],
	"a Marshal dump of Ruby": [assemble("\x04\x08[\x07i\x06i\x07")],
	"a serialized PHP value": [assemble("a:1:{i:0;i:1;}")],
	"a Berkeley DB file": [assemble(new Uint8Array(12), "\x61\x15\x06\0", new Uint8Array(496))],
	"a GNU dbm file": [assemble("\xcf\x9a\x57\x13", new Uint8Array(60))],
	"PEM text": [assemble("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")],
	"a git LFS pointer": [assemble("version https://git-lfs.github.com/spec/v1\r\noid sha256:1\r\nsize 12\r\n")],
};

describe("files of other programs are named", () => {
	const rows = Object.entries(others).flatMap(([name, files]) => files.map((bytes) => ({ name, bytes })));
	test.each(rows)("$name", async ({ name, bytes }) => {
		const { format, inside } = await diagnose(bytes);
		expect(format.name).toBe(name);
		expect(inside).toBeUndefined();
	});
});

test("bytes of no known format are said to be no pickle, as far as they tell", async () => {
	const random = new Random(20_260_102);
	const names: Record<string, number> = {};
	for (let file = 0; file < 300; file++) {
		const bytes = Uint8Array.from({ length: random.int(100, 3000) }, () => random.int(0, 256));
		const { format, faults } = await diagnose(bytes);
		names[format.name] = (names[format.name] ?? 0) + 1;
		expect(faults).toHaveLength(1);
	}
	expect(names["bytes of no known format"]).toBeGreaterThan(290);
});

test("NUL bytes in front of a pickle are not the file", async () => {
	const { format, faults } = await diagnose(assemble(new Uint8Array(100), encode([1, 2, 3])));
	expect(format.name).toBe("a pickle behind other bytes");
	expect(faults.map(({ code }) => code)).toEqual(["leading"]);
});

describe("multipart form data", () => {
	const header = (name: string, more = "") => `--x1\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`;
	const end = "\r\n--x1--\r\n";
	test.each([0, 1, 2, 4] as const)("around a pickle of protocol %i", async (protocol) => {
		const pickle = encode({ a: [1, "text\r\n"] }, { protocol });
		const found = await diagnose(assemble(header("f", '; filename="a.pkl"'), pickle, end));
		expect(found).toMatchObject({
			format: { name: "multipart form data" },
			data: "whole",
			faults: [{ code: "leading" }],
		});
		expect(found.inside).toMatchObject({ size: pickle.length, faults: [], conditions: [] });
	});

	test("with other fields before the file, and a part of text in it", async () => {
		const pickle = encode([1, 2, 3]);
		const bytes = assemble(header("a"), "1\r\n", header("f", '; filename="a.pkl"'), pickle, end);
		expect((await diagnose(bytes)).inside).toMatchObject({ size: pickle.length, faults: [] });
	});

	test("cut in the pickle", async () => {
		const bytes = assemble(header("f"), encode([1, 2, 3]).subarray(0, 12));
		expect((await diagnose(bytes)).inside?.faults.map(({ code }) => code)).toEqual(["truncated"]);
	});
});
