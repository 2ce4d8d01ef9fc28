import { crc32 } from "../bytes/crc32.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";

/** A file to be put in a zip. */
export interface ZipMember {
	readonly name: string;
	/** Its bytes in pieces. They are gone through twice unless they are to be packed. */
	readonly pieces: () => AsyncIterable<Uint8Array>;
	/** Packs the pieces by deflate, without a header; they are stored as they are if there is none. */
	readonly deflate?: ((pieces: AsyncIterable<Uint8Array>) => Promise<readonly Uint8Array[]>) | undefined;
}

const MAX_32 = 0xffffffff;

/** What the directory says of a member. */
interface Entry {
	readonly name: Uint8Array;
	readonly method: 0 | 8;
	readonly crc: number;
	readonly size: number;
	readonly packedSize: number;
	readonly offset: number;
}

/** Writes little-endian numbers one after another. */
class Fields {
	readonly #bytes: number[] = [];

	u16(...values: readonly number[]): this {
		for (const value of values) this.#bytes.push(value & 255, (value >>> 8) & 255);
		return this;
	}

	u32(...values: readonly number[]): this {
		for (const value of values) this.u16(value & 0xffff, value >>> 16);
		return this;
	}

	u64(...values: readonly number[]): this {
		for (const value of values) this.u32((value % 2 ** 32) >>> 0, Math.floor(value / 2 ** 32));
		return this;
	}

	done(): Uint8Array {
		return Uint8Array.from(this.#bytes);
	}
}

/** The bytes of a zip file with these members, in pieces, of any size: zip64 where 32 bits do not do. */
export async function* zipPieces(members: Iterable<ZipMember>): AsyncGenerator<Uint8Array, void> {
	const entries: Entry[] = [];
	let offset = 0;
	for (const member of members) {
		let [crc, size] = [0, 0];
		for await (const piece of member.pieces()) {
			crc = crc32(piece, crc);
			size += piece.length;
		}
		const packed = await member.deflate?.(member.pieces());
		const packedSize = packed?.reduce((sum, { length }) => sum + length, 0) ?? size;
		const entry: Entry = { name: encodeUtf8(member.name), method: packed ? 8 : 0, crc, size, packedSize, offset };
		const header = localHeader(entry);
		yield header;
		yield entry.name;
		yield localExtra(entry);
		yield* packed ?? member.pieces();
		offset += header.length + entry.name.length + localExtra(entry).length + packedSize;
		entries.push(entry);
	}
	yield* directory(entries, offset);
}

function isWide({ size, packedSize }: Entry): boolean {
	return size >= MAX_32 || packedSize >= MAX_32;
}

/** 1980-01-01, so that one value always gives the same bytes. */
const DATE = 0x21;

function common(entry: Entry, fields: Fields, extra: number): Fields {
	const { method, crc, size, packedSize, name, offset } = entry;
	const needed = isWide(entry) || offset >= MAX_32 ? 45 : 20;
	// The flag says that the name is UTF-8; Python 2 makes unicode of it then.
	const flags = name.some((byte) => byte >= 0x80) ? 0x800 : 0;
	fields.u16(needed, flags, method, 0, DATE).u32(crc);
	const wide = isWide(entry);
	return fields.u32(wide ? MAX_32 : packedSize, wide ? MAX_32 : size).u16(name.length, extra);
}

function localHeader(entry: Entry): Uint8Array {
	return common(entry, new Fields().u32(0x04034b50), localExtra(entry).length).done();
}

function localExtra(entry: Entry): Uint8Array {
	return isWide(entry) ? new Fields().u16(1, 16).u64(entry.size, entry.packedSize).done() : new Uint8Array(0);
}

function directoryExtra(entry: Entry): Uint8Array {
	const numbers = [
		...(isWide(entry) ? [entry.size, entry.packedSize] : []),
		...(entry.offset >= MAX_32 ? [entry.offset] : []),
	];
	return numbers.length > 0
		? new Fields()
				.u16(1, 8 * numbers.length)
				.u64(...numbers)
				.done()
		: new Uint8Array(0);
}

function* directory(entries: readonly Entry[], start: number): Generator<Uint8Array, void> {
	let size = 0;
	for (const entry of entries) {
		const extra = directoryExtra(entry);
		const header = common(entry, new Fields().u32(0x02014b50).u16(45), extra.length);
		const record = header.u16(0, 0, 0).u32(0, Math.min(entry.offset, MAX_32)).done();
		yield record;
		yield entry.name;
		yield extra;
		size += record.length + entry.name.length + extra.length;
	}
	yield directoryEnd(entries.length, size, start);
}

function directoryEnd(count: number, size: number, start: number): Uint8Array {
	const fields = new Fields();
	if (count >= 0xffff || size >= MAX_32 || start >= MAX_32) {
		fields.u32(0x06064b50).u64(44).u16(45, 45).u32(0, 0).u64(count, count, size, start);
		fields
			.u32(0x07064b50, 0)
			.u64(start + size)
			.u32(1);
	}
	const few = Math.min(count, 0xffff);
	return fields.u32(0x06054b50).u16(0, 0, few, few).u32(Math.min(size, MAX_32), Math.min(start, MAX_32)).u16(0).done();
}
