import { BINBYTES8 } from "../../../opcodes/table.ts";
import type { Fault } from "../diagnosis.ts";
import type { FoundArray } from "../findings.ts";
import { arrayText, grouped, plural, reportOf } from "../words.ts";

/** An array whose bytes do not fit its shape. */
export function arrayFault({ head, data, length = 0, end }: FoundArray): Fault {
	const { itemsize } = head.dtype;
	const needed = head.needed ?? 0;
	const items = itemsize > 0 ? Math.floor(length / itemsize) : 0;
	const report = reportOf(head);
	const short = length < needed;
	return {
		code: "array-bytes",
		offset: end,
		title: `An array's bytes do not fit its shape: ${grouped(needed)} are needed, ${grouped(length)} are there.`,
		evidence: `The array set at offset ${end} is ${arrayText(report)}, ${plural(itemsize, "byte")} an item${data ? `; its data begin at offset ${data.offset}` : ""}.`,
		data: "partly",
		advice: short
			? `${plural(items, "whole element")} of it, in storage order, are there. Get the original again, or write it anew.`
			: "More bytes are there than the shape asks for: the shape or the dtype is damaged. Get the original again.",
		array: { ...report, found: length, items, ...(data && { data: data.offset }) },
		...(short && { missing: { bytes: needed - length, reading: "an array's data" } }),
	};
}

/** An array whose bytes are a bytearray. Both have a length of 8 bytes, so that the opcode alone is another. */
export function formFault({ head, data, end }: FoundArray): Fault {
	const { at: offset = end, offset: start } = data ?? {};
	return {
		code: "array-form",
		offset,
		opcode: "BYTEARRAY8",
		title: "An array's data are a bytearray, where numpy takes bytes alone.",
		evidence: `The state set at offset ${end} is that of ${arrayText(reportOf(head))}; the opcode of its data, at offset ${offset}, is BYTEARRAY8.`,
		data: "whole",
		advice: "Say BINBYTES8 there, 8E in place of 96; nothing is lost.",
		array: { ...reportOf(head), ...(start !== undefined && { data: start }) },
		mend: { kind: "replace", offset, bytes: [BINBYTES8] },
	};
}
