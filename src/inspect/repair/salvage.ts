import type { Limits } from "../../limits.ts";
import type { Diagnosis, Fault } from "../diagnosis/diagnosis.ts";
import { walkWrapped } from "../diagnosis/faults/index.ts";
import { zerosAfter } from "../diagnosis/faults/zeros.ts";
import { inflatedPart, packing } from "../diagnosis/inflated.ts";
import type { Interpreter } from "../diagnosis/interpreter.ts";
import type { Failure } from "../diagnosis/machine.ts";
import { interpret, Reader, readAt, type SizedSource } from "../diagnosis/window.ts";
import { plural } from "../diagnosis/words.ts";
import { part } from "../diagnosis/zip.ts";
import { Closing } from "./closing.ts";
import { type CutArray, cutArray, lossOf, shapeEdits, shortArrays } from "./cut-array.ts";
import { cutCall } from "./cut-call.ts";
import { doubtfulLosses, foreignLosses } from "./doubtful.ts";
import { finished } from "./finishing.ts";
import { FrameFindings, frameEdit } from "./frames.ts";
import { openArrays } from "./object-arrays.ts";
import { type Patch, patched } from "./patched.ts";
import { NEAR } from "./plausible.ts";
import type { Loss } from "./result.ts";
import { resynchronized } from "./resume.ts";
import type { Step } from "./step.ts";

/** What makes a pickle of a damaged one with what is left; undefined if nothing is, or it is none. */
export async function salvageStep(source: SizedSource, found: Diagnosis, limits: Limits): Promise<Step | undefined> {
	const [fault] = found.faults;
	if (fault === undefined) return undefined;
	if (fault.code === "container") return unpackedPart(source, limits);
	if (found.format.kind !== "pickle") return undefined;
	if (fault.code === "frame") return shortFrame(source, fault);
	const { walked, lengths } = await walkWrapped(new Reader(source));
	const failing = walked.first.failure ? walked.first : walked.rest;
	if (failing?.failure && failing.failure.offset >= fault.offset - 1) {
		if (failing.failure.offset === failing.start)
			return failing.start > 0 ? cutAfter(source, failing.start) : undefined;
		const isZero = fault.offset < failing.failure.offset && (await zerosAfter(source, fault.offset)) > fault.offset;
		if (isZero) return zeroed(source, failing, fault, lengths);
		const early = await damagedBefore(source, failing, lengths);
		const offset = early?.failure?.offset ?? fault.offset;
		const resumed = await resynchronized(source, failing, { offset, behind: fault.offset });
		return resumed ?? closed(source, early === undefined ? source : part(source, 0, offset), early ?? failing, lengths);
	}
	const arrays = await shortArrays(source, walked.first);
	return arrays && step(source, arrays.patches, arrays.losses);
}

function step(source: SizedSource, patches: Step["edits"], losses: readonly Loss[]): Step {
	return { source: patched(source, patches), edits: patches, losses };
}

async function unpackedPart(source: SizedSource, limits: Limits): Promise<Step | undefined> {
	const packed = packing(source, await readAt(source, 0, 64));
	const inside = packed && (await inflatedPart(packed.source, packed.how, limits));
	if (inside === undefined || inside.size === 0) return undefined;
	const why = `It comes out of the ${packed?.format.name} as far as that can be unpacked: ${plural(inside.size, "byte")}.`;
	const change = { offset: 0, removed: source.size, inserted: inside.size, why };
	const what = "The packed data are cut or damaged; what follows their first part cannot be unpacked.";
	return { source: inside, edits: [], changes: [change], losses: [{ offset: source.size, what }] };
}

/** A frame of which bytes may be gone, though what is there reads as a pickle. */
async function shortFrame(source: SizedSource, fault: Fault): Promise<Step | undefined> {
	const findings = new FrameFindings();
	const { start } = await interpret(new Reader(source), 0, { findings });
	const { damagedAt } = findings;
	const machine = damagedAt === undefined ? undefined : await upTo(source, start, damagedAt, new Map());
	if (machine) return closed(source, part(source, 0, damagedAt as number), machine, new Map());
	const what = `${fault.title} Values that lost these bytes are others than they were; which, cannot be told.`;
	return step(source, [frameEdit(fault, source.size)], [{ offset: fault.offset, what }]);
}

/** The pickles that are whole, without what follows them. */
function cutAfter(source: SizedSource, end: number): Step {
	const what = `${plural(source.size - end, "byte")} behind the last whole pickle read as none.`;
	const edit = { offset: end, removed: source.size - end, bytes: new Uint8Array(0), why: what };
	return step(source, [edit], [{ offset: end, what }]);
}

/** The pickle up to the first of what no pickler writes, if there is such before it fails. */
async function damagedBefore(
	source: SizedSource,
	{ start, failure }: Interpreter,
	lengths: ReadonlyMap<number, number>,
): Promise<Interpreter | undefined> {
	const findings = new FrameFindings();
	const { kind, offset } = failure as Failure;
	await interpret(new Reader(part(source, 0, offset)), start, { findings, lengths });
	// Where a file ends early, both may be whole.
	const doubtful = kind === "end" ? [] : [findings.firstForeign(offset - NEAR), findings.freshName];
	const damagedAt = Math.min(...[findings.damagedAt, ...doubtful].map((at) => at ?? offset));
	return damagedAt === offset ? undefined : upTo(source, start, damagedAt, lengths);
}

/** The pickle up to damage that reads as opcodes. */
async function upTo(
	source: SizedSource,
	start: number,
	damagedAt: number,
	lengths: ReadonlyMap<number, number>,
): Promise<Interpreter | undefined> {
	const machine = await interpret(new Reader(part(source, 0, damagedAt)), start, { lengths });
	if (machine.failure === undefined) return undefined;
	machine.failure = { ...machine.failure, reason: `what stands at offset ${damagedAt} is damaged` };
	return machine;
}

/** A pickle that zeros go through: they are as if they were not there, even where a payload takes them in. */
async function zeroed(
	source: SizedSource,
	failing: Interpreter,
	fault: Fault,
	lengths: ReadonlyMap<number, number>,
): Promise<Step | undefined> {
	const there = part(source, 0, fault.offset);
	const cut = await interpret(new Reader(there), failing.start, { lengths });
	if (cut.failure === undefined) return undefined;
	const { offset } = cut.failure;
	const behind = (await zerosAfter(source, fault.offset)) - 1;
	const resumed = cut.dueArray() ? undefined : await resynchronized(source, failing, { offset, behind });
	cut.failure = { ...cut.failure, reason: `zeros stand from offset ${fault.offset} on` };
	return resumed ?? closed(source, there, cut, lengths);
}

/** The pickle up to where it fails, with all closed that is open there; `there` is what of the source is not lost. */
async function closed(
	source: SizedSource,
	there: SizedSource,
	failing: Interpreter,
	lengths: ReadonlyMap<number, number>,
): Promise<Step | undefined> {
	const failure = failing.failure as Failure;
	const cut = failure.offset;
	const findings = new FrameFindings();
	// Up to the failing instruction only, so that nothing of it has been done.
	const machine = await interpret(new Reader(part(source, 0, cut)), failing.start, { findings, lengths });
	if (machine.failure?.kind !== "end" || machine.failure.offset !== cut) return undefined;
	const array =
		(await cutArray(there, machine, failure)) ??
		(await cutCall(there, machine, failure)) ??
		(await finished(there, machine, cut));
	const { neededProtocol: protocol, stateful, modules } = findings;
	const known = { protocol, stateful, modules, hasStrs: findings.strs > 0 };
	// A pickle within the pickle, as joblib has them, comes first.
	const levels = [array ?? machine, ...[...machine.outer].reverse()];
	const codes: number[] = [];
	const closings: Closing[] = [];
	for (const [depth, level] of levels.entries()) {
		const closing = new Closing(level, known, await openArrays(source, level), depth > 0 || array?.loss !== undefined);
		const closed = closing.run();
		if (closed === undefined) return undefined;
		for (const code of closed) codes.push(code);
		closings.push(closing);
	}
	const lost = lossesOf(source.size, there.size, failure, closings, array);
	const isCut = failure.kind === "end" && there.size === source.size;
	lost.push(...(isCut ? foreignLosses(findings, cut) : doubtfulLosses(findings, cut)));
	const end = array?.end ?? { offset: cut, bytes: [] };
	const objects = closings.flatMap(({ arrays }) =>
		arrays.flatMap((found) => shapeEdits(found.array.axes, found.survivors)),
	);
	const patches = [...(array?.patches ?? []), ...objects, endOf(end, source.size, codes)];
	const frames = findings
		.patchesFor(patches, cut)
		.map((patch) => ({ ...patch, why: "The frame is as long as what is left of it." }));
	return step(source, [...frames, ...patches], lost);
}

function endOf(end: CutArray["end"], size: number, codes: readonly number[]): Patch & { readonly why: string } {
	return {
		offset: end.offset,
		removed: size - end.offset,
		bytes: Uint8Array.from([...end.bytes, ...codes]),
		why: "What is open is closed, and the pickle ends.",
	};
}

function sumOf(closings: readonly Closing[], of: "dropped" | "shortened"): number {
	return closings.reduce((sum, closing) => sum + closing[of], 0);
}

function lossesOf(
	size: number,
	there: number,
	{ offset, reason, payload }: Failure,
	closings: readonly Closing[],
	array: CutArray | undefined,
): Loss[] {
	const path = closings.map((closing) => closing.path).reduceRight((outer, inner) => outer + inner.slice(1));
	const [dropped, shortened] = [sumOf(closings, "dropped"), sumOf(closings, "shortened")];
	const uncertain = closings.some((closing) => closing.uncertain);
	const ends = there < size ? `${reason},` : "the input ends";
	const what = payload
		? `${ends} inside a payload of ${plural(payload.length, "byte")}, of which ${plural(there - payload.offset, "byte")} are there`
		: reason;
	const rest = size - offset;
	const losses: Loss[] = [
		{
			offset,
			path,
			what: `From offset ${offset} on the pickle cannot be read (${what}), at ${path}; ${plural(rest, "byte")} ${rest === 1 ? "is" : "are"} there.`,
		},
	];
	if (array?.loss) losses.push({ ...array.loss, path });
	for (const { arrays } of closings)
		for (const { array: found, survivors } of arrays) losses.push({ ...lossOf(found.head, survivors, offset), path });
	if (shortened > 0)
		losses.push({
			offset,
			path,
			values: shortened,
			what: `On the way to ${path}, ${plural(shortened, "tuple")} or object${shortened === 1 ? "" : "s"} ${shortened === 1 ? "has" : "have"} only what was there.`,
		});
	if (dropped > 0)
		losses.push({
			offset,
			path,
			values: dropped,
			what: `${plural(dropped, "value")} before it went with what they were to be part of.`,
		});
	if (uncertain)
		losses.push({
			offset,
			path,
			what: `The bytes do not tell for certain what the last values before ${path} were part of.`,
		});
	return losses;
}
