import { FRAME_TARGET } from "../../../opcodes/framer.ts";
import { FRAME } from "../../../opcodes/table.ts";
import { littleEndian } from "../shape.ts";
import type { Run, Segment } from "./segments.ts";

/** Shorter frames go without their header. */
const MIN_FRAME = 4;

/** Bytes that are added one after another. */
class Gathering {
	#bytes = new Uint8Array(2 * FRAME_TARGET);
	length = 0;

	byte(byte: number): void {
		this.#reserve(1);
		this.#bytes[this.length++] = byte;
	}

	add(bytes: Uint8Array | readonly number[]): void {
		this.#reserve(bytes.length);
		this.#bytes.set(bytes, this.length);
		this.length += bytes.length;
	}

	latin1(text: string): void {
		this.#reserve(text.length);
		for (let i = 0; i < text.length; i++) this.#bytes[this.length++] = text.charCodeAt(i);
	}

	/** All of them, good until more are added; none are left. */
	taken(): Uint8Array {
		const bytes = this.#bytes.subarray(0, this.length);
		this.length = 0;
		return bytes;
	}

	#reserve(count: number): void {
		if (this.length + count <= this.#bytes.length) return;
		const grown = new Uint8Array(2 * (this.length + count));
		grown.set(this.#bytes.subarray(0, this.length));
		this.#bytes = grown;
	}
}

/** Bytes that are written one after another, in frames where the protocol has them. */
export class Output {
	readonly #isFramed: boolean;
	/** Instructions of the frame that is open, and all that comes before it. */
	readonly #frame = new Gathering();
	readonly #whole = new Gathering();
	#ready: Segment[] = [];

	constructor(isFramed: boolean) {
		this.#isFramed = isFramed;
	}

	byte(byte: number): void {
		this.#frame.byte(byte);
	}

	bytes(bytes: Uint8Array | readonly number[]): void {
		this.#frame.add(bytes);
	}

	/** ASCII, or Latin-1. */
	latin1(text: string): void {
		this.#frame.latin1(text);
	}

	/** Between two instructions: whether there is something to take. */
	get isReady(): boolean {
		return this.#frame.length + this.#whole.length >= FRAME_TARGET || this.#ready.length > 0;
	}

	/** What lies outside frames: PROTO, and an instruction with a large payload. */
	outside(head: Uint8Array, run?: Run, tail?: Uint8Array): void {
		this.endFrame();
		this.#whole.add(head);
		if (run !== undefined) {
			this.#flush();
			this.#ready.push(run);
		}
		if (tail !== undefined) this.#whole.add(tail);
	}

	endFrame(): void {
		const { length } = this.#frame;
		if (this.#isFramed && length >= MIN_FRAME) {
			this.#whole.byte(FRAME);
			this.#whole.add(littleEndian(length, 8));
		}
		this.#whole.add(this.#frame.taken());
	}

	/** What has been written; the frame ends if it is long enough, or if nothing follows. */
	take(isEnd = false): Segment[] {
		if (isEnd || !this.#isFramed || this.#frame.length >= FRAME_TARGET) this.endFrame();
		if (isEnd || this.#whole.length >= FRAME_TARGET) this.#flush();
		const taken = this.#ready;
		this.#ready = [];
		return taken;
	}

	#flush(): void {
		if (this.#whole.length > 0) this.#ready.push(this.#whole.taken().slice());
	}
}
