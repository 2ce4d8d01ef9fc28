import type { InflatedFormat } from "../containers/inflate.ts";

/** How many packed bytes go to zlib at a time; it counts in 32 bits. */
const SLICE = 1 << 26;

/** gzip and zlib by Node's zlib, which is loaded only now: most files need none. */
export async function* inflateInNode(packed: Uint8Array, format: InflatedFormat): AsyncGenerator<Uint8Array, number> {
	const { createGunzip, createInflate } = await import("node:zlib");
	const { Readable } = await import("node:stream");
	const unpacking = format === "gzip" ? createGunzip() : createInflate();
	const source = Readable.from(slices(packed));
	try {
		yield* source.pipe(unpacking);
		return unpacking.bytesWritten;
	} finally {
		source.destroy();
		unpacking.destroy();
	}
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += SLICE) yield bytes.subarray(at, at + SLICE);
}
