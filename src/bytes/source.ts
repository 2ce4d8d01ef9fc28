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
	 * @returns how many bytes were written: fewer than `into` holds only where the source ends
	 * @throws PickleError E_SOURCE if the source fails or is no longer what it was; the signal's reason once it is aborted
	 */
	read(into: Uint8Array, offset: number, signal?: AbortSignal): Promise<number>;
	/** Lets go of what is open. */
	close?(): Promise<void>;
}

/** A source over bytes at hand. */
export function bytesSource(bytes: Uint8Array): ByteSource {
	return {
		size: bytes.length,
		async read(into, offset) {
			const part = bytes.subarray(offset, offset + into.length);
			into.set(part);
			return part.length;
		},
	};
}
