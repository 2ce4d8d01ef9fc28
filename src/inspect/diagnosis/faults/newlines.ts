import type { Fault } from "../diagnosis.ts";
import type { Interpreter } from "../interpreter.ts";
import { tryBytes } from "../walk.ts";
import { interpretBytes } from "../window.ts";
import type { Evidence } from "./evidence.ts";

/** Payloads that may have lost line ends, and how many bytes of one. */
const MAX_PAYLOADS = 64;
const MAX_LOST = 256;
/** Bytes that all tries may interpret, and tries of one payload. */
const MAX_WORK = 1 << 26;

/**
 * CR LF that became LF: payloads are shorter than they say. It is confirmed where each of them lost at most as many bytes as
 * it has LFs, nowhere in the file is a CR before an LF, and with those lengths the file is a pickle to its end.
 */
export function newlinesFault(evidence: Evidence): Fault | undefined {
	const { bytes, isHead } = evidence;
	if (isHead || evidence.failure === undefined || bytes.indexOf(10) < 0 || hasReturns(bytes)) return undefined;
	const lengths = new Map<number, number>();
	let machine = interpretBytes(bytes, 0);
	let work = bytes.length;
	let first: { offset: number; lost: number } | undefined;
	let lost = 0;
	while (lengths.size < MAX_PAYLOADS && machine.failure !== undefined) {
		const found = shorten(bytes, machine, lengths, (used) => {
			work += used;
			return work < MAX_WORK;
		});
		if (found === undefined) return undefined;
		first ??= { offset: found.at, lost: found.lost };
		lost += found.lost;
		lengths.set(found.at, found.length);
		machine = found.machine;
	}
	if (first === undefined || machine.failure !== undefined) return undefined;
	if (!endsWell(bytes, lengths)) return undefined;
	return describe(bytes, first.offset, lost, lengths.size);
}

function hasReturns(bytes: Uint8Array): boolean {
	for (let at = bytes.indexOf(13); at >= 0; at = bytes.indexOf(13, at + 1)) if (bytes[at + 1] === 10) return true;
	return false;
}

/** The bytes are a pickle to their end, but for frames, which are longer than they should be too. */
function endsWell(bytes: Uint8Array, lengths: ReadonlyMap<number, number>): boolean {
	const { first, clean } = tryBytes(bytes, false, 0, { lengths });
	if (clean) return true;
	const { anomalies } = first.findings;
	return (
		first.failure === undefined && first.pos === bytes.length && anomalies.size === (anomalies.has("frame") ? 1 : 0)
	);
}

interface Shortened {
	readonly at: number;
	readonly length: number;
	readonly lost: number;
	readonly machine: Interpreter;
}

/** The payload before the failure which, made shorter, lets the machine read on the farthest. */
function shorten(
	bytes: Uint8Array,
	machine: Interpreter,
	lengths: ReadonlyMap<number, number>,
	mayWork: (bytes: number) => boolean,
): Shortened | undefined {
	const failure = machine.failure;
	if (failure === undefined) return undefined;
	const inside = failure.payload && {
		at: failure.offset,
		start: failure.payload.offset,
		length: failure.payload.length,
	};
	const candidates = [...machine.findings.latest.slice(-6), ...(inside ? [inside] : [])].reverse();
	let best: Shortened | undefined;
	for (const { at, start, length } of candidates) {
		if (lengths.has(at)) continue;
		const feeds = countFeeds(bytes, start, start + length);
		const most = Math.min(feeds, length, MAX_LOST);
		for (let lost = 1; lost <= most; lost++) {
			if (start + length - lost > bytes.length || !mayWork(64)) continue;
			if (!continues(bytes, start + length - lost)) continue;
			if (!mayWork(bytes.length)) return best;
			const next = interpretBytes(bytes, 0, { lengths: new Map([...lengths, [at, length - lost]]) });
			const found = { at, length: length - lost, lost, machine: next };
			if (next.failure === undefined && next.pos === bytes.length) return found;
			if (next.pos > (best?.machine.pos ?? Math.max(failure.offset, start + length))) best = found;
		}
	}
	return best;
}

/** Opcodes that follow a payload's: one that stores it, uses it or begins the next value. Most bytes are none. */
function continues(bytes: Uint8Array, at: number): boolean {
	const code = bytes[at];
	return code !== undefined && interpretable[code] === 1;
}

const interpretable = new Uint8Array(256);
for (const char of "().0B2CFGIJKLMNPQRSTUVX]abcdegh}lopqrstu") interpretable[char.charCodeAt(0)] = 1;
for (let code = 0x80; code <= 0x98; code++) interpretable[code] = 1;

function countFeeds(bytes: Uint8Array, from: number, to: number): number {
	let count = 0;
	for (let at = bytes.indexOf(10, from); at >= 0 && at < to; at = bytes.indexOf(10, at + 1)) count++;
	return count;
}

function describe(bytes: Uint8Array, offset: number, lost: number, payloads: number): Fault {
	const isLone = bytes.indexOf(13) < 0;
	return {
		code: "newlines-lost",
		offset,
		title: `Each CR LF has become LF: the file was read or copied in text mode, and ${lost} byte${lost === 1 ? "" : "s"} are gone.`,
		evidence: `${payloads} payload${payloads === 1 ? " is" : "s are"} shorter than declared by ${lost} bytes in all and hold LFs, no CR LF is left${isLone ? ", nor any CR" : ""}; with the true lengths the file is a pickle to its end.`,
		data: "partly",
		advice: "Which LFs had a CR cannot be told from the file. Get the original again, and copy it as binary.",
		missing: { bytes: lost, reading: "payloads" },
	};
}
