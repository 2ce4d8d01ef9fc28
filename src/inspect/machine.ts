import { PickleError } from "../errors.ts";
import { limitError, resolveLimits } from "../limits.ts";
import * as op from "../opcodes/table.ts";
import { reprInt } from "./numbers.ts";

/** A kind of thing on the stack, such as `list` or `mark`: its place among the table's words. */
type Kind = number;

const words: string[] = ["", "mark"];
const MARK: Kind = 1;

function kindsOf(stack: string): Kind[] {
	const kinds = stack === "" ? [] : stack.split(" ");
	for (const kind of kinds) if (!words.includes(kind)) words.push(kind);
	return kinds.map((kind) => words.indexOf(kind));
}

const { maxItems } = resolveLimits();

/** What an opcode does to the stack. */
interface Effect {
	/** How many it takes. */
	readonly takes: number;
	/** How many of them lie below the mark; -1 if it takes no mark. */
	readonly belowMark: number;
	readonly gives: readonly Kind[];
}

const effects: Effect[] = [];
for (const { code, before, after } of op.opcodes) {
	const taken = kindsOf(before);
	effects[code] = { takes: taken.length, belowMark: taken.indexOf(MARK), gives: kindsOf(after) };
}

/** Kinds in a row, a byte each. 0 stands for none. */
class Kinds {
	#kinds = new Uint8Array(64);
	length = 0;

	get top(): Kind {
		return this.at(this.length - 1);
	}

	at(index: number): Kind {
		return index < this.length ? (this.#kinds[index] ?? 0) : 0;
	}

	set(index: number, kind: Kind): void {
		if (index >= this.#kinds.length) this.#grow(index + 1);
		this.#kinds[index] = kind;
		this.length = Math.max(this.length, index + 1);
	}

	/** @throws PickleError E_LIMIT */
	#grow(needed: number): void {
		if (needed > maxItems) throw limitError("maxItems", maxItems, "the stack, or the memo, of more items");
		const grown = new Uint8Array(2 * needed);
		grown.set(this.#kinds);
		this.#kinds = grown;
	}

	/** The words of all, as Python shows a list of them. */
	toString(): string {
		const shown = Math.min(this.length, SHOWN);
		const names = Array.from(this.#kinds.subarray(0, shown), (kind) => words[kind]);
		return `[${names.join(", ")}${shown < this.length ? `, ... and ${this.length - shown} more` : ""}]`;
	}
}

/** Of a longer list the rest is counted, though Python would show it. */
const SHOWN = 100_000;

/** Numbers that are not dense in the memo are kept apart, and so many at most. */
const MAX_SPARSE = 2 ** 24 - 16;
/** Numbers left out that are not worth a Map. */
const MAX_GAP = 65536;

/** What a pickle's memo holds: pass it to the next `disassemble` of the same Pickler's pickles. */
export class DisassemblyMemo {
	readonly #dense = new Kinds();
	readonly #sparse = new Map<number | bigint, Kind>();
	#gaps = 0;

	/** How many entries there are. */
	get size(): number {
		return this.#dense.length - this.#gaps + this.#sparse.size;
	}

	/** What kind of thing is stored by a number; 0 if none is. */
	get(key: number | bigint): Kind {
		const isDense = typeof key === "number" && key >= 0 && key < this.#dense.length;
		return (isDense ? this.#dense.at(key) : 0) || (this.#sparse.get(key) ?? 0);
	}

	set(key: number | bigint, kind: Kind): void {
		const dense = this.#dense;
		if (typeof key !== "number" || key < 0 || key > dense.length + MAX_GAP || this.#sparse.has(key)) {
			if (this.#sparse.size >= MAX_SPARSE) throw limitError("maxEntries", MAX_SPARSE, "a memo with gaps");
			this.#sparse.set(key, kind);
			return;
		}
		this.#gaps += key >= dense.length ? key - dense.length : dense.at(key) === 0 ? -1 : 0;
		dense.set(key, kind);
	}
}

/** What there is to say of an instruction. */
export interface Remark {
	/** Where the mark was that it took, or its number in the memo; "" if neither. */
	readonly text: string;
	/** What is wrong with it. It is to be shown all the same, before. */
	readonly error: PickleError | undefined;
	/** How many things it takes from the stack now. */
	readonly takes: number;
	/** What it then puts there. */
	readonly gives: readonly Kind[];
}

/** The stack and the memo as pickletools follows them: kinds of things, no things. */
export class StackMachine {
	readonly #stack = new Kinds();
	readonly #marks: number[] = [];
	readonly #memo: DisassemblyMemo;
	/** The highest protocol among the opcodes so far. */
	protocol = -1;

	constructor(memo: DisassemblyMemo) {
		this.#memo = memo;
	}

	/** How many marks are open. */
	get depth(): number {
		return this.#marks.length;
	}

	/** Looks at an instruction, whose `key` is its number in the memo if it has one. Marks it takes are gone then. */
	examine({ code, protocol }: op.Opcode, key: number | bigint | boolean): Remark {
		this.protocol = Math.max(this.protocol, protocol);
		const effect = effects[code] as Effect;
		if (effect.belowMark >= 0 || (code === op.POP && this.#stack.top === MARK)) return this.#takeMark(effect);
		const { takes, gives } = effect;
		switch (code) {
			case op.MEMOIZE: {
				const { size } = this.#memo;
				return { text: `(as ${size})`, error: this.#store(size), takes, gives };
			}
			case op.PUT:
			case op.BINPUT:
			case op.LONG_BINPUT:
				return { text: "", error: this.#store(key), takes, gives };
			case op.GET:
			case op.BINGET:
			case op.LONG_BINGET:
				return this.#recall(key);
			default:
				return { text: "", error: undefined, takes, gives };
		}
	}

	#recall(key: number | bigint | boolean): Remark {
		const kind = this.#memo.get(numberOf(key));
		if (kind !== 0) return { text: "", error: undefined, takes: 0, gives: [kind] };
		const error = new PickleError("E_MEMO", `memo key ${reprInt(key)} has never been stored into`);
		return { text: "", error, takes: 0, gives: [] };
	}

	#takeMark({ takes, belowMark, gives }: Effect): Remark {
		const mark = this.#marks.pop();
		if (mark === undefined) return { text: "", error: stackError("no MARK exists on stack"), takes, gives };
		const stack = this.#stack;
		while (stack.top !== MARK) {
			// An opcode has taken the mark as if it were a value. Python's own error, from within pickletools:
			if (stack.length === 0) throw stackError("list index out of range");
			stack.length--;
		}
		stack.length--;
		return { text: `(MARK at ${mark})`, error: undefined, takes: Math.max(0, belowMark), gives };
	}

	#store(key: number | bigint | boolean): PickleError | undefined {
		const { top, length } = this.#stack;
		if (length === 0) return stackError("stack is empty -- can't store into memo");
		if (top === MARK) return stackError("can't store markobject in the memo");
		this.#memo.set(numberOf(key), top);
		return undefined;
	}

	/** Does to the stack what the instruction at `offset` does. @throws PickleError E_STACK if it holds too little */
	apply({ takes, gives }: Remark, offset: number): void {
		const stack = this.#stack;
		if (stack.length < takes) {
			throw stackError(`tries to pop ${takes} items from stack with only ${stack.length} items`);
		}
		stack.length -= takes;
		for (const kind of gives) {
			if (kind === MARK) this.#pushMark(offset);
			stack.set(stack.length, kind);
		}
	}

	#pushMark(offset: number): void {
		if (this.#marks.length >= maxItems) throw limitError("maxItems", maxItems, "more marks");
		this.#marks.push(offset);
	}

	/** @throws PickleError E_STACK if something is left on the stack */
	end(): void {
		if (this.#stack.length > 0) throw stackError(`stack not empty after STOP: ${this.#stack}`);
	}
}

/** Python's True and 1 are one key. */
function numberOf(key: number | bigint | boolean): number | bigint {
	return typeof key === "boolean" ? Number(key) : key;
}

function stackError(text: string): PickleError {
	return new PickleError("E_STACK", text);
}
