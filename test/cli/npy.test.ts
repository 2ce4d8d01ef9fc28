import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { DType, decode, encode, NDArray, PyDict, SeedSequence } from "../../src/index.ts";
import { readNpy, readNpz, writeNpy, writeNpz } from "../../src/numpy/index.ts";
import { runFolder } from "../support/built.ts";

const folder = join(runFolder(), "cli-npy");
beforeAll(() => mkdirSync(folder, { recursive: true }));

async function picklet(...args: readonly string[]): Promise<{ status: number; out: string; err: string }> {
	let [out, err] = ["", ""];
	const status = await run(args, () => "", {
		write: async (text) => {
			out += text;
		},
		complain: (line) => {
			err += `${line}\n`;
		},
		input: async function* () {},
		width: 80,
		isStyled: false,
	});
	return { status, out, err };
}

function file(name: string, content: Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
}

const numbers = new NDArray(Int32Array.of(1, 2), DType.of("i4"), [2]);

test("show prints a .npy and a .npz", async () => {
	const npy = file("a.npy", writeNpy(numbers));
	const npz = file("a.npz", await writeNpz({ a: numbers, b: Uint8Array.of(3) }));
	expect((await picklet("show", npy)).out).toBe("array([1, 2], shape=(2,), dtype=int32)\n");
	expect((await picklet("show", "--json", npz)).out).toBe('{"a":[1,2],"b":[3]}\n');
	expect(await picklet("show", file("bad.npy", writeNpy(numbers).subarray(0, 20)))).toMatchObject({
		status: 1,
		err: expect.stringContaining("ends in its header"),
	});
});

test("convert makes and takes them", async () => {
	const dict = file("dict.pkl", encode(new PyDict([["a", numbers]])));
	const [npz, npy, pkl] = ["made.npz", "made.npy", "made.pkl"].map((name) => join(folder, name)) as [
		string,
		string,
		string,
	];
	expect((await picklet("convert", dict, npz)).err).toBe("");
	expect([...(await readNpz(readFileSync(npz))).keys()]).toEqual(["a"]);
	expect((await picklet("convert", npz, pkl)).err).toBe("");
	expect((decode(readFileSync(pkl)) as PyDict).get("a")).toBeInstanceOf(NDArray);
	expect((await picklet("convert", "--force", npz, npy)).err).toContain("holds one numpy array");
	expect((await picklet("convert", file("array.pkl", encode(numbers)), npy)).err).toBe("");
	expect((await readNpy(readFileSync(npy))).toNested()).toEqual([1, 2]);
	expect((await picklet("convert", "--force", file("text.pkl", encode(["x"])), npz)).err).toContain("dict of arrays");
});

test("rows, masked arrays and generators are shown by their parts", async () => {
	const record = new NDArray(
		Uint8Array.of(1, 2),
		DType.of([
			["a", "u1"],
			["b", "u1"],
		]),
		[1],
	).get(0);
	const seeds = new SeedSequence(5, Object.freeze([]), 4, 0, null);
	expect((await picklet("show", file("parts.pkl", encode([record, seeds])))).out).toBe(
		"[\n  np.void((1, 2)),\n  SeedSequence(entropy=5, spawn_key=(), pool_size=4, n_children_spawned=0),\n]\n",
	);
});
