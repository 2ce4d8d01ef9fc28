import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { encode, tuple } from "../../src/index.ts";
import { diagnose } from "../../src/inspect/diagnosis/diagnose.ts";
import type { Diagnosis } from "../../src/inspect/diagnosis/diagnosis.ts";
import { layersOf } from "../../src/inspect/diagnosis/python.ts";
import { reportText } from "../../src/inspect/diagnosis/report.ts";
import { repair } from "../../src/inspect/index.ts";
import { assemble, uint2, uint4 } from "../support/assemble.ts";
import { transports } from "../support/inject/transports.ts";
import { readAll } from "../support/readAll.ts";
import { answerInPyodide } from "./pyodide.ts";
import { pythons, runScript } from "./pythons.ts";

/** Of Python 2, with a str that is not ASCII. */
const python2 = assemble("\x80\x02]q\x01(U\x04caf\xe9q\x02K\x01e.");
const originals: Readonly<Record<string, Uint8Array>> = {
	"protocol 0": encode([1, 2.5, "it's\r\n\u00e9", null, { a: tuple(1, 2) }], { protocol: 0 }),
	"protocol 0 of Python 2": assemble("(lp0\nS'caf\\xe9'\np1\naI1\na."),
	"protocol 1": encode([1, 2.5, "it's \u00e9", 300], { protocol: 1 }),
	"protocol 2 of Python 2": python2,
	"protocol 3": encode({ a: [1, 2, 3], b: new Uint8Array([0, 10, 13, 128, 255]) }, { protocol: 3 }),
	"protocol 4": encode({ a: [1, 2, "x".repeat(300)], b: new Uint8Array([0, 10, 13, 128, 255]) }, { protocol: 4 }),
	"protocol 5": encode(["\u{1f600}", new Uint8Array([10, 200])], { protocol: 5 }),
};

const bytesOf = (buffer: Uint8Array) => new Uint8Array(buffer);
const textMode = (bytes: Uint8Array) =>
	Uint8Array.from(Array.from(bytes, (byte) => (byte === 10 ? [13, 10] : [byte])).flat());
const asUtf8 = (bytes: Uint8Array, charset = "latin1") =>
	new TextEncoder().encode(
		charset === "latin1" ? String.fromCharCode(...bytes) : new TextDecoder("windows-1252").decode(bytes),
	);
const transport = (name: string) =>
	transports.find((each) => each.name === name)?.make as (bytes: Uint8Array) => Uint8Array;
const base64 = transport("base64");
const utf16 = transport("UTF-16");
const npy = (bytes: Uint8Array) => {
	const header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }\n";
	return assemble("\x93NUMPY\x01\0", uint2(header.length), header, bytes);
};

/** A zip archive of one member. */
function zip(name: string, content: Uint8Array, deflated: boolean): Uint8Array {
	const packed = deflated ? bytesOf(deflateRawSync(content)) : content;
	const crc = uint4(crc32(content));
	const fields = [
		uint2(deflated ? 8 : 0),
		uint4(0),
		crc,
		uint4(packed.length),
		uint4(content.length),
		uint2(name.length),
		uint2(0),
	];
	const local = assemble("PK\x03\x04", uint2(20), uint2(0), fields, name, packed);
	const entry = assemble(
		"PK\x01\x02",
		uint2(20),
		uint2(20),
		uint2(0),
		fields,
		uint2(0),
		uint2(0),
		uint2(0),
		uint4(0),
		uint4(0),
		name,
	);
	return assemble(
		local,
		entry,
		"PK\x05\x06",
		uint4(0),
		uint2(1),
		uint2(1),
		uint4(entry.length),
		uint4(local.length),
		uint2(0),
	);
}

function crc32(bytes: Uint8Array): number {
	let crc = -1;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/** How a pickle comes to lie in a file. */
const wraps: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
	...Object.fromEntries(transports.map(({ name, make }) => [name, make])),
	gzip: (bytes) => bytesOf(gzipSync(bytes)),
	"gzip in gzip": (bytes) => bytesOf(gzipSync(gzipSync(bytes))),
	"gzip without its checksum": (bytes) => bytesOf(gzipSync(bytes)).subarray(0, -8),
	zlib: (bytes) => bytesOf(deflateSync(bytes)),
	"an old joblib's frame": (bytes) => assemble("ZF", "0x1ab".padEnd(19), bytesOf(deflateSync(bytes))),
	"a zip": (bytes) => zip("x.pkl", bytes, false),
	"a zip, deflated, whose member has an odd name": (bytes) => zip("it's a FILE\\DATA.pkl", bytes, true),
	"a zip in base64": (bytes) => base64(zip("x.pkl", bytes, true)),
	"a .npy file": npy,
	"gzip in base64": (bytes) => base64(bytesOf(gzipSync(bytes))),
	"base64 in gzip": (bytes) => bytesOf(gzipSync(base64(bytes))),
	"text mode": textMode,
	"UTF-16 written in text mode": (bytes) => utf16(textMode(bytes)),
	"a byte order mark": (bytes) => assemble("\xef\xbb\xbf", bytes),
	"UTF-8": (bytes) => asUtf8(bytes),
	"UTF-8 of Windows-1252": (bytes) => asUtf8(bytes, "windows"),
	"UTF-8 twice": (bytes) => asUtf8(asUtf8(bytes)),
	"gzip as UTF-8": (bytes) => asUtf8(bytesOf(gzipSync(bytes))),
	"HTTP headers": (bytes) => assemble("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", bytes),
	"a multipart form": (bytes) =>
		assemble('--x1\r\nContent-Disposition: form-data; name="f"; filename="a.pkl"\r\n\r\n', bytes, "\r\n--x1--\r\n"),
	"NUL bytes behind it": (bytes) => assemble(bytes, new Uint8Array(100)),
	"NUL bytes behind it, in gzip": (bytes) => bytesOf(gzipSync(assemble(bytes, new Uint8Array(100)))),
};

/** The same pickle of Python 2, packed by Python. */
const packed: Readonly<Record<string, Uint8Array>> = {
	bzip2: fromBase64("QlpoOTFBWSZTWZyYNHQAAAhXwTQAAEEACAICKwAgAEAAACAgACKaMTI/UQpgAAdKhR4Qlgur+LuSKcKEhOTBo6A="),
	xz: fromBase64(
		"/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQARgAJdcQEoVQRjYWbpcQJLAWUuAAAAcuXI5ltdLh0AASoSSwhUvB+2830BAAAAAARZWg==",
	),
	lzma: fromBase64("XQAAgAD//////////wBAAIdJ14iehLio2WBdrWBFpthZTKzniv//yXcAAA=="),
	zstandard: assemble("\x28\xb5\x2f\xfd\x20", python2.length, [(python2.length << 3) | 1, 0, 0], python2),
};

function fromBase64(text: string): Uint8Array {
	return bytesOf(Buffer.from(text, "base64"));
}

interface Case {
	readonly name: string;
	readonly bytes: Uint8Array;
	readonly original: Uint8Array;
	readonly found: Diagnosis;
	readonly command: string;
}

/** Each command of Python that a file's diagnosis has, of all its layers. */
async function casesOf(name: string, bytes: Uint8Array, original: Uint8Array): Promise<Case[]> {
	const found = await diagnose(bytes);
	const reports = layersOf(found).flatMap(({ faults, conditions }) => [...faults, ...conditions]);
	const commands = new Set(reports.flatMap(({ command }) => (command?.startsWith("import ") ? [command] : [])));
	return [...commands].map((command) => ({ name, bytes, original, found, command }));
}

async function allCases(): Promise<Case[]> {
	const cases: Case[] = [];
	for (const [what, original] of Object.entries(originals)) {
		for (const [how, wrap] of Object.entries(wraps)) {
			const bytes = wrap(original);
			if (Buffer.compare(bytes, original) !== 0) cases.push(...(await casesOf(`${what}, ${how}`, bytes, original)));
		}
	}
	for (const [how, bytes] of Object.entries(packed)) cases.push(...(await casesOf(how, bytes, python2)));
	return cases;
}

function requestOf(cases: readonly Case[]): object {
	return {
		cases: cases.map(({ bytes, original, command }) => ({
			data: Buffer.from(bytes).toString("base64"),
			original: Buffer.from(original).toString("base64"),
			command: command.replace(/\bFILE\b/g, "'case.pkl'"),
			latin1: original === python2 || original === originals["protocol 0 of Python 2"],
		})),
	};
}

/** What went wrong; Pythons may lack modules. */
function failures(cases: readonly Case[], outcomes: readonly (string | null)[]): string[] {
	return cases.flatMap(({ name, command }, i) => {
		const outcome = outcomes[i] ?? null;
		const isAbsent = /no module.*(compression|lzma|bz2|numpy)/.test(outcome ?? "");
		return outcome === null || isAbsent ? [] : [`${name}: ${command}: ${outcome}`];
	});
}

describe("the Python that is advised gives what lies in the file", { timeout: 300_000 }, () => {
	test("in pyodide", async () => {
		const cases = await allCases();
		expect(cases.length).toBeGreaterThan(250);
		expect(failures(cases, (await answerInPyodide("advice.py", requestOf(cases))) as string[])).toEqual([]);
	});

	const threes = pythons().filter(({ version }) => version.startsWith("3"));
	test.each(threes)("in $name", async (python) => {
		const reads5 = Number(python.version.split(".")[1]) >= 8;
		const cases = (await allCases()).filter(({ original }) => reads5 || original !== originals["protocol 5"]);
		expect(failures(cases, (await runScript(python, "advice.py", requestOf(cases))) as string[])).toEqual([]);
	});
});

test("every command is complete: the answer says FILE where a name should be, and imports what it uses", async () => {
	for (const { found, command } of await allCases()) {
		expect(reportText(found, { file: "x.pkl", details: false })).not.toMatch(/\bFILE\b|\bDATA\b/);
		expect(command).not.toContain("DATA");
	}
});

test("where picklet repair is advised, it gives back the pickle", { timeout: 120_000 }, async () => {
	const wrong: string[] = [];
	let repaired = 0;
	for (const { name, bytes, original, found } of await allCases()) {
		if (!reportText(found, { file: "x.pkl", details: false }).includes("picklet repair '")) continue;
		const { outcome, result } = await repair(bytes, found);
		repaired++;
		const given = await readAll(result);
		const isPacked = layersOf(await diagnose(given)).length > 1;
		const isGiven = isPacked || Buffer.compare(given, original) === 0;
		if (outcome !== "repaired" || !isGiven) wrong.push(`${name}: ${outcome}`);
	}
	expect(wrong).toEqual([]);
	expect(repaired).toBeGreaterThan(200);
});
