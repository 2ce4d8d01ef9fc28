import type { PyValue } from "../values/value.ts";

/** Engines take some 100,000 arguments at once. */
const MOST_ARGUMENTS = 1000;

const MANY = 64;

/** What came of a list before its last batch. */
interface Begun {
	readonly at: number;
	batches: PyValue[][];
	count: number;
}

/**
 * The lists whose items are still coming, the innermost last: they are made of exactly them. A list that grows from nothing takes 17
 * places: 15x for lists of three.
 */
export class OpenLists {
	/** Of each list where it lies on the stack, and its place in the memo or -1. */
	readonly #lists: number[] = [];
	/** Those of more than one batch. To join them in the end, rather than grow the list each time, is 1.7x on W1, on Node 26 1.2x. */
	readonly #begun: Begun[] = [];

	get isEmpty(): boolean {
		return this.#lists.length === 0;
	}

	/** Too many to be looked through time and again. */
	get areMany(): boolean {
		return this.#lists.length > 2 * MANY;
	}

	clear(): void {
		if (this.#lists.length > 0) this.#lists.length = 0;
		if (this.#begun.length > 0) this.#begun.length = 0;
	}

	open(at: number, place: number): void {
		this.#lists.push(at, place);
	}

	/** Where the innermost list lies on the stack; -1 if there is none. */
	get at(): number {
		return this.isEmpty ? -1 : (this.#lists[this.#lists.length - 2] as number);
	}

	/** The innermost list's place in the memo, or -1. */
	get place(): number {
		return this.#lists[this.#lists.length - 1] as number;
	}

	/** To ask an array for what lies before its first item takes engines 50 ns: 1.1x on one small dict. */
	#lastBegun(): Begun | undefined {
		return this.#begun.length > 0 ? this.#begun[this.#begun.length - 1] : undefined;
	}

	/** How many items of the innermost list have come before its last batch. */
	get count(): number {
		const last = this.#lastBegun();
		return last !== undefined && last.at === this.at ? last.count : 0;
	}

	/** Keeps a batch of the innermost list, to which more will come. */
	add(batch: PyValue[]): void {
		const last = this.#lastBegun();
		if (last === undefined || last.at !== this.at)
			this.#begun.push({ at: this.at, batches: [batch], count: batch.length });
		else {
			last.batches.push(batch);
			last.count += batch.length;
		}
	}

	/** Ends the innermost list: all its items, of which these are the last. */
	close(batch: PyValue[]): PyValue[] {
		const place = this.#lists.pop();
		const at = this.#lists.pop();
		const last = this.#lastBegun();
		if (place === undefined || last === undefined || last.at !== at) return batch;
		this.#begun.length -= 1;
		if (batch.length > 0) last.batches.push(batch);
		return joined(last.batches);
	}

	/** Ends the list at a place in the memo before its items have all come: where it lies, or -1, and those that have come. */
	take(place: number): readonly [at: number, items: PyValue[]] {
		let i = this.#lists.length - 1;
		while (i > 0 && this.#lists[i] !== place) i -= 2;
		if (i < 0) return [-1, []];
		const [at] = this.#lists.splice(i - 1, 2) as [number, number];
		const begun = this.#begun.findIndex((list) => list.at === at);
		return [at, begun < 0 ? [] : joined((this.#begun.splice(begun, 1)[0] as Begun).batches)];
	}
}

function joined(batches: readonly PyValue[][]): PyValue[] {
	if (batches.length === 1) return batches[0] as PyValue[];
	if (batches.length <= MOST_ARGUMENTS) return ([] as PyValue[]).concat(...batches);
	const parts: PyValue[][] = [];
	for (let i = 0; i < batches.length; i += MOST_ARGUMENTS) parts.push(joined(batches.slice(i, i + MOST_ARGUMENTS)));
	return joined(parts);
}
