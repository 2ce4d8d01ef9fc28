import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Tag } from "./tags.ts";

/** A real file of unknown origin, as the index of the corpus lists it. */
export interface RealFile {
	readonly path: string;
	/** `stdlib`, `numpy-py2`, `torch`, `fuzz`, ... */
	readonly kind: string;
	/** As far as disassembling comes: none if that fails. */
	readonly n_pickles: number;
	/** The highest that an opcode needs, if none says which. */
	readonly implied_protocol: number;
	/** Bytes after the last pickle that are none. */
	readonly trailing_bytes: number;
	/** By Python: `ok:` and the type, or `err:` and why not. */
	readonly cpython_loads: Readonly<Record<string, string>>;
}

/** What CPython 3.13 loads from a real file, with stubs in place of the classes that it has not. */
export interface RealValues {
	readonly path: string;
	readonly encoding: "ASCII" | "latin1";
	/** One for each pickle in the file. */
	readonly values: readonly Tag[];
}

/** The files by path, but for those that Python must not load. */
export function readIndex(folder: string): Map<string, RealFile> {
	const files = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as readonly RealFile[];
	const harmless = files.filter(({ kind }) => kind !== "malicious" && kind !== "suspicious");
	return new Map(harmless.map((file) => [file.path, file]));
}

/** The values, a file at a time: all of them take ten times the memory of their text. */
export function* readValues(folder: string): Generator<RealValues> {
	const lines = gunzipSync(readFileSync(join(folder, "expected.jsonl.gz")))
		.toString()
		.trimEnd()
		.split("\n");
	for (const line of lines) yield JSON.parse(line);
}

export function readBytes(folder: string, { path }: { readonly path: string }): Uint8Array {
	return new Uint8Array(readFileSync(join(folder, path)));
}
