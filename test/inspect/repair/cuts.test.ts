import { describe, expect, test } from "vitest";
import { decode, NDArray } from "../../../src/index.ts";
import { repair } from "../../../src/inspect/repair/repair.ts";
import { corpusFiles } from "../../support/corpus.ts";
import { environmentsIn, frameworkFiles } from "../../support/frameworks.ts";
import { SEED } from "../../support/inject/files.ts";
import { Random } from "../../support/random.ts";
import { readAll } from "../../support/readAll.ts";
import { sharedFolder } from "../../support/shared.ts";

/** With PICKLET_CUTS=all every file and every offset, else one file of so many and so many offsets of each. */
const isFull = process.env["PICKLET_CUTS"] === "all";
const FILES = 60;
const CUTS = 48;
const MOST_BYTES = 20_000;

interface Sample {
	readonly name: string;
	readonly data: Uint8Array;
	readonly buffers: readonly Uint8Array[] | undefined;
	/** Bytes of an element. */
	readonly itemsize: number;
}

/** A file that holds one array of elements of a fixed size. */
function sampleOf({ name, data, buffers }: Omit<Sample, "itemsize">): Sample[] {
	if (data.length > MOST_BYTES) return [];
	const value = decode(data, { buffers, encoding: "latin1" });
	const isOne = value instanceof NDArray && !value.dtype.hasObject && value.dtype.itemsize > 0;
	return isOne ? [{ name, data, buffers, itemsize: value.dtype.itemsize }] : [];
}

/** Bytes of the array's own elements that are left, be they an array or not. */
async function survivors({ data, buffers, itemsize }: Sample, cut: number): Promise<number> {
	const { outcome, result, losses } = await repair(data.subarray(0, cut), undefined, { salvage: true });
	const kept = losses.find(({ array }) => array)?.array?.kept;
	if (outcome === "damaged") return 0;
	const value = decode(await readAll(result), { buffers, encoding: "latin1" });
	if (kept !== undefined) return kept * itemsize;
	if (value instanceof NDArray) return value.size * value.dtype.itemsize;
	return value instanceof Uint8Array ? value.length - (value.length % itemsize) : 0;
}

/** Where fewer survive than at a cut before. */
async function falls(sample: Sample, cuts: readonly number[]): Promise<string[]> {
	const found: string[] = [];
	let most = 0;
	for (const cut of cuts) {
		const kept = await survivors(sample, cut).catch((error) => {
			found.push(`${sample.name} cut at ${cut}: ${error}`);
			return most;
		});
		if (kept < most) found.push(`${sample.name} cut at ${cut}: ${kept} bytes after ${most}`);
		most = Math.max(most, kept);
	}
	return found;
}

function cutsOf(length: number, random: Random): number[] {
	const places = Array.from({ length: length - 2 }, (_, i) => i + 2);
	if (isFull || places.length <= CUTS) return places;
	const near = places.slice(-CUTS / 3);
	const drawn = Array.from({ length: CUTS - near.length }, () => random.pick(places));
	return [...new Set([...drawn, ...near])].sort((left, right) => left - right);
}

async function sweep(samples: readonly Sample[]): Promise<string[]> {
	const random = new Random(SEED);
	const chosen = isFull ? samples : Array.from({ length: FILES }, () => random.pick(samples));
	const found: string[] = [];
	let cuts = 0;
	for (const sample of chosen) {
		const places = cutsOf(sample.data.length, random);
		cuts += places.length;
		found.push(...(await falls(sample, places)));
	}
	if (isFull) console.log(`${chosen.length} files, ${cuts} cuts`);
	return found;
}

describe("as a cut moves on, the elements of an array that survive never become fewer", () => {
	test("arrays of corpus/", { timeout: 3_000_000 }, async () => {
		const samples = corpusFiles().filter(({ path }) => path.startsWith("numpy/"));
		expect(await sweep(samples.flatMap(({ path, ...file }) => sampleOf({ name: path, ...file })))).toEqual([]);
	});

	const folder = sharedFolder("frameworks");
	test.skipIf(folder === undefined)("arrays of real frameworks", { timeout: 3_000_000 }, async () => {
		const random = new Random(SEED);
		const environments = environmentsIn(folder as string).filter((name) => isFull || name.includes("np"));
		const samples = environments.flatMap((environment) =>
			[...frameworkFiles(folder as string, environment, ["numpy", "numpy-oob"])]
				.filter(() => isFull || random.int(0, 20) === 0)
				.flatMap(({ name, ...file }) => sampleOf({ name: `${environment}/${name}`, ...file })),
		);
		expect(await sweep(samples)).toEqual([]);
	});
});
