import { decodeUtf8 } from "../../../bytes/utf8.ts";
import * as op from "../../../opcodes/table.ts";
import type { Span, Window } from "../../walk.ts";
import { DTypeWords } from "./dtype-words.ts";
import { isGet, isPut, keyOf, MemoCount } from "./memo.ts";
import { type Insertion, Plan } from "./plan.ts";
import { Refused } from "./refused.ts";

/** What a thing on the stack is, as far as it matters. */
type Thing =
	| undefined
	/** A text that stands there, or a copy of what lies below. */
	| "text"
	| "copy"
	/** A text of a dtype's name. */
	| { readonly word: string }
	/** What the memo had by a number; the text if that is of a dtype's name. */
	| { readonly got: number; readonly word?: string }
	/** A class by module and name. */
	| { readonly name: string }
	| SetRecord;

/** A set that has no opcodes at the protocol. */
interface SetRecord {
	readonly at: number;
	/** PUTs of it, before it was complete. */
	readonly puts: { readonly offset: number; readonly key: number }[];
	/** Where it is complete. */
	last: number;
	/** Whether the memo gave it. */
	isGot: boolean;
	/** Whether it got items after the memo gave it: it may hold itself. */
	isRecursive: boolean;
	readonly batches: { readonly mark: number; readonly offset: number }[];
}

interface Item {
	/** Where what makes it begins, and where it ends. */
	readonly start: number;
	end: number;
	thing: Thing;
}

interface Mark {
	readonly height: number;
	readonly offset: number;
}

/** What each opcode takes, below its mark if it takes one, and whether it leaves something. */
interface Effect {
	readonly takes: number;
	readonly hasMark: boolean;
	readonly gives: boolean;
	/** Whether what it leaves is what lay lowest. */
	readonly isSame: boolean;
}

const effects: Effect[] = [];
for (const { code, before, after } of op.opcodes) {
	const taken = before === "" ? [] : before.split(" ");
	const mark = taken.indexOf("mark");
	const isSame = [op.APPEND, op.APPENDS, op.SETITEM, op.SETITEMS, op.ADDITEMS, op.BUILD].some((each) => each === code);
	effects[code] = { takes: mark < 0 ? taken.length : mark, hasMark: mark >= 0, gives: after !== "", isSame };
}

const DTYPE = "numpy\ndtype";

/** Follows the stack of pickles and plans how they are written for a protocol that lacks opcodes of theirs. */
export class Survey {
	readonly plan: Plan = new Plan();
	readonly #protocol: number;
	readonly #isShared: boolean;
	#stack: Item[] = [];
	#marks: Mark[] = [];
	/** Sets, classes and words of names in the memo. */
	#memo = new Map<number, SetRecord | { readonly name: string } | { readonly word: string }>();
	#count = new MemoCount();
	#sets: SetRecord[] = [];

	readonly #words: DTypeWords | undefined;

	/**
	 * @param isShared whether the memo goes on from pickle to pickle
	 * @param hasWords whether the texts of dtypes are sought
	 */
	constructor(protocol: number, isShared: boolean, hasWords = false) {
		this.#protocol = protocol;
		this.#isShared = isShared;
		this.#words = hasWords ? new DTypeWords(this.plan) : undefined;
	}

	/** @throws Refused */
	take(span: Span, window: Window): void {
		const { opcode, offset, end } = span;
		const { code } = opcode;
		if (code === op.STOP) this.#stop();
		else if (isPut(code)) this.#put(span, window);
		else if (isGet(code)) this.#get(offset, keyOf(window, span));
		else if (code === op.MARK) this.#marks.push({ height: this.#stack.length, offset });
		else if (code === op.POP) this.#pop(span);
		else if (code === op.DUP) this.#duplicate(span);
		else this.#apply(span, window);
		const top = this.#stack[this.#stack.length - 1];
		if (top !== undefined && this.#stack.length > this.#fence) top.end = end;
	}

	get #fence(): number {
		return this.#marks[this.#marks.length - 1]?.height ?? 0;
	}

	#push(start: number, thing?: Thing): void {
		this.#stack.push({ start, end: start, thing });
	}

	#get(offset: number, key: number): void {
		this.#words?.got(offset, key);
		this.#push(offset, this.#recall(key));
	}

	#recall(key: number): Thing {
		const found = this.#memo.get(key);
		if (found === undefined) return { got: key };
		if ("word" in found) return { got: key, word: found.word };
		if ("at" in found) found.isGot = true;
		return found;
	}

	#put(span: Span, window: Window): void {
		const { opcode, offset } = span;
		const key = opcode.code === op.MEMOIZE ? this.#count.size : keyOf(window, span);
		this.#count.add(key);
		const thing = this.#stack[this.#stack.length - 1]?.thing;
		if (typeof thing === "object" && !("got" in thing)) {
			this.#memo.set(key, thing);
			if ("at" in thing && !thing.isGot) thing.puts.push({ offset, key });
		} else if (this.#memo.size > 0) this.#memo.delete(key);
	}

	#pop({ offset }: Span): void {
		if (this.#marks.length > 0 && this.#fence === this.#stack.length) this.#marks.pop();
		else this.#taken(1, offset);
		this.#words?.taken(this.#stack.length, false);
	}

	#duplicate({ offset }: Span): void {
		const thing = this.#stack[this.#stack.length - 1]?.thing;
		if (typeof thing === "object" && "at" in thing) thing.isGot = true;
		this.#push(offset, "copy");
	}

	/** The topmost items, which go. @throws Refused if the stack has fewer */
	#taken(count: number, offset: number): Item[] {
		if (this.#stack.length - count < this.#fence) throw new Refused("a MARK that stands for a value", offset);
		return this.#stack.splice(this.#stack.length - count, count);
	}

	#apply(span: Span, window: Window): void {
		const { opcode, offset } = span;
		const { code } = opcode;
		const { takes, hasMark, gives, isSame } = effects[code] as Effect;
		const mark = hasMark ? this.#marks.pop() : undefined;
		if (hasMark && mark === undefined) throw new Refused("an instruction without its MARK", offset);
		const items = mark ? this.#stack.splice(mark.height) : [];
		const operands = this.#taken(takes, offset);
		this.#words?.taken(this.#stack.length, code === op.BUILD);
		this.#prepare(span, operands, items, mark);
		if (!gives) return;
		const start = operands[0]?.start ?? mark?.offset ?? offset;
		const [lowest] = operands;
		if (isSame && lowest) this.#stack.push(lowest);
		else this.#push(start, this.#words ? this.#named(span, window, operands) : this.#thingOf(span, window));
	}

	/** What comes of an instruction where dtypes are sought. */
	#named(span: Span, window: Window, [first, second]: readonly Item[]): Thing {
		const { code } = span.opcode;
		const isClass = code === op.STACK_GLOBAL && wordOf(first) === "numpy" && wordOf(second) === "dtype";
		if (isClass) return { name: DTYPE };
		const callee = code === op.REDUCE ? first?.thing : undefined;
		if (typeof callee === "object" && "name" in callee && callee.name === DTYPE) this.#words?.made(this.#stack.length);
		if (isText(code)) this.#words?.text(span.offset);
		return this.#thingOf(span, window);
	}

	#thingOf({ opcode, offset, start, stop, end }: Span, window: Window): Thing {
		const { code } = opcode;
		if (code === op.EMPTY_SET && this.#protocol < 4) {
			const record: SetRecord = { at: offset, puts: [], last: end, isGot: false, isRecursive: false, batches: [] };
			this.#sets.push(record);
			return record;
		}
		if (isText(code)) {
			const text = this.#words && stop - start < DTYPE.length ? windowText(window, start, stop) : "";
			return text === "numpy" || text === "dtype" ? { word: text } : "text";
		}
		const isName =
			code === op.GLOBAL &&
			(this.#protocol === 0 || this.#words !== undefined) &&
			window.has({ at: offset, length: stop - offset });
		return isName ? { name: windowText(window, start, stop) } : undefined;
	}

	#prepare(span: Span, operands: readonly Item[], items: readonly Item[], mark: Mark | undefined): void {
		const { code } = span.opcode;
		const protocol = this.#protocol;
		if (code === op.STACK_GLOBAL) this.#stackGlobal(span, operands);
		if (protocol < 4) this.#prepareBelow4(span, operands, items, mark);
		if (protocol < 2) this.#prepareBelow2(code, operands, span.offset);
		if (protocol === 0) this.#prepareFor0(span, operands, items, mark);
	}

	#stackGlobal({ offset }: Span, [module, name]: readonly Item[]): void {
		const isGroup =
			module !== undefined &&
			name !== undefined &&
			isWord(module) &&
			isWord(name) &&
			module.end === name.start &&
			name.end === offset;
		if (isGroup) {
			this.plan.group(module.start, offset);
			for (const { thing } of [module, name])
				if (typeof thing === "object" && "got" in thing) this.plan.nameKeys.add(thing.got);
		} else if (this.#protocol < 4)
			throw new Refused("STACK_GLOBAL of a module and name that are no literal text", offset);
	}

	#prepareBelow4(span: Span, operands: readonly Item[], items: readonly Item[], mark: Mark | undefined): void {
		const { opcode, offset } = span;
		const { code } = opcode;
		if (code === op.FROZENSET && mark) {
			this.plan.marks.set(mark.offset, "frozenset");
			this.#each(items, 1, op.APPEND);
		} else if (code === op.ADDITEMS && mark) this.#addItems(span, operands[0]?.thing, items, mark);
		else if (code === op.NEWOBJ_EX) this.#before(operands[0], offset, "newobj_ex", ...this.#opening);
	}

	get #opening(): Insertion[] {
		return this.#protocol < 2 ? [op.MARK] : [];
	}

	/** Something before what makes an item. */
	#before(item: Item | undefined, offset: number, ...insertions: Insertion[]): void {
		if (item === undefined) return;
		if (item.thing === "copy") throw new Refused("a DUP before which a MARK would have to stand", offset);
		this.plan.start(item.start, ...insertions);
	}

	#addItems({ offset, end }: Span, target: Thing, items: readonly Item[], mark: Mark): void {
		if (typeof target !== "object" || !("at" in target)) throw new Refused("ADDITEMS to what is no set", offset);
		if (target.isGot) target.isRecursive = true;
		target.last = end;
		target.batches.push({ mark: mark.offset, offset });
		this.#each(items, 1, op.APPEND);
	}

	/** At protocol 0 items are added one by one. */
	#each(items: readonly Item[], step: 1 | 2, insertion: Insertion): void {
		if (this.#protocol > 0) return;
		for (let i = step - 1; i < items.length; i += step) this.plan.end((items[i] as Item).end, insertion);
	}

	#prepareBelow2(code: number, operands: readonly Item[], offset: number): void {
		const isTuple = code === op.TUPLE1 || code === op.TUPLE2 || code === op.TUPLE3;
		if (isTuple) this.#before(operands[0], offset, op.MARK);
		if (code !== op.NEWOBJ) return;
		this.#before(operands[0], offset, "partial");
		this.plan.end((operands[0] as Item).end, "partial end");
	}

	#prepareFor0(span: Span, operands: readonly Item[], items: readonly Item[], mark: Mark | undefined): void {
		const { opcode, offset } = span;
		const { code } = opcode;
		if (code === op.APPENDS || code === op.SETITEMS) {
			this.plan.marks.set((mark as Mark).offset, "dropped");
			this.#each(items, code === op.APPENDS ? 1 : 2, code === op.APPENDS ? op.APPEND : op.SETITEM);
		} else if (code === op.POP_MARK) this.plan.popped.set(offset, items.length);
		else if (code === op.OBJ) this.#object(offset, items[0]);
		else if (code === op.BINPERSID) this.#persistent(offset, operands[0]);
	}

	#object(offset: number, item: Item | undefined): void {
		const thing = item?.thing;
		if (typeof thing !== "object" || !("name" in thing))
			throw new Refused("OBJ of a class that is no literal name", offset);
		this.plan.classes.set(offset, thing.name);
		this.plan.end((item as Item).end, op.POP);
	}

	#persistent(offset: number, item: Item | undefined): void {
		if (item === undefined || !isLiteral(item) || item.end !== offset)
			throw new Refused("a persistent id that is no literal text: protocol 0 has no other", offset);
		this.plan.group(item.start, offset);
	}

	#stop(): void {
		this.#words?.forget();
		for (const record of this.#sets) this.#close(record);
		this.#sets = [];
		this.#stack = [];
		this.#marks = [];
		if (this.#isShared) return;
		this.#memo = new Map();
		this.#count = new MemoCount();
	}

	#close({ at, puts, last, isRecursive, batches }: SetRecord): void {
		const { plan } = this;
		const early = puts.filter(({ offset }) => offset < last);
		if (!isRecursive) {
			plan.listed.add(at);
			for (const { offset } of early) plan.dropped.add(offset);
			plan.closes.set(
				last,
				early.map(({ key }) => key),
			);
			if (this.#protocol === 0) for (const { mark } of batches) plan.marks.set(mark, "dropped");
			return;
		}
		for (const { mark, offset } of batches) {
			const put = early.find((each) => each.offset < mark);
			if (put === undefined) throw new Refused("a set that holds itself and that the memo does not have", offset);
			plan.marks.set(mark, { update: put.key });
			plan.updates.add(offset);
		}
	}
}

function isText(code: number): boolean {
	return code === op.SHORT_BINUNICODE || code === op.BINUNICODE || code === op.BINUNICODE8 || code === op.UNICODE;
}

function windowText({ bytes, base }: Window, start: number, stop: number): string {
	return decodeUtf8(bytes, start - base, stop - base);
}

function isLiteral({ thing }: Item): boolean {
	return thing === "text" || (typeof thing === "object" && "word" in thing && !("got" in thing));
}

/** Whether it is a literal text, or what the memo had. */
function isWord(item: Item): boolean {
	return isLiteral(item) || (typeof item.thing === "object" && "got" in item.thing);
}

/** The text of a dtype's name. */
function wordOf(item: Item | undefined): string | undefined {
	const thing = item?.thing;
	return typeof thing === "object" && "word" in thing ? thing.word : undefined;
}
