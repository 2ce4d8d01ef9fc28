import type { PyValue } from "../values/value.ts";

/** Places left free that are filled up rather than kept apart: Python 2's cPickle starts at 1. */
const MAX_GAP = 64;

/** A memo of at most so many places is used again: 1.2x for one small dict. */
const KEPT = 256;

/** At a place that was left free. */
const FREE: PyValue[] = [];

/**
 * The objects that a pickle numbered. Numbers are dense in what Pythons write; a file that skips far costs a Map. `undefined`
 * takes a place for a list that is still to be made: engines find that out by a look at the place alone, 1.1x on W6.
 */
export class Memo {
	#dense: (PyValue | undefined)[] = [];
	/** How many places of `#dense` are in use. */
	#length = 0;
	#gaps = 0;
	#sparse: Map<number, PyValue | undefined> | undefined = undefined;

	/** How many places are taken: the number that MEMOIZE takes next. */
	get size(): number {
		return this.#length - this.#gaps + (this.#sparse?.size ?? 0);
	}

	/** The place that was written last. */
	last = 0;

	clear(): void {
		if (this.#length > KEPT) this.#dense = [];
		// Less than `fill` takes to be called.
		else for (let i = 0; i < this.#length; i++) this.#dense[i] = undefined;
		this.#length = 0;
		this.#gaps = 0;
		this.#sparse = undefined;
	}

	/** MEMOIZE: puts a value at the next place. */
	add(value: PyValue | undefined): void {
		if (this.#gaps > 0 || this.#sparse !== undefined) this.put(this.size, value);
		else {
			this.last = this.#length;
			this.#dense[this.#length++] = value;
		}
	}

	get(place: number): PyValue | undefined {
		const value = place < this.#length ? this.#dense[place] : this.#sparse?.get(place);
		return this.#gaps > 0 && value === FREE ? undefined : value;
	}

	/** Whether the place is taken. */
	has(place: number): boolean {
		return place < this.#length ? this.#dense[place] !== FREE : this.#sparse?.has(place) === true;
	}

	put(place: number, value: PyValue | undefined): void {
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
		for (; this.#length < place; this.#gaps++) dense[this.#length++] = FREE;
		if (place === this.#length) this.#length++;
		else if (dense[place] === FREE) this.#gaps--;
		dense[place] = value;
	}
}
