import type { Fault } from "../diagnosis.ts";
import type { Failure } from "../machine.ts";
import { type Trial, tryBytes } from "../walk.ts";
import { plural } from "../words.ts";
import type { Evidence } from "./evidence.ts";
import { LineEndReader, type LineEnds, type Restored } from "./lineEnds.ts";
import { pythonOf, undo } from "./text.ts";

/** Readings that are tried, and bytes of all of them. */
const MAX_TRIES = 256;
const MAX_WORK = 1 << 26;

/**
 * Line ends that a text mode changed: payloads are shorter than they say, or names do not end. It is confirmed where the bytes
 * with the line ends that their lengths and numbers ask for are a pickle to its end.
 */
export function newlinesFault({ bytes, isHead, failure }: Evidence): Fault | undefined {
	if (isHead) return undefined;
	const hasReturn = bytes.includes(13);
	for (const lineEnds of bytes.includes(10) ? feeds(hasReturn) : hasReturn ? returns : []) {
		const found = restore(bytes, lineEnds);
		if (found && !endsInPayload(bytes, found, failure))
			return lineEnds === "lf-to-cr" ? describeReturns(bytes, found) : describeLost(found, lineEnds);
	}
	return undefined;
}

/** Each LF has a CR before it now, where CR LF stood before too: without all those CRs some are gone. */
export function addedFault({ bytes, isHead }: Evidence): Fault | undefined {
	const without = isHead ? undefined : undo(bytes, ["crlf-to-lf"], false);
	const found = without && restore(without, "crlf-to-lf");
	if (without === undefined || found === undefined) return undefined;
	const first = bytes.indexOf(13);
	const returns = bytes.length - without.length;
	return {
		code: "crlf",
		offset: first,
		title:
			"Each LF has become CR LF, and each CR LF was left as it was: the file's line ends were changed as those of text.",
		evidence: `Every LF has a CR before it, the first at offset ${first}; without ${returns - found.lost} of those ${returns} CRs the bytes are a pickle to its end.`,
		data: "partly",
		advice: "Which LFs had a CR before cannot be told from the file. Get the original again, and copy it as binary.",
	};
}

const returns: readonly LineEnds[] = ["lf-to-cr"];

function feeds(hasReturn: boolean): readonly LineEnds[] {
	return hasReturn ? ["crlf-to-lf"] : ["crlf-to-lf", "all-to-lf"];
}

/** Whether all that a loss explains is a payload that the file's end cuts, of which the last byte would be STOP. */
function endsInPayload(bytes: Uint8Array, { damaged, lost, offset }: Restored, failure: Failure | undefined): boolean {
	const { payload } = failure ?? {};
	if (payload === undefined || damaged > 1 || failure?.offset !== offset) return false;
	return payload.offset + payload.length - lost === bytes.length - 1;
}

function restore(bytes: Uint8Array, lineEnds: LineEnds): Restored | undefined {
	const reader = new LineEndReader(bytes, lineEnds);
	let work = 0;
	let wrong: number | undefined;
	for (let tries = 0; tries < MAX_TRIES && work < MAX_WORK; tries++, work += bytes.length) {
		const found = reader.next(wrong);
		if (found === undefined) return undefined;
		const trial = tryBytes(found.bytes);
		if (found.damaged > 0 && pairs(bytes) <= found.lost && trial.clean) return found;
		wrong = wrongAt(trial);
	}
	return undefined;
}

/** The instruction at which it shows that bytes cannot be so; undefined if that is not known. */
function wrongAt({ clean, first: { failure, findings } }: Trial): number | undefined {
	if (clean) return undefined;
	if (failure) return failure.kind === "end" ? undefined : failure.offset;
	const odd = [...findings.anomalies].filter(([kind]) => kind !== "frame").map(([, { offset }]) => offset);
	const ends = [...odd, ...findings.problems.map(({ end }) => end)];
	return ends.length === 0 ? undefined : Math.min(...ends);
}

/** How many CR LF are left: of a CR before them, if all lost one. */
function pairs(bytes: Uint8Array): number {
	let count = 0;
	for (let at = bytes.indexOf(13); at >= 0; at = bytes.indexOf(13, at + 1)) if (bytes[at + 1] === 10) count++;
	return count;
}

function describeLost({ damaged, lost, replaced, offset, certain }: Restored, lineEnds: LineEnds): Fault {
	const gone = plural(lost, "byte");
	const also =
		replaced > 0 ? `, and ${plural(replaced, "CR")} that stood alone ${replaced === 1 ? "is" : "are"} LF now` : "";
	const how = lineEnds === "all-to-lf" && replaced > 0 ? "Each CR LF, and each CR, has" : "Each CR LF has";
	return {
		code: "newlines-lost",
		offset,
		title: `${how} become LF: the file was read or copied in text mode, and ${gone} ${lost === 1 ? "is" : "are"} gone.`,
		evidence: `${plural(damaged, "instruction")} ${damaged === 1 ? "is" : "are"} shorter than declared by ${gone} in all and ${damaged === 1 ? "holds" : "hold"} LFs${also}; with as many CRs before those the file is a pickle to its end.`,
		data: "partly",
		advice: certain
			? "There are as many LFs as CRs are gone, so that each had one; still, get the original again, and copy it as binary."
			: "Which LFs had a CR cannot be told from the file. Get the original again, and copy it as binary.",
		missing: { bytes: lost, reading: "payloads" },
	};
}

function describeReturns(bytes: Uint8Array, { replaced, offset }: Restored): Fault {
	const left = bytes.reduce((count, byte) => (byte === 13 ? count + 1 : count), 0) - replaced;
	const common = {
		code: "lf-to-cr",
		offset,
		title: "Each LF has become CR: the file went through a text mode of old Macs.",
		evidence: `No LF is in the file; with an LF in place of ${plural(replaced, "CR")} it is a pickle to its end.`,
	} as const;
	if (left > 0) {
		return {
			...common,
			data: "unknown",
			advice: `Of ${plural(left, "other CR")} it cannot be told which were LFs. Get the original again, and copy it as binary.`,
		};
	}
	return {
		...common,
		data: "whole",
		advice: "Put LF for each CR; nothing is lost. Write pickles in mode 'wb', and copy them as binary.",
		command: pythonOf(["cr-to-lf"]),
		mend: { kind: "transform", steps: ["cr-to-lf"] },
	};
}
