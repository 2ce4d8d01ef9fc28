import { KeyedEntries } from "./entries.ts";
import { type Charge, type Composite, compositeParts } from "./equality.ts";
import { type Inspect, inspected } from "./inspected.ts";
import type { PyValue } from "./value.ts";

/** What set and frozenset share. */
abstract class SetOfValues extends KeyedEntries {
	constructor(values?: Iterable<PyValue>) {
		super(1);
		if (values) for (const value of values) KeyedEntries.set(this, value);
	}

	*values(): Generator<PyValue, undefined> {
		for (const [all, place] of KeyedEntries.places(this)) yield all[place] as PyValue;
	}

	keys(): Generator<PyValue, undefined> {
		return this.values();
	}

	*entries(): Generator<[PyValue, PyValue], undefined> {
		for (const value of this.values()) yield [value, value];
	}

	[Symbol.iterator](): Generator<PyValue, undefined> {
		return this.values();
	}

	forEach(callback: (value: PyValue, key: PyValue, set: this) => void, self?: unknown): void {
		for (const value of this) callback.call(self, value, value, this);
	}

	abstract get [Symbol.toStringTag](): string;

	[Symbol.for("nodejs.util.inspect.custom")](depth: number | null, options: object, inspect: Inspect): string {
		return inspected(this, this[Symbol.toStringTag], () => new Set(this), depth, options, inspect);
	}
}

/** Python's set: a Set whose members are equal as Python's are (see PyDict). */
export class PySet extends SetOfValues implements Set<PyValue> {
	/** @throws PickleError E_TYPE for a value that Python cannot hash */
	add(value: PyValue): this {
		KeyedEntries.set(this, value);
		return this;
	}

	get [Symbol.toStringTag](): string {
		return "PySet";
	}

	/** A set cannot be a key. */
	[compositeParts](): undefined {
		return undefined;
	}
}

/** Python's frozenset: has no `add`, and can be a key; it equals another of the same members. */
export class PyFrozenSet extends SetOfValues implements ReadonlySet<PyValue> {
	override delete(_value: PyValue): never {
		throw new TypeError("a frozenset cannot be changed");
	}

	override clear(): never {
		throw new TypeError("a frozenset cannot be changed");
	}

	get [Symbol.toStringTag](): string {
		return "PyFrozenSet";
	}

	[compositeParts](): Composite {
		const items = KeyedEntries.entries(this);
		return { items, ordered: false, alike: (item, charge?: Charge) => KeyedEntries.alike(this, item, charge) };
	}
}
