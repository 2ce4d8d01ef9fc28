import type { DType } from "./dtype.ts";
import { isSwapped, layoutOf, scratch, type TypedArray } from "./elements.ts";

/**
 * Typed memory of items that lie in bytes: a view of them where they are aligned and in the machine's byte order, else a
 * copy, whose work is counted. The bytes are to be a whole number of items.
 */
export function typedMemory(bytes: Uint8Array, dtype: DType, charge: (work: number) => void): TypedArray {
	const layout = layoutOf(dtype);
	const { View, small } = layout;
	const width = View.BYTES_PER_ELEMENT;
	const { length } = bytes;
	const swap = isSwapped(dtype, layout);
	if (!swap && length > 0 && length <= scratch.length) {
		scratch.set(bytes);
		return small.slice(0, length / width);
	}
	if (!swap && bytes.byteOffset % width === 0) return new View(bytes.buffer, bytes.byteOffset, length / width);
	charge(length / 8);
	const copy = new Uint8Array(bytes);
	if (swap) swapBytes(copy, width);
	return new View(copy.buffer, 0, length / width);
}

/** The bytes of typed memory in the dtype's byte order: a view of it, or a copy where that is not the machine's. */
export function packedBytes(memory: TypedArray, dtype: DType): Uint8Array {
	const bytes = new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength);
	if (!isSwapped(dtype, layoutOf(dtype))) return bytes;
	const copy = new Uint8Array(bytes);
	swapBytes(copy, memory.BYTES_PER_ELEMENT);
	return copy;
}

function swapBytes(bytes: Uint8Array, width: number): void {
	for (let start = 0; start < bytes.length; start += width) {
		for (let low = start, high = start + width - 1; low < high; low++, high--) {
			const byte = bytes[low] as number;
			bytes[low] = bytes[high] as number;
			bytes[high] = byte;
		}
	}
}
