import { Cursor } from "./cursor.ts";
import { uint32 } from "./magic.ts";
import type { Codec } from "./unpack.ts";

/** Larger dictionaries than xz itself writes are refused. */
const MAX_DICTIONARY = 2 ** 30 + 2 ** 29;
/** What is unpacked is given out in pieces of so many bytes. */
const PIECE = 2 ** 16;
/** An item takes at most so many packed bytes. */
const ITEM = 32;
const READ = 2 ** 16;

/** One file of the old lzma format (`.lzma`). */
export const unlzma: Codec = async function* (input, at) {
	const cursor = new Cursor(input, at);
	const header = await cursor.take(13);
	const properties = header[0] as number;
	const dictionary = uint32(header, 1);
	if (properties >= 225 || dictionary > MAX_DICTIONARY) throw new Error("its header is none of lzma");
	const isEndless = header.subarray(5).every((byte) => byte === 0xff);
	const size = isEndless ? Number.POSITIVE_INFINITY : uint32(header, 5) + uint32(header, 9) * 2 ** 32;
	const decoder = new Decoder(Math.max(dictionary, 4096), size);
	decoder.reset(properties);
	const first = await cursor.take(5);
	decoder.begin(first);
	while (!decoder.ended) {
		const packed = await cursor.peek(READ);
		cursor.at += decoder.run(packed, packed.length < READ);
		const piece = decoder.takeOutput();
		if (piece.length > 0) yield piece;
	}
	if (!isEndless) cursor.at += decoder.takeMarker(await cursor.peek(ITEM));
	return cursor.at;
};

/** Data in chunks, of which each says what it keeps of those before it: LZMA2. Its end is one of them. */
export async function* unlzma2(cursor: Cursor, dictionary: number): AsyncGenerator<Uint8Array, void> {
	if (dictionary > MAX_DICTIONARY) throw new Error(`it needs a dictionary of ${dictionary} bytes`);
	let decoder: Decoder | undefined;
	for (;;) {
		const [control = 0] = await cursor.take(1);
		if (control === 0) return;
		if (control === 1 || control >= 0xe0) decoder = new Decoder(Math.max(dictionary, 4096), 0);
		if (decoder === undefined || (control > 2 && control < 0x80)) throw new Error("its data is corrupt");
		if (control < 0x80) {
			yield decoder.store(await cursor.take(1 + (await uint16(cursor))));
			continue;
		}
		const size = 1 + ((control & 0x1f) << 16) + (await uint16(cursor));
		const packedSize = 1 + (await uint16(cursor));
		if (control >= 0xc0) decoder.reset((await cursor.take(1))[0] as number);
		else if (control >= 0xa0) decoder.reset();
		yield* decoder.chunk(await cursor.take(packedSize), size);
	}
}

/** A big-endian number of 16 bits. */
async function uint16(cursor: Cursor): Promise<number> {
	const [high = 0, low = 0] = await cursor.take(2);
	return 256 * high + low;
}

const [LITERAL_STATES, STATES] = [7, 12];

/** Adaptive probabilities of bits, in 2048ths. */
function probabilities(count: number): Uint16Array {
	return new Uint16Array(count).fill(1024);
}

/** Codes of a match's length: below 8, below 16, and up to 271. */
class Lengths {
	readonly choice = probabilities(2);
	readonly low = Array.from({ length: 16 }, () => probabilities(8));
	readonly mid = Array.from({ length: 16 }, () => probabilities(8));
	readonly high = probabilities(256);
}

class Decoder {
	ended = false;
	/** How many bits of the byte before choose the probabilities of a literal; undefined before `reset` has said it. */
	#lc: number | undefined;
	#lpMask = 0;
	#pbMask = 0;
	#literals = probabilities(0);
	readonly #isMatch = probabilities(STATES * 16);
	readonly #isRep = probabilities(STATES);
	readonly #isRepG0 = probabilities(STATES);
	readonly #isRepG1 = probabilities(STATES);
	readonly #isRepG2 = probabilities(STATES);
	readonly #isRep0Long = probabilities(STATES * 16);
	readonly #slots = Array.from({ length: 4 }, () => probabilities(64));
	readonly #special = probabilities(115);
	readonly #align = probabilities(16);
	#lengths = new Lengths();
	#repLengths = new Lengths();
	/** The dictionary, which grows to its size, and what was unpacked and not given out. */
	#memory = new Uint8Array(4 * PIECE);
	readonly #dictionary: number;
	#pos = 0;
	#given = 0;
	#total = 0;
	#size: number;
	#state = 0;
	#reps = [0, 0, 0, 0];
	#range = 0xffffffff;
	#code = 0;
	#packed: Uint8Array = new Uint8Array(0);
	#at = 0;

	constructor(dictionary: number, size: number) {
		this.#dictionary = dictionary;
		this.#size = size;
	}

	/** Forgets all but the dictionary. Properties are those before unless given. */
	reset(properties?: number): void {
		if (properties !== undefined) this.#setProperties(properties);
		const single = [this.#isMatch, this.#isRep, this.#isRepG0, this.#isRepG1, this.#isRepG2, this.#isRep0Long];
		for (const table of [...single, ...this.#slots, this.#special, this.#align, this.#literals]) table.fill(1024);
		this.#lengths = new Lengths();
		this.#repLengths = new Lengths();
		this.#state = 0;
		this.#reps = [0, 0, 0, 0];
	}

	#setProperties(properties: number): void {
		if (properties >= 225) throw new Error("its data is corrupt");
		this.#lc = properties % 9;
		const rest = Math.floor(properties / 9);
		const lp = rest % 5;
		this.#lpMask = 2 ** lp - 1;
		this.#pbMask = 2 ** Math.floor(rest / 5) - 1;
		this.#literals = probabilities(0x300 * 2 ** (this.#lc + lp));
	}

	/** The pieces of a chunk of LZMA2. */
	*chunk(packed: Uint8Array, size: number): Generator<Uint8Array, void> {
		if (this.#lc === undefined || packed.length < 5) throw new Error("its data is corrupt");
		this.#size = this.#total + size;
		this.#range = 0xffffffff;
		this.begin(packed.subarray(0, 5));
		let at = 5;
		while (!this.ended) {
			at += this.run(packed.subarray(at), true);
			yield this.takeOutput();
		}
		if (at !== packed.length || this.#code !== 0) throw new Error("its data is corrupt");
	}

	/** A chunk that is not packed. */
	store(bytes: Uint8Array): Uint8Array {
		for (const byte of bytes) this.#put(byte);
		return this.takeOutput();
	}

	begin(first: Uint8Array): void {
		if (first[0] !== 0) throw new Error("it does not begin as lzma data does");
		for (const byte of first.subarray(1)) this.#code = ((this.#code << 8) | byte) >>> 0;
		this.ended = this.#total === this.#size;
	}

	/** Unpacks up to a piece from packed bytes; gives how many of these it took. */
	run(packed: Uint8Array, isLast: boolean): number {
		this.#packed = packed;
		this.#at = 0;
		const enough = isLast ? packed.length : packed.length - ITEM;
		while (!this.ended && this.#pos - this.#given < PIECE && (this.#at < enough || isLast)) {
			this.#item();
			if (this.#at > packed.length) throw new Error("unexpected end of file");
			if (this.#total >= this.#size) this.#finish();
		}
		return this.#at;
	}

	/** An end marker, which may follow also where the size is known: how many bytes it takes. */
	takeMarker(packed: Uint8Array): number {
		if (this.#code === 0) return 0;
		this.#packed = packed;
		this.#at = 0;
		this.ended = false;
		this.#item();
		if (!this.ended) throw new Error("it holds more than its header says");
		if (this.#at > packed.length) throw new Error("unexpected end of file");
		return this.#at;
	}

	#finish(): void {
		if (this.#total > this.#size) throw new Error("it holds more than its header says");
		this.ended = true;
	}

	takeOutput(): Uint8Array {
		const piece = this.#memory.slice(this.#given, this.#pos);
		this.#given = this.#pos;
		return piece;
	}

	#normalize(): void {
		if (this.#range >= 2 ** 24) return;
		this.#range = (this.#range << 8) >>> 0;
		this.#code = ((this.#code << 8) | (this.#packed[this.#at++] ?? 0)) >>> 0;
	}

	#bit(table: Uint16Array, index: number): number {
		const probability = table[index] as number;
		const bound = (this.#range >>> 11) * probability;
		let bit = 0;
		if (this.#code < bound) {
			table[index] = probability + ((2048 - probability) >> 5);
			this.#range = bound;
		} else {
			table[index] = probability - (probability >> 5);
			this.#code -= bound;
			this.#range -= bound;
			bit = 1;
		}
		this.#normalize();
		return bit;
	}

	#directBits(count: number): number {
		let value = 0;
		for (let i = 0; i < count; i++) {
			this.#range >>>= 1;
			const bit = this.#code >= this.#range ? 1 : 0;
			if (bit) this.#code -= this.#range;
			this.#normalize();
			value = value * 2 + bit;
		}
		return value;
	}

	#tree(table: Uint16Array, bits: number): number {
		let node = 1;
		for (let i = 0; i < bits; i++) node = 2 * node + this.#bit(table, node);
		return node - 2 ** bits;
	}

	#reverseTree(table: Uint16Array, start: number, bits: number): number {
		let node = 1;
		let value = 0;
		for (let i = 0; i < bits; i++) {
			const bit = this.#bit(table, start + node);
			node = 2 * node + bit;
			value += bit * 2 ** i;
		}
		return value;
	}

	/** A literal, or a match. */
	#item(): void {
		const posState = this.#total & this.#pbMask;
		const state = this.#state;
		if (this.#bit(this.#isMatch, state * 16 + posState) === 0) {
			this.#literal();
			return;
		}
		let length: number;
		if (this.#bit(this.#isRep, state) === 0) {
			this.#reps.unshift(0);
			this.#reps.pop();
			length = this.#length(this.#lengths, posState);
			this.#state = state < LITERAL_STATES ? 7 : 10;
			const distance = this.#distance(length);
			if (distance === 0xffffffff) {
				if (this.#size !== Number.POSITIVE_INFINITY && this.#total !== this.#size) throw new Error("it ends too early");
				this.ended = true;
				return;
			}
			this.#reps[0] = distance;
		} else {
			if (!this.#choosesRep(posState)) {
				this.#state = state < LITERAL_STATES ? 9 : 11;
				this.#copy(1);
				return;
			}
			length = this.#length(this.#repLengths, posState);
			this.#state = state < LITERAL_STATES ? 8 : 11;
		}
		this.#copy(length + 2);
	}

	/** Which of the last four distances comes again, put first; false for a single byte at the last one. */
	#choosesRep(posState: number): boolean {
		const state = this.#state;
		if (this.#bit(this.#isRepG0, state) === 0) return this.#bit(this.#isRep0Long, state * 16 + posState) === 1;
		let which = 1;
		if (this.#bit(this.#isRepG1, state) === 1) which = 2 + this.#bit(this.#isRepG2, state);
		this.#reps.unshift(...this.#reps.splice(which, 1));
		return true;
	}

	#literal(): void {
		const previous = this.#pos > 0 ? (this.#memory[this.#pos - 1] as number) : 0;
		const lc = this.#lc as number;
		const context = ((this.#total & this.#lpMask) << lc) + (previous >> (8 - lc));
		const table = this.#literals.subarray(0x300 * context);
		let symbol = 1;
		if (this.#state >= LITERAL_STATES) {
			let match = this.#byteAt(this.#reps[0] as number);
			while (symbol < 0x100) {
				const matchBit = (match >> 7) & 1;
				match <<= 1;
				const bit = this.#bit(table, ((1 + matchBit) << 8) + symbol);
				symbol = 2 * symbol + bit;
				if (matchBit !== bit) break;
			}
		}
		while (symbol < 0x100) symbol = 2 * symbol + this.#bit(table, symbol);
		this.#put(symbol & 0xff);
		this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
	}

	#length(lengths: Lengths, posState: number): number {
		if (this.#bit(lengths.choice, 0) === 0) return this.#tree(lengths.low[posState] as Uint16Array, 3);
		if (this.#bit(lengths.choice, 1) === 0) return 8 + this.#tree(lengths.mid[posState] as Uint16Array, 3);
		return 16 + this.#tree(lengths.high, 8);
	}

	#distance(length: number): number {
		const slot = this.#tree(this.#slots[Math.min(length, 3)] as Uint16Array, 6);
		if (slot < 4) return slot;
		const bits = (slot >> 1) - 1;
		const base = (2 | (slot & 1)) * 2 ** bits;
		if (slot < 14) return base + this.#reverseTree(this.#special, base - slot, bits);
		return base + this.#directBits(bits - 4) * 16 + this.#reverseTree(this.#align, 0, 4);
	}

	#byteAt(distance: number): number {
		if (distance >= this.#pos || distance >= this.#dictionary) throw new Error("it refers to what is not there");
		return this.#memory[this.#pos - 1 - distance] as number;
	}

	#copy(length: number): void {
		const distance = this.#reps[0] as number;
		if (this.#total + length > this.#size) throw new Error("it holds more than its header says");
		for (let i = 0; i < length; i++) this.#put(this.#byteAt(distance));
	}

	#put(byte: number): void {
		if (this.#pos === this.#memory.length) this.#makeRoom();
		this.#memory[this.#pos++] = byte;
		this.#total++;
	}

	/** Lets go of what lies beyond the dictionary, or grows. */
	#makeRoom(): void {
		const keepFrom = Math.min(this.#given, this.#pos - this.#dictionary);
		if (keepFrom > this.#memory.length / 2) {
			this.#memory.copyWithin(0, keepFrom, this.#pos);
			this.#pos -= keepFrom;
			this.#given -= keepFrom;
			return;
		}
		const larger = new Uint8Array(2 * this.#memory.length);
		larger.set(this.#memory);
		this.#memory = larger;
	}
}
