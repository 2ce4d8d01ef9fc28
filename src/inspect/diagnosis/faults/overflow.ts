import { payloadLimits } from "../../../opcodes/lengths.ts";
import type { ArrayHead } from "../arrays.ts";
import type { Fault, OverflowReport } from "../diagnosis.ts";
import type { Overflow } from "../findings.ts";
import type { Interpreter } from "../interpreter.ts";
import type { Reader } from "../window.ts";
import { arrayText, grouped, plural, reportOf } from "../words.ts";
import { continuesAt } from "./resume.ts";

/** How far behind a payload's declared end a pickle fails that does not go on there. */
const NEAR = 256;

const { signed: STR_LIMIT, unsigned: BYTES_LIMIT } = payloadLimits;

/** What the writers of one family raise for a payload that they cannot hold. */
export interface OverflowWriter {
	readonly writer: string;
	readonly limit: number;
	readonly error: string;
}

const cPickle: OverflowWriter = {
	writer: "cPickle of Python 2",
	limit: STR_LIMIT,
	error: "OverflowError: cannot serialize a string larger than 2 GiB",
};
const pickle2: OverflowWriter = {
	writer: "pickle of Python 2 (or dill, which builds on it)",
	limit: STR_LIMIT,
	error: "struct.error: 'i' format requires -2147483648 <= number <= 2147483647",
};
const pickle3: OverflowWriter = {
	writer: "pickle.py of Python 3",
	limit: BYTES_LIMIT,
	error: "struct.error: 'I' format requires 0 <= number <= 4294967295",
};
export const cPickle3: OverflowWriter = {
	writer: "_pickle of Python 3",
	limit: BYTES_LIMIT,
	error:
		"OverflowError: serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher (3.6: cannot serialize a bytes object larger than 4 GiB)",
};

const mac: OverflowWriter = {
	writer: "Python 3 on macOS (bpo-24658)",
	limit: STR_LIMIT,
	error: "OSError: [Errno 22] Invalid argument",
};

/** Who, by the traces in the pickle, would have failed at a payload of `needed` bytes; undefined if that is nobody. */
export function overflowWriter({ findings }: Interpreter, needed: number): OverflowWriter | undefined {
	if (needed <= STR_LIMIT) return undefined;
	const protocol = findings.protocol ?? findings.neededProtocol;
	if (protocol >= 4) return mac;
	const isPython3 = protocol === 3 || findings.globals.has("_codecs.encode") || findings.names(/^numpy\._core\./);
	if (isPython3 && needed > BYTES_LIMIT) return pickle3;
	if (protocol === 3) return mac;
	return findings.firstPut === 1 || findings.puts === 0 ? cPickle : pickle2;
}

/** The array whose data should come where the input ends, if no length field of the protocol could hold them. */
export function unwrittenFault(machine: Interpreter, head: ArrayHead): Fault | undefined {
	const { needed } = head;
	const writer = needed === undefined ? undefined : overflowWriter(machine, needed);
	if (writer === undefined || needed === undefined) return undefined;
	const holder =
		writer === mac
			? "one write there takes"
			: writer === pickle3
				? "bytes below protocol 4 hold"
				: "a str of Python 2 holds";
	const shown = reportOf(head);
	return {
		code: "overflow-unwritten",
		offset: machine.failure?.offset ?? machine.size,
		title: `The writer failed at the data of an array of ${grouped(needed)} bytes: ${holder} at most ${grouped(writer.limit)}.`,
		evidence: `The file ends where the data's length field would begin; the array is ${arrayText(shown)}. ${writer.writer} raises ${writer.error} there.`,
		data: "partly",
		advice:
			"None of the array's data were written; all that comes before them is there. Write it anew with protocol 4, or with numpy.save.",
		command: "import pickle; pickle.dump(obj, open(FILE, 'wb'), protocol=4)",
		missing: { bytes: needed, reading: "an array's data" },
		array: { ...shown, found: 0, items: 0 },
		overflow: { ...writer, needed },
	};
}

/** How long the payloads really are whose length wrapped but which were written whole, by the offsets of their opcodes. */
export async function wrappedLengths(machine: Interpreter, reader: Reader): Promise<Map<number, number>> {
	const lengths = new Map<number, number>();
	for (const { form, at, payload, length } of machine.findings.overflows) {
		if (form === "signed" || payload + length >= machine.size) continue;
		if (await continuesAt(reader, payload + length)) lengths.set(at, length);
	}
	return lengths;
}

/** The same for a payload that is no array's: 2^32 bytes or a multiple more than it says, up to where the next opcodes lie. */
export async function wrappedText(machine: Interpreter, reader: Reader): Promise<Map<number, number>> {
	const last = machine.findings.latest.at(-1);
	const failed = machine.failure;
	if (last === undefined || failed === undefined || failed.offset - last.start - last.length > 65_536) return new Map();
	for (let more = 2 ** 32; last.start + last.length + more < machine.size && more <= 2 ** 36; more += 2 ** 32) {
		const end = last.start + last.length + more;
		if (await continuesAt(reader, end)) return new Map([[last.at, last.length + more]]);
	}
	return new Map();
}

/** What is said of a length that did not fit, whatever became of it. */
interface Told {
	/** The payload, in words. */
	readonly what: string;
	/** The length that the field keeps, unsigned, and what is there of the payload. */
	readonly kept: number;
	readonly found: number;
	/** What the field says, and how that comes of the true length. */
	readonly says: string;
	readonly wrapped: string;
	readonly common: Pick<Fault, "offset" | "opcode" | "array">;
	readonly report: OverflowReport;
}

/** A length field of 32 bits that did not hold what it should. */
export function overflowFault(overflow: Overflow, machine: Interpreter, isThere: boolean): Fault {
	const { form, at, opcode, payload, declared, length, head } = overflow;
	const kept = declared < 0 ? declared >>> 0 : declared;
	const isWrapped = form === "wrapped" && (isThere || goesOnElsewhere(machine, payload + kept));
	const found = Math.min(isWrapped ? length : kept, Math.max(0, machine.size - payload));
	const shown = head && { ...reportOf(head), data: payload, found, items: itemsIn(head, found) };
	const told: Told = {
		what: shown ? `an array, ${arrayText(shown)},` : "a string",
		kept,
		found,
		says: kept === declared ? grouped(kept) : `${declared}, unsigned ${grouped(kept)}`,
		wrapped: `${grouped(kept)} is ${grouped(length)} mod 2^32`,
		common: { offset: at, opcode, ...(shown && { array: shown }) },
		report: { needed: length, limit: STR_LIMIT, writer: "", opcode, declared },
	};
	if (form === "signed") return signedFault(overflow, machine, told);
	return isWrapped ? wrappedFault(overflow, told) : silentFault(overflow, machine, told);
}

/** Whether behind the bytes that a wrapped length counts comes more of the payload, and no opcodes. */
function goesOnElsewhere({ failure }: Interpreter, end: number): boolean {
	return failure !== undefined && failure.kind !== "end" && failure.offset >= end && failure.offset < end + NEAR;
}

function signedFault({ at, payload, declared, length, head }: Overflow, { size }: Interpreter, told: Told): Fault {
	const { what, common, report } = told;
	const isCut = payload + length > size;
	return {
		...common,
		code: "overflow-signed",
		title: `The length of ${what} is ${grouped(length)} bytes, which BINSTRING's signed 32 bits read as ${declared}.`,
		evidence: `At offset ${at} BINSTRING's field says ${declared}; ${head?.needed === length ? "unsigned it is just what the array needs" : `unsigned it is ${grouped(length)}`}${isCut ? `, but only ${grouped(size - payload)} bytes follow` : ", and a pickle goes on after that many"}.`,
		data: isCut ? "partly" : "whole",
		advice: isCut
			? "The writer put an unsigned length there, and the payload is cut."
			: "One byte mends it for Python 3: BINBYTES, whose length is unsigned, in place of BINSTRING; the str becomes bytes, which arrays take. Unmended, Python 3's C unpickler before the fix of gh-135321 (2025) reads it; others refuse it.",
		overflow: {
			...report,
			writer: "a program that writes BINSTRING's length unsigned",
			error: "UnpicklingError: BINSTRING pickle has negative byte count",
		},
		...(isCut
			? { missing: { bytes: payload + length - size, reading: "a string" } }
			: { mend: { kind: "length", offset: at, payload, length }, command: unsignedCopy(at) }),
	};
}

/** The field wrapped, the payload did not. */
function wrappedFault({ at, opcode, payload, length }: Overflow, told: Told): Fault {
	const { what, kept, found, says, wrapped, common, report } = told;
	const isCut = found < length;
	return {
		...common,
		code: "overflow-wrapped",
		title: `The length of ${what} is ${grouped(length)} bytes, of which the field of 32 bits kept ${grouped(kept)}.`,
		evidence: `At offset ${at} ${opcode} says ${says} bytes; ${wrapped}, and ${isCut ? `after those no pickle goes on: ${grouped(found)} bytes of it follow, up to the file's end` : `the pickle goes on at offset ${payload + length}, after all of them`}.`,
		data: isCut ? "partly" : "whole",
		advice: isCut
			? "The length field is wrong, and the payload is cut."
			: "All bytes are there; only the length field is wrong. Written with protocol 4 (BINBYTES8) it loads.",
		overflow: { ...report, writer: "a program that keeps lengths in 32 bits" },
		...(isCut
			? { missing: { bytes: length - found, reading: "a string" } }
			: { mend: { kind: "length", offset: at, payload, length } }),
	};
}

/** Only as much was written as the field says. */
function silentFault(
	{ at, opcode, payload, declared, length, head }: Overflow,
	{ size }: Interpreter,
	told: Told,
): Fault {
	const { what, kept, found, says, wrapped, common, report } = told;
	const writer =
		kept === declared
			? "cPickle of Python 2.7.13 or older, which raised nothing"
			: "a program that keeps lengths in 32 bits";
	const goesOn = payload + kept > size ? "the file ends before that" : "the pickle goes on after those";
	return {
		...common,
		code: "overflow-silent",
		title: `Of ${what} ${grouped(length)} bytes, only ${grouped(found)} were written: the writer kept the length in 32 bits.`,
		evidence: `At offset ${at} ${opcode} says ${says} bytes; ${wrapped}, and ${goesOn}.`,
		data: "partly",
		advice: `The first ${plural(itemsIn(head, found), "element")} of the array, in storage order, are all that was ever written; the rest is lost.`,
		missing: { bytes: length - found, reading: "an array's data" },
		overflow: { ...report, writer },
	};
}

/** Python that puts BINBYTES, whose length is unsigned, in place of BINSTRING, in a copy. */
function unsignedCopy(at: number): string {
	return `import shutil; shutil.copy(FILE, 'mended.pkl'); f = open('mended.pkl', 'r+b'); f.seek(${at}); f.write(b'B')`;
}

function itemsIn(head: ArrayHead | undefined, bytes: number): number {
	return head !== undefined && head.dtype.itemsize > 0 ? Math.floor(bytes / head.dtype.itemsize) : 0;
}
