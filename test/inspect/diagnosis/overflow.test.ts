import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import { assemble, uint4 } from "../../support/assemble.ts";
import { repository } from "../../support/repository.ts";
import { sharedFolder } from "../../support/shared.ts";
import { SparseSource } from "../../support/sparseSource.ts";

interface Listed {
	readonly file: string;
	readonly writer: string;
	readonly error: string;
	readonly shape: readonly number[];
	readonly dtype: string;
	readonly needed_bytes: number;
	readonly limit: number;
	readonly bytes: number;
}

/** How a diagnosis calls the writers that the index names. dill is Python 2's pickle, and its files the same bytes. */
const writers: Readonly<Record<string, RegExp>> = {
	cPickle: /^cPickle of Python 2/,
	pickle: /^pickle of Python 2/,
	dill: /dill/,
	_pickle: /^_pickle of Python 3/,
	"pickle.py": /^pickle\.py of Python 3/,
};

const folder = sharedFolder("overflow");
const listed: readonly Listed[] = folder ? JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) : [];

describe.skipIf(folder === undefined)("a file that the overflow left behind is named as what it is", () => {
	test.each(listed)("$file", async ({ file, writer, error, shape, needed_bytes: needed, limit, bytes }) => {
		const { faults, data } = await diagnose(new Uint8Array(readFileSync(join(folder as string, file))));
		const [fault] = faults;
		expect(fault?.overflow).toMatchObject({ limit, writer: expect.stringMatching(writers[writer] as RegExp) });
		if (bytes === 0) {
			// Nothing of the array is left; both texts that the C pickler has had are there.
			expect(fault).toMatchObject({ code: "empty", data: "lost" });
			expect(fault?.overflow?.error).toContain(error.replace("OverflowError: ", ""));
			return;
		}
		expect(fault).toMatchObject({
			code: "overflow-unwritten",
			offset: bytes,
			data: "partly",
			array: { shape, dtype: "float64", needed, items: 0 },
			overflow: { needed, error },
			missing: { bytes: needed },
		});
		expect(data).toBe("partly");
	});
});

/** The state of a float64 array up to its data, as Python 2's pickle writes it. */
function arrayUpTo(count: number) {
	return [
		"cnumpy.core.multiarray\n_reconstruct\nq\0(cnumpy\nndarray\nq\x01K\0\x85U\x01btRq\x02(K\x01",
		["J", uint4(count), "\x85cnumpy\ndtype\nq\x03U\x02f8K\0K\x01\x87Rq\x04(K\x03U\x01<NNNJ", uint4(-1), "J", uint4(-1)],
		"K\0tb\x89",
	];
}

/** A protocol 2 pickle of `[array, 'tail']` whose payload has this field and this many zero bytes. */
function pickleOf(count: number, field: readonly (string | number | number[])[], bytes: number): SparseSource {
	const head = assemble(
		"\x80\x02](",
		arrayUpTo(count),
		field.map((piece) => (typeof piece === "object" ? piece : piece)),
	);
	return new SparseSource(head, bytes, assemble("tbU\x04taile."));
}

describe("a length that 32 bits did not hold", () => {
	const wrappedCount = 536_870_922;
	const wrapped = wrappedCount * 8;

	it("silently cut by an old cPickle: 4,294,967,376 bytes as 80", async () => {
		const source = pickleOf(wrappedCount, ["U", 80], 80);
		const { faults, data } = await diagnose(source);
		expect(faults).toMatchObject([
			{
				code: "overflow-silent",
				data: "partly",
				array: { shape: [wrappedCount], needed: wrapped, found: 80, items: 10 },
				overflow: { needed: 4_294_967_376, declared: 80, opcode: "SHORT_BINSTRING" },
			},
		]);
		expect(data).toBe("partly");
	});

	it("wrapped, with all 4,294,967,376 bytes there, is mended by the true length", async () => {
		const source = pickleOf(wrappedCount, ["U", 80], wrapped);
		const { faults, statistics } = await diagnose(source);
		const [fault] = faults;
		expect(faults).toHaveLength(1);
		expect(fault).toMatchObject({
			code: "overflow-wrapped",
			data: "whole",
			array: { needed: wrapped, found: wrapped },
		});
		expect(fault?.mend).toEqual({
			kind: "length",
			offset: fault?.offset,
			payload: (fault?.offset ?? 0) + 2,
			length: wrapped,
		});
		expect(statistics).toMatchObject({ pickles: 1, arrayCount: 1 });
		expect(source.bytesRead).toBeLessThan(1 << 20);
	});

	const topBit = (2 ** 32 + 3_000_000_000) / 8;

	it.each([
		["wrapped with the top bit set, with all bytes there", topBit * 8, "overflow-wrapped", "whole", topBit],
		["wrapped with the top bit set, and only as much written", 3_000_000_000, "overflow-silent", "partly", 375_000_000],
		["wrapped with the top bit set, and cut", 80_000, "overflow-silent", "partly", 10_001],
		[
			"wrapped with the top bit set, of all bytes but the last",
			topBit * 8 - 12,
			"overflow-wrapped",
			"partly",
			topBit - 1,
		],
	])("%s", async (_, bytes, code, data, items) => {
		const { faults } = await diagnose(pickleOf(topBit, ["T", uint4(3_000_000_000)], bytes));
		expect(faults[0]).toMatchObject({
			code,
			data,
			array: { items },
			overflow: { needed: topBit * 8, declared: 3_000_000_000 - 2 ** 32 },
		});
		expect(faults).toHaveLength(1);
	});

	it("with the top bit set, and not what the array needs", async () => {
		const { faults } = await diagnose(pickleOf(300_000_000, ["T", uint4(2_400_000_008)], 2_400_000_008));
		expect(faults.map(({ code }) => code)).toEqual(["overflow-signed", "array-bytes"]);
	});

	it("of BINSTRING over 4 GiB twice", async () => {
		const count = 2 ** 30 + 5000;
		const { faults } = await diagnose(pickleOf(count, ["T", uint4(count * 8 - 2 ** 33)], count * 8));
		expect(faults).toMatchObject([{ code: "overflow-wrapped", overflow: { needed: count * 8, declared: 40_000 } }]);
	});

	it("written unsigned into BINSTRING, 2,400,000,000 bytes, is read as negative", async () => {
		const { faults } = await diagnose(pickleOf(300_000_000, ["T", uint4(2_400_000_000)], 2_400_000_000));
		expect(faults).toMatchObject([
			{
				code: "overflow-signed",
				data: "whole",
				overflow: { declared: -1_894_967_296, needed: 2_400_000_000 },
				mend: { kind: "length", length: 2_400_000_000 },
			},
		]);
	});

	it("written unsigned, and the file cut", async () => {
		const head = assemble("\x80\x02](", arrayUpTo(300_000_000), "T", uint4(2_400_000_000));
		const { faults } = await diagnose(new SparseSource(head, 1_000_000_000));
		expect(faults[0]).toMatchObject({ code: "overflow-signed", data: "partly", missing: { bytes: 1_400_000_000 } });
		expect(faults[0]?.mend).toBeUndefined();
	});

	it("of a string that is no array's, which the file's size shows", async () => {
		const length = 2 ** 32 + 80;
		const { faults } = await diagnose(
			new SparseSource(assemble("\x80\x02](U", 80), length, assemble("U\x04tailK\x01K\x02e.")),
		);
		expect(faults).toMatchObject([{ code: "overflow-wrapped", data: "whole", mend: { kind: "length", length } }]);
	});

	it.each(["float64_536870922", "float64_536871052", "in_a_list"])("corpus/overflow/%s", async (name) => {
		const bytes = new Uint8Array(readFileSync(join(repository, `corpus/overflow/${name}.p2.pkl`)));
		expect((await diagnose(bytes)).faults).toMatchObject([{ code: "overflow-silent", data: "partly" }]);
	});
});

describe("a cut between two opcodes", () => {
	it("is a truncation with the overflow as a possibility", async () => {
		const { faults } = await diagnose(assemble("\x80\x02]q\0(U\x03abcq\x01K\x01"));
		expect(faults).toMatchObject([{ code: "truncated", offset: 15, missing: { bytes: 1 } }]);
		expect(faults[0]?.advice).toContain("'i' format requires");
	});

	it.each([
		["below 2^31 bytes", 2 ** 28 - 1, "truncated"],
		["of 2^31 bytes", 2 ** 28, "overflow-unwritten"],
	])("at an array %s", async (_, count, code) => {
		const { faults } = await diagnose(assemble("\x80\x02](", arrayUpTo(count)));
		expect(faults[0]?.code).toBe(code);
	});

	it("has no overflow to name before an array's data that fit", async () => {
		const [fault] = (await diagnose(assemble("\x80\x02", arrayUpTo(10)))).faults;
		expect(fault?.code).toBe("truncated");
		expect(fault?.advice).not.toContain("the writer failed");
	});

	it("has no overflow to name at protocol 4", async () => {
		const { faults } = await diagnose(assemble("\x80\x04](\x8c\x03abc\x94"));
		expect(faults[0]).toMatchObject({ code: "truncated" });
		expect(faults[0]?.advice).not.toContain("failed at a payload");
	});
});

describe("a payload of 2.5 GiB", () => {
	it.each([
		["BINBYTES", assemble("\x80\x04B", uint4(2.5 * 2 ** 30))],
		["BINBYTES8", assemble("\x80\x04\x8e", uint4(2.5 * 2 ** 30), uint4(0))],
	])("of %s is skipped", async (_, head) => {
		const source = new SparseSource(head, 2.5 * 2 ** 30, assemble("\x94."));
		const { faults, statistics } = await diagnose(source);
		expect(faults).toEqual([]);
		expect(statistics?.payloads).toMatchObject([{ length: 2.5 * 2 ** 30 }]);
		expect(source.bytesRead).toBeLessThan(1 << 18);
	});
});
