import { type PyLargeBytes, viewOf } from "../values/large.ts";

const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
/** The engine's own getters: a subclass, or a property of the object itself, may say anything. */
const [bufferOf, offsetOf, lengthOf, tagOf] = ["buffer", "byteOffset", "byteLength", Symbol.toStringTag].map(
	(name) => Object.getOwnPropertyDescriptor(typedArray, name)?.get as (this: unknown) => unknown,
) as [() => ArrayBufferLike, () => number, () => number, () => string];
const dataView = DataView.prototype;
const [viewBufferOf, viewOffsetOf, viewLengthOf] = ["buffer", "byteOffset", "byteLength"].map(
	(name) => Object.getOwnPropertyDescriptor(dataView, name)?.get as (this: unknown) => unknown,
) as [() => ArrayBufferLike, () => number, () => number];

/** What a typed array is by nature: `Uint8Array` also for a Buffer; undefined for anything else. */
export function typedArrayName(value: unknown): string | undefined {
	return tagOf.call(value) as string | undefined;
}

/**
 * The bytes of a buffer or view, over its memory; a copy if that is shared or can be resized.
 * @throws TypeError if the memory was detached, or a view lies beyond its end
 */
export function bytesOf(value: ArrayBufferLike | ArrayBufferView): Uint8Array<ArrayBuffer> | PyLargeBytes {
	const bytes = wholeOf(value);
	const { buffer } = bytes;
	const shared = typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;
	if (!shared && !(buffer as { resizable?: boolean }).resizable) return bytes as Uint8Array<ArrayBuffer> | PyLargeBytes;
	return bytes.slice() as Uint8Array<ArrayBuffer>;
}

function wholeOf(value: ArrayBufferLike | ArrayBufferView): Uint8Array | PyLargeBytes {
	if (!ArrayBuffer.isView(value)) return viewOf(value as ArrayBuffer, 0, value.byteLength);
	if (typedArrayName(value) === undefined) {
		return viewOf(viewBufferOf.call(value) as ArrayBuffer, viewOffsetOf.call(value), viewLengthOf.call(value));
	}
	// A view of detached memory has no bytes; to make another one of it is an error.
	return viewOf(bufferOf.call(value) as ArrayBuffer, offsetOf.call(value), lengthOf.call(value));
}
