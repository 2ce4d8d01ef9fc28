import { decodeAll, encode } from "../../../src/index.ts";
import { type CorpusFile, corpusFiles, decodeOptionsFor } from "../corpus.ts";
import { Random } from "../random.ts";
import type { Injection } from "./faults.ts";
import { concat } from "./instructions.ts";

export const SEED = 20_260_101;
export const FILES = 50;
/** Places of each fault over all files; with PICKLET_INJECT=all, in each file. */
export const PLACES = 200;
export const isFull = process.env["PICKLET_INJECT"] === "all";

/** Whole files of one pickle, a case at each protocol at most, drawn from the seed. */
const whole = corpusFiles().filter(
	({ data, expected }) =>
		expected.error === undefined && expected.value !== undefined && data.length < 40_000 && data.length > 3,
);

/** So many of them, or all. */
export function drawFiles(count: number): CorpusFile[] {
	const random = new Random(SEED);
	const rest = [...whole];
	const drawn = Math.min(count, rest.length);
	return Array.from({ length: drawn }, () => rest.splice(random.int(0, rest.length), 1)[0] as CorpusFile);
}

/** The first files, in the order drawn, that have a place for a fault. */
export function filesFor(inject: Injection["inject"]): CorpusFile[] {
	const random = new Random(SEED);
	const drawn = drawFiles(whole.length);
	return drawn.filter(({ data, protocol }) => inject(data, random, protocol) !== undefined).slice(0, FILES);
}

/** Whether no CPython writes these bytes: they do not decode, or what they decode to encodes to others where the file's own do not. */
export function counts(damaged: Uint8Array, file: CorpusFile): boolean {
	try {
		const values = [...decodeAll(damaged, decodeOptionsFor(file))];
		return values.length !== 1 || (encodesTo(file.data, file) && !encodesTo(damaged, file));
	} catch {
		return true;
	}
}

function encodesTo(bytes: Uint8Array, file: CorpusFile): boolean {
	try {
		const [value] = decodeAll(bytes, decodeOptionsFor(file));
		const again = encode(value as never, { protocol: file.protocol as 2, ...(file.python2 && { python: 2 }) });
		return Buffer.compare(again, bytes) === 0;
	} catch {
		return false;
	}
}

/** Bytes with a fault, with runs of so many zeros. */
type Parts = readonly (Uint8Array | number)[];

/** Whether the bytes are more than a test should hold. */
export function isHuge(parts: Parts): boolean {
	return parts.some((part) => typeof part === "number" && part > 1e6);
}

export function flat(parts: Parts): Uint8Array {
	return concat(...parts.map((part) => (typeof part === "number" ? new Uint8Array(part) : part)));
}
