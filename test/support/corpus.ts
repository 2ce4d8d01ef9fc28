import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PickleErrorCode } from "../../src/errors.ts";
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
	/** Whether Python 2 wrote it, and said what it loads. */
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
	return Object.entries(files).map(([name, file]) => ({
		path: `${family}/${name}`,
		data: read(name),
		protocol: file.protocol,
		python2: Object.values(file.writers).flat()[0]?.startsWith("py27") ?? false,
		buffers: file.buffers?.map(read),
		expected: expected[file.expected] as Expected,
	}));
}
