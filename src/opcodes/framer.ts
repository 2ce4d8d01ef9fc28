import { PickleError } from "../errors.ts";
import type { Bulk } from "../values/bulk.ts";
import { FRAME } from "./table.ts";

/** A payload: bytes, or what is more than one Uint8Array, or not at hand. */
export type Payload = Uint8Array | Bulk;

/** Bytes after which a frame ends at the next value, as in CPython; payloads of so many lie outside frames. */
export const FRAME_TARGET = 65536;
/** FRAME and its 8-byte length. */
const FRAME_HEADER = 9;
/** Shorter frames are not worth their header: they go without. */
const FRAME_LEAST = 4;
/** Room that is there at the start of every value: for the largest one that is written without asking for more. */
export const SLACK = 512;
/** A buffer above this is not kept for the next pickle. */
const KEPT_BUFFER = 1 << 24;
const FIRST_BUFFER = 1 << 14;

/**
 * The output: one growing buffer, in frames from protocol 4 on as CPython lays them out. A large payload is not copied into it but
 * referred to, between two pieces of what was written before and after.
 */
export class Framer {
	protected bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BUFFER);
	protected view: DataView = new DataView(this.bytes.buffer);
	protected pos = 0;
	/** Where `boundary` has something to do. Each value starts by looking whether it is reached. */
	protected fence = 0;
	/** Whether a piece is to be taken before going on. Only if pieces are taken as they come. */
	protected paused = false;
	#framing = false;
	/** Where the open frame's header is to be. */
	#frame = 0;
	#pieces: Payload[] = [];
	/** The lengths of the pieces when they were written: memory can be taken away from under a view. */
	#lengths: number[] = [];
	#piecewise = false;

	/** Starts an output; with `piecewise` it is to be taken with `takePieces` whenever `paused` says so. */
	protected startOutput(piecewise: boolean): void {
		this.pos = 0;
		this.paused = false;
		this.#framing = false;
		this.#forgetPieces();
		this.#piecewise = piecewise;
		this.#setFence();
	}

	/** Lets go of a large buffer, and of other people's memory. */
	protected releaseOutput(): void {
		this.#forgetPieces();
		if (this.bytes.length <= KEPT_BUFFER) return;
		this.bytes = new Uint8Array(FIRST_BUFFER);
		this.view = new DataView(this.bytes.buffer);
	}

	#forgetPieces(): void {
		if (this.#pieces.length === 0) return;
		this.#pieces = [];
		this.#lengths = [];
	}

	/** From here on what is written lies in frames. */
	protected startFrames(): void {
		this.#framing = true;
		this.#openFrame();
		this.#setFence();
	}

	/** To be called where a value starts, once the fence is reached: ends a full frame, makes room, pauses. */
	protected boundary(): void {
		if (this.#framing && this.pos - this.#frame - FRAME_HEADER >= FRAME_TARGET) {
			this.#commitFrame();
			if (this.#piecewise) this.#pause();
			this.#openFrame();
		} else if (this.#piecewise && !this.#framing && this.pos >= FRAME_TARGET) this.#pause();
		this.reserve(SLACK);
		this.#setFence();
	}

	/** Makes room for so many bytes. @throws PickleError E_TOO_LARGE */
	protected reserve(count: number): void {
		const needed = this.pos + count;
		if (needed <= this.bytes.length) return;
		const grown = allocate(needed, Math.max(needed, this.bytes.length * 2));
		grown.set(this.bytes.subarray(0, this.pos));
		this.bytes = grown;
		this.view = new DataView(grown.buffer);
		this.#setFence();
	}

	/** Writes one opcode. */
	protected op(code: number): void {
		if (this.pos >= this.bytes.length) this.reserve(SLACK);
		this.bytes[this.pos++] = code;
	}

	/** Copies bytes into the output. */
	protected copy(data: Uint8Array): void {
		this.reserve(data.length);
		this.bytes.set(data, this.pos);
		this.pos += data.length;
	}

	/** Ends the frame before a large payload, whose header and bytes lie outside. */
	protected beginPayload(): void {
		if (this.#framing) this.#commitFrame();
		this.reserve(SLACK);
	}

	/** Puts the memory of a large payload behind what is written, and opens the next frame. */
	protected endPayload(data: Payload): void {
		this.#cut();
		this.#push(data);
		if (this.#piecewise) this.paused = true;
		if (this.#framing) this.#openFrame();
		this.#setFence();
	}

	/** The pieces that are written by now. @throws PickleError E_UNENCODABLE if memory was taken away meanwhile */
	protected takePieces(): Payload[] {
		const pieces = this.#pieces;
		this.#check();
		this.#forgetPieces();
		this.paused = false;
		return pieces;
	}

	/** Ends the output, and the last frame. */
	protected endOutput(): void {
		if (this.#framing) this.#commitFrame();
		this.#framing = false;
		if (this.#piecewise) this.#cut();
	}

	/** All of the output in one. @throws PickleError E_TOO_LARGE, and E_UNENCODABLE if memory was taken away meanwhile */
	protected joined(): Uint8Array<ArrayBuffer> {
		if (this.#pieces.length === 0) return this.bytes.slice(0, this.pos);
		this.#cut();
		this.#check();
		const total = this.#lengths.reduce((sum, length) => sum + length, 0);
		const all = allocate(total, total);
		let at = 0;
		for (const piece of this.#pieces) {
			for (const part of windowsOf(piece)) {
				all.set(part, at);
				at += part.length;
			}
		}
		return all;
	}

	#pause(): void {
		this.#cut();
		this.paused = true;
	}

	/** Makes a piece of what is in the buffer. No frame may be open. */
	#cut(): void {
		if (this.pos > 0) this.#push(this.bytes.slice(0, this.pos));
		this.pos = 0;
	}

	#push(piece: Payload): void {
		this.#pieces.push(piece);
		this.#lengths.push(piece.byteLength);
	}

	#check(): void {
		if (this.#pieces.every((piece, i) => piece.byteLength === this.#lengths[i])) return;
		throw new PickleError("E_UNENCODABLE", "the memory of an array was taken away while it was encoded");
	}

	#openFrame(): void {
		this.reserve(FRAME_HEADER);
		this.#frame = this.pos;
		this.pos += FRAME_HEADER;
	}

	#commitFrame(): void {
		const { bytes, view } = this;
		const start = this.#frame;
		const length = this.pos - start - FRAME_HEADER;
		if (length < FRAME_LEAST) {
			bytes.copyWithin(start, start + FRAME_HEADER, this.pos);
			this.pos -= FRAME_HEADER;
			return;
		}
		bytes[start] = FRAME;
		view.setUint32(start + 1, length, true);
		view.setUint32(start + 5, length / 2 ** 32, true);
	}

	#setFence(): void {
		const room = this.bytes.length - SLACK;
		if (this.#framing) this.fence = Math.min(room, this.#frame + FRAME_HEADER + FRAME_TARGET);
		else this.fence = this.#piecewise ? Math.min(room, FRAME_TARGET) : room;
	}
}

/** All of a payload, in views of its memory. @throws PickleError E_UNENCODABLE if it is not at hand */
export function windowsOf(payload: Payload): Iterable<Uint8Array> {
	return payload instanceof Uint8Array ? [payload] : payload.windows();
}

/** A buffer of the wanted length, or at least of the needed one. @throws PickleError E_TOO_LARGE */
function allocate(needed: number, wanted: number): Uint8Array<ArrayBuffer> {
	try {
		return new Uint8Array(wanted);
	} catch (cause) {
		if (wanted > needed) return allocate(needed, needed);
		const reason = `a pickle of ${needed} bytes is more than this runtime holds in one Uint8Array`;
		throw new PickleError("E_TOO_LARGE", `${reason}; encodeChunks gives it in pieces, writePickle writes it`, {
			cause,
		});
	}
}
