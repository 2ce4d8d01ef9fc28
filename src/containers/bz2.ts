import { Cursor } from "./cursor.ts";
import type { Codec } from "./unpack.ts";

const BLOCK = 0x314159265359;
const END = 0x177245385090;
/** Bytes that hold a block's magic number and checksum, wherever in a byte they begin. */
const BLOCK_HEAD = 11;
/** A code has at most so many bits, and a group so many symbols. */
const [MAX_BITS, GROUP] = [20, 50];

const crcTable = Uint32Array.from({ length: 256 }, (_, i) => {
	let crc = i << 24;
	for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
	return crc >>> 0;
});

/** One bzip2 stream. */
export const bunzip2: Codec = async function* (input, at) {
	const cursor = new Cursor(input, at);
	const head = await cursor.take(4);
	const level = (head[3] ?? 0) - 0x30;
	if (String.fromCharCode(...head.subarray(0, 3)) !== "BZh" || !(level >= 1 && level <= 9)) {
		throw new Error("other bytes follow its end");
	}
	const capacity = level * 100_000;
	let combined = 0;
	let bit = 0;
	for (;;) {
		const start = new Bits(await cursor.peek(BLOCK_HEAD), bit);
		const magic = start.take(24) * 2 ** 24 + start.take(24);
		const stored = (start.take(16) * 2 ** 16 + start.take(16)) >>> 0;
		if (magic === END) {
			if (stored !== combined) throw new Error("the checksum is wrong");
			return cursor.at + Math.ceil(start.place / 8);
		}
		if (magic !== BLOCK) throw new Error("a block has no beginning");
		// A block's symbols have at most 20 bits each; its tables and headers are short.
		const bits = new Bits(await cursor.peek(Math.ceil(capacity * 2.5) + 40_000), start.place);
		let running = 0xffffffff;
		for (const piece of originalOf(symbolsOf(bits, capacity))) {
			running = crcOf(running, piece);
			yield piece;
		}
		const crc = ~running >>> 0;
		if (crc !== stored) throw new Error("the checksum of a block is wrong");
		combined = (((combined << 1) | (combined >>> 31)) ^ crc) >>> 0;
		cursor.at += bits.place >> 3;
		bit = bits.place & 7;
	}
};

/** Bits of bytes, the highest first. */
class Bits {
	place: number;
	readonly #bytes: Uint8Array;

	constructor(bytes: Uint8Array, place: number) {
		this.#bytes = bytes;
		this.place = place;
	}

	/** The next `count` bits, at most 24. */
	take(count: number): number {
		const value = this.peek(count);
		this.place += count;
		if (this.place > 8 * this.#bytes.length) throw new Error("unexpected end of file");
		return value;
	}

	/** Bits beyond the end are zeros. */
	peek(count: number): number {
		const at = this.place >> 3;
		const bytes = this.#bytes;
		const word =
			((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
		return count === 0 ? 0 : (word << (this.place & 7)) >>> (32 - count);
	}
}

/** A block before its last two steps: its bytes sorted by what follows them, and where the first one is. */
interface Sorted {
	readonly bytes: Uint8Array;
	readonly origin: number;
}

function symbolsOf(bits: Bits, capacity: number): Sorted {
	if (bits.take(1) !== 0) throw new Error("blocks of the kind before 0.9.5 are not read");
	const origin = bits.take(24);
	const used = usedBytes(bits);
	const groups = bits.take(3);
	if (used.length === 0 || groups < 2 || groups > 6) throw new Error("a block's tables are wrong");
	const selectors = selectorsOf(bits, groups);
	const tables = Array.from({ length: groups }, () => new Table(bits, used.length + 2));
	const bytes = new Uint8Array(capacity);
	let length = 0;
	let run = 0;
	let weight = 1;
	for (let count = 0; ; count++) {
		const table = tables[selectors[Math.floor(count / GROUP)] ?? groups];
		if (table === undefined) throw new Error("a block goes on beyond its tables");
		const symbol = table.next(bits);
		if (symbol < 2) {
			run += weight << symbol;
			weight <<= 1;
			if (run > capacity) throw new Error("a block is too long");
			continue;
		}
		if (length + run > capacity) throw new Error("a block is too long");
		bytes.fill(used[0] as number, length, length + run);
		length += run;
		[run, weight] = [0, 1];
		if (symbol === used.length + 1) break;
		if (length >= capacity) throw new Error("a block is too long");
		bytes[length++] = toFront(used, symbol - 1);
	}
	if (origin >= length) throw new Error("a block's origin lies outside of it");
	return { bytes: bytes.subarray(0, length), origin };
}

/** The bytes that occur, in order. */
function usedBytes(bits: Bits): number[] {
	const used: number[] = [];
	const rows = bits.take(16);
	for (let row = 0; row < 16; row++) {
		if (((rows >> (15 - row)) & 1) === 0) continue;
		const columns = bits.take(16);
		for (let column = 0; column < 16; column++) {
			if ((columns >> (15 - column)) & 1) used.push(16 * row + column);
		}
	}
	return used;
}

function selectorsOf(bits: Bits, groups: number): Uint8Array {
	const selectors = new Uint8Array(bits.take(15));
	const order = Array.from({ length: groups }, (_, group) => group);
	for (let i = 0; i < selectors.length; i++) {
		let place = 0;
		while (bits.take(1) === 1) if (++place >= groups) throw new Error("a block's selectors are wrong");
		selectors[i] = toFront(order, place);
	}
	return selectors;
}

/** Moves an item to the front, and gives it. */
function toFront(items: number[], place: number): number {
	const item = items[place] as number;
	for (let i = place; i > 0; i--) items[i] = items[i - 1] as number;
	items[0] = item;
	return item;
}

/** A Huffman code: for each length the codes below `limits`, aligned to the left, are of it. */
class Table {
	readonly #limits = new Float64Array(MAX_BITS + 2);
	readonly #offsets = new Int32Array(MAX_BITS + 2);
	readonly #symbols: number[] = [];

	constructor(bits: Bits, count: number) {
		const lengths: number[] = [];
		let length = bits.take(5);
		for (let symbol = 0; symbol < count; symbol++) {
			while (bits.take(1) === 1) {
				length += bits.take(1) === 0 ? 1 : -1;
				if (length < 1 || length > MAX_BITS) throw new Error("a block's code lengths are wrong");
			}
			if (length < 1 || length > MAX_BITS) throw new Error("a block's code lengths are wrong");
			lengths.push(length);
		}
		let code = 0;
		for (let bitCount = 1; bitCount <= MAX_BITS; bitCount++) {
			this.#offsets[bitCount] = this.#symbols.length - code;
			for (let symbol = 0; symbol < count; symbol++) if (lengths[symbol] === bitCount) this.#symbols.push(symbol);
			code = this.#symbols.length - (this.#offsets[bitCount] as number);
			this.#limits[bitCount] = code * 2 ** (MAX_BITS - bitCount);
			code *= 2;
		}
	}

	next(bits: Bits): number {
		const ahead = bits.peek(MAX_BITS);
		let length = 1;
		while (length <= MAX_BITS && ahead >= (this.#limits[length] as number)) length++;
		if (length > MAX_BITS) throw new Error("there is no such code");
		bits.take(length);
		return this.#symbols[(ahead >> (MAX_BITS - length)) + (this.#offsets[length] as number)] as number;
	}
}

/** A block may hold 51 times as many bytes as are sorted in it: they are given out in pieces of about so many. */
const PIECE = 2 ** 18;
/** A run of equal bytes. */
const [BEGUN, LONGEST] = [4, 259];

/** Undoes the sorting, and then the runs: four equal bytes are followed by how many more there are. */
function* originalOf({ bytes, origin }: Sorted): Generator<Uint8Array, void> {
	const next = followers(bytes);
	const most = Math.min(PIECE, bytes.length);
	let out = new Uint8Array(most + LONGEST);
	let length = 0;
	let equal = 0;
	let last = -1;
	for (let i = 0, place = next[origin] as number; i < bytes.length; i++, place = next[place] as number) {
		const byte = bytes[place] as number;
		if (equal === BEGUN) {
			out.fill(last, length, length + byte);
			length += byte;
			equal = 0;
			last = -1;
		} else {
			out[length++] = byte;
			equal = byte === last ? equal + 1 : 1;
			last = byte;
		}
		if (length < most) continue;
		yield out.subarray(0, length);
		out = new Uint8Array(most + LONGEST);
		length = 0;
	}
	if (length > 0) yield out.subarray(0, length);
}

/** Where the byte after each lies among those that are sorted. */
function followers(bytes: Uint8Array): Uint32Array {
	const starts = new Uint32Array(257);
	for (const byte of bytes) (starts[byte + 1] as number)++;
	for (let i = 1; i <= 256; i++) (starts[i] as number) += starts[i - 1] as number;
	const next = new Uint32Array(bytes.length);
	for (let i = 0; i < bytes.length; i++) next[(starts[bytes[i] as number] as number)++] = i;
	return next;
}

/** Goes on with a checksum, which begins with all bits set. */
function crcOf(before: number, data: Uint8Array): number {
	let crc = before;
	for (let i = 0; i < data.length; i++) {
		crc = (crc << 8) ^ (crcTable[(crc >>> 24) ^ (data[i] as number)] as number);
	}
	return crc;
}
