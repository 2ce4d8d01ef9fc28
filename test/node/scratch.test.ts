import { mkdirSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { scratchSource } from "../../src/node/scratch.ts";
import { runFolder } from "../support/built.ts";

let folder = "";
let count = 0;
beforeEach(() => {
	folder = join(runFolder(), `scratch${count++}`);
	mkdirSync(folder);
});

/** The same memory again and again, as many streams use it. */
async function* pieces(...lengths: readonly number[]): AsyncGenerator<Uint8Array> {
	const memory = new Uint8Array(Math.max(0, ...lengths));
	for (const [i, length] of lengths.entries()) yield memory.fill(i + 1, 0, length).subarray(0, length);
}

/** What this process has open in the folder, where the system says so. */
function open(): string[] {
	if (process.platform !== "linux") return [];
	return readdirSync("/proc/self/fd").flatMap((fd) => {
		try {
			const path = readlinkSync(join("/proc/self/fd", fd));
			return path.startsWith(folder) ? [path] : [];
		} catch {
			return [];
		}
	});
}

test.each([
	["nothing", []],
	["a few bytes", [3, 0, 5]],
	["what is longer than what is gathered", [2 ** 20 - 1, 3, 2 ** 22 + 7, 2 ** 20]],
])("gives back %s", async (_, lengths) => {
	const source = await scratchSource(pieces(...lengths), folder);
	const whole = Buffer.concat(lengths.map((length, i) => Buffer.alloc(length, i + 1)));
	const read = new Uint8Array(whole.length + 1);
	expect(source.size).toBe(whole.length);
	expect(await source.read(read, 0)).toBe(whole.length);
	expect(Buffer.compare(read.subarray(0, whole.length), whole)).toBe(0);
	expect(readdirSync(folder)).toEqual([]);
	await source.close?.();
	expect(open()).toEqual([]);
});

test("a stream that fails leaves nothing open", async () => {
	const failing = async function* () {
		yield* pieces(2 ** 21);
		throw new Error("no more");
	};
	await expect(scratchSource(failing(), folder)).rejects.toThrow("no more");
	expect([...readdirSync(folder), ...open()]).toEqual([]);
});

test("a folder that is not there is the system's error", async () => {
	await expect(scratchSource(pieces(1), join(folder, "none"))).rejects.toMatchObject({ code: "ENOENT" });
});
