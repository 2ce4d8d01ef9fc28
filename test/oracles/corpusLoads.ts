import type { CorpusFile } from "../support/corpus.ts";
import type { Judge, LoadsOptions } from "./judge.ts";

/** How Python is to read a file of the corpus. */
function loadsOptionsFor({ buffers, expected: { options }, python2 }: CorpusFile): LoadsOptions {
	return {
		encoding: python2 ? "bytes" : (options.encoding ?? "ASCII"),
		...(options.extensions && { extensions: options.extensions }),
		...(buffers && { buffers }),
	};
}

/** What a Python loads of bytes that stand for a file of the corpus, as text; undefined if it refuses them. */
export async function loadedText(judge: Judge, file: CorpusFile, data: Uint8Array): Promise<string | undefined> {
	const options = { ...loadsOptionsFor(file), oneMemo: file.expected.options.one_memo ?? false };
	const text = await judge.loadsAll(data, options).then(JSON.stringify, () => undefined);
	// The sign of a NaN is no one's to keep in Python 2: it reads `nan` with and `-nan` without it.
	return judge.major === 2 ? text?.replaceAll("fff8000000000000", "7ff8000000000000") : text;
}
