import { Cursor, skipFrame } from "./cursor.ts";
import { uint32 } from "./magic.ts";
import type { Codec } from "./unpack.ts";
import { Xxh32, xxh32 } from "./xxh32.ts";

/** Blocks may refer so far back, into those before them. */
const WINDOW = 65_536;

/** One lz4 frame. */
export const unlz4: Codec = async function* (input, at) {
	const cursor = new Cursor(input, at);
	if (await skipFrame(cursor)) return cursor.at;
	const magic = await cursor.uint32();
	if (magic !== 0x184d2204) throw new Error("other bytes follow its end");
	const header = await headerOf(cursor);
	const hash = new Xxh32();
	let total = 0;
	/** The end of what was unpacked, for blocks that refer to it, and then the block at work. */
	const memory = new Uint8Array(WINDOW + header.blockSize);
	let kept = 0;
	for (;;) {
		const word = await cursor.uint32();
		if (word === 0) break;
		const length = word & 0x7fffffff;
		if (length > header.blockSize) throw new Error("a block is too long");
		const packed = await cursor.take(length);
		if (header.blockChecksums && (await cursor.uint32()) !== xxh32(packed)) throw wrongChecksum();
		const end = word >>> 31 ? stored(packed, memory, kept) : unpackBlock(packed, memory, kept, kept + header.blockSize);
		const block = memory.slice(kept, end);
		hash.add(block);
		total += block.length;
		yield block;
		kept = header.independent ? 0 : Math.min(end, WINDOW);
		if (end > WINDOW && kept > 0) memory.copyWithin(0, end - WINDOW, end);
	}
	if (header.checksum && (await cursor.uint32()) !== hash.digest()) throw wrongChecksum();
	if (header.size !== undefined && header.size !== total) throw new Error("its size is not what its header says");
	return cursor.at;
};

interface Header {
	readonly independent: boolean;
	readonly blockChecksums: boolean;
	readonly checksum: boolean;
	readonly size: number | undefined;
	readonly blockSize: number;
}

async function headerOf(cursor: Cursor): Promise<Header> {
	const [flags = 0, sizes = 0] = await cursor.peek(2);
	if (flags >> 6 !== 1) throw new Error("its version is not 1");
	if (flags & 1) throw new Error("it needs a dictionary");
	const hasSize = (flags & 8) !== 0;
	const descriptor = await cursor.take(hasSize ? 10 : 2);
	const [check] = await cursor.take(1);
	if (((xxh32(descriptor) >>> 8) & 0xff) !== check) throw wrongChecksum();
	const code = (sizes >> 4) & 7;
	if (code < 4) throw new Error("its block size is none that there is");
	return {
		independent: (flags & 0x20) !== 0,
		blockChecksums: (flags & 0x10) !== 0,
		checksum: (flags & 4) !== 0,
		size: hasSize ? uint32(descriptor, 2) + uint32(descriptor, 6) * 2 ** 32 : undefined,
		blockSize: 2 ** (8 + 2 * code),
	};
}

function wrongChecksum(): Error {
	return new Error("a checksum is wrong");
}

function stored(packed: Uint8Array, memory: Uint8Array, start: number): number {
	memory.set(packed, start);
	return start + packed.length;
}

/** Unpacks a block behind what lies in memory, up to `limit`; gives its end. */
function unpackBlock(packed: Uint8Array, memory: Uint8Array, start: number, limit: number): number {
	let from = 0;
	let to = start;
	const longer = (length: number): number => {
		for (let byte = 255; byte === 255; length += byte) {
			if (from >= packed.length) throw new Error("a block ends too early");
			byte = packed[from++] as number;
		}
		return length;
	};
	for (;;) {
		const token = packed[from++];
		if (token === undefined) throw new Error("a block ends too early");
		const literals = token >> 4 === 15 ? longer(15) : token >> 4;
		if (from + literals > packed.length || to + literals > limit) throw new Error("a block's literals are too long");
		memory.set(packed.subarray(from, from + literals), to);
		from += literals;
		to += literals;
		if (from === packed.length) return to;
		const back = (packed[from] as number) | ((packed[from + 1] ?? 0) << 8);
		from += 2;
		const length = ((token & 15) === 15 ? longer(15) : token & 15) + 4;
		if (back === 0 || back > to || to + length > limit) throw new Error("a block refers to what is not there");
		if (back >= length) memory.copyWithin(to, to - back, to - back + length);
		else for (let i = 0; i < length; i++) memory[to + i] = memory[to + i - back] as number;
		to += length;
	}
}
