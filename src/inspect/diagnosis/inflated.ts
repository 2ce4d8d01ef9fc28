import { isPickleError, PickleError } from "../../errors.ts";
import { type Limits, limitError } from "../../limits.ts";
import { readAt, type SizedSource } from "./window.ts";

export type Deflated = "gzip" | "deflate" | "deflate-raw";

const PIECE = 1 << 16;

/**
 * What packed bytes hold, as a source that unpacks them again whenever it is read at an earlier place: nothing is kept.
 *
 * @throws PickleError E_CONTAINER if they are damaged, E_LIMIT before more is unpacked than the limits allow
 */
export async function inflated(packed: SizedSource, format: Deflated, limits: Limits): Promise<SizedSource> {
	const size = await count(unpacked(packed, format), packed.size, limits);
	let stream: AsyncGenerator<Uint8Array> | undefined;
	let chunk: Uint8Array = new Uint8Array(0);
	let at = 0;
	return {
		size,
		async read(into, offset) {
			if (stream === undefined || offset < at) {
				await stream?.return(undefined);
				stream = unpacked(packed, format);
				chunk = new Uint8Array(0);
				at = 0;
			}
			let filled = 0;
			while (filled < into.length) {
				const from = offset + filled - at;
				if (from < chunk.length) {
					const piece = chunk.subarray(from, from + into.length - filled);
					into.set(piece, filled);
					filled += piece.length;
					continue;
				}
				at += chunk.length;
				const next = await stream.next();
				if (next.done) return filled;
				chunk = next.value;
			}
			return filled;
		},
	};
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
		throw new PickleError("E_CONTAINER", `it is cut or damaged: ${cause instanceof Error ? cause.message : cause}`, {
			cause,
		});
	} finally {
		await output.cancel().catch(() => undefined);
	}
}
