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
