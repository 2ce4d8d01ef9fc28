import * as op from "../../opcodes/table.ts";
import { type Abstract, GlobalName, Made, Mapping, Sequence } from "../diagnosis/values.ts";

/** Classes whose items come one by one, and whose entries do. */
const listLike = /(^|\.)deque$/;
const dictLike = /(^|\.)(OrderedDict|defaultdict|Counter)$/;

/** Items that picklers add at a time. */
const BATCH = 1000;

/** Values that TUPLE3, the longest of the tuples without a mark, takes: a call's arguments. */
const MOST_ARGUMENTS = 3;

/**
 * The opcodes that close what is open where a pickle breaks off, up to STOP: containers get the items that are there, and what is
 * only begun (a key without its value, the arguments of a call) goes.
 */
export class Closing {
	readonly #stack: Abstract[];
	readonly #marks: number[];
	readonly #protocol: number;
	readonly #codes: number[] = [];
	/** Values that went, because what they were to be part of was not there. */
	dropped = 0;

	/** @param protocol the highest that the pickle's opcodes need */
	constructor(stack: readonly Abstract[], marks: readonly number[], protocol: number) {
		this.#stack = [...stack];
		this.#marks = [...marks];
		this.#protocol = protocol;
	}

	/** The opcodes; undefined if nothing is left. */
	run(): Uint8Array | undefined {
		while (this.#marks.length > 0) {
			this.#settle();
			this.#closeMark();
		}
		this.#settle();
		while (this.#stack.length > 1) this.#joinRest();
		if (this.#stack.length === 0) return undefined;
		this.#codes.push(op.STOP);
		return Uint8Array.from(this.#codes);
	}

	/** Puts the last values above the mark into what they belong to, as far as they tell. */
	#settle(): void {
		this.#dropCall();
		this.#dropEntry();
		while (this.#settleOne());
	}

	/** Drops a call whose arguments are only begun, and the one that it was an argument of: a class, and the last few values. */
	#dropCall(): void {
		const fence = this.#marks[this.#marks.length - 1] ?? 0;
		const stack = this.#stack;
		const lowest = Math.max(fence, stack.length - 1 - MOST_ARGUMENTS);
		const place = stack.findLastIndex((value, i) => i >= lowest && value instanceof GlobalName);
		if (place < lowest) return;
		this.#drop(stack.length - place);
		if (stack.length > fence && stack[stack.length - 1] instanceof GlobalName) this.#drop(1);
	}

	/** Drops a key with the tuple begun behind it where they stand behind the empty state of an object. */
	#dropEntry(): void {
		const stack = this.#stack;
		const lowest = Math.max((this.#marks[this.#marks.length - 1] ?? 0) + 1, stack.length - 2 - MOST_ARGUMENTS);
		const place = stack.findIndex((value, i) => i >= lowest && this.#isEmptyState(value, stack[i - 1]));
		if (place >= 0 && stack.length - place > 3) this.#drop(stack.length - 1 - place);
	}

	#isEmptyState(value: Abstract, target: Abstract | undefined): boolean {
		const isEmpty = value instanceof Mapping && value.count === 0 && this.#protocol > 0;
		return isEmpty && target instanceof Made && target.state === undefined && isState(target, value);
	}

	#settleOne(): boolean {
		const fence = this.#marks[this.#marks.length - 1] ?? 0;
		const stack = this.#stack;
		const count = stack.length - fence;
		const [third, second, top] = [stack[stack.length - 3], stack[stack.length - 2], stack[stack.length - 1]];
		if (count < 2 || top === undefined) return false;
		if (this.#takesItems(second)) return this.#put(op.APPEND, 1);
		if (this.#takesEntries(second)) return this.#drop(1);
		if (count > 2 && this.#takesEntries(third))
			return isHashable(second as Abstract) ? this.#put(op.SETITEM, 2) : this.#drop(2);
		if (second instanceof Made && second.state === undefined && isState(second, top)) return this.#build(top);
		if (count > 2 && third instanceof Made && third.state === undefined && second === null && top instanceof Mapping) {
			this.#codes.push(op.TUPLE2);
			stack.length -= 2;
			stack.push(new Sequence("tuple"));
			return this.#build(top);
		}
		return false;
	}

	/** Whether what follows a list is its item: at protocol 0 always, else if it is empty. */
	#takesItems(value: Abstract | undefined): boolean {
		if (value instanceof Sequence && value.kind === "list") return this.#protocol === 0 || value.count === 0;
		return value instanceof Made && value.state === undefined && listLike.test(value.path);
	}

	#takesEntries(value: Abstract | undefined): boolean {
		if (value instanceof Mapping) return this.#protocol === 0 || value.count === 0;
		return value instanceof Made && value.state === undefined && dictLike.test(value.path);
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
		return true;
	}

	#drop(count: number): boolean {
		for (let i = 0; i < count; i++) this.#codes.push(op.POP);
		this.#stack.length -= count;
		this.dropped += count;
		return true;
	}

	/** Gives what lies above the topmost mark to what lies below it. */
	#closeMark(): void {
		const stack = this.#stack;
		const fence = this.#marks[this.#marks.length - 1] as number;
		const below = stack[fence - 1];
		const isMade = below instanceof Made;
		const isFull = !(below instanceof Sequence || below instanceof Mapping) || below.count % BATCH === 0;
		// Picklers fill a container at once, so that a mark behind one that has items begins a tuple.
		if (!isFull || (this.#protocol === 0 && !isMade && !(below instanceof GlobalName))) this.#closeTuple(fence);
		else if (below instanceof Sequence && below.kind === "list") this.#closeInto(op.APPENDS);
		else if (below instanceof Sequence && below.kind === "set") this.#closeSet(fence);
		else if (below instanceof Mapping || (isMade && dictLike.test(below.path))) this.#closeEntries(fence);
		else if (isMade && listLike.test(below.path)) this.#closeInto(op.APPENDS);
		else if (isMade || below instanceof GlobalName) this.#abandon();
		else this.#closeTuple(fence);
	}

	#closeInto(code: number): void {
		this.#stack.length = this.#marks.pop() as number;
		this.#codes.push(code);
		const target = this.#stack[this.#stack.length - 1];
		if (target instanceof Sequence || target instanceof Mapping) target.count++;
	}

	#closeSet(fence: number): void {
		let end = fence;
		while (end < this.#stack.length && isHashable(this.#stack[end] as Abstract)) end++;
		this.#drop(this.#stack.length - end);
		this.#closeInto(op.ADDITEMS);
	}

	/** A dict takes whole entries; what is left over was part of a value that is not there whole. */
	#closeEntries(fence: number): void {
		const stack = this.#stack;
		let end = fence;
		const kind = kindOf(stack[fence]);
		while (end + 1 < stack.length) {
			const key = stack[end] as Abstract;
			const isLast = end + 3 >= stack.length;
			if (!isHashable(key) || (isLast && end > fence && kindOf(key) !== kind)) break;
			end += 2;
		}
		this.#drop(stack.length - end);
		this.#closeInto(op.SETITEMS);
	}

	#closeTuple(fence: number): void {
		this.#stack.length = fence;
		this.#marks.pop();
		this.#codes.push(op.TUPLE);
		this.#stack.push(new Sequence("tuple"));
	}

	/** Arguments or state that are only begun, with what they were for. */
	#abandon(): void {
		const fence = this.#marks.pop() as number;
		this.dropped += this.#stack.length - fence;
		this.#stack.length = fence;
		this.#codes.push(op.POP_MARK);
		this.#drop(1);
	}

	/** Several values with no mark below them: a short tuple that was begun. */
	#joinRest(): void {
		const { length } = this.#stack;
		if (this.#protocol < 2 || length > 3) {
			this.#drop(1);
			this.#settle();
			return;
		}
		this.#codes.push(length === 2 ? op.TUPLE2 : op.TUPLE3);
		this.#stack.length = 0;
		this.#stack.push(new Sequence("tuple"));
	}
}

function kindOf(value: Abstract | undefined): string {
	return value === null || typeof value !== "object" ? typeof value : value.constructor.name;
}

function isState(target: Made, value: Abstract): boolean {
	if (dictLike.test(target.path)) return false;
	return value instanceof Mapping || (value instanceof Sequence && /(^|\.)_reconstruct$/.test(target.path));
}

/** Values in a tuple that are looked at. */
const MAX_LOOKED = 256;

/** Whether a dict may have it as a key, as far as its first values tell. */
function isHashable(value: Abstract): boolean {
	const waiting = [value];
	for (let looked = 0; looked < MAX_LOOKED; looked++) {
		const next = waiting.pop();
		if (next === undefined) return true;
		if (next instanceof Mapping) return false;
		if (!(next instanceof Sequence) || next.kind === "frozenset") continue;
		if (next.kind !== "tuple") return false;
		waiting.push(...next.items);
	}
	return false;
}
