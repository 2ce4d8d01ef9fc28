import type { Fault } from "../diagnosis.ts";
import type { Interpreter } from "../interpreter.ts";
import { measure } from "../measure.ts";
import { isOdd, isProto, type Walk, walk } from "../walk.ts";
import { type Reader, readAt } from "../window.ts";
import { plural } from "../words.ts";
import { arrayFault, formFault } from "./arrays.ts";
import type { Evidence } from "./evidence.ts";
import { leadingFault } from "./leading.ts";
import { addedFault, newlinesFault } from "./newlines.ts";
import { opcodeFault } from "./opcodes.ts";
import { overflowFault, wrappedLengths, wrappedText } from "./overflow.ts";
import { resumesAt } from "./resume.ts";
import { lossyTextFault, strayReturns, textFault } from "./text.ts";
import { paddingFault } from "./trailing.ts";
import { truncationFault } from "./truncation.ts";
import { withZeros } from "./zeros.ts";

/** Files up to here are looked at whole to tell what happened to them, of larger ones only the head. */
const MAX_WHOLE = 1 << 24;
const HEAD = 1 << 20;

/** Walks over the pickles of a file; payloads whose length wrapped get their true one. */
export async function walkWrapped(
	reader: Reader,
	start = 0,
): Promise<{ walked: Walk; lengths: ReadonlyMap<number, number> }> {
	const walked = await walk(reader, start);
	const failing = walked.rest ?? walked.last;
	const lengths = new Map(await wrappedLengths(failing, reader));
	if (lengths.size === 0 && reader.source.size > 2 ** 32) {
		for (const [at, length] of await wrappedText(failing, reader)) lengths.set(at, length);
	}
	const again = lengths.size > 0 ? await walk(reader, start, { lengths }) : walked;
	const isBetter = again.end > walked.end;
	const best = isBetter ? again : walked;
	await measure(reader.source, best.findings);
	return { walked: best, lengths: isBetter ? lengths : new Map() };
}

/** The damage of pickles that begin at the file's start, the cause first. */
export async function findFaults(reader: Reader, walked: Walk, lengths: ReadonlyMap<number, number>): Promise<Fault[]> {
	const { source } = reader;
	const failing = failingOf(walked, await readAt(source, walked.end, 2));
	const failure = failing?.failure;
	const anomalyAt = anomalyOf(walked);
	const overflows = overflowFaults(walked, lengths, failing);
	const faults: Fault[] = [];
	const frame = frameFault(walked.last, source.size);
	if (failure !== undefined || anomalyAt !== undefined || frame !== undefined) {
		const isHead = source.size > MAX_WHOLE;
		const evidence: Evidence = {
			reader,
			size: source.size,
			bytes: await readAt(source, 0, isHead ? HEAD : source.size),
			isHead,
			lastByte: (await readAt(source, source.size - 1, 1))[0],
			walk: walked,
			failure,
			anomalyAt,
			instructions: (failing ?? walked.first).findings.instructions,
		};
		const fault = causeOf(evidence, failing, overflows);
		if (fault) faults.push(await withResumption(await withZeros(fault, source), reader));
	}
	for (const fault of overflows) if (!faults.some(({ code }) => isOfAllBytes(code))) faults.push(fault);
	if (faults.some(({ code }) => isOfAllBytes(code))) return faults;
	for (const problem of walked.findings.problems) faults.push(arrayFault(problem));
	for (const found of walked.findings.misformed) faults.push(formFault(found));
	if (frame) faults.push(frame);
	if (walked.pickles > 0 && failing === undefined && walked.end < source.size && walked.rest) {
		const padding = await paddingFault(reader, walked.end);
		if (padding) faults.push(padding);
	}
	return [...new Map(faults.map((fault) => [`${fault.code} ${fault.offset}`, fault])).values()];
}

/** Damage in the middle, with where it ends. */
async function withResumption(fault: Fault, reader: Reader): Promise<Fault> {
	if (fault.code !== "unknown-opcode" && fault.code !== "malformed") return fault;
	const resumes = await resumesAt(reader, fault.offset);
	if (resumes === undefined) return fault;
	return {
		...fault,
		resumes,
		evidence: `${fault.evidence} From offset ${resumes} on the rest reads as opcodes again.`,
	};
}

/** Faults that account for whatever else is wrong. */
function isOfAllBytes(code: Fault["code"]): boolean {
	return ["crlf", "utf8", "bom", "replaced", "seven-bit", "leading", "newlines-lost", "lf-to-cr"].includes(code);
}

function causeOf(evidence: Evidence, failing: Interpreter | undefined, overflows: readonly Fault[]): Fault | undefined {
	const failedAt = evidence.failure?.offset;
	return (
		textFault(evidence) ??
		addedFault(evidence) ??
		strayReturns(evidence) ??
		lossyTextFault(evidence) ??
		(startsAsPickle(evidence) ? undefined : leadingFault(evidence)) ??
		newlinesFault(evidence) ??
		overflows.find(({ offset, code, missing }) => offset === failedAt || (code === "overflow-wrapped" && missing)) ??
		(failing && truncationFault(failing, evidence.lastByte)) ??
		opcodeFault(evidence)
	);
}

/** A file that begins with PROTO and goes on has nothing in front. */
function startsAsPickle({ bytes, instructions }: Evidence): boolean {
	return isProto(bytes, 0) && instructions > 2;
}

/** The pickle that cannot be read to its end: the first, or a later one that is surely meant as one. */
function failingOf({ first, rest, pickles }: Walk, head: Uint8Array): Interpreter | undefined {
	if (first.failure !== undefined) return first;
	if (rest?.failure === undefined) return undefined;
	const isPlain = rest.failure.kind === "end" && pickles > 1 && !isOdd(rest) && rest.findings.instructions > 0;
	return isProto(head, 0) || isPlain ? rest : undefined;
}

function anomalyOf({ findings }: Walk): number | undefined {
	const found = [...findings.anomalies].filter(([kind]) => kind !== "frame" || findings.joblibArrays === 0);
	const offsets = [...found.map(([, { offset }]) => offset), ...findings.problems.map(({ end }) => end)];
	return offsets.length === 0 ? undefined : Math.min(...offsets);
}

function overflowFaults(
	{ findings, last, rest }: Walk,
	lengths: ReadonlyMap<number, number>,
	failing: Interpreter | undefined,
): Fault[] {
	const machine = failing ?? rest ?? last;
	const found = findings.overflows.map((overflow) => overflowFault(overflow, machine, lengths.has(overflow.at)));
	for (const [at, length] of lengths) {
		if (findings.overflows.some((overflow) => overflow.at === at)) continue;
		const payload = findings.payloads.find(({ offset }) => offset === at);
		if (payload === undefined) continue;
		const { opcode, start } = payload;
		const overflow = {
			form: "wrapped",
			at,
			opcode,
			payload: start,
			declared: length % 2 ** 32,
			length,
			head: undefined,
		} as const;
		found.push(overflowFault(overflow, machine, true));
	}
	return found;
}

/** A frame that goes on after the file's end, though the pickle does not: Python refuses it. */
function frameFault({ findings, failure }: Interpreter, size: number): Fault | undefined {
	const { frameEnd, frameAt } = findings;
	if (failure !== undefined || frameEnd === undefined || frameEnd <= size) return undefined;
	return {
		code: "frame",
		offset: frameAt,
		opcode: "FRAME",
		title: `The frame at offset ${frameAt} says that it ends ${plural(frameEnd - size, "byte")} after the file.`,
		evidence: "The pickle in it comes to STOP within the file.",
		data: "unknown",
		advice:
			"Python refuses it: pickle exhausted before end of frame. The frame's length, or bytes within it, are damaged.",
	};
}
