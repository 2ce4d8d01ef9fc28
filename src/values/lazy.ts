import type { Signal } from "../bytes/platform.ts";
import { type ByteSource, fillFrom } from "../bytes/source.ts";
import { decodedText, decodeUtf8 } from "../bytes/utf8.ts";
import { isPickleError, PickleError } from "../errors.ts";
import { Bulk, type BulkKind } from "./bulk.ts";
import { allocateBuffer, PyLargeBytes, viewOf } from "./large.ts";
import { PyLargeText } from "./large-text.ts";
import { PyByteArray } from "./scalars.ts";

export interface ReadOptions {
	readonly signal?: Signal | undefined;
	/** Told how many bytes came of how many. */
	readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** bytes, a bytearray or a str that lie in their file yet. `writePickle` copies them from there. */
export class PyLazyBytes extends Bulk {
	/** Bundlers rename classes; a field of this name would make `instanceof` slow, 1.06x on W10. */
	static override get name(): string {
		return "PyLazyBytes";
	}
	/** What it is in Python; `"str"` is Python 2's. */
	readonly kind: BulkKind;
	readonly source: ByteSource;
	/** Where it begins in its source, in bytes. */
	readonly offset: number;
	/** In bytes. */
	readonly byteLength: number;

	constructor(source: ByteSource, offset: number, byteLength: number, kind: BulkKind) {
		super();
		this.source = source;
		this.offset = offset;
		this.byteLength = byteLength;
		this.kind = kind;
	}

	/**
	 * Reads all of it: a Uint8Array or PyLargeBytes, a PyByteArray, a string or PyLargeText, as `kind` says; of a `"str"` its bytes.
	 * @throws PickleError E_SOURCE, also after its file was closed; E_TEXT if it is to be text and is none; E_TOO_LARGE
	 */
	async read(options: ReadOptions = {}): Promise<Uint8Array | PyLargeBytes | string | PyLargeText> {
		const bytes = await this.readBytes(options);
		if (this.kind === "text") return textOf(bytes);
		if (this.kind !== "bytearray") return bytes;
		if (bytes instanceof PyLargeBytes) return new PyLargeBytes(bytes.buffer, 0, bytes.byteLength, "bytearray");
		return new PyByteArray(bytes.buffer as ArrayBuffer);
	}

	/** Reads all of its bytes as they are in the file. @throws PickleError E_SOURCE, E_TOO_LARGE */
	async readBytes({ signal, onProgress }: ReadOptions = {}): Promise<Uint8Array | PyLargeBytes> {
		const { byteLength: length } = this;
		const buffer = allocateBuffer(length, "readSlice reads a part, as readRows does of an array");
		let done = 0;
		const onRead = (count: number) => {
			done += count;
			onProgress?.(done, length);
		};
		await fillFrom(this.source, this.offset, { buffer, start: 0, length }, { signal, onRead });
		await this.source.check?.();
		return viewOf(buffer, 0, length);
	}

	/**
	 * Reads the bytes from `start` to `end`; those of a str are UTF-8.
	 * @throws PickleError E_SOURCE, E_TOO_LARGE
	 * @throws TypeError for a part that it has not
	 */
	async readSlice(start: number, end: number, options: ReadOptions = {}): Promise<Uint8Array | PyLargeBytes> {
		if (!(start >= 0 && start <= end && end <= this.byteLength)) {
			throw new TypeError(`bytes ${start} to ${end} are no part of ${this.byteLength} bytes`);
		}
		return this.subarray(start, end).readBytes(options);
	}

	subarray(start: number, end: number): PyLazyBytes {
		return new PyLazyBytes(this.source, this.offset + start, Math.min(end, this.byteLength) - start, "bytes");
	}

	windows(): never {
		const reason = "data that lies in its file yet cannot be given out at once: read() it, or let writePickle copy it";
		throw new PickleError("E_UNENCODABLE", reason);
	}

	[Symbol.for("nodejs.util.inspect.custom")](): string {
		return `PyLazyBytes(${this.byteLength}, ${this.kind})`;
	}
}

/** The text of UTF-8, whatever its length. @throws PickleError E_TEXT */
function textOf(utf8: Uint8Array | PyLargeBytes): string | PyLargeText {
	if (utf8 instanceof PyLargeBytes) return new PyLargeText(utf8);
	try {
		return decodeUtf8(utf8, 0, utf8.length);
	} catch (error) {
		if (isPickleError(error, "E_TOO_LARGE")) return new PyLargeText(utf8);
		throw error;
	} finally {
		decodedText.splitPair = false;
	}
}
