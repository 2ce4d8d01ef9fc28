import { hasArrayHead } from "../diagnosis/arrays.ts";
import { type Abstract, GlobalName, Made, Mapping, Sequence, Text, textOf } from "../diagnosis/values.ts";
import { classOf, dictLike, isHashable, isStateless, listLike, moduleCost, Siblings } from "./siblings.ts";

/** What values without a mark below them are going to be part of. */
export interface Begun {
	/**
	 * The values above a mark, or of the whole pickle; a tuple without a mark; the item of a list; a dict's entry; the state of an
	 * object; the arguments of a call; the module and name of a class.
	 */
	readonly kind: "segment" | "tuple" | "item" | "entry" | "state" | "call" | "name";
	/** The place on the stack of the value that takes the parts, of a tuple and a segment that of the first part. */
	readonly at: number;
	readonly parts: number;
	readonly parent: Begun | undefined;
}

/** Values above a mark, and what they are to be part of. */
export interface Segment {
	readonly kind: "list" | "set" | "dict" | "tuple" | "root";
	readonly stack: readonly Abstract[];
	/** Where its values begin. */
	readonly from: number;
}

/** What the pickle has told up to here. */
export interface Known {
	readonly protocol: number;
	/** Classes whose objects got a state. */
	readonly stateful: ReadonlySet<string>;
	readonly modules: ReadonlySet<string>;
	/** Whether Python 2 wrote strs, which has objects made of a class above a mark. */
	readonly hasStrs: boolean;
}

export interface Reading {
	readonly open: Begun;
	/** Where the values end that this accounts for. */
	readonly end: number;
	/** Whether another reading is about as good. */
	readonly uncertain: boolean;
}

interface Node {
	readonly frame: Begun;
	readonly cost: number;
}

/** Last values that are told apart, readings that are followed, and by how much the best is to be better than the next. */
const TAIL = 12;
const WIDTH = 24;
/** Values from which on two readings are followed. */
const MANY = 1000;
const MARGIN = 2.3;
/** Tuples without a mark. */
const SHORT = 3;
const NESTED = 2;
/** Values that are looked at to know what stands in like places. */
const NEAR = 32;

/** Names of values that are no classes. */
const constant = /^(Ellipsis|NotImplemented)$/;

const unknown = new Siblings([], false);

/**
 * What the last values of a segment are going to be part of, by what stands in like places: tuples of up to three items, single
 * items and entries, arguments and states have no mark that would tell.
 */
export function readBegun(segment: Segment, known: Known): Reading {
	return new Search(segment, known).run();
}

class Search {
	readonly #segment: Segment;
	readonly #known: Known;
	readonly #from: number;
	readonly #places = new Map<number, Siblings>();
	readonly #keys = new Set<string>();

	constructor(segment: Segment, known: Known) {
		this.#segment = segment;
		this.#known = known;
		const { kind, stack, from } = segment;
		const below = stack[from - 1];
		this.#from = kind === "root" ? from : this.#tail();
		if (kind !== "dict") return;
		if (below instanceof Mapping) for (const key of below.entries.keys()) this.#keys.add(key);
		for (let i = from; i < this.#from; i += 2) this.#keys.add(textOf(stack[i]) ?? "\0");
	}

	/** Where the values begin that may be part of something begun. */
	#tail(): number {
		const { kind, stack, from } = this.#segment;
		const count = Math.max(0, stack.length - from - TAIL);
		if (kind !== "dict") return from + count;
		let end = from;
		while (end + 1 < from + count && isHashable(stack[end] as Abstract)) end += 2;
		return end;
	}

	run(): Reading {
		const { stack, from } = this.#segment;
		const start: Begun = { kind: "segment", at: from, parts: this.#from - from, parent: undefined };
		let nodes: Node[] = [{ frame: start, cost: 0 }];
		for (let i = this.#from; i < stack.length; i++) {
			const next = nodes.flatMap((node) => this.#take(node, i));
			if (next.length === 0) return { open: (nodes[0] as Node).frame, end: i, uncertain: true };
			next.sort((left, right) => left.cost - right.cost);
			nodes = next.slice(0, i - this.#from < MANY ? WIDTH : 2);
		}
		const [best, second] = nodes as [Node, Node?];
		const uncertain = second !== undefined && second.cost - best.cost < MARGIN;
		return { open: best.frame, end: stack.length, uncertain };
	}

	/** The readings in which the value at a place is the next part of what is begun. */
	#take({ frame, cost }: Node, i: number, nested = 0): Node[] {
		const value = this.#segment.stack[i] as Abstract;
		const fit = this.#fit(frame, value);
		if (fit === undefined) return [];
		const taken: Begun = { ...frame, parts: frame.parts + 1 };
		if (frame.kind === "call") {
			const argument = { frame: taken, cost: cost + fit };
			const inner: Begun = { kind: "call", at: i, parts: 0, parent: taken };
			return value instanceof GlobalName ? [argument, { frame: inner, cost: cost + fit }] : [argument];
		}
		const place = this.#siblings(frame);
		const strange = frame.kind === "state" ? 0 : place.strangeness(value);
		const nodes = [{ frame: taken, cost: cost + fit + strange + this.#wholeCost(i, place) }];
		for (const [kind, opening] of this.#openings(value, i, place)) {
			const isNamed = kind === "call" || kind === "name";
			const open: Begun = { kind, at: i, parts: 0, parent: taken };
			nodes.push({ frame: open, cost: cost + fit + opening + (isNamed ? 0 : strange) });
		}
		if (this.#known.protocol >= 2 && nested < NESTED && frame.kind !== "name") {
			const tuple: Begun = { kind: "tuple", at: i, parts: 0, parent: taken };
			const whole = frame.kind === "state" ? 0 : fit;
			const begun = { frame: tuple, cost: cost + whole + this.#tupleCost(frame, place, i) };
			nodes.push(...this.#take(begun, i, nested + 1));
		}
		return nodes;
	}

	/** How little a value fits as the next part; undefined if it cannot be that. */
	#fit({ kind, parts, at }: Begun, value: Abstract): number | undefined {
		const { stack } = this.#segment;
		if (kind === "tuple") return parts < SHORT ? 0 : undefined;
		if (kind === "item") return parts < 1 ? 0 : undefined;
		if (kind === "call") return parts < SHORT ? 0 : 3;
		if (kind === "name")
			return parts < 1 && value instanceof Text && /^[\w.]+$/.test(textOf(value) ?? "") ? 0 : undefined;
		if (kind === "state") return parts < 1 ? this.#stateCost(stack[at] as Made, value) : undefined;
		if (kind === "entry") return parts === 1 ? 0 : parts === 0 ? this.#keyCost(value, stack[at]) : undefined;
		const { kind: of } = this.#segment;
		if (of === "root") return parts === 0 ? 0 : undefined;
		if (of === "set") return isHashable(value) ? 0 : undefined;
		if (of !== "dict" || parts % 2 === 1) return 0;
		return this.#keys.has(textOf(value) ?? "") ? undefined : this.#keyCost(value, stack[at - 1]);
	}

	#keyCost(key: Abstract, dict: Abstract | undefined): number | undefined {
		if (!isHashable(key)) return undefined;
		const isText = key instanceof Text;
		const hasText = dict instanceof Mapping ? dict.entries.size > 0 : false;
		if (dict instanceof Mapping && dict.entries.has(textOf(key) ?? "\0")) return undefined;
		if (isText) return 0;
		return hasText ? 1.5 : typeof key === "number" ? 0.3 : 1;
	}

	#stateCost(made: Made, value: Abstract): number {
		if (this.#known.stateful.has(classOf(made))) return 0;
		if (value instanceof Mapping) return 0.3;
		return value instanceof Sequence && value.kind === "tuple" ? 1 : value === null ? 1.5 : 3;
	}

	/** How little the value at a place is likely to need nothing more. */
	#wholeCost(i: number, place: Siblings): number {
		const [value, next, third] = this.#segment.stack.slice(i, i + 3);
		if (value instanceof GlobalName)
			return constant.test(value.name) || (place.known && place.strangeness(value) === 0) ? 0 : 0.5;
		if (!(value instanceof Made) || value.state !== undefined || isStateless(value)) return 0;
		if (place.hasStateless(classOf(value))) return 0;
		if (this.#known.stateful.has(classOf(value))) return 2;
		return next instanceof Mapping || (next === null && third instanceof Mapping) ? 1 : 0;
	}

	/** What a value may take parts for, and how little that is likely. */
	#openings(value: Abstract, i: number, place: Siblings): [Begun["kind"], number][] {
		if (value instanceof GlobalName) return [["call", constant.test(value.name) ? 3 : 0.2]];
		const isLast = i === this.#segment.stack.length - 1;
		const module = this.#known.protocol >= 4 ? moduleCost(value, this.#known.modules) : undefined;
		if (module !== undefined) return [["name", module + (place.strangeness(value) === 0 && place.known ? 1.5 : 0)]];
		if (isLast) return [];
		if (value instanceof Sequence && value.kind === "list" && this.#mayGrow(value.count)) return [["item", 0.4]];
		if (value instanceof Mapping && this.#mayGrow(value.count)) return [["entry", 0.4]];
		if (!(value instanceof Made) || value.state !== undefined) return [];
		if (listLike.test(value.path)) return [["item", 0.4]];
		if (dictLike.test(value.path)) return [["entry", 0.4]];
		const isUnlikely = isStateless(value) || place.hasStateless(classOf(value));
		return [["state", isUnlikely ? 3 : 0]];
	}

	/** Containers grow item by item at protocol 0; else a single item comes alone, or behind a batch. */
	#mayGrow(count: number): boolean {
		return this.#known.protocol === 0 || count % 1000 === 0;
	}

	#tupleCost(frame: Begun, place: Siblings, i: number): number {
		if (place.inTuples(0) !== undefined) return 0.2;
		const { stack } = this.#segment;
		// `(None, slots)`, or an array's state and what a subclass adds to it.
		const isTwofold = stack[i + 1] instanceof Mapping && (stack[i] === null || hasArrayHead(stack[i]));
		if (frame.kind === "state") return isTwofold ? 0 : 2;
		const isAll = frame.kind === "segment" && this.#segment.kind === "root";
		return place.tupleStrangeness + (isAll ? 1.5 : 0);
	}

	/** What stands in places like that of the next part. */
	#siblings(frame: Begun): Siblings {
		const { kind, parts, at } = frame;
		const { stack, kind: of, from } = this.#segment;
		const target = stack[at];
		if (kind === "tuple") return this.#parentSiblings(frame).inTuples(parts) ?? unknown;
		if (kind === "item" && target instanceof Sequence) {
			return target.count > 0 ? new Siblings(target.items, true) : this.#parentSiblings(frame).inLists();
		}
		if (kind === "entry" && target instanceof Mapping && parts === 1)
			return new Siblings([...target.entries.values()], false);
		if (kind !== "segment") return unknown;
		if (of === "tuple") return this.#besideTuple(from - 1, parts);
		return this.#inSegment(parts);
	}

	/** What stands before a place of the segment, and in what it is for. */
	#inSegment(parts: number): Siblings {
		const known = this.#places.get(parts);
		if (known) return known;
		const { stack, from, kind } = this.#segment;
		const below = stack[from - 1];
		const step = kind === "dict" ? 2 : 1;
		const isValue = step === 2 && parts % 2 === 1;
		const before: Abstract[] = [];
		for (let i = parts - step; i >= 0 && before.length < NEAR; i -= step) before.push(stack[from + i] as Abstract);
		if (below instanceof Sequence) before.push(...below.items.slice(-NEAR));
		if (isValue && below instanceof Mapping) before.push(...[...below.entries.values()].slice(-NEAR));
		const found = new Siblings(before, !isValue);
		this.#places.set(parts, found);
		return found;
	}

	#parentSiblings({ parent }: Begun): Siblings {
		return parent ? this.#siblings({ ...parent, parts: parent.parts - 1 }) : unknown;
	}

	/** The tuple before this one, if there is one. */
	#besideTuple(at: number, place: number): Siblings {
		const before = this.#segment.stack[at];
		return (before === undefined ? undefined : new Siblings([before], true).inTuples(place, false)) ?? unknown;
	}
}
