/** The most entries that engines let a Map have. */
const MAP_LIMIT = 2 ** 24 - 16;

/** The numbers of values that were written: a Map without its limit of entries. */
export class Identities<K> {
	#places = new Map<K, number>();
	#older: Map<K, number>[] = [];

	get(key: K): number | undefined {
		const place = this.#places.get(key);
		return place === undefined && this.#older.length > 0 ? this.#getOlder(key) : place;
	}

	#getOlder(key: K): number | undefined {
		for (const places of this.#older) {
			const place = places.get(key);
			if (place !== undefined) return place;
		}
		return undefined;
	}

	set(key: K, place: number): void {
		if (this.#places.size >= MAP_LIMIT) {
			this.#older.push(this.#places);
			this.#places = new Map();
		}
		this.#places.set(key, place);
	}

	delete(key: K): void {
		this.#places.delete(key);
		for (const places of this.#older) places.delete(key);
	}

	clear(): void {
		if (this.#places.size > 0) this.#places = new Map();
		this.#older = [];
	}
}
