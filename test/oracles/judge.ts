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
		return answer.pickles.map(({ data, value }) => ({ data: new Uint8Array(Buffer.from(data, "base64")), value }));
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
