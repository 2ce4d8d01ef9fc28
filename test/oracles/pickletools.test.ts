import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeUtf8 } from "../../src/bytes/utf8.ts";
import {
	type DisassembleOptions,
	DisassemblyMemo,
	disassemble,
	isPickleError,
	optimize,
} from "../../src/inspect/index.ts";
import { assemble, type Piece, uint4, uint8 } from "../support/assemble.ts";
import { programs } from "../support/picklePrograms.ts";
import { repository } from "../support/repository.ts";
import { sharedFolder } from "../support/shared.ts";
import type { Disassembled, Judge, Optimized } from "./judge.ts";
import { pyodide } from "./pyodide.ts";

/** Programs that are compared; PICKLET_PROGRAMS says how many, where there is time. */
const PROGRAMS = Number(process.env["PICKLET_PROGRAMS"] ?? 3000);
/** Programs that go to Python together. */
const BATCH = 100;

/** How CPython in pyodide, of 32 bits, differs from one of 64: it takes no length from 2^31 on. */
const narrow = /byte count > sys.maxsize/;

let judge: Judge;
beforeAll(async () => {
	judge = await pyodide();
});

function dis(bytes: Uint8Array, options?: DisassembleOptions): Disassembled {
	try {
		return { output: disassemble(bytes, options) };
	} catch (error) {
		if (!isPickleError(error) || !("output" in error)) throw error;
		return { output: String(error.output), error: error.reason };
	}
}

/** What differs, in a line; undefined if nothing does. Python's error starts with its class. */
function difference(mine: Disassembled, theirs: Disassembled): string | undefined {
	if (theirs.error !== undefined && narrow.test(theirs.error)) return undefined;
	const said = theirs.error?.replace(/^\w+: /, "");
	if (mine.output === theirs.output && mine.error === said) return undefined;
	const [left, right] = [mine.output.split("\n"), theirs.output.split("\n")];
	const at = left.findIndex((line, i) => line !== right[i]);
	return `${JSON.stringify(left[at])} not ${JSON.stringify(right[at])}; ${mine.error} not ${theirs.error}`;
}

function optimized(bytes: Uint8Array): Optimized {
	try {
		return { data: optimize(bytes), error: undefined };
	} catch (error) {
		if (!isPickleError(error)) throw error;
		return { data: undefined, error: error.reason };
	}
}

function optimizeDifference(mine: Optimized, theirs: Optimized): string | undefined {
	if (theirs.error !== undefined && narrow.test(theirs.error)) return undefined;
	if (mine.data === undefined || theirs.data === undefined) {
		const said = theirs.error?.replace(/^\w+: /, "");
		// Where the memo is read before it is written, Python writes an unusable pickle or fails by accident.
		if (mine.error === said || /never been stored/.test(mine.error ?? "")) return undefined;
		return `${mine.error} not ${theirs.error}`;
	}
	return Buffer.compare(mine.data, theirs.data) === 0 ? undefined : "other bytes";
}

const ways: readonly (readonly [object, DisassembleOptions])[] = [
	[{}, {}],
	[{ annotate: 30 }, { annotate: 30 }],
	[
		{ indentlevel: 1, annotate: 12 },
		{ indentLevel: 1, annotate: 12 },
	],
];

async function compareFile(bytes: Uint8Array): Promise<string[]> {
	const found: string[] = [];
	for (const [pythonOptions, options] of ways) {
		const [theirs] = await judge.disassemble([bytes], pythonOptions);
		const different = difference(dis(bytes, options), theirs as Disassembled);
		if (different !== undefined) found.push(`${JSON.stringify(options)} ${different}`);
	}
	const [theirs] = await judge.optimize([bytes]);
	const different = optimizeDifference(optimized(bytes), theirs as Optimized);
	return different === undefined ? found : [...found, `optimize: ${different}`];
}

/** The files of a folder, each distinct content once. */
function distinctFiles(folder: string): Map<string, Uint8Array> {
	const seen = new Set<string>();
	const files = new Map<string, Uint8Array>();
	for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile() || /\.(json|gz|py|md|txt|jsonl|tsv)$/.test(entry.name)) continue;
		const path = join(entry.parentPath, entry.name);
		const bytes = new Uint8Array(readFileSync(path));
		const text = Buffer.from(bytes).toString("latin1");
		if (!seen.has(text)) files.set(path.slice(folder.length + 1), bytes);
		seen.add(text);
	}
	return files;
}

/** Of the shared files every so-manieth is compared; PICKLET_EXHAUSTIVE asks for all, which takes some minutes. */
const STEP = process.env["PICKLET_EXHAUSTIVE"] === undefined ? 8 : 1;

describe.each(["corpus", "shared corpus", "shared frameworks"])("%s", (name) => {
	it("is disassembled and optimized as CPython 3.14 does, each distinct file with each option", async () => {
		const folder = name === "corpus" ? join(repository, "corpus") : sharedFolder(name.replace("shared ", ""));
		if (folder === undefined) return;
		const all = [...distinctFiles(folder)];
		const files = name === "corpus" ? all : all.filter((_, i) => i % STEP === 0);
		const differing: string[] = [];
		for (const [path, bytes] of files) {
			for (const different of await compareFile(bytes)) differing.push(`${path}: ${different}`);
		}
		console.log(`${name}: ${files.length} of ${all.length} distinct files compared, ${differing.length} differences`);
		expect(differing).toEqual([]);
	}, 900_000);
});

/** Arguments that are shown piece by piece. */
const longArguments: readonly (readonly [string, Piece])[] = [
	["every character, surrogates too", utf8(Array.from({ length: 0x110000 }, (_, code) => code))],
	["text without quotes", utf8(Array.from({ length: 100_000 }, (_, i) => 0x20ac + (i % 90)))],
	["UNICODE", ["V", "\\u0041\\\\a'\\U0001f600\u00e9".repeat(9999), "\n"]],
	["STRING", ["S'", "\\x41\\\\\"\\12b\\'\\777".repeat(9999), "'\n"]],
	["STRING with one kind of quotes", ['S"', "ab'c".repeat(50_000), '"\n']],
	["STRING of unequal quotes", ["S'", "a".repeat(65_000), '"\n']],
	["STRING with a bad escape behind", ["S'", "\\x41".repeat(50_000), "\\x4'\n"]],
	["UNICODE with a bad escape behind", ["V", "\\u0041".repeat(50_000), "\\u004\n"]],
	["text that is cut within a character", ["X", uint4(200_001), "\xc3\xa9".repeat(100_000), "\xc3"]],
	["BINBYTES", ["B", uint4(200_000), "a'\xff\n".repeat(50_000)]],
	["BYTEARRAY8", ["\x96", uint8(200_000), "a'\"\n".repeat(50_000)]],
	["BINSTRING", ["T", uint4(200_000), "a'\"\n".repeat(50_000)]],
];

function utf8(codes: readonly number[]): Piece {
	const bytes = codes.map((code) => encodeUtf8(String.fromCodePoint(code)));
	return ["X", uint4(bytes.reduce((sum, { length }) => sum + length, 0)), bytes];
}

it.each(longArguments)("%s: a long argument stands as in CPython 3.14", async (_, piece) => {
	expect(await compareFile(assemble("\x80\x04", piece, "."))).toEqual([]);
});

it("invented programs are disassembled and optimized as CPython 3.14 does", async () => {
	const differing: string[] = [];
	let valid = 0;
	for (let done = 0; done < PROGRAMS; done += BATCH) {
		const batch = fc.sample(programs, { numRuns: BATCH, seed: done });
		const way = ways[(done / BATCH) % ways.length] as (typeof ways)[number];
		const memo = new DisassemblyMemo();
		const theirs = await judge.disassemble(batch, way[0]);
		const theirOptimized = await judge.optimize(batch);
		for (const [i, bytes] of batch.entries()) {
			const mine = dis(bytes, { ...way[1], memo });
			if (mine.error === undefined) valid++;
			const found = [
				difference(mine, theirs[i] as Disassembled),
				optimizeDifference(optimized(bytes), theirOptimized[i] as Optimized),
			];
			for (const text of found) {
				if (text !== undefined) differing.push(`${JSON.stringify(Buffer.from(bytes).toString("latin1"))}: ${text}`);
			}
		}
	}
	console.log(`${PROGRAMS} programs compared, ${valid} of them valid, ${differing.length} differences`);
	expect(differing).toEqual([]);
}, 3_600_000);
