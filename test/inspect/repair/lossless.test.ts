import { describe, expect, test } from "vitest";
import { repair } from "../../../src/inspect/repair/repair.ts";
import { loadedText } from "../../oracles/corpusLoads.ts";
import { pyodide } from "../../oracles/pyodide.ts";
import { type CorpusFile, corpusFiles } from "../../support/corpus.ts";
import { damaged } from "../../support/inject/damage.ts";
import { SEED } from "../../support/inject/files.ts";
import { Random } from "../../support/random.ts";
import { readAll } from "../../support/readAll.ts";

const seed = Number(process.env["PICKLET_SEED"] ?? SEED);
const times = Number(process.env["PICKLET_TIMES"] ?? 12);

const small = corpusFiles().filter(
	({ data, expected }) => expected.error === undefined && expected.value !== undefined && data.length < 300,
);

/** The damages of a file whose repair is said to be lossless, and which leaves another value. */
async function wrongRepairs(file: CorpusFile, random: Random): Promise<string[]> {
	const wrong: string[] = [];
	for (let time = 0; time < times; time++) {
		const { name, bytes } = damaged(file.data, random);
		const { outcome, before, result, edits } = await repair(bytes);
		if (outcome !== "repaired") continue;
		const mended = await readAll(result);
		const isSame = Buffer.compare(mended, file.data) === 0 || (await isEqualInPython(file, mended));
		if (!isSame || before.data !== "whole")
			wrong.push(
				`${file.path}, ${name}: ${edits.map(({ why }) => why).join(" ")} ${Buffer.from(bytes).toString("latin1")}`,
			);
	}
	return wrong;
}

async function isEqualInPython(file: CorpusFile, bytes: Uint8Array): Promise<boolean> {
	const judge = await pyodide();
	return (await loadedText(judge, file, bytes)) === (await loadedText(judge, file, file.data));
}

describe("of small pickles that lose, gain or change a few bytes, what is said to be repaired is what it was", () => {
	test.each([0, 1, 2, 3, 4, 5])("protocol %i", { timeout: 600_000 }, async (protocol) => {
		const random = new Random(seed + protocol);
		const wrong: string[] = [];
		for (const file of small) if (file.protocol === protocol) wrong.push(...(await wrongRepairs(file, random)));
		expect(wrong).toEqual([]);
	});
});
