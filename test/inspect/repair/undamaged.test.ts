import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type RepairOptions, repair } from "../../../src/inspect/repair/repair.ts";
import { environmentsIn, frameworkFiles } from "../../support/frameworks.ts";
import { containerCases, hostileCases, picklesOf } from "../../support/hostile/cases.ts";
import { readAll } from "../../support/readAll.ts";
import { readBytes, readIndex } from "../../support/realFiles.ts";
import { sharedFolder } from "../../support/shared.ts";

/** With PICKLET_UNDAMAGED=all every file, else one of so many. */
const isFull = process.env["PICKLET_UNDAMAGED"] === "all";
const families = ["numpy", "numpy-oob", "stdlib", "pandas", "scipy", "sklearn", "joblib", "torch", "xarray", "byvalue"];

/** What repair does to a file that it should leave, and to what it made of one that it may mend. */
async function changes(name: string, data: Uint8Array, mayMend: boolean): Promise<string[]> {
	const first = await repair(data);
	if (first.outcome === "undamaged")
		return first.edits.length > 0 || first.resultSize !== data.length ? [`${name}: changed`] : [];
	const titles = first.before.faults.map(({ title }) => title).join(" ");
	if (first.outcome !== "repaired" || !mayMend) return [`${name}: ${first.outcome}, ${titles}`];
	const again = await repair(await readAll(first.result));
	return again.outcome === "undamaged" && again.edits.length === 0 ? [] : [`${name}: repaired, then ${again.outcome}`];
}

const frameworks = sharedFolder("frameworks");
describe.skipIf(frameworks === undefined)("files that real frameworks wrote stay as they are", () => {
	test.each(frameworks === undefined ? [] : environmentsIn(frameworks))(
		"%s",
		{ timeout: 3_000_000 },
		async (environment) => {
			const files = [...frameworkFiles(frameworks as string, environment, families)].filter(
				(_, i) => isFull || i % 40 === 0,
			);
			const changed: string[] = [];
			for (const { name, data } of files) changed.push(...(await changes(name, data, false)));
			expect(changed).toEqual([]);
		},
	);
});

const real = sharedFolder("corpus");
test.skipIf(real === undefined)(
	"real files that Python loads stay as they are, or stay so once mended",
	{ timeout: 3_000_000 },
	async () => {
		const loadable = [...readIndex(real as string).values()].filter(({ cpython_loads }) =>
			Object.values(cpython_loads).some((outcome) => outcome.startsWith("ok")),
		);
		const changed: string[] = [];
		for (const file of loadable.filter((_, i) => isFull || i % 20 === 0))
			changed.push(...(await changes(file.path, readBytes(real as string, file), file.trailing_bytes > 0)));
		expect(changed).toEqual([]);
		expect(loadable.length).toBeGreaterThan(900);
	},
);

const hostile = sharedFolder("hostile");
const cases = hostile
	? [
			...hostileCases(hostile).map(({ file }) => file),
			...containerCases(hostile).map(({ file }) => file),
			...picklesOf(join(hostile, "malicious")),
			...picklesOf(join(hostile, "benign")),
		]
	: [];

/** The most that a rewritten byte may become, with what little files begin with. */
const GROWTH = 16;
const START = 4096;

describe.skipIf(hostile === undefined)("hostile input: nothing is thrown, it ends, and the result is bounded", () => {
	const ways: readonly RepairOptions[] = [{}, { protocol: 0 }, { protocol: 4, unpack: true }];
	test.each(ways)("%j", { timeout: 600_000 }, async (options) => {
		const failures: string[] = [];
		for (const file of cases) {
			try {
				const { edits, result, size, resultSize, before } = await repair(readFileSync(file), undefined, options);
				await result.read(new Uint8Array(64), 0);
				const grown = edits.reduce((sum, { inserted, removed }) => sum + inserted - removed, 0);
				if (resultSize !== size + grown) failures.push(`${file}: ${resultSize} bytes of ${size}`);
				const isPlain = before.format.kind === "pickle";
				if (isPlain && resultSize > GROWTH * size + START) failures.push(`${file}: ${size} bytes became ${resultSize}`);
			} catch (error) {
				failures.push(`${file}: ${error}`);
			}
		}
		expect(failures).toEqual([]);
	});
});
