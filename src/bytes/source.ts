import { isPickleError, messageOf, PickleError } from "../errors.ts";
import { type BytesInput, plainBytes } from "./plain.ts";
import type { BlobLike, Signal } from "./platform.ts";

/**
 * Bytes that are not at hand, such as a file, a Blob or what a server holds: they are fetched where they are needed. Whoever
 * opens a source closes it.
 */
export interface ByteSource {
	/** How many bytes there are; undefined if only reading to the end tells. */
	readonly size: number | undefined;
	/**
	 * Fills `into` with the bytes from `offset` on.
	 *
	 * @returns how many bytes were written: 0 only where the source ends
	 * @throws PickleError E_SOURCE if the source fails or is no longer what it was; the signal's reason once it is aborted
	 */
	read(into: Uint8Array, offset: number, signal?: Signal): Promise<number>;
	/** Makes sure that nothing changed since the source was opened. @throws PickleError E_SOURCE */
	check?(): Promise<void>;
	/** Lets go of what is open. */
	close?(): Promise<void>;
}

/** Bytes in memory, a Blob or File, or a ByteSource. Of a path, `fileSource` of "picklet/node" makes one. */
export type SourceInput = BytesInput | BlobLike | ByteSource;

/** A source over what a caller gave, which stays his to close. @throws TypeError for what is none */
export function sourceOf(input: SourceInput): ByteSource {
	const held = bytesOrSource(input);
	return held instanceof Uint8Array ? bytesSource(held) : held;
}

/** What a caller gave: bytes at hand, or a source over what is not. @throws TypeError for what is neither */
export function bytesOrSource(input: SourceInput): Uint8Array<ArrayBuffer> | ByteSource {
	if (typeof Blob !== "undefined" && input instanceof Blob) return blobSource(input);
	return isByteSource(input) ? input : plainBytes(input as BytesInput);
}

export function isByteSource(input: unknown): input is ByteSource {
	return typeof input === "object" && input !== null && typeof (input as ByteSource).read === "function";
}

/** Most engines read and copy no faster in larger pieces, and progress and aborts come in between. */
const PIECE = 2 ** 24;

/** A source over bytes at hand. */
export function bytesSource(bytes: Uint8Array): ByteSource {
	return bufferSource(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A source over memory that may be longer than a Uint8Array. */
export function bufferSource(buffer: ArrayBufferLike, start = 0, size: number = buffer.byteLength - start): ByteSource {
	return {
		size,
		async read(into, offset) {
			const count = Math.min(into.length, size - offset);
			if (count <= 0) return 0;
			into.set(new Uint8Array(buffer, start + offset, count));
			return count;
		},
	};
}

/** A source over a Blob or File, of which only the parts that are needed are read. */
export function blobSource(blob: BlobLike): ByteSource {
	return {
		size: blob.size,
		async read(into, offset, signal) {
			let filled = 0;
			while (filled < into.length && offset + filled < blob.size) {
				signal?.throwIfAborted();
				const start = offset + filled;
				const end = Math.min(start + PIECE, offset + into.length);
				const part = await partOf(blob, start, end);
				into.set(part, filled);
				filled += part.length;
			}
			return filled;
		},
	};
}

async function partOf(blob: BlobLike, start: number, end: number): Promise<Uint8Array> {
	const expected = Math.min(end, blob.size) - start;
	let part: ArrayBuffer;
	try {
		part = await blob.slice(start, end).arrayBuffer();
	} catch (cause) {
		throw sourceError(`the file cannot be read at ${start}`, cause);
	}
	if (part.byteLength === expected) return new Uint8Array(part);
	throw new PickleError("E_SOURCE", `the file gave ${part.byteLength} bytes at ${start} in place of ${expected}`);
}

/** What a source's own error becomes. An abort stays the reason that was given. */
export function sourceError(what: string, cause: unknown): PickleError {
	return new PickleError("E_SOURCE", `${what}: ${messageOf(cause)}`, { cause });
}

/**
 * Fills all of a part of memory, which may be longer than a Uint8Array, from a source, piece by piece.
 *
 * @param onRead is told how many bytes came, after each piece
 * @throws PickleError E_SOURCE if the source ends before; the signal's reason once it is aborted
 */
export async function fillFrom(
	source: ByteSource,
	offset: number,
	part: MemoryPart,
	options: FillOptions = {},
): Promise<void> {
	const { buffer, start, length } = part;
	const { signal, onRead } = options;
	const readPiece = async (at: number) => {
		const piece = new Uint8Array(buffer, start + at, Math.min(PIECE, length - at));
		signal?.throwIfAborted();
		for (let filled = 0; filled < piece.length; ) {
			const count = await readSome(source, piece.subarray(filled), offset + at + filled, signal);
			if (count === 0) await refuseShrunk(source, offset + at + filled);
			filled += count;
		}
		onRead?.(piece.length);
	};
	// Fresh memory costs more than reading: two readings at a time take both of a small machine's cores.
	await eachOf(pieceStarts(length), length > PIECE ? 2 : 1, readPiece);
}

function* pieceStarts(length: number): Generator<number, void> {
	for (let at = 0; at < length; at += PIECE) yield at;
}

/** Does a work for each item, for `count` at a time, and throws what failed first, once nothing is under way. */
export async function eachOf<T>(
	items: Iterator<T, void>,
	count: number,
	work: (item: T) => Promise<void>,
): Promise<void> {
	let failure: { readonly error: unknown } | undefined;
	const workOn = async () => {
		for (let next = items.next(); !next.done && failure === undefined; next = items.next()) {
			try {
				await work(next.value);
			} catch (error) {
				failure ??= { error };
			}
		}
	};
	await Promise.all(Array.from({ length: count }, workOn));
	if (failure !== undefined) throw failure.error;
}

/**
 * Reads what a source gives at once. A source is often not ours: what it throws, and what it says that it has read, is looked at.
 *
 * @throws PickleError E_SOURCE; the signal's reason once it is aborted
 */
export async function readSome(
	source: ByteSource,
	into: Uint8Array,
	offset: number,
	signal: Signal | undefined,
): Promise<number> {
	let count: number;
	try {
		count = await source.read(into, offset, signal);
	} catch (cause) {
		if (signal?.aborted) throw signal.reason;
		if (isPickleError(cause) || (cause as Error | null)?.name === "AbortError") throw cause;
		throw sourceError(`the source failed at ${offset}`, cause);
	}
	if (Number.isInteger(count) && count >= 0 && count <= into.length) return count;
	const reason = `the source says that it read ${String(count)} bytes at ${offset}, of ${into.length} at most`;
	throw new PickleError("E_SOURCE", reason);
}

/** @throws PickleError E_SOURCE that says what became of the source, if it knows that itself */
async function refuseShrunk(source: ByteSource, end: number): Promise<never> {
	await source.check?.();
	throw shrunk(source, end);
}

/** A part of memory, in bytes. */
export interface MemoryPart {
	readonly buffer: ArrayBuffer;
	readonly start: number;
	readonly length: number;
}

export interface FillOptions {
	readonly signal?: Signal | undefined;
	readonly onRead?: ((count: number) => void) | undefined;
}

/** The error of a source that ends before its size. */
export function shrunk({ size }: ByteSource, end: number): PickleError {
	const reason = `the source ends at ${end}, but it had ${size} bytes when it was opened`;
	return new PickleError("E_SOURCE", `${reason}: it was cut while it was read`, { end });
}
