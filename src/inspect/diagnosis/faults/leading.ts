import { escapeControls } from "../../../errors.ts";
import type { Fault } from "../diagnosis.ts";
import { tryBytes } from "../walk.ts";
import type { Evidence } from "./evidence.ts";

/** How far a pickle with PROTO is sought, how many places are tried, and how far one without. */
const MAX_LEADING = 1 << 16;
const MAX_TRIES = 64;
const MAX_PLAIN = 512;

/** What stands before the pickle: confirmed where the bytes after it are one to their end. */
export function leadingFault({ bytes, isHead, failure, anomalyAt, size, walk }: Evidence): Fault | undefined {
	if (failure === undefined && anomalyAt === undefined) return undefined;
	const isDisturbed = failure !== undefined || walk.findings.anomalies.has("name");
	const start =
		protoStart(bytes, isHead) ?? (isDisturbed ? plainStart(bytes, isHead, failure?.offset ?? 0) : undefined);
	if (start === undefined) return undefined;
	const head = String.fromCharCode(...bytes.subarray(0, Math.min(start, 40)));
	const isHttp = /^HTTP\/\d/.test(head);
	return {
		code: "leading",
		offset: 0,
		title: isHttp
			? `The headers of an HTTP answer stand before the pickle: ${start} bytes.`
			: `${start} byte${start === 1 ? "" : "s"} that do not belong to it stand before the pickle.`,
		evidence: `The file begins with "${escapeControls(head)}"; from offset ${start} on, ${size - start} bytes are a pickle to its end.`,
		data: "whole",
		advice: `Begin to read at offset ${start}; nothing is lost.`,
		command: `import pickle; pickle.loads(open(FILE, 'rb').read()[${start}:])`,
		mend: { kind: "remove", offset: 0, length: start },
	};
}

/** Where a pickle begins with PROTO that is clean; the first place that is PROTO if only the end is missing. */
function protoStart(bytes: Uint8Array, isHead: boolean): number | undefined {
	let tries = 0;
	let cutAt: number | undefined;
	for (
		let at = bytes.indexOf(0x80, 1);
		at > 0 && at < MAX_LEADING && tries < MAX_TRIES;
		at = bytes.indexOf(0x80, at + 1)
	) {
		const protocol = bytes[at + 1] as number;
		if (protocol < 2 || protocol > 5) continue;
		tries++;
		const trial = tryBytes(bytes, isHead, at);
		if (trial.clean) return at;
		if (trial.cut && trial.first.findings.instructions > 16) cutAt ??= at;
	}
	return bytes[0] === 0x80 ? undefined : cutAt;
}

/** Opcodes with which a pickle of protocol 0 or 1 begins: MARK, GLOBAL, empty containers, constants. */
const firstOpcodes = [..."()cNIJKMLFGSTUVX]}P"].map((char) => char.charCodeAt(0));

/** Where a pickle of protocol 0 or 1 begins, which nothing marks, behind what cannot be read. */
function plainStart(bytes: Uint8Array, isHead: boolean, failedAt: number): number | undefined {
	const isProto = bytes[0] === 0x80 && (bytes[1] as number) >= 2 && (bytes[1] as number) <= 5;
	if (bytes.length > 1 << 20 || isProto || failedAt > 4096) return undefined;
	for (const at of starts(bytes)) {
		const { clean, first } = tryBytes(bytes, isHead, at);
		const { findings } = first;
		if (clean && findings.neededProtocol < 2 && findings.instructions > 2) return at;
	}
	return undefined;
}

function* starts(bytes: Uint8Array): Generator<number> {
	const head = String.fromCharCode(...bytes.subarray(0, 4096));
	const headers = /^HTTP\/.*?\r?\n\r?\n/s.exec(head);
	if (headers) yield headers[0].length;
	const end = Math.min(MAX_PLAIN, bytes.length);
	for (let at = 1; at < end; at++) if (firstOpcodes.includes(bytes[at] as number)) yield at;
}
