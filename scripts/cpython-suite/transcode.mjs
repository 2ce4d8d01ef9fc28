/**
 * Decodes pickles and encodes them again, one request after another on standard input:
 *
 *   node transcode.mjs LIBRARY
 *
 * A message is two uint32 (little-endian), the lengths of a JSON header and of a payload, and then those two. A request's
 * header has the options of encode, `extensions` as an object and `buffers` as lengths; its payload is the pickle and
 * then those buffers. An answer's header is { end, pieces, buffers }: where the pickle ended, the lengths of the new one's
 * pieces, and which of the request's buffers are out of band again; its payload is the new pickle. Or the header is
 * { refusal }, the PickleError of decode, or { error }, anything else that was thrown.
 */
import { readSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const { decodeFirst, encodeChunks, isPickleError } = await import(pathToFileURL(resolve(process.argv[2])).href);

/** The next `length` bytes of standard input; undefined where it has ended. */
function read(length) {
	const bytes = Buffer.alloc(length);
	for (let filled = 0; filled < length; ) {
		const count = readSync(0, bytes, filled, length - filled, null);
		if (count === 0) return undefined;
		filled += count;
	}
	return bytes;
}

function write(header, payload) {
	const text = Buffer.from(JSON.stringify(header));
	const lengths = Buffer.alloc(8);
	lengths.writeUInt32LE(text.length, 0);
	lengths.writeUInt32LE(payload.length, 4);
	const message = Buffer.concat([lengths, text, payload]);
	for (let written = 0; written < message.length; ) written += writeSync(1, message, written);
}

/** The payload's pickle, and the buffers behind it. */
function split(payload, lengths) {
	const parts = [];
	let end = payload.length;
	for (const length of lengths.toReversed()) {
		parts.unshift(payload.subarray(end - length, end));
		end -= length;
	}
	return { pickle: payload.subarray(0, end), buffers: parts };
}

function transcode({ protocol, python, numpy, fixImports, extensions: byCode, buffers: lengths }, payload) {
	const { pickle, buffers } = split(payload, lengths);
	const extensions = new Map(Object.entries(byCode).map(([code, name]) => [Number(code), name]));
	let decoded;
	try {
		decoded = decodeFirst(pickle, { floats: "exact", encoding: "bytes", fixImports, extensions, buffers });
	} catch (error) {
		if (isPickleError(error)) return [{ refusal: `${error.code}: ${error.message}` }, Buffer.alloc(0)];
		throw error;
	}
	const handedOut = [];
	const onBuffer = (memory) => {
		const index = buffers.findIndex((given, at) => !handedOut.includes(at) && Buffer.compare(given, memory) === 0);
		if (index >= 0) handedOut.push(index);
		return index < 0;
	};
	const options = { protocol, python, numpy, fixImports, extensions, shareStrings: "all" };
	const pieces = [...encodeChunks(decoded.value, buffers.length > 0 ? { ...options, onBuffer } : options)];
	const lengthsOut = pieces.map(({ length }) => length);
	return [{ end: decoded.end, pieces: lengthsOut, buffers: handedOut }, Buffer.concat(pieces)];
}

function answer(header, payload) {
	try {
		return transcode(JSON.parse(header), payload);
	} catch (error) {
		return [{ error: String(error.code ? `${error.code}: ${error.message}` : error.stack) }, Buffer.alloc(0)];
	}
}

for (let lengths = read(8); lengths !== undefined; lengths = read(8)) {
	write(...answer(read(lengths.readUInt32LE(0)), read(lengths.readUInt32LE(4))));
}
