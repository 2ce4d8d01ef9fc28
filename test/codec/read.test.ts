import { afterEach, describe, expect, test } from "vitest";
import { bufferSource } from "../../src/bytes/source.ts";
import {
	type ByteSource,
	blobSource,
	bytesSource,
	encode,
	encodeChunks,
	LazyNDArray,
	NDArray,
	openPickle,
	type PickleSource,
	PyByteArray,
	PyLargeBytes,
	type PyLargeText,
	type PyLazyBytes,
	readPickle,
} from "../../src/index.ts";
import { memoryLimits } from "../../src/values/large.ts";
import { ascii, joined, sparseSource } from "../support/sparse.ts";

const floats = Float64Array.from({ length: 15_000 }, (_, i) => i / 7);
const value = () =>
	new Map<string, unknown>([
		["name", "ä"],
		["floats", floats],
		["bytes", new Uint8Array(70_000).fill(5)],
	]);
const pickle = encode(value());

/** Vitest takes seconds to compare large arrays. */
function expectSame(found: ArrayBufferView, expected: ArrayBufferView): void {
	const [left, right] = [found, expected].map((view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength));
	expect(left?.equals(right as Buffer)).toBe(true);
}

/** Gives at most so many bytes at once, and does not say how many there are. */
async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

function unsized(source: ByteSource): ByteSource {
	return { size: undefined, read: (into, offset) => source.read(into, offset) };
}

const sources: readonly (readonly [string, () => PickleSource])[] = [
	["bytes", () => pickle],
	["an ArrayBuffer", () => pickle.slice().buffer],
	["a Blob", () => new Blob([pickle as Uint8Array<ArrayBuffer>])],
	["a source of bytes", () => bytesSource(pickle)],
	["a source of a Blob", () => blobSource(new Blob([pickle as Uint8Array<ArrayBuffer>]))],
	["a source of a part of memory", () => bufferSource(joined(ascii("xyz"), pickle).buffer, 3)],
	["a source without size", () => unsized(bytesSource(pickle))],
	["an async iterable", () => chunks(pickle, 1000)],
	["an array of chunks", () => [pickle.subarray(0, 10), pickle.subarray(10)]],
	["a ReadableStream", () => new Blob([pickle as Uint8Array<ArrayBuffer>]).stream()],
];

describe("readPickle reads", () => {
	test.each(sources)("%s", async (_, source) => {
		const read = (await readPickle(source())) as Map<string, unknown>;
		expect([...read.keys()]).toEqual(["name", "floats", "bytes"]);
		const array = read.get("floats") as NDArray;
		expect(array).toBeInstanceOf(NDArray);
		expect(array.data).toEqual(floats);
		expect(read.get("bytes")).toEqual(new Uint8Array(70_000).fill(5));
	});

	test("payloads into memory of their own, which is aligned", async () => {
		const read = (await readPickle(bytesSource(pickle))) as Map<string, NDArray>;
		expect(read.get("floats")?.data).toMatchObject({ byteOffset: 0 });
		expect(read.get("floats")?.data).toHaveProperty("buffer.byteLength", floats.byteLength);
	});

	test("a text of a million characters, and one that crosses reads", async () => {
		const texts = ["ab€".repeat(400_000), ...Array.from({ length: 3000 }, (_, i) => `${i} ✓`.repeat(4))];
		expect(await readPickle(bytesSource(encode(texts)))).toEqual(texts);
	});
});

describe("readPickle refuses", () => {
	test("more than one pickle", async () => {
		for (const make of [(bytes: Uint8Array) => bytesSource(bytes), (bytes: Uint8Array) => chunks(bytes, 3)]) {
			const read = readPickle(make(joined(pickle, ascii("N."))));
			await expect(read).rejects.toMatchObject({ code: "E_TRAILING", offset: pickle.length });
		}
	});

	test("what is no source", async () => {
		for (const wrong of [5, null, undefined, {}, "text"]) {
			await expect(readPickle(wrong as never)).rejects.toThrow(TypeError);
		}
	});

	test("a cut at every place of what stands around data", async () => {
		const places = [...Array(200).keys(), pickle.length - 70_100, pickle.length - 5, pickle.length - 1];
		for (const end of places) {
			const whole = await readPickle(pickle.slice(0, end)).catch((error) => error);
			const cut = await readPickle(bytesSource(pickle.subarray(0, end))).catch((error) => error);
			expect(cut).toMatchObject({ code: whole.code, name: "PickleError", end: whole.end });
			await expect(openPickle(pickle.slice(0, end))).rejects.toMatchObject({ code: whole.code });
		}
	});

	test("a source that ends before its size", async () => {
		const source: ByteSource = { ...bytesSource(pickle.subarray(0, 100_000)), size: pickle.length };
		await expect(readPickle(source)).rejects.toMatchObject({ code: "E_SOURCE", end: 100_000 });
	});

	test("a stream that ends before the size that was given, or goes on behind it", async () => {
		const short = readPickle(chunks(pickle, 999), { size: pickle.length + 1 });
		await expect(short).rejects.toMatchObject({ name: "PickleError" });
		const long = readPickle(chunks(pickle, 999), { size: pickle.length - 1 });
		await expect(long).rejects.toMatchObject({ name: "PickleError" });
	});

	test("a source that changed by the end", async () => {
		const check = async () => {
			throw new Error("changed");
		};
		await expect(readPickle({ ...bytesSource(pickle), check })).rejects.toThrow("changed");
	});
});

describe("while it reads", () => {
	test.each(sources)("progress is told up to the end: %s", async (name, source) => {
		const told: [number, number | undefined][] = [];
		await readPickle(source(), { onProgress: (done, total) => void told.push([done, total]) });
		expect(told.at(-1)?.[0]).toBe(pickle.length);
		expect(told.every(([done], i) => i === 0 || done >= (told[i - 1] as [number, undefined])[0])).toBe(true);
		const isSized = !/without size|iterable|array of|Stream/.test(name);
		expect(told.at(-1)?.[1]).toBe(isSized ? pickle.length : undefined);
	});

	test.each(sources)("an abort ends it with its reason: %s", async (_, source) => {
		const reason = new Error("enough");
		await expect(readPickle(source(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
	});

	test("an abort in the midst", async () => {
		const controller = new AbortController();
		const onProgress = () => controller.abort("stop");
		const big = sparseSource(ascii("\x80\x04\x8e\0\0\0\x04\0\0\0\0"), 2 ** 26, ascii("."));
		await expect(readPickle(big, { onProgress, signal: controller.signal })).rejects.toBe("stop");
		expect(big.reads.length).toBeLessThanOrEqual(2);
	});

	test("an abort while a stream does not give its next chunk", async () => {
		const controller = new AbortController();
		const stuck = async function* () {
			yield pickle.subarray(0, 10);
			controller.abort("stop");
			await new Promise(() => {});
		};
		await expect(readPickle(stuck(), { signal: controller.signal })).rejects.toBe("stop");
	});
});

describe("what is longer than a Uint8Array or a string", () => {
	afterEach(() => {
		memoryLimits.view = Number.POSITIVE_INFINITY;
	});

	test("bytes and bytearrays are PyLargeBytes, text is PyLargeText, and all encode again", async () => {
		const text = "schön".repeat(20_000);
		const all = encode([new Uint8Array(100_000).fill(7), new PyByteArray(90_000), text], { protocol: 5 });
		memoryLimits.view = 80_000;
		const read = (await readPickle(bytesSource(all))) as [PyLargeBytes, PyLargeBytes, PyLargeText];
		expect(read[0]).toBeInstanceOf(PyLargeBytes);
		expect(read.map(({ kind, byteLength }) => [kind, byteLength])).toEqual([
			["bytes", 100_000],
			["bytearray", 90_000],
			["text", 120_000],
		]);
		expect([...read[2].chunks(1000)].join("")).toBe(text);
		const again = encode(read, { protocol: 5 });
		expectSame(joined(...encodeChunks(read, { protocol: 5 })), again);
		memoryLimits.view = Number.POSITIVE_INFINITY;
		// A text of this kind has a number in the memo: it is one object wherever it stands.
		expectSame(encode(await readPickle(bytesSource(again)), { protocol: 5 }), all);
	});

	test("an array whose elements are wider is one typed array", async () => {
		const array = encode(floats);
		memoryLimits.view = 100_000;
		const read = (await readPickle(bytesSource(array))) as NDArray;
		expectSame(read.data as Float64Array, floats);
		expectSame(joined(...encodeChunks(read)), array);
	});

	test("memory that a caller has", () => {
		const bytes = new Uint8Array(100_000).fill(9);
		const expected = encode(bytes);
		memoryLimits.view = 65_536;
		for (const same of [bytes, bytes.buffer, new DataView(bytes.buffer), new PyLargeBytes(bytes.buffer)]) {
			expectSame(joined(...encodeChunks(same)), expected);
		}
	});

	test("out-of-band buffers", async () => {
		memoryLimits.view = 65_536;
		const buffers: (Uint8Array | PyLargeBytes)[] = [];
		const onBuffer = (buffer: Uint8Array | PyLargeBytes) => void buffers.push(buffer);
		const outside = joined(...encodeChunks(floats, { protocol: 5, onBuffer }));
		expect(buffers).toEqual([expect.any(PyLargeBytes)]);
		for (const given of [buffers, [floats], [floats.buffer]]) {
			expect(((await readPickle(bytesSource(outside), { buffers: given })) as NDArray).data).toEqual(floats);
		}
	});

	test("at protocols that would have to rewrite it: E_TOO_LARGE", () => {
		memoryLimits.view = 1000;
		const large = new PyLargeBytes(new ArrayBuffer(5000));
		for (const options of [{ protocol: 2 }, { python: 2, protocol: 0 }] as const) {
			expect(() => encode(large, options)).toThrow(expect.objectContaining({ code: "E_TOO_LARGE" }));
		}
		expect(encode(large, { python: 2 })).toEqual(encode(new Uint8Array(5000), { python: 2 }));
	});
});

describe("openPickle", () => {
	test("leaves large data where it is", async () => {
		const { value: opened } = await openPickle(pickle);
		const dict = opened as Map<string, unknown>;
		expect(dict.get("name")).toBe("ä");
		const array = dict.get("floats") as LazyNDArray;
		expect(array).toBeInstanceOf(LazyNDArray);
		expect((await array.read()).data).toEqual(floats);
		expect(await (dict.get("bytes") as PyLazyBytes).read()).toEqual(new Uint8Array(70_000).fill(5));
	});

	test("reads text and bytearrays as what they are", async () => {
		const text = "€".repeat(30_000);
		const { value: opened } = await openPickle(encode([text, new PyByteArray(70_000)], { protocol: 5 }));
		const [lazyText, bytearray] = opened as [PyLazyBytes, PyLazyBytes];
		expect(await lazyText.read()).toBe(text);
		expect(await bytearray.read()).toEqual(new PyByteArray(70_000));
	});

	test("reads what a reducer needs: an array of Python 3 at protocol 2, a bytearray at protocol 4", async () => {
		for (const options of [{ protocol: 2 }, { protocol: 1 }, { protocol: 4 }] as const) {
			const bytes = encode([new PyByteArray(70_000), floats, new PyByteArray(80_000).fill(200)], options);
			const { value: opened } = await openPickle(bytes);
			const [first, array, last] = opened as [PyByteArray, NDArray | LazyNDArray, PyByteArray];
			expect([first, last]).toEqual([new PyByteArray(70_000), new PyByteArray(80_000).fill(200)]);
			expect(array instanceof NDArray ? array.data : (await array.read()).data).toEqual(floats);
		}
	});

	test("takes any number of dimensions, orders, dtypes and a shared array", async () => {
		const array = new NDArray(floats, ((await readPickle(encode(floats))) as NDArray).dtype, [50, 30, 10]);
		const { value: opened } = await openPickle(encode([array.transpose(), array, array], { protocol: 5, numpy: 2 }));
		const [transposed, plain, same] = opened as LazyNDArray[];
		expect(transposed).toMatchObject({ order: "F", shape: [10, 30, 50] });
		expect(plain).toBe(same);
		expect((await transposed?.read())?.toNested()).toEqual(array.transpose().toNested());
	});

	test("refuses a stream, and closes what it opened", async () => {
		await expect(openPickle(chunks(pickle, 100))).rejects.toMatchObject({ code: "E_SOURCE" });
		const source = sparseSource(pickle);
		await (await openPickle(source)).close();
		expect(source.closed).toBe(true);
	});
});

describe("a source that is somebody's own", () => {
	const own = (read: ByteSource["read"]): ByteSource => ({ size: pickle.length, read });
	const lies: readonly (readonly [string, unknown])[] = [
		["NaN", Number.NaN],
		["undefined", undefined],
		["text", "5"],
		["a negative number", -1],
		["a fraction", 0.5],
		["more than was asked for", 1e9],
	];
	test.each(lies)("may not say that it read %s: E_SOURCE", async (_, count) => {
		const source = own(async () => count as number);
		for (const reading of [readPickle(source), openPickle(source), readPickle(unsized(source))])
			await expect(reading).rejects.toMatchObject({ code: "E_SOURCE" });
	});

	test("may throw: E_SOURCE with that as the cause", async () => {
		const cause = new TypeError("disk gone");
		const failing = own(() => {
			throw cause;
		});
		for (const reading of [readPickle(failing), openPickle(failing), readPickle(unsized(failing))])
			await expect(reading).rejects.toMatchObject({
				code: "E_SOURCE",
				cause,
				message: expect.stringContaining("disk gone"),
			});
	});

	test("may give less at once than it is asked for", async () => {
		const memory = bytesSource(pickle);
		const short = own((into, offset) => memory.read(into.subarray(0, 1000), offset));
		for (const source of [short, unsized(short)]) {
			const read = (await readPickle(source)) as Map<string, { data: Float64Array }>;
			expectSame((read.get("floats") as { data: Float64Array }).data, floats);
		}
		const opened = await openPickle<Map<string, LazyNDArray>>(short);
		expectSame((await (opened.value.get("floats") as LazyNDArray).read()).data as Float64Array, floats);
	});
});
