import { plainBytes } from "../bytes/plain.ts";
import type { Signal, StreamLike } from "../bytes/platform.ts";
import { sourceError } from "../bytes/source.ts";
import { isPickleError } from "../errors.ts";
import { Filling } from "./filling.ts";
import { HEAD, type Payload, type Supply, type Watch } from "./supply.ts";

/** Chunks of bytes, as a file, a response's body or a socket gives them. */
export type ByteStream = AsyncIterable<Uint8Array> | Iterable<Uint8Array> | StreamLike;

/** What has come of a stream and is not consumed yet. A chunk is copied only where the one before has left a rest. */
export class Window implements Supply {
	bytes: Uint8Array = new Uint8Array(0);
	offset = 0;
	ended = false;
	head: Uint8Array = new Uint8Array(0);
	readonly #watch: Watch;
	readonly #stream: ByteStream;
	readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
	/** What ended the stream before its end. */
	#failure: { readonly error: unknown } | undefined = undefined;
	/** Memory of our own, and how much of it is used; `bytes` lies in it or is a chunk itself. */
	#own = new Uint8Array(0);
	#used = 0;

	constructor(stream: ByteStream, watch: Watch = {}) {
		this.#stream = stream;
		this.#chunks = iterate(stream);
		this.#watch = watch;
	}

	async atLeast(count: number): Promise<boolean> {
		while (this.bytes.length < count) {
			this.#keepRest();
			const chunk = await this.#next();
			if (chunk === undefined) return false;
			this.#append(chunk);
		}
		return true;
	}

	async beginning(count: number): Promise<Uint8Array> {
		try {
			while (this.head.length < Math.min(count, HEAD) && (await this.atLeast(this.bytes.length + 1)));
		} catch {
			// What came before the stream failed says enough.
		}
		return this.head;
	}

	startHead(): void {
		this.head = this.bytes.slice(0, HEAD);
	}

	consume(count: number): void {
		this.bytes = this.bytes.subarray(count);
		this.offset += count;
	}

	async payload(header: number, length: number, sized: boolean): Promise<Payload | undefined> {
		this.consume(header);
		const payload = new Filling(length, sized ? length : Math.max(2 ** 20, 2 * this.bytes.length));
		for (;;) {
			const part = this.bytes.subarray(0, length - payload.filled);
			payload.add(part);
			this.consume(part.length);
			if (payload.filled === length) return payload.whole();
			if (!(await this.atLeast(1))) return undefined;
		}
	}

	async close(): Promise<void> {
		if (this.ended) return;
		const closing = this.#chunks.return?.();
		if (!this.#watch.signal?.aborted) {
			await closing;
			return;
		}
		// A stream whose next chunk was given up cannot close before that comes, but those of Node let go.
		Promise.resolve(closing).catch(() => {});
		const { destroy } = this.#stream as { destroy?: unknown };
		if (typeof destroy === "function") destroy.call(this.#stream);
	}

	async #next(): Promise<Uint8Array | undefined> {
		if (this.ended) return undefined;
		const { done, value } = await this.#pull();
		if (done) {
			this.ended = true;
			return undefined;
		}
		if (ArrayBuffer.isView(value)) {
			this.#watch.onBytes?.(value.byteLength);
			return plainBytes(value);
		}
		throw new TypeError("a stream of Uint8Array is needed");
	}

	/** A failure of the source is E_SOURCE, also the TypeError of a broken connection; that it was aborted stays the reason given. */
	async #pull(): Promise<IteratorResult<Uint8Array, unknown>> {
		if (this.#failure !== undefined) throw this.#failure.error;
		try {
			return await unlessAborted(() => this.#chunks.next(), this.#watch.signal);
		} catch (cause) {
			const error = this.#errorOf(cause);
			this.#failure = { error };
			throw error;
		}
	}

	#errorOf(cause: unknown): unknown {
		const { signal } = this.#watch;
		if (signal?.aborted) return signal.reason;
		if (isPickleError(cause) || (cause as Error | null)?.name === "AbortError") return cause;
		return sourceError(`the stream failed after ${this.offset + this.bytes.length} bytes`, cause);
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

/** Waits for a chunk, but not beyond an abort. */
export async function unlessAborted<T>(next: () => T | Promise<T>, signal: Signal | undefined): Promise<T> {
	if (signal === undefined) return next();
	signal.throwIfAborted();
	let stop = () => {};
	const aborted = new Promise<never>((_, reject) => {
		stop = () => reject(signal.reason);
		signal.addEventListener("abort", stop);
	});
	try {
		return await Promise.race([next(), aborted]);
	} finally {
		signal.removeEventListener("abort", stop);
	}
}

function concat(left: Uint8Array, right: Uint8Array): Uint8Array {
	const both = new Uint8Array(left.length + right.length);
	both.set(left);
	both.set(right, left.length);
	return both;
}

/** Browsers' ReadableStreams are not all iterable, and none lets go by its iterator while it waits. */
function iterate(stream: ByteStream): AsyncIterator<Uint8Array> | Iterator<Uint8Array> {
	if (typeof stream === "object" && stream !== null) {
		if ("getReader" in stream) return read(stream as StreamLike);
		if (Symbol.asyncIterator in stream) return stream[Symbol.asyncIterator]();
		if (Symbol.iterator in stream) return stream[Symbol.iterator]();
	}
	throw new TypeError("a stream is to be an async iterable of Uint8Array or a ReadableStream");
}

function read(stream: StreamLike): AsyncIterator<Uint8Array> {
	const reader = stream.getReader();
	return {
		async next() {
			const { done, value } = await reader.read();
			return done ? { done, value: undefined } : { done: false, value };
		},
		async return() {
			await reader.cancel();
			return { done: true, value: undefined };
		},
	};
}
