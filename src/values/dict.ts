import { KeyedEntries } from "./entries.ts";
import { compositeParts } from "./equality.ts";
import { type Inspect, inspected } from "./inspected.ts";
import type { PyValue } from "./value.ts";

/**
 * Python's dict: a Map whose keys are equal as Python's are. `1`, `1n`, `true` and `1.0` are one key, tuples and bytes go
 * by value, two NaN stay two. Keys keep their first place and take the last value.
 *
 * @typeParam K what the keys are, as `PyDict<string, NDArray>` says of what was decoded: taken on trust
 * @typeParam V what the values are, likewise
 */
export class PyDict<K extends PyValue = PyValue, V extends PyValue = PyValue>
	extends KeyedEntries
	implements Map<K, V>
{
	/** What `instanceof` tells: keys and values are PyValues, where TypeScript would take them for any. */
	declare static readonly [Symbol.hasInstance]: <C>(
		this: C,
		value: unknown,
	) => value is C extends abstract new (...args: never) => infer T ? T : never;

	/** @throws PickleError E_TYPE for a key that Python cannot hash */
	constructor(entries?: Iterable<readonly [NoInfer<K>, NoInfer<V>]>) {
		super(2);
		if (entries) for (const [key, value] of entries) this.set(key, value);
	}

	/** The value of a key that equals this one in Python; undefined if there is none. */
	get(key: K): V | undefined {
		return KeyedEntries.get(this, key) as V | undefined;
	}

	/** Sets a value; a key that is there keeps its place. @throws PickleError E_TYPE for a key that Python cannot hash */
	set(key: K, value: V): this {
		KeyedEntries.set(this, key, value);
		return this;
	}

	/** Keys and values, in the order of their first insertion. */
	*entries(): Generator<[K, V], undefined> {
		for (const [all, place] of KeyedEntries.places(this)) yield [all[place] as K, all[place + 1] as V];
	}

	*keys(): Generator<K, undefined> {
		for (const [all, place] of KeyedEntries.places(this)) yield all[place] as K;
	}

	*values(): Generator<V, undefined> {
		for (const [all, place] of KeyedEntries.places(this)) yield all[place + 1] as V;
	}

	[Symbol.iterator](): Generator<[K, V], undefined> {
		return this.entries();
	}

	forEach(callback: (value: V, key: K, dict: PyDict<K, V>) => void, self?: unknown): void {
		for (const [key, value] of this) callback.call(self, value, key, this);
	}

	get [Symbol.toStringTag](): string {
		return "PyDict";
	}

	/** A Map of the entries, whose keys are equal as JavaScript's are: tuples by identity, 1 and 1n apart. */
	toMap(): Map<K, V> {
		return new Map(this.entries());
	}

	/**
	 * An object without prototype of the entries.
	 * @throws TypeError if a key is no string
	 */
	toObject(): Record<string, V> {
		const object: Record<string, V> = Object.create(null);
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
