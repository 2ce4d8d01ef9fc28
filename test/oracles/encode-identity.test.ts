import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadPyodide, type PyodideAPI } from "pyodide";
import { beforeAll, describe, expect, test } from "vitest";
import { decode, encode } from "../../src/index.ts";
import { repository } from "../support/repository.ts";

type Protocol = 0 | 1 | 2 | 3 | 4 | 5;
/** One value's pickles, by protocol, in base64; null where Python writes none. */
type Pickles = readonly (string | null)[];

let python: PyodideAPI;

beforeAll(async () => {
	python = await loadPyodide();
	python.runPython(readFileSync(join(repository, "test/oracles/identity.py"), "utf8"));
});

function pickles(call: string): readonly Pickles[] {
	return JSON.parse(python.runPython(call) as string);
}

/** What is written other than Python wrote it: the protocol, and both pickles around the first difference. */
function differences(values: readonly Pickles[]): string[] {
	return values.flatMap((byProtocol, value) =>
		byProtocol.flatMap((base64, protocol) => {
			if (base64 === null) return [];
			const written = Buffer.from(base64, "base64");
			const options = { protocol: protocol as Protocol, shareStrings: "all" } as const;
			const again = Buffer.from(encode(decode(written, { floats: "exact" }), options));
			if (written.equals(again)) return [];
			let at = 0;
			while (at < written.length && written[at] === again[at]) at++;
			const around = (bytes: Buffer) => bytes.subarray(Math.max(0, at - 20), at + 20).toString("latin1");
			return [`value ${value}, protocol ${protocol}, at ${at}: ${JSON.stringify([around(written), around(again)])}`];
		}),
	);
}

describe("what the C pickler of CPython 3.14 wrote, decoded and encoded, is the same bytes", () => {
	test.each([1, 2, 3])("random values of builtin types, seed %d", (seed) => {
		const values = pickles(`random_pickles(${seed}, 1000)`);
		expect(values).toHaveLength(1000);
		expect(differences(values)).toEqual([]);
	});

	test("values at the ends of batches and frames, and values in themselves", () => {
		expect(differences(pickles("edge_pickles()"))).toEqual([]);
	});
});
