import { STOP } from "../../../opcodes/table.ts";
import type { Fault } from "../diagnosis.ts";
import type { Interpreter } from "../interpreter.ts";
import type { Failure } from "../machine.ts";
import { are, arrayText, grouped, plural, reportOf } from "../words.ts";
import { overflowWriter, unwrittenFault } from "./overflow.ts";

/** The input ends too early: what was being read, how much is missing, and who may have failed there. */
export function truncationFault(machine: Interpreter, lastByte: number | undefined): Fault | undefined {
	const { failure, size } = machine;
	if (failure?.kind !== "end") return undefined;
	const head = failure.offset >= size ? machine.dueArray() : undefined;
	const unwritten = head && unwrittenFault(machine, head);
	if (unwritten) return unwritten;
	const between = failure.offset >= size;
	const frameEnd = machine.findings.frameEnd;
	const inFrame = frameEnd !== undefined && frameEnd > size;
	const missing = Math.max((failure.needs ?? size + 1) - size, inFrame ? frameEnd - size : 0, 1);
	const reading = readingText(machine, failure);
	return {
		code: "truncated",
		offset: between ? size : failure.offset,
		...(failure.opcode !== undefined && { opcode: failure.opcode }),
		title: `The file ends too early: at least ${plural(missing, "byte")} ${missing === 1 ? "is" : "are"} missing.`,
		evidence: evidenceText(machine, failure, reading, inFrame ? frameEnd : undefined),
		data: "partly",
		advice: `All that comes before offset ${between ? size : failure.offset} is there.${between ? overflowHint(machine) : ""} Copy or download the file again, or write it anew.`,
		missing: { bytes: missing, reading },
		...cutArray(machine, failure),
		...(isStopMissing(machine, failure, missing) && stopMissing(size, inFrame && lastByte !== STOP)),
	};
}

/** A frame that ends one byte later shows that one byte is gone: STOP, unless that stands there as the end of something else. */
function stopMissing(size: number, isSure: boolean): Partial<Fault> {
	return {
		title: "The file ends without STOP, its last opcode.",
		data: isSure ? "whole" : "unknown",
		advice: isSure
			? "Put STOP, 2E, behind it; nothing is lost. Copy or download the file again if you can."
			: "Whether anything else is missing cannot be told. Copy or download the file again, or write it anew.",
		mend: { kind: "insert", offset: size, bytes: [STOP] },
	};
}

/** One byte is missing, and one value is there, which STOP would give. */
function isStopMissing({ stack, marks, size }: Interpreter, { offset }: Failure, missing: number): boolean {
	return missing === 1 && offset >= size && stack.length === 1 && marks.length === 0;
}

function readingText(machine: Interpreter, { payload, opcode }: Failure): string {
	if (payload === undefined) return opcode === undefined ? "the next opcode" : `the argument of ${opcode}`;
	const head = machine.dueArray();
	return head ? `the data of an array, ${arrayText(reportOf(head))}` : `the payload of ${opcode}`;
}

function evidenceText(
	{ size, stack, marks }: Interpreter,
	{ payload, opcode, offset }: Failure,
	reading: string,
	frameEnd: number | undefined,
): string {
	const frame = frameEnd === undefined ? "" : ` The frame that it lies in ends at ${grouped(frameEnd)}.`;
	if (payload) {
		const there = size - payload.offset;
		return `At offset ${offset} ${opcode ?? "the array's header"} declares ${plural(payload.length, "byte")}, and ${are(Math.max(0, there))} there: ${reading}.${frame}`;
	}
	if (opcode !== undefined) return `The file ends at ${grouped(size)}, inside ${reading} at offset ${offset}.${frame}`;
	const open = marks.length > 0 ? `, ${plural(marks.length, "MARK")} open` : "";
	return `The file ends at ${grouped(size)} between two opcodes, without STOP, ${plural(stack.length, "item")} on the stack${open}.${frame}`;
}

/** Where an array's data are due, its shape tells whether they fitted. */
function overflowHint(machine: Interpreter): string {
	const protocol = machine.findings.protocol ?? machine.findings.neededProtocol;
	const needed = machine.dueArray()?.needed ?? Number.POSITIVE_INFINITY;
	const writer = protocol < 4 ? overflowWriter(machine, needed) : undefined;
	if (writer === undefined) return "";
	return ` It may also be that the writer failed at a payload over ${grouped(writer.limit)} bytes, which protocol ${protocol} cannot hold (${writer.error}).`;
}

/** Of an array whose data are cut: how many of its items are there. */
function cutArray(machine: Interpreter, { payload }: Failure): Pick<Fault, "array"> {
	const head = payload && machine.dueArray();
	if (head === undefined || payload === undefined) return {};
	const found = Math.max(0, machine.size - payload.offset);
	const items = head.dtype.itemsize > 0 ? Math.floor(found / head.dtype.itemsize) : 0;
	return { array: { ...reportOf(head), data: payload.offset, found, items } };
}
