import { Buffer } from "node:buffer";
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { bunzip2 } from "../../src/containers/bz2.ts";
import { webCodecs } from "../../src/containers/codecs.ts";
import { type PackedFormat, packedFormat } from "../../src/containers/packed.ts";
import { type Codec, unpack } from "../../src/containers/unpack.ts";
import { readPickle } from "../../src/index.ts";
import { type Limits, resolveLimits } from "../../src/limits.ts";
import { nodeCodecs } from "../../src/node/codecs.ts";
import { samples } from "./samples.ts";

const content = Array.from({ length: 300 }, (_, i) => `line ${i}\n`).join("");

async function open(packed: Uint8Array, codecs = webCodecs, limits: Partial<Limits> = {}, size = 1 << 16) {
	const format = packedFormat(packed) as PackedFormat;
	const chunks = async function* () {
		for (let at = 0; at < packed.length; at += size) yield packed.subarray(at, at + size);
	};
	const load = codecs[format] as () => Promise<Codec>;
	const pieces: Uint8Array[] = [];
	for await (const piece of unpack(chunks(), format, load, resolveLimits(limits))) pieces.push(piece.slice());
	return Buffer.concat(pieces).toString();
}

const all = Object.entries({
	gzip: gzipSync(content),
	zlib: deflateSync(content),
	...Object.fromEntries(Object.entries(samples).map(([name, text]) => [name, Buffer.from(text, "base64")])),
}).map(([name, packed]) => ({ name, packed: new Uint8Array(packed), format: packedFormat(packed) as PackedFormat }));

/** Of these only one member is read. */
const isSingle = (format: PackedFormat) => format === "zlib" || format === "lzma";

const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const damaged = { code: "E_CONTAINER", message: expect.stringMatching(/^the \w+ data is damaged: /) };

describe.each([
	["in browsers", webCodecs],
	["in Node", nodeCodecs],
] as const)("%s", (_, codecs) => {
	describe.each(all)("$name", ({ packed, format, name }) => {
		test("is unpacked, in chunks of any size", async () => {
			for (const size of [1 << 16, 1, 13]) expect(await open(packed, codecs, {}, size)).toBe(content);
		});

		test("with several members, also where chunks end with one", async () => {
			const two = join(packed, packed);
			for (const size of [1 << 16, packed.length, 5]) {
				const opened = open(two, codecs, {}, size);
				if (isSingle(format)) await expect(opened).rejects.toMatchObject(damaged);
				else expect(await opened).toBe(content + content);
			}
		});

		test("with zeros behind it", async () => {
			expect(await open(join(packed, new Uint8Array(16)), codecs)).toBe(content);
		});

		test("with other bytes behind it", async () => {
			await expect(open(join(packed, Buffer.from("trailing bytes")), codecs)).rejects.toMatchObject(damaged);
		});

		test("cut at every byte", async () => {
			for (let end = 16; end < packed.length; end++) {
				await expect(open(packed.subarray(0, end), codecs), `cut at ${end}`).rejects.toMatchObject(damaged);
			}
		});

		test("with any bit of its data turned, where it has a checksum", async () => {
			if (/without|lzma/.test(name)) return;
			for (let at = packed.length >> 2; at < packed.length; at += 7) {
				const wrong = packed.slice();
				(wrong[at] as number) ^= 1 << (at % 8);
				const opened = await open(wrong, codecs).catch((error) => error);
				if (opened !== content) expect(opened, `at ${at}`).toMatchObject(damaged);
			}
		});

		test("within the limits", async () => {
			const limits = { maxDecompressedBytes: content.length - 1 };
			await expect(open(packed, codecs, limits)).rejects.toMatchObject({ code: "E_LIMIT" });
			await expect(open(packed, codecs, { maxRatio: 1 })).rejects.toMatchObject({ code: "E_LIMIT" });
		});
	});
});

test("an xz file with a filter for programs is refused by name", async () => {
	const packed = new Uint8Array(
		Buffer.from("/Td6WFoAAATm1rRGAgEEACEBFgANhjUf4AodAPZdADYaSh8IoCXB3pS6kMw7Kx81OvJf1Z5+c7Le6vfCLQQnMQ==", "base64"),
	);
	await expect(open(packed)).rejects.toMatchObject({
		code: "E_CONTAINER",
		message: expect.stringContaining("xz -d reads it"),
	});
});

describe("frames for others to read, which zstandard and lz4 have alike, are gone past", () => {
	const skipped = (length: number) =>
		join(Buffer.from([0x5e, 0x2a, 0x4d, 0x18, length & 255, length >> 8, 0, 0]), new Uint8Array(length));

	describe.each([
		["in browsers", webCodecs],
		["in Node", nodeCodecs],
	] as const)("%s", (_, codecs) => {
		test.each(["zstd", "lz4"] as const)("%s", async (name) => {
			const packed = new Uint8Array(Buffer.from(samples[name], "base64"));
			for (const length of [0, 5, 3000]) {
				const skip = skipped(length);
				expect(await open(join(packed, skip), codecs)).toBe(content);
				expect(await open(join(packed, skip, skip, packed), codecs)).toBe(content + content);
				expect(packedFormat(join(skip, skip, packed))).toBe(name);
				expect(await open(join(skip, packed, skip), codecs)).toBe(content);
				await expect(open(join(packed, skip.subarray(0, 7)), codecs)).rejects.toMatchObject(damaged);
			}
		});
	});

	test("a pickle that begins as one is a pickle", async () => {
		const text = new Uint8Array(0x184d2a).fill(97);
		const unicode = join(Buffer.from([0x58, 0x2a, 0x4d, 0x18, 0]), text, Buffer.from("."));
		const str = Buffer.from(`U\x2aM\x18${"a".repeat(40)}.`, "latin1");
		for (const pickle of [unicode, new Uint8Array(str)]) {
			const read = await readPickle(new Blob([pickle]));
			expect((read as string).length).toBe(pickle === unicode ? 0x184d2a : 42);
			expect((await readPickle([pickle.subarray(0, 3), pickle.subarray(3)])) === read).toBe(true);
		}
	});
});

test("an old lzma file may have both its size and an end marker", async () => {
	const packed = new Uint8Array(Buffer.from(samples.lzma, "base64"));
	const sized = join(packed);
	new DataView(sized.buffer).setBigUint64(5, BigInt(content.length), true);
	expect(await open(sized)).toBe(content);
	await expect(open(join(sized, Buffer.from("more")))).rejects.toMatchObject(damaged);
	for (const wrong of [content.length - 1, content.length + 1]) {
		new DataView(sized.buffer).setBigUint64(5, BigInt(wrong), true);
		await expect(open(sized)).rejects.toMatchObject(damaged);
	}
});

describe("zstandard frames of a few bytes", () => {
	const frame = (flags: number, header: string, body: string) =>
		Buffer.concat([Buffer.from("28b52ffd", "hex"), Buffer.of(flags), Buffer.from(header + body, "hex")]);
	const nothing = frame(0x20, "00", "010000");
	const rows = [
		["of a raw block", frame(0x20, "02", "1100004e2e")],
		["of a raw block without a size", frame(0, "00", "1100004e2e")],
		["of two blocks", frame(0x20, "02", "0800004e0900002e")],
		["of an empty block at last", frame(0x20, "02", "1000004e2e010000")],
	] as const;

	test.each(rows)("%s are unpacked", async (_, packed) => {
		for (const codecs of [webCodecs, nodeCodecs]) {
			expect(await open(new Uint8Array(packed), codecs)).toBe("N.");
			expect(await open(join(nothing, packed, nothing, packed), codecs)).toBe("N.N.");
		}
	});

	test("as many as a file has", async () => {
		const packed = join(...new Array<Uint8Array>(20_000).fill(nothing), rows[0][1]);
		for (const codecs of [webCodecs, nodeCodecs]) expect(await open(packed, codecs)).toBe("N.");
	});

	test("of a repeated byte are unpacked, and with a wrong checksum refused", async () => {
		const repeated = frame(0x24, "04", "23000061d7cddcc6");
		for (const codecs of [webCodecs, nodeCodecs]) {
			await expect(open(join(repeated), codecs)).rejects.toMatchObject(damaged);
			const right = join(repeated.subarray(0, -4), Buffer.from("32bf84bf", "hex"));
			expect(await open(right, codecs)).toBe("aaaa");
		}
	});
});

describe("zstandard's window", () => {
	/** Bytes that look like any others, packed below by zstd. */
	const noise = (seed: number) => {
		let state = seed;
		return Buffer.from({ length: 600 }).map(() => {
			state = Number((BigInt(state) * 1103515245n + 12345n) & 0x7fffffffn);
			return (state >> 16) & 255;
		});
	};
	const packed = new Uint8Array(
		Buffer.from(
			"KLUv/QRQHBMAlCXGfoFrS/vi+1T2vd98HOGHAb8x3lZyD0dnZodZqog8WepWE3vShaHYPFRVLzeuZVvaAnmYzOMado5f2ZmPHz827kN4TQ36vqba5IaO3CltTv9W4XAg+4+xWAWQxQncU82qO0iZUtNSnQaf6rXCBhOYSbIBHqwyiDGcUkaVcTaPV/Y5HRb6iHT1mHwXXEG7bXGOD3BZxwEbLzM9kcAdpQ0NqzONfl6PPuZodKY6scOTEahkx9vK4GDh878JAGei4yWgITGH1WLFqE9+LglrlJ+wbameWgtGcIC2z0cMpqUq2Kz7oOu3eSRyI5JIgMWmp4W314yQ5KtjRFJm45wzJfleqrpzYF1LcX6+qYxXGXHDyl7lKjOsiFFmoXt1Z2Saae9vVkKgHVHFAve7kkW+bw22OMwQ/btUURx7B5Qnk32Sw9TGpWFRATg4p7/xBA0Vm4Afg9WkaYh8n7YB2pMXRYsSsgIzXFDW4VakrUJKXN2GYekDEuEPm+omLGHcYkhrbRTgA4VKckbalsh9HNEFPuWScENfbAMFs+uzIDVNfmZQATbAM+EPyTgu6SkZT16x0UmLO1P9nz/uJSU1ew0Rr0wRjDLU2n/YFlfhps59wa5ivxPkh0w6wbMMWZlHWFq9eHy6UAHtG+qKSYju1hSFq7As3jWTES0BHNcoQzDnsAjteZkTUdI6d609tPjHygMi0snGJw8Ezno/wGgsz3JqCcJCAHJeQTT4lmk/vTpYkYvhzKKxkt13oTX+80u8seM3EQ3HZb7xYeVeBv81x3aJXfRuSsy1VH7xFcgAAQBZSPvJXRoCABAAdAAAAAIAxWk7lqAcaizoDggCABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAEQAAAABAP3/zAsQAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAEQAAAABAP3/zAsQAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAEQAAAABAP3/zAsQAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAEQAAAABAP3/zAsQAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQADwTAJQljCH/cu3XGNlOE5UT3Btj/JMG9r+c5QbgbbAKBZ/ydYeONLO8syviAsChUYyAI7nsbW89ZA6cI+wXB1ADPwGFNt86XHFP7AAJAMevhVmg8TBT2JVf041wgsqD1e0P0dNk90sxaLqzK0SFnunWXijDHrxXN4jiUKb5/zzRnAf3F2lPf2x66xcZDcc+NliIU+cQIAVZuDN8e6otSX3mIA4Jnl7tRH3asYO7P7/N4s67FV34+TTFv6qo683DD6VRrGFZna7wS4EZIaZlOOhMKPYFXbxMAIl9cuUWVsHAsJJq1/SD2aq71eerJq/CvW6PnG5p4hb122Zr6oJAXcff3eAjxomHqKXQstmUmHWGIPpHCtflb0uTcS5vhwStXgsnpfwnJtAj4WkTY0eVaHk7Yo2QATpuOYmXUyx9Gsm8C2pSHG/SzFRHmaEBliC0z5W+B7c+XCz5ls9x2b34yxm2nX459waScbBX9mrcsXHACAdMOebAwcKRESItnhnJrea5ww0WOTuz85yoWG6/toRrNPXMUeBEzFJW++J38tuvc7a3TiTk31LoX0+CpcKcVJc9mirYNM5OsZaXr6L9G1kzivK2eX6VhmeZhZ/aMztmYhvTCdEzd4KGyIxLd7Kf4QAvDvttgHaHSEHgaWSJqvKmxjcillVWnqnkc3BMiICBsJ2h1lhhmo1kT/mWmz0CMjo0Xy1+E4Tb8+Lk1Hv31W8dy0T/k5oY0JK8Z+DXxltd9mDi4+LkGXI7vHYwW3i35B6xji51ogmIqn/D/XCczauyP1r6GEEsmVlnwj1DAAIAWSgwjs/GYnJnBQIAEAACABAAbQAAAAIAVXYsQRUUb+wOCHiOK6s=",
			"base64",
		),
	);

	test("is what came last, however much came before", async () => {
		const twice = (seed: number) => [noise(seed), new Uint8Array(300_000), noise(seed)];
		const whole = join(...twice(1), new Uint8Array(20_000_000), ...twice(2));
		for (const codecs of [webCodecs, nodeCodecs])
			expect((await open(packed, codecs, { maxRatio: 1e6 })) === Buffer.from(whole).toString()).toBe(true);
	});

	test("of 128 MiB costs blocks of a byte nothing", async () => {
		const blocks = Buffer.alloc(4 * 20_000, "0a000061", "hex");
		const frame = join(Buffer.from("28b52ffd0088", "hex"), blocks, Buffer.from("1100004e2e", "hex"));
		expect(await open(frame)).toBe(`${"a".repeat(20_000)}N.`);
	});
});

test("a bz2 block that unpacks to very much is stopped by the limit before it is whole", async () => {
	const zeros = new Uint8Array(
		Buffer.from("QlpoOTFBWSZTWdOl3HwATJfAEMAAAAgACCAAMMwFKaaqRFGwFEUeLuSKcKEhp0u4+A==", "base64"),
	);
	let given = 0;
	const chunks = async function* () {
		yield zeros;
	};
	const opened = (async () => {
		const limits = resolveLimits({ maxDecompressedBytes: 1_000_000, maxRatio: 1e6 });
		for await (const piece of unpack(chunks(), "bz2", async () => bunzip2, limits)) given += piece.length;
	})();
	await expect(opened).rejects.toMatchObject({
		code: "E_LIMIT",
		message: expect.stringMatching(/^the data unpacks to 1[0-2]\d{5} bytes or more/),
	});
	expect(given).toBeLessThanOrEqual(1_000_000);
	expect((await open(zeros, webCodecs, { maxRatio: 1e6 })).length).toBe(10_000_000);
});

test("many bz2 streams of nothing cost no more than their bytes", async () => {
	const nothing = Buffer.from("QlpoORdyRThQkAAAAAA=", "base64");
	const packed = join(...new Array<Uint8Array>(3000).fill(nothing), Buffer.from(samples.bz2, "base64"));
	expect(await open(packed, webCodecs, { maxRatio: 1000 }, 1 << 22)).toBe(content);
});

test("xz files do not wait for each other, also where one is given up or stalls", async () => {
	const packed = new Uint8Array(Buffer.from(samples.xz, "base64"));
	const stalled = new ReadableStream<Uint8Array>({ start: (own) => own.enqueue(packed.slice(0, 300)) });
	const controller = new AbortController();
	const reading = readPickle(stalled, { signal: controller.signal });
	await new Promise((resolve) => setTimeout(resolve, 50));
	const limits = { maxDecompressedBytes: 5 };
	const opened = await Promise.allSettled([open(packed), open(packed, webCodecs, limits), open(packed)]);
	expect(opened.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
	controller.abort("enough");
	await expect(reading).rejects.toBe("enough");
});
