import fc from "fast-check";
import { afterAll, beforeAll, expect, describe as group, test } from "vitest";
import { encode, tuple } from "../../../src/index.ts";
import type { Judge } from "../../oracles/judge.ts";
import { pyodide } from "../../oracles/pyodide.ts";
import { corpusFiles } from "../../support/corpus.ts";
import { Random } from "../../support/random.ts";
import { Survivals } from "../../support/survival.ts";

let judge: Judge;
beforeAll(async () => {
	judge = await pyodide();
}, 60_000);

const table: Record<string, object> = {};
afterAll(() => console.table(table));

function noted(name: string, { salvaged, uncertain, reported }: Survivals): void {
	table[name] = { salvaged, "place said to be uncertain": uncertain, "and so it is": reported };
}

const protocols = [0, 1, 2, 3, 4, 5] as const;
const every = (length: number) => Array.from({ length: length - 3 }, (_, i) => i + 2);

group("cut at every offset, each value that is left stands where it stood, and all whole ones are there", () => {
	const rows = Array.from({ length: 8 }, (_, i) => tuple(i, `name ${i}`, i / 7));
	const values: Record<string, unknown> = {
		"a list of ints": Array.from({ length: 20 }, (_, i) => i * i),
		"a list of strings": Array.from({ length: 12 }, (_, i) => `item ${i}`),
		"a list of tuples": rows,
		"a dict of floats": Object.fromEntries(rows.map(([i]) => [`key ${i}`, (i as number) / 3])),
		"a dict of lists": Object.fromEntries(rows.map(([i]) => [`key ${i}`, [i, [i, i]]])),
		"a list of dicts": rows.map(([id, name]) => ({ id, name, parents: [id, id] })),
	};
	test.each(protocols)("protocol %i", { timeout: 300_000 }, async (protocol) => {
		const survivals = new Survivals(judge);
		for (const [name, value] of Object.entries(values)) {
			const data = encode(value, { protocol });
			await survivals.add(name, data, every(data.length));
		}
		noted(`plain values, protocol ${protocol}`, survivals);
		expect(survivals.wrong).toEqual([]);
		expect(survivals.reported).toBeLessThan(survivals.salvaged / 50);
	});
});

const leaf = fc.oneof(
	fc.integer({ min: -1000, max: 100_000 }),
	fc.string({ maxLength: 6 }),
	fc.double({ noNaN: true }),
	fc.boolean(),
	fc.constant(null),
);
const { nested } = fc.letrec((tie) => ({
	nested: fc.oneof(
		{ depthSize: "small", withCrossShrink: true },
		leaf,
		fc.array(tie("nested"), { maxLength: 6 }),
		fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie("nested"), { maxKeys: 6, noNullPrototype: true }),
		fc.array(tie("nested"), { maxLength: 5 }).map((items) => tuple(...(items as never[]))),
	),
}));

test.each(protocols)(
	"generated values, protocol %i: what stands elsewhere is said to be uncertain",
	{
		timeout: 300_000,
	},
	async (protocol) => {
		const survivals = new Survivals(judge);
		for (const [i, value] of fc.sample(nested, { numRuns: 25, seed: 7 + protocol }).entries()) {
			const data = encode([value, "behind it"], { protocol });
			const step = Math.max(1, Math.floor(data.length / 30));
			await survivals.add(
				`value ${i}`,
				data,
				every(data.length).filter((cut) => cut % step === 0),
			);
		}
		noted(`generated values, protocol ${protocol}`, survivals);
		expect(survivals.wrong).toEqual([]);
	},
);

/** Files in which values are called, popped or refer to themselves in ways that no bytes before them announce, or that need extensions. */
const unforeseeable =
	/^(opcodes|overflow)\/|cycle_(tuple_first|below_tuples)|given_state|state_setter|reductions|extensions/;
const files = corpusFiles().filter(
	({ path, data, buffers, expected }) =>
		data.length < 6000 && expected.value !== undefined && buffers === undefined && !unforeseeable.test(path),
);

test("files of corpus/ cut at random offsets, arrays with every whole element", { timeout: 600_000 }, async () => {
	const survivals = new Survivals(judge);
	const random = new Random(41);
	for (const { path, data, python2 } of files) {
		const cuts = Array.from({ length: 4 }, () => 3 + random.int(0, Math.max(1, data.length - 3)));
		await survivals.add(path, data, cuts, python2 ? { encoding: "latin1" } : {});
	}
	noted("files of corpus/", survivals);
	expect(survivals.wrong).toEqual([]);
	expect(survivals.salvaged).toBeGreaterThan(1000);
});
