import type { PyValue } from "./value.ts";

/** Dicts of more entries keep their keys themselves. */
const MOST_KEYS = 16;

/**
 * Keys that dicts of one pickle have in common, as records do. Such a dict holds its values alone, beside the keys of all, until
 * it is changed or gone through: a sixth less for the collector to move, 1.4x on W3, on Node 26 nothing.
 */
export class SharedKeys {
	/** The entries of the first dict: many pickles have no other. */
	#first: readonly PyValue[] | undefined = undefined;
	/** By their number: the entries of the last dict with other keys. */
	#last: (readonly PyValue[] | undefined)[] | undefined = undefined;
	/** By their number: keys that came twice. */
	#known: (readonly PyValue[] | undefined)[] | undefined = undefined;

	clear(): void {
		this.#first = undefined;
		this.#last = undefined;
		this.#known = undefined;
	}

	/** The keys of entries on the stack (key, value, key, value), if the last dict of so many had the same. */
	find(stack: readonly PyValue[], start: number, end: number): readonly PyValue[] | undefined {
		const count = (end - start) >> 1;
		if (count > MOST_KEYS) return undefined;
		const known = this.#known?.[count];
		if (known !== undefined && isAlike(known, 1, stack, start)) return known;
		const last = this.#last?.[count] ?? this.#first;
		if (last?.length !== 2 * count || !isAlike(last, 2, stack, start)) return undefined;
		const keys = last.filter((_, i) => i % 2 === 0);
		if (!keys.every((key) => typeof key === "string") || new Set(keys).size < count) return undefined;
		this.#known ??= [];
		this.#known[count] = keys;
		return keys;
	}

	/** Remembers entries whose keys were not found. */
	note(entries: readonly PyValue[]): void {
		if (this.#first === undefined) this.#first = entries;
		else if (entries.length <= 2 * MOST_KEYS) {
			this.#last ??= [];
			this.#last[entries.length >> 1] = entries;
		}
	}
}

function isAlike(keys: readonly PyValue[], stride: 1 | 2, stack: readonly PyValue[], start: number): boolean {
	for (let i = 0, at = start; i < keys.length; i += stride, at += 2) if (keys[i] !== stack[at]) return false;
	return keys.length > 0;
}
