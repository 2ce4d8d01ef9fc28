import * as op from "../../opcodes/table.ts";
import { type ArrayHead, arrayHead } from "../diagnosis/arrays.ts";
import type { Abstract, Made } from "../diagnosis/values.ts";
import { arrayText, grouped, plural } from "../diagnosis/words.ts";
import { payloadHead } from "./cut-data.ts";
import type { Loss } from "./result.ts";

/*
 * Masked arrays of numpy.ma: `(1, shape, dtype, is_fortran, data, mask, fill_value)` is their state, the mask a byte an element.
 */

/** Parts of the state before the data, and with them; with the mask; and all. */
export const MASKED_HEAD = 4;
export const WITH_DATA = 5;
export const WITH_MASK = 6;
export const WITH_FILL = 7;

/** Masks up to here are written anew, as they are held in memory. */
const MAX_MASK = 1 << 22;

export function isMasked({ path }: Made): boolean {
	return /(^|\.)_mareconstruct$/.test(path);
}

/** What a masked array's state says before its data; undefined for records and objects, whose masks are not a byte an element. */
export function maskedHead(parts: readonly Abstract[]): ArrayHead | undefined {
	const head = arrayHead(parts.slice(0, MASKED_HEAD));
	return head === undefined || head.dtype.hasObject || head.dtype.kind === "V" ? undefined : head;
}

/** What follows the data where no mask does: none is masked but the last elements; undefined if that is too long. */
export function maskCodes(elements: number, masked: number, isStr: boolean): number[] | undefined {
	if (elements > MAX_MASK) return undefined;
	const codes = payloadHead(elements, isStr);
	for (let i = 0; i < elements; i++) codes.push(i < elements - masked ? 0 : 1);
	return codes;
}

/** The default fill value, and the end of the state. */
export const maskedClose: readonly number[] = [op.NONE, op.TUPLE, op.BUILD];

/** What is told of a mask that is not all there. */
export function maskLoss({ shape, dtype }: ArrayHead, kept: number, elements: number, offset: number): Loss {
	const array = arrayText({ shape, dtype: String(dtype) });
	const there = kept === 0 ? "is not there" : `is there for ${grouped(kept)} of ${plural(elements, "element")}`;
	const rest = kept === 0 ? "elements that it hid" : "others that it hid";
	return { offset, what: `The mask of a masked array, ${array}, ${there}: ${rest} are seen now.` };
}
