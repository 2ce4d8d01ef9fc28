import { describe, expect, test } from "vitest";
import { decode, encode, type PyDict } from "../../../src/index.ts";
import { repair } from "../../../src/inspect/repair/repair.ts";
import { readAll } from "../../support/readAll.ts";

const list = Array.from({ length: 6_000 }, (_, i) => `item ${i} of a list that is longer than a frame`);
const dict = Object.fromEntries(list.map((text, i) => [`key ${i}`, text]));

/** Bytes that are no opcodes in place of the head of an item. */
function damaged(data: Uint8Array, item: number, length: number): Uint8Array {
	const bytes = data.slice();
	const text = Buffer.from(data.buffer, data.byteOffset, data.length).indexOf(`item ${item} of`);
	const from = text - (data[text - 2] === 0x8c ? 2 : 5);
	bytes.fill(0x01, from, from + length);
	return bytes;
}

describe("what lies behind damage goes on in the container around it", () => {
	test.each([2, 3, 4, 5] as const)(
		"protocol %i: of a list, all items that the damage did not touch",
		async (protocol) => {
			const data = encode(list as never, { protocol });
			const { outcome, result, losses } = await repair(damaged(data, 3_000, 20), undefined, { salvage: true });
			expect(outcome).toBe("salvaged");
			const kept = decode(await readAll(result)) as string[];
			const known = new Set(list);
			const others = kept.filter((item) => !known.has(item));
			expect(others.length).toBeLessThan(4);
			expect(kept.length).toBeGreaterThan(list.length - 4);
			expect(losses[0]?.path).toMatch(/^\$\[\d+\]$/);
			expect(losses[0]?.what).toContain("may stand at other places");
		},
	);

	test.each([2, 4] as const)(
		"protocol %i: of a dict, every entry is that of the original or its value is lost",
		async (protocol) => {
			const data = encode(dict as never, { protocol });
			const { outcome, result } = await repair(damaged(data, 3_000, 20), undefined, { salvage: true });
			expect(outcome).toBe("salvaged");
			const kept = decode(await readAll(result)) as PyDict;
			let others = 0;
			for (const [key, value] of kept) if (dict[key as string] !== value) others++;
			expect(others).toBeLessThan(3);
			expect(kept.size).toBeGreaterThan(list.length - 4);
		},
	);

	test("a range within a frame that was overwritten beyond what opcodes tell: the next frame goes on", async () => {
		const data = encode(list as never, { protocol: 4 });
		const { outcome, result } = await repair(damaged(data, 2000, 20_000), undefined, { salvage: true });
		expect(outcome).toBe("salvaged");
		const kept = decode(await readAll(result)) as string[];
		expect(kept.at(-1)).toBe(list.at(-1));
		expect(kept.length).toBeGreaterThan(list.length - 2500);
	});
});
