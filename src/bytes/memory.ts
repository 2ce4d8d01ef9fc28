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

const sharedBuffer = typeof SharedArrayBuffer === "undefined" ? undefined : SharedArrayBuffer.prototype;

/** What only objects of a kind have, whatever their realm, prototype and tag are. */
const readers: readonly (readonly [name: string, read: ((this: unknown) => unknown) | undefined])[] = [
	["Map", getterOf(Map.prototype, "size")],
	["Set", getterOf(Set.prototype, "size")],
	["Date", Date.prototype.getTime],
	["ArrayBuffer", getterOf(ArrayBuffer.prototype, "byteLength")],
	["SharedArrayBuffer", sharedBuffer && getterOf(sharedBuffer, "byteLength")],
	["DataView", getterOf(DataView.prototype, "buffer")],
];

function getterOf(prototype: object, name: string): ((this: unknown) => unknown) | undefined {
	return Object.getOwnPropertyDescriptor(prototype, name)?.get;
}

/** What an object of the language is by nature; undefined for typed arrays, and for anything else. */
export function builtinName(value: object): string | undefined {
	const found = readers.find(([, read]) => {
		try {
			return read?.call(value) !== undefined;
		} catch {
			return false;
		}
	});
	return found?.[0];
}

/** Whether a typed array has its memory: not if that was taken away, or no longer reaches as far. */
export function isLive(value: ArrayBufferView): boolean {
	try {
		typedArray.keys.call(value);
		return true;
	} catch {
		return false;
	}
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
	if (!ArrayBuffer.isView(value)) return viewOf(value as ArrayBuffer, 0, bufferLength(value));
	if (typedArrayName(value) === undefined) {
		return viewOf(viewBufferOf.call(value) as ArrayBuffer, viewOffsetOf.call(value), viewLengthOf.call(value));
	}
	if (!isLive(value)) throw new TypeError("its memory was taken away");
	return viewOf(bufferOf.call(value) as ArrayBuffer, offsetOf.call(value), lengthOf.call(value));
}

/** @throws TypeError for what is no buffer */
function bufferLength(buffer: ArrayBufferLike): number {
	const name = builtinName(buffer);
	if (name === "ArrayBuffer" || name === "SharedArrayBuffer") return buffer.byteLength;
	throw new TypeError("it is no ArrayBuffer");
}
