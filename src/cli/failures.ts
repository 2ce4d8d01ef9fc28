import { identify, identifyMixture, PLAIN_TEXT } from "../containers/identify.ts";
import type { InflatedFormat } from "../containers/inflate.ts";
import type { Recognition } from "../containers/recognize.ts";
import { escapeControls, isPickleError, type PickleError } from "../errors.ts";
import { problemOf } from "../node/read.ts";

/** How far reading a file came. */
export interface Progress {
	/** What was to be decoded. */
	bytes: Uint8Array | undefined;
	/** How the file was packed. */
	format: InflatedFormat | undefined;
	/** How many pickles were decoded. */
	pickles: number;
}

/** What went wrong with a file, in a line. */
export function failureText(error: unknown, { bytes, format, pickles }: Progress): string {
	if (!isPickleError(error))
		return `internal error: ${oneLine(error instanceof Error ? error.message : String(error))}`;
	if (error.code === "E_SOURCE" && error.cause !== undefined) return oneLine(problemOf(error.cause));
	const inside = format ? `inside ${format}: ` : "";
	const what = bytes && error.offset !== undefined && (pickles > 0 ? restText : containerText)(error, bytes);
	const advice =
		error.code === "E_MEMO" && pickles > 0 ? "; if one Pickler wrote them all, --keep-memo reads them" : "";
	return inside + (what || `${oneLine(error.message)}${advice} [${error.code}]`);
}

/** Whether decoding failed only at the line ends and spaces that editors add to a file. */
export function isBlankEnd(error: unknown, { bytes, pickles }: Progress): boolean {
	if (!isPickleError(error, "E_OPCODE") || pickles === 0 || bytes === undefined) return false;
	const rest = bytes.subarray(error.offset);
	return (
		isStop(bytes[bytes.length - rest.length - 1]) && rest.length <= 16 && rest.every((byte) => blanks.includes(byte))
	);
}

const blanks = [0x09, 0x0a, 0x0d, 0x20];

/** Says what a file is that is no pickle, or is one only in part. */
function containerText(error: PickleError, bytes: Uint8Array): string | undefined {
	const found = identify(bytes, failsAtOnce(error));
	if (found === undefined) return mixtureText(error, bytes);
	return `not a pickle but ${nameAndAdvice(found)}${found.name === PLAIN_TEXT ? ` (${oneLine(error.message)})` : ""}`;
}

/** Says what follows the pickles of a file, if that is no pickle. */
function restText(error: PickleError, bytes: Uint8Array): string | undefined {
	const { offset = 0 } = error;
	const behind =
		isStop(bytes[offset - 1]) && offset < bytes.length ? identify(bytes.subarray(offset), false) : undefined;
	if (behind === undefined) return mixtureText(error, bytes);
	return `what follows the pickle, at offset ${offset}, is not another one but ${behind.name}`;
}

function mixtureText(error: PickleError, bytes: Uint8Array): string | undefined {
	const found = identifyMixture(bytes, error.offset ?? 0);
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
	return escapeControls(text);
}
