import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { EncodeSession, encodePayloads } from "../../src/codec/encode.ts";
import { resolveEncodeOptions } from "../../src/codec/encode-options.ts";
import { standardReducers } from "../../src/index.ts";

/** Writes the pickle of a value to a file with holes for payloads that are not at hand: it is of any size and takes no room. */
export function writeSparse(path: string, value: unknown): void {
	const file = openSync(path, "w");
	let at = 0;
	for (const piece of encodePayloads(value, new EncodeSession(resolveEncodeOptions({}, standardReducers)))) {
		if (piece instanceof Uint8Array) writeSync(file, piece, 0, piece.length, at);
		at += piece.byteLength;
		if (at > fstatSync(file).size) ftruncateSync(file, at);
	}
	closeSync(file);
}
