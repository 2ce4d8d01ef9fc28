import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import { allFaults } from "../../../src/inspect/diagnosis/report.ts";
import { corpusFiles } from "../../support/corpus.ts";
import { type RealFile, readBytes, readIndex } from "../../support/realFiles.ts";
import { sharedFolder } from "../../support/shared.ts";

/** Faults of a file that Python loads, in a line each. */
async function alarms(name: string, bytes: Uint8Array): Promise<string[]> {
	const found = await diagnose(bytes);
	return allFaults(found).map(({ code, offset, title }) => `${name}: ${code} at ${offset}: ${title}`);
}

describe("no fault in a file that is whole", () => {
	it("of corpus/, but for those that are there to be refused", async () => {
		const files = corpusFiles();
		const found = await Promise.all(files.map(({ path, data }) => alarms(path, data)));
		const damaged = files.filter(({ expected }) => expected.error !== undefined);
		expect(found.flat().map((line) => line.split(": ")[0])).toEqual(damaged.map(({ path }) => path));
	});

	const frameworks = sharedFolder("frameworks");
	it.skipIf(frameworks === undefined)("of the frameworks", { timeout: 120_000 }, async () => {
		const found: string[] = [];
		for (const file of filesBelow(frameworks as string))
			found.push(...(await alarms(file, new Uint8Array(readFileSync(file)))));
		expect(found).toEqual([]);
	});

	const real = sharedFolder("corpus");
	it.skipIf(real === undefined)(
		"of unknown origin that a Python or the stub Unpickler loads",
		{ timeout: 120_000 },
		async () => {
			const loaded = [...readIndex(real as string).values()].filter(isLoaded);
			expect(loaded.length).toBeGreaterThan(1000);
			const found: string[] = [];
			for (const file of loaded) found.push(...(await alarms(file.path, readBytes(real as string, file))));
			expect(found).toEqual([]);
		},
	);
});

function isLoaded({ cpython_loads: loads }: RealFile): boolean {
	return Object.values(loads ?? {}).some((outcome) => outcome.startsWith("ok"));
}

/** What the frameworks wrote: not the generators, nor buffers and arrays that lie beside a pickle. */
function filesBelow(folder: string): string[] {
	const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	const paths = files.map(({ parentPath, name }) => join(parentPath, name));
	return paths.filter((path) => !/\.(py|json|txt|md|buf\d|joblib_\d\d\.npy)$/.test(path));
}
