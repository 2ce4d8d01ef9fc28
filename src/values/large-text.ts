import { decodedText, decodeUtf8 } from "../bytes/utf8.ts";
import { Bulk } from "./bulk.ts";
import type { PyLargeBytes } from "./large.ts";

/** A str beyond what a JavaScript string holds (2^29 - 24 characters). Encodes as str. */
export class PyLargeText extends Bulk {
	/** Bundlers rename classes; a field of this name would make `instanceof` slow, 1.06x on W10. */
	static override get name(): string {
		return "PyLargeText";
	}
	readonly kind = "text";
	/** The text's UTF-8, lone surrogates as three bytes. */
	readonly utf8: Uint8Array | PyLargeBytes;

	constructor(utf8: Uint8Array | PyLargeBytes) {
		super();
		this.utf8 = utf8;
	}

	/** Bytes of its UTF-8. */
	get byteLength(): number {
		return this.utf8.byteLength;
	}

	subarray(start: number, end: number): Uint8Array | Bulk {
		return this.utf8.subarray(start, end);
	}

	windows(): Iterable<Uint8Array> {
		return this.utf8 instanceof Uint8Array ? [this.utf8] : this.utf8.windows();
	}

	/**
	 * Its text in pieces, each from about `size` bytes.
	 * @throws PickleError E_TEXT where it is no UTF-8
	 * @throws TypeError for a size that is none
	 */
	*chunks(size: number = 2 ** 20): Generator<string, void> {
		if (!(size >= 1)) throw new TypeError("chunks take a size of at least 1 byte");
		for (let start = 0; start < this.byteLength; ) {
			const part = this.utf8.subarray(
				start,
				Math.min(start + Math.max(Math.floor(size), 4), this.byteLength),
			) as Uint8Array;
			const length = start + part.length < this.byteLength ? wholeCharacters(part) : part.length;
			const text = decodeUtf8(part, 0, length);
			decodedText.splitPair = false;
			yield text;
			start += length;
		}
	}

	[Symbol.for("nodejs.util.inspect.custom")](): string {
		return `PyLargeText(${this.byteLength})`;
	}
}

/** How many bytes there are up to the last character, which may be cut. */
function wholeCharacters(utf8: Uint8Array): number {
	let end = utf8.length - 1;
	while (end > utf8.length - 4 && ((utf8[end] as number) & 0xc0) === 0x80) end--;
	const first = utf8[end] as number;
	const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	return end + length === utf8.length ? utf8.length : Math.max(end, 1);
}
