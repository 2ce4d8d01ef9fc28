/* Types of the platform, which need not be declared where the package is used: those that are, else what is made use of. */

type Declared<Name extends string, Used> =
	typeof globalThis extends Record<Name, { readonly prototype: infer Own }> ? Own : Used;

/** An AbortSignal. */
export type Signal = Declared<
	"AbortSignal",
	{
		readonly aborted: boolean;
		readonly reason: unknown;
		throwIfAborted(): void;
		addEventListener(type: "abort", listener: () => void): void;
		removeEventListener(type: "abort", listener: () => void): void;
	}
>;

/** A Blob or File. */
export type BlobLike = Declared<
	"Blob",
	{
		readonly size: number;
		slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
	}
>;

/** A URL. */
export type UrlLike = Declared<"URL", { readonly href: string; toString(): string }>;

/** A ReadableStream of bytes. */
export interface StreamLike {
	getReader(): StreamReader;
}

interface StreamReader {
	read(): Promise<
		| { readonly done: false; readonly value: Uint8Array }
		| { readonly done: true; readonly value?: Uint8Array | undefined }
	>;
	cancel(): Promise<void>;
}

/** What `fetch` does. */
export type Fetch = typeof globalThis extends { fetch: infer Own } ? Own : UsedFetch;

type UsedFetch = (
	url: string,
	request: { method?: string; headers: Readonly<Record<string, string>>; signal?: Signal },
) => Promise<{
	readonly ok: boolean;
	readonly status: number;
	readonly headers: { get(name: string): string | null };
	readonly body: StreamLike | null;
}>;
