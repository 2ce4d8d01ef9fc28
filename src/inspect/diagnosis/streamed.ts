import type { SizedSource } from "./window.ts";

/** Bytes that are kept behind the place read last: windows move back by less. */
const KEPT = 1 << 18;

/**
 * Bytes that come one after another, such as unpacked ones, as a source. Reading goes on where it was; for places far before, the
 * bytes are made again from the start.
 */
export function streamed(size: number, open: () => AsyncGenerator<Uint8Array, void>): SizedSource {
	let stream: AsyncGenerator<Uint8Array, void> | undefined;
	/** The chunks at hand, one after another, and where the first begins and the last ends. */
	let chunks: Uint8Array[] = [];
	let start = 0;
	let end = 0;

	async function pull(): Promise<boolean> {
		const next = await stream?.next();
		if (next === undefined || next.done === true) return false;
		chunks.push(next.value);
		end += next.value.length;
		for (let first = chunks[0]; first && end - start - first.length >= KEPT; first = chunks[0]) {
			start += first.length;
			chunks.shift();
		}
		return true;
	}

	async function reach(offset: number): Promise<void> {
		if (stream === undefined || offset < start) {
			await stream?.return();
			stream = open();
			chunks = [];
			start = 0;
			end = 0;
		}
		while (end <= offset && (await pull()));
	}

	function copy(into: Uint8Array, offset: number): number {
		let at = start;
		let filled = 0;
		for (const chunk of chunks) {
			const from = offset + filled - at;
			at += chunk.length;
			if (from >= chunk.length) continue;
			const piece = chunk.subarray(from, from + into.length - filled);
			into.set(piece, filled);
			filled += piece.length;
		}
		return filled;
	}

	return {
		size,
		async read(into, offset) {
			let filled = 0;
			while (filled < into.length && offset + filled < size) {
				await reach(offset + filled);
				const count = copy(into.subarray(filled), offset + filled);
				if (count === 0) break;
				filled += count;
			}
			return filled;
		},
	};
}
