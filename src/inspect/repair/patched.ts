import type { SizedSource } from "../diagnosis/window.ts";

/** Bytes in place of others. */
export interface Patch {
	readonly offset: number;
	readonly removed: number;
	readonly bytes: Uint8Array;
}

/** A run of the source, or bytes of its own, and where it lies in the result. */
interface Part {
	readonly at: number;
	readonly length: number;
	readonly from: number | Uint8Array;
}

/** A source with some of its bytes replaced, in which the others stay where they are. Patches do not overlap. */
export function patched(source: SizedSource, patches: readonly Patch[]): SizedSource {
	const parts = partsOf(source.size, patches);
	const last = parts[parts.length - 1];
	return {
		size: last ? last.at + last.length : 0,
		async read(into, offset, signal) {
			let filled = 0;
			for (let place = partAt(parts, offset); place < parts.length && filled < into.length; place++) {
				const { at, length, from } = parts[place] as Part;
				const skipped = offset + filled - at;
				const target = into.subarray(filled, filled + Math.min(length - skipped, into.length - filled));
				if (typeof from === "number") {
					const count = await source.read(target, from + skipped, signal);
					filled += count;
					if (count < target.length) break;
				} else {
					target.set(from.subarray(skipped, skipped + target.length));
					filled += target.length;
				}
			}
			return filled;
		},
	};
}

function partsOf(size: number, patches: readonly Patch[]): Part[] {
	const parts: Part[] = [];
	let at = 0;
	let next = 0;
	const add = (length: number, from: number | Uint8Array) => {
		if (length > 0) parts.push({ at, length, from });
		at += Math.max(0, length);
	};
	for (const { offset, removed, bytes } of [...patches].sort((left, right) => left.offset - right.offset)) {
		add(offset - next, next);
		add(bytes.length, bytes);
		next = offset + removed;
	}
	add(size - next, next);
	return parts;
}

/** The place of the part that holds an offset; their number if it lies behind all. */
function partAt(parts: readonly Part[], offset: number): number {
	let low = 0;
	let high = parts.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		const { at, length } = parts[middle] as Part;
		if (at + length <= offset) low = middle + 1;
		else high = middle;
	}
	return low;
}
