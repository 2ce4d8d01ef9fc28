import { streamed } from "../../diagnosis/streamed.ts";
import type { SizedSource } from "../../diagnosis/window.ts";
import { type Change, changedRun } from "./changes.ts";

/** A run of the source, as it is or changed to so many bytes. */
export interface Run {
	readonly from: number;
	readonly length: number;
	readonly size: number;
	readonly change?: Change | undefined;
}

/** What a result is made of, one after another. */
export type Segment = Uint8Array | Run;

export function sizeOf(segment: Segment): number {
	return segment instanceof Uint8Array ? segment.length : segment.size;
}

/** Bytes behind the place read last whose segments are kept: windows move back by less. */
const KEPT = 1 << 18;

interface Placed {
	readonly at: number;
	readonly size: number;
	readonly read: (into: Uint8Array, skipped: number) => number | Promise<number>;
}

/**
 * A result as a source: its segments are made again from the start for places far before the one read last, and runs of the
 * source are read only where they are asked for.
 */
export function segmented(source: SizedSource, size: number, open: () => AsyncGenerator<Segment, void>): SizedSource {
	let stream: AsyncGenerator<Segment, void> | undefined;
	let placed: Placed[] = [];
	let start = 0;
	let end = 0;

	async function reach(offset: number): Promise<void> {
		if (stream === undefined || offset < start) {
			await stream?.return();
			stream = open();
			placed = [];
			start = 0;
			end = 0;
		}
		while (end <= offset) {
			const { value, done } = await stream.next();
			if (done) return;
			placed.push(placedAt(source, value, end));
			end += sizeOf(value);
			for (let first = placed[0]; first && end - start - first.size >= KEPT; first = placed[0]) {
				start += first.size;
				placed.shift();
			}
		}
	}

	return {
		size,
		async read(into, offset) {
			let filled = 0;
			while (filled < into.length && offset + filled < size) {
				const place = offset + filled;
				await reach(place);
				const found = placed.find(({ at, size: length }) => place < at + length);
				if (found === undefined) break;
				const wanted = Math.min(into.length - filled, found.at + found.size - place);
				const count = await found.read(into.subarray(filled, filled + wanted), place - found.at);
				if (count === 0) break;
				filled += count;
			}
			return filled;
		},
	};
}

function placedAt(source: SizedSource, segment: Segment, at: number): Placed {
	if (segment instanceof Uint8Array) {
		return {
			at,
			size: segment.length,
			read(into, skipped) {
				into.set(segment.subarray(skipped, skipped + into.length));
				return into.length;
			},
		};
	}
	const { from, length, size, change } = segment;
	if (change === undefined) return { at, size, read: (into, skipped) => source.read(into, from + skipped) };
	const changed = streamed(size, () => changedRun(source, from, length, change));
	return { at, size, read: (into, skipped) => changed.read(into, skipped) };
}
