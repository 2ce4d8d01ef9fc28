/** Numbers that a seed fixes: mulberry32. */
export class Random {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0;
	}

	/** At least 0, below 1. */
	next(): number {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}

	/** An integer from `from` on, below `to`. */
	int(from: number, to: number): number {
		return from + Math.floor(this.next() * (to - from));
	}

	pick<T>(items: readonly T[]): T {
		return items[this.int(0, items.length)] as T;
	}
}
