import { isPickleError, messageOf, PickleError } from "../../errors.ts";
import { type Limits, limitError } from "../../limits.ts";
import type { FormatReport } from "./diagnosis.ts";
import { streamed } from "./streamed.ts";
import { readAt, type SizedSource } from "./window.ts";
import { part } from "./zip.ts";

export type Deflated = "gzip" | "deflate" | "deflate-raw";

const PIECE = 1 << 16;

/** Packed bytes, and how they are packed. */
export interface Packing {
	readonly source: SizedSource;
	readonly how: Deflated;
	readonly format: FormatReport;
}

const packedFormats = {
	gzip: { name: "gzip data", kind: "container", advice: "gzip.open reads it" },
	zlib: { name: "zlib data", kind: "container", advice: "zlib.decompress, or joblib.load, reads it" },
	joblib: { name: "a compressed file of an old joblib", kind: "container", advice: "joblib.load reads it" },
} as const;

/** gzip and zlib, and joblib's own frame around zlib, by a file's first bytes; undefined for anything else. */
export function packing(source: SizedSource, head: Uint8Array): Packing | undefined {
	const [first, second = 0] = head;
	if (first === 0x1f && second === 0x8b) return { source, how: "gzip", format: packedFormats.gzip };
	const isZlib = first === 0x78 && (0x7800 + second) % 31 === 0;
	if (isZlib) return { source, how: "deflate", format: packedFormats.zlib };
	const text = new TextDecoder("latin1").decode(head.subarray(0, 24));
	const old = /^ZF0x[\da-fL]+ *(?=x)/.exec(text);
	if (!old) return undefined;
	const [{ length }] = old;
	return { source: part(source, length, source.size - length), how: "deflate", format: packedFormats.joblib };
}

/**
 * What packed bytes hold, as a source that unpacks them again whenever it is read at an earlier place: nothing is kept.
 *
 * @throws PickleError E_CONTAINER if they are damaged, E_LIMIT before more is unpacked than the limits allow
 */
export async function inflated(packed: SizedSource, format: Deflated, limits: Limits): Promise<SizedSource> {
	const size = await count(unpacked(packed, format), packed.size, limits);
	return streamed(size, () => unpacked(packed, format));
}

/**
 * What packed bytes hold up to where they are cut or damaged.
 * @throws PickleError E_LIMIT
 */
export async function inflatedPart(packed: SizedSource, format: Deflated, limits: Limits): Promise<SizedSource> {
	const open = () => untilDamage(unpacked(packed, format));
	return streamed(await count(open(), packed.size, limits), open);
}

async function* untilDamage(chunks: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array, void> {
	try {
		yield* chunks;
	} catch (error) {
		if (!isPickleError(error, "E_CONTAINER")) throw error;
	}
}

async function count(stream: AsyncGenerator<Uint8Array>, packed: number, limits: Limits): Promise<number> {
	const { maxDecompressedBytes, maxRatio } = limits;
	let size = 0;
	for await (const { length } of stream) {
		size += length;
		if (size > maxDecompressedBytes)
			throw limitError("maxDecompressedBytes", maxDecompressedBytes, `it unpacks to ${size} bytes or more`);
		if (size > maxRatio * packed)
			throw limitError("maxRatio", maxRatio, `${packed} packed bytes unpack to more than ${maxRatio} times as many`);
	}
	return size;
}

async function* unpacked(source: SizedSource, format: Deflated): AsyncGenerator<Uint8Array, void> {
	let at = 0;
	const input = new ReadableStream<BufferSource>({
		async pull(controller) {
			const bytes = await readAt(source, at, Math.min(PIECE, source.size - at));
			at += bytes.length;
			if (bytes.length > 0) controller.enqueue(bytes as Uint8Array<ArrayBuffer>);
			else controller.close();
		},
	});
	const output = input.pipeThrough(new DecompressionStream(format)).getReader();
	try {
		for (;;) {
			const { done, value } = await output.read();
			if (done) return;
			yield value;
		}
	} catch (cause) {
		if (isPickleError(cause)) throw cause;
		throw new PickleError("E_CONTAINER", `it is cut or damaged: ${messageOf(cause)}`, {
			cause,
		});
	} finally {
		await output.cancel().catch(() => undefined);
	}
}
