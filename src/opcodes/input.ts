import { PickleError } from "../errors.ts";
import { type ArgumentKind, opcodes } from "./table.ts";

/** Bytes of each argument that are always there: of those with a length, the length. */
const fixedBytes: Partial<Record<ArgumentKind, number>> = {
	uint1: 1,
	uint2: 2,
	int4: 4,
	uint4: 4,
	uint8: 8,
	float8: 8,
	long1: 1,
	long4: 4,
	string1: 1,
	string4: 4,
	bytes1: 1,
	bytes4: 4,
	bytes8: 8,
	bytearray8: 8,
	text1: 1,
	text4: 4,
	text8: 8,
};

/** What an instruction needs at least, opcode included, by code. */
export const instructionBytes: Uint8Array = new Uint8Array(256).fill(1);
for (const { code, argument } of opcodes) instructionBytes[code] = 1 + (fixedBytes[argument] ?? 0);

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

/**
 * The input as the machine sees it: a window of contiguous bytes, which is the whole input or, for streams, the part that
 * has come and is not read yet. Knows frames and ends.
 */
export abstract class Input {
	bytes: Uint8Array = NO_BYTES;
	view: DataView = NO_VIEW;
	/** Where the instruction at work starts, in the window. */
	pos = 0;
	/** How far the loop may read before it has to ask `reach`: an end of input or frame, or a bound on what may grow. */
	limit = 0;
	/** Absolute offset of the window's first byte. */
	base = 0;
	/** Whether nothing comes after the window. */
	final = true;
	/** Bytes of the whole input as far as known: more than these are never asked for. */
	total: number = Number.POSITIVE_INFINITY;
	/** Whether the window's memory is used again, so that values must not be views of it. */
	borrowed = false;
	/** Bytes that the instruction at `pos` needs at least, after `reach` said no. */
	need = 0;
	/** How far its text was searched for LF, and where its first of two lines ends: counted from `pos`, 0 if not at all. */
	private scanned = 0;
	private firstLine = 0;
	#frameAt = 0;
	#frameEnd: number = Number.POSITIVE_INFINITY;

	/** How many more items the machine may hold. */
	protected abstract room(): number;

	/** Moves to another window that holds the rest of this one from `pos` on. */
	setWindow(bytes: Uint8Array, base: number, final: boolean): void {
		this.bytes = bytes;
		this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		this.pos = 0;
		this.base = base;
		this.final = final;
		this.limit = 0;
		if (final) this.total = base + bytes.length;
	}

	/** Lets go of the window's memory. */
	protected releaseWindow(): void {
		this.bytes = NO_BYTES;
		this.view = NO_VIEW;
	}

	/** Absolute offset of the instruction at work, in bytes. */
	get offset(): number {
		return this.base + this.pos;
	}

	/**
	 * Makes `limit` cover the first `size` bytes of the instruction at `pos`. Returns false if they have not come yet.
	 * @throws PickleError E_TRUNCATED, E_FRAME, or E_LIMIT if the machine may hold no more items
	 */
	reach(size: number): boolean {
		if (this.offset >= this.#frameEnd) this.#frameEnd = Number.POSITIVE_INFINITY;
		const wanted = this.pos + size;
		const frameEnd = this.#frameEnd - this.base;
		if (wanted > frameEnd)
			throw new PickleError("E_FRAME", `the instruction goes past the end of its frame at ${this.#frameEnd}`);
		if (this.offset + size > this.total) throw this.truncated(size);
		const end = Math.min(this.bytes.length, frameEnd);
		if (wanted <= end) {
			this.limit = Math.min(end, Math.max(wanted, this.pos + this.room()));
			return true;
		}
		this.need = size;
		return false;
	}

	/** Starts a frame of so many bytes at the end of the FRAME instruction at `pos`. */
	protected frame(length: number): void {
		if (this.offset < this.#frameEnd && this.#frameEnd !== Number.POSITIVE_INFINITY) {
			throw new PickleError("E_FRAME", "a frame starts before the one around it has ended");
		}
		this.#frameAt = this.offset;
		this.#frameEnd = this.offset + 9 + length;
	}

	/**
	 * Whether the frame around the instruction at `pos` has come whole. That is asked at STOP, not at FRAME: a stream of unknown
	 * size cannot say it before, and is to find what any other input does.
	 * @throws PickleError E_FRAME if it ends after the input
	 */
	protected frameEnds(): boolean {
		const rest = this.#frameEnd - this.offset;
		if (rest === Number.POSITIVE_INFINITY || rest <= this.bytes.length - this.pos) return true;
		if (this.#frameEnd > this.total) throw this.cutFrame();
		// A source of known size has it, read or not.
		if (this.total !== Number.POSITIVE_INFINITY) return true;
		this.need = rest;
		return false;
	}

	/** Forgets the frame: a pickle has ended. */
	protected endFrame(): void {
		this.#frameEnd = Number.POSITIVE_INFINITY;
	}

	private cutFrame(): PickleError {
		const missing = this.#frameEnd - this.total;
		const reason = `the frame ends ${missing} bytes after the input, which was cut at ${this.total}`;
		return new PickleError("E_FRAME", reason, { offset: this.#frameAt, opcode: "FRAME", end: this.total });
	}

	/** The input ends inside the instruction at `pos`, or before it. */
	protected truncated(size: number): PickleError {
		if (this.#frameEnd > this.total && this.#frameEnd !== Number.POSITIVE_INFINITY) return this.cutFrame();
		const { total } = this;
		if (total === 0) {
			const writer =
				"Python 3's C pickler leaves an empty file when a payload over 4 GiB does not fit protocol 3 and below";
			return new PickleError("E_TRUNCATED", `the input is empty; ${writer}`, { offset: 0, end: 0 });
		}
		if (this.offset >= total) {
			return new PickleError("E_TRUNCATED", `the input ends at ${total} without STOP${this.unfinished()}`, {
				end: total,
			});
		}
		const reason = `the instruction needs ${size} bytes or more, but the input ends ${total - this.offset} bytes after it starts`;
		return new PickleError("E_TRUNCATED", reason, { end: total });
	}

	/** What more can be said of an input that ends between two instructions. */
	protected abstract unfinished(): string;

	/**
	 * Where the line that starts at `from` ends: the place of its LF, or -1 if it has not come yet. For short lines a loop is
	 * twice as fast as indexOf.
	 */
	protected lineEnd(from: number): number {
		const { bytes } = this;
		let i = Math.max(from, this.pos + this.scanned);
		for (;;) {
			const { limit } = this;
			const near = Math.min(limit, i + 64);
			while (i < near && bytes[i] !== 10) i++;
			if (i === near && near < limit) {
				i = bytes.indexOf(10, near);
				if (i < 0 || i > limit) i = limit;
			}
			if (i < limit) break;
			if (!this.reach(limit - this.pos + 1)) {
				this.scanned = i - this.pos;
				return -1;
			}
		}
		this.scanned = 0;
		return i;
	}

	/** Where two lines end, of which the first starts at `from`: the place of the second LF, or -1. See `firstLineEnd`. */
	protected twoLinesEnd(from: number): number {
		const first = this.firstLine > 0 ? this.pos + this.firstLine : this.lineEnd(from);
		this.firstLine = first < 0 ? 0 : first - this.pos;
		return first < 0 ? -1 : this.lineEnd(first + 1);
	}

	/** The place of the first LF after `twoLinesEnd` found both. */
	protected firstLineEnd(): number {
		const end = this.pos + this.firstLine;
		this.firstLine = 0;
		return end;
	}
}
