import { crc32 } from "../bytes/crc32.ts";

/** What an xz file has of each block's bytes, so that damage is noticed. */
export interface Check {
	add(bytes: Uint8Array): void;
	/** As it stands behind the block. */
	digest(): Uint8Array;
}

/** The check of a kind, by its number in the file. @throws Error */
export function checkOf(kind: number): Check {
	if (kind === 0) return { add: () => {}, digest: () => new Uint8Array(0) };
	if (kind === 1) return new Crc32();
	if (kind === 4) return new Crc64();
	if (kind === 10) return new Sha256();
	throw new Error(`its check is of kind ${kind}, which is not known`);
}

class Crc32 implements Check {
	#crc = 0;

	add(bytes: Uint8Array): void {
		this.#crc = crc32(bytes, this.#crc);
	}

	digest(): Uint8Array {
		return littleEndian(this.#crc);
	}
}

function littleEndian(...words: readonly number[]): Uint8Array {
	return Uint8Array.from({ length: 4 * words.length }, (_, i) => (words[i >> 2] as number) >>> (8 * (i % 4)));
}

/** The low and the high halves of CRC-64's codes of bytes. */
const crc64Table: Uint32Array = /* @__PURE__ */ (() => {
	const table = new Uint32Array(512);
	for (let byte = 0; byte < 256; byte++) {
		let [low, high] = [byte, 0];
		for (let bit = 0; bit < 8; bit++) {
			const odd = low & 1;
			low = (low >>> 1) | (high << 31);
			high >>>= 1;
			if (odd) [low, high] = [low ^ 0xd7870f42, high ^ 0xc96c5795];
		}
		table.set([low, high], 2 * byte);
	}
	return table;
})();

/** ECMA-182's, reflected. */
class Crc64 implements Check {
	#low = -1;
	#high = -1;

	add(bytes: Uint8Array): void {
		let [low, high] = [this.#low, this.#high];
		for (let i = 0; i < bytes.length; i++) {
			const place = 2 * ((low ^ (bytes[i] as number)) & 255);
			low = ((low >>> 8) | (high << 24)) ^ (crc64Table[place] as number);
			high = (high >>> 8) ^ (crc64Table[place + 1] as number);
		}
		[this.#low, this.#high] = [low, high];
	}

	digest(): Uint8Array {
		return littleEndian(~this.#low, ~this.#high);
	}
}

/** The first 32 bits of the fractions of roots of the first primes: of square roots, and of cube roots. */
const [SQUARES, CUBES] = /* @__PURE__ */ (() => {
	const primes: number[] = [];
	for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
	const fraction = (root: number) => ((root % 1) * 2 ** 32) >>> 0;
	return [primes.slice(0, 8).map((n) => fraction(Math.sqrt(n))), primes.map((n) => fraction(Math.cbrt(n)))];
})() as [number[], number[]];

/** WebCrypto's takes all bytes at once. */
class Sha256 implements Check {
	readonly #state = Uint32Array.from(SQUARES);
	readonly #words = new Uint32Array(64);
	readonly #block = new Uint8Array(64);
	#filled = 0;
	#length = 0;

	add(bytes: Uint8Array): void {
		this.#length += bytes.length;
		for (let at = 0; at < bytes.length; ) {
			const part = bytes.subarray(at, at + 64 - this.#filled);
			this.#block.set(part, this.#filled);
			this.#filled += part.length;
			at += part.length;
			if (this.#filled < 64) return;
			this.#compress();
			this.#filled = 0;
		}
	}

	digest(): Uint8Array {
		const length = this.#length;
		this.add(Uint8Array.of(0x80));
		this.add(new Uint8Array((120 - this.#filled) % 64));
		const end = new DataView(new ArrayBuffer(8));
		end.setUint32(0, Math.floor(length / 2 ** 29));
		end.setUint32(4, (length * 8) % 2 ** 32);
		this.add(new Uint8Array(end.buffer));
		return Uint8Array.from({ length: 32 }, (_, i) => (this.#state[i >> 2] as number) >>> (24 - 8 * (i % 4)));
	}

	#compress(): void {
		const [words, state] = [this.#words, this.#state];
		const view = new DataView(this.#block.buffer);
		for (let i = 0; i < 16; i++) words[i] = view.getUint32(4 * i);
		for (let i = 16; i < 64; i++) {
			const [old, late] = [words[i - 15] as number, words[i - 2] as number];
			const first = turned(old, 7) ^ turned(old, 18) ^ (old >>> 3);
			const second = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
			words[i] = (words[i - 16] as number) + first + (words[i - 7] as number) + second;
		}
		let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
		for (let i = 0; i < 64; i++) {
			const mixed = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
			const sum = (h + mixed + ((e & f) ^ (~e & g)) + (CUBES[i] as number) + (words[i] as number)) | 0;
			const other = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
			[h, g, f, e, d, c, b, a] = [g, f, e, (d + sum) | 0, c, b, a, (sum + other) | 0];
		}
		[a, b, c, d, e, f, g, h].forEach((word, i) => {
			state[i] = (state[i] as number) + word;
		});
	}
}

function turned(word: number, bits: number): number {
	return (word >>> bits) | (word << (32 - bits));
}
