import { decodeLatin1 } from "../../bytes/utf8.ts";
import { identify, PLAIN_TEXT, readText } from "../../containers/identify.ts";
import type { Recognition } from "../../containers/recognize.ts";
import { opcodeOf } from "../../opcodes/table.ts";
import type { Diagnosis, Fault, FormatReport } from "./diagnosis.ts";
import type { Interpreter } from "./interpreter.ts";
import { containerDiagnosis } from "./layer.ts";
import type { Failure } from "./machine.ts";
import { isBlank, isProto, tryBytes } from "./walk.ts";

const ERROR_MESSAGE = "an error message";

/** What stands where a pickle should be, though nobody meant it: a fault of the file. */
const mistakes = new Set([
	"HTML or XML",
	"a git LFS pointer",
	"zero bytes",
	"line ends and spaces",
	"UTF-16 text",
	PLAIN_TEXT,
	ERROR_MESSAGE,
]);

/** Damage that has a diagnosis of its own. */
const damaged = new Set(["a pickle damaged by reading it as text", "base64 text"]);

/**
 * Text of a pickle of protocol 0, however damaged: lines that store and read the memo, or a beginning that other text has not:
 * a str, a name, a line without a space, or no line end for long.
 */
const PROTOCOL_0 =
	/(^|[\r\n])[pg]\d+\r?[\r\n]|[\r\n][tslda]([pg]\d|\.$)|^(\xef\xbb\xbf|HTTP\/.*?\r?\n\r?\n)?([([}\]ld]*S['"]|\(?V([^\r\n]{1024}|[^\r\n]*\\u[0-9a-f]{4})|[(}\]]\S*[\r\n]|c[\w.]+\r?[\r\n]\w*(\r?[\r\n]|$)|c(numpy|copy_?reg|__builtin__|builtins|_codecs|collections|datetime|decimal|cloudpickle|dill|joblib|pandas|scipy|sklearn|torch|__main__)\b[\w.]*$)/s;

/** The headers of an HTTP answer. */
const HEADERS = /^HTTP\/.*?\r?\n\r?\n/s;

/** What bytes are that failed as a pickle, if their beginning tells. */
export function formatOf(head: Uint8Array, failure: Failure, instructions: number): Recognition | undefined {
	// Tar names itself at 257; what reads as a pickle for longer is one. PERSID takes a zip archive up to its first LF.
	if (!isZip(head) && (failure.offset > 512 || instructions > 24)) return undefined;
	if (isErrorMessage(head, instructions)) {
		const advice =
			"some server answered so in the file's place; look at the address and the rights, and download it again";
		return { name: ERROR_MESSAGE, advice };
	}
	if (isBlank(head, 0)) return { name: "line ends and spaces", advice: "" };
	const found = identify(head, instructions < 2);
	if (found === undefined || damaged.has(found.name)) return undefined;
	// Zeros may stand before a pickle.
	if (found.name === "zero bytes" && head.some((byte) => byte !== 0)) return undefined;
	if (found.name !== PLAIN_TEXT) return found;
	const text = latin1(head);
	const isCut = failure.kind === "end" && beginsOpcode(text);
	const [headers] = HEADERS.exec(text) ?? [];
	if (headers && tryBytes(head, false, headers.length).clean) return undefined;
	return isCut || PROTOCOL_0.test(text.trimEnd()) ? undefined : found;
}

/** Whether it begins as a zip archive. */
export function isZip(head: Uint8Array): boolean {
	return head[0] === 0x50 && head[1] === 0x4b && (head[2] as number) + 1 === head[3];
}

function latin1(head: Uint8Array): string {
	return decodeLatin1(head, 0, Math.min(head.length, 4096));
}

/** How servers, clients and serializers say that there is nothing. */
const ERROR_WORDS =
	/\b(errors?|exception|traceback|not found|forbidden|denied|unauthori[sz]ed|bad (gateway|request)|unavailable|time-?d?[ -]?out|expired|invalid|no such|failed|failure|not allowed|too (many|large|long)|internal server|moved (permanently|temporarily)|not acceptable|payment required|no content|precondition|quota|rate limit|captcha|login|log in|sign in)\b/i;
const NOTHING = /^(null|undefined|none|nan|nil|true|false|\[object \w+\]|gone|conflict|found|see other|ok)$/i;
const STATUS = /^(HTTP\/[\d.]+ +)?[345]\d\d\b/;
/** The names under which errors are told. */
const ERROR_KEY = /^[{[].{0,200}?"(errors?|error_?(message|code|description|type)|exception|fault|traceback)"\s*:/is;
const MESSAGE_KEY = /^\{.{0,200}?"(message|detail|details|msg|reason|status|title)"\s*:/is;
/** Messages are shorter. */
const MAX_MESSAGE = 4096;

/** Text that says that something went wrong, in plain words, JSON or XML. */
function isErrorMessage(head: Uint8Array, instructions: number): boolean {
	if (head.length > MAX_MESSAGE || instructions > 3) return false;
	const text = readText(head)
		?.replace(/^\ufeff/, "")
		.trim();
	if (text === undefined || text === "" || PROTOCOL_0.test(text) || beginsOpcode(text)) return false;
	if (NOTHING.test(text)) return true;
	if (/^[{[]/.test(text)) {
		const isTold = ERROR_WORDS.test(text) || /"?(status|code)\w*"?\s*:\s*"?[45]\d\d\b/i.test(text);
		return ERROR_KEY.test(text) || (MESSAGE_KEY.test(text) && isTold);
	}
	if (text.startsWith("<"))
		return /<(Error|Code|fault|soap:Fault|ErrorResponse)\b[^>]*>/.test(text) && !/<html/i.test(text);
	return STATUS.test(text) || ERROR_WORDS.test(text.slice(0, 400));
}

/** Whether text begins as an opcode of protocol 0 does with its argument. */
function beginsOpcode(text: string): boolean {
	return /^(\(|[IFLpg]-?\d|S['"]|c[\w.]+\n|i[\w.]+\n)/.test(text);
}

/** Instructions that bytes of anything read as by chance. */
const BY_CHANCE = 6;
/** Payloads that a pickle begins with are not so much longer than the whole file. */
const [MANY, TIMES] = [1 << 20, 64];

/** Whether what failed as a pickle, and at once, is none: no damage explains it. */
export function isUnlike({ faults: [fault] }: Diagnosis, first: Interpreter, head: Uint8Array): boolean {
	const { failure, findings, size } = first;
	if (fault === undefined || failure === undefined || isProto(head, 0) || findings.instructions > BY_CHANCE)
		return false;
	const text = latin1(head);
	if (fault.resumes !== undefined || PROTOCOL_0.test(text)) return false;
	if (fault.code === "unknown-opcode" || fault.code === "malformed") return true;
	if (fault.code !== "truncated" || findings.instructions > 1) return false;
	const needs = failure.needs ?? 0;
	return failure.payload ? needs > MANY && needs > TIMES * size : isLineOfNone(failure, text);
}

/** A line that no number, string or name begins, of an opcode that takes one. */
function isLineOfNone({ opcode, offset }: Failure, text: string): boolean {
	const code = text.charCodeAt(offset);
	const kind = opcode === undefined ? undefined : opcodeOf(code)?.argument;
	const argument = text.slice(offset + 1);
	if (kind === undefined || argument.length < 2) return false;
	if (opcode === "STRING") return !/^['"]/.test(argument);
	if (/^(INT|LONG|FLOAT|GET|PUT)$/.test(opcode as string)) return !/^[-+]?(\d|inf|nan)/i.test(argument);
	return /^(GLOBAL|INST)$/.test(opcode as string) && !/^[A-Za-z_][\w.]*(\n|$)/.test(argument);
}

/** Bytes that are of no format that is known here. */
export const unknownFormat: Recognition = { name: "bytes of no known format", advice: "" };

/** What is neither a pickle nor anything that may hold one. */
export function otherDiagnosis(size: number, found: Recognition, head: Uint8Array): Diagnosis {
	const isText = found === unknownFormat && readText(head.subarray(0, 4096)) !== undefined;
	const named = isText ? { name: PLAIN_TEXT, advice: "" } : found;
	const fault = mistakeFault(named, head);
	const isPacked = / data$|archive$/.test(named.name) && !/R data|marshal|MessagePack|BSON/.test(named.name);
	const format: FormatReport = { name: named.name, kind: isPacked ? "container" : "other", advice: named.advice };
	return containerDiagnosis(size, format, fault ? [fault] : [], undefined);
}

/** The fault of a file that is a mistake; undefined for one that is just of another format. */
function mistakeFault(found: Recognition, head: Uint8Array): Fault | undefined {
	const { name, advice } = found;
	if (found === unknownFormat) return unknownFault(head);
	if (!mistakes.has(name)) return undefined;
	const text = new TextDecoder(name === "UTF-16 text" ? "utf-16" : "utf-8").decode(head.subarray(0, 80));
	const shown = text
		.replace(/\s+/g, " ")
		.trim()
		.replace(/[^\x20-\x7e]/g, "?")
		.slice(0, 60);
	return {
		code: "not-a-pickle",
		offset: 0,
		title: `The file is no pickle but ${name === PLAIN_TEXT ? "text" : name}.`,
		evidence: name === "zero bytes" ? "It begins with NUL bytes." : `It begins with "${shown}".`,
		data: "lost",
		advice:
			advice === ""
				? "Get the file itself: this is a message, or another file."
				: `${advice[0]?.toUpperCase()}${advice.slice(1)}.`,
		...(name === "a git LFS pointer" && { command: "git lfs pull" }),
	};
}

function unknownFault(head: Uint8Array): Fault {
	const shown = Array.from(head.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
	return {
		code: "not-a-pickle",
		offset: 0,
		title: "The file is no pickle, as far as its bytes tell.",
		evidence: `It begins with ${shown}: neither as a pickle does nor as any format that is known here, nor does it read as a pickle from any place near its beginning.`,
		data: "unknown",
		advice:
			"Find out what wrote it. If it was a pickle, its beginning is lost or all of it was changed, as by encryption.",
	};
}

export const emptyFormat: FormatReport = { name: "an empty file", kind: "empty", advice: "" };
