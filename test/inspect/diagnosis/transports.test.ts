import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type EncodeOptions, encode } from "../../../src/index.ts";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import { layersOf } from "../../../src/inspect/diagnosis/python.ts";
import { assemble } from "../../support/assemble.ts";
import { transports } from "../../support/inject/transports.ts";

const protocols = [0, 1, 2, 3, 4, 5] as const;
const value = { a: [1, 2.5, 'it\'s "text"\r\n\u00e9'], b: new Uint8Array([0, 10, 13, 39, 92, 128, 255]) };

/** Codes of all layers' faults, the outermost first. */
async function codesOf(bytes: Uint8Array): Promise<string> {
	const layers = layersOf(await diagnose(bytes));
	return layers.flatMap(({ faults }) => faults.map(({ code }) => code)).join(" ");
}

describe.each(transports)("$name", ({ format, faults, make }) => {
	test.each(protocols)("of protocol %i", async (protocol) => {
		const bytes = make(encode(value, { protocol } as EncodeOptions));
		const found = await diagnose(bytes);
		expect(found.format.name).toBe(format);
		expect(await codesOf(bytes)).toBe(faults);
		expect(layersOf(found).at(-1)?.format.name).toBe(`a pickle of protocol ${protocol}`);
	});

	test("of a file larger than what is looked at first", async () => {
		const bytes = make(
			encode(
				Array.from({ length: 9000 }, (_, i) => `item ${i}`),
				{ protocol: 0 },
			),
		);
		expect((await diagnose(bytes)).format.name).toBe(format);
	});

	test("of a short pickle of protocol 0", async () => {
		expect((await diagnose(make(assemble("(lp0\nI1\naI2\na.")))).format.name).toBe(format);
	});

	test("of a pickle that is cut", async () => {
		const whole = encode(
			Array.from({ length: 40 }, (_, i) => i),
			{ protocol: 0 },
		);
		expect(await codesOf(make(whole.subarray(0, -20)))).toBe(`${faults} truncated`.trim());
	});

	test("of packed pickles", async () => {
		for (const pack of [gzipSync, deflateSync]) {
			const found = await diagnose(make(new Uint8Array(pack(encode(value, { protocol: 2 })))));
			expect(layersOf(found).at(-1)?.format.name).toBe("a pickle of protocol 2");
		}
	});
});

describe("base64 that is wrapped itself", () => {
	const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
	const bytes = encode(value, { protocol: 4 });

	test.each([
		["in base64", base64(assemble(base64(bytes))), "transport-text transport-text"],
		["in JSON", JSON.stringify({ name: "x", data: base64(bytes) }), "transport-text"],
		["in JSON with escapes", `{"data": "${base64(bytes).replaceAll("/", "\\/")}\\n"}`, "transport-text"],
		[
			"in JSON, of a file larger than what is looked at first",
			JSON.stringify({ data: base64(encode(new Uint8Array(9000))) }),
			"transport-text",
		],
	])("%s", async (_, text, faults) => {
		expect(await codesOf(assemble(text))).toBe(faults);
	});

	test("is decoded from JSON by its key", async () => {
		const [fault] = (await diagnose(assemble(JSON.stringify({ data: base64(bytes) })))).faults;
		expect(fault?.command).toBe(
			"import base64, json, pickle; pickle.loads(base64.b64decode(json.loads(open(FILE, 'rb').read())['data'].encode()))",
		);
	});
});

/** Text that could be taken for one. */
const others = {
	"a word": "Menu",
	"a line of words": "the quick brown fox jumps over the lazy dog",
	"a checksum": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	"a quoted line": '"The quick brown fox"',
	"a number": "1234567890",
	"base64 of something else": Buffer.from("just some text, nothing more\n".repeat(9)).toString("base64"),
};

describe("text that is none of these", () => {
	test.each(Object.entries(others))("%s", async (_, text) => {
		const { format, faults } = await diagnose(assemble(text));
		expect(format.name).toBe("plain text");
		expect(faults.map(({ code }) => code)).toEqual(["not-a-pickle"]);
	});
});
