import type { PyValue } from "../values/value.ts";

/** Places left free that are filled up rather than kept apart: Python 2's cPickle starts at 1. */
const MAX_GAP = 64;

/** The objects that a pickle numbered. Numbers are dense in what Pythons write; a file that skips far costs a Map. */
export class Memo {
	readonly #dense: (PyValue | undefined)[] = [];
	#gaps = 0;
	#sparse: Map<number, PyValue> | undefined = undefined;

	/** How many places are taken: the number that MEMOIZE takes next. */
	get size(): number {
		return this.#dense.length - this.#gaps + (this.#sparse?.size ?? 0);
	}

	/** The place that was written last. */
	last = 0;

	/** MEMOIZE: puts a value at the next place. */
	add(value: PyValue): void {
		if (this.#gaps > 0 || this.#sparse !== undefined) this.put(this.size, value);
		else this.last = this.#dense.push(value) - 1;
	}

	get(place: number): PyValue | undefined {
		return place < this.#dense.length ? this.#dense[place] : this.#sparse?.get(place);
	}

	put(place: number, value: PyValue): void {
		this.last = place;
		const dense = this.#dense;
		if (place === dense.length && this.#sparse === undefined) {
			dense.push(value);
			return;
		}
		if (place >= dense.length && (this.#sparse !== undefined || place > dense.length + MAX_GAP)) {
			this.#sparse ??= new Map();
			this.#sparse.set(place, value);
			return;
		}
		for (; dense.length < place; this.#gaps++) dense.push(undefined);
		if (place < dense.length && dense[place] === undefined) this.#gaps--;
		dense[place] = value;
	}
}
