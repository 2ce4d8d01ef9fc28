import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, describe as group, test } from "vitest";
import { decode, encode, NDArray } from "../../../src/index.ts";
import { interpretBytes } from "../../../src/inspect/diagnosis/window.ts";
import { repair } from "../../../src/inspect/repair/repair.ts";
import { corpusFiles } from "../../support/corpus.ts";
import { containerCases, hostileCases, picklesOf } from "../../support/hostile/cases.ts";
import { spansOf } from "../../support/inject/instructions.ts";
import { readAll } from "../../support/readAll.ts";
import { sharedFolder } from "../../support/shared.ts";

const salvage = (bytes: Uint8Array) => repair(bytes, undefined, { salvage: true });

test.each([0, 1, 2, 3, 4, 5] as const)(
	"protocol %i: of a list and of a dict, every item before the cut",
	async (protocol) => {
		const list = Array.from({ length: 40 }, (_, i) => `item ${i}`);
		const dict = new Map(list.map((key, i) => [key, [i, key.length]]));
		for (const value of [list, dict]) {
			const data = encode(value as never, { protocol });
			const strings = spansOf(data).filter(({ at, payload, end }) => /item \d/.test(latin1(data, at, payload, end)));
			expect(strings).toHaveLength(40);
			for (let cut = (strings[0]?.end ?? 0) + 4; cut < data.length; cut += 7) {
				const { outcome, result } = await salvage(data.subarray(0, cut));
				expect(["salvaged", "repaired"]).toContain(outcome);
				const kept = decode(await readAll(result));
				const begun = strings.filter(({ end }) => end <= cut).length;
				if (value === list) expect(kept).toEqual(list.slice(0, begun));
				else expect((kept as Map<string, unknown>).size).toBeGreaterThanOrEqual(begun - 1);
			}
		}
	},
);

function latin1(data: Uint8Array, at: number, _: number, end: number): string {
	return Buffer.from(data.subarray(at, end)).toString("latin1");
}

group("a cut array", () => {
	const file = corpusFiles().find(({ path }) => path === "numpy/float64.p4.pkl");
	const data = file?.data ?? new Uint8Array(0);

	test.each([1000, 5003, 9000, 20_000])("at %i bytes: every whole element, and how many of how many", async (cut) => {
		const { outcome, result, losses } = await salvage(data.subarray(0, cut));
		const array = losses.find((loss) => loss.array)?.array;
		expect(outcome).toBe("salvaged");
		const kept = firstArray(decode(await readAll(result)));
		const original = firstArray(decode(data));
		expect(array).toMatchObject({ dtype: "float64", shape: original.shape, newShape: kept.shape });
		const count = array?.kept ?? 0;
		expect(count).toBeGreaterThan((cut - 300) / 8);
		expect(count).toBeLessThanOrEqual(cut / 8);
		expect(hexOf(kept, count)).toBe(hexOf(original, count));
	});
});

test.each([
	["float64", new Float64Array(60), "NaN"],
	["int32", new Int32Array(60), "0"],
	["bool", new Uint8Array(60), "False"],
	["datetime64[D]", new BigInt64Array(60), "NaT"],
] as const)("what fills the last row of a cut array up is told: %s", async (dtype, elements, word) => {
	const data = encode(new NDArray(elements, dtype, [6, 10]) as never, { protocol: 4 });
	const { losses } = await salvage(data.subarray(0, data.length - 4 - 13 * elements.BYTES_PER_ELEMENT));
	const loss = losses.find(({ array }) => array);
	expect(loss?.array).toMatchObject({ newShape: [5, 10], filledWith: word });
	expect(loss?.what).toMatch(new RegExp(`are not its own but filled in with ${word}\\.$`));
});

function firstArray(value: unknown): NDArray {
	for (const waiting = [value]; waiting.length > 0; ) {
		const next = waiting.shift();
		if (next instanceof NDArray) return next;
		if (Array.isArray(next)) waiting.push(...next);
		else if (next instanceof Map) waiting.push(...next.values());
	}
	throw new Error("no array");
}

function hexOf({ data }: NDArray, count: number): string {
	const bytes = data as unknown as Uint8Array;
	return Buffer.from(bytes.buffer, bytes.byteOffset, count * 8).toString("hex");
}

group("a whole file", () => {
	test("is undamaged, and nothing changes; so it is with a repaired one", async () => {
		const changed: string[] = [];
		for (const { path, data } of corpusFiles()) {
			const first = await repair(data);
			if (path.startsWith("overflow/") && first.outcome === "damaged") continue;
			const again = first.outcome === "repaired" ? await repair(await readAll(first.result)) : first;
			const expected = path.startsWith("overflow/") ? "repaired" : "undamaged";
			if (first.outcome !== expected || again.outcome !== "undamaged" || again.edits.length > 0) changed.push(path);
			if (first.outcome === "undamaged" && Buffer.compare(await readAll(first.result), data) !== 0) changed.push(path);
		}
		expect(changed).toEqual([]);
	});
});

test("a frame that says more than there is: salvage alone makes it true, and says that bytes may be gone", async () => {
	const data = encode(["some", "text that makes it a frame"] as never, { protocol: 4 });
	data[3] = (data[3] as number) + 1;
	const kept = await repair(data);
	expect(kept).toMatchObject({ outcome: "damaged", edits: [], choices: [{ offset: 3, removed: 8 }] });
	const { outcome, losses, result } = await salvage(data);
	expect(outcome).toBe("salvaged");
	expect(losses).toHaveLength(1);
	expect(decode(await readAll(result))).toEqual(["some", "text that makes it a frame"]);
});

test("what closes a cut pickle lies in the frame that was cut", async () => {
	const data = encode([["some", "text"], { that: ["makes", "it", "a frame"] }] as never, { protocol: 4 });
	for (let cut = 20; cut < data.length; cut++) {
		const { findings } = interpretBytes(await readAll((await salvage(data.subarray(0, cut))).result));
		expect([cut, findings.anomalies.has("frame")]).toEqual([cut, false]);
	}
});

const folder = sharedFolder("hostile");
const hostile = folder
	? [
			...hostileCases(folder).map(({ file }) => file),
			...containerCases(folder).map(({ file }) => file),
			...picklesOf(join(folder, "malicious")),
			...picklesOf(join(folder, "benign")),
		]
	: [];

test.skipIf(folder === undefined)("hostile input: nothing is thrown, and it ends", { timeout: 300_000 }, async () => {
	const failures: string[] = [];
	for (const file of hostile) {
		try {
			const { edits, result, size, resultSize } = await salvage(readFileSync(file));
			const grown = edits.reduce((sum, { inserted, removed }) => sum + inserted - removed, 0);
			if (resultSize !== size + grown) failures.push(`${file}: ${resultSize} bytes of ${size}`);
			await result.read(new Uint8Array(64), 0);
		} catch (error) {
			failures.push(`${file}: ${error}`);
		}
	}
	expect(failures).toEqual([]);
});
