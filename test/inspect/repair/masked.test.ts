import { describe, expect, test } from "vitest";
import { decode, encode, NDArray, PyDict } from "../../../src/index.ts";
import { repair } from "../../../src/inspect/repair/repair.ts";
import { MaskedArray } from "../../../src/numpy/index.ts";
import { readAll } from "../../support/readAll.ts";

const elements = Float64Array.from({ length: 60 }, (_, i) => i / 7);
const hidden = Uint8Array.from(elements, (_, i) => Number(i % 7 === 0));
const whole = new MaskedArray(new NDArray(elements, "float64", [6, 10]), new NDArray(hidden, "bool", [6, 10]));

/** What is left of the array if its pickle is cut so many bytes before its end. */
async function cut(data: Uint8Array, missing: number) {
	const { outcome, losses, result } = await repair(data.subarray(0, data.length - missing), undefined, {
		salvage: true,
	});
	const value = outcome === "damaged" ? undefined : decode(await readAll(result));
	const array = value instanceof PyDict ? value.get("m") : value;
	return { losses, array: array instanceof MaskedArray ? array : undefined };
}

const numbers = (array: NDArray) => [...(array.data as unknown as Float64Array)].map(Number);

describe.each([
	[0, undefined],
	[2, undefined],
	[3, undefined],
	[4, undefined],
	[2, 2],
] as const)("a masked array, protocol %i, Python %s", (protocol, python) => {
	const options = { protocol, ...(python && { python }) } as never;
	const data = encode(whole as never, options);
	// Of Python 2's text the elements' bytes are not so many.
	const at = Buffer.from(data).lastIndexOf(Buffer.from("numpy"));

	test("behind its mask loses nothing", async () => {
		for (const missing of [1, 2, 3]) {
			const { array } = await cut(data, missing);
			expect(array && [numbers(array.data), numbers(array.mask)]).toEqual([[...elements], [...hidden]]);
		}
	});

	test("cut anywhere keeps every whole element in its place, and hides those that are filled in", async () => {
		let most = 0;
		for (let missing = 4; missing < data.length - at - 20; missing += 17) {
			const { array, losses } = await cut(data, missing);
			const loss = losses.find((each) => each.array)?.array;
			if (array === undefined) continue;
			const kept = loss?.kept ?? 60;
			most = Math.max(most, kept);
			expect(numbers(array.data).slice(0, kept)).toEqual([...elements.subarray(0, kept)]);
			if (loss) expect(numbers(array.mask)).toEqual(numbers(array.data).map((_, i) => Number(i >= kept)));
			else expect(numbers(array.mask).every((one, i) => one === 0 || one === hidden[i])).toBe(true);
			const isWhole = numbers(array.mask).every((one, i) => one === hidden[i]);
			expect(isWhole || losses.some(({ what }) => / mask/.test(what))).toBe(true);
		}
		expect(most).toBe(60);
	});
});

test("in a dict, what comes before and the array are kept", async () => {
	const data = encode(
		new Map<unknown, unknown>([
			["a", 1],
			["m", whole],
			["z", 2],
		]) as never,
		{ protocol: 4 },
	);
	const { array, losses } = await cut(data, 200);
	expect(array?.data.shape).toEqual([5, 10]);
	expect(losses.map(({ path }) => path)).toContain("$.m");
});
