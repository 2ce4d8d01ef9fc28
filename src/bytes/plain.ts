import { PickleError } from "../errors.ts";

/** Bytes in memory. A shared or resizable buffer is copied first. */
export type BytesInput = ArrayBufferLike | ArrayBufferView;

/**
 * A Uint8Array, never a Buffer, over memory that nobody resizes or shares.
 * @throws TypeError for what holds no bytes
 * @throws PickleError E_TOO_LARGE for more than one Uint8Array holds
 */
export function plainBytes(input: BytesInput): Uint8Array<ArrayBuffer> {
	const buffer: ArrayBufferLike = ArrayBuffer.isView(input) ? input.buffer : input;
	const isShared = typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;
	if (!isShared && !(buffer instanceof ArrayBuffer)) {
		const help =
			typeof input === "string"
				? "a path is for readPickle or fileSource of picklet/node"
				: "readPickle takes Blobs and streams too";
		throw new TypeError(`an ArrayBuffer or a view of one, such as a Uint8Array, is needed; ${help}`);
	}
	const [start, length] = ArrayBuffer.isView(input) ? [input.byteOffset, input.byteLength] : [0, buffer.byteLength];
	const bytes = viewOfAll(buffer, start, length);
	const { resizable } = buffer as { resizable?: boolean };
	return (isShared || resizable ? bytes.slice() : bytes) as Uint8Array<ArrayBuffer>;
}

function viewOfAll(buffer: ArrayBufferLike, start: number, length: number): Uint8Array {
	try {
		return new Uint8Array(buffer, start, length);
	} catch (cause) {
		if (!(cause instanceof RangeError)) throw cause;
		const reason = `${length} bytes are more than one Uint8Array holds here; readPickle takes any number`;
		throw new PickleError("E_TOO_LARGE", reason, { cause });
	}
}
