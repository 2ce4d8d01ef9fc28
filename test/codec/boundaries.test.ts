import { describe, expect, test } from "vitest";
import { EncodeSession, encodePayloads } from "../../src/codec/encode.ts";
import { type EncodeOptions, resolveEncodeOptions } from "../../src/codec/encode-options.ts";
import {
	DType,
	encodeChunks,
	LazyNDArray,
	openPickle,
	PyLazyBytes,
	readPickle,
	standardReducers,
} from "../../src/index.ts";
import type { Payload } from "../../src/opcodes/framer.ts";
import { ascii, joined, length, sparseSource, type WatchedSource } from "../support/sparse.ts";

const sizes = [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 8_000_000_000];

/** A pickle of one payload: `code` and its length, so many zeros, and what follows them. */
function payloadOf(protocol: number, code: string, size: number, width: 4 | 8, after = "."): WatchedSource {
	return sparseSource(
		joined(ascii(`\x80${String.fromCharCode(protocol)}${code}`), length(size, width)),
		size,
		ascii(after),
	);
}

const opcodes = [
	{ name: "BINBYTES", protocol: 3, code: "B", width: 4, kind: "bytes" },
	{ name: "BINUNICODE", protocol: 2, code: "X", width: 4, kind: "text" },
	{ name: "BINBYTES8", protocol: 4, code: "\x8e", width: 8, kind: "bytes" },
	{ name: "BINUNICODE8", protocol: 4, code: "\x8d", width: 8, kind: "text" },
	{ name: "BYTEARRAY8", protocol: 5, code: "\x96", width: 8, kind: "bytearray" },
] as const;

describe.each(opcodes)("$name", ({ protocol, code, width, kind }) => {
	test.each(sizes.filter((size) => size < 2 ** (8 * width)))("of %i bytes stays where it is", async (size) => {
		const source = payloadOf(protocol, code, size, width);
		const { value } = await openPickle(source);
		expect(value).toMatchObject({ kind, byteLength: size, offset: 3 + width });
		expect(source.reads.length).toBeLessThanOrEqual(4);
		expect(source.reads.reduce((sum, read) => sum + read.length, 0)).toBeLessThanOrEqual(65536);
		expect(await (value as PyLazyBytes).readSlice(size - 5, size)).toEqual(new Uint8Array(5));
	});

	test.each(sizes.filter((size) => size < 2 ** (8 * width)))("of %i bytes, one of which is missing", async (size) => {
		const source = sparseSource(joined(ascii(`\x80\x05${code}`), length(size, width)), size - 1);
		const expected = { code: "E_TRUNCATED", offset: 2, end: source.size };
		await expect(openPickle(source)).rejects.toMatchObject(expected);
		await expect(readPickle(source)).rejects.toMatchObject(expected);
	});
});

test.each([2 ** 53, 2 ** 63, 2 ** 64 - 2 ** 32])(
	"a length of %i is refused before anything is allocated",
	async (size) => {
		const source = sparseSource(joined(ascii("\x80\x04\x8e"), length(size, 8)), 1000, ascii("."));
		await expect(readPickle(source)).rejects.toMatchObject({ code: "E_TRUNCATED" });
		await expect(openPickle(source)).rejects.toMatchObject({ code: "E_TRUNCATED" });
	},
);

describe("BINSTRING", () => {
	test("of 2^31 - 1 bytes", async () => {
		const { value } = await openPickle(payloadOf(2, "T", 2 ** 31 - 1, 4));
		expect(value).toMatchObject({ kind: "str", byteLength: 2 ** 31 - 1 });
	});

	test.each([2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1])(
		"of %i bytes: its length is signed, unless the caller says",
		async (size) => {
			const source = payloadOf(2, "T", size, 4);
			await expect(openPickle(source)).rejects.toMatchObject({
				code: "E_LENGTH",
				message: expect.stringContaining(`${size} unsigned, which fits the input`),
			});
			const { value } = await openPickle(source, { binstring: "unsigned" });
			expect(value).toMatchObject({ kind: "str", byteLength: size });
		},
	);

	test("with encoding: bytes is bytes", async () => {
		const { value } = await openPickle(payloadOf(2, "T", 1e9, 4), { encoding: "bytes" });
		expect(value).toMatchObject({ kind: "bytes" });
	});
});

describe("FRAME", () => {
	test.each(sizes)("around a payload, of %i bytes", async (size) => {
		const frame = joined(ascii("\x80\x04\x95"), length(size, 8), ascii("\x8e"), length(size - 10, 8));
		const { value } = await openPickle(sparseSource(frame, size - 10, ascii(".")));
		expect(value).toMatchObject({ byteLength: size - 10 });
	});

	test.each(sizes)("of %i bytes, which ends after the input", async (size) => {
		const source = sparseSource(ascii("\x80\x04\x95"), length(size, 8), ascii("N."), size - 3);
		await expect(openPickle(source)).rejects.toMatchObject({ code: "E_FRAME", offset: 2 });
	});

	test("that the payload crosses", async () => {
		const frame = joined(ascii("\x80\x04\x95"), length(2 ** 32, 8), ascii("\x8e"), length(2 ** 32, 8));
		await expect(openPickle(sparseSource(frame, 2 ** 32, ascii(".")))).rejects.toMatchObject({ code: "E_FRAME" });
	});
});

/** A pickle as numpy writes it, with so many bytes of zeros for data, at protocol 4 or 5. */
function arrayPickle(items: number, protocol: 4 | 5 = 4): WatchedSource {
	const lazy = new PyLazyBytes(sparseSource(items), 0, items, "bytes");
	const array = new LazyNDArray(lazy, DType.of("u1"), [items], "C");
	const parts = [...payloads(array, { protocol })];
	return sparseSource(...parts.map((part) => (part instanceof Uint8Array ? part : part.byteLength)));
}

function payloads(value: unknown, options: EncodeOptions): Iterable<Payload> {
	return encodePayloads(value, new EncodeSession(resolveEncodeOptions(options, standardReducers)));
}

describe("ndarrays", () => {
	test.each(sizes)("of %i bytes: at most 4 reads and 64 KiB open them", async (size) => {
		const source = arrayPickle(size);
		const file = await openPickle(source);
		expect(file.value).toBeInstanceOf(LazyNDArray);
		expect(file.value).toMatchObject({ shape: [size], order: "C", size });
		expect(source.reads.length).toBeLessThanOrEqual(4);
		expect(source.reads.reduce((sum, read) => sum + read.length, 0)).toBeLessThanOrEqual(65536);
		const array = file.value as LazyNDArray;
		expect((await array.readRows(size - 3, size)).data).toEqual(new Uint8Array(3));
		await file.close();
		expect(source.closed).toBe(true);
	});

	test("whose data is one byte short", async () => {
		const data = new PyLazyBytes(sparseSource(2 ** 32), 0, 2 ** 32, "bytes");
		const array = new LazyNDArray(data, DType.of("u1"), [2 ** 32 + 1], "C");
		const parts = [...payloads(array, {})];
		const source = sparseSource(...parts.map((part) => (part instanceof Uint8Array ? part : part.byteLength)));
		await expect(openPickle(source)).rejects.toMatchObject({ code: "E_REDUCER" });
	});
});

describe("what is written around payloads that lie in a file", () => {
	const lazy = (size: number, kind: PyLazyBytes["kind"] = "bytes") =>
		new PyLazyBytes(sparseSource(size), 0, size, kind);
	/** The bytes before the payload from the last opcode on, and what follows it. */
	const around = (size: number, kind: PyLazyBytes["kind"], options: EncodeOptions, width: number) => {
		const parts = [...payloads(lazy(size, kind), options)];
		const at = parts.findIndex((part) => !(part instanceof Uint8Array));
		expect(parts[at]?.byteLength).toBe(size);
		const before = joined(...(parts.slice(0, at) as Uint8Array[]));
		const after = joined(...(parts.slice(at + 1) as Uint8Array[]));
		return { head: Buffer.from(before.subarray(-width - 1)), before: before.length, after: Buffer.from(after) };
	};

	test.each(sizes)("bytes of %i at protocol 4, outside frames", (size) => {
		const wide = size >= 2 ** 31;
		const { head, before, after } = around(size, "bytes", {}, wide ? 8 : 4);
		expect(head).toEqual(Buffer.from(joined(ascii(wide ? "\x8e" : "B"), length(size, wide ? 8 : 4))));
		expect(before).toBe(2 + head.length);
		expect(after.toString("latin1")).toBe("\x94.");
	});

	test.each(sizes)("text of %i at protocol 4, bytearrays at protocol 5", (size) => {
		const wide = size >= 2 ** 31;
		const text = around(size, "text", {}, wide ? 8 : 4).head;
		expect(text).toEqual(Buffer.from(joined(ascii(wide ? "\x8d" : "X"), length(size, wide ? 8 : 4))));
		expect(around(size, "bytearray", { protocol: 5 }, 8).head).toEqual(
			Buffer.from(joined(ascii("\x96"), length(size, 8))),
		);
	});

	test.each(sizes)("bytes and text of %i at protocol 3: unsigned 32 bits", (size) => {
		const fits = size < 2 ** 32;
		for (const [kind, code, name] of [
			["bytes", "B", "bytes object"],
			["text", "X", "string"],
		] as const) {
			if (fits) {
				const { head } = around(size, kind, { protocol: 3 }, 4);
				expect(head).toEqual(Buffer.from(joined(ascii(code), length(size, 4))));
				continue;
			}
			expect(() => [...payloads(lazy(size, kind), { protocol: 3 })]).toThrow(
				expect.objectContaining({
					code: "E_OVERFLOW",
					message: expect.stringContaining(
						`serializing a ${name} larger than 4 GiB requires pickle protocol 4 or higher`,
					),
				}),
			);
		}
	});

	test.each(sizes)("bytes of %i for Python 2: signed 32 bits", (size) => {
		if (size < 2 ** 31) {
			expect(around(size, "bytes", { python: 2 }, 4).head).toEqual(Buffer.from(joined(ascii("T"), length(size, 4))));
			return;
		}
		expect(() => [...payloads(lazy(size), { python: 2 })]).toThrow(
			expect.objectContaining({
				code: "E_OVERFLOW",
				message: expect.stringContaining("'i' format requires -2147483648 <= number <= 2147483647"),
			}),
		);
		const split = [...payloads(lazy(size), { python: 2, overflow: "split" })].filter(
			(part) => !(part instanceof Uint8Array),
		);
		expect(split.every(({ byteLength }) => byteLength <= 2 ** 30)).toBe(true);
		expect(split.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBe(size);
		const promoted = around(size, "bytes", { python: 2, overflow: "promote" }, 8);
		expect(promoted.head).toEqual(Buffer.from(joined(ascii("\x8e"), length(size, 8))));
	});

	test.each(sizes)("an array of %i bytes is split for Python 2, and comes back", async (size) => {
		const array = new LazyNDArray(lazy(size), DType.of("u1"), [size], "C");
		const parts = [...payloads(array, { python: 2, overflow: "split" })];
		const pieces = parts.filter((part) => !(part instanceof Uint8Array));
		expect(pieces.length).toBe(size < 2 ** 31 ? 1 : Math.ceil(size / 2 ** 30));
	});

	test("encodeChunks cannot give them out", () => {
		expect(() => [...encodeChunks(lazy(2 ** 32))]).toThrow(expect.objectContaining({ code: "E_UNENCODABLE" }));
	});
});
