import { PickleError } from "../errors.ts";
import { allocateBuffer, PyLargeBytes, viewOf } from "../values/large.ts";
import type { DType } from "./dtype.ts";
import { isSwapped, layoutOf, scratch, type TypedArray, type TypedArrayConstructor } from "./elements.ts";

/**
 * Typed memory of items that lie in bytes: a view of them where they are aligned and in the machine's byte order, else a
 * copy, whose work is counted. The bytes are to be a whole number of items.
 */
export function typedMemory(
	bytes: Uint8Array | PyLargeBytes,
	dtype: DType,
	charge: (work: number) => void,
): TypedArray {
	const layout = layoutOf(dtype);
	const { View, small } = layout;
	const width = View.BYTES_PER_ELEMENT;
	// Not its buffer yet: to ask for that moves small memory off V8's heap, a quarter of the time of W10.
	const { byteLength, byteOffset } = bytes;
	const swap = isSwapped(dtype, layout);
	if (!swap && byteLength > 0 && byteLength <= scratch.length) {
		scratch.set(bytes as Uint8Array);
		return small.slice(0, byteLength / width);
	}
	if (!swap && byteOffset % width === 0) return memoryOf(View, bytes.buffer as ArrayBuffer, byteOffset, byteLength);
	charge(byteLength / 8);
	return memoryOf(View, copyOf(bytes, swap ? width : 1), 0, byteLength);
}

/** Typed memory over bytes. @throws PickleError E_TOO_LARGE if this runtime has none so long */
function memoryOf(
	View: TypedArrayConstructor,
	buffer: ArrayBuffer,
	byteOffset: number,
	byteLength: number,
): TypedArray {
	try {
		return new View(buffer, byteOffset, byteLength / View.BYTES_PER_ELEMENT);
	} catch (cause) {
		const reason = `${byteLength} bytes are more than one ${View.name} holds; openPickle reads parts of an array`;
		throw new PickleError("E_TOO_LARGE", reason, { cause });
	}
}

/** The bytes of typed memory in the dtype's byte order: a view of it, or a copy where that is not the machine's. */
export function packedBytes(memory: TypedArray, dtype: DType): Uint8Array | PyLargeBytes {
	const bytes = viewOf(memory.buffer as ArrayBuffer, memory.byteOffset, memory.byteLength);
	if (!isSwapped(dtype, layoutOf(dtype))) return bytes;
	return viewOf(copyOf(bytes, memory.BYTES_PER_ELEMENT), 0, bytes.byteLength);
}

/** A copy of bytes with those of each `width` in reverse. */
function copyOf(bytes: Uint8Array | PyLargeBytes, width: number): ArrayBuffer {
	const copy = allocateBuffer(bytes.byteLength);
	let at = 0;
	for (const part of bytes instanceof PyLargeBytes ? bytes.windows() : [bytes]) {
		const target = new Uint8Array(copy, at, part.length);
		target.set(part);
		if (width > 1) swapBytes(target, width);
		at += part.length;
	}
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
