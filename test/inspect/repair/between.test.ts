import { describe, expect, test } from "vitest";
import { Findings } from "../../../src/inspect/diagnosis/findings.ts";
import { interpretBytes } from "../../../src/inspect/diagnosis/window.ts";
import { type RepairOptions, repair } from "../../../src/inspect/repair/repair.ts";
import { environmentsIn, frameworkFiles } from "../../support/frameworks.ts";
import { readAll } from "../../support/readAll.ts";
import { sharedFolder } from "../../support/shared.ts";

class Arrays extends Findings {
	readonly found: { readonly start: number; readonly length: number; readonly isPadded: boolean }[] = [];

	override payload(at: number, opcode: string, start: number, length: number, array: undefined): void {
		super.payload(at, opcode, start, length, array);
		if (opcode === "raw array") this.found.push({ start, length, isPadded: start > at });
	}
}

/** The arrays between the instructions of a file of joblib: their bytes, and whether they are aligned as joblib does it. */
function arraysOf(data: Uint8Array) {
	const findings = new Arrays();
	const { failure } = interpretBytes(data, 0, { findings });
	const arrays = findings.found.map(({ start, length, isPadded }) => ({
		bytes: Buffer.from(data.subarray(start, start + length)).toString("hex"),
		isPadded,
		isAligned: !isPadded || start % 16 === 0,
	}));
	return { failure, arrays, names: [...findings.globals.keys()] };
}

const folder = sharedFolder("frameworks");
const files = (family: string) =>
	folder === undefined
		? []
		: environmentsIn(folder).flatMap((environment) => [...frameworkFiles(folder, environment, [family])]);

const ways: readonly RepairOptions[] = [
	{ for: "numpy 1.26" },
	{ for: "numpy 2.0" },
	{ protocol: 2 },
	{ protocol: 3 },
	{ protocol: 4 },
	{ protocol: 5 },
];

describe.skipIf(folder === undefined)("arrays that joblib writes between the opcodes", () => {
	test.each(ways)("stay what they are, and aligned: %j", async (options) => {
		let changed = 0;
		for (const { name, data } of files("joblib")) {
			const { outcome, before, result, refusal } = await repair(data, undefined, options);
			if (!before.format.name.includes("joblib")) continue;
			if (outcome === "refused") expect([name, refusal?.why]).toEqual([name, expect.stringMatching(/of objects/)]);
			if (outcome !== "repaired") continue;
			const was = arraysOf(data).arrays.map((array) => ({ ...array, isAligned: true }));
			const is = arraysOf(await readAll(result));
			expect({ name, ...is, names: [] }).toEqual({ name, failure: undefined, arrays: was, names: [] });
			expect(is.names.filter((path) => path.startsWith(options.for === "numpy 1.26" ? "numpy._core" : "\0"))).toEqual(
				[],
			);
			changed++;
		}
		expect(changed).toBeGreaterThan(2);
	});

	test("are refused where the reader cannot know of their padding, or the protocol does not tell where they are", async () => {
		const [padded] = files("joblib")
			.filter(({ data }) => arraysOf(data).arrays.some(({ isPadded }) => isPadded))
			.map(({ data }) => data);
		if (padded === undefined) throw new Error("no padded array");
		expect((await repair(padded, undefined, { for: "python 2.7" })).refusal?.why).toContain("padding");
		expect((await repair(padded, undefined, { protocol: 1 })).refusal?.why).toContain("do not tell where they lie");
	});
});

describe("an old torch file", () => {
	const magic = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
	const rest = "\x80\x02]q\0.\x00\x80raw";
	const file = (module: string) =>
		Buffer.from(`${magic}\x80\x02M\xe9\x03.\x80\x02}.\x80\x02c${module}\nscalar\nq\0.${rest}`, "latin1");

	test("has other names, and the storages behind its pickles as they are", async () => {
		const { outcome, result } = await repair(file("numpy.core.multiarray"), undefined, { for: "numpy 2.0" });
		expect(outcome).toBe("repaired");
		expect((await readAll(result)).equals(file("numpy._core.multiarray"))).toBe(true);
	});

	test("has no other protocol", async () => {
		const { refusal } = await repair(file("numpy.core.multiarray"), undefined, { protocol: 4 });
		expect(refusal?.why).toContain("told by the protocol 2 of its pickles");
	});
});
