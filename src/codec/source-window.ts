import { type ByteSource, fillFrom, shrunk } from "../bytes/source.ts";
import { allocateBuffer, viewOf } from "../values/large.ts";
import { HEAD, type Payload, type Supply, type Watch } from "./supply.ts";

/** So much is read at first, and after each payload that is left where it is: what stands around arrays is short. */
const FIRST_READ = 2 ** 13;
/** So much at last, where small values follow each other. */
const LONGEST_READ = 2 ** 22;

/** What is at hand of a source of known size. */
export class SourceWindow implements Supply {
	bytes: Uint8Array = new Uint8Array(0);
	offset = 0;
	head: Uint8Array = new Uint8Array(0);
	readonly source: ByteSource;
	readonly #size: number;
	readonly #watch: Watch;
	#memory = new Uint8Array(FIRST_READ);
	#nextRead = FIRST_READ;
	#headAt = 0;

	constructor(source: ByteSource, size: number, watch: Watch = {}) {
		this.source = source;
		this.#size = size;
		this.#watch = watch;
	}

	get ended(): boolean {
		return this.offset + this.bytes.length >= this.#size;
	}

	async atLeast(count: number): Promise<boolean> {
		if (count <= this.bytes.length) return true;
		if (this.ended) return false;
		await this.#readMore(Math.max(count - this.bytes.length, this.#nextRead));
		this.#nextRead = Math.min(2 * this.#nextRead, LONGEST_READ);
		return count <= this.bytes.length;
	}

	/** Reads behind what is at hand, into memory that holds both. */
	async #readMore(wanted: number): Promise<void> {
		const rest = this.bytes;
		const from = this.offset + rest.length;
		const count = Math.min(wanted, this.#size - from);
		if (rest.length + count > this.#memory.length) {
			this.#memory = new Uint8Array(Math.max(rest.length + count, Math.min(2 * this.#memory.length, LONGEST_READ)));
			this.#memory.set(rest);
		} else this.#memory.copyWithin(0, rest.byteOffset, rest.byteOffset + rest.length);
		// What was there until now is gone, also if the read fails.
		this.bytes = this.#memory.subarray(0, rest.length);
		await fillFrom(
			this.source,
			from,
			{ buffer: this.#memory.buffer, start: rest.length, length: count },
			{ signal: this.#watch.signal, onRead: this.#watch.onBytes },
		);
		this.bytes = this.#memory.subarray(0, rest.length + count);
		if (this.head.length < HEAD && this.offset === this.#headAt) this.startHead();
	}

	startHead(): void {
		this.#headAt = this.offset;
		this.head = this.bytes.slice(0, HEAD);
	}

	async beginning(count: number): Promise<Uint8Array> {
		if (this.head.length >= count || this.#headAt + this.head.length >= this.#size) return this.head;
		const head = new Uint8Array(HEAD);
		try {
			const filled = await this.source.read(head, this.#headAt, this.#watch.signal);
			this.head = head.subarray(0, filled);
		} catch {
			// What came before the source failed says enough.
		}
		return this.head;
	}

	consume(count: number): void {
		this.bytes = this.bytes.subarray(count);
		this.offset += count;
	}

	/** Leaves the next bytes where they are. */
	skip(count: number): void {
		const { length } = this.bytes;
		if (count <= length) this.consume(count);
		else {
			this.bytes = new Uint8Array(0);
			this.offset += count;
			this.#nextRead = FIRST_READ;
		}
	}

	async payload(header: number, length: number): Promise<Payload | undefined> {
		this.consume(header);
		if (this.offset + length > this.#size) throw shrunk(this.source, this.#size);
		const buffer = allocateBuffer(length);
		const start = Math.min(length, this.bytes.length);
		new Uint8Array(buffer, 0, start).set(this.bytes.subarray(0, start));
		this.consume(start);
		await fillFrom(
			this.source,
			this.offset,
			{ buffer, start, length: length - start },
			{ signal: this.#watch.signal, onRead: this.#watch.onBytes },
		);
		this.consume(length - start);
		return viewOf(buffer, 0, length);
	}

	async close(): Promise<void> {}
}
