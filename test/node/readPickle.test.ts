import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import * as root from "../../src/index.ts";
import * as node from "../../src/node/index.ts";
import { runFolder } from "../support/built.ts";
import { sharedFolder } from "../support/shared.ts";

const { readPickle, openPickle } = node;
const folder = join(runFolder(), "readPickle");
mkdirSync(folder, { recursive: true });

const content = Buffer.from("\x80\x04](K\x01K\x02e.", "latin1");

function file(name: string, bytes: Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, bytes);
	return path;
}

const path = file("list.pkl", content);

test("the entry has all that the root has", () => expect(node).toMatchObject({ ...root, readPickle, openPickle }));

describe("reads", () => {
	test("a path", async () => expect(await readPickle(path)).toEqual([1, 2]));
	test("a file: URL", async () => expect(await readPickle(pathToFileURL(path))).toEqual([1, 2]));
	test("bytes", async () => expect(await readPickle(content)).toEqual([1, 2]));
	test("an ArrayBuffer", async () => expect(await readPickle(Uint8Array.from(content).buffer)).toEqual([1, 2]));
	test("gzip", async () => expect(await readPickle(file("a.gz", gzipSync(content)))).toEqual([1, 2]));
	test("zlib, in memory", async () => expect(await readPickle(deflateSync(content))).toEqual([1, 2]));
	test("with options", async () => expect(await readPickle(path, { integers: "bigint" })).toEqual([1n, 2n]));
});

describe("refuses", () => {
	test("a missing file: E_SOURCE with its path and the system's error", async () => {
		const missing = join(folder, "missing.pkl");
		const error = await readPickle(missing).catch((reason) => reason);
		expect(error).toMatchObject({ code: "E_SOURCE", cause: { code: "ENOENT", path: missing } });
		expect(error.message).toBe(`cannot read ${missing}: no such file`);
	});

	test("a directory", async () => {
		await expect(readPickle(folder)).rejects.toMatchObject({ code: "E_SOURCE", cause: { code: "EISDIR" } });
	});

	test.each(["https://example.invalid/a.pkl", new URL("http://example.invalid/a.pkl")])(
		"%s, naming httpSource",
		async (url) => {
			await expect(readPickle(url)).rejects.toThrow(/: it names no file; httpSource reads from servers$/);
		},
	);

	test("a path with a NUL", async () => {
		await expect(readPickle("a\0b")).rejects.toMatchObject({ code: "E_SOURCE" });
	});

	test("an empty file", async () => {
		await expect(readPickle(file("empty.pkl", Buffer.of()))).rejects.toMatchObject({ name: "PickleError" });
	});

	test("what is packed twice, or is packed and no pickle", async () => {
		await expect(readPickle(gzipSync(gzipSync(content)))).rejects.toMatchObject({
			code: "E_CONTAINER",
			message: "the gzip data holds gzip data again, and only one layer is opened",
		});
		await expect(readPickle(gzipSync("PK\x03\x04"))).rejects.toMatchObject({
			code: "E_CONTAINER",
			message: expect.stringMatching(/^what the gzip data holds is not a bare pickle but a zip archive/),
		});
		await expect(readPickle(gzipSync("K\x01"))).rejects.toMatchObject({ code: "E_TRUNCATED" });
	});

	test("a bomb, by its limits", async () => {
		const bomb = gzipSync(root.encode(new Uint8Array(2 ** 24)));
		await expect(readPickle(bomb, { limits: { maxRatio: 50 } })).rejects.toMatchObject({
			code: "E_LIMIT",
			limit: "maxRatio",
		});
	});

	test("wrong arguments, as TypeErrors", async () => {
		await expect(readPickle(5 as unknown as string)).rejects.toThrow(TypeError);
		await expect(readPickle(path, { limits: { maxNothing: 1 } as object })).rejects.toThrow(TypeError);
		await expect(readPickle(path, { nonsense: 1 } as object)).rejects.toThrow(TypeError);
	});
});

const containers = sharedFolder("hostile/containers");
test
	.runIf(containers)
	.each(["gzip-bomb-nested.pkl.gz", "gzip-truncated.pkl.gz", "gzip-badcrc.pkl.gz", "zip-slip.pt", "tar-legacy.pt"])(
	"hostile %s is E_CONTAINER",
	async (name) => {
		const source = join(containers as string, name);
		await expect(readPickle(source)).rejects.toMatchObject({ code: "E_CONTAINER" });
		await expect(readPickle(readFileSync(source))).rejects.toMatchObject({ code: "E_CONTAINER" });
	},
);
