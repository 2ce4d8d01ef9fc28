import {
	type Charge,
	COMPOSITE,
	compositeHash,
	compositesEqual,
	familyOf,
	hashIfComposite,
	isApart,
	keyOf,
} from "./equality.ts";
import type { PyValue } from "./value.ts";

/** Up to so many entries are found by comparing keys; more of them by an index. */
const SMALL = 8;

/** The entries of what has none yet: most empty dicts of a pickle get theirs as one array. */
const NONE: PyValue[] = [];

/** Stands where an entry was deleted, so that iterators keep their places. */
const HOLE: object = Object.freeze({});

/** What looking into the entries has brought to light. */
class Insight {
	/** How much of the array is known to hold each key once. */
	settled = 0;
	index: KeyIndex | undefined = undefined;
	holes = 0;
	/** Whether a key is an object: some equal text. */
	hasObjects = false;
}

/** Of no entries. */
const NO_INSIGHT: Insight = Object.freeze(new Insight());

/** What took the place of an array in which iterators may still be. */
const successors = new WeakMap<readonly PyValue[], PyValue[]>();

/**
 * What dict and set are made of: entries in one array, in the order of their first insertion. Decoding only appends;
 * keys that come twice are settled (first place, last value) before anything can see them, and the index is built
 * when it is first needed. Most dicts of a pickle are never looked into by key (a Map each costs 1.5 to 2.1x).
 */
export abstract class KeyedEntries {
	#entries: PyValue[] = NONE;
	/** Items of the array for each entry: 2 in a dict, 1 in a set. */
	readonly #stride: 1 | 2;
	/** The keys, if the array holds nothing but their values yet: see SharedKeys. */
	#keys: readonly PyValue[] | undefined = undefined;
	/** Made when it is first needed: two words less of each dict are less for the collector to move, 2.2x on W3 on Node 26. */
	#insight: Insight | undefined = undefined;

	constructor(stride: 1 | 2) {
		this.#stride = stride;
	}

	/** How many entries there are. */
	get size(): number {
		if (this.#keys !== undefined) return this.#keys.length;
		const { holes } = this.#settle();
		return this.#entries.length / this.#stride - holes;
	}

	/** Whether there is an entry whose key equals this one in Python. */
	has(key: PyValue): boolean {
		if (this.#keys !== undefined && typeof key === "string") return this.#keys.includes(key);
		return this.#find(key) >= 0;
	}

	/** Removes the entry of a key; tells whether there was one. */
	delete(key: PyValue): boolean {
		const place = this.#find(key);
		if (place < 0) return false;
		const insight = this.#settle();
		insight.index?.remove(key, place);
		for (let i = 0; i < this.#stride; i++) this.#entries[place + i] = HOLE;
		insight.holes++;
		return true;
	}

	clear(): void {
		this.#settle();
		this.#entries.fill(HOLE);
		this.#replace([]);
	}

	#replace(entries: PyValue[]): void {
		successors.set(this.#entries, entries);
		this.#entries = entries;
		this.#insight = undefined;
	}

	#find(key: PyValue, charge?: Charge): number {
		const { index, settled } = this.#settle(charge);
		return index ? index.find(key, charge) : this.#scan(key, settled, charge);
	}

	/** The place of a key among the first entries, by comparing. */
	#scan(key: PyValue, end: number, charge?: Charge): number {
		const entries = this.#entries;
		for (let i = 0; i < end; i += this.#stride) if (entries[i] === key) return i;
		if (typeof key === "string" && this.#insight?.hasObjects !== true) return -1;
		const wanted = keyOf(key, charge);
		for (let i = 0; i < end; i += this.#stride) {
			const other = entries[i] as PyValue;
			if (other !== HOLE && sameKey(wanted, key, other, charge)) return i;
		}
		return -1;
	}

	/** From now on its keys lie between the values, as those of any dict do. They are known to be distinct. */
	#expand(keys: readonly PyValue[]): void {
		this.#entries = interleaved(keys, this.#entries);
		this.#keys = undefined;
		if (keys.length > SMALL) return;
		this.#insight = new Insight();
		this.#insight.settled = this.#entries.length;
	}

	/** Settles the keys that came since the last time. */
	#settle(charge?: Charge): Insight {
		if (this.#keys !== undefined) this.#expand(this.#keys);
		const entries = this.#entries;
		const stride = this.#stride;
		if (this.#insight === undefined && entries.length === 0) return NO_INSIGHT;
		this.#insight ??= new Insight();
		const insight = this.#insight;
		if (insight.settled === entries.length) return insight;
		if (insight.index === undefined && entries.length > SMALL * stride) {
			insight.index = new KeyIndex(entries);
			insight.settled = 0;
		}
		const { index } = insight;
		let end = insight.settled;
		for (let i = end; i < entries.length; i += stride) {
			const key = entries[i] as PyValue;
			const place = key === HOLE ? -1 : (index?.find(key, charge) ?? this.#scan(key, end, charge));
			if (place >= 0) {
				if (stride === 2) entries[place + 1] = entries[i + 1] as PyValue;
				continue;
			}
			if (typeof key === "object") insight.hasObjects = true;
			entries[end] = key;
			if (stride === 2) entries[end + 1] = entries[i + 1] as PyValue;
			if (key !== HOLE) index?.add(key, end, charge);
			end += stride;
		}
		entries.length = end;
		insight.settled = end;
		return insight;
	}

	#compact(): void {
		const { holes } = this.#settle();
		if (holes > 32 && holes * this.#stride * 2 > this.#entries.length) {
			this.#replace(this.#entries.filter((item) => item !== HOLE));
		}
	}

	/** Takes the array over, or appends it; the keys are known to be hashable. */
	static append(to: KeyedEntries, entries: PyValue[]): void {
		if (to.#keys !== undefined) to.#expand(to.#keys);
		if (to.#entries.length === 0) to.#entries = entries;
		else {
			let { length } = to.#entries;
			for (let i = 0; i < entries.length; i++) to.#entries[length++] = entries[i] as PyValue;
		}
	}

	/** Appends one entry of a dict, whose key is known to be hashable. */
	static add(to: KeyedEntries, key: PyValue, value: PyValue): void {
		const entries = KeyedEntries.entries(to, true);
		if (entries === NONE) to.#entries = [key, value];
		else entries.push(key, value);
	}

	/** Whether there never was an entry. */
	static isEmpty(of: KeyedEntries): boolean {
		return of.#entries === NONE;
	}

	/** Gives an empty dict the entries between two places of a stack, all of whose keys it shares. */
	static share(to: KeyedEntries, keys: readonly PyValue[], stack: readonly PyValue[], start: number): void {
		const values = new Array<PyValue>(keys.length);
		for (let i = 0, at = start + 1; i < values.length; i++, at += 2) values[i] = stack[at] as PyValue;
		to.#entries = values;
		to.#keys = keys;
	}

	/** Entries with each key once, to be read only; or the array itself, as it was read, if `raw`. */
	static entries(of: KeyedEntries, raw = false): PyValue[] {
		if (of.#keys !== undefined) {
			if (!raw) return interleaved(of.#keys, of.#entries);
			of.#expand(of.#keys);
		}
		if (!raw) of.#settle();
		return of.#entries;
	}

	/** The keys that it shares, if it does. */
	static sharedKeys(of: KeyedEntries): readonly PyValue[] | undefined {
		return of.#keys;
	}

	/** The values beside them. */
	static sharingValues(of: KeyedEntries): readonly PyValue[] {
		return of.#entries;
	}

	/** The value of a dict's key. */
	static get(of: KeyedEntries, key: PyValue): PyValue | undefined {
		if (of.#keys !== undefined && typeof key === "string") {
			const index = of.#keys.indexOf(key);
			return index < 0 ? undefined : of.#entries[index];
		}
		const place = of.#find(key);
		return place < 0 ? undefined : of.#entries[place + 1];
	}

	/** Hashes and compares the keys that came since the last time. */
	static settle(of: KeyedEntries, charge: Charge): void {
		of.#settle(charge);
	}

	static find(of: KeyedEntries, key: PyValue, charge?: Charge): number {
		return of.#find(key, charge);
	}

	/** The keys that may equal this one: of a composite, all of its hash. */
	static alike(of: KeyedEntries, key: PyValue, charge?: Charge): readonly PyValue[] {
		if (keyOf(key, charge) !== COMPOSITE) {
			const place = of.#find(key, charge);
			return place < 0 ? [] : [of.#entries[place] as PyValue];
		}
		const { index } = of.#settle(charge);
		const hash = compositeHash(key as object, charge);
		if (index) return index.ofHash(hash);
		const isAlike = (other: PyValue) =>
			keyOf(other, charge) === COMPOSITE && compositeHash(other as object, charge) === hash;
		return of.#entries.filter((other, i) => i % of.#stride === 0 && isAlike(other));
	}

	static set(of: KeyedEntries, key: PyValue, value?: PyValue): void {
		const place = of.#find(key);
		if (place >= 0) {
			if (of.#stride === 2) of.#entries[place + 1] = value as PyValue;
			return;
		}
		hashIfComposite(key);
		of.#compact();
		if (of.#entries === NONE) of.#entries = [];
		of.#entries.push(key);
		if (of.#stride === 2) of.#entries.push(value as PyValue);
		of.#settle();
	}

	/** The places of the entries, while more may come. */
	static *places(of: KeyedEntries): Generator<[entries: readonly PyValue[], place: number], undefined> {
		of.#settle();
		let entries = of.#entries;
		for (let place = 0; ; place += of.#stride) {
			of.#settle();
			while (entries !== of.#entries) {
				place = entries.slice(0, place).filter((item) => item !== HOLE).length;
				entries = successors.get(entries) ?? of.#entries;
			}
			if (place >= entries.length) return undefined;
			if (entries[place] !== HOLE) yield [entries, place];
		}
	}
}

/** Keys and values, one after the other. */
function interleaved(keys: readonly PyValue[], values: readonly PyValue[]): PyValue[] {
	const entries = new Array<PyValue>(2 * keys.length);
	for (let i = 0; i < keys.length; i++) {
		entries[2 * i] = keys[i] as PyValue;
		entries[2 * i + 1] = values[i] as PyValue;
	}
	return entries;
}

function sameKey(wanted: unknown, key: PyValue, other: PyValue, charge?: Charge): boolean {
	if (keyOf(other, charge) !== wanted || isApart(key, other)) return false;
	return wanted !== COMPOSITE || sameComposite(key as object, other as object, charge);
}

function familyKey(family: number | undefined, plain: unknown): string {
	return `\0family${family}\0${plain}`;
}

function sameComposite(one: object, other: object, charge?: Charge): boolean {
	return compositeHash(one, charge) === compositeHash(other, charge) && compositesEqual(one, other, charge);
}

/** Where each key lies in an array of entries. */
class KeyIndex {
	readonly #entries: readonly PyValue[];
	readonly #plain = new Map<unknown, number>();
	#composites: Map<number, number[]> | undefined = undefined;

	constructor(entries: readonly PyValue[]) {
		this.#entries = entries;
	}

	find(key: PyValue, charge?: Charge): number {
		charge?.(1);
		const plain = keyOf(key, charge);
		if (plain !== COMPOSITE) return this.#findPlain(key, plain);
		const candidates = this.#composites?.get(compositeHash(key as object, charge)) ?? [];
		return candidates.find((place) => compositesEqual(this.#entries[place] as object, key as object, charge)) ?? -1;
	}

	/** A number that is kept apart from what took its key has one of its family's. */
	#findPlain(key: PyValue, plain: unknown): number {
		const place = this.#plain.get(plain) ?? -1;
		const family = familyOf(key);
		if (family === undefined || (place >= 0 && !isApart(this.#entries[place] as PyValue, key))) return place;
		return this.#plain.get(familyKey(family, plain)) ?? -1;
	}

	/** The composites of a hash. */
	ofHash(hash: number): PyValue[] {
		return (this.#composites?.get(hash) ?? []).map((place) => this.#entries[place] as PyValue);
	}

	add(key: PyValue, place: number, charge?: Charge): void {
		const plain = keyOf(key);
		if (plain !== COMPOSITE) {
			const family = familyOf(key);
			const isTaken = family !== undefined && this.#plain.has(plain);
			this.#plain.set(isTaken ? familyKey(family, plain) : plain, place);
			return;
		}
		this.#composites ??= new Map();
		const hash = compositeHash(key as object, charge);
		const places = this.#composites.get(hash);
		if (places) places.push(place);
		else this.#composites.set(hash, [place]);
	}

	remove(key: PyValue, place: number): void {
		const plain = keyOf(key);
		if (plain !== COMPOSITE) {
			const isOwn = this.#plain.get(plain) === place;
			this.#plain.delete(isOwn ? plain : familyKey(familyOf(key), plain));
		} else {
			const hash = compositeHash(key as object);
			const places = this.#composites?.get(hash) ?? [];
			this.#composites?.set(
				hash,
				places.filter((other) => other !== place),
			);
		}
	}
}
