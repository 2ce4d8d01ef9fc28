import { PickleError } from "../errors.ts";
import { PyDict } from "../values/dict.ts";
import { KeyedEntries } from "../values/entries.ts";
import type { Charge } from "../values/equality.ts";
import { PyLazyBytes } from "../values/lazy.ts";
import { PyObject } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";
import type { Input } from "./input.ts";
import type { DecodeReducer, ValueOptions } from "./resolver.ts";
import { StreamStrings } from "./stream-unpickler.ts";

/** What holds a payload that lies in the file yet, and at which index; of a step, its state. */
type Place = readonly [container: PyValue[] | PyDict, index: number] | readonly [step: { state: PyValue }];

/** A reducer needs bytes that were left in the file. Is thrown through it: once they are read, `retry` calls it again. */
export class Unread extends PickleError {
	readonly places: ReadonlyMap<PyLazyBytes, readonly Place[]>;

	constructor(places: ReadonlyMap<PyLazyBytes, readonly Place[]>, offset: number) {
		super("E_TOO_LARGE", "what lies in the file yet is needed to decode this; readPickle reads all of it", { offset });
		this.places = places;
	}
}

/** Strings of which some, and other payloads, lie in the file yet. */
export class LazyStrings extends StreamStrings {
	readonly #input: Input;
	readonly #charge: Charge;
	/** Whether anything was left in the file. */
	#isLazy = false;
	/** Tuples that hold what lies in the file: not frozen until the end, as it may have to be read. */
	readonly #lazyTuples = new Set<PyValue[]>();

	constructor(options: ValueOptions, input: Input, charge: Charge) {
		super(options, input);
		this.#input = input;
		this.#charge = charge;
	}

	/** From now on values may be PyLazyBytes. */
	leave(): void {
		this.#isLazy = true;
		this.waiting = true;
	}

	/** @throws Unread for what lies in the file yet, unless the reducer takes that */
	override argument(reducer: DecodeReducer, read: PyValue, kwargs?: PyDict): PyValue {
		this.#need(
			reducer,
			"argument",
			kwargs === undefined ? [read] : [read, kwargs],
			Array.isArray(read) ? read : [read],
		);
		return super.argument(reducer, read);
	}

	/** @throws Unread as `argument` */
	override items(reducer: DecodeReducer, items: PyValue[]): PyValue[] {
		this.#need(reducer, "items", [items], items);
		return super.items(reducer, items);
	}

	/** @throws Unread for what lies in the file yet */
	override settled(value: PyValue): PyValue {
		if (typeof value === "object") this.#read([value]);
		return super.settled(value);
	}

	/** @throws Unread for what lies in the file yet */
	override keys(entries: PyValue[], stride: 1 | 2): void {
		const keys = stride === 1 ? entries : entries.filter((_, i) => i % 2 === 0);
		this.#read(keys);
		super.keys(entries, stride);
	}

	#need(reducer: DecodeReducer, what: "argument" | "items", roots: PyValue[], read: readonly PyValue[]): void {
		if (this.#isLazy && !reducer.takesLazy?.(read, what)) this.#read(roots);
	}

	/** @throws Unread for what lies in the file yet in any of the values */
	#read(roots: readonly PyValue[]): void {
		if (!this.#isLazy) return;
		const places = lazyPlaces(roots, this.#charge);
		if (places.size > 0) throw new Unread(places, this.#input.offset);
	}

	/** Puts what was read into the places of what needed it. */
	replace({ places }: Unread, read: (payload: PyLazyBytes) => PyValue): void {
		for (const [payload, holders] of places) {
			for (const [holder, index] of holders) {
				if (index === undefined) (holder as { state: PyValue }).state = this.decoded(read(payload));
				else this.#replaceIn(holder as PyValue[] | PyDict, index, read(payload));
			}
		}
	}

	#replaceIn(holder: PyValue[] | PyDict, index: number, value: PyValue): void {
		const items = holder instanceof PyDict ? KeyedEntries.entries(holder, true) : holder;
		items[index] = value;
		this.note(holder, [value]);
		if (Array.isArray(holder) && this.#lazyTuples.delete(holder)) this.tuple(holder);
	}

	protected override finish(tuple: PyValue[]): readonly PyValue[] {
		if (!this.#isLazy || !tuple.some((item) => item instanceof PyLazyBytes)) return super.finish(tuple);
		this.#lazyTuples.add(tuple);
		return tuple;
	}

	override isOpenTuple(value: readonly PyValue[]): boolean {
		return super.isOpenTuple(value) || this.#lazyTuples.has(value as PyValue[]);
	}

	/** Freezes the tuples that hold what lies in the file: it stays there. */
	freeze(): void {
		for (const tuple of this.#lazyTuples) super.finish(tuple);
		this.#lazyTuples.clear();
	}
}

/** What lies in the file yet of all that the values hold, as far as a reducer sees into them. */
function lazyPlaces(roots: readonly PyValue[], charge: Charge): Map<PyLazyBytes, Place[]> {
	const places = new Map<PyLazyBytes, Place[]>();
	const seen = new Set<PyValue>();
	const pending: PyValue[] = [];
	const meet: Meet = (value, place) => {
		if (typeof value !== "object" || value === null) return;
		if (!(value instanceof PyLazyBytes)) {
			pending.push(value);
			return;
		}
		const known = places.get(value) ?? [];
		if (place !== undefined) known.push(place);
		places.set(value, known);
	};
	for (const root of roots) meet(root);
	while (pending.length > 0) {
		const value = pending.pop() as PyValue;
		if (seen.has(value)) continue;
		seen.add(value);
		if (value instanceof PyObject) meetParts(value, meet);
		else if (Array.isArray(value) || value instanceof KeyedEntries) {
			const items = Array.isArray(value) ? value : KeyedEntries.entries(value, true);
			charge(items.length / 8);
			for (let i = 0; i < items.length; i++) meet(items[i] as PyValue, [value as PyValue[] | PyDict, i]);
		}
	}
	return places;
}

type Meet = (value: PyValue, place?: Place) => void;

function meetParts(object: PyObject, meet: Meet): void {
	meet(object.args as PyValue);
	if (object.kwargs) meet(object.kwargs);
	for (const step of object.steps) {
		if (step.kind === "state") meet(step.state, [step as { state: PyValue }]);
		else if (step.kind === "call") meet(step.call);
		else meet(step.kind === "entries" ? step.entries : step.items);
	}
}
