import { type ByteSource, sourceOf } from "../bytes/source.ts";
import { decodeLatin1 } from "../bytes/utf8.ts";
import type { EncodeOptions } from "../codec/encode-options.ts";
import type { DecodeOptions } from "../codec/options.ts";
import { zipPieces } from "../containers/zip.ts";
import { isPickleError, messageOf, PickleError, quoted } from "../errors.ts";
import { type Limits, resolveLimits } from "../limits.ts";
import { windowsOf } from "../opcodes/framer.ts";
import { PyLazyBytes } from "../values/lazy.ts";
import type { TypedArray } from "./elements.ts";
import type { LazyNDArray } from "./lazy.ts";
import type { NDArray } from "./ndarray.ts";
import { joined, type NpyFile, type NpySource, npyPayloads, openNpy, readToEnd } from "./npy.ts";
import { isNpy, NPY_PREFIX } from "./npy-header.ts";
import { checkLimits, damaged, MemberSource, writeAll } from "./zip-member.ts";

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

/** A .npz file of which only the directory was read. */
export class NpzFile {
	readonly #source: ByteSource;
	readonly #options: DecodeOptions | undefined;
	readonly #limits: Limits;
	readonly #entries: ReadonlyMap<string, ZipEntry>;

	/** Use `openNpz`. */
	constructor(source: ByteSource, entries: ReadonlyMap<string, ZipEntry>, options: DecodeOptions | undefined) {
		this.#source = source;
		this.#entries = entries;
		this.#options = options;
		this.#limits = resolveLimits(options?.limits);
	}

	/** The arrays' names, in the file's order: those of its files without `.npy`. */
	get names(): readonly string[] {
		return [...this.#entries.keys()];
	}

	/**
	 * An array; a file in the zip that is no .npy is given as its bytes. Its CRC is checked, unless much lies behind the array: that is not unpacked.
	 * @throws PickleError E_CONTAINER if it is damaged, E_LIMIT if it unpacks to more than the limits allow; for the array as `readNpy`
	 * @throws TypeError if there is none of the name
	 */
	async get(name: string): Promise<NDArray | Uint8Array> {
		const source = await this.#open(name);
		return (await this.#read(source)) ?? readToEnd(source, 0);
	}

	/** The array of a member, of which no more is unpacked than its header asks for; undefined if it is no .npy. */
	async #read(source: MemberSource): Promise<NDArray | undefined> {
		try {
			return await (await this.#npy(source))?.read();
		} finally {
			// A CRC that is wrong says more than what came of it.
			await source.checkRest();
		}
	}

	/**
	 * An array of which only the header is read, so that rows can be read alone. Its CRC is checked once all of it was read from its
	 * beginning on. One that is packed is unpacked up to what is asked for, and again from its beginning for what lies before that.
	 * @throws PickleError and TypeError as `get`
	 */
	async open(name: string): Promise<NpyFile> {
		return openNpy(await this.#open(name), this.#options);
	}

	/**
	 * As `get`, but data stays in the file until it is asked for, as in `openPickle`; only objects are read. CRCs are checked as by `open`.
	 * @throws PickleError and TypeError as `get`
	 */
	async getLazy(name: string): Promise<LazyNDArray | NDArray | PyLazyBytes> {
		const source = await this.#open(name);
		const file = await this.#npy(source);
		return file === undefined ? new PyLazyBytes(source, 0, source.size, "bytes") : (file.lazy() ?? file.read());
	}

	/** Name and array of each, one after another. Files in the zip that are no .npy are left out. */
	async *[Symbol.asyncIterator](): AsyncGenerator<[string, NDArray], void> {
		for (const name of this.names) {
			const array = await this.#read(await this.#open(name));
			if (array !== undefined) yield [name, array];
		}
	}

	async #npy(source: MemberSource): Promise<NpyFile | undefined> {
		const head = new Uint8Array(NPY_PREFIX);
		const count = await source.read(head, 0);
		return isNpy(head.subarray(0, count)) ? openNpy(source, this.#options) : undefined;
	}

	/** The local header's names and extra fields need not be those of the directory. */
	async #open(name: string): Promise<MemberSource> {
		const entry = this.#entries.get(name);
		if (entry === undefined) throw new TypeError(`the .npz file has no array ${quoted(name)}`);
		const { relativeOffsetOfLocalHeader: start, crc32: crc } = entry["_rawEntry"];
		const header = new Uint8Array(30);
		const read = await this.#source.read(header, start);
		const view = new DataView(header.buffer);
		if (read < 30 || view.getUint32(0, true) !== 0x04034b50) throw damaged(name, "its header is missing", start);
		const dataStart = start + 30 + view.getUint16(26, true) + view.getUint16(28, true);
		const { size, compressedSize: packedSize, compressionMethod } = entry;
		if (dataStart + packedSize > (this.#source.size as number)) throw damaged(name, "it ends beyond the file", start);
		const member = { name, start, dataStart, packedSize, size, crc, isPacked: compressionMethod !== 0 };
		if (member.isPacked) checkLimits(member, this.#limits);
		return new MemberSource(this.#source, member);
	}
}

/**
 * Reads the directory of a .npz file, stored or deflated, zip64 or not; arrays are read when they are asked for.
 *
 * @throws PickleError E_CONTAINER if it is no zip file, or one with two files of a name, a name that leads out of it, or files that are
 * encrypted or packed otherwise
 * @throws TypeError for what is no source; of a path, `fileSource` of "picklet/node" makes one
 */
export async function openNpz(source: NpySource, options?: DecodeOptions): Promise<NpzFile> {
	const from = sourceOf(source);
	const { size } = from;
	if (size === undefined)
		throw new PickleError("E_SOURCE", "a .npz file is read from its end: the source is to know its size");
	const entries = new Map<string, ZipEntry>();
	let packed = 0;
	for (const entry of await entriesOf(from, size)) {
		const start = entry["_rawEntry"].relativeOffsetOfLocalHeader;
		const name = nameOf(entry, start);
		if (entries.has(name)) throw damaged(name, "there are two files of the name", start);
		entries.set(name, entry);
		packed += entry.compressedSize;
		if (packed > size) throw damaged(name, "its bytes are also those of other files", start);
	}
	return new NpzFile(from, entries, options);
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
 * Reads all arrays of a .npz file, by their names in the file's order. Files in it that are no .npy are left out; `NpzFile.get` gives their bytes.
 *
 * @throws PickleError as `openNpz` and `NpzFile.get`
 */
export async function readNpz(source: NpySource, options?: DecodeOptions): Promise<Map<string, NDArray>> {
	const arrays = new Map<string, NDArray>();
	for await (const [name, array] of await openNpz(source, options)) arrays.set(name, array);
	return arrays;
}

/** How a .npz file is written, and the objects in it. */
export interface NpzOptions extends EncodeOptions {
	/** Whether arrays are packed, as by numpy.savez_compressed. Default false, as numpy.savez. */
	readonly compress?: boolean | undefined;
}

/** Arrays by their names. */
export type NpzArrays = Readonly<Record<string, NpzArray>> | ReadonlyMap<string, NpzArray>;

/** What a .npz file is made of. Arrays that lie in another file yet are copied from there. */
export type NpzArray = NDArray | LazyNDArray | TypedArray;

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
			pieces: () => npyPieces(array, encoding),
			deflate: compress ? deflated : undefined,
		})),
	);
}

/** Most that is read at a time of data that lies in another file. */
const PIECE = 2 ** 22;

async function* npyPieces(array: NpzArray, options: EncodeOptions): AsyncGenerator<Uint8Array, void> {
	for (const payload of npyPayloads(array, options)) {
		if (!(payload instanceof PyLazyBytes)) {
			yield* windowsOf(payload);
			continue;
		}
		for (let at = 0; at < payload.byteLength; at += PIECE)
			yield (await payload.subarray(at, at + PIECE).readBytes()) as Uint8Array;
	}
}

async function deflated(pieces: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
	const deflate = new CompressionStream("deflate-raw");
	const writer = deflate.writable.getWriter();
	const writing = writeAll(pieces, writer);
	const packed: Uint8Array[] = [];
	const reader = deflate.readable.getReader();
	for (let next = await reader.read(); !next.done; next = await reader.read()) packed.push(next.value);
	const failure = await writing;
	if (failure !== undefined) throw failure;
	return packed;
}
