import { EMPTY_DICT, EMPTY_LIST, EMPTY_TUPLE, GLOBAL, MARK, PROTO, STOP } from "../../../opcodes/table.ts";
import type { Interpreter } from "../interpreter.ts";
import { isApplications } from "../names.ts";
import { readsUpTo } from "./resume.ts";

/** Bytes before a start of which few are: they may be some that stood elsewhere in the pickle. */
const FEW = 8;
/** How much of the end of one instruction bytes may begin with that are followed by others. */
const REMAINDER = 4;

/**
 * Whether bytes before a place are surely none of the pickle that begins there: that has its own beginning, and they look like
 * no part of one.
 */
export function isForeign(bytes: Uint8Array, start: number, machine: Interpreter): boolean {
	const head = bytes.subarray(0, start);
	// Another pickle before it may be damaged.
	if (head[start - 1] === STOP || isTextPart(head) || readsAsInstructions(head)) return false;
	return hasBeginning(bytes, start, machine);
}

/** Whether text ends there that is no line of its own, but may be that of a payload or name. */
function isTextPart(head: Uint8Array): boolean {
	const isBlank = (byte: number | undefined) => byte === 0x0a || byte === 0x0d || byte === 0x09;
	return !isBlank(head.at(-1)) && head.subarray(-FEW).every((byte) => (byte >= 0x20 && byte < 0x7f) || isBlank(byte));
}

/** Whether instructions, behind what may be the rest of one, end where the bytes do. */
function readsAsInstructions(head: Uint8Array): boolean {
	const places = head.length <= FEW ? head.length : REMAINDER;
	for (let at = 0; at < places; at++) if (readsUpTo(head, at)) return true;
	return false;
}

/** What protocols 0 and 1 begin with that is more than one value. */
const openings: readonly number[] = [MARK, EMPTY_LIST, EMPTY_DICT, EMPTY_TUPLE];

/** A frame that fits shows that nothing of its pickle is gone, memo numbers that start from none and have no gap nearly so. */
function hasBeginning(bytes: Uint8Array, start: number, { findings }: Interpreter): boolean {
	const { frames, puts, firstPut = Number.POSITIVE_INFINITY, consecutive } = findings;
	const isNumbered = puts > 0 && firstPut <= 1 && consecutive;
	const code = bytes[start] as number;
	if (code === PROTO) return frames > 0 || isNumbered;
	const [first] = findings.globals.values();
	const isKnown = first !== undefined && (!isApplications(first.global.path) || first.global.module === "__main__");
	return isNumbered && (openings.includes(code) || (code === GLOBAL && isKnown));
}
