import { allocateBuffer, viewOf } from "../values/large.ts";
import type { Payload } from "./supply.ts";

/** Memory is copied in parts of so many bytes. */
const PART = 2 ** 30;

/** Memory for a payload of known length, which grows with what comes unless it is allocated at once. */
export class Filling {
	filled = 0;
	readonly #length: number;
	#buffer: ArrayBuffer;

	/** @param expected bytes that are allocated at first @throws PickleError E_TOO_LARGE */
	constructor(length: number, expected: number) {
		this.#length = length;
		this.#buffer = allocateBuffer(Math.min(length, expected));
	}

	/** @throws PickleError E_TOO_LARGE */
	add(part: Uint8Array): void {
		const end = this.filled + part.length;
		if (end > this.#buffer.byteLength) this.#grow(Math.min(this.#length, 2 * end));
		new Uint8Array(this.#buffer, this.filled, part.length).set(part);
		this.filled = end;
	}

	#grow(capacity: number): void {
		const larger = allocateBuffer(capacity);
		for (let at = 0; at < this.filled; at += PART) {
			const length = Math.min(PART, this.filled - at);
			new Uint8Array(larger, at, length).set(new Uint8Array(this.#buffer, at, length));
		}
		this.#buffer = larger;
	}

	/** All of it, once it is filled. */
	whole(): Payload {
		return viewOf(this.#buffer, 0, this.#length);
	}
}
