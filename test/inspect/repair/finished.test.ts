import { expect, describe as group, test } from "vitest";
import { decode, encode, NDArray, PyDict } from "../../../src/index.ts";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import { repair } from "../../../src/inspect/repair/repair.ts";
import { corpusFiles } from "../../support/corpus.ts";
import { readAll } from "../../support/readAll.ts";

const salvage = (bytes: Uint8Array) => repair(bytes, undefined, { salvage: true });

const file = corpusFiles().find(({ path }) => path === "numpy/float64.p4.pkl");
const array = decode<NDArray>(file?.data ?? new Uint8Array(0));

group("an array whose data are all there keeps them all, wherever the cut lies behind", () => {
	test.each([0, 1, 2, 3, 4] as const)("protocol %i", async (protocol) => {
		for (const value of [array, new Map([["w", array]]), [1, array]]) {
			const data = encode(value as never, { protocol });
			for (let missing = 1; missing <= 5; missing++) {
				const { result } = await salvage(data.subarray(0, data.length - missing));
				const kept = firstArray(decode(await readAll(result)));
				expect([protocol, missing, kept?.shape]).toEqual([protocol, missing, array.shape]);
			}
		}
	});
});

function firstArray(value: unknown): NDArray | undefined {
	if (value instanceof NDArray) return value;
	const parts = value instanceof PyDict ? [...value.values()] : Array.isArray(value) ? value : [];
	return parts.find((item) => item instanceof NDArray);
}

test.each([0, 1, 2, 3, 4] as const)("no array gets the class bytes for its data: protocol %i", async (protocol) => {
	const data = encode([new NDArray(new Float64Array(0), "float64", [0, 3])] as never, { protocol });
	for (let cut = data.length - 60; cut < data.length; cut++) {
		const { outcome, result } = await salvage(data.subarray(0, cut));
		if (outcome === "salvaged") expect(Array.isArray(decode(await readAll(result)))).toBe(true);
	}
});

group("zeros in place of what was there", () => {
	const ids = Array.from({ length: 3000 }, (_, i) => i);
	const data = encode(new Map([["ids", ids]]) as never, { protocol: 4 });

	test.each([
		["a sector", 4608],
		["up to the end", data.length],
	])("%s: the damage begins where they do, and no item is made of them", async (_, end) => {
		const damaged = data.slice().fill(0, 4096, end);
		const { faults } = await diagnose(damaged);
		expect(faults[0]?.offset).toBeGreaterThan(4090);
		expect(faults[0]?.offset).toBeLessThanOrEqual(4096);
		const { result } = await salvage(damaged);
		const kept = (decode(await readAll(result)) as Map<string, (number | null)[]>).get("ids") ?? [];
		expect(kept.length).toBeGreaterThan(1000);
		expect(kept.filter((item) => item === 0)).toHaveLength(1);
	});
});

test("a record that damage cut short, and the list whose items moved, are in the report", async () => {
	const records = Array.from({ length: 300 }, (_, i) => ({ id: i, name: `user${i}`, tags: ["a", i] }));
	const data = encode(records as never, { protocol: 4 });
	for (let at = 3000; at < 3100; at += 5) {
		const { result, losses } = await salvage(data.slice().fill(0, at, at + 32));
		const kept = decode(await readAll(result)) as ({ get(key: string): unknown } | null)[];
		const from = kept.findIndex((record, i) => record?.get?.("id") !== i);
		const shift = losses.find(({ path, what }) => path === "$" && what.startsWith("From index"));
		const index = Number(/\d+/.exec(shift?.what ?? "")?.[0]);
		expect(index - 1).toBeLessThanOrEqual(from);
		const isNamed = losses.some(({ path }) => path?.startsWith(`$[${from}]`));
		expect([at, isNamed || index <= from]).toEqual([at, true]);
	}
});

test("an array's bytes that its state has as a bytearray, which numpy refuses, become bytes", async () => {
	const data = encode([array] as never, { protocol: 5 });
	const at = Buffer.from(data).indexOf(Uint8Array.of(0x42, 0, 0x60, 0, 0));
	const head = Uint8Array.of(0x96, 0, 0x60, 0, 0, 0, 0, 0, 0);
	const whole = Buffer.concat([data.subarray(0, at), head, data.subarray(at + 5)]);
	// The payload lies in the frame, which grows.
	whole.writeUInt32LE(whole.readUInt32LE(3) + 4, 3);
	const { outcome, edits, result, before } = await repair(whole);
	expect(before.faults.map(({ code, data }) => [code, data])).toEqual([["array-form", "whole"]]);
	expect({ outcome, edits }).toMatchObject({ outcome: "repaired", edits: [{ offset: at, removed: 1, bytes: [0x8e] }] });
	expect(firstArray(decode(await readAll(result)))?.data).toEqual(array.data);
	expect((await repair(await readAll(result))).outcome).toBe("undamaged");
});
