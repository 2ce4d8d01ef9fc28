import * as picklet from "../../src/index.ts";
import { KeyedEntries } from "../../src/values/entries.ts";
import type { PyValue } from "../../src/values/value.ts";

/** What a decoded graph is made of. */
export interface Fingerprint {
	/** Equal for graphs of the same parts in the same order, shared alike. */
	readonly hash: string;
	/** What no decoded graph may hold: functions, symbols, objects of classes that picklet does not export. */
	readonly strangers: readonly string[];
}

const typedArrays = [
	Uint8Array,
	Int8Array,
	Uint16Array,
	Int16Array,
	Uint32Array,
	Int32Array,
	Float32Array,
	Float64Array,
];
const bigArrays = [BigInt64Array, BigUint64Array, Uint8ClampedArray, ArrayBuffer];

const known: ReadonlySet<unknown> = new Set([
	...Object.values(picklet).filter((value) => typeof value === "function"),
	...[Object, Array, Map, ...typedArrays, ...bigArrays].map(({ prototype }) => prototype.constructor),
	picklet.Ellipsis.constructor,
	picklet.masked.constructor,
]);

/** Walks a graph, each object once, down a stack of its own: pickles can be a million levels deep. */
export function fingerprint(root: PyValue): Fingerprint {
	const walk = new Walk();
	walk.run(root);
	return { hash: walk.hash, strangers: walk.strangers };
}

class Walk {
	readonly strangers: string[] = [];
	readonly #numbers = new Map<object, number>();
	readonly #pending: unknown[] = [];
	#high = 0x811c9dc5;
	#low = 0x01000193;

	get hash(): string {
		return [this.#high, this.#low].map((part) => (part >>> 0).toString(16).padStart(8, "0")).join("");
	}

	run(root: PyValue): void {
		this.#pending.push(root);
		while (this.#pending.length > 0) this.#visit(this.#pending.pop());
	}

	#visit(value: unknown): void {
		if (typeof value !== "object" || value === null) this.#mixAtom(value);
		else {
			const number = this.#numbers.get(value);
			if (number !== undefined) this.#mix(number);
			else this.#enter(value);
		}
	}

	#mixAtom(value: unknown): void {
		if (typeof value === "function" || typeof value === "symbol") this.strangers.push(typeof value);
		else this.#mixText(`${typeof value} ${Object.is(value, -0) ? "-0" : value}`);
	}

	#enter(value: object): void {
		this.#numbers.set(value, this.#numbers.size);
		const maker = Object.getPrototypeOf(value)?.constructor;
		if (!known.has(maker)) this.strangers.push(maker?.name ?? "an object without prototype");
		this.#mixText(`${maker?.name} ${Object.isFrozen(value)}`);
		const children = childrenOf(value);
		this.#mix(children.length);
		for (const child of children) this.#pending.push(child);
	}

	#mixText(text: string): void {
		for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i));
	}

	#mix(number: number): void {
		this.#high = Math.imul(this.#high ^ number, 0x01000193);
		this.#low = Math.imul(this.#low ^ (number + (this.#high >>> 16)), 0x85ebca6b);
	}
}

function childrenOf(value: object): readonly unknown[] {
	if (Array.isArray(value)) return value;
	if (value instanceof KeyedEntries) return KeyedEntries.entries(value).concat(Object.values(value));
	if (value instanceof Number) return [value.valueOf()];
	if (ArrayBuffer.isView(value))
		return [Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("latin1")];
	return Object.entries(value).flat();
}
