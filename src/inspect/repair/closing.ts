import { type EncodeStep, encodePath } from "../../opcodes/path.ts";
import * as op from "../../opcodes/table.ts";
import { hasArrayHead } from "../diagnosis/arrays.ts";
import { type Abstract, GlobalName, intOf, Made, Mapping, Sequence, textOf } from "../diagnosis/values.ts";
import { type Begun, type Known, type Reading, readBegun, type Segment } from "./begun.ts";
import type { OpenArray } from "./object-arrays.ts";
import { classOf, dictLike, isHashable, isStateless, listLike, needsState } from "./siblings.ts";
import { type Survivors, survivorsOf } from "./survivors.ts";

/** Items that picklers add at a time. */
const BATCH = 1000;

/** Steps of the path that are kept at its inner end. */
const MAX_STEPS = 4096;

/** Which argument of a call, the last, is a list that may be shorter. */
function listPlace({ path }: GlobalName): 0 | 1 | undefined {
	return setPath.test(path) ? 0 : path === "array.array" ? 1 : undefined;
}

const setPath = /^(__builtin__|builtins)\.(set|frozenset)$/;

/** Whether what follows is made a set, in which a part of a value has no place. */
function isSet(callee: Abstract | undefined): boolean {
	return callee instanceof GlobalName && setPath.test(callee.path);
}

/** Whether it is an array's state with a dict of its subclass. */
function isExtended(state: Abstract | undefined): boolean {
	return state instanceof Sequence && hasArrayHead(state.items[0]);
}

/** Whether the items of a list may be those of what is made of it. */
function mayHold(callee: GlobalName, { items }: Sequence): boolean {
	return !isSet(callee) || items.every(isHashable);
}

/**
 * The opcodes that close what is open where a pickle breaks off, up to STOP: containers and tuples get the items that are there,
 * and what is only begun otherwise (a key without its value, a call, the name of a class) goes.
 */
export class Closing {
	readonly #stack: Abstract[];
	readonly #marks: number[];
	readonly #known: Known;
	readonly #codes: number[] = [];
	/** From the place of the break outwards. */
	readonly #steps: EncodeStep[] = [];
	/** Whether the last value is one that the break left unfinished. */
	#isInside: boolean;
	/** Whether the place of the break is the one behind the last value, and not in it. */
	#isBehind: boolean;
	/** Arrays of objects that keep the items which are there. */
	readonly arrays: { readonly array: OpenArray; readonly survivors: Survivors }[] = [];
	/** Values that went, because what they were to be part of was not there. */
	dropped = 0;
	/** Tuples and objects that are less than they were. */
	shortened = 0;
	/** Whether the last values may have been part of something else. */
	uncertain = false;

	readonly #open: ReadonlyMap<Abstract, OpenArray>;

	/**
	 * @param open arrays of objects that can keep fewer items
	 * @param inside whether the last value on the stack is one of which something is lost
	 */
	constructor(
		{ stack, marks }: { readonly stack: readonly Abstract[]; readonly marks: readonly number[] },
		known: Known,
		open: ReadonlyMap<Abstract, OpenArray>,
		inside: boolean,
	) {
		this.#open = open;
		this.#stack = [...stack];
		this.#marks = [...marks];
		this.#known = known;
		this.#isInside = inside;
		this.#isBehind = !inside;
	}

	/** Where the pickle breaks off. */
	get path(): string {
		return encodePath([...this.#steps].reverse());
	}

	/** The opcodes; undefined if nothing is left. */
	run(): Uint8Array | undefined {
		while (this.#marks.length > 0) this.#closeMark();
		this.#settle({ kind: "root", stack: this.#stack, from: 0 });
		if (this.#stack.length === 0) return undefined;
		this.#codes.push(op.STOP);
		return Uint8Array.from(this.#codes);
	}

	/** Gives what lies above the topmost mark to what lies below it. */
	#closeMark(): void {
		const from = this.#marks[this.#marks.length - 1] as number;
		const kind = this.#kindOf(from);
		if (kind === "call") this.#closeCall(from);
		else if (kind === "object") this.#abandon(from, 0);
		else if (kind === "state") this.#closeState(from);
		else this.#closeSegment(kind, from);
	}

	#closeState(from: number): void {
		const isNothing = needsState(this.#stack[from - 1] as Made);
		if (!this.#closeObjects(from)) this.#abandon(from, isNothing ? 1 : 0);
	}

	#closeSegment(kind: Segment["kind"], from: number): void {
		this.#settle({ kind, stack: this.#stack, from });
		const { length } = this.#stack;
		// An empty tuple, or what could as well have become a dict or an object.
		if (kind === "tuple" && length === from) {
			this.#abandon(from, 0);
			return;
		}
		this.#marks.pop();
		// A mark may also begin the arguments of INST, which Python 2 writes behind them.
		if (kind === "tuple" && this.#known.protocol === 0) this.uncertain = true;
		if (kind === "tuple") {
			this.#codes.push(op.TUPLE);
			this.#stack.length = from;
			this.#stack.push(new Sequence("tuple"));
			this.shortened++;
			return;
		}
		this.#codes.push(kind === "list" ? op.APPENDS : kind === "set" ? op.ADDITEMS : op.SETITEMS);
		const target = this.#stack[from - 1];
		if (target instanceof Sequence || target instanceof Mapping) target.count += length - from;
		this.#stack.length = from;
	}

	/** What the values above the topmost mark are for. */
	#kindOf(from: number): Segment["kind"] | "call" | "state" | "object" {
		const below = this.#stack[from - 1];
		if (this.#stack[from] instanceof GlobalName && this.#known.hasStrs) return "object";
		if (below instanceof GlobalName && from > this.#floor()) return "call";
		if (below instanceof Made && from > this.#floor() && below.state === undefined) {
			if (this.#known.protocol > 0 && dictLike.test(below.path)) return "dict";
			if (this.#known.protocol > 0 && listLike.test(below.path)) return "list";
			return isStateless(below) ? "tuple" : "state";
		}
		const holds = below instanceof Sequence || below instanceof Mapping;
		// Picklers fill a container at once, so that a mark behind one that has items begins a tuple.
		if (!holds || this.#known.protocol === 0 || below.count % BATCH !== 0 || from === this.#floor()) return "tuple";
		if (below instanceof Mapping) return "dict";
		return below.kind === "list" || below.kind === "set" ? below.kind : "tuple";
	}

	/** Where the values above the mark below the topmost one begin. */
	#floor(): number {
		return this.#marks[this.#marks.length - 2] ?? 0;
	}

	/** The arguments of a call that are only begun, with it; a set and an array keep what is there of their list. */
	#closeCall(from: number): void {
		const stack = this.#stack;
		const callee = stack[from - 1] as GlobalName;
		const at = listPlace(callee);
		const list = at === undefined ? undefined : stack[from + at];
		if (at === undefined || !(list instanceof Sequence) || list.kind !== "list" || !mayHold(callee, list)) {
			this.#abandon(from, 1);
			return;
		}
		if (this.#isInside && isSet(callee)) this.#drop(stack.length - from - 1);
		this.#settle({ kind: "root", stack, from: from + at });
		this.#steps.length = 0;
		this.#marks.pop();
		stack.length = from - 1;
		stack.push(new Made(callee, list, 0));
		this.#codes.push(op.TUPLE, op.REDUCE);
		this.#isInside = true;
	}

	/** The state of an array of objects with the items that are there, the last row filled up with None. */
	#closeObjects(from: number): boolean {
		const stack = this.#stack;
		const made = stack[from - 1] as Made;
		const array = this.#open.get(made);
		const at = from + 4;
		if (array === undefined || stack.length < at) return false;
		if (stack.length === at) {
			this.#codes.push(op.MARK, op.LIST);
			stack.push(new Sequence("list"));
		}
		this.#settle({ kind: "root", stack, from: at });
		const list = stack[at];
		const kept = list instanceof Sequence && list.kind === "list" ? list.count : -1;
		const survivors = survivorsOf(array.head, kept * array.head.dtype.itemsize);
		if (kept < 0 || stack.length !== at + 1 || survivors === undefined) return false;
		for (let i = 0; i < survivors.filled; i++) this.#codes.push(op.NONE, op.APPEND);
		this.#codes.push(op.TUPLE, op.BUILD);
		this.#marks.pop();
		stack.length = from;
		made.state = null;
		this.arrays.push({ array, survivors });
		this.#isInside = true;
		return true;
	}

	/** What is above the topmost mark goes, with values below it that are nothing without. */
	#abandon(from: number, below: number): void {
		this.#marks.pop();
		this.dropped += this.#stack.length - from;
		this.#stack.length = from;
		this.#codes.push(op.POP_MARK);
		this.#drop(below);
		this.#steps.length = 0;
		this.#isInside = below === 0 && this.#stack[from - 1] instanceof Made;
		this.#isBehind = !this.#isInside;
	}

	/** Makes parts of the segment of all its values, as far as they tell what they were to be. */
	#settle(segment: Segment): void {
		const reading = this.#read(segment);
		this.#drop(this.#stack.length - reading.end);
		let lost = this.#dropStateless(segment.from) ? 1 : 0;
		for (let begun: Begun | undefined = reading.open; begun; begun = begun.parent) {
			const parts = begun.parts - lost;
			this.#step(begun, segment);
			if (begun.kind === "segment") {
				this.#finish(segment, parts);
				return;
			}
			lost = this.#close(begun, parts) ? 0 : 1;
			if (lost === 0) this.#isInside = true;
		}
	}

	#read(segment: Segment): Reading {
		const reading = readBegun(segment, this.#known);
		const { kind, from } = segment;
		const below = this.#stack[from - 1];
		// At protocol 1 a list of one tuple begins like a list of several items.
		const isTuple = kind === "list" && this.#known.protocol === 1 && below instanceof Sequence && below.count === 0;
		if (reading.uncertain || isTuple || this.#isOnlyItem(reading)) this.uncertain = true;
		return reading;
	}

	/** Whether a tuple is the first item of a list: it may have been all that was in the list, up to an opcode of the damage. */
	#isOnlyItem({ open: { kind, at } }: Reading): boolean {
		const [list, last] = [this.#stack[at], this.#stack[this.#stack.length - 1]];
		return kind === "item" && list instanceof Sequence && list.count === 0 && last instanceof Sequence;
	}

	/** What is left over in a dict is a key without its value; a set has no place for a part of a value. */
	#finish({ kind, from }: Segment, parts: number): void {
		const isKey = kind === "dict" && parts % 2 === 1;
		const isInSet = kind === "set" || (kind === "list" && isSet(this.#stack[from - 2]));
		const isPart = this.#isInside && isInSet;
		if (this.#stack.length > from && (isKey || isPart)) this.#drop(1);
		const last = this.#stack[this.#stack.length - 1];
		if (isInSet && last !== undefined && this.#stack.length > from && !isHashable(last)) this.#drop(1);
		if (kind === "dict" && (this.#stack.length - from) % 2 === 1) this.#drop(1);
		this.#isInside = true;
	}

	/** Drops an object whose state was not reached, if it is nothing without. Returns whether it was one. */
	#dropStateless(from: number): boolean {
		const last = this.#stack[this.#stack.length - 1];
		if (this.#stack.length <= from || !(last instanceof Made) || last.state !== undefined) return false;
		if (!this.#isStateDue(last)) return false;
		this.#drop(1);
		this.#isBehind = false;
		return true;
	}

	#isStateDue(made: Made): boolean {
		return !this.#isInside && (needsState(made) || (this.#known.stateful.has(classOf(made)) && !isStateless(made)));
	}

	/** Closes what takes parts without a mark. Returns whether it is there then. */
	#close({ kind, at }: Begun, parts: number): boolean {
		const stack = this.#stack;
		if (kind === "call") return this.#closeShortCall(at);
		if (kind === "name") return this.#dropFrom(at);
		if (kind === "tuple") return parts > 0 && this.#tuple(parts);
		if (kind === "item") return parts > 0 ? this.#put(op.APPEND, 1) : true;
		if (kind === "entry") {
			if (parts < 2) this.#drop(parts);
			return parts < 2 || this.#put(op.SETITEM, 2);
		}
		const state = stack[at + 1];
		const isNothing = needsState(stack[at] as Made);
		if (parts === 0 || (isNothing && !isExtended(state)) || !this.#isState(state)) return this.#dropFrom(at);
		return this.#build(state as Abstract);
	}

	/** A state that may be less than it was: a dict, or `(None, slots)`. */
	#isState(state: Abstract | undefined): boolean {
		if (state instanceof Mapping) return state.count > 0;
		return (
			state instanceof Sequence && state.kind === "tuple" && state.count === 2 && state.items[1] instanceof Mapping
		);
	}

	/** A set or array of a list can be made of what is there of it. */
	#closeShortCall(at: number): boolean {
		const stack = this.#stack;
		const callee = stack[at];
		const list = stack[stack.length - 1];
		const place = callee instanceof GlobalName ? listPlace(callee) : undefined;
		if (place === undefined || stack.length !== at + place + 2 || this.#known.protocol < 2) return this.#dropFrom(at);
		if (!(list instanceof Sequence) || list.kind !== "list" || !mayHold(callee as GlobalName, list))
			return this.#dropFrom(at);
		this.#codes.push(op.TUPLE1 + place, op.REDUCE);
		stack.length = at;
		stack.push(new Made(callee as GlobalName, list, 0));
		return true;
	}

	#tuple(parts: number): boolean {
		const stack = this.#stack;
		const tuple = new Sequence("tuple");
		for (const item of stack.slice(stack.length - parts)) tuple.add(item);
		stack.length -= parts;
		stack.push(tuple);
		this.#codes.push(op.TUPLE1 + parts - 1);
		this.shortened++;
		return true;
	}

	#put(code: number, taken: number): boolean {
		this.#codes.push(code);
		this.#stack.length -= taken;
		const target = this.#stack[this.#stack.length - 1];
		if (target instanceof Sequence || target instanceof Mapping) target.count++;
		return true;
	}

	#build(state: Abstract): boolean {
		this.#codes.push(op.BUILD);
		this.#stack.pop();
		const target = this.#stack[this.#stack.length - 1];
		if (target instanceof Made) target.state = state;
		this.shortened++;
		return true;
	}

	#dropFrom(at: number): false {
		this.#drop(this.#stack.length - at);
		this.#isInside = false;
		return false;
	}

	#drop(count: number): void {
		for (let i = 0; i < count; i++) this.#codes.push(op.POP);
		this.#stack.length -= count;
		this.dropped += count;
	}

	/** The step to the part that is at work, or that would come next. */
	#step({ kind, at, parts }: Begun, segment: Segment): void {
		const place = Math.max(0, this.#isBehind ? parts : parts - 1);
		this.#isBehind = false;
		const isSegment = kind === "segment";
		const target = this.#stack[isSegment ? at - 1 : at];
		const isDict = isSegment ? segment.kind === "dict" : kind === "entry";
		if (this.#steps.length >= MAX_STEPS || (isSegment && segment.kind === "root")) return;
		if (isDict) this.#keyStep(place, isSegment ? at : at + 1);
		else if (isSegment && segment.kind === "set") return;
		else if (isSegment || kind === "item" || kind === "tuple") {
			const before = target instanceof Sequence && kind !== "tuple" && segment.kind !== "tuple" ? target.count : 0;
			this.#steps.push({ kind: "item", index: before + place });
		}
	}

	#keyStep(place: number, at: number): void {
		if (place % 2 === 0) return;
		const key = this.#stack[at + place - 1];
		this.#steps.push({ kind: "value", key: textOf(key) ?? intOf(key ?? null) ?? [] });
	}
}
