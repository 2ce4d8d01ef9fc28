import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	type ByteStream,
	type DecodeOptions,
	decode,
	decodeAll,
	decodeStream,
	encode,
	isPickleError,
	PyDict,
	type PyValue,
	type ReadingOptions,
	type StreamOptions,
} from "../../src/index.ts";
import * as op from "../../src/opcodes/table.ts";
import { assemble, uint4, uint8 } from "../support/assemble.ts";

async function collect(stream: ByteStream, options?: DecodeOptions & ReadingOptions): Promise<PyValue[]> {
	const values: PyValue[] = [];
	for await (const value of decodeStream(stream, options)) values.push(value);
	return values;
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

const large = new Uint8Array(200_000).map((_, i) => i * 7);

/** Pickles of all kinds of arguments: frames, lines, payloads below and above what goes straight to its final memory. */
const everything = assemble(
	[
		op.PROTO,
		4,
		op.FRAME,
		uint8(28),
		op.EMPTY_LIST,
		op.MEMOIZE,
		op.MARK,
		op.BININT,
		uint4(-5),
		op.BINFLOAT,
		64,
		9,
		0,
		0,
		0,
		0,
		0,
		0,
	],
	[op.SHORT_BINUNICODE, 5, "ab\xe2\x82\xac", op.NONE, op.NEWTRUE, op.BINGET, 0],
	[op.BINBYTES, uint4(large.length), large, op.BINUNICODE, uint4(70_000), "x".repeat(70_000)],
	[
		op.GLOBAL,
		"builtins\nset\n",
		op.EMPTY_TUPLE,
		op.REDUCE,
		op.UNICODE,
		"line \\u20ac\n",
		op.INT,
		"42\n",
		op.LONG,
		`${"9".repeat(300)}L\n`,
	],
	[
		op.BYTEARRAY8,
		uint8(3),
		"abc",
		op.STRING,
		"'quoted'\n",
		op.EMPTY_DICT,
		op.NONE,
		op.NONE,
		op.SETITEM,
		op.APPENDS,
		op.STOP,
	],
	[op.NONE, op.STOP],
	[op.PROTO, 4, op.FRAME, uint8(4), op.EMPTY_LIST, op.NONE, op.APPEND, op.STOP],
);
const expected = [...decodeAll(everything)].map(comparable);

/** With bytes as text, which is compared in no time. */
function comparable(value: PyValue): PyValue {
	if (!Array.isArray(value)) return value;
	return value.map((item) =>
		item instanceof Uint8Array ? Buffer.from(item).toString("latin1") : item === value ? "itself" : item,
	);
}

async function expectEverything(stream: ByteStream, options?: StreamOptions): Promise<void> {
	expect((await collect(stream, options)).map(comparable)).toEqual(expected);
}

describe("a stream in chunks of any size gives what decodeAll gives", () => {
	test.each([1, 2, 3, 7, 64, 1000, 65_535, 65_536, 65_537, 200_000, 1e9])("%i bytes", async (size) => {
		await expectEverything(cut(everything, size));
		await expectEverything(cut(everything, size), { size: everything.length });
	});

	test("any cuts, also empty chunks", async () => {
		const cuts = fc.array(fc.nat(everything.length), { maxLength: 30 });
		await fc.assert(
			fc.asyncProperty(cuts, async (places) => {
				const sorted = [0, ...places.sort((a, b) => a - b), everything.length];
				const chunks = sorted.slice(1).map((end, i) => everything.slice(sorted[i], end));
				await expectEverything(chunks);
			}),
			{ numRuns: 50 },
		);
	});
});

describe("a stream may be", () => {
	const pickle = assemble(op.EMPTY_LIST, op.NONE, op.APPEND, op.STOP);
	async function* later() {
		for (const chunk of cut(pickle, 2)) {
			await new Promise((resolve) => setTimeout(resolve, 1));
			yield chunk;
		}
	}

	test.each<[string, () => ByteStream]>([
		["an array of chunks", () => [...cut(pickle, 2)]],
		["a generator", () => cut(pickle, 1)],
		["an async generator", () => later()],
		["a ReadableStream", () => new Blob([pickle]).stream()],
		["a ReadableStream that is not iterable, as in some browsers", () => readerOnly(new Blob([pickle]).stream())],
		["chunks that are Buffers", () => [Buffer.from(pickle)]],
		["chunks of shared memory", () => [sharedCopy(pickle)]],
	])("%s", async (_name, stream) => {
		expect(await collect(stream())).toEqual([[null]]);
	});

	test.each([undefined, null, 5, {}, [5], ["text"], [new ArrayBuffer(2)]])("%o is a TypeError", async (stream) => {
		await expect(collect(stream as never)).rejects.toThrow(TypeError);
	});
});

function readerOnly(stream: ReadableStream<Uint8Array>): ByteStream {
	return { getReader: () => stream.getReader() } as unknown as ByteStream;
}

function sharedCopy(bytes: Uint8Array): Uint8Array {
	const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
	copy.set(bytes);
	return copy;
}

describe("values come as soon as they are whole", () => {
	test("each before the next is asked for", async () => {
		const log: unknown[] = [];
		async function* source() {
			for (const byte of [op.BININT1, 1, op.STOP, op.BININT1, 2, op.STOP]) {
				log.push(`chunk ${byte}`);
				yield Uint8Array.of(byte);
			}
		}
		for await (const value of decodeStream(source())) log.push(value);
		const chunks = [op.BININT1, 1, op.STOP, op.BININT1, 2, op.STOP].map((byte) => `chunk ${byte}`);
		expect(log).toEqual([...chunks.slice(0, 3), 1, ...chunks.slice(3), 2]);
	});

	test.each([
		["a generator", (close: () => void) => closing(close)],
		["a reader", (close: () => void) => readerOnly(cancelled(close))],
	])("who wants no more closes %s", async (_name, source) => {
		let closed = 0;
		for await (const value of decodeStream(source(() => closed++))) {
			expect(value).toBeNull();
			break;
		}
		expect(closed).toBe(1);
	});

	test("so does a failure", async () => {
		let closed = 0;
		function* source() {
			try {
				for (;;) yield Uint8Array.of(0xff);
			} finally {
				closed++;
			}
		}
		await expect(collect(source())).rejects.toMatchObject({ code: "E_OPCODE" });
		expect(closed).toBe(1);
	});
});

function* closing(close: () => void) {
	try {
		for (;;) yield Uint8Array.of(op.NONE, op.STOP);
	} finally {
		close();
	}
}

function cancelled(cancel: () => void): ReadableStream<Uint8Array> {
	return new ReadableStream({
		pull: (controller) => controller.enqueue(Uint8Array.of(op.NONE, op.STOP)),
		cancel,
	});
}

describe("lengths that lie", () => {
	const claimed = (length: number | bigint) => assemble(op.NONE, op.BINBYTES8, uint8(length), "abc");

	test.each([100, 70_000, 2 ** 40, 2n ** 63n])("%s bytes: the end of the stream is found", async (length) => {
		for (const size of [1, 5, 100]) {
			const reading = collect(cut(claimed(length), size));
			await expect(reading).rejects.toMatchObject({ code: "E_TRUNCATED", offset: 1, opcode: "BINBYTES8", end: 13 });
		}
	});

	test("with a size nothing is read for what cannot fit it", async () => {
		let chunks = 0;
		function* endless() {
			yield claimed(2 ** 40);
			for (; ; chunks++) yield new Uint8Array(1000);
		}
		await expect(collect(endless(), { size: 1e6 })).rejects.toMatchObject({ code: "E_TRUNCATED", offset: 1 });
		expect(chunks).toBeLessThan(2);
	});

	test("what the runtime cannot hold is E_TOO_LARGE", async () => {
		const reading = collect([claimed(2 ** 50)], { size: 2 ** 52 });
		await expect(reading).rejects.toMatchObject({ code: "E_TOO_LARGE", offset: 1, opcode: "BINBYTES8" });
	});

	test("a size that is too large is the end that comes too early", async () => {
		const pickle = assemble(op.BINBYTES, uint4(70_000), "abc");
		await expect(collect([pickle], { size: 80_000 })).rejects.toMatchObject({ code: "E_TRUNCATED", end: 8 });
	});
});

describe("a payload of a stream is in memory of its own", () => {
	test.each([undefined, 300_006])("and of its own size, if size is %s", async (size) => {
		const pickle = assemble(op.BINBYTES, uint4(300_000), new Uint8Array(300_000).fill(9), op.STOP);
		const [value] = (await collect(cut(pickle, 4096), { size })) as [Uint8Array];
		expect(value).toHaveLength(300_000);
		expect(value.every((byte) => byte === 9)).toBe(true);
		expect(value.byteLength).toBe(value.buffer.byteLength);
	});

	test("which grows as it comes, where no size is given", async () => {
		const length = 5_000_000;
		const pickle = assemble(op.BINBYTES, uint4(length), new Uint8Array(length).fill(9), op.STOP);
		const [value] = (await collect(cut(pickle, 70_000))) as [Uint8Array];
		expect([value.length, value.buffer.byteLength]).toEqual([length, length]);
		expect(value.every((byte) => byte === 9)).toBe(true);
	});

	test("LONG4 and the texts too", async () => {
		const pickle = assemble(
			[op.MARK, op.LONG4, uint4(70_000), new Uint8Array(69_999), 1, op.BINSTRING, uint4(70_000), "s".repeat(70_000)],
			[op.BINUNICODE8, uint8(70_000), "u".repeat(70_000), op.LIST, op.STOP],
		);
		expect(await collect(cut(pickle, 999))).toEqual([decode(pickle)]);
	});

	test("errors in it have the place", async () => {
		const pickle = assemble(op.NONE, op.LONG4, uint4(70_000), new Uint8Array(70_000), op.STOP);
		const reading = collect(cut(pickle, 999), { limits: { maxIntBytes: 66_000 } });
		await expect(reading).rejects.toMatchObject({ code: "E_LIMIT", offset: 1, opcode: "LONG4", limit: "maxIntBytes" });
		const text = assemble(op.NONE, op.BINUNICODE, uint4(70_000), "x".repeat(69_999), 0xff, op.STOP);
		await expect(collect(cut(text, 999))).rejects.toMatchObject({ code: "E_TEXT", offset: 1, opcode: "BINUNICODE" });
	});
});

describe("a source that fails", () => {
	async function* failing(error: unknown) {
		yield Uint8Array.of(op.EMPTY_LIST);
		throw error;
	}

	test.each([new Error("disk"), new TypeError("terminated"), "text", undefined])(
		"%s: E_SOURCE, with the cause",
		async (cause) => {
			const error = await collect(failing(cause)).catch((found: unknown) => found);
			expect(isPickleError(error, "E_SOURCE")).toBe(true);
			expect(error).toMatchObject({ message: expect.stringContaining("the stream failed after 1 bytes") });
			if (cause !== undefined) expect((error as Error).cause).toBe(cause);
		},
	);

	test("also within a payload", async () => {
		async function* source() {
			yield assemble(op.BINBYTES, uint4(70_000), "abc");
			throw new Error("disk");
		}
		await expect(collect(source())).rejects.toMatchObject({ code: "E_SOURCE" });
	});

	test("what was aborted rejects with the reason itself", async () => {
		const reason = new DOMException("enough", "AbortError");
		await expect(collect(failing(reason))).rejects.toBe(reason);
	});
});

test("lines of a stream are searched for their end once: single bytes stay linear", async () => {
	const digits = "7".repeat(4000);
	const pickle = assemble(op.MARK, ...Array.from({ length: 50 }, () => [op.LONG, `${digits}L\n`]), op.LIST, op.STOP);
	const [values] = (await collect(cut(pickle, 1))) as [bigint[]];
	expect(values).toHaveLength(50);
	expect(values.every((value) => value === BigInt(digits))).toBe(true);
});

test("a stream that is no pickle is named from its beginning", async () => {
	const gzip = assemble(0x1f, 0x8b, 8, 0, "some bytes");
	for (const size of [1, 3, 100]) await expect(collect(cut(gzip, size))).rejects.toMatchObject({ code: "E_CONTAINER" });
	async function* failing() {
		yield gzip.subarray(0, 3);
		throw new Error("disk");
	}
	await expect(collect(failing())).rejects.toMatchObject({ code: "E_CONTAINER" });
});

test("equal keys of dicts and sets are settled as in one piece", async () => {
	const pickle = assemble(
		op.EMPTY_DICT,
		op.BININT1,
		1,
		op.NONE,
		op.SETITEM,
		op.NEWTRUE,
		op.NEWTRUE,
		op.SETITEM,
		op.STOP,
	);
	expect(await collect(cut(pickle, 1))).toEqual([new PyDict([[1, true]])]);
});

test("a source may use a chunk's memory again for the next one", async () => {
	const pickle = encode([..."abcdefghijklmnopqrstuvwxyz"].map((letter) => letter.repeat(40)));
	async function* reusing(): AsyncGenerator<Uint8Array> {
		const memory = new Uint8Array(100);
		for (let i = 0; i < pickle.length; i += memory.length) {
			const part = pickle.subarray(i, i + memory.length);
			memory.set(part);
			yield memory.subarray(0, part.length);
			memory.fill(0xff);
		}
	}
	for await (const value of decodeStream(reusing())) expect(value).toEqual(decode(pickle));
});

describe("decodeStream is followed and ended as readPickle is", () => {
	const pickle = assemble(op.BINBYTES, uint4(100_000), new Uint8Array(100_000), op.STOP);

	test("onProgress is told how many bytes came, of how many", async () => {
		const told: unknown[] = [];
		const onProgress = (...args: unknown[]) => told.push(args);
		await collect(cut(pickle, 60_000), { size: pickle.length, onProgress });
		expect(told).toEqual([
			[60_000, 100_006],
			[100_006, 100_006],
		]);
	});

	test("a signal ends it with its reason", async () => {
		const controller = new AbortController();
		const stalled = (async function* () {
			yield pickle.subarray(0, 1000);
			controller.abort("why");
			await new Promise(() => {});
		})();
		await expect(collect(stalled, { signal: controller.signal })).rejects.toBe("why");
		await expect(collect([pickle], { signal: AbortSignal.abort("before") })).rejects.toBe("before");
		await expect(collect([pickle], { signal: 5 as never })).rejects.toThrow(TypeError);
	});

	test.each([pickle.length - 1, pickle.length + 1, 2 ** 63, 0])(
		"a size of %d that is wrong is an error",
		async (size) => {
			await expect(collect([pickle], { size })).rejects.toMatchObject({ name: "PickleError" });
			await expect(collect(cut(pickle, 999), { size })).rejects.toMatchObject({ name: "PickleError" });
		},
	);
});
