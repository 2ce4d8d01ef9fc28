import { bytesSource } from "../../bytes/source.ts";
import { webCodecs } from "../../containers/codecs.ts";
import { type PackedFormat, packedFormat } from "../../containers/packed.ts";
import { type Codec, unpack } from "../../containers/unpack.ts";
import { isPickleError, type PickleError } from "../../errors.ts";
import type { Limits } from "../../limits.ts";
import type { FormatReport } from "./diagnosis.ts";
import { streamed } from "./streamed.ts";
import { readAt, type SizedSource, sized } from "./window.ts";
import { part } from "./zip.ts";

/** How bytes are packed; members of zip archives have no header of their own. */
export type Packed = PackedFormat | "deflate-raw";

const PIECE = 1 << 16;
/** What unpacks to so many bytes or fewer is kept; more is unpacked again whenever an earlier place is read. */
const MAX_KEPT = 1 << 24;

/** Packed bytes, and how they are packed. */
export interface Packing {
	readonly source: SizedSource;
	readonly how: Packed;
	readonly format: FormatReport;
}

const packedFormats: Readonly<Record<PackedFormat, FormatReport>> = {
	gzip: container("gzip data", "gzip.open reads it", "gzip.decompress(DATA)"),
	zlib: container("zlib data", "zlib.decompress, or joblib.load, reads it", "zlib.decompress(DATA)"),
	bz2: container("bzip2 data", "bz2.open reads it", "bz2.decompress(DATA)"),
	xz: container("xz data", "lzma.open reads it", "lzma.decompress(DATA)"),
	lzma: container("lzma data", "lzma.open reads it", "lzma.decompress(DATA)"),
	zstd: container("zstandard data", "compression.zstd of Python 3.14 reads it", "compression.zstd.decompress(DATA)"),
	lz4: container("lz4 data", "lz4.frame.open of the package lz4 reads it", "lz4.frame.decompress(DATA)"),
};

function container(name: string, advice: string, unpacking: string): FormatReport {
	return { name, kind: "container", advice, unpack: unpacking };
}

/** What unpacks as much as there is of data that are cut. */
export const cutPython: Readonly<Partial<Record<Packed, string>>> = {
	gzip: "zlib.decompressobj(31).decompress(DATA)",
	zlib: "zlib.decompressobj().decompress(DATA)",
	bz2: "bz2.BZ2Decompressor().decompress(DATA)",
	xz: "lzma.LZMADecompressor().decompress(DATA)",
	lzma: "lzma.LZMADecompressor().decompress(DATA)",
};

/** How bytes are packed, by the first of them, joblib's own frame around zlib among the ways; undefined for anything else. */
export function packing(source: SizedSource, head: Uint8Array): Packing | undefined {
	const how = packedFormat(head);
	if (how) return { source, how, format: packedFormats[how] };
	const text = new TextDecoder("latin1").decode(head.subarray(0, 24));
	const old = /^ZF0x[\da-fL]+ *(?=x)/.exec(text);
	if (!old) return undefined;
	const [{ length }] = old;
	const format = container(
		"a compressed file of an old joblib",
		"joblib.load reads it",
		`zlib.decompress(DATA[${length}:])`,
	);
	return { source: part(source, length, source.size - length), how: "zlib", format };
}

/** What packed bytes hold, and what stopped unpacking them before their end. */
export interface Unpacked {
	readonly source: SizedSource;
	readonly damage?: PickleError;
	/** How many packed bytes were read by then. */
	readonly read: number;
}

/**
 * What packed bytes hold, as far as they can be unpacked. Of much nothing is kept: it is unpacked again whenever an earlier place
 * is read.
 *
 * @throws PickleError E_LIMIT before more is unpacked than the limits allow; E_SOURCE
 */
export async function unpackedFar(packed: SizedSource, how: Packed, limits: Limits): Promise<Unpacked> {
	const kept = new Kept();
	let size = 0;
	let read = 0;
	let damage: PickleError | undefined;
	try {
		for await (const piece of pieces(packed, how, limits, (count) => (read = count))) {
			size += piece.length;
			kept.add(piece);
		}
	} catch (error) {
		if (!isPickleError(error, "E_CONTAINER")) throw error;
		damage = error;
	}
	const open = () => (damage ? untilDamage(pieces(packed, how, limits)) : pieces(packed, how, limits));
	const source = kept.bytes ? await sized(bytesSource(kept.bytes)) : streamed(size, open);
	return { source, read, ...(damage && { damage }) };
}

/** What packed bytes hold. @throws PickleError E_CONTAINER if they are damaged; E_LIMIT; E_SOURCE */
export async function inflated(packed: SizedSource, how: Packed, limits: Limits): Promise<SizedSource> {
	const { source, damage } = await unpackedFar(packed, how, limits);
	if (damage) throw damage;
	return source;
}

/** What packed bytes hold up to where they are cut or damaged; nothing of more than the limits allow. @throws PickleError E_SOURCE */
export async function inflatedPart(packed: SizedSource, how: Packed, limits: Limits): Promise<SizedSource> {
	try {
		return (await unpackedFar(packed, how, limits)).source;
	} catch (error) {
		if (!isPickleError(error, "E_LIMIT")) throw error;
		return sized(bytesSource(new Uint8Array(0)));
	}
}

/** Pieces, as long as they are few. */
class Kept {
	#pieces: Uint8Array[] | undefined = [];
	#size = 0;

	add(piece: Uint8Array): void {
		this.#size += piece.length;
		if (this.#size > MAX_KEPT) this.#pieces = undefined;
		this.#pieces?.push(piece.slice());
	}

	get bytes(): Uint8Array | undefined {
		if (this.#pieces === undefined) return undefined;
		const bytes = new Uint8Array(this.#size);
		let at = 0;
		for (const piece of this.#pieces) {
			bytes.set(piece, at);
			at += piece.length;
		}
		return bytes;
	}
}

async function* untilDamage(chunks: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array, void> {
	try {
		yield* chunks;
	} catch (error) {
		if (!isPickleError(error, "E_CONTAINER")) throw error;
	}
}

function pieces(
	packed: SizedSource,
	how: Packed,
	limits: Limits,
	onRead?: (count: number) => void,
): AsyncGenerator<Uint8Array, void> {
	const format = how === "deflate-raw" ? "zlib" : how;
	return unpack(chunksOf(packed, onRead), format, loadOf(how), limits, packed.size);
}

function loadOf(how: Packed): () => Promise<Codec> {
	const load = how === "deflate-raw" ? undefined : webCodecs[how];
	return load ?? (async () => (await import("../../containers/pako.ts")).inflateRaw);
}

async function* chunksOf(source: SizedSource, onRead?: (count: number) => void): AsyncGenerator<Uint8Array, void> {
	for (let at = 0; at < source.size; ) {
		const bytes = await readAt(source, at, Math.min(PIECE, source.size - at));
		if (bytes.length === 0) return;
		at += bytes.length;
		onRead?.(at);
		yield bytes;
	}
}
