import type { ByteSource } from "../bytes/source.ts";
import { identify, identifyMixture, PLAIN_TEXT } from "../containers/identify.ts";
import type { PackedFormat } from "../containers/packed.ts";
import type { Recognition } from "../containers/recognize.ts";
import { escapeControls, isPickleError, messageOf, type PickleError } from "../errors.ts";
import { problemOf } from "../node/source.ts";
import { commandText } from "./advice.ts";

/** How far reading a file came. */
export interface Reading {
	/** What was to be decoded, or the part of it that was looked at. */
	bytes: Uint8Array | undefined;
	/** Where that part begins, in bytes. */
	start: number;
	/** How the file was packed. */
	format: PackedFormat | undefined;
	/** How many pickles were decoded. */
	pickles: number;
}

export function newReading(): Reading {
	return { bytes: undefined, start: 0, format: undefined, pickles: 0 };
}

/** What went wrong with a file, in a line. */
export function failureText(error: unknown, { bytes, start, format, pickles }: Reading): string {
	if (!isPickleError(error)) return `internal error: ${oneLine(messageOf(error))}`;
	if (error.code === "E_SOURCE" && error.cause !== undefined) return oneLine(problemOf(error.cause));
	const inside = format ? `inside ${format}: ` : "";
	const what =
		bytes && error.offset !== undefined && (pickles > 0 ? restText : containerText)(error, bytes, error.offset - start);
	const advice =
		error.code === "E_MEMO" && pickles > 0 ? "; if one Pickler wrote them all, --keep-memo reads them" : "";
	return inside + (what || `${oneLine(error.message)}${advice} [${error.code}]`);
}

/** Faults of which diagnosis says no more than that a file is no pickle. */
const plainFaults = ["empty", "not-a-pickle"];
const ownWords = ["E_SOURCE", "E_LIMIT", "E_TOO_LARGE"];

/** What ends a failure's line where diagnosis finds what is wrong with the file, and so says more. */
export async function diagnosisHint(error: unknown, file: string, source: ByteSource | undefined): Promise<string> {
	if (!isPickleError(error) || ownWords.includes(error.code) || source === undefined) return "";
	const { diagnose } = await import("../inspect/diagnosis/diagnose.ts");
	const { allFaults, shellText } = await import("../inspect/diagnosis/report.ts");
	try {
		const faults = allFaults(await diagnose(source));
		if (!faults.some(({ code }) => !plainFaults.includes(code))) return "";
		return `; picklet diagnose ${file === "-" ? "-" : escapeControls(shellText(file))} says more`;
	} catch (failure) {
		if (isPickleError(failure)) return "";
		throw failure;
	}
}

/** Whether decoding failed only at the line ends and spaces that editors add to a file. */
export function isBlankEnd(error: unknown, { bytes, start, pickles }: Reading): boolean {
	if (!isPickleError(error, "E_OPCODE") || pickles === 0 || bytes === undefined) return false;
	const rest = bytes.subarray((error.offset ?? 0) - start);
	return (
		isStop(bytes[bytes.length - rest.length - 1]) && rest.length <= 16 && rest.every((byte) => blanks.includes(byte))
	);
}

const blanks = [0x09, 0x0a, 0x0d, 0x20];

/** Says what a file is that is no pickle, or is one only in part. */
function containerText(error: PickleError, bytes: Uint8Array, at: number): string | undefined {
	const found = identify(bytes, failsAtOnce(error));
	if (found === undefined) return mixtureText(error, bytes, at);
	return `not a pickle but ${nameAndAdvice(found)}${found.name === PLAIN_TEXT ? ` (${oneLine(error.message)})` : ""}`;
}

/** Says what follows the pickles of a file, if that is no pickle. */
function restText(error: PickleError, bytes: Uint8Array, at: number): string | undefined {
	const behind = isStop(bytes[at - 1]) && at < bytes.length ? identify(bytes.subarray(at), false) : undefined;
	if (behind === undefined) return mixtureText(error, bytes, at);
	return `what follows the pickle, at offset ${error.offset}, is not another one but ${behind.name}`;
}

function mixtureText(error: PickleError, bytes: Uint8Array, at: number): string | undefined {
	const found = identifyMixture(bytes, at);
	return found && `${nameAndAdvice(found)} (${oneLine(error.message)})`;
}

/** A pickle ends with the opcode STOP. */
function isStop(byte: number | undefined): boolean {
	return byte === 0x2e;
}

function nameAndAdvice({ name, advice }: Recognition): string {
	return name + (advice && `: ${advice}`);
}

/** Opcodes that take what is text for the length of theirs. */
const lengths = ["BINSTRING", "BINUNICODE", "BINBYTES"];

/** Whether an error means that the bytes were no pickle from the start. */
function failsAtOnce({ code, offset, opcode }: PickleError): boolean {
	if (offset === undefined || offset >= 4) return false;
	if (code === "E_TRUNCATED" || code === "E_LENGTH") return opcode !== undefined && lengths.includes(opcode);
	return code === "E_OPCODE" || code === "E_STACK";
}

function oneLine(text: string): string {
	return escapeControls(commandText(text));
}
