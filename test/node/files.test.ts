import {
	appendFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import {
	encode,
	fileSource,
	LazyNDArray,
	openPickle,
	PyByteArray,
	PyLazyBytes,
	readPickle,
	writePickle,
} from "../../src/node/index.ts";
import { runFolder } from "../support/built.ts";
import { sparseSource } from "../support/sparse.ts";

const floats = Float64Array.from({ length: 50_000 }, (_, i) => i / 3);
const value = () =>
	new Map<string, unknown>([
		["floats", floats],
		["more", new Uint8Array(100_000).fill(3)],
		["small", [1, "a"]],
	]);

let folder = "";
let count = 0;
beforeEach(() => {
	folder = join(runFolder(), `files${count++}`);
	mkdirSync(folder, { recursive: true });
});
const at = (name: string) => join(folder, name);

function file(name: string, bytes: Uint8Array): string {
	writeFileSync(at(name), bytes);
	return at(name);
}

describe("fileSource", () => {
	test("reads any part, and less only at the end", async () => {
		const source = await fileSource(
			file(
				"a",
				Uint8Array.from({ length: 100 }, (_, i) => i),
			),
		);
		const into = new Uint8Array(10);
		expect(source.size).toBe(100);
		expect([await source.read(into, 95), into[0]]).toEqual([5, 95]);
		expect([await source.read(into, 7), into[0], into[9]]).toEqual([10, 7, 16]);
		expect(await source.read(into, 100)).toBe(0);
		await source.close?.();
		await source.close?.();
		await expect(source.read(into, 0)).rejects.toMatchObject({ code: "E_SOURCE" });
	});

	test("has no size for what is no regular file", async () => {
		const source = await fileSource("/dev/null");
		expect([source.size, await source.read(new Uint8Array(5), 0)]).toEqual([undefined, 0]);
		await source.close?.();
	});

	test("names the file that it cannot open", async () => {
		await expect(fileSource(at("none"))).rejects.toMatchObject({ code: "E_SOURCE", cause: { code: "ENOENT" } });
	});
});

describe("a file that changes while it is read is E_SOURCE", () => {
	const change = async (how: (path: string) => void, bytes = encode(value())) => {
		const path = file("in.pkl", bytes);
		let changed = false;
		const onProgress = () => {
			if (!changed) how(path);
			changed = true;
		};
		return readPickle(path, { onProgress });
	};

	test("it is cut", async () => {
		const cut = change((path) => truncateSync(path, 20_000));
		await expect(cut).rejects.toMatchObject({ code: "E_SOURCE" });
	});

	test("it grows", async () => {
		await expect(change((path) => appendFileSync(path, "more"))).rejects.toMatchObject({ code: "E_SOURCE" });
	});

	test("a lazy array whose file was cut", async () => {
		const path = file("lazy.pkl", encode(floats));
		const opened = await openPickle(path);
		truncateSync(path, 1000);
		await expect((opened.value as LazyNDArray).read()).rejects.toMatchObject({ code: "E_SOURCE" });
		await opened.close();
		await expect((opened.value as LazyNDArray).readRows(0, 1)).rejects.toMatchObject({ code: "E_SOURCE" });
	});
});

describe("writePickle", () => {
	test("writes what encode gives, at every protocol", async () => {
		for (const protocol of [0, 1, 2, 3, 4, 5] as const) {
			await writePickle(at("out.pkl"), value(), { protocol });
			expect(readFileSync(at("out.pkl")).equals(encode(value(), { protocol }))).toBe(true);
		}
		expect(readdirSync(folder)).toEqual(["out.pkl"]);
	});

	test.each([3, 4, 5] as const)("copies what was opened from its file: protocol %i", async (protocol) => {
		const path = file("in.pkl", encode(value()));
		const opened = await openPickle(path);
		expect((opened.value as Map<string, unknown>).get("floats")).toBeInstanceOf(LazyNDArray);
		await writePickle(at("out.pkl"), opened.value, { protocol });
		await opened.close();
		expect(readFileSync(at("out.pkl")).equals(encode(value(), { protocol }))).toBe(true);
	});

	test("over the very file that it copies from", async () => {
		const path = file("in.pkl", encode(floats));
		const opened = await openPickle(path);
		await writePickle(path, [opened.value]);
		await opened.close();
		expect(readFileSync(path).equals(encode([floats]))).toBe(true);
	});

	test("tells its progress", async () => {
		const told: number[] = [];
		await writePickle(at("out.pkl"), [new Uint8Array(40_000_000)], { onProgress: (done) => void told.push(done) });
		expect(told.at(-1)).toBe(statSync(at("out.pkl")).size);
		expect(told.length).toBeGreaterThan(3);
	});
});

describe("a writing that fails leaves the old file, and nothing else", () => {
	const old = new TextEncoder().encode("old");
	const failing = async (write: (path: string) => Promise<void>) => {
		const path = file("out.pkl", old);
		const error = await write(path).catch((reason) => reason);
		expect(readFileSync(path).equals(old)).toBe(true);
		expect(readdirSync(folder)).toEqual(["out.pkl"]);
		return error;
	};

	test("a value that has no pickled form", async () => {
		const error = await failing((path) => writePickle(path, [floats, () => {}]));
		expect(error).toMatchObject({ code: "E_UNENCODABLE" });
	});

	test("a source that fails", async () => {
		const source = { ...sparseSource(1e6), read: async () => 0 };
		const error = await failing((path) => writePickle(path, new PyLazyBytes(source, 0, 1e6, "bytes")));
		expect(error).toMatchObject({ code: "E_SOURCE" });
	});

	test("an abort, before and in the midst", async () => {
		expect(await failing((path) => writePickle(path, floats, { signal: AbortSignal.abort("stop") }))).toBe("stop");
		const controller = new AbortController();
		const onProgress = () => controller.abort("enough");
		const large = new PyLazyBytes(sparseSource(2 ** 30), 0, 2 ** 30, "bytes");
		expect(await failing((path) => writePickle(path, large, { onProgress, signal: controller.signal }))).toBe("enough");
	});

	test("a folder that is none is the system's error, with a path", async () => {
		const path = join(folder, "no", "out.pkl");
		await expect(writePickle(path, 1)).rejects.toMatchObject({
			code: "ENOENT",
			path,
			message: expect.stringContaining(`there is no folder '${join(folder, "no")}'`),
		});
		expect(existsSync(path)).toBe(false);
	});

	test("a wrong option is a TypeError", async () => {
		await expect(writePickle(at("x"), 1, { nonsense: 1 } as object)).rejects.toThrow(TypeError);
	});
});

describe("what openPickle left in its file is rewritten as text where the protocol has no bytes", () => {
	const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7) & 255);
	const kinds: readonly (readonly [string, unknown])[] = [
		["an array", floats],
		["bytes", bytes],
		["bytes of ASCII", new Uint8Array(70_000).fill(0x27)],
		["a bytearray", new PyByteArray(bytes)],
		["several", [bytes, floats, new PyByteArray(bytes)]],
	];
	for (const options of [{ protocol: 0 }, { protocol: 1 }, { protocol: 2 }] as const) {
		test.each(kinds)(`protocol ${options.protocol}: %s`, async (_, whole) => {
			for (const python of [undefined, 2] as const) {
				const { value, close } = await openPickle(file("in.pkl", encode(whole))).then((opened) => ({
					value: opened.value,
					close: () => opened.close(),
				}));
				await writePickle(at("out.pkl"), value, { ...options, python });
				await close();
				const written = Buffer.from(readFileSync(at("out.pkl")));
				const read = await readPickle(at("in.pkl"));
				expect(written.equals(Buffer.from(encode(read, { ...options, python })))).toBe(true);
			}
		});
	}
});
