import { Readable } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import type { PackedInput } from "../containers/packed.ts";
import type { Codec } from "../containers/unpack.ts";

/** All members of gzip up to zeros between them. */
export const gunzip: Codec = (input, at) => throughZlib(input, at, createGunzip());

export const inflate: Codec = (input, at) => throughZlib(input, at, createInflate());

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
