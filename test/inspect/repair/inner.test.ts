import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Judge } from "../../oracles/judge.ts";
import { pyodide } from "../../oracles/pyodide.ts";
import { pythons, startPython } from "../../oracles/pythons.ts";
import { corpusFiles } from "../../support/corpus.ts";
import { damagedInside } from "../../support/inject/damage.ts";
import { SEED } from "../../support/inject/files.ts";
import { Random } from "../../support/random.ts";
import { Survivals } from "../../support/survival.ts";

const seed = Number(process.env["PICKLET_SEED"] ?? SEED);
const times = Number(process.env["PICKLET_TIMES"] ?? 4);

/** The newest Python with numpy's own classes, or the one without. */
async function newest(): Promise<{ readonly judge: Judge; readonly stop: () => void }> {
	const python = pythons().findLast(({ version }) => Number(version.split(".")[1]) >= 12);
	return python ? startPython(python) : { judge: await pyodide(), stop: () => undefined };
}

let python: Awaited<ReturnType<typeof newest>>;
beforeAll(async () => {
	python = await newest();
}, 60_000);
afterAll(() => python.stop());

const files = corpusFiles().filter(
	({ path, data, buffers, expected }) =>
		data.length > 40 &&
		data.length < 6000 &&
		expected.value !== undefined &&
		buffers === undefined &&
		!/^(opcodes|overflow)\/|extensions/.test(path),
);

describe("damage inside a pickle: what is salvaged loads in Python, and what lay before it is where it was", () => {
	test.each([0, 1, 2, 3, 4, 5])("protocol %i", { timeout: 600_000 }, async (protocol) => {
		const survivals = new Survivals(python.judge);
		const random = new Random(seed + protocol);
		for (const { path, data, python2 } of files.filter((file) => file.protocol === protocol)) {
			const copies = Array.from({ length: times }, () => damagedInside(data, random));
			await survivals.addDamaged(path, data, copies, python2 ? { encoding: "latin1" } : {});
		}
		if (process.env["PICKLET_INNER"] === "show") console.log(survivals.salvaged, survivals.reported, survivals.refused);
		expect(survivals.wrong).toEqual([]);
		// Whether a class takes the state or the items that damage gives it, only its code tells.
		expect(survivals.refused.length).toBeLessThanOrEqual(survivals.salvaged / 100);
		expect(survivals.salvaged).toBeGreaterThan(50);
	});
});
