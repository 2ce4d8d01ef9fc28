import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { replaceFile } from "../../src/node/write.ts";
import { BlockWriter } from "../../src/node/writer.ts";

const folder = mkdtempSync(join(tmpdir(), "picklet-writer-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** From here on files are written directly, in blocks of 2 MiB. */
const DIRECT = 2 ** 28;

/** Numbers that differ from place to place, also by whole blocks and pages. */
const pattern = new Uint32Array(DIRECT / 4 + 2 ** 23).map((_, index) => Math.imul(index, 2654435761));

/** Where a file of the pattern's first bytes differs from it. */
function firstDifference(path: string, length: number): number | undefined {
	const file = openSync(path, "r");
	const part = Buffer.alloc(2 ** 24);
	let at = 0;
	for (; at < length; at += part.length) {
		const expected = Buffer.from(pattern.buffer, at, Math.min(part.length, length - at));
		const count = readSync(file, part, 0, part.length, at);
		if (!part.subarray(0, count).equals(expected)) break;
	}
	closeSync(file);
	return at < length ? at : undefined;
}

describe("a file that is written in blocks", () => {
	const path = join(folder, "out");

	test.each([0, 1, 2 ** 20, 2 ** 20 + 1, DIRECT - 1, DIRECT, DIRECT + 1, DIRECT + 4096, DIRECT + 2 ** 21 + 4097])(
		"holds what was given: %d bytes",
		async (length) => {
			const all = new Uint8Array(pattern.buffer, 0, length);
			const middle = length >> 1;
			await replaceFile(path, [all.subarray(0, 3), all.subarray(3, middle), all.subarray(Math.max(3, middle))]);
			expect([statSync(path).size, firstDifference(path, length)]).toEqual([length, undefined]);
		},
	);

	test("tells its progress in order, whether written directly or not", async () => {
		const told: number[] = [];
		const length = DIRECT + 2 ** 21 + 5;
		await replaceFile(path, [new Uint8Array(pattern.buffer, 0, length)], {
			onProgress: (done) => void told.push(done),
		});
		expect(told).toEqual(told.toSorted((left, right) => left - right));
		expect(told.slice(-3)).toEqual([DIRECT, DIRECT + 2 ** 21, length]);
	});

	test("is ended by an abort in its direct part, with the reason", async () => {
		const controller = new AbortController();
		const onProgress = (done: number) => {
			if (done > DIRECT) controller.abort("enough");
		};
		const written = replaceFile(path, [new Uint8Array(pattern.buffer)], { onProgress, signal: controller.signal });
		await expect(written).rejects.toBe("enough");
	});
});

test("where the system refuses to write directly the file is written as before", async () => {
	const path = join(folder, "refused");
	const file = await open(path, "wx");
	// Nothing is there by this name to be opened once more.
	const writer = new BlockWriter(join(folder, "nothing"), file, {});
	const length = DIRECT + 2 ** 21 + 4096;
	await writer.add(new Uint8Array(pattern.buffer, 0, length));
	await writer.finish();
	await writer.close();
	expect([statSync(path).size, firstDifference(path, length)]).toEqual([length, undefined]);
});
