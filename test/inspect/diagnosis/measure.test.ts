import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import { assemble, type Piece, uint4 } from "../../support/assemble.ts";
import { SparseSource } from "../../support/sparseSource.ts";

const dtype = "cnumpy\ndtype\n(S'u1'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI0\ntb";

/** An array of so many bytes, up to its data. */
const upTo = (count: number): Piece => [
	`cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I${count}\nt`,
	`${dtype}I00\n`,
];

const encoded = "X\x06\0\0\0latin1\x86R";

/** Data whose bytes in the file are not those of the array, so many that they are not looked at on the way. */
const table: readonly (readonly [name: string, data: (repeated: number) => Piece, unit: number, repeated: number])[] = [
	[
		"text of two bytes a character",
		(n) => ["c_codecs\nencode\nX", uint4(4 * n), "a\xc3\xbfb".repeat(n), encoded],
		3,
		40_000,
	],
	[
		"text in more than one piece",
		(n) => ["c_codecs\nencode\nX", uint4(4 * n), "a\xc3\xbfb".repeat(n), encoded],
		3,
		400_001,
	],
	["a line of escapes", (n) => ["c_codecs\nencode\nV", "\\u005c\xff\\u000a".repeat(n), "\n", encoded], 3, 90_001],
	["a line of backslashes", (n) => ["c_codecs\nencode\nV", "\\\\u0".repeat(n), "\n", encoded], 4, 300_001],
	["a str of escapes", (n) => ["S'", "\\x00\\n\\\\'".repeat(n), "'\n"], 4, 130_001],
];

describe("data that are text, against the array's shape", () => {
	test.each(table)("%s", async (_, data, unit, repeated) => {
		const pickle = (count: number) => assemble("\x80\x02", upTo(count), data(repeated), "tb.");
		expect((await diagnose(pickle(unit * repeated))).faults).toEqual([]);
		for (const count of [unit * repeated - 1, unit * repeated + 1]) {
			expect((await diagnose(pickle(count))).faults).toMatchObject([
				{ code: "array-bytes", array: { needed: count, found: unit * repeated } },
			]);
		}
	});

	test.each([
		["as the text may have", 2 ** 31 - 4, []],
		["more than the text may have", 2 ** 31 + 4, ["array-bytes"]],
		["fewer than the text may have", 2 ** 29, ["array-bytes"]],
	])("of 2 GiB are not read: %s", async (_, count, codes) => {
		const head = assemble("\x80\x02", upTo(count), "c_codecs\nencode\nX", uint4(2 ** 31));
		const source = new SparseSource(head, 2 ** 31, assemble(encoded, "tb."));
		const { faults } = await diagnose(source);
		expect(faults.map(({ code }) => code)).toEqual(codes);
		expect(source.bytesRead).toBeLessThan(1 << 22);
	});
});
