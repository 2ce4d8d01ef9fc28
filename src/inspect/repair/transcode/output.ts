import { FRAME_TARGET } from "../../../opcodes/framer.ts";
import { FRAME } from "../../../opcodes/table.ts";
import { littleEndian } from "../shape.ts";
import type { Run, Segment } from "./segments.ts";

/** Shorter frames go without their header. */
const MIN_FRAME = 4;

/** Bytes that are written one after another, in frames where the protocol has them. */
export class Output {
	readonly #isFramed: boolean;
	#bytes = new Uint8Array(2 * FRAME_TARGET);
	#length = 0;
	#ready: Segment[] = [];

	constructor(isFramed: boolean) {
		this.#isFramed = isFramed;
	}

	byte(byte: number): void {
		this.#reserve(1);
		this.#bytes[this.#length++] = byte;
	}

	bytes(bytes: Uint8Array | readonly number[]): void {
		this.#reserve(bytes.length);
		this.#bytes.set(bytes, this.#length);
		this.#length += bytes.length;
	}

	/** ASCII, or Latin-1. */
	latin1(text: string): void {
		this.#reserve(text.length);
		for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i);
	}

	/** Between two instructions: whether there is something to take. */
	get isReady(): boolean {
		return this.#length >= FRAME_TARGET || this.#ready.length > 0;
	}

	/** What lies outside frames: PROTO, and an instruction with a large payload. */
	outside(head: Uint8Array, run?: Run, tail?: Uint8Array): void {
		this.endFrame();
		this.#ready.push(head);
		if (run !== undefined) this.#ready.push(run);
		if (tail !== undefined) this.#ready.push(tail);
	}

	endFrame(): void {
		if (this.#length === 0) return;
		if (this.#isFramed && this.#length >= MIN_FRAME)
			this.#ready.push(Uint8Array.of(FRAME, ...littleEndian(this.#length, 8)));
		this.#ready.push(this.#bytes.slice(0, this.#length));
		this.#length = 0;
	}

	/** What has been written; the frame ends if it is long enough. */
	take(): Segment[] {
		if (this.#length >= FRAME_TARGET) this.endFrame();
		const taken = this.#ready;
		this.#ready = [];
		return taken;
	}

	#reserve(count: number): void {
		if (this.#length + count <= this.#bytes.length) return;
		const grown = new Uint8Array(2 * (this.#length + count));
		grown.set(this.#bytes.subarray(0, this.#length));
		this.#bytes = grown;
	}
}
