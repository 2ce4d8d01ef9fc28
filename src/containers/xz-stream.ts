import { crc32 } from "../bytes/crc32.ts";
import { Cursor } from "./cursor.ts";
import { unlzma2 } from "./lzma.ts";
import { uint32 } from "./magic.ts";
import type { Codec } from "./unpack.ts";
import { checkOf } from "./xz-checks.ts";

const [DELTA, LZMA2] = [0x03, 0x21];
const MAGIC: readonly number[] = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0];
const HEADER = 12;
/** A stream's header and that of its first block. */
export const XZ_HEAD: number = HEADER + 1024;

/** Whether a file begins as what the package for xz does not read: with a SHA-256 check, or a filter before LZMA2. */
export function needsOwn(head: Uint8Array): boolean {
	const size = 4 * ((head[HEADER] ?? 0) + 1);
	const block = head.subarray(HEADER, HEADER + size);
	try {
		return (head[7] ?? 0) === 10 || (block.length === size && size > 4 && filtersOf(block).delta !== undefined);
	} catch {
		return false;
	}
}

/** One stream of an xz file, with any check, and with a delta filter. */
export const unxzStream: Codec = async function* (input, at) {
	const cursor = new Cursor(input, at);
	const header = await cursor.take(HEADER);
	if (!MAGIC.every((byte, i) => header[i] === byte)) throw new Error("other bytes follow its end");
	const flags = header.subarray(6, 8);
	if (crc32(flags) !== uint32(header, 8) || header[6] !== 0) throw new Error("its header is none of xz");
	const blocks: BlockSizes[] = [];
	while ((await cursor.peek(1))[0] !== 0) blocks.push(yield* block(cursor, flags[1] as number));
	const indexSize = await readIndex(cursor, blocks);
	const footer = await cursor.take(HEADER);
	const isRight = uint32(footer, 0) === crc32(footer.subarray(4, 10)) && 4 * (uint32(footer, 4) + 1) === indexSize;
	const isSame = footer[8] === flags[0] && footer[9] === flags[1] && footer[10] === 0x59 && footer[11] === 0x5a;
	if (!isRight || !isSame) throw new Error("its end does not fit its beginning");
	return cursor.at;
};

/** What the index says of a block: its bytes in the file, without padding, and unpacked. */
type BlockSizes = readonly [packed: number, unpacked: number];

async function* block(cursor: Cursor, kind: number): AsyncGenerator<Uint8Array, BlockSizes> {
	const start = cursor.at;
	const [words = 0] = await cursor.peek(1);
	const header = await cursor.take(4 * (words + 1));
	if (crc32(header.subarray(0, -4)) !== uint32(header, 4 * words)) throw new Error("a block's header is damaged");
	const { dictionary, delta, packedSize, unpackedSize } = filtersOf(header);
	const check = checkOf(kind);
	const restore = delta === undefined ? undefined : undelta(delta);
	const dataStart = cursor.at;
	let length = 0;
	for await (const piece of unlzma2(cursor, dictionary)) {
		restore?.(piece);
		check.add(piece);
		length += piece.length;
		yield piece;
	}
	const end = cursor.at;
	const isDeclared = (packedSize ?? end - dataStart) === end - dataStart && (unpackedSize ?? length) === length;
	if (!isDeclared || (await cursor.take((4 - ((end - start) % 4)) % 4)).some((byte) => byte !== 0))
		throw new Error("its data is corrupt");
	const digest = check.digest();
	const found = await cursor.take(digest.length);
	if (digest.some((byte, i) => found[i] !== byte)) throw new Error("the checksum is wrong");
	return [end - start + digest.length, length];
}

interface Filters {
	/** Bytes of LZMA2's dictionary. */
	readonly dictionary: number;
	/** The distance of a delta filter. */
	readonly delta: number | undefined;
	/** Of the block, if it says them. */
	readonly packedSize: number | undefined;
	readonly unpackedSize: number | undefined;
}

/** What a block's header says. @throws Error for other filters */
function filtersOf(header: Uint8Array): Filters {
	let at = 2;
	const number = () => {
		let value = 0;
		for (let scale = 1; ; scale *= 128) {
			const byte = header[at++] ?? 0;
			value += (byte % 128) * scale;
			if (byte < 128 || scale > 2 ** 50) return value;
		}
	};
	const flags = header[1] as number;
	const packedSize = flags & 0x40 ? number() : undefined;
	const unpackedSize = flags & 0x80 ? number() : undefined;
	let delta: number | undefined;
	for (let left = 1 + (flags & 3); ; left--) {
		const [id, size] = [number(), number()];
		const [property = 0] = header.subarray(at, at + 1);
		at += size;
		if (id === LZMA2 && left === 1 && property <= 40) {
			const dictionary = property === 40 ? 2 ** 32 - 1 : (2 + (property & 1)) * 2 ** ((property >> 1) + 11);
			return { dictionary, delta, packedSize, unpackedSize };
		}
		if (id !== DELTA || left === 1 || delta !== undefined)
			throw new Error("it has a filter for programs, which is not read here; xz -d reads it");
		delta = property + 1;
	}
}

/** Adds to each byte the one that stands so far before it. */
function undelta(distance: number): (piece: Uint8Array) => void {
	const last = new Uint8Array(256);
	let at = 0;
	return (piece) => {
		for (let i = 0; i < piece.length; i++, at++) {
			const byte = (piece[i] as number) + (last[(at - distance) & 255] as number);
			piece[i] = byte;
			last[at & 255] = byte;
		}
	};
}

/** Reads the index, which says again how long the blocks are; gives its size. @throws Error if it does not fit them */
async function readIndex(cursor: Cursor, blocks: readonly BlockSizes[]): Promise<number> {
	const start = cursor.at;
	let crc = 0;
	const take = async () => {
		const byte = await cursor.take(1);
		crc = crc32(byte, crc);
		return byte[0] as number;
	};
	const isNext = async (expected: number) => {
		for (let rest = expected; ; rest = Math.floor(rest / 128)) {
			if ((await take()) !== (rest % 128) + (rest >= 128 ? 128 : 0)) return false;
			if (rest < 128) return true;
		}
	};
	await take();
	let fits = await isNext(blocks.length);
	for (const size of blocks.flat()) fits &&= await isNext(size);
	while (fits && (cursor.at - start) % 4 !== 0) fits = (await take()) === 0;
	if (!fits || (await cursor.uint32()) !== crc) throw new Error("its index does not fit its blocks");
	return cursor.at - start;
}
