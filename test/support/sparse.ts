import type { ByteSource } from "../../src/bytes/source.ts";

/** A source that notes what was read of it. */
export interface WatchedSource extends ByteSource {
	readonly size: number;
	readonly reads: { readonly offset: number; readonly length: number }[];
	closed: boolean;
}

/** A source of any size that holds next to nothing: bytes, and counts of zeros between them. */
export function sparseSource(...parts: readonly (Uint8Array | number)[]): WatchedSource {
	const placed: { readonly start: number; readonly bytes: Uint8Array }[] = [];
	let size = 0;
	for (const part of parts) {
		if (part instanceof Uint8Array) placed.push({ start: size, bytes: part });
		size += part instanceof Uint8Array ? part.length : part;
	}
	return {
		size,
		reads: [],
		closed: false,
		async read(into, offset, signal) {
			signal?.throwIfAborted();
			const length = Math.max(0, Math.min(into.length, size - offset));
			this.reads.push({ offset, length });
			into.fill(0, 0, length);
			for (const { start, bytes } of placed) {
				const from = Math.max(start, offset);
				const to = Math.min(start + bytes.length, offset + length);
				if (from < to) into.set(bytes.subarray(from - start, to - start), from - offset);
			}
			return length;
		},
		async close() {
			this.closed = true;
		},
	};
}

/** The bytes whose codes the text has. */
export function ascii(text: string): Uint8Array {
	return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** A little-endian length of so many bytes. */
export function length(value: number, width: 1 | 4 | 8): Uint8Array {
	const bytes = new Uint8Array(8);
	new DataView(bytes.buffer).setUint32(0, value % 2 ** 32, true);
	new DataView(bytes.buffer).setUint32(4, Math.floor(value / 2 ** 32), true);
	return bytes.slice(0, width);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
	const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		bytes.set(part, at);
		at += part.length;
	}
	return bytes;
}
