import { PickleError } from "../errors.ts";
import { Bulk, type BulkKind } from "./bulk.ts";

/** The longest Uint8Array of this runtime is shorter than this; tests make it small. */
export const memoryLimits: { view: number } = { view: Number.POSITIVE_INFINITY };

/** Views are made of at most so many bytes: every runtime has them. */
const WINDOW = 2 ** 30;

/** bytes or a bytearray beyond what one Uint8Array holds (4 GiB in Node 20). Encodes as what it was. */
export class PyLargeBytes extends Bulk {
	/** Bundlers rename classes; a field of this name would make `instanceof` slow, 1.06x on W10. */
	static override get name(): string {
		return "PyLargeBytes";
	}
	readonly kind: BulkKind;
	/** The memory that it is a part of. */
	readonly buffer: ArrayBuffer;
	/** Where it begins there, in bytes. */
	readonly byteOffset: number;
	/** In bytes. */
	readonly byteLength: number;

	/** @throws TypeError if the buffer does not have so many bytes */
	constructor(
		buffer: ArrayBuffer,
		byteOffset = 0,
		byteLength: number = buffer.byteLength - byteOffset,
		kind: "bytes" | "bytearray" | "str" = "bytes",
	) {
		super();
		if (!(byteOffset >= 0 && byteLength >= 0 && byteOffset + byteLength <= buffer.byteLength)) {
			throw new TypeError(`a buffer of ${buffer.byteLength} bytes has no ${byteLength} bytes at ${byteOffset}`);
		}
		this.kind = kind;
		this.buffer = buffer;
		this.byteOffset = byteOffset;
		this.byteLength = byteLength;
	}

	get length(): number {
		return this.byteLength;
	}

	/**
	 * A view of a part; negative places count from the end.
	 * @throws PickleError E_TOO_LARGE for more than one Uint8Array holds
	 */
	slice(start = 0, end: number = this.byteLength): Uint8Array {
		const from = place(start, this.byteLength);
		const length = Math.max(0, place(end, this.byteLength) - from);
		const view = viewOf(this.buffer, this.byteOffset + from, length);
		if (view instanceof Uint8Array) return view;
		throw new PickleError("E_TOO_LARGE", `${length} bytes are more than one Uint8Array holds; take smaller parts`);
	}

	subarray(start: number, end: number): Uint8Array | PyLargeBytes {
		return viewOf(this.buffer, this.byteOffset + start, Math.min(end, this.byteLength) - start);
	}

	/** Views of all of it, one after another, of `size` bytes each but the last. */
	*chunks(size: number = 2 ** 24): Generator<Uint8Array, void> {
		if (!(size >= 1)) throw new TypeError("chunks take a size of at least 1 byte");
		for (let start = 0; start < this.byteLength; start += size) {
			const length = Math.min(size, this.byteLength - start);
			yield new Uint8Array(this.buffer, this.byteOffset + start, length);
		}
	}

	windows(): Iterable<Uint8Array> {
		return this.chunks(WINDOW);
	}

	[Symbol.for("nodejs.util.inspect.custom")](): string {
		return `PyLargeBytes(${this.byteLength})`;
	}
}

function place(index: number, length: number): number {
	return Math.min(Math.max(0, index < 0 ? index + length : index), length);
}

/** Bytes of a buffer as one Uint8Array where this runtime has one so long, else as a PyLargeBytes. */
export function viewOf(buffer: ArrayBuffer, byteOffset: number, length: number): Uint8Array | PyLargeBytes {
	if (length <= memoryLimits.view) {
		try {
			return new Uint8Array(buffer, byteOffset, length);
		} catch (error) {
			if (length < WINDOW) throw error;
		}
	}
	return new PyLargeBytes(buffer, byteOffset, length);
}

/** New memory. @throws PickleError E_TOO_LARGE, with this advice, if this runtime has none so long */
export function allocateBuffer(length: number, advice = "openPickle reads parts of a file"): ArrayBuffer {
	try {
		return new ArrayBuffer(length);
	} catch (cause) {
		const reason = `${length} bytes are more memory than this runtime has; ${advice}`;
		throw new PickleError("E_TOO_LARGE", reason, { cause });
	}
}
