import * as op from "../../opcodes/table.ts";
import type { ArrayHead } from "../diagnosis/arrays.ts";
import { dtypeOf, shapeOf } from "../diagnosis/arrays.ts";
import type { Interpreter } from "../diagnosis/interpreter.ts";
import type { Failure } from "../diagnosis/machine.ts";
import { type Abstract, GlobalName, intOf, Made, Mapping, Opaque, textOf } from "../diagnosis/values.ts";
import { readAt, type SizedSource } from "../diagnosis/window.ts";
import { plural } from "../diagnosis/words.ts";
import { type CutArray, lossOf, shapeEdits } from "./cut-array.ts";
import { payloadHead } from "./cut-data.ts";
import { axesInState, littleEndian } from "./shape.ts";
import { survivorsOf } from "./survivors.ts";

/** Bytes of an item by the codes of array.array's machine formats. */
const machineWidths: readonly number[] = [1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 4, 4, 8, 8, 2, 2, 4, 4];

/** An array that is made by one call, or whose bytes lie behind the pickle's opcodes, where the input's end cuts its data. */
export async function cutCall(
	source: SizedSource,
	machine: Interpreter,
	failure: Failure,
): Promise<CutArray | undefined> {
	const { stack, fence } = machine;
	const callee = stack[fence - 1];
	const top = stack[stack.length - 1];
	if (failure.payload === undefined) return undefined;
	if (top instanceof Made && top.state instanceof Mapping && /(^|\.)NumpyArrayWrapper$/.test(top.path))
		return rawArray(source, machine, top, failure.payload.offset);
	if (!(callee instanceof GlobalName)) return undefined;
	if (/^array\._array_reconstructor$/.test(callee.path)) return typedArray(source, machine, callee, failure);
	if (/^numpy\._?core\.numeric\._frombuffer$/.test(callee.path) && stack.length === fence)
		return buffer(source, machine, failure);
	return undefined;
}

/** The stack and marks once what lies from the callee below the topmost mark on has become one value. */
function replaced({ stack, marks, fence }: Interpreter, value: Abstract): Pick<CutArray, "stack" | "marks"> {
	return { stack: [...stack.slice(0, fence - 1), value], marks: marks.slice(0, -1) };
}

function typedArray(
	source: SizedSource,
	machine: Interpreter,
	callee: GlobalName,
	{ offset, payload }: Failure,
): CutArray | undefined {
	const { stack, fence } = machine;
	const width = machineWidths[intOf(stack[fence + 2]) ?? -1];
	if (payload === undefined || width === undefined || stack.length !== fence + 3) return undefined;
	const kept = Math.floor((source.size - payload.offset) / width);
	const of = Math.floor(payload.length / width);
	const length = kept * width;
	const bytes = Uint8Array.from(payloadHead(length, false));
	const why = `${plural(length, "byte")} are the array's data.`;
	const dtype = `array.array ${textOf(stack[fence + 1]) ?? ""}`;
	const what = `Of an ${dtype}, ${kept} of ${plural(of, "item")} are there.`;
	return {
		patches: [{ offset, removed: payload.offset - offset, bytes, why }],
		end: { offset: payload.offset + length, bytes: [op.TUPLE, op.REDUCE] },
		...replaced(machine, new Made(callee, null, offset)),
		loss: { offset, what, array: { shape: [of], dtype, kept, of, newShape: [kept], filled: 0 } },
	};
}

/** The data of `_frombuffer` come before dtype and shape: what is there of them stays as bytes. */
async function buffer(
	source: SizedSource,
	machine: Interpreter,
	{ offset, payload, opcode }: Failure,
): Promise<CutArray | undefined> {
	const [mark] = await readAt(source, offset - 1, 1);
	if (payload === undefined || mark !== op.MARK) return undefined;
	const length = source.size - payload.offset;
	const isArray = opcode === "BYTEARRAY8";
	const head = isArray ? [op.BYTEARRAY8, ...littleEndian(length, 8)] : payloadHead(length, false);
	const why = "The bytes of an array whose dtype and shape are not there stand for it.";
	const what = `An array's data are cut before its dtype and shape, which were to follow: ${plural(length, "byte")} of ${plural(payload.length, "byte")} stand there as a ${isArray ? "bytearray" : "bytes"} in its place.`;
	return {
		patches: [
			{ offset: offset - 1, removed: 1, bytes: Uint8Array.of(op.POP), why },
			{ offset, removed: payload.offset - offset, bytes: Uint8Array.from(head), why },
		],
		end: { offset: source.size, bytes: [] },
		...replaced(machine, new Opaque("buffer")),
		loss: { offset, what },
	};
}

/** An array of joblib, whose bytes follow the BUILD that describes it. */
async function rawArray(
	source: SizedSource,
	{ stack, marks }: Interpreter,
	made: Made,
	start: number,
): Promise<CutArray | undefined> {
	const head = rawHead(made);
	if (head === undefined || head.dtype.hasObject) return undefined;
	const { size } = source;
	const survivors = survivorsOf(head, Math.max(0, size - start));
	const axes = await axesInState(source, made.at, head.shape.length);
	if (survivors === undefined || axes === undefined) return undefined;
	const padding = new Uint8Array(Math.max(0, start - size));
	return {
		patches: shapeEdits(axes, survivors),
		end: { offset: Math.min(size, start + survivors.bytes), bytes: [...padding, ...survivors.filling] },
		stack,
		marks,
		loss: lossOf(head, survivors, start),
	};
}

function rawHead({ state }: Made): ArrayHead | undefined {
	const entries = state instanceof Mapping ? state.entries : undefined;
	const shape = shapeOf(entries?.get("shape"));
	const dtype = dtypeOf(entries?.get("dtype"));
	if (shape === undefined || dtype === undefined) return undefined;
	return { shape, dtype, fortran: textOf(entries?.get("order")) === "F", needed: undefined };
}
