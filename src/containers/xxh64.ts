import { Striped } from "./striped.ts";

/** The primes of xxHash, as their upper and lower 32 bits. */
const P1 = [0x9e3779b1, 0x85ebca87] as const;
const P2 = [0xc2b2ae3d, 0x27d4eb4f] as const;
const P3 = [0x165667b1, 0x9e3779f9] as const;
const P4 = [0x85ebca77, 0xc2b2ae63] as const;
const P5 = [0x27d4eb2f, 0x165667c5] as const;

type Word = readonly [high: number, low: number];

/** Upper 32 bits of a product of two 32-bit numbers. */
function upper(a: number, b: number): number {
	const [al, ah, bl, bh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
	const middle = ah * bl + ((al * bl) >>> 16);
	const other = al * bh + (middle & 0xffff);
	return ah * bh + Math.floor(middle / 65_536) + Math.floor(other / 65_536);
}

/** A number of 64 bits, in two halves, which is changed in place: four of them mix 32 bytes at a time. */
class Lane {
	high: number;
	low: number;

	constructor([high, low]: Word) {
		this.high = high | 0;
		this.low = low | 0;
	}

	add(high: number, low: number): this {
		const sum = (this.low >>> 0) + (low >>> 0);
		this.high = (this.high + high + (sum > 0xffffffff ? 1 : 0)) | 0;
		this.low = sum | 0;
		return this;
	}

	multiply([high, low]: Word): this {
		const top = upper(this.low >>> 0, low);
		this.high = (top + Math.imul(this.high, low) + Math.imul(this.low, high)) | 0;
		this.low = Math.imul(this.low, low);
		return this;
	}

	rotate(bits: number): this {
		const [high, low] = bits < 32 ? [this.high, this.low] : [this.low, this.high];
		const by = bits & 31;
		this.high = (high << by) | (low >>> (32 - by));
		this.low = (low << by) | (high >>> (32 - by));
		return this;
	}

	xor(high: number, low: number): this {
		this.high ^= high;
		this.low ^= low;
		return this;
	}

	/** Exclusive or with itself, shifted right. */
	fold(bits: number): this {
		if (bits >= 32) return this.xor(0, this.high >>> (bits - 32));
		return this.xor(this.high >>> bits, (this.low >>> bits) | (this.high << (32 - bits)));
	}
}

/** zstandard's checksum, of bytes that come piece by piece. */
export class Xxh64 extends Striped {
	readonly #lanes = [
		new Lane(P1).add(...P2),
		new Lane(P2),
		new Lane([0, 0]),
		new Lane([~P1[0], ~P1[1]]).add(0, 1),
	] as const;
	readonly #input = new Lane([0, 0]);

	constructor() {
		super(32);
	}

	protected stripes(bytes: Uint8Array, start: number, end: number): void {
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		for (let at = start; at < end; at += 8) this.#mix(this.#lanes[((at - start) >> 3) & 3] as Lane, view, at);
	}

	#mix(lane: Lane, view: DataView, at: number): void {
		const input = this.#input;
		input.low = view.getInt32(at, true);
		input.high = view.getInt32(at + 4, true);
		input.multiply(P2);
		lane.add(input.high, input.low).rotate(31).multiply(P1);
	}

	/** The lower 32 bits, which are all that zstandard keeps. */
	low(): number {
		const hash = this.total < 32 ? new Lane(P5) : this.#merged();
		hash.add(Math.floor(this.total / 2 ** 32), this.total);
		const view = new DataView(this.rest.buffer);
		let at = 0;
		for (; at + 8 <= this.held; at += 8) {
			const word = new Lane([0, 0]);
			this.#mix(word, view, at);
			hash
				.xor(word.high, word.low)
				.rotate(27)
				.multiply(P1)
				.add(...P4);
		}
		if (at + 4 <= this.held) {
			const word = new Lane([0, view.getUint32(at, true)]).multiply(P1);
			hash
				.xor(word.high, word.low)
				.rotate(23)
				.multiply(P2)
				.add(...P3);
			at += 4;
		}
		for (; at < this.held; at++) {
			const word = new Lane([0, this.rest[at] as number]).multiply(P5);
			hash.xor(word.high, word.low).rotate(11).multiply(P1);
		}
		hash.fold(33).multiply(P2).fold(29).multiply(P3).fold(32);
		return hash.low >>> 0;
	}

	#merged(): Lane {
		const hash = new Lane([0, 0]);
		for (const [i, lane] of this.#lanes.entries()) {
			const turned = new Lane([lane.high, lane.low]).rotate([1, 7, 12, 18][i] as number);
			hash.add(turned.high, turned.low);
		}
		for (const { high, low } of this.#lanes) {
			const word = new Lane([high, low]).multiply(P2).rotate(31).multiply(P1);
			hash
				.xor(word.high, word.low)
				.multiply(P1)
				.add(...P4);
		}
		return hash;
	}
}
