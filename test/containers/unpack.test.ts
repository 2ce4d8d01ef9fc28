import { Buffer } from "node:buffer";
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { PackedFormat } from "../../src/containers/packed.ts";
import { type Codec, unpack } from "../../src/containers/unpack.ts";
import { type Limits, resolveLimits } from "../../src/limits.ts";
import { nodeCodecs } from "../../src/node/codecs.ts";

const content = Buffer.from("some content that is long enough to be packed".repeat(20));
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const zeros = (count: number) => new Uint8Array(count);

/** Chunks of so many bytes, whose memory is used again. */
async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
	const memory = new Uint8Array(size);
	for (let at = 0; at < bytes.length; at += size) {
		memory.set(bytes.subarray(at, at + size));
		yield memory.subarray(0, Math.min(size, bytes.length - at));
	}
}

async function unpacked(
	packed: Uint8Array,
	format: PackedFormat,
	limits: Partial<Limits>,
	codec: Codec,
	size: number,
): Promise<string> {
	const pieces: Uint8Array[] = [];
	const load = async () => codec;
	const chunks = chunked(packed, size);
	for await (const piece of unpack(chunks, format, load, resolveLimits(limits), packed.length))
		pieces.push(piece.slice());
	return Buffer.concat(pieces).toString();
}

const open = async (packed: Uint8Array, format: PackedFormat = "gzip", limits: Partial<Limits> = {}, size = 1 << 16) =>
	unpacked(packed, format, limits, await (nodeCodecs[format] as () => Promise<Codec>)(), size);

describe("what Python's gzip and zlib open", () => {
	const gzip = gzipSync(content);
	test("one member", async () => expect(await open(join(gzip))).toBe(content.toString()));
	test("zlib", async () => expect(await open(join(deflateSync(content)), "zlib")).toBe(content.toString()));
	test("nothing packed", async () => expect(await open(join(gzipSync("")))).toBe(""));
	test("several members", async () => expect(await open(join(gzip, gzipSync("more")))).toBe(`${content}more`));
	test("zeros after it", async () => expect(await open(join(gzip, zeros(512)))).toBe(content.toString()));
	test("several members, in chunks of any size", async () => {
		const packed = join(gzip, gzipSync("more"), zeros(2), gzipSync("most"));
		for (const size of [1, 7, gzip.length - 1, gzip.length, gzip.length + 1]) {
			expect(await open(packed, "gzip", {}, size)).toBe(`${content}moremost`);
		}
	});
	test("zeros between members", async () => {
		expect(await open(join(gzipSync("a"), zeros(3), gzipSync("b"), zeros(1), gzipSync("c"), zeros(9)))).toBe("abc");
	});
});

describe("damage is E_CONTAINER", () => {
	const gzip = gzipSync(content);
	const damaged = { code: "E_CONTAINER", message: expect.stringMatching(/^the (gzip|zlib) data is damaged: /) };

	test("at every length it may be cut to", async () => {
		for (let end = 1; end < gzip.length; end++) {
			await expect(open(join(gzip.subarray(0, end)))).rejects.toMatchObject(damaged);
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
	] as const)("%s", async (_, packed, format) => {
		await expect(open(packed, format)).rejects.toMatchObject(damaged);
	});

	test("an engine's error that is no Error", async () => {
		const engine = async function* (): AsyncGenerator<Uint8Array, number> {
			yield zeros(1);
			throw "a text";
		};
		await expect(unpacked(zeros(5), "zlib", {}, engine, 5)).rejects.toMatchObject(damaged);
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
		const opened = unpacked(zeros(50), "gzip", { maxDecompressedBytes: 10_500 }, endless, 50);
		await expect(opened).rejects.toMatchObject({ code: "E_LIMIT", limit: "maxDecompressedBytes" });
		expect(asked).toBe(11);
	});
});
