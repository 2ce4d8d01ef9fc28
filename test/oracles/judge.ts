import type { Tag } from "../support/tags.ts";

/** How a pickle is to be read; the names are those of Python's `pickle.loads`. */
export interface LoadsOptions {
	readonly encoding?: "ASCII" | "latin1" | "utf-8" | "bytes";
	readonly fixImports?: boolean;
	/** `module.name` by code. */
	readonly extensions?: Readonly<Record<string, string>>;
	readonly buffers?: readonly Uint8Array[];
}

/** What Python loads, or how it refuses: `UnpicklingError: pickle data was truncated`. */
export type Loaded =
	| { readonly value: Tag; readonly error?: never }
	| { readonly error: string; readonly value?: never };

/** A pickle that Python wrote, and what Python loads from it. */
export interface Dumped {
	readonly data: Uint8Array;
	readonly value: Tag;
}

/** Arguments of `pickletools.dis`. */
export interface DisassembleRequest {
	readonly indentlevel?: number;
	readonly annotate?: number;
}

/** What `pickletools.dis` printed, and the error it raised then. */
export interface Disassembled {
	readonly output: string;
	readonly error?: string;
}

/** What `pickletools.optimize` gave or raised. */
export interface Optimized {
	readonly data: Uint8Array | undefined;
	readonly error: string | undefined;
}

/** What a salvaged pickle holds against the original: where something stands that did not, and what is not there that was. */
export interface Survival {
	readonly wrong: readonly string[];
	readonly missing: readonly string[];
	/** What Python raised instead of loading it. */
	readonly error: string | null;
}

/** Sends one request of judge.py, as JSON, and gives its answer. */
type Ask = (request: string) => Promise<string>;

/** A Python that says what it makes of pickles. Nothing that a pickle names is run: see corpus/inert.py. */
export class Judge {
	/** `CPython 3.14.2 in pyodide`, `py27-np116`, ... */
	readonly name: string;
	/** 2 or 3. */
	readonly major: number;
	readonly #ask: Ask;

	constructor(name: string, major: number, ask: Ask) {
		this.name = name;
		this.major = major;
		this.#ask = ask;
	}

	/** `pickle.loads` of the first pickle. Python 2 ignores `encoding`. */
	async loads(data: Uint8Array, options: LoadsOptions = {}): Promise<Loaded> {
		return (await this.#request({ do: "loads", ...loadsRequest(data, options) })) as Loaded;
	}

	/** `loads` of many pickles in one request. */
	async loadsEach(pickles: readonly Uint8Array[], options: LoadsOptions = {}): Promise<Loaded[]> {
		const requests = pickles.map((data) => ({ do: "loads", ...loadsRequest(data, options) }));
		return (await this.#request({ do: "each", requests })) as Loaded[];
	}

	/** `pickle.loads` of every pickle in a file; with `oneMemo` as one Unpickler loads what one Pickler wrote. */
	async loadsAll(
		data: Uint8Array,
		options: LoadsOptions & { readonly oneMemo?: boolean } = {},
	): Promise<readonly Tag[]> {
		const request = { do: "loads", ...loadsRequest(data, options), all: true, one_memo: options.oneMemo ?? false };
		const answer = (await this.#request(request)) as { readonly values: readonly Tag[]; readonly error?: string };
		if (answer.error !== undefined) throw new Error(`${this.name}: ${answer.error}`);
		return answer.values;
	}

	/** `pickle.dumps` of the value that each tag describes. */
	async dumps(tags: readonly Tag[], protocol: number): Promise<Dumped[]> {
		const answer = (await this.#request({ do: "dumps", tags, protocol })) as {
			readonly pickles: readonly { readonly data: string; readonly value: Tag }[];
		};
		return answer.pickles.map(({ data, value }) => ({ data: unpack(data), value }));
	}

	/** `pickletools.dis` of each pickle, all with one memo. */
	async disassemble(pickles: readonly Uint8Array[], options: DisassembleRequest = {}): Promise<Disassembled[]> {
		const answer = await this.#request({ do: "dis", data: pickles.map(base64), ...options });
		return (answer as { readonly results: Disassembled[] }).results;
	}

	/** `pickletools.optimize` of each pickle. */
	async optimize(pickles: readonly Uint8Array[]): Promise<Optimized[]> {
		const answer = await this.#request({ do: "optimize", data: pickles.map(base64) });
		const { results } = answer as { readonly results: readonly { readonly data?: string; readonly error?: string }[] };
		return results.map(({ data, error }) => ({ data: data === undefined ? undefined : unpack(data), error }));
	}

	/** What was saved of a pickle that was cut at these offsets, or damaged there if that is `inner`. */
	async survivors(
		original: Uint8Array,
		salvaged: readonly { readonly data: Uint8Array; readonly cut: number; readonly inner?: boolean }[],
		{ encoding }: Pick<LoadsOptions, "encoding"> = {},
	): Promise<Survival[]> {
		const request = {
			do: "survivors",
			original: base64(original),
			salvaged: salvaged.map(({ data, ...place }) => ({ data: base64(data), ...place })),
			...(encoding && { encoding }),
		};
		return (await this.#request(request)) as Survival[];
	}

	async #request(request: object): Promise<unknown> {
		return JSON.parse(await this.#ask(JSON.stringify(request)));
	}
}

function loadsRequest(data: Uint8Array, { encoding, fixImports, extensions, buffers }: LoadsOptions): object {
	return {
		data: base64(data),
		...(encoding && { encoding }),
		...(fixImports !== undefined && { fix_imports: fixImports }),
		...(extensions && { extensions }),
		...(buffers && { buffers: buffers.map(base64) }),
	};
}

function base64(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("base64");
}

function unpack(text: string): Uint8Array {
	return new Uint8Array(Buffer.from(text, "base64"));
}
