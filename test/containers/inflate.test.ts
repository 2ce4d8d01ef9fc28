import { Buffer } from "node:buffer";
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type InflatedFormat, inflate } from "../../src/containers/inflate.ts";
import { type Limits, resolveLimits } from "../../src/limits.ts";
import { inflateInNode } from "../../src/node/inflate.ts";

const content = Buffer.from("some content that is long enough to be packed".repeat(20));
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const zeros = (count: number) => new Uint8Array(count);

const open = async (packed: Uint8Array, format: InflatedFormat = "gzip", limits: Partial<Limits> = {}) =>
	Buffer.from(await inflate(packed, format, inflateInNode, resolveLimits(limits))).toString();

describe("what Python's gzip and zlib open", () => {
	const gzip = gzipSync(content);
	test("one member", async () => expect(await open(join(gzip))).toBe(content.toString()));
	test("zlib", async () => expect(await open(join(deflateSync(content)), "zlib")).toBe(content.toString()));
	test("nothing packed", async () => expect(await open(join(gzipSync("")))).toBe(""));
	test("several members", async () => expect(await open(join(gzip, gzipSync("more")))).toBe(`${content}more`));
	test("zeros after it", async () => expect(await open(join(gzip, zeros(512)))).toBe(content.toString()));
	test("zeros between members", async () => {
		expect(await open(join(gzipSync("a"), zeros(3), gzipSync("b"), zeros(1), gzipSync("c"), zeros(9)))).toBe("abc");
	});
});

describe("damage is E_CONTAINER", () => {
	const gzip = gzipSync(content);
	const damaged = { code: "E_CONTAINER", message: expect.stringMatching(/^the (gzip|zlib) data is damaged: /) };

	test("at every length it may be cut to", async () => {
		for (let end = 0; end < gzip.length; end++) {
			const opened = open(join(gzip.subarray(0, end)));
			if (end > 0) await expect(opened).rejects.toMatchObject(damaged);
		}
	});

	test("a wrong checksum, with its cause", async () => {
		const wrong = join(gzip);
		(wrong[wrong.length - 6] as number) ^= 1;
		const error = await open(wrong).catch((reason) => reason);
		expect(error).toMatchObject({ ...damaged, cause: expect.any(Error) });
	});

	test.each([
		["other bytes after gzip", join(gzip, Buffer.from("trailing")), "gzip"],
		["other bytes after zeros", join(gzip, zeros(4), Buffer.from("trailing")), "gzip"],
		["other bytes after zlib", join(deflateSync(content), Buffer.from("trailing")), "zlib"],
		["a method there is not", Uint8Array.of(0x1f, 0x8b, 9, 0, 0, 0, 0, 0, 0, 3), "gzip"],
		["too many members", join(...Array.from({ length: 1100 }, () => join(gzipSync(""), zeros(1)))), "gzip"],
	] as const)("%s", async (_, packed, format) => {
		await expect(open(packed, format)).rejects.toMatchObject(damaged);
	});

	test("an engine's error that is no Error", async () => {
		const engine = async function* (): AsyncGenerator<Uint8Array, number> {
			yield zeros(1);
			throw "a text";
		};
		await expect(inflate(zeros(5), "zlib", engine, resolveLimits())).rejects.toMatchObject(damaged);
	});
});

describe("limits stop it while it unpacks", () => {
	test("maxRatio", async () => {
		const bomb = join(gzipSync(Buffer.alloc(2 ** 24)));
		await expect(open(bomb, "gzip", { maxRatio: 100 })).rejects.toMatchObject({ code: "E_LIMIT", limit: "maxRatio" });
	});

	test("maxDecompressedBytes, before more is asked for", async () => {
		let asked = 0;
		const endless = async function* (): AsyncGenerator<Uint8Array, number> {
			for (;;) {
				asked++;
				yield zeros(1000);
			}
		};
		const opened = inflate(zeros(50), "gzip", endless, resolveLimits({ maxDecompressedBytes: 10_500 }));
		await expect(opened).rejects.toMatchObject({ code: "E_LIMIT", limit: "maxDecompressedBytes" });
		expect(asked).toBe(11);
	});

	test("what no runtime holds is E_TOO_LARGE", async () => {
		const piece = { length: 2 ** 53 - 1 } as Uint8Array;
		const huge = async function* (): AsyncGenerator<Uint8Array, number> {
			yield piece;
			return 50;
		};
		const limits = resolveLimits({
			maxDecompressedBytes: Number.POSITIVE_INFINITY,
			maxRatio: Number.POSITIVE_INFINITY,
		});
		await expect(inflate(zeros(50), "gzip", huge, limits)).rejects.toMatchObject({ code: "E_TOO_LARGE" });
	});
});
