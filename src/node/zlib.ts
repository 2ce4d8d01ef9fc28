import { Readable } from "node:stream";
import zlib, { createGunzip, createInflate } from "node:zlib";
import { Cursor, skipFrame } from "../containers/cursor.ts";
import type { PackedInput } from "../containers/packed.ts";
import type { Codec } from "../containers/unpack.ts";
import { type FramePart, frameParts, unzstd as unzstdAnywhere } from "../containers/zstd.ts";

/** All members of gzip up to zeros between them. */
export const gunzip: Codec = (input, at) => throughZlib(input, at, createGunzip());

export const inflate: Codec = (input, at) => throughZlib(input, at, createInflate());

const { createZstdDecompress, zstdDecompressSync } = zlib as {
	createZstdDecompress?: typeof createGunzip;
	zstdDecompressSync?: (frame: Uint8Array) => Uint8Array;
};

/** So many parts of a frame are unpacked at once: to begin a stream takes ten times as long as a short frame. */
const AT_ONCE = 8;

/** One frame: of several Node gives the first alone. Node 20, and 22 before 22.15, have no zstandard of their own. */
export const unzstd: Codec = createZstdDecompress === undefined ? unzstdAnywhere : throughZstd;

async function* throughZstd(input: PackedInput, at: number): AsyncGenerator<Uint8Array, number> {
	const cursor = new Cursor(input, at);
	if (await skipFrame(cursor)) return cursor.at;
	const parts = frameParts(cursor);
	const first: Uint8Array[] = [];
	for (let part = await parts.next(); !part.done; part = await parts.next()) {
		first.push(part.value.bytes.slice());
		if (first.length === AT_ONCE) return yield* throughStream(cursor, first, parts);
	}
	yield (zstdDecompressSync as NonNullable<typeof zstdDecompressSync>)(Buffer.concat(first));
	return cursor.at;
}

async function* throughStream(
	cursor: Cursor,
	first: readonly Uint8Array[],
	rest: AsyncIterable<FramePart>,
): AsyncGenerator<Uint8Array, number> {
	const unpacking = (createZstdDecompress as typeof createGunzip)();
	const source = Readable.from(bytesOf(first, rest));
	source.on("error", (error) => unpacking.destroy(error));
	try {
		for await (const piece of source.pipe(unpacking)) yield piece as Uint8Array;
		return cursor.at;
	} finally {
		source.destroy();
		unpacking.destroy();
	}
}

async function* bytesOf(
	first: readonly Uint8Array[],
	rest: AsyncIterable<FramePart>,
): AsyncGenerator<Uint8Array, void> {
	yield* first;
	for await (const { bytes } of rest) yield bytes.slice();
}

async function* throughZlib(
	input: PackedInput,
	at: number,
	unpacking: ReturnType<typeof createGunzip>,
): AsyncGenerator<Uint8Array, number> {
	const source = Readable.from(released(input, at, () => at + unpacking.bytesWritten));
	source.on("error", (error) => unpacking.destroy(error));
	try {
		for await (const piece of source.pipe(unpacking)) yield piece as Uint8Array;
		return at + unpacking.bytesWritten;
	} finally {
		source.destroy();
		unpacking.destroy();
	}
}

/** The input from a place on. What zlib has consumed is let go. */
async function* released(input: PackedInput, at: number, consumed: () => number): AsyncGenerator<Uint8Array> {
	for await (const chunk of input.from(at)) {
		yield chunk;
		input.forget(consumed());
	}
}
