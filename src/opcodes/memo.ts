import type { PyValue } from "../values/value.ts";

/** Places left free that are filled up rather than kept apart: Python 2's cPickle starts at 1. */
const MAX_GAP = 64;

/** A memo of at most so many places is used again: 1.2x for one small dict. */
const KEPT = 256;

/** The objects that a pickle numbered. Numbers are dense in what Pythons write; a file that skips far costs a Map. */
export class Memo {
	#dense: (PyValue | undefined)[] = [];
	/** How many places of `#dense` are in use. */
	#length = 0;
	#gaps = 0;
	#sparse: Map<number, PyValue> | undefined = undefined;

	/** How many places are taken: the number that MEMOIZE takes next. */
	get size(): number {
		return this.#length - this.#gaps + (this.#sparse?.size ?? 0);
	}

	/** The place that was written last. */
	last = 0;

	clear(): void {
		if (this.#length > KEPT) this.#dense = [];
		else this.#dense.fill(undefined, 0, this.#length);
		this.#length = 0;
		this.#gaps = 0;
		this.#sparse = undefined;
	}

	/** MEMOIZE: puts a value at the next place. */
	add(value: PyValue): void {
		if (this.#gaps > 0 || this.#sparse !== undefined) this.put(this.size, value);
		else {
			this.last = this.#length;
			this.#dense[this.#length++] = value;
		}
	}

	get(place: number): PyValue | undefined {
		return place < this.#length ? this.#dense[place] : this.#sparse?.get(place);
	}

	put(place: number, value: PyValue): void {
		this.last = place;
		const dense = this.#dense;
		if (place === this.#length && this.#sparse === undefined) {
			dense[this.#length++] = value;
			return;
		}
		if (place >= this.#length && (this.#sparse !== undefined || place > this.#length + MAX_GAP)) {
			this.#sparse ??= new Map();
			this.#sparse.set(place, value);
			return;
		}
		for (; this.#length < place; this.#gaps++) dense[this.#length++] = undefined;
		if (place === this.#length) this.#length++;
		else if (dense[place] === undefined) this.#gaps--;
		dense[place] = value;
	}
}
