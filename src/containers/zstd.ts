import { Decompress } from "fzstd";
import { Cursor, skipFrame } from "./cursor.ts";
import { uint32 } from "./magic.ts";
import type { Codec } from "./unpack.ts";
import { Xxh64 } from "./xxh64.ts";

/** Larger windows need zstd's own --long, also to be unpacked. */
const MAX_WINDOW = 2 ** 27;
/** What a block holds at most, packed or not. */
const MAX_BLOCK = 2 ** 17;

/** fzstd waits for so many bytes before it begins. */
const FIRST_LOOK = 18;

/** A part of a frame: its header with the magic number, a block with its own, or the checksum of what it holds. */
export interface FramePart {
	readonly kind: "header" | "block" | "checksum";
	readonly bytes: Uint8Array;
}

/** One zstandard frame, unpacked block by block. fzstd does not look at the checksum: that is done here. */
export const unzstd: Codec = async function* (input, at) {
	const cursor = new Cursor(input, at);
	if (await skipFrame(cursor)) return cursor.at;
	const blocks = new Blocks();
	const hash = new Xxh64();
	for await (const { kind, bytes } of frameParts(cursor)) {
		if (kind === "checksum") {
			if (uint32(bytes, 0) !== hash.low()) throw new Error("the checksum is wrong");
			continue;
		}
		const isLast = kind === "block" && ((bytes[0] as number) & 1) === 1;
		for (const piece of blocks.unpacked(bytes, isLast)) {
			hash.add(piece);
			yield piece;
		}
	}
	return cursor.at;
};

/** What fzstd knows of a frame: what came before, of which the last `e` bytes may be referred to. */
interface FrameState {
	w: Uint8Array;
	e: number;
}

/** Unpacks the blocks of a frame. */
class Blocks {
	#pieces: Uint8Array[] = [];
	readonly #decoder = new Decompress((piece) => this.#take(piece));
	#pushed = 0;
	#window: Window | undefined = undefined;
	/** fzstd moves all of its window with each block, which may be of a few bytes: it is given this one instead. */
	readonly #moved = new Uint8Array(MAX_BLOCK);

	/** What the header, or a block with its own, adds to what is unpacked. */
	unpacked(part: Uint8Array, isLast: boolean): readonly Uint8Array[] {
		const state = this.#state;
		if (state !== undefined && this.#window !== undefined) {
			state.w = this.#window.last();
			state.e = state.w.length;
		}
		this.#pieces = [];
		this.#decoder.push(part);
		this.#pushed += part.length;
		if (isLast && this.#pushed < FIRST_LOOK) this.#decoder.push(new Uint8Array(FIRST_LOOK - this.#pushed));
		if (state === undefined && this.#state !== undefined) this.#window = new Window(this.#state.e);
		for (const piece of this.#pieces) this.#window?.add(piece);
		return this.#pieces;
	}

	get #state(): FrameState | undefined {
		const { s } = this.#decoder as unknown as { s?: FrameState | number };
		return typeof s === "object" ? s : undefined;
	}

	#take(piece: Uint8Array): void {
		this.#pieces.push(piece);
		const state = this.#state;
		// Its first look may be at several blocks.
		if (this.#window !== undefined && state !== undefined) state.w = this.#moved.subarray(0, piece.length);
	}
}

/** So much more than a window is kept, so that it need not be moved often. */
const SLACK = 2 ** 24;

/** The last bytes of what was unpacked. */
class Window {
	#bytes = new Uint8Array(0);
	#length = 0;
	readonly #size: number;

	constructor(size: number) {
		this.#size = size;
	}

	last(): Uint8Array {
		return this.#bytes.subarray(Math.max(0, this.#length - this.#size), this.#length);
	}

	add(piece: Uint8Array): void {
		if (this.#length + piece.length > this.#bytes.length) this.#makeRoom(piece.length);
		this.#bytes.set(piece, this.#length);
		this.#length += piece.length;
	}

	#makeRoom(count: number): void {
		const kept = this.last();
		const needed = kept.length + count;
		const capacity = needed + Math.min(needed, SLACK);
		if (capacity > this.#bytes.length) this.#bytes = new Uint8Array(capacity);
		this.#bytes.set(kept);
		this.#length = kept.length;
	}
}

/** The parts of the frame at a place, up to its end. */
export async function* frameParts(cursor: Cursor): AsyncGenerator<FramePart, void> {
	const magic = await cursor.take(4);
	const number = uint32(magic, 0);
	if (number !== 0xfd2fb528) throw new Error("other bytes follow its end");
	const [flags = 0] = await cursor.peek(1);
	yield { kind: "header", bytes: joined(magic, await headerOf(cursor, flags)) };
	for (let isLast = false; !isLast; ) {
		const head = await cursor.take(3);
		const word = uint32(head, 0);
		isLast = (word & 1) === 1;
		const kind = (word >> 1) & 3;
		if (kind === 3) throw new Error("a block is of no kind that there is");
		const length = word >> 3;
		if (length > MAX_BLOCK) throw new Error("a block is too long");
		yield { kind: "block", bytes: joined(head, await cursor.take(kind === 1 ? 1 : length)) };
	}
	if (flags & 4) yield { kind: "checksum", bytes: await cursor.take(4) };
}

async function headerOf(cursor: Cursor, flags: number): Promise<Uint8Array> {
	const isSingle = (flags & 32) !== 0;
	const dictionary = [0, 1, 2, 4][flags & 3] as number;
	const sizeBytes = flags >> 6 === 0 ? Number(isSingle) : 2 ** (flags >> 6);
	const header = await cursor.take(1 + Number(!isSingle) + dictionary + sizeBytes);
	if (header.subarray(header.length - sizeBytes - dictionary, header.length - sizeBytes).some((byte) => byte !== 0)) {
		throw new Error("it needs a dictionary");
	}
	const window = isSingle ? sizeOf(header.subarray(header.length - sizeBytes)) : windowOf(header[1] as number);
	if (window > MAX_WINDOW) throw new Error(`it needs a window of ${window} bytes, more than ${MAX_WINDOW}`);
	return header;
}

function sizeOf(bytes: Uint8Array): number {
	const number = uint32(bytes, 0) + uint32(bytes, 4) * 2 ** 32;
	return bytes.length === 2 ? number + 256 : number;
}

function windowOf(descriptor: number): number {
	const base = 2 ** (10 + (descriptor >> 3));
	return base + (base / 8) * (descriptor & 7);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
	const both = new Uint8Array(first.length + second.length);
	both.set(first);
	both.set(second, first.length);
	return both;
}
