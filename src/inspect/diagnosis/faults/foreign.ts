import {
	BINPUT,
	DICT,
	EMPTY_DICT,
	EMPTY_LIST,
	EMPTY_TUPLE,
	GLOBAL,
	LIST,
	MARK,
	PROTO,
	PUT,
	STOP,
} from "../../../opcodes/table.ts";
import type { Findings } from "../findings.ts";
import type { Interpreter } from "../interpreter.ts";
import { isApplications } from "../names.ts";
import { readsUpTo } from "./resume.ts";

/** So many bytes and fewer may have stood elsewhere in the pickle, or be what is left of some that did. */
const FEW = 8;
/** How much of the end of one instruction bytes may begin with that are followed by others. */
const REMAINDER = 4;

/**
 * Whether bytes before a place are surely none of the pickle that begins there: that has its own beginning, and they look like
 * no part of one.
 */
export function isForeign(bytes: Uint8Array, start: number, { findings }: Interpreter): boolean {
	const head = bytes.subarray(0, start);
	const isProto = bytes[start] === PROTO;
	// Another pickle before it may be damaged.
	if (head[start - 1] === STOP) return false;
	// Of a frame that fits no byte is gone, and one byte is none that could be.
	if (isProto && (findings.frames > 0 || start === 1)) return true;
	if (isTextPart(head)) return false;
	const hasBeginning = findings.consecutive && opensMemo(bytes, isProto ? start + 2 : start);
	if (readsAsInstructions(head, isProto)) return hasBeginning && start <= FEW && !isMoved(head, findings);
	const { puts, firstPut = 0, consecutive } = findings;
	const isUnbroken = firstPut <= 1 && consecutive && (puts > 0 || start > FEW);
	return isUnbroken && (isProto || opensValue(bytes[start] as number, findings));
}

/** Whether text ends there that is no line of its own, but may be that of a payload or name. */
function isTextPart(head: Uint8Array): boolean {
	const end = head.subarray(-FEW);
	const isLine = isLineEnd(head.at(-1) as number) && head.length > FEW;
	return !isLine && end.every((byte) => (byte >= 0x20 && byte < 0x7f) || isLineEnd(byte));
}

function isLineEnd(byte: number): boolean {
	return byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Whether instructions, behind what may be the rest of one, end where the bytes do; of few bytes before no PROTO also beyond. */
function readsAsInstructions(head: Uint8Array, isProto: boolean): boolean {
	const isFew = head.length <= FEW;
	const places = isFew ? head.length : REMAINDER;
	for (let at = 0; at < places; at++) if (readsUpTo(head, at, isFew && !isProto)) return true;
	return false;
}

/** Whether a list or dict begins there that gets the memo's first number; Python 2 counts from 1. */
function opensMemo(bytes: Uint8Array, at: number): boolean {
	const [first, second, third, fourth, fifth] = bytes.subarray(at, at + 5);
	if (first === EMPTY_LIST || first === EMPTY_DICT) return second === BINPUT && (third === 0 || third === 1);
	const isText = first === MARK && (second === LIST || second === DICT) && third === PUT;
	return isText && (fourth === 0x30 || fourth === 0x31) && fifth === 0x0a;
}

/** Whether few bytes may have stood in the pickle behind them, which needs none of what they would give: instructions, or the rest of one and others like those there, of which the last may be cut. */
function isMoved(head: Uint8Array, { histogram }: Findings): boolean {
	if (readsUpTo(head, 0, false)) return true;
	for (let at = 0; at < head.length; at++) if (readsUpTo(head, at, true, (code) => histogram[code] !== 0)) return true;
	return false;
}

/** What protocols 0 and 1 begin with that is more than one value. */
const openings: readonly number[] = [MARK, EMPTY_LIST, EMPTY_DICT, EMPTY_TUPLE];

/** Whether an opcode begins a container, or what a known class or function makes: within text others are found by chance. */
function opensValue(code: number, { globals }: Findings): boolean {
	const [first] = globals.values();
	const isKnown = first !== undefined && (!isApplications(first.global.path) || first.global.module === "__main__");
	return openings.includes(code) || (code === GLOBAL && isKnown);
}
