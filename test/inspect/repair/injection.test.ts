import { afterAll, describe, expect, test } from "vitest";
import { repair } from "../../../src/inspect/repair/repair.ts";
import { loadedText } from "../../oracles/corpusLoads.ts";
import { pyodide } from "../../oracles/pyodide.ts";
import type { CorpusFile } from "../../support/corpus.ts";
import { type Injection, injections } from "../../support/inject/faults.ts";
import { counts, drawFiles, FILES, filesFor, flat, isFull, isHuge, PLACES, SEED } from "../../support/inject/files.ts";
import { mendable, moreMendable } from "../../support/inject/mendable.ts";
import { Random } from "../../support/random.ts";
import { readAll } from "../../support/readAll.ts";
import { SparseSource } from "../../support/sparseSource.ts";

const table: Record<string, { counted: number; mended: string; wrong: number }> = {};
afterAll(() => console.table(table));

interface Tally {
	counted: number;
	mended: number;
	/** Files whose repair is said to be lossless but is not the file. */
	readonly wrong: string[];
}

/** What Python makes of repaired bytes, by the file that they are to be: those of one file are mostly the same. */
const judged = new Map<CorpusFile, { readonly value: string | undefined; readonly alike: Set<string> }>();

/** Whether CPython loads the value of the file from other bytes. */
async function isEqualInPython(file: CorpusFile, bytes: Uint8Array): Promise<boolean> {
	const judge = await pyodide();
	const known = judged.get(file) ?? { value: await loadedText(judge, file, file.data), alike: new Set<string>() };
	judged.set(file, known);
	const text = Buffer.from(bytes).toString("latin1");
	const isAlike = known.alike.has(text) || (await loadedText(judge, file, bytes)) === known.value;
	if (isAlike) known.alike.add(text);
	return isAlike;
}

async function tally({ name, inject, whole, within }: Injection): Promise<Tally> {
	const random = new Random(SEED ^ name.length);
	const result: Tally = { counted: 0, mended: 0, wrong: [] };
	const perFile = whole ? 1 : isFull ? PLACES : PLACES / FILES;
	for (const file of whole ? drawFiles(PLACES) : filesFor(inject)) {
		for (let i = 0; i < perFile; i++) {
			const parts = inject(file.data, random, file.protocol);
			if (parts === undefined) continue;
			const huge = isHuge(parts);
			const damaged = huge ? new Uint8Array(0) : flat(parts);
			const pickle = within?.(file.data) ?? damaged;
			const isTrailing = name === "a line end behind it";
			if (!huge && !isTrailing && (Buffer.compare(damaged, file.data) === 0 || !counts(pickle, file))) continue;
			result.counted++;
			const source = huge ? new SparseSource(...parts) : damaged;
			const { outcome, result: mended, resultSize, edits, after } = await repair(source);
			if (outcome !== "repaired") {
				if (process.env["PICKLET_INJECT"] === "show" && mendable.has(name))
					console.log(name, file.path, outcome, after.faults);
				continue;
			}
			result.mended++;
			const grown = edits.reduce((sum, { inserted, removed }) => sum + inserted - removed, 0);
			const isTrue = huge
				? source instanceof SparseSource &&
					resultSize === source.size + grown &&
					grown <= 12 &&
					after.faults.length === 0
				: await isTheFile(file, await readAll(mended));
			if (!isTrue) result.wrong.push(file.path);
		}
	}
	const percent = ((100 * result.mended) / result.counted).toFixed(1);
	table[name] = { counted: result.counted, mended: `${result.mended} (${percent} %)`, wrong: result.wrong.length };
	return result;
}

/** To the byte, and as Python loads it. */
async function isTheFile(file: CorpusFile, bytes: Uint8Array): Promise<boolean> {
	return Buffer.compare(bytes, file.data) === 0 && (await isEqualInPython(file, bytes));
}

const all = [...injections, ...moreMendable];

describe("a fault put into whole files that can be undone without loss is undone, to the byte and to CPython's value", () => {
	test.each(all.filter(({ name }) => mendable.has(name)))("$name", { timeout: 600_000 }, async (injection) => {
		const { counted, mended, wrong } = await tally(injection);
		expect(wrong).toEqual([]);
		expect(counted).toBeGreaterThan(20);
		expect(mended / counted).toBeGreaterThanOrEqual(0.95);
	});
});

describe("what is said to be lossless is, where a fault can seldom be undone", () => {
	test.each(all.filter(({ name }) => !mendable.has(name)))("$name", { timeout: 600_000 }, async (injection) => {
		expect((await tally(injection)).wrong).toEqual([]);
	});
});
