import { type ByteSource, fillFrom } from "../../src/bytes/source.ts";

/** All bytes of a source of known size. */
export async function readAll(source: ByteSource): Promise<Buffer> {
	const bytes = Buffer.alloc(source.size ?? 0);
	await fillFrom(source, 0, { buffer: bytes.buffer, start: bytes.byteOffset, length: bytes.length });
	return bytes;
}
