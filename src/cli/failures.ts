import { identify, identifyMixture, PLAIN_TEXT } from "../containers/identify.ts";
import type { InflatedFormat } from "../containers/inflate.ts";
import type { Recognition } from "../containers/recognize.ts";
import { escapeControls, isPickleError, type PickleError } from "../errors.ts";
import { problemOf } from "../node/read.ts";

/** How far reading a file came. */
export interface Progress {
	/** What was to be decoded. */
	readonly bytes: Uint8Array | undefined;
	/** How the file was packed. */
	readonly format: InflatedFormat | undefined;
	/** How many pickles were decoded. */
	readonly pickles: number;
}

/** What went wrong with a file, in a line. */
export function failureText(error: unknown, { bytes, format, pickles }: Progress): string {
	if (!isPickleError(error))
		return `internal error: ${oneLine(error instanceof Error ? error.message : String(error))}`;
	if (error.code === "E_SOURCE" && error.cause !== undefined) return oneLine(problemOf(error.cause));
	const inside = format ? `inside ${format}: ` : "";
	const what = bytes && containerText(error, bytes);
	const advice =
		error.code === "E_MEMO" && pickles > 0 ? "; if one Pickler wrote them all, --keep-memo reads them" : "";
	return inside + (what ?? `${oneLine(error.message)}${advice} [${error.code}]`);
}

/** Says what a file is, or the rest of it, that is no pickle at all. */
function containerText(error: PickleError, bytes: Uint8Array): string | undefined {
	const { offset = 0 } = error;
	if (failsAtOnce(error, bytes)) {
		const found = identify(bytes);
		return (
			found &&
			`not a pickle but ${nameAndAdvice(found)}${found.name === PLAIN_TEXT ? ` (${oneLine(error.message)})` : ""}`
		);
	}
	const mixture = identifyMixture(bytes, offset);
	if (mixture) return `${nameAndAdvice(mixture)} (${oneLine(error.message)})`;
	const rest = bytes.subarray(offset);
	const behind = isStop(bytes[offset - 1]) && rest.length > 0 ? identify(rest) : undefined;
	return behind && `what follows the pickle, at offset ${offset}, is not another one but ${behind.name}`;
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
function failsAtOnce({ code, offset, opcode }: PickleError, bytes: Uint8Array): boolean {
	if (bytes.length === 0 || code === "E_CONTAINER") return true;
	if (offset === undefined || offset >= 4) return false;
	if (code === "E_TRUNCATED" || code === "E_LENGTH") return opcode !== undefined && lengths.includes(opcode);
	return code === "E_OPCODE" || code === "E_STACK";
}

function oneLine(text: string): string {
	return escapeControls(text);
}
