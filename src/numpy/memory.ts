import type { DType } from "./dtype.ts";
import { layoutOf, type TypedArray, type TypedArrayConstructor } from "./elements.ts";

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Small arrays are copied through here: that is three times as fast as an ArrayBuffer for each. */
const scratch = new Uint8Array(64);
const scratchViews = new Map<TypedArrayConstructor, TypedArray>();

/**
 * Typed memory of items that lie in bytes: a view of them where they are aligned and in the machine's byte order, else a
 * copy, whose work is counted. The bytes are to be a whole number of items.
 */
export function typedMemory(bytes: Uint8Array, dtype: DType, charge: (work: number) => void): TypedArray {
	const { View = Uint8Array, native } = layoutOf(dtype);
	const width = View.BYTES_PER_ELEMENT;
	const { length } = bytes;
	const swap = native && width > 1 && (dtype.byteOrder === ">") === littleEndian;
	if (!swap && length > 0 && length <= scratch.length) return copySmall(bytes, View, length / width);
	if (!swap && bytes.byteOffset % width === 0) return new View(bytes.buffer, bytes.byteOffset, length / width);
	charge(length / 8);
	const copy = new Uint8Array(bytes);
	if (swap) swapBytes(copy, width);
	return new View(copy.buffer, 0, length / width);
}

function copySmall(bytes: Uint8Array, View: TypedArrayConstructor, count: number): TypedArray {
	scratch.set(bytes);
	const view = scratchViews.get(View) ?? new View(scratch.buffer, 0, scratch.length / View.BYTES_PER_ELEMENT);
	scratchViews.set(View, view);
	return view.slice(0, count);
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
