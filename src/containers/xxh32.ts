import { uint32 } from "./magic.ts";
import { Striped } from "./striped.ts";

const [P1, P2, P3, P4, P5] = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1] as const;

function rotated(value: number, bits: number): number {
	return (value << bits) | (value >>> (32 - bits));
}

/** lz4's checksum, of bytes that come piece by piece. */
export class Xxh32 extends Striped {
	readonly #lanes = Int32Array.of(P1 + P2, P2, 0, -P1);

	constructor() {
		super(16);
	}

	protected stripes(bytes: Uint8Array, start: number, end: number): void {
		const lanes = this.#lanes;
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		for (let at = start; at < end; at += 16) {
			for (let lane = 0; lane < 4; lane++) {
				const mixed = (lanes[lane] as number) + Math.imul(view.getInt32(at + 4 * lane, true), P2);
				lanes[lane] = Math.imul(rotated(mixed | 0, 13), P1);
			}
		}
	}

	digest(): number {
		const [a = 0, b = 0, c = 0, d = 0] = this.#lanes;
		let hash = this.total < 16 ? P5 : rotated(a, 1) + rotated(b, 7) + rotated(c, 12) + rotated(d, 18);
		hash = (hash + this.total) | 0;
		let at = 0;
		for (; at + 4 <= this.held; at += 4) {
			hash = Math.imul(rotated((hash + Math.imul(uint32(this.rest, at), P3)) | 0, 17), P4);
		}
		for (; at < this.held; at++) {
			hash = Math.imul(rotated((hash + Math.imul(this.rest[at] as number, P5)) | 0, 11), P1);
		}
		hash = Math.imul(hash ^ (hash >>> 15), P2);
		hash = Math.imul(hash ^ (hash >>> 13), P3);
		return (hash ^ (hash >>> 16)) >>> 0;
	}
}

/** The checksum of bytes at hand. */
export function xxh32(bytes: Uint8Array): number {
	const hash = new Xxh32();
	hash.add(bytes);
	return hash.digest();
}
