import { parseIndexText } from "../../../bytes/numbers.ts";
import { limitError } from "../../../limits.ts";
import * as op from "../../../opcodes/table.ts";
import type { Span, Window } from "../../walk.ts";
import { Refused } from "./refused.ts";

/** Numbers with gaps before them that are remembered. */
const MAX_SPARSE = 2 ** 22;

/** How many numbers the memo holds: MEMOIZE takes that for the next. */
export class MemoCount {
	/** All below it are taken. */
	#dense = 0;
	#sparse = new Set<number>();

	get size(): number {
		return this.#dense + this.#sparse.size;
	}

	add(key: number): void {
		if (key === this.#dense) this.#dense++;
		else if (key > this.#dense) this.#addSparse(key);
		while (this.#sparse.size > 0 && this.#sparse.delete(this.#dense)) this.#dense++;
	}

	#addSparse(key: number): void {
		if (this.#sparse.size >= MAX_SPARSE) throw limitError("maxEntries", MAX_SPARSE, "a memo with gaps");
		this.#sparse.add(key);
	}
}

export function isPut(code: number): boolean {
	return code === op.MEMOIZE || code === op.BINPUT || code === op.LONG_BINPUT || code === op.PUT;
}

export function isGet(code: number): boolean {
	return code === op.BINGET || code === op.LONG_BINGET || code === op.GET;
}

/** The number in the memo that a GET or PUT names. @throws Refused for what is no number */
export function keyOf({ bytes, view, base }: Window, { opcode, offset, start, stop }: Span): number {
	const at = start - base;
	if (opcode.argument === "uint1") return bytes[at] as number;
	if (opcode.argument === "uint4") return view.getUint32(at, true);
	const key = parseIndexText(bytes, at, stop - base);
	if (key >= 0) return key;
	throw new Refused("a memo index that is no number, which only Python 2 reads", offset);
}
