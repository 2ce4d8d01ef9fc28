import { KeyedEntries } from "./entries.ts";
import { compositeParts } from "./equality.ts";
import { type Inspect, inspected } from "./inspected.ts";
import type { PyValue } from "./value.ts";

/**
 * Python's dict: a Map whose keys are equal as Python's are. `1`, `1n`, `true` and `1.0` are one key, tuples and bytes go
 * by value, two NaN stay two. Keys keep their first place and take the last value.
 */
export class PyDict extends KeyedEntries implements Map<PyValue, PyValue> {
	/** @throws PickleError E_TYPE for a key that Python cannot hash */
	constructor(entries?: Iterable<readonly [PyValue, PyValue]>) {
		super(2);
		if (entries) for (const [key, value] of entries) this.set(key, value);
	}

	get(key: PyValue): PyValue | undefined {
		return KeyedEntries.get(this, key);
	}

	/** @throws PickleError E_TYPE for a key that Python cannot hash */
	set(key: PyValue, value: PyValue): this {
		KeyedEntries.set(this, key, value);
		return this;
	}

	*entries(): Generator<[PyValue, PyValue], undefined> {
		for (const [all, place] of KeyedEntries.places(this)) yield [all[place] as PyValue, all[place + 1] as PyValue];
	}

	*keys(): Generator<PyValue, undefined> {
		for (const [all, place] of KeyedEntries.places(this)) yield all[place] as PyValue;
	}

	*values(): Generator<PyValue, undefined> {
		for (const [all, place] of KeyedEntries.places(this)) yield all[place + 1] as PyValue;
	}

	[Symbol.iterator](): Generator<[PyValue, PyValue], undefined> {
		return this.entries();
	}

	forEach(callback: (value: PyValue, key: PyValue, dict: PyDict) => void, self?: unknown): void {
		for (const [key, value] of this) callback.call(self, value, key, this);
	}

	get [Symbol.toStringTag](): string {
		return "PyDict";
	}

	/** A Map of the entries, whose keys are equal as JavaScript's are: tuples by identity, 1 and 1n apart. */
	toMap(): Map<PyValue, PyValue> {
		return new Map(this.entries());
	}

	/**
	 * An object without prototype of the entries.
	 * @throws TypeError if a key is no string
	 */
	toObject(): Record<string, PyValue> {
		const object: Record<string, PyValue> = Object.create(null);
		for (const [key, value] of this) {
			if (typeof key !== "string") throw new TypeError("toObject: a key is no string; toMap takes any");
			object[key] = value;
		}
		return object;
	}

	/** A dict cannot be a key. */
	[compositeParts](): undefined {
		return undefined;
	}

	[Symbol.for("nodejs.util.inspect.custom")](depth: number | null, options: object, inspect: Inspect): string {
		return inspected(this, this[Symbol.toStringTag], () => this.toMap(), depth, options, inspect);
	}
}
