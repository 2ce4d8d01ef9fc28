import { escapeControls } from "../../../errors.ts";
import type { Fault } from "../diagnosis.ts";
import { isProto, type Trial, tryBytes } from "../walk.ts";
import { plural } from "../words.ts";
import type { Evidence } from "./evidence.ts";
import { isForeign } from "./foreign.ts";

/** How far a pickle with PROTO is sought, how many places are tried, and how far one without. */
const MAX_LEADING = 1 << 16;
const MAX_TRIES = 64;
const MAX_PLAIN = 512;
/** Of larger files with no mark no start is sought. */
const MAX_SEARCHED = 1 << 20;

/** A place where a pickle begins, which may lack its end. */
interface Start {
	readonly at: number;
	readonly isCut: boolean;
	/** Whether what stands before surely is none of the pickle. */
	readonly isSure: boolean;
}

/** What stands before the pickle: confirmed where the bytes after it are one to their end. */
export function leadingFault(evidence: Evidence): Fault | undefined {
	const { bytes, failure, anomalyAt, size } = evidence;
	if (failure === undefined && anomalyAt === undefined) return undefined;
	const found = startOf(evidence);
	if (found === undefined || isInside(evidence, found)) return undefined;
	const { at: start, isCut, isSure } = found;
	const head = String.fromCharCode(...bytes.subarray(0, Math.min(start, 40)));
	const isHttp = /^HTTP\/\d/.test(head);
	const verb = size - start === 1 ? "is" : "are";
	const rest = isCut ? `${verb} a pickle that lacks its end` : `${verb} a pickle to its end`;
	const mend = { kind: "remove", offset: 0, length: start } as const;
	const evidenceText = `The file begins with "${escapeControls(head)}"; from offset ${start} on, ${plural(size - start, "byte")} ${rest}.`;
	if (!isSure) {
		return {
			code: "leading",
			offset: 0,
			title: `The file's beginning is damaged, or ${plural(start, "byte")} that ${start === 1 ? "does" : "do"} not belong to the pickle ${start === 1 ? "stands" : "stand"} before it.`,
			evidence: `${evidenceText} They may be only a part of the one that was written.`,
			data: "unknown",
			advice: `Get the original again. What is read from offset ${start} on may be less than was written, or other values.`,
			mend,
		};
	}
	return {
		code: "leading",
		offset: 0,
		title: isHttp
			? `The headers of an HTTP answer stand before the pickle: ${plural(start, "byte")}.`
			: `${plural(start, "byte")} that ${start === 1 ? "does not belong to it stands" : "do not belong to it stand"} before the pickle.`,
		evidence: evidenceText,
		data: isCut ? "partly" : "whole",
		advice: isCut
			? `Begin to read at offset ${start}; what comes behind the cut is lost.`
			: `Begin to read at offset ${start}; nothing is lost.`,
		command: `import pickle; pickle.loads(open(FILE, 'rb').read()[${start}:])`,
		mend,
	};
}

function startOf({ bytes, isHead, failure, walk }: Evidence): Start | undefined {
	const found = protoStart(bytes, isHead);
	const isDisturbed = failure !== undefined || walk.findings.anomalies.has("name");
	return found ?? (isDisturbed ? plainStart(bytes, isHead, failure?.offset ?? 0) : undefined);
}

/** Instructions that bytes of no pickle read as by chance. */
const BY_CHANCE = 16;

/** Whether the start is that of a pickle inside a payload of one that is cut. */
function isInside({ bytes, size, failure, instructions, walk }: Evidence, { at, isCut }: Start): boolean {
	if (walk.pickles > 0 && walk.findings.anomalies.size === 0) return true;
	if (failure?.kind !== "end") return false;
	if (isProto(bytes, 0) || instructions > BY_CHANCE || failure.offset >= size) return true;
	const { payload } = failure;
	if (payload === undefined) return failure.offset < at && instructions > 1;
	return isCut && payload.offset <= at;
}

/** Where a pickle begins with PROTO that is clean; the first place that is PROTO if only the end is missing. */
function protoStart(bytes: Uint8Array, isHead: boolean): Start | undefined {
	const from = Math.max(1, zeros(bytes));
	let tries = 0;
	let cut: Start | undefined;
	for (
		let at = bytes.indexOf(0x80, from);
		at > 0 && at < from + MAX_LEADING && tries < MAX_TRIES;
		at = bytes.indexOf(0x80, at + 1)
	) {
		if (!isProto(bytes, at)) continue;
		tries++;
		const trial = tryBytes(bytes, isHead, at);
		if (trial.clean) return startAt(bytes, at, trial);
		if (trial.cut && trial.first.findings.instructions > BY_CHANCE) cut ??= startAt(bytes, at, trial);
	}
	return bytes[0] === 0x80 ? undefined : cut;
}

function startAt(bytes: Uint8Array, at: number, { cut, first }: Trial): Start {
	return { at, isCut: cut, isSure: headersEnd(bytes) === at || isForeign(bytes, at, first) };
}

/** Opcodes with which a pickle of protocol 0 or 1 begins: MARK, GLOBAL, empty containers, constants. */
const firstOpcodes = [..."()cNIJKMLFGSTUVX]}P"].map((char) => char.charCodeAt(0));

/** Where a pickle of protocol 0 or 1 begins, which nothing marks, behind what cannot be read; behind HTTP headers also one that is cut. */
function plainStart(bytes: Uint8Array, isHead: boolean, failedAt: number): Start | undefined {
	if (isProto(bytes, 0) || failedAt > 4096) return undefined;
	const headers = headersEnd(bytes);
	const behind = headers > 0 ? tryBytes(bytes, isHead, headers) : undefined;
	if (behind?.clean || behind?.cut) return { at: headers, isCut: behind.cut, isSure: true };
	if (bytes.length > MAX_SEARCHED) return undefined;
	const from = Math.max(1, zeros(bytes));
	const end = Math.min(from + MAX_PLAIN, bytes.length);
	for (let at = from; at < end; at++) {
		if (!firstOpcodes.includes(bytes[at] as number)) continue;
		const trial = tryBytes(bytes, isHead, at);
		const { findings } = trial.first;
		if (trial.clean && findings.neededProtocol < 2 && findings.instructions > 2) return startAt(bytes, at, trial);
	}
	return undefined;
}

/** Where the headers of an HTTP answer end; 0 if there are none. */
function headersEnd(bytes: Uint8Array): number {
	const head = String.fromCharCode(...bytes.subarray(0, 4096));
	return /^HTTP\/.*?\r?\n\r?\n/s.exec(head)?.[0].length ?? 0;
}

/** How many NUL bytes stand first. */
function zeros(bytes: Uint8Array): number {
	return Math.max(
		0,
		bytes.findIndex((byte) => byte !== 0),
	);
}
