import { expect, describe as group, test } from "vitest";
import { decode, encode, NDArray, PyDict, tuple } from "../../../src/index.ts";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import { interpretBytes } from "../../../src/inspect/diagnosis/window.ts";
import { repair } from "../../../src/inspect/repair/repair.ts";
import { STRING, UNICODE } from "../../../src/opcodes/table.ts";
import { corpusFiles } from "../../support/corpus.ts";
import { SEED } from "../../support/inject/files.ts";
import { Random } from "../../support/random.ts";
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

/** Where an array's data end: behind them lie only opcodes that make it and what is around it. */
function dataEnd(data: Uint8Array): number {
	const [found] = interpretBytes(data).findings.arrays;
	if (found?.data === undefined) throw new Error("no array with data");
	const { offset, extent, opcode } = found.data;
	return offset + extent + (opcode === UNICODE || opcode === STRING ? 1 : 0);
}

const random = new Random(SEED);
/** dtypes, and the typed array of so many elements that holds them. */
const dtypes: Readonly<Record<string, (count: number) => NDArray["data"]>> = {
	bool: (count) => new Uint8Array(count).fill(1),
	uint8: (count) => Uint8Array.from({ length: count }, () => random.int(0, 256)),
	int16: (count) => Int16Array.from({ length: count }, () => random.int(-300, 300)),
	">i4": (count) => Int32Array.from({ length: count }, () => random.int(-300, 300)),
	int64: (count) => BigInt64Array.from({ length: count }, () => BigInt(random.int(0, 9))),
	float32: (count) => Float32Array.from({ length: count }, () => random.next()),
	float64: (count) => Float64Array.from({ length: count }, () => random.next()),
	complex128: (count) => Float64Array.from({ length: 2 * count }, () => random.next()),
	"datetime64[s]": (count) => BigInt64Array.from({ length: count }, () => BigInt(random.int(0, 9))),
};

const around: readonly ((array: NDArray) => unknown)[] = [
	(array) => array,
	(array) => new Map([["w", array]]),
	(array) => [1, tuple("a", array), new Map([["b", [2]]])],
	(array) => new Map([["x", [array, array]]]),
	(array) => tuple(array, "behind it"),
];

function drawArray(): NDArray {
	const shape = Array.from({ length: random.int(1, 4) }, () => random.int(1, 6));
	const [dtype, fill] = random.pick(Object.entries(dtypes));
	return new NDArray(fill(shape.reduce((all, length) => all * length, 1)), dtype, shape);
}

group("whatever array, wherever it is and wherever behind its data the cut", () => {
	test.each([0, 1, 2, 3, 4, 5] as const)("protocol %i", async (protocol) => {
		const fewer: string[] = [];
		for (let time = 0; time < 20; time++) {
			const drawn = drawArray();
			const place = random.int(0, around.length);
			const python2 = protocol < 3 && random.int(0, 2) === 0 ? { python: 2 as const } : {};
			const data = encode(around[place]?.(drawn) as never, { protocol, ...python2 });
			const end = dataEnd(data);
			for (const cut of new Set(Array.from({ length: 6 }, () => random.int(end, data.length)))) {
				const { result } = await salvage(data.subarray(0, cut));
				const kept = firstArray(decode(await readAll(result), { encoding: "latin1" }));
				const isWhole = String(kept?.shape) === String(drawn.shape) && String(kept?.data) === String(drawn.data);
				if (!isWhole)
					fewer.push(`${drawn.dtype} ${drawn.shape} in ${place}, cut at ${cut} of ${data.length}, data to ${end}`);
			}
		}
		expect(fewer).toEqual([]);
	});
});

function firstArray(value: unknown): NDArray | undefined {
	for (const waiting = [value]; waiting.length > 0; ) {
		const next = waiting.shift();
		if (next instanceof NDArray) return next;
		if (Array.isArray(next)) waiting.push(...next);
		else if (next instanceof PyDict) waiting.push(...next.values());
	}
	return undefined;
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
