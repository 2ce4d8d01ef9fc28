import { describe, expect, it } from "vitest";
import { decode, encode } from "../../src/index.ts";
import { pythons, runScript } from "./pythons.ts";

/** The pure Python `pickle` of 2.7.18. Earlier numpys say otherwise what flags text has, and which order arrays of one column. */
const writers = pythons().filter(
	({ version, packages }) => version === "2.7.18" && /^1\.16\./.test(packages["numpy"] ?? ""),
);

/** The bytes around the first difference, or undefined if there is none. */
function difference(written: Buffer, protocol: 0 | 1 | 2): string[] | undefined {
	const value = decode(written, { encoding: "bytes", floats: "exact" });
	const again = Buffer.from(encode(value, { python: 2, protocol, shareStrings: "all" }));
	if (written.equals(again)) return undefined;
	let at = 0;
	while (written[at] === again[at]) at++;
	return [written, again].map((bytes) => bytes.subarray(Math.max(0, at - 40), at + 30).toString("latin1"));
}

describe("what pickle.py of Python 2.7.18 wrote, decoded and encoded with python: 2, is the same bytes", () => {
	it.each(writers)("$name, numpy $packages.numpy", async (python) => {
		const values = (await runScript(python, "identity2.py", { seed: 2718, count: 1000 })) as string[][];
		expect(values).toHaveLength(1000);
		const different = values.flatMap((byProtocol, value) =>
			byProtocol.flatMap((base64, protocol) => {
				const found = difference(Buffer.from(base64, "base64"), protocol as 0 | 1 | 2);
				return found === undefined ? [] : [{ value, protocol, found }];
			}),
		);
		expect(different.slice(0, 5)).toEqual([]);
		expect(different).toHaveLength(0);
	});
});
