import { PickleError } from "../errors.ts";
import type { Fetch, Signal, UrlLike } from "./platform.ts";
import { type ByteSource, sourceError } from "./source.ts";

export interface HttpSourceOptions {
	/** Sent with each request, such as `Authorization`. */
	readonly headers?: Readonly<Record<string, string>> | undefined;
	/** In place of the global fetch. */
	readonly fetch?: Fetch | undefined;
	/** Ends the requests that are under way. */
	readonly signal?: Signal | undefined;
}

/**
 * A source over what a server has under a URL, of which only the parts that are needed are fetched, by range requests. That
 * they all are parts of the same version is asked of the server with `If-Range`.
 *
 * @throws PickleError E_SOURCE if the server cannot be reached, knows no ranges, encodes its content or does not say its size
 */
export async function httpSource(url: string | UrlLike, options: HttpSourceOptions = {}): Promise<ByteSource> {
	const file = new RemoteFile(String(url), options);
	await file.open(options.signal);
	return file;
}

const CHANGED = "it was changed on the server while it was read";

class RemoteFile implements ByteSource {
	readonly #url: string;
	readonly #fetch: Fetch;
	readonly #headers: Readonly<Record<string, string>>;
	/** What names this version of the file to the server: a strong ETag, or when it was changed. */
	#version: string | undefined = undefined;
	/** What each answer says of its version: servers may not know If-Range. */
	#tag: string | null = null;
	#modified: string | null = null;
	#size = 0;

	constructor(url: string, options: HttpSourceOptions) {
		this.#url = url;
		this.#fetch = options.fetch ?? fetch;
		this.#headers = options.headers ?? {};
	}

	get size(): number {
		return this.#size;
	}

	async open(signal: Signal | undefined): Promise<void> {
		const response = await this.#request("bytes=0-0", signal);
		await response.body?.cancel();
		const range = response.headers.get("content-range");
		const size = /\/(\d+)$/.exec(range ?? "")?.[1] ?? (await this.#askSize(signal));
		if (size === undefined) throw this.#refuse("the server does not say how long it is");
		this.#size = Number(size);
		this.#tag = response.headers.get("etag");
		this.#modified = response.headers.get("last-modified");
		this.#version = this.#tag?.startsWith('"') ? this.#tag : (this.#modified ?? undefined);
	}

	/** Across origins Content-Range is hidden unless the server exposes it; Content-Length never is. */
	async #askSize(signal: Signal | undefined): Promise<string | undefined> {
		const { ok, headers } = await this.#send({ method: "HEAD", headers: this.#headers }, signal);
		return (ok && headers.get("content-length")) || undefined;
	}

	async read(into: Uint8Array, offset: number, signal?: Signal): Promise<number> {
		const length = Math.min(into.length, this.#size - offset);
		if (length <= 0) return 0;
		const response = await this.#request(`bytes=${offset}-${offset + length - 1}`, signal);
		const problem = this.#otherVersion(response) ?? this.#otherRange(response, offset, length);
		if (problem !== undefined) {
			await response.body?.cancel();
			throw this.#refuse(problem);
		}
		const filled = await this.#fill(response, into.subarray(0, length), signal);
		if (filled === length) return length;
		throw this.#refuse(`the server broke off after ${filled} of ${length} bytes at ${offset}`);
	}

	#otherVersion({ headers }: Response): string | undefined {
		const tag = headers.get("etag");
		const modified = headers.get("last-modified");
		const isOther = (found: string | null, first: string | null) => found !== null && first !== null && found !== first;
		return isOther(tag, this.#tag) || isOther(modified, this.#modified) ? CHANGED : undefined;
	}

	/** The whole length may be unknown to the server, as `*`. */
	#otherRange({ headers }: Response, offset: number, length: number): string | undefined {
		const range = headers.get("content-range");
		const expected = `bytes ${offset}-${offset + length - 1}/`;
		if (range === null || range === `${expected}${this.#size}` || range === `${expected}*`) return undefined;
		return `the server sent the range "${range}" for ${length} bytes at ${offset}`;
	}

	async #fill({ body }: Response, into: Uint8Array, signal: Signal | undefined): Promise<number> {
		const reader = body?.getReader();
		let filled = 0;
		try {
			for (;;) {
				const { done, value } = (await reader?.read()) ?? { done: true };
				if (done || value === undefined) return filled;
				if (filled + value.length > into.length) throw this.#refuse("the server sent more than it was asked for");
				into.set(value, filled);
				filled += value.length;
			}
		} catch (cause) {
			if (cause instanceof PickleError) throw cause;
			signal?.throwIfAborted();
			throw sourceError(`${this.#url} broke off`, cause);
		} finally {
			await reader?.cancel().catch(() => {});
		}
	}

	async #request(range: string, signal: Signal | undefined): Promise<Response> {
		const version = this.#version === undefined ? {} : { "If-Range": this.#version };
		const response = await this.#send({ headers: { ...this.#headers, ...version, Range: range } }, signal);
		const problem = this.#problem(response);
		if (problem === undefined) return response;
		await response.body?.cancel();
		throw this.#refuse(problem);
	}

	#problem({ status, headers }: Response): string | undefined {
		const encoding = headers.get("content-encoding");
		if (status === 206) return encoding && encoding !== "identity" ? `its content is encoded (${encoding})` : undefined;
		if (status !== 200) return `the server answers ${status}`;
		if (this.#version === undefined) return "the server knows no ranges; fetch it whole, as a stream";
		return CHANGED;
	}

	async #send(request: RequestInit, signal: Signal | undefined): Promise<Response> {
		const call = this.#fetch;
		try {
			return await call(this.#url, signal ? { ...request, signal } : request);
		} catch (cause) {
			signal?.throwIfAborted();
			throw sourceError(`cannot fetch ${this.#url}`, cause);
		}
	}

	#refuse(problem: string): PickleError {
		return new PickleError("E_SOURCE", `${this.#url}: ${problem}`);
	}
}
