import { Readable } from "node:stream";
import zlib, { createGunzip, createInflate } from "node:zlib";
import { Cursor, skipFrame } from "../containers/cursor.ts";
import type { PackedInput } from "../containers/packed.ts";
import type { Codec } from "../containers/unpack.ts";
import { frameParts, unzstd as unzstdAnywhere } from "../containers/zstd.ts";

/** All members of gzip up to zeros between them. */
export const gunzip: Codec = (input, at) => throughZlib(input, at, createGunzip());

export const inflate: Codec = (input, at) => throughZlib(input, at, createInflate());

const { createZstdDecompress } = zlib as { createZstdDecompress?: typeof createGunzip };

/** One frame: of several Node gives the first alone. Node 20, and 22 before 22.15, have no zstandard of their own. */
export const unzstd: Codec = createZstdDecompress === undefined ? unzstdAnywhere : throughZstd;

async function* throughZstd(input: PackedInput, at: number): AsyncGenerator<Uint8Array, number> {
	const cursor = new Cursor(input, at);
	if (await skipFrame(cursor)) return cursor.at;
	const unpacking = (createZstdDecompress as typeof createGunzip)();
	const source = Readable.from(bytesOfFrame(cursor));
	source.on("error", (error) => unpacking.destroy(error));
	try {
		for await (const piece of source.pipe(unpacking)) yield piece as Uint8Array;
		return cursor.at;
	} finally {
		source.destroy();
		unpacking.destroy();
	}
}

async function* bytesOfFrame(cursor: Cursor): AsyncGenerator<Uint8Array, void> {
	for await (const { bytes } of frameParts(cursor)) yield bytes.slice();
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
