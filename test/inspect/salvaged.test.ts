import { assert, describe, expect, test } from "vitest";
import { bytesSource } from "../../src/bytes/source.ts";
import { DType, encode, LazyNDArray, NDArray, type PyDict } from "../../src/index.ts";
import { diagnose, openSalvaged, repair } from "../../src/inspect/index.ts";

const rows = 4096;
const array = new NDArray(
	Float64Array.from({ length: rows * 16 }, (_, i) => i),
	DType.of("f8"),
	[rows, 16],
);
const checkpoint = encode({ epoch: 12, weights: array, later: "lost" }, { protocol: 4 });

describe("openSalvaged", () => {
	test("of a half-written checkpoint: what comes before the damage, and the array where it lies", async () => {
		const half = checkpoint.subarray(0, checkpoint.length >> 1);
		await using file = await openSalvaged<PyDict<string, LazyNDArray>>(half);
		const { value } = file;
		expect([...value.keys()]).toEqual(["epoch", "weights"]);
		const weights = value.get("weights");
		assert(weights);
		expect(weights).toBeInstanceOf(LazyNDArray);
		const loss = file.losses.find((found) => found.array);
		expect(loss).toMatchObject({ path: "$.weights", array: { shape: [rows, 16], newShape: [...weights.shape] } });
		const kept = loss?.array?.kept ?? 0;
		expect(kept).toBeGreaterThan(rows * 7);
		const part = await weights.readRows(100, 102);
		expect([...(part.data as Float64Array)]).toEqual(Array.from({ length: 32 }, (_, i) => 1600 + i));
		const { data } = await weights.read();
		expect([...(data as Float64Array).subarray(0, kept)]).toEqual(Array.from({ length: kept }, (_, i) => i));
	});

	test("of a whole file: that itself, without losses", async () => {
		const file = await openSalvaged(checkpoint);
		expect(file.losses).toEqual([]);
		expect(file.repair.outcome).toBe("undamaged");
		expect((file.value as PyDict).get("later")).toBe("lost");
	});

	test("of a Blob, as diagnose and repair take one", async () => {
		const blob = new Blob([checkpoint]);
		expect((await openSalvaged<PyDict>(blob)).value.get("epoch")).toBe(12);
		expect(await diagnose(blob)).toMatchObject({ data: "whole", size: checkpoint.length });
		expect(await repair(blob)).toMatchObject({ outcome: "undamaged" });
	});

	test("a path is a TypeError that names fileSource", async () => {
		for (const read of [openSalvaged, diagnose, repair])
			await expect(read("a.pkl" as never)).rejects.toThrow(/fileSource/);
	});

	test("closing it closes its source", async () => {
		let closed = 0;
		const source = bytesSource(checkpoint.subarray(0, 9000));
		const file = await openSalvaged({
			size: 9000,
			read: (into, offset, signal) => source.read(into, offset, signal),
			close: async () => {
				closed++;
			},
		});
		await file.close();
		expect(closed).toBe(1);
	});

	test("of what nothing is left: the error that openPickle has for it", async () => {
		await expect(openSalvaged(Uint8Array.of(0x80, 4, 0x95))).rejects.toMatchObject({ name: "PickleError" });
	});
});
