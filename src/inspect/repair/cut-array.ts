import * as op from "../../opcodes/table.ts";
import type { ArrayHead } from "../diagnosis/arrays.ts";
import type { FoundArray } from "../diagnosis/findings.ts";
import type { Interpreter } from "../diagnosis/interpreter.ts";
import type { Failure } from "../diagnosis/machine.ts";
import { type Abstract, GlobalName, Made } from "../diagnosis/values.ts";
import { interpret, Reader, type SizedSource } from "../diagnosis/window.ts";
import { arrayText, grouped, plural } from "../diagnosis/words.ts";
import { type CutData, cutDataOf, inForm, latin1, payloadHead } from "./cut-data.ts";
import { FrameFindings } from "./frames.ts";
import { isMasked, MASKED_HEAD, maskCodes, maskedClose, maskedHead, maskLoss, WITH_DATA } from "./masked.ts";
import type { Loss } from "./result.ts";
import { axesAt, littleEndian, shapePatches } from "./shape.ts";
import type { Step } from "./step.ts";
import { type Survivors, survivorsOf } from "./survivors.ts";

/** An array whose data the input's end cuts, made whole with the elements that are there. */
export interface CutArray {
	readonly patches: Step["edits"];
	/** From where on the rest goes, and what comes first in its place. */
	readonly end: { readonly offset: number; readonly bytes: readonly number[] };
	/** The machine's state once the array is built. */
	readonly stack: readonly Abstract[];
	readonly marks: readonly number[];
	/** What is lost of it; undefined if nothing is. */
	readonly loss?: Loss;
}

/** The array whose data were to come where the machine stopped. */
export async function cutArray(
	source: SizedSource,
	machine: Interpreter,
	failure: Failure,
): Promise<CutArray | undefined> {
	const due = dueState(machine);
	if (due === undefined) return undefined;
	if (due.head.dtype.hasObject) return undefined;
	if (due.of === "mask") return cutMask(source, machine, failure, due);
	const { head, made, fence, callee } = due;
	const data = await cutDataOf(source, failure, head.dtype.itemsize, head.needed === undefined ? 0 : elementsOf(head));
	const survivors = survivorsOf(head, (data?.kept ?? 0) * head.dtype.itemsize);
	const axes = await axesAt(source, made.at, head.shape.length);
	if (survivors === undefined || axes === undefined) return undefined;
	const isStr = machine.findings.strs > 0;
	const mask = due.of === "masked" ? maskCodes(survivors.kept + survivors.filled, survivors.filled, isStr) : [];
	if (mask === undefined) return undefined;
	const close = due.of === "masked" ? [...mask, ...maskedClose] : [op.TUPLE, op.BUILD];
	const { patch, end } = dataEdits(failure.offset, due, survivors, data, isStr, close);
	made.state = null;
	return {
		patches: [...shapeEdits(axes, survivors), ...patch],
		end,
		stack: machine.stack.slice(0, fence),
		marks: machine.marks.slice(0, callee?.hasMark ? -2 : -1),
		loss: lossOf(head, survivors, failure.offset, due.of === "masked"),
	};
}

/** A masked array whose data are all there, and whose mask the input's end cuts. */
async function cutMask(
	source: SizedSource,
	machine: Interpreter,
	failure: Failure,
	due: DueState,
): Promise<CutArray | undefined> {
	const { head, made, fence, callee } = due;
	const elements = elementsOf(head);
	const isStr = machine.findings.strs > 0;
	if (maskCodes(elements, 0, isStr) === undefined) return undefined;
	const data = await cutDataOf(source, failure, 1, elements);
	const kept = data?.kept ?? 0;
	const bytes = { bytes: kept, filling: new Uint8Array(elements - kept) };
	const { patch, end } = dataEdits(failure.offset, due, bytes, data, isStr, maskedClose);
	made.state = null;
	return {
		patches: patch,
		end,
		stack: machine.stack.slice(0, fence),
		marks: machine.marks.slice(0, callee?.hasMark ? -2 : -1),
		loss: maskLoss(head, kept, elements, failure.offset),
	};
}

function elementsOf({ shape }: ArrayHead): number {
	return shape.reduce((all, length) => all * length, 1);
}

interface DueState {
	/** Whether the data of an array come next, those of a masked one, or the mask. */
	readonly of: "array" | "masked" | "mask";
	readonly head: ArrayHead;
	readonly made: Made;
	/** Where the state's values begin. */
	readonly fence: number;
	/** `_codecs.encode`, if it is to make bytes of text, and whether a mark for its arguments lies behind it. */
	readonly callee: { readonly hasMark: boolean } | undefined;
}

/** The state of an array of which the data come next. */
function dueState(machine: Interpreter): DueState | undefined {
	const { stack, marks } = machine;
	const isEncoded = stack[stack.length - 1] instanceof GlobalName;
	const hasMark = isEncoded && marks[marks.length - 1] === stack.length;
	const fence = marks[marks.length - (hasMark ? 2 : 1)];
	const made = fence === undefined ? undefined : stack[fence - 1];
	if (fence === undefined || !(made instanceof Made) || made.state !== undefined) return undefined;
	const parts = isEncoded ? stack.slice(fence, -1) : stack.slice(fence);
	const of = /(^|\.)_reconstruct$/.test(made.path) ? "array" : isMasked(made) ? maskedPart(parts) : undefined;
	const head = of === "array" ? machine.dueArray() : maskedHead(parts);
	return of && head && { of, head, made, fence, callee: isEncoded ? { hasMark } : undefined };
}

function maskedPart({ length }: readonly Abstract[]): "masked" | "mask" | undefined {
	return length === MASKED_HEAD ? "masked" : length === WITH_DATA ? "mask" : undefined;
}

/** What makes the data whole: a length of their own before them, and what follows them. */
function dataEdits(
	offset: number,
	{ callee }: DueState,
	{ bytes: kept, filling }: Pick<Survivors, "bytes" | "filling">,
	data: CutData | undefined,
	isStr: boolean,
	close: readonly number[],
): { readonly patch: Step["edits"]; readonly end: CutArray["end"] } {
	const why = `${plural(kept + filling.length, "byte")} are the array's data.`;
	if (data === undefined || (callee && data.form === "bytes")) {
		const undo = callee ? (callee.hasMark ? [op.POP_MARK, op.POP] : [op.POP]) : [];
		const bytes = [...undo, ...payloadHead(filling.length, isStr && !callee), ...filling, ...close];
		return { patch: [], end: { offset, bytes } };
	}
	const { form, start, end, quote = 0 } = data;
	const fill = inForm(form, filling);
	const encoded = callee?.hasMark ? [op.TUPLE, op.REDUCE] : [op.TUPLE2, op.REDUCE];
	if (form === "text") {
		const bytes = Uint8Array.from([op.BINUNICODE, ...littleEndian(end - start + fill.length, 4)]);
		const name = [op.BINUNICODE, ...littleEndian(6, 4), ...latin1("latin1")];
		return {
			patch: [{ offset, removed: start - offset, bytes, why }],
			end: { offset: end, bytes: [...fill, ...name, ...encoded, ...close] },
		};
	}
	if (form === "line")
		return { patch: [], end: { offset: end, bytes: [...fill, ...latin1("\nVlatin1\n"), ...encoded, ...close] } };
	if (form === "quoted") {
		return { patch: [], end: { offset: end, bytes: [...fill, quote, 10, ...close] } };
	}
	const bytes = Uint8Array.from(payloadHead(kept + filling.length, form === "str"));
	return {
		patch: [{ offset, removed: start - offset, bytes, why }],
		end: { offset: end, bytes: [...fill, ...close] },
	};
}

export function shapeEdits(axes: Parameters<typeof shapePatches>[0], { shape, kept, of }: Survivors): Step["edits"] {
	const why = `The array keeps ${grouped(kept)} of its ${plural(of, "element")}.`;
	return shapePatches(axes, shape).map((patch) => ({ ...patch, why }));
}

export function lossOf(
	head: ArrayHead,
	{ shape, kept, of, filled, filledWith }: Survivors,
	offset: number,
	isMasked = false,
): Loss {
	const dtype = String(head.dtype);
	const was = arrayText({ shape: head.shape, dtype });
	const fill =
		filled > 0
			? ` ${plural(filled, "element")} at its end ${filled === 1 ? "is" : "are"} not its own but filled in with ${filledWith}.`
			: "";
	return {
		offset,
		what: `Of an array, ${was}, ${grouped(kept)} of ${plural(of, "element")} are there; it is now ${arrayText({ shape, dtype })}.${fill}${isMasked ? " Its mask, which was to follow, is not there: elements that it hid are seen now." : ""}`,
		array: { shape: [...head.shape], dtype, kept, of, newShape: shape, filled, ...(filled > 0 && { filledWith }) },
	};
}

/** Arrays whose data are there but too short for their shape. */
export async function shortArrays(
	source: SizedSource,
	first: Interpreter,
): Promise<{ readonly patches: Step["edits"]; readonly losses: readonly Loss[] } | undefined> {
	const findings = new FrameFindings();
	const machine = await interpret(new Reader(source), first.start, { findings });
	if (machine.failure) return undefined;
	const patches: Step["edits"][number][] = [];
	const losses: Loss[] = [];
	for (const found of findings.arrays) {
		const mended = isShort(found) ? await shortArray(source, found) : undefined;
		if (mended === undefined) continue;
		patches.push(...mended.patches);
		if (mended.loss) losses.push(mended.loss);
	}
	if (losses.length === 0) return undefined;
	const frames = findings
		.patchesFor(patches)
		.map((patch) => ({ ...patch, why: "The frame is as long as what is in it." }));
	return { patches: [...patches, ...frames], losses };
}

function isShort({ head: { needed }, length }: FoundArray): boolean {
	return needed !== undefined && length !== undefined && length < needed;
}

async function shortArray(
	source: SizedSource,
	{ head, at, data, length = 0 }: FoundArray,
): Promise<Pick<CutArray, "patches" | "loss"> | undefined> {
	const survivors = survivorsOf(head, length);
	const axes = await axesAt(source, at, head.shape.length);
	if (survivors === undefined || axes === undefined) return undefined;
	const patches = [...shapeEdits(axes, survivors)];
	const size = survivors.bytes + survivors.filling.length;
	if (size !== length) {
		const isPlain = data !== undefined && data.form !== "text" && data.opcode !== op.STRING && data.length === length;
		if (!isPlain) return undefined;
		const why = `${plural(size, "byte")} are the array's data.`;
		const head = Uint8Array.from(payloadHead(size, data.form === "str"));
		patches.push({ offset: data.at, removed: data.offset - data.at, bytes: head, why });
		const end = data.offset + survivors.bytes;
		patches.push({ offset: end, removed: length - survivors.bytes, bytes: survivors.filling, why });
	}
	return { patches, loss: lossOf(head, survivors, data?.at ?? at) };
}
