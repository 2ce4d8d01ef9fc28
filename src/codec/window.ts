import { plainBytes } from "../bytes/plain.ts";
import { isPickleError, PickleError } from "../errors.ts";

/** Chunks of bytes, as a file, a response's body or a socket gives them. */
export type ByteStream = AsyncIterable<Uint8Array> | Iterable<Uint8Array> | ReadableStream<Uint8Array>;

/** Bytes that are kept for saying what an input is. */
const HEAD = 512;

/** What has come of a stream and is not consumed yet. A chunk is copied only where the one before has left a rest. */
export class Window {
	/** The bytes at hand. Their memory is used again after the next `atLeast` or `payload`. */
	bytes: Uint8Array = new Uint8Array(0);
	/** Absolute offset of the first of them. */
	offset = 0;
	/** Whether the stream has ended: nothing comes after `bytes`. */
	ended = false;
	/** The first bytes since `startHead`, for saying what they are. */
	head: Uint8Array = new Uint8Array(0);
	readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
	/** Memory of our own, and how much of it is used; `bytes` lies in it or is a chunk itself. */
	#own = new Uint8Array(0);
	#used = 0;

	constructor(stream: ByteStream) {
		this.#chunks = iterate(stream);
	}

	/** Waits until so many bytes are at hand. Returns false if the stream ends before. */
	async atLeast(count: number): Promise<boolean> {
		while (this.bytes.length < count) {
			this.#keepRest();
			const chunk = await this.#next();
			if (chunk === undefined) return false;
			this.#append(chunk);
		}
		return true;
	}

	/** The first bytes since `startHead`: so many at least, if they come. */
	async beginning(count: number): Promise<Uint8Array> {
		try {
			while (this.head.length < count && (await this.atLeast(this.bytes.length + 1)));
		} catch {
			// What came before the stream failed says enough.
		}
		return this.head;
	}

	/** Keeps the first bytes from here on. */
	startHead(): void {
		this.head = this.bytes.slice(0, HEAD);
	}

	consume(count: number): void {
		this.bytes = this.bytes.subarray(count);
		this.offset += count;
	}

	/**
	 * The `length` bytes that follow the first `header` ones, in memory of their own; `header` and payload are consumed. If
	 * `sized`, the source is known to hold them, and their memory is allocated at once; else it grows with what comes. Returns
	 * undefined, with the stream ended, if they do not all come.
	 */
	async payload(header: number, length: number, sized: boolean): Promise<Uint8Array | undefined> {
		this.consume(header);
		let buffer = new Uint8Array(sized ? length : Math.min(length, Math.max(2 ** 20, 2 * this.bytes.length)));
		let filled = 0;
		for (;;) {
			const part = this.bytes.subarray(0, length - filled);
			if (filled + part.length > buffer.length) {
				const larger = new Uint8Array(Math.min(length, 2 * (filled + part.length)));
				larger.set(buffer.subarray(0, filled));
				buffer = larger;
			}
			buffer.set(part, filled);
			filled += part.length;
			this.consume(part.length);
			if (filled === length) return buffer;
			if (!(await this.atLeast(1))) return undefined;
		}
	}

	/** Tells the source that no more is wanted. */
	async close(): Promise<void> {
		if (!this.ended) await this.#chunks.return?.();
	}

	async #next(): Promise<Uint8Array | undefined> {
		if (this.ended) return undefined;
		const { done, value } = await this.#pull();
		if (done) {
			this.ended = true;
			return undefined;
		}
		if (ArrayBuffer.isView(value)) return plainBytes(value);
		throw new TypeError("a stream of Uint8Array is needed");
	}

	/** A failure of the source is E_SOURCE, also the TypeError of a broken connection; that it was aborted stays the reason given. */
	async #pull(): Promise<IteratorResult<Uint8Array, unknown>> {
		try {
			return await this.#chunks.next();
		} catch (cause) {
			if (isPickleError(cause) || (cause as Error | null)?.name === "AbortError") throw cause;
			const reason = `the stream failed after ${this.offset + this.bytes.length} bytes`;
			throw new PickleError("E_SOURCE", `${reason}: ${cause instanceof Error ? cause.message : cause}`, { cause });
		}
	}

	/** Takes the rest of a chunk into memory of our own: its source may use the chunk again for the next one. */
	#keepRest(): void {
		const rest = this.bytes;
		if (rest.length === 0 || rest.buffer === this.#own.buffer) return;
		if (rest.length > this.#own.length) this.#own = new Uint8Array(Math.max(2 * rest.length, 4096));
		this.#own.set(rest);
		this.#used = rest.length;
		this.bytes = this.#own.subarray(0, rest.length);
	}

	#append(chunk: Uint8Array): void {
		if (this.head.length < HEAD) this.head = concat(this.head, chunk.subarray(0, HEAD - this.head.length));
		const rest = this.bytes;
		if (rest.length === 0) {
			this.bytes = chunk;
			return;
		}
		if (this.#used + chunk.length > this.#own.length) {
			this.#own = new Uint8Array(2 * (rest.length + chunk.length));
			this.#own.set(rest);
			this.#used = rest.length;
		}
		this.#own.set(chunk, this.#used);
		this.#used += chunk.length;
		this.bytes = this.#own.subarray(this.#used - chunk.length - rest.length, this.#used);
	}
}

function concat(left: Uint8Array, right: Uint8Array): Uint8Array {
	const both = new Uint8Array(left.length + right.length);
	both.set(left);
	both.set(right, left.length);
	return both;
}

/** Browsers' ReadableStreams are not all iterable. */
function iterate(stream: ByteStream): AsyncIterator<Uint8Array> | Iterator<Uint8Array> {
	if (typeof stream === "object" && stream !== null) {
		if (Symbol.asyncIterator in stream) return stream[Symbol.asyncIterator]();
		if (Symbol.iterator in stream) return stream[Symbol.iterator]();
		if ("getReader" in stream) return read(stream as ReadableStream<Uint8Array>);
	}
	throw new TypeError("a stream is to be an async iterable of Uint8Array or a ReadableStream");
}

async function* read(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
	const reader = stream.getReader();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			yield value;
		}
	} finally {
		await reader.cancel();
	}
}
