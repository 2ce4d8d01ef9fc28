import { identify, PLAIN_TEXT } from "../../containers/identify.ts";
import type { Recognition } from "../../containers/recognize.ts";
import type { Fault, FormatReport } from "./diagnosis.ts";
import type { Failure } from "./machine.ts";

/** What stands where a pickle should be, though nobody meant it: a fault of the file. */
const mistakes = new Set(["HTML or XML", "a git LFS pointer", "zero bytes", PLAIN_TEXT]);

/** Damage that has a diagnosis of its own. */
const damaged = new Set(["a pickle damaged by reading it as text", "UTF-16 text", "base64 text"]);

/**
 * Text of a pickle of protocol 0, however damaged: lines that store and read the memo, or a beginning that other text has not:
 * a str, a name, a line without a space, or no line end for long.
 */
const PROTOCOL_0 =
	/(^|[\r\n])[pg]\d+\r?[\r\n]|[\r\n][tslda]([pg]\d|\.$)|^(\xef\xbb\xbf|HTTP\/.*?\r?\n\r?\n)?([([}\]ld]*S['"]|\(?V([^\r\n]{1024}|[^\r\n]*\\u[0-9a-f]{4})|[(}\]]\S*[\r\n]|c[\w.]+\r?[\r\n]\w*(\r?[\r\n]|$)|c(numpy|copy_?reg|__builtin__|builtins|_codecs|collections|datetime|decimal|cloudpickle|dill|joblib|pandas|scipy|sklearn|torch|__main__)\b[\w.]*$)/s;

/** What bytes are that failed as a pickle, if their beginning tells. */
export function formatOf(head: Uint8Array, failure: Failure, instructions: number): Recognition | undefined {
	// Tar names itself at 257; what reads as a pickle for longer is one. PERSID takes a zip archive up to its first LF.
	const isZip = head[0] === 0x50 && head[1] === 0x4b && (head[2] as number) + 1 === head[3];
	if (!isZip && (failure.offset > 512 || instructions > 24)) return undefined;
	const found = identify(head, instructions < 2);
	if (found === undefined || damaged.has(found.name)) return undefined;
	// Zeros may stand before a pickle.
	if (found.name === "zero bytes" && head.some((byte) => byte !== 0)) return undefined;
	if (found.name === PLAIN_TEXT || found.name === "JSON") {
		const text = new TextDecoder("latin1").decode(head.subarray(0, 4096)).trimEnd();
		if (found.name === PLAIN_TEXT && PROTOCOL_0.test(text)) return undefined;
	}
	return found;
}

/** The fault of a file that is a mistake; undefined for one that is just of another format. */
export function mistakeFault({ name, advice }: Recognition, head: Uint8Array): Fault | undefined {
	if (!mistakes.has(name)) return undefined;
	const text = new TextDecoder().decode(head.subarray(0, 60)).replace(/\s+/g, " ").trim();
	return {
		code: "not-a-pickle",
		offset: 0,
		title: `The file is no pickle but ${name === PLAIN_TEXT ? "text" : name}.`,
		evidence: name === "zero bytes" ? "It begins with NUL bytes." : `It begins with "${shown(text)}".`,
		data: "lost",
		advice:
			advice === ""
				? "Get the file itself: this is a message, or another file."
				: `${advice[0]?.toUpperCase()}${advice.slice(1)}.`,
		...(name === "a git LFS pointer" && { command: "git lfs pull" }),
	};
}

function shown(text: string): string {
	return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 60);
}

export const emptyFormat: FormatReport = { name: "an empty file", kind: "empty", advice: "" };
