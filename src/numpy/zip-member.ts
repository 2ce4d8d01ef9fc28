import { crc32 } from "../bytes/crc32.ts";
import type { Signal } from "../bytes/platform.ts";
import type { ByteSource } from "../bytes/source.ts";
import { isPickleError, messageOf, PickleError, quoted } from "../errors.ts";
import { type Limits, limitError } from "../limits.ts";

/** Where a file lies in a .npz file, and what is said of it there. */
export interface Member {
	readonly name: string;
	/** Where its own header begins. */
	readonly start: number;
	readonly dataStart: number;
	/** How many bytes it has in the .npz file, and unpacked. */
	readonly packedSize: number;
	readonly size: number;
	/** Of what it unpacks to. */
	readonly crc: number;
	/** Whether by deflate, else it is stored. */
	readonly isPacked: boolean;
}

export function damaged(name: string, what: string, offset: number, cause?: unknown): PickleError {
	return new PickleError("E_CONTAINER", `${quoted(name)} of the .npz file is damaged: ${what}`, { offset, cause });
}

/** Deflate makes at most so many bytes of one. */
const MAX_DEFLATED = 1032;

/** @throws PickleError E_LIMIT, and E_CONTAINER for a size that packed bytes cannot unpack to */
export function checkLimits({ name, start, packedSize, size }: Member, limits: Limits): void {
	const { maxDecompressedBytes, maxRatio } = limits;
	const found = `${quoted(name)} of the .npz file unpacks to ${size} bytes`;
	if (size > MAX_DEFLATED * packedSize) throw damaged(name, `${packedSize} bytes do not unpack to ${size}`, start);
	if (size > maxDecompressedBytes) throw limitError("maxDecompressedBytes", maxDecompressedBytes, found);
	if (size > maxRatio * packedSize) throw limitError("maxRatio", maxRatio, `${found} from ${packedSize}`);
}

/** A file in a .npz file, unpacked as far as it is read. Its CRC is checked once its bytes have been read in their order. */
export class MemberSource implements ByteSource {
	readonly size: number;
	readonly #member: Member;
	readonly #bytes: ByteSource;
	/** Reading comes one after another, for the CRC, and as unpacking goes forward only. */
	#last: Promise<unknown> = Promise.resolve();
	#crc = 0;
	/** How many bytes the CRC is of by now. */
	#checked = 0;

	constructor(source: ByteSource, member: Member) {
		const { dataStart, packedSize, size, isPacked } = member;
		const stored = part(source, dataStart, packedSize);
		this.size = size;
		this.#member = member;
		this.#bytes = isPacked ? new InflatedSource(stored, member) : stored;
	}

	read(into: Uint8Array, offset: number, signal?: Signal): Promise<number> {
		const reading = this.#last.then(() => this.#read(into, offset, signal));
		this.#last = reading.catch(() => {});
		return reading;
	}

	async #read(into: Uint8Array, offset: number, signal: Signal | undefined): Promise<number> {
		const { name, start } = this.#member;
		const wanted = Math.max(0, Math.min(into.length, this.size - offset));
		const count = wanted === 0 ? 0 : await this.#bytes.read(into.subarray(0, wanted), offset, signal);
		if (count === 0 && wanted > 0) throw damaged(name, `it ends at ${offset} of its ${this.size} bytes`, start);
		this.#check(into.subarray(0, count), offset);
		return count;
	}

	#check(bytes: Uint8Array, offset: number): void {
		const end = offset + bytes.length;
		if (offset > this.#checked || end <= this.#checked) return;
		this.#crc = crc32(bytes.subarray(this.#checked - offset), this.#crc);
		this.#checked = end;
		const { name, start, crc } = this.#member;
		if (end === this.size && this.#crc !== crc) throw damaged(name, "its CRC is wrong", start);
	}

	/** Reads what was not read yet, for the CRC, unless much of it is left, which nothing needs. */
	async checkRest(): Promise<void> {
		if (this.size - this.#checked > REST || this.#checked === this.size) return;
		const piece = new Uint8Array(Math.min(PIECE, this.size));
		while (this.#checked < this.size) await this.read(piece, this.#checked);
	}
}

/** So many bytes that nobody needs are read all the same. */
const REST = 2 ** 20;

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

const NOTHING = new Uint8Array(0);

/** What deflated bytes unpack to, which is unpacked again from its beginning for what lies before the last reading. */
class InflatedSource implements ByteSource {
	readonly size: number;
	readonly #packed: ByteSource;
	readonly #member: Member;
	#pieces: AsyncGenerator<Uint8Array, void> | undefined;
	/** What was unpacked last, and where it begins. */
	#piece: Uint8Array = NOTHING;
	#at = 0;

	constructor(packed: ByteSource, member: Member) {
		this.size = member.size;
		this.#packed = packed;
		this.#member = member;
	}

	async read(into: Uint8Array, offset: number, signal?: Signal): Promise<number> {
		if (offset < this.#at) await this.#restart();
		this.#pieces ??= inflated(chunksOf(this.#packed), this.#member);
		let filled = 0;
		while (filled < into.length) {
			signal?.throwIfAborted();
			const found = this.#piece.subarray(offset + filled - this.#at, offset + into.length - this.#at);
			into.set(found, filled);
			filled += found.length;
			if (filled === into.length) break;
			const next = await this.#pieces.next();
			this.#at += this.#piece.length;
			this.#piece = next.value ?? NOTHING;
			if (next.done) break;
		}
		return filled;
	}

	async #restart(): Promise<void> {
		await this.#pieces?.return();
		this.#pieces = undefined;
		this.#piece = NOTHING;
		this.#at = 0;
	}
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

async function* inflated(packed: AsyncIterable<Uint8Array>, { name, start }: Member): AsyncGenerator<Uint8Array, void> {
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
		throw damaged(name, messageOf(error), start, error);
	} finally {
		await reader.cancel().catch(() => {});
		await writing;
	}
}

/** Gives what went wrong: a rejection that nobody waits for yet would end the process. */
export async function writeAll(
	pieces: AsyncIterable<Uint8Array>,
	writer: WritableStreamDefaultWriter,
): Promise<unknown> {
	try {
		for await (const piece of pieces) await writer.write(piece);
		await writer.close();
		return undefined;
	} catch (error) {
		await writer.abort(error).catch(() => {});
		return error;
	}
}
