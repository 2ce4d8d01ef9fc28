import type { ByteSource } from "../../src/bytes/source.ts";
import { piecesOf } from "../../src/inspect/repair/patched.ts";

/** All bytes of a source. */
export async function readAll(source: ByteSource): Promise<Buffer> {
	const pieces: Uint8Array[] = [];
	for await (const piece of piecesOf(source)) pieces.push(piece.slice());
	return Buffer.concat(pieces);
}
