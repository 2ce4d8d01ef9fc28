import { bytesSource } from "../../bytes/source.ts";
import type { Limits } from "../../limits.ts";
import { STOP } from "../../opcodes/table.ts";
import type { Diagnosis, Fault, Mend } from "../diagnosis/diagnosis.ts";
import { innermostPickle } from "../diagnosis/faults/double.ts";
import { transformText } from "../diagnosis/faults/text.ts";
import { decodeTransport } from "../diagnosis/transport.ts";
import { readAt, type SizedSource, sized } from "../diagnosis/window.ts";
import { plural } from "../diagnosis/words.ts";
import { part } from "../diagnosis/zip.ts";
import { leadingChoices } from "./choices.ts";
import { lengthEdits } from "./lengths.ts";
import { changed, type Step, stepOf } from "./step.ts";
import { transformed } from "./transforms.ts";
import { type Unpacking, unpackingStep } from "./unpacking.ts";

/**
 * What undoes the first damage of a file without loss; undefined if nothing does.
 */
export async function mendingStep(
	source: SizedSource,
	found: Diagnosis,
	limits: Limits,
	unpacking: Unpacking,
): Promise<Step | undefined> {
	const [first] = found.faults;
	if (first?.mend && first.data !== "unknown") {
		const whole = await wholeStep(source, first, first.mend);
		if (whole) return whole;
	}
	if ((first === undefined || unpacking.member !== undefined) && found.format.kind === "container")
		return unpackingStep(source, limits, unpacking);
	const patches = found.faults.flatMap(patchOf);
	const trailing = await trailingEdits(source, found);
	return stepOf(source, [...patches, ...(await lengthEdits(source, found)), ...trailing]);
}

/** A mend that concerns all bytes. */
async function wholeStep(source: SizedSource, fault: Fault, mend: Mend): Promise<Step | undefined> {
	switch (mend.kind) {
		case "transform": {
			const before = await transformed(source, mend.steps);
			return before && changed(source, before, transformText(mend.steps));
		}
		case "decode": {
			const decoded = decodeTransport(await readAt(source, 0, source.size));
			if (decoded === undefined) return undefined;
			const plus = decoded.plus ? `, ${plural(decoded.plus, "space")} of it as the + that stood there` : "";
			return changed(source, await sized(bytesSource(decoded.bytes)), `The text is decoded: ${mend.encoding}${plus}.`);
		}
		case "extract":
			return changed(
				source,
				part(source, mend.payload, mend.length),
				"The bytes that are a pickle come out of the one around them.",
			);
		case "unpickle": {
			const inner = await innermostPickle(source);
			const why = "The pickle that the value is, byte for character, comes out of the one around it.";
			return inner && changed(source, await sized(bytesSource(inner)), why);
		}
		case "remove": {
			if (mend.offset > 0 || fault.code === "padding") return undefined;
			if ((await leadingChoices(source, fault)).length > 1) return undefined;
			const edit = { offset: 0, removed: mend.length, bytes: new Uint8Array(0), why: fault.title };
			return stepOf(source, [edit]);
		}
		default:
			return undefined;
	}
}

/** A patch that mends a fault by itself. */
function patchOf({ mend, data, title }: Fault): Step["edits"] {
	if (mend?.kind === "remove" && mend.offset > 0)
		return [{ offset: mend.offset, removed: mend.length, bytes: new Uint8Array(0), why: title }];
	if (mend?.kind === "replace")
		return [{ offset: mend.offset, removed: mend.bytes.length, bytes: Uint8Array.from(mend.bytes), why: title }];
	if (mend?.kind === "insert" && data === "whole")
		return [{ offset: mend.offset, removed: 0, bytes: Uint8Array.from(mend.bytes), why: title }];
	return [];
}

/**
 * What surely is no data and follows the one pickle: line ends, text, a web page. Text that ends with STOP may be the rest of a
 * pickle in which a byte became STOP, or came there.
 */
async function trailingEdits(source: SizedSource, { conditions, statistics }: Diagnosis): Promise<Step["edits"]> {
	const found = conditions.find(({ code }) => code === "trailing");
	if (found?.mend?.kind !== "remove" || statistics?.pickles !== 1 || !isJunk(found.title)) return [];
	const { offset, length } = found.mend;
	if ((await readAt(source, source.size - 1, 1))[0] === STOP) return [];
	return [{ offset, removed: length, bytes: new Uint8Array(0), why: found.title }];
}

function isJunk(title: string): boolean {
	return /: (line ends and spaces|plain text|HTML or XML|zero bytes|(1A|FF) throughout)\.$/.test(title);
}
