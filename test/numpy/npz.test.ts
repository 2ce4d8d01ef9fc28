import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/bytes/source.ts";
import { zipPieces } from "../../src/containers/zip.ts";
import { DType, isPickleError, LazyNDArray, NDArray } from "../../src/index.ts";
import { openNpz, readNpy, readNpz, writeNpy, writeNpz } from "../../src/numpy/index.ts";

const floats = new NDArray(
	Float64Array.from({ length: 600 }, (_, i) => i % 7),
	DType.of("f8"),
	[100, 6],
);
const objects = new NDArray(["a", null], DType.of("O"), [2]);

/** Where bytes with this text begin. */
function find(bytes: Uint8Array, text: string, from = 0): number {
	return Buffer.from(bytes).indexOf(text, from, "latin1");
}

describe.each([[false], [true]])("compress: %s", (compress) => {
	test("gives back what it took, in order", async () => {
		const bytes = await writeNpz({ b: floats, "é/x": objects, "1": Int16Array.of(1, 2) }, { compress });
		const arrays = await readNpz(bytes);
		expect([...arrays.keys()]).toEqual(["1", "b", "é/x"]);
		expect([...arrays.values()].map(String)).toEqual(["[1 2]", String(floats), "['a' None]"]);
		expect(bytes.length < 2000).toBe(compress);
		expect(await writeNpz(new Map(), { compress })).toHaveLength(22);
	});

	test("reads one array of a source, and rows of it", async () => {
		const bytes = await writeNpz(
			new Map([
				["a", floats],
				["b", new NDArray(new Uint8Array(100_000), DType.of("u1"), [100_000])],
			]),
			{ compress },
		);
		const inner = bytesSource(bytes);
		let read = 0;
		const file = await openNpz({
			...inner,
			read: async (into, offset) => {
				const count = await inner.read(into, offset);
				read += count;
				return count;
			},
		});
		expect(file.names).toEqual(["a", "b"]);
		expect((await (await file.open("a")).readRows(1, 2)).toNested()).toEqual([[6, 0, 1, 2, 3, 4]]);
		expect(String(await file.get("a"))).toBe(String(floats));
		expect(read).toBeLessThan(80_000);
		await expect(file.get("c")).rejects.toThrow(TypeError);
	});

	test("gives arrays that stay where they are until they are read", async () => {
		const file = await openNpz(await writeNpz({ a: floats, b: objects }, { compress }));
		const lazy = (await file.getLazy("a")) as LazyNDArray;
		expect(lazy).toBeInstanceOf(LazyNDArray);
		for (const [from, to] of [
			[90, 92],
			[1, 2],
		] as const)
			expect((await lazy.readRows(from, to)).toNested()).toEqual(floats.slice([from, to]).toNested());
		expect(String(await lazy.read())).toBe(String(floats));
		expect(String(await file.getLazy("b"))).toBe(String(objects));
		expect(await writeNpz({ a: lazy }, { compress })).toEqual(await writeNpz({ a: floats }, { compress }));
	});

	test("a changed byte is noticed", async () => {
		const bytes = await writeNpz({ a: floats }, { compress });
		const at = find(bytes, "a.npy") + (compress ? 60 : 400);
		(bytes[at] as number)++;
		const damaged = { code: "E_CONTAINER", offset: 0 };
		await expect(readNpz(bytes)).rejects.toMatchObject(damaged);
		const reading = openNpz(bytes).then(async (file) => ((await file.getLazy("a")) as LazyNDArray).read());
		await expect(reading).rejects.toMatchObject({ code: "E_CONTAINER" });
	});

	test("sizes that lie are noticed", async () => {
		const bytes = await writeNpz({ a: floats }, { compress });
		const directory = find(bytes, "PK\x01\x02");
		for (const size of [1, 2 ** 32 - 2]) {
			const changed = bytes.slice();
			new DataView(changed.buffer).setUint32(directory + 24, size, true);
			if (!compress) new DataView(changed.buffer).setUint32(directory + 20, size, true);
			await expect(readNpz(changed)).rejects.toMatchObject({ code: "E_CONTAINER" });
		}
	});
});

/** A .npz file whose one member, packed if `deflate` says so, is these bytes. */
async function npzOf(name: string, content: Uint8Array, deflate = true): Promise<Uint8Array> {
	const inside = content as Uint8Array<ArrayBuffer>;
	const packing = new Blob([inside]).stream().pipeThrough(new CompressionStream("deflate-raw"));
	const packed = new Uint8Array(await new Response(packing).arrayBuffer());
	async function* pieces() {
		yield content;
	}
	const member = { name, pieces, deflate: deflate ? async () => [packed] : undefined };
	const zipped: Uint8Array[] = [];
	for await (const piece of zipPieces([member])) zipped.push(piece);
	return new Uint8Array(Buffer.concat(zipped));
}

/** Bytes that do not pack. */
function noise(length: number): Uint8Array {
	let seed = 1;
	return Uint8Array.from({ length }, () => {
		seed = (Math.imul(seed, 1_103_515_245) + 12_345) | 0;
		return seed >>> 16;
	});
}

describe.each([[false], [true]])("deflated: %s", (deflate) => {
	const behind = (array: NDArray, more: number) =>
		new Uint8Array(Buffer.concat([writeNpy(array), Buffer.from(noise(more))]));

	test("files that are no .npy are left out, and given as their bytes if asked for", async () => {
		const bytes = await npzOf("readme.txt", new TextEncoder().encode("text of no array"), deflate);
		expect((await readNpz(bytes)).size).toBe(0);
		const file = await openNpz(bytes);
		expect(file.names).toEqual(["readme.txt"]);
		expect(new TextDecoder().decode((await file.get("readme.txt")) as Uint8Array)).toBe("text of no array");
		await expect(file.open("readme.txt")).rejects.toMatchObject({ code: "E_CONTAINER" });
	});

	test.each([
		["numbers", floats],
		["objects", objects],
	])("what lies behind %s is not unpacked", async (_, array) => {
		const inner = bytesSource(await npzOf("a.npy", behind(array, 2 ** 23), deflate));
		let read = 0;
		const source = {
			...inner,
			read: async (into: Uint8Array, offset: number) => {
				const count = await inner.read(into, offset);
				read += count;
				return count;
			},
		};
		expect(String((await readNpz(source)).get("a"))).toBe(String(array));
		expect(read).toBeLessThan(2 ** 22);
		const crc = await npzOf("a.npy", behind(array, 10), deflate);
		(crc[find(crc, "PK\x01\x02") + 16] as number)++;
		await expect(readNpz(crc)).rejects.toThrow("CRC");
	});

	test("an array that a member is too short for is not unpacked", async () => {
		const bytes = await npzOf("a.npy", writeNpy(floats).subarray(0, 500), deflate);
		await expect(readNpz(bytes)).rejects.toMatchObject({ code: "E_TRUNCATED" });
	});

	test("errors in objects say where in the .npy file they are", async () => {
		const npy = writeNpy(objects);
		npy[130] = 0xff;
		await expect(readNpz(await npzOf("a.npy", npy, deflate))).rejects.toMatchObject({ offset: 130 });
		await expect(readNpy(npy)).rejects.toMatchObject({ offset: 130 });
	});
});

test("a bomb stops at the limits", async () => {
	const bytes = await writeNpz(
		{ zeros: new NDArray(new Uint8Array(2 ** 21), DType.of("u1"), [2 ** 21]) },
		{ compress: true },
	);
	await expect(readNpz(bytes, { limits: { maxRatio: 100 } })).rejects.toMatchObject({
		code: "E_LIMIT",
		limit: "maxRatio",
	});
	await expect(readNpz(bytes, { limits: { maxDecompressedBytes: 1000 } })).rejects.toMatchObject({
		limit: "maxDecompressedBytes",
	});
});

test("two files of a name, or of the same bytes, are refused", async () => {
	const bytes = await writeNpz({ aa: floats, ab: floats });
	const second = find(bytes, "ab.npy", find(bytes, "PK\x01\x02"));
	const twice = bytes.slice();
	twice[second + 1] = 0x61;
	await expect(readNpz(twice)).rejects.toThrow("two files of the name");
	const large = new DataView(bytes.slice().buffer);
	for (let at = find(bytes, "PK\x01\x02"); at >= 0; at = find(bytes, "PK\x01\x02", at + 1)) {
		large.setUint32(at + 20, 9_000, true);
		large.setUint32(at + 24, 9_000, true);
	}
	await expect(readNpz(large)).rejects.toThrow("also those of other files");
});

test.each([["../x"], ["a/../x"], ["/x"], ["\\x"], ["C:\\x"], ["a\0b"]])(
	"a name that leads elsewhere is refused: %j",
	async (name) => {
		const bytes = await writeNpz(new Map([[name, floats]]));
		await expect(openNpz(bytes)).rejects.toMatchObject({ code: "E_CONTAINER" });
	},
);

test.each<[string, Uint8Array]>([
	["no zip", new Uint8Array(100)],
	["nothing", new Uint8Array(0)],
	["a .npy file", writeNpy(floats)],
])("%s is no .npz file", async (_, bytes) => {
	await expect(openNpz(bytes)).rejects.toSatisfy((error) => isPickleError(error, "E_CONTAINER"));
});

test("cut or changed at any byte gives an error of ours or an array", async () => {
	const bytes = await writeNpz({ a: Uint8Array.of(1, 2, 3) });
	for (let at = 0; at < bytes.length; at++) {
		const changed = bytes.slice();
		changed[at] = (changed[at] as number) ^ 0xff;
		for (const damaged of [bytes.slice(0, at), changed]) {
			await readNpz(damaged).catch((error) => {
				if (!isPickleError(error)) throw error;
			});
		}
	}
});
