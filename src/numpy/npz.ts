import { crc32 } from "../bytes/crc32.ts";
import { plainBytes } from "../bytes/plain.ts";
import { type ByteSource, bytesSource } from "../bytes/source.ts";
import { decodeLatin1 } from "../bytes/utf8.ts";
import type { EncodeOptions } from "../codec/encode-options.ts";
import type { DecodeOptions } from "../codec/options.ts";
import { zipPieces } from "../containers/zip.ts";
import { isPickleError, messageOf, PickleError, quoted } from "../errors.ts";
import { type Limits, limitError, resolveLimits } from "../limits.ts";
import type { TypedArray } from "./elements.ts";
import type { NDArray } from "./ndarray.ts";
import { isSource, joined, type NpyFile, type NpySource, openNpy, writeNpyChunks } from "./npy.ts";
import { isNpy } from "./npy-header.ts";

/** Whether bytes begin as a zip file whose first file is a .npy, or are an empty one. */
export function isNpz(bytes: Uint8Array): boolean {
	const text = decodeLatin1(bytes, 0, Math.min(bytes.length, 30 + 1024));
	if (text.startsWith("PK\x05\x06")) return bytes.length === 22;
	const nameLength = text.charCodeAt(26) + 256 * text.charCodeAt(27);
	return text.startsWith("PK\x03\x04") && text.slice(30, 30 + nameLength).endsWith(".npy");
}

/** What unzipit says of a file. (Its own types need lib dom.) */
interface ZipEntry {
	readonly name: string;
	readonly size: number;
	readonly compressedSize: number;
	readonly compressionMethod: number;
	readonly encrypted: boolean;
	readonly _rawEntry: { readonly relativeOffsetOfLocalHeader: number; readonly crc32: number };
}

/** One file of the zip. */
interface Member {
	readonly entry: ZipEntry;
	/** Of what it unpacks to. */
	readonly crc: number;
	/** Where its own header begins. */
	readonly start: number;
}

/** A .npz file of which only the directory was read. */
export class NpzFile {
	readonly #source: ByteSource;
	readonly #options: DecodeOptions | undefined;
	readonly #limits: Limits;
	readonly #members: ReadonlyMap<string, Member>;

	/** Use `openNpz`. */
	constructor(source: ByteSource, members: ReadonlyMap<string, Member>, options: DecodeOptions | undefined) {
		this.#source = source;
		this.#members = members;
		this.#options = options;
		this.#limits = resolveLimits(options?.limits);
	}

	/** The arrays' names, in the file's order: those of its files without `.npy`. */
	get names(): readonly string[] {
		return [...this.#members.keys()];
	}

	/**
	 * An array; a file in the zip that is no .npy is given as its bytes. Its CRC is checked.
	 * @throws PickleError E_CONTAINER if it is damaged, E_LIMIT if it unpacks to more than the limits allow; for the array as `readNpy`
	 * @throws TypeError if there is none of the name
	 */
	async get(name: string): Promise<NDArray | Uint8Array> {
		const bytes = await this.#unpack(this.#member(name), name);
		return isNpy(bytes) ? (await openNpy(bytes, this.#options)).read() : bytes;
	}

	/**
	 * An array of which only the header is read, so that rows can be read alone, without a check of the CRC. One that is packed is unpacked whole.
	 * @throws PickleError and TypeError as `get`
	 */
	async open(name: string): Promise<NpyFile> {
		const member = this.#member(name);
		if (member.entry.compressionMethod !== 0) return openNpy(await this.#unpack(member, name), this.#options);
		const start = await this.#dataStart(member, name);
		return openNpy(part(this.#source, start, member.entry.size), this.#options);
	}

	/** Name and array of each, one after another. */
	async *[Symbol.asyncIterator](): AsyncGenerator<[string, NDArray | Uint8Array], void> {
		for (const name of this.names) yield [name, await this.get(name)];
	}

	#member(name: string): Member {
		const member = this.#members.get(name);
		if (member === undefined) throw new TypeError(`the .npz file has no array ${quoted(name)}`);
		return member;
	}

	/** The local header's names and extra fields need not be those of the directory. */
	async #dataStart({ entry, start }: Member, name: string): Promise<number> {
		const header = new Uint8Array(30);
		const read = await this.#source.read(header, start);
		const view = new DataView(header.buffer);
		if (read < 30 || view.getUint32(0, true) !== 0x04034b50) throw damaged(name, "its header is missing", start);
		const data = start + 30 + view.getUint16(26, true) + view.getUint16(28, true);
		if (data + entry.compressedSize > (this.#source.size as number))
			throw damaged(name, "it ends beyond the file", start);
		return data;
	}

	async #unpack(member: Member, name: string): Promise<Uint8Array> {
		const { entry, crc, start } = member;
		const dataStart = await this.#dataStart(member, name);
		const packed = chunksOf(part(this.#source, dataStart, entry.compressedSize));
		const pieces: Uint8Array[] = [];
		let [length, found] = [0, 0];
		for await (const piece of entry.compressionMethod === 0 ? packed : inflated(packed, name, start)) {
			length += piece.length;
			this.#checkLimits(length, entry.compressedSize, name);
			if (length > entry.size) throw damaged(name, `it unpacks to more than its ${entry.size} bytes`, start);
			found = crc32(piece, found);
			pieces.push(piece);
		}
		if (length !== entry.size) throw damaged(name, `it unpacks to ${length} bytes, not ${entry.size}`, start);
		if (found !== crc) throw damaged(name, "its CRC is wrong", start);
		return joined(pieces);
	}

	#checkLimits(length: number, packed: number, name: string): void {
		const { maxDecompressedBytes, maxRatio } = this.#limits;
		const found = `${quoted(name)} of the .npz file unpacks to ${length} bytes or more`;
		if (length > maxDecompressedBytes) throw limitError("maxDecompressedBytes", maxDecompressedBytes, found);
		if (length > maxRatio * packed) throw limitError("maxRatio", maxRatio, `${found} from ${packed}`);
	}
}

function damaged(name: string, what: string, offset: number, cause?: unknown): PickleError {
	return new PickleError("E_CONTAINER", `${quoted(name)} of the .npz file is damaged: ${what}`, { offset, cause });
}

/** A part of a source that is known to have it. */
function part(source: ByteSource, start: number, size: number): ByteSource {
	return {
		size,
		read: async (into, offset, signal) => {
			const count = Math.max(0, Math.min(into.length, size - offset));
			return count === 0 ? 0 : source.read(into.subarray(0, count), start + offset, signal);
		},
	};
}

/** Bytes that are read at a time. */
const PIECE = 2 ** 20;

async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
	const size = source.size as number;
	for (let at = 0; at < size; ) {
		const piece = new Uint8Array(Math.min(PIECE, size - at));
		const count = await source.read(piece, at);
		if (count === 0) throw new PickleError("E_TRUNCATED", "the .npz file ends in a member", { offset: at });
		yield piece.subarray(0, count);
		at += count;
	}
}

async function* inflated(
	packed: AsyncIterable<Uint8Array<ArrayBuffer>>,
	name: string,
	offset: number,
): AsyncGenerator<Uint8Array, void> {
	const inflate = new DecompressionStream("deflate-raw");
	const writer = inflate.writable.getWriter();
	const writing = writeAll(packed, writer);
	const reader = inflate.readable.getReader();
	try {
		for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
		const failure = await writing;
		if (failure !== undefined) throw failure;
	} catch (error) {
		if (isPickleError(error)) throw error;
		throw damaged(name, messageOf(error), offset, error);
	} finally {
		await reader.cancel().catch(() => {});
		await writing;
	}
}

/** Gives what went wrong: a rejection that nobody waits for yet would end the process. */
async function writeAll(
	packed: AsyncIterable<Uint8Array<ArrayBuffer>>,
	writer: WritableStreamDefaultWriter,
): Promise<unknown> {
	try {
		for await (const piece of packed) await writer.write(piece);
		await writer.close();
		return undefined;
	} catch (error) {
		await writer.abort(error).catch(() => {});
		return error;
	}
}

/**
 * Reads the directory of a .npz file, stored or deflated, zip64 or not; arrays are read when they are asked for.
 *
 * @throws PickleError E_CONTAINER if it is no zip file, or one with two files of a name, a name that leads out of it, or files that are
 * encrypted or packed otherwise
 */
export async function openNpz(source: NpySource, options?: DecodeOptions): Promise<NpzFile> {
	const from = isSource(source) ? source : bytesSource(plainBytes(source));
	const { size } = from;
	if (size === undefined)
		throw new PickleError("E_SOURCE", "a .npz file is read from its end: the source is to know its size");
	const members = new Map<string, Member>();
	let packed = 0;
	for (const entry of await entriesOf(from, size)) {
		const { relativeOffsetOfLocalHeader: start, crc32: crc } = entry["_rawEntry"];
		const name = nameOf(entry, start);
		if (members.has(name)) throw damaged(name, "there are two files of the name", start);
		members.set(name, { entry, start, crc });
		packed += entry.compressedSize;
		if (packed > size) throw damaged(name, "its bytes are also those of other files", start);
	}
	return new NpzFile(from, members, options);
}

async function entriesOf(source: ByteSource, size: number): Promise<readonly ZipEntry[]> {
	const read = async (offset: number, length: number) => {
		if (offset < 0 || length < 0 || offset + length > size) throw new RangeError("the directory lies outside the file");
		const bytes = new Uint8Array(length);
		for (let at = 0; at < length; ) {
			const count = await source.read(bytes.subarray(at), offset + at);
			if (count === 0) throw new RangeError("the file ends early");
			at += count;
		}
		return bytes;
	};
	try {
		const { unzipRaw } = await import("unzipit");
		return (await unzipRaw({ getLength: async () => size, read })).entries as unknown as readonly ZipEntry[];
	} catch (cause) {
		if (isPickleError(cause)) throw cause;
		const reason = messageOf(cause);
		throw new PickleError("E_CONTAINER", `not a .npz file: ${reason}`, { offset: 0, cause });
	}
}

function nameOf(entry: ZipEntry, offset: number): string {
	const { name, compressionMethod, encrypted } = entry;
	if (/(^|[\\/])\.\.([\\/]|$)|^[\\/]|^[a-zA-Z]:[\\/]|\0/.test(name))
		throw damaged(name, "its name leads out of the file", offset);
	if (encrypted) throw damaged(name, "it is encrypted", offset);
	if (compressionMethod !== 0 && compressionMethod !== 8)
		throw damaged(name, `it is packed by method ${compressionMethod}; stored and deflated files can be read`, offset);
	if (compressionMethod === 0 && entry.size !== entry.compressedSize)
		throw damaged(name, "it is stored under another size", offset);
	return name.replace(/\.npy$/, "");
}

/**
 * Reads all arrays of a .npz file, by their names in the file's order. Files in it that are no .npy are given as their bytes.
 *
 * @throws PickleError as `openNpz` and `NpzFile.get`
 */
export async function readNpz(source: NpySource, options?: DecodeOptions): Promise<Map<string, NDArray | Uint8Array>> {
	const arrays = new Map<string, NDArray | Uint8Array>();
	for await (const [name, array] of await openNpz(source, options)) arrays.set(name, array);
	return arrays;
}

/** How a .npz file is written, and the objects in it. */
export interface NpzOptions extends EncodeOptions {
	/** Whether arrays are packed, as by numpy.savez_compressed. Default false, as numpy.savez. */
	readonly compress?: boolean | undefined;
}

/** Arrays by their names. */
export type NpzArrays = Readonly<Record<string, NDArray | TypedArray>> | ReadonlyMap<string, NDArray | TypedArray>;

/**
 * The bytes of a .npz file, as numpy.savez writes them.
 *
 * @throws PickleError as `writeNpy`
 */
export async function writeNpz(arrays: NpzArrays, options?: NpzOptions): Promise<Uint8Array<ArrayBuffer>> {
	const pieces: Uint8Array[] = [];
	for await (const piece of writeNpzChunks(arrays, options)) pieces.push(piece);
	return joined(pieces);
}

/** The same in pieces, of any size. @throws PickleError as `writeNpy` */
export async function* writeNpzChunks(arrays: NpzArrays, options: NpzOptions = {}): AsyncGenerator<Uint8Array, void> {
	const { compress = false, ...encoding } = options;
	const entries = arrays instanceof Map ? [...arrays] : Object.entries(arrays);
	yield* zipPieces(
		entries.map(([name, array]) => ({
			name: `${name}.npy`,
			pieces: () => writeNpyChunks(array, encoding),
			deflate: compress ? deflated : undefined,
		})),
	);
}

async function deflated(pieces: Iterable<Uint8Array>): Promise<readonly Uint8Array[]> {
	const deflate = new CompressionStream("deflate-raw");
	const writer = deflate.writable.getWriter();
	const writing = writeAll(buffers(pieces), writer);
	const packed: Uint8Array[] = [];
	const reader = deflate.readable.getReader();
	for (let next = await reader.read(); !next.done; next = await reader.read()) packed.push(next.value);
	const failure = await writing;
	if (failure !== undefined) throw failure;
	return packed;
}

async function* buffers(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
	for (const piece of pieces) yield piece as Uint8Array<ArrayBuffer>;
}
