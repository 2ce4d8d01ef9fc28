import { limitError } from "../../../limits.ts";
import type { APPEND, MARK, POP, SETITEM } from "../../../opcodes/table.ts";

/** What an insertion does: the code of an instruction, or a few of them. */
export type Insertion =
	| typeof MARK
	| typeof APPEND
	| typeof SETITEM
	| typeof POP
	/** `functools.partial` and the arguments before a class: `copyreg.__newobj__`. */
	| "partial"
	/** Behind the class: the partial is made. */
	| "partial end"
	/** `copyreg.__newobj_ex__`. */
	| "newobj_ex";

/** What becomes of a MARK. */
export type MarkRole =
	/** It goes, as its items are added one by one. */
	| "dropped"
	/** `frozenset` of a list follows. */
	| "frozenset"
	/** A call of `set.update` with the set by this number of the memo and a list follows. */
	| { readonly update: number };

/** Entries of a plan. More would not fit a Map. */
const MAX_ENTRIES = 2 ** 24 - 64;

/** What has to be known of a pickle before it is written for a lower protocol, by the offsets of instructions. */
export class Plan {
	/** What comes before an instruction: what ends there, and then what begins there, the last first. */
	readonly ends: Map<number, Insertion[]> = new Map();
	readonly starts: Map<number, Insertion[]> = new Map();
	readonly marks: Map<number, MarkRole> = new Map();
	/** By where its operands begin, the offset of a STACK_GLOBAL or BINPERSID whose operands are literal. */
	readonly groups: Map<number, number> = new Map();
	/** Numbers in the memo of text that STACK_GLOBAL or a dtype takes. */
	readonly nameKeys: Set<number> = new Set();
	/** EMPTY_SETs whose items come in the call that makes them; others are called empty. */
	readonly listed: Set<number> = new Set();
	/** PUTs of those, which come when they are made, and where that is, with these numbers. */
	readonly dropped: Set<number> = new Set();
	readonly closes: Map<number, readonly number[]> = new Map();
	/** ADDITEMSs that end a call of `set.update`. */
	readonly updates: Set<number> = new Set();
	/** How many items POP_MARK takes. */
	readonly popped: Map<number, number> = new Map();
	/** Texts, and GETs of texts, that are to be strs. */
	readonly strs: Set<number> = new Set();
	/** The class of an OBJ, module and name with a line feed between. */
	readonly classes: Map<number, string> = new Map();
	#entries = 0;

	/** Before an instruction, behind what ends there already. */
	end(offset: number, insertion: Insertion): void {
		this.#add(this.ends, offset, insertion);
	}

	/** Before an instruction: what is found later lies around what was found before. */
	start(offset: number, ...insertions: Insertion[]): void {
		for (const insertion of insertions.reverse()) this.#add(this.starts, offset, insertion);
	}

	#add(all: Map<number, Insertion[]>, offset: number, insertion: Insertion): void {
		this.#count();
		const found = all.get(offset);
		if (found) found.push(insertion);
		else all.set(offset, [insertion]);
	}

	group(start: number, offset: number): void {
		this.#count();
		this.groups.set(start, offset);
	}

	words(texts: readonly number[], gets: readonly { readonly offset: number; readonly key: number }[]): void {
		for (const offset of texts) this.#str(offset);
		for (const { offset, key } of gets) {
			this.#str(offset);
			this.nameKeys.add(key);
		}
	}

	#str(offset: number): void {
		this.#count();
		this.strs.add(offset);
	}

	/** @throws PickleError E_LIMIT */
	#count(): void {
		if (++this.#entries > MAX_ENTRIES)
			throw limitError("maxEntries", MAX_ENTRIES, "a pickle with more instructions to rewrite");
	}
}
