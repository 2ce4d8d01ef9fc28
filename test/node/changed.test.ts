import { spawn } from "node:child_process";
import { once } from "node:events";
import {
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { encode, fileSource, type LazyNDArray, openPickle, readPickle, writePickle } from "../../src/node/index.ts";
import { built, runFolder } from "../support/built.ts";

const floats = Float64Array.from({ length: 50_000 }, (_, i) => i / 3);
const pickle = encode(floats);

let folder = "";
let count = 0;
beforeEach(() => {
	folder = join(runFolder(), `changed${count++}`);
	mkdirSync(folder, { recursive: true });
});

function file(name: string): string {
	const path = join(folder, name);
	writeFileSync(path, pickle);
	return path;
}

/** Writes into a file in place. File systems tell times apart that lie some milliseconds from each other. */
async function overwrite(path: string): Promise<void> {
	const { mtimeMs } = statSync(path);
	const handle = openSync(path, "r+");
	while (statSync(path).mtimeMs === mtimeMs) {
		writeSync(handle, new Uint8Array(100), 0, 100, 200_000);
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

describe("a file that changes after it was opened is E_SOURCE with its path", () => {
	const readings: readonly (readonly [string, (array: LazyNDArray) => Promise<unknown>])[] = [
		["read", (array) => array.read()],
		["readRows", (array) => array.readRows(0, 10)],
		["readSlice", (array) => array.readSlice([null, null, 100])],
		["bytes.read", (array) => array.bytes.read()],
		["writePickle", (array) => writePickle(join(folder, "copy.pkl"), array)],
	];

	test.each(readings)("%s of one that was overwritten", async (_, reading) => {
		const path = file("a.pkl");
		const opened = await openPickle<LazyNDArray>(path);
		await overwrite(path);
		await expect(reading(opened.value)).rejects.toMatchObject({
			code: "E_SOURCE",
			message: expect.stringContaining(`${path} was changed`),
		});
		await opened.close();
		expect(readdirSync(folder)).toEqual(["a.pkl"]);
	});

	test("one that was cut", async () => {
		const path = file("a.pkl");
		const opened = await openPickle<LazyNDArray>(path);
		truncateSync(path, 1000);
		await expect(opened.value.read()).rejects.toMatchObject({
			code: "E_SOURCE",
			message: `${path} ends at 1000, but it had ${pickle.length} bytes when it was opened: it was cut while it was read`,
		});
		await opened.close();
	});
});

describe("a FileHandle is read, and left open:", () => {
	test("readPickle, openPickle, fileSource", async () => {
		const handle = await open(file("a.pkl"));
		expect((await readPickle<{ size: number }>(handle)).size).toBe(50_000);
		const opened = await openPickle<LazyNDArray>(handle);
		expect((await opened.value.readRows(3, 4)).toNested()).toEqual([1]);
		await opened.close();
		await expect(opened.value.read()).rejects.toMatchObject({ code: "E_SOURCE" });
		expect((await fileSource(handle)).size).toBe(pickle.length);
		expect((await handle.stat()).size).toBe(pickle.length);
		await handle.close();
	});

	test("one that is closed is E_SOURCE", async () => {
		const handle = await open(file("a.pkl"));
		await handle.close();
		await expect(readPickle(handle)).rejects.toMatchObject({ code: "E_SOURCE" });
	});
});

describe("writePickle", () => {
	test("names the target, not its own file, where that cannot be made", async () => {
		const target = join(folder, "none", "a.pkl");
		const error = await writePickle(target, 1).catch((reason) => reason);
		expect(error).toMatchObject({ code: "ENOENT", path: target, message: expect.stringContaining(`'${target}'`) });
		expect(error.message).not.toContain(".tmp");
	});

	test.each([
		["a directory", () => folder, "EISDIR"],
		["a device", () => "/dev/null", "EINVAL"],
	])("names %s that is no target", async (_, path, code) => {
		await expect(writePickle(path(), 1)).rejects.toMatchObject({ code, path: path() });
	});

	test("follows links, also to what is not there yet", async () => {
		symlinkSync("real.pkl", join(folder, "second"));
		symlinkSync("second", join(folder, "first"));
		await writePickle(join(folder, "first"), 1);
		expect(readdirSync(folder).sort()).toEqual(["first", "real.pkl", "second"]);
		expect(await readPickle(join(folder, "real.pkl"))).toBe(1);
	});

	test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("leaves nothing behind, nor listeners: %s", async (signal) => {
		const path = JSON.stringify(join(folder, "a.pkl"));
		const code = `
			import { writePickle } from ${JSON.stringify(built("node/index.js"))};
			const before = process.listenerCount("${signal}");
			await writePickle(${path}, 1);
			if (process.listenerCount("${signal}") !== before) throw new Error("a listener is left");
			const onProgress = () => { onProgress.told ??= (process.stdout.write("x"), true); for (const end = Date.now() + 20; Date.now() < end;); };
			await writePickle(${path}, new Float64Array(5e7), { onProgress });`;
		const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
			stdio: ["ignore", "pipe", "inherit"],
		});
		await once(child.stdout, "data");
		child.kill(signal);
		const [, by] = (await once(child, "exit")) as [number | null, string | null];
		expect([by, readdirSync(folder)]).toEqual([signal, ["a.pkl"]]);
		expect(await readPickle(join(folder, "a.pkl"))).toBe(1);
	});
});

test("a source that is aborted while it waits lets go", async () => {
	const path = file("a.pkl");
	const controller = new AbortController();
	let cancelled: unknown;
	const stream = new ReadableStream<Uint8Array>({
		start: (own) => own.enqueue(readFileSync(path).subarray(0, 1000)),
		cancel: (reason) => {
			cancelled = reason ?? "cancelled";
		},
	});
	setTimeout(() => controller.abort("why"), 20);
	await expect(readPickle(stream, { signal: controller.signal })).rejects.toBe("why");
	expect(cancelled).toBe("cancelled");
	expect(existsSync(path)).toBe(true);
});
