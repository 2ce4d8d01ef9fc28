import * as op from "../../opcodes/table.ts";
import type { ArrayHead } from "../diagnosis/arrays.ts";
import type { FoundArray } from "../diagnosis/findings.ts";
import type { Interpreter } from "../diagnosis/interpreter.ts";
import type { Failure } from "../diagnosis/machine.ts";
import { type Abstract, GlobalName, Made } from "../diagnosis/values.ts";
import { interpret, Reader, type SizedSource } from "../diagnosis/window.ts";
import { arrayText, grouped, plural } from "../diagnosis/words.ts";
import { FrameFindings } from "./frames.ts";
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
	readonly loss: Loss;
}

/** The array whose data were to come where the machine stopped. */
export async function cutArray(
	source: SizedSource,
	machine: Interpreter,
	{ offset, payload, opcode = "" }: Failure,
): Promise<CutArray | undefined> {
	const { stack, marks, findings, fence } = machine;
	const head = machine.dueArray();
	const made = stack[fence - 1];
	if (head === undefined || marks.length === 0 || !(made instanceof Made) || !/(^|\.)_reconstruct$/.test(made.path))
		return undefined;
	const isEncoded = stack[stack.length - 1] instanceof GlobalName;
	const start = payload && !isEncoded ? payload.offset : offset;
	const survivors = survivorsOf(head, payload && !isEncoded ? source.size - start : 0);
	const axes = await axesAt(source, made.at, head.shape.length);
	if (survivors === undefined || axes === undefined) return undefined;
	const isStr = payload ? opcode.includes("STRING") : findings.strs > 0 && !isEncoded;
	const length = survivors.bytes + survivors.filling.length;
	const field = {
		offset,
		removed: start - offset,
		bytes: Uint8Array.from([...(isEncoded ? [op.POP] : []), ...payloadHead(length, isStr)]),
		why: `${plural(length, "byte")} are the array's data.`,
	};
	made.state = null;
	return {
		patches: [...shapeEdits(axes, survivors), field],
		end: { offset: start + survivors.bytes, bytes: [...survivors.filling, op.TUPLE, op.BUILD] },
		stack: stack.slice(0, fence),
		marks: marks.slice(0, -1),
		loss: lossOf(head, survivors, offset),
	};
}

function shapeEdits(axes: Parameters<typeof shapePatches>[0], { shape, kept, of }: Survivors): Step["edits"] {
	const why = `The array keeps ${grouped(kept)} of its ${plural(of, "element")}.`;
	return shapePatches(axes, shape).map((patch) => ({ ...patch, why }));
}

/** An opcode for so many bytes, and its length. */
function payloadHead(length: number, isStr: boolean): number[] {
	if (length < 256) return [isStr ? op.SHORT_BINSTRING : op.SHORT_BINBYTES, length];
	if (isStr && length < 2 ** 31) return [op.BINSTRING, ...littleEndian(length, 4)];
	return length < 2 ** 32 ? [op.BINBYTES, ...littleEndian(length, 4)] : [op.BINBYTES8, ...littleEndian(length, 8)];
}

function lossOf(head: ArrayHead, { shape, kept, of, filled }: Survivors, offset: number): Loss {
	const dtype = String(head.dtype);
	const was = arrayText({ shape: head.shape, dtype });
	const fill = filled > 0 ? ` ${plural(filled, "element")} at its end ${filled === 1 ? "is" : "are"} filled in.` : "";
	return {
		offset,
		what: `Of an array, ${was}, ${grouped(kept)} of ${plural(of, "element")} are there; it is now ${arrayText({ shape, dtype })}.${fill}`,
		array: { shape: [...head.shape], dtype, kept, of, newShape: shape, filled },
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
		losses.push(mended.loss);
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
