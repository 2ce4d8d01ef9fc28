/** What a payload is in Python. `"str"` is Python 2's. */
export type BulkKind = "bytes" | "bytearray" | "text" | "str";

/** A payload that is no Uint8Array: too long for one, or not at hand. */
export abstract class Bulk {
	abstract readonly kind: BulkKind;
	/** How many bytes it has in a pickle. */
	abstract readonly byteLength: number;
	/** A part of it, in bytes. */
	abstract subarray(start: number, end: number): Uint8Array | Bulk;
	/** All of it, in views of its memory. @throws PickleError E_UNENCODABLE if it is not at hand */
	abstract windows(): Iterable<Uint8Array>;
}
