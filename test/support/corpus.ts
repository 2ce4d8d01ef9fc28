import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PickleErrorCode } from "../../src/errors.ts";
import type { DecodeOptions } from "../../src/index.ts";
import { repository } from "./repository.ts";
import type { Tag } from "./tags.ts";

const folder = join(repository, "corpus");

/** What the JSON beside a pickle says that Python loads from it. */
export interface Expected {
	readonly options: {
		/** How Python was told to read Python 2's `str`, by Python 3; ASCII if it says nothing. */
		readonly encoding?: "latin1";
		/** `module.name` by code. */
		readonly extensions?: Readonly<Record<string, string>>;
		/** One Pickler wrote all pickles of the file. */
		readonly one_memo?: boolean;
	};
	/** The value of the one pickle, or the values of several. */
	readonly value?: Tag;
	readonly values?: readonly Tag[];
	/** How picklet is to refuse the file, and what its message is to mention. */
	readonly error?: { readonly code: PickleErrorCode; readonly mentions: readonly string[] };
}

/** One pickle of corpus/ with what Python loads from it. */
export interface CorpusFile {
	/** `numpy/float64.p4.pkl` */
	readonly path: string;
	readonly data: Uint8Array;
	readonly protocol: number;
	/** The environments of the oracles that wrote just these bytes; the first said what it loads. */
	readonly writers: readonly string[];
	/** Whether that is Python 2. */
	readonly python2: boolean;
	readonly buffers: readonly Uint8Array[] | undefined;
	readonly expected: Expected;
}

interface Listing {
	readonly expected: readonly Expected[];
	readonly files: Readonly<Record<string, ListedFile>>;
}

interface ListedFile {
	readonly protocol: number;
	/** Place of what it holds in `expected`. */
	readonly expected: number;
	readonly buffers?: readonly string[];
	/** The environments that wrote just these bytes, by pickler. */
	readonly writers: Readonly<Record<string, readonly string[]>>;
}

/** Every pickle of corpus/. */
export function corpusFiles(): CorpusFile[] {
	const families = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
	return families.flatMap(({ name }) => {
		const listings = readdirSync(join(folder, name)).filter((file) => file.endsWith(".json"));
		return listings.flatMap((file) => filesOf(name, JSON.parse(readFileSync(join(folder, name, file), "utf8"))));
	});
}

function filesOf(family: string, { expected, files }: Listing): CorpusFile[] {
	const read = (name: string) => new Uint8Array(readFileSync(join(folder, family, name)));
	return Object.entries(files).map(([name, file]) => {
		const writers = Object.values(file.writers).flat();
		return {
			path: `${family}/${name}`,
			data: read(name),
			protocol: file.protocol,
			writers,
			python2: writers[0]?.startsWith("py27") ?? false,
			buffers: file.buffers?.map(read),
			expected: expected[file.expected] as Expected,
		};
	});
}

/** What the file needs to be decoded as Python read it, and floats told from ints. */
export function decodeOptionsFor({ python2, buffers, expected: { options } }: CorpusFile): DecodeOptions {
	const extensions = Object.entries(options.extensions ?? {}).map(([code, name]) => [Number(code), name] as const);
	return {
		floats: "exact",
		encoding: python2 ? "bytes" : (options.encoding ?? "ascii"),
		buffers,
		extensions: new Map(extensions),
		keepMemo: options.one_memo ?? false,
	};
}
