import type { Fault, Transform } from "../diagnosis.ts";
import { loadsCommand } from "../python.ts";
import { type Trial, tryBytes } from "../walk.ts";
import { grouped, plural } from "../words.ts";
import type { Evidence } from "./evidence.ts";

/** Changes of all bytes that text modes and decoders make, and what undoes each. The rarer come later. */
const damages: readonly (readonly Transform[])[] = [
	["crlf-to-lf"],
	["utf8-to-latin1"],
	["utf8-to-cp1252"],
	["strip-bom"],
	["strip-bom", "crlf-to-lf"],
	["utf8-to-latin1", "crlf-to-lf"],
	["utf8-to-cp1252", "crlf-to-lf"],
	["strip-bom", "utf8-to-latin1"],
	["strip-bom", "utf8-to-cp1252"],
	["strip-bom", "utf8-to-latin1", "crlf-to-lf"],
	["utf8-to-latin1", "utf8-to-latin1"],
	["utf8-to-cp1252", "utf8-to-cp1252"],
	["crlf-to-lf", "crlf-to-lf"],
];

/** Damage of all bytes by text mode or re-encoding: confirmed where undoing it leaves a clean pickle. */
export function textFault(evidence: Evidence): Fault | undefined {
	const { bytes, isHead } = evidence;
	let fallback: Fault | undefined;
	const fitting: Undoing[] = [];
	for (const undoing of undoings(bytes, isHead)) {
		const { steps, trial } = undoing;
		if (trial.clean) fitting.push(undoing);
		// A mark is one whatever follows.
		if (steps.length === 1 && steps[0] === "strip-bom" && readsToEnd(trial)) fallback ??= describe(steps, evidence);
		const isMark = steps[0] === "strip-bom";
		if (trial.cut && (isMark || goesFarther(trial, evidence)))
			fallback ??= { ...describe(steps, evidence, true), data: "partly" };
	}
	const [first, ...others] = distinct(fitting);
	if (first) return others.length > 0 ? describeSeveral([first, ...others], evidence) : describe(first.steps, evidence);
	return fallback;
}

/** What undoes damage, what it leaves, and how that reads. */
interface Undoing {
	readonly steps: readonly Transform[];
	readonly mended: Uint8Array;
	readonly trial: Trial;
}

/** The undoings that leave different pickles, to their end. */
export function fittingUndoings(bytes: Uint8Array, isHead: boolean): readonly Undoing[] {
	return distinct([...undoings(bytes, isHead)].filter(({ trial }) => trial.clean));
}

function distinct(all: readonly Undoing[]): readonly Undoing[] {
	return all.filter(({ mended }, i) => !all.slice(0, i).some((other) => isSame(other.mended, mended)));
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
	return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

/** What undoes damage that the bytes may have, in the order tried. */
export function* undoings(bytes: Uint8Array, isHead: boolean): Generator<Undoing> {
	for (const steps of damages) {
		const mended = undo(bytes, steps, isHead);
		if (mended !== undefined) yield { steps, mended, trial: tryBytes(mended, isHead) };
	}
}

/** Some lines end with CR LF, others do not. */
export function strayReturns({ walk }: Evidence): Fault | undefined {
	const found = walk.findings.anomalies.get("cr");
	if (found === undefined) return undefined;
	return {
		code: "crlf",
		offset: found.offset,
		title: "Lines end with CR LF, as text mode writes them, though not all do.",
		evidence: `At offset ${found.offset} an argument that never ends with CR does; there are ${found.count} such lines.`,
		data: "unknown",
		advice: "Some program changed line ends in part of the file. Get the original again, and copy it as binary.",
	};
}

function readsToEnd({ first }: Trial): boolean {
	return first.failure === undefined && first.pos === first.size;
}

/** Whether the mended bytes read on well past where the damaged ones failed. */
function goesFarther({ first }: Trial, { failure, instructions }: Evidence): boolean {
	return failure !== undefined && failure.kind !== "end" && first.findings.instructions > instructions + 3;
}

/** The bytes before the damage, or undefined if they cannot have it. */
export function undo(bytes: Uint8Array, steps: readonly Transform[], isHead: boolean): Uint8Array | undefined {
	let now: Uint8Array | undefined = bytes;
	for (const step of steps) now = now && undoOne(now, step, isHead);
	return now;
}

function undoOne(bytes: Uint8Array, step: Transform, isHead: boolean): Uint8Array | undefined {
	switch (step) {
		case "strip-bom":
			return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : undefined;
		case "crlf-to-lf":
			return withoutReturns(bytes);
		case "cr-to-lf":
			return bytes.includes(10) || !bytes.includes(13) ? undefined : bytes.map((byte) => (byte === 13 ? 10 : byte));
		default:
			return fromUtf8(bytes, step === "utf8-to-cp1252", isHead);
	}
}

/** The bytes without the CR before each LF; undefined if an LF stands alone, or there is none. */
function withoutReturns(bytes: Uint8Array): Uint8Array | undefined {
	const kept = new Uint8Array(bytes.length);
	let length = 0;
	let lines = 0;
	for (let i = 0; i < bytes.length; i++) {
		const byte = bytes[i] as number;
		if (byte === 10) {
			if (bytes[i - 1] !== 13) return undefined;
			lines++;
			length--;
		}
		kept[length++] = byte;
	}
	return lines > 0 ? kept.subarray(0, length) : undefined;
}

/** What Windows-1252 has from 0x80 to 0x9f, by code point. */
const cp1252 = new Map(
	[
		..."\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178",
	].map((char, i) => [char.codePointAt(0) as number, 0x80 + i]),
);

/** The bytes whose characters these are as UTF-8; undefined if they are none, or ASCII throughout. */
function fromUtf8(bytes: Uint8Array, windows: boolean, isHead: boolean): Uint8Array | undefined {
	const kept = new Uint8Array(bytes.length);
	let length = 0;
	for (let i = 0; i < bytes.length; length++) {
		const byte = bytes[i] as number;
		const width = byte < 0x80 ? 1 : byte >= 0xc2 && byte < 0xe0 ? 2 : byte >= 0xe0 && byte < 0xf0 ? 3 : 0;
		if (width === 0) return undefined;
		if (i + width > bytes.length) return isHead ? kept.subarray(0, length) : undefined;
		const code = width === 1 ? byte : codeOf(bytes, i, width);
		const meant = code < 0 ? undefined : windows ? (cp1252.get(code) ?? (code < 0x100 ? code : undefined)) : code;
		if (meant === undefined || meant > 0xff) return undefined;
		kept[length] = meant;
		i += width;
	}
	return length < bytes.length ? kept.subarray(0, length) : undefined;
}

function codeOf(bytes: Uint8Array, at: number, width: number): number {
	const [lead, one, two] = [bytes[at] as number, bytes[at + 1] as number, bytes[at + 2] as number];
	if ((one & 0xc0) !== 0x80 || (width === 3 && (two & 0xc0) !== 0x80)) return -1;
	if (width === 2) return ((lead & 0x1f) << 6) | (one & 0x3f);
	const code = ((lead & 0x0f) << 12) | ((one & 0x3f) << 6) | (two & 0x3f);
	return code < 0x800 ? -1 : code;
}

function describe(steps: readonly Transform[], { bytes, failure, anomalyAt }: Evidence, isCut = false): Fault {
	const toEnd = isCut ? "a pickle that lacks its end" : "a pickle to its end";
	const kept = isCut ? "what the end held is lost" : "nothing is lost";
	const offset = failure?.offset ?? anomalyAt ?? 0;
	const common = { offset, data: "whole", mend: { kind: "transform", steps }, command: pythonOf(steps) } as const;
	const also = steps.includes("crlf-to-lf") && steps.length > 1 ? ", and each LF has become CR LF" : "";
	if (steps.includes("utf8-to-latin1") || steps.includes("utf8-to-cp1252")) {
		const charset = steps.includes("utf8-to-latin1") ? "Latin-1" : "Windows-1252";
		return {
			...common,
			code: "utf8",
			title: `Each byte was taken for a character of ${charset} and written again as UTF-8${also}.`,
			evidence: `All ${bytes.length} bytes looked at are UTF-8, in which a pickle's opcode 0x80 is ${charset === "Latin-1" ? "C2 80" : "E2 82 AC"}; decoded, they are ${toEnd}.`,
			advice: `Undo it; ${kept}. Write and copy pickles as bytes, in mode 'wb'.`,
		};
	}
	if (steps[0] === "strip-bom") {
		return {
			...common,
			offset: 0,
			code: "bom",
			title: `A UTF-8 byte order mark stands before the pickle${also}.`,
			evidence: `The file begins with EF BB BF; what follows is ${toEnd}.`,
			advice: `Remove its three bytes; ${kept}.`,
		};
	}
	const first = bytes.indexOf(13);
	const isTwice = steps.length > 1;
	return {
		...common,
		offset: first,
		code: "crlf",
		title: isTwice
			? "Each LF has become CR CR LF: the file was written or copied in text mode twice."
			: "Each LF has become CR LF: the file was written or copied in text mode.",
		evidence: `Every LF has ${isTwice ? "two CRs" : "a CR"} before it, the first at offset ${first}; without those CRs the bytes are ${toEnd}.`,
		advice: `Remove the ${isTwice ? "two CRs" : "CR"} before each LF; ${kept}. Write pickles in mode 'wb', and copy them as binary.`,
	};
}

/** Damage that may be undone in more than one way: what the file was cannot be told. */
function describeSeveral(fitting: readonly [Undoing, ...Undoing[]], evidence: Evidence): Fault {
	const { command: _, ...fault } = describe(fitting[0].steps, evidence);
	const ways = fitting.map(({ steps }, i) => `(${i + 1}) ${transformText(steps)}`).join(" ");
	return {
		...fault,
		evidence: `${fitting.length} ways to undo it leave pickles that differ: ${ways}`,
		data: "unknown",
		advice: "Which of them was written cannot be told from the file. Get the original again, and copy it as binary.",
	};
}

/** What undoing them does. */
export function transformText(steps: readonly Transform[]): string {
	return steps.map((step) => transformNames[step]).join(" ");
}

const transformNames: Readonly<Record<Transform, string>> = {
	"crlf-to-lf": "The CR before each LF goes.",
	"cr-to-lf": "Each CR becomes LF.",
	"utf8-to-latin1": "Each character of UTF-8 becomes the byte of Latin-1 that it was.",
	"utf8-to-cp1252": "Each character of UTF-8 becomes the byte of Windows-1252 that it was.",
	"strip-bom": "The byte order mark goes.",
};

const pythonSteps: Readonly<Record<Transform, (data: string) => string>> = {
	"strip-bom": (data) => `${data}[3:]`,
	"crlf-to-lf": (data) => `${data}.replace(b'\\r\\n', b'\\n')`,
	"cr-to-lf": (data) => `${data}.replace(b'\\r', b'\\n')`,
	"utf8-to-latin1": (data) => `${data}.decode('utf-8').encode('latin-1')`,
	// Five bytes that Python's codec lacks are what Latin-1 has there.
	"utf8-to-cp1252": (data) =>
		`b''.join(c.encode('latin-1' if ord(c) < 256 else 'cp1252') for c in ${data}.decode('utf-8'))`,
};

/** Python that loads a file whose bytes it changes so before. */
export function pythonOf(steps: readonly Transform[]): string {
	return loadsCommand(steps.reduce((data, step) => pythonSteps[step](data), "DATA"));
}

/** Decoding that put U+FFFD for what is no UTF-8, and 7-bit channels: what is gone cannot be brought back. */
export function lossyTextFault({ bytes, failure, anomalyAt, isHead }: Evidence): Fault | undefined {
	if (failure === undefined && anomalyAt === undefined) return undefined;
	const offset = failure?.offset ?? anomalyAt ?? 0;
	const replaced = countReplaced(bytes);
	const startsReplaced = bytes[0] === 0xef && bytes[1] === 0xbf && bytes[2] === 0xbd && (bytes[3] as number) < 6;
	if (startsReplaced || (replaced > 0 && failure?.kind !== "end" && isUtf8(bytes, isHead))) {
		return {
			code: "replaced",
			offset: startsReplaced ? 0 : offset,
			title: "The bytes were decoded as UTF-8, and what was none has become U+FFFD.",
			evidence: `The file is UTF-8 and has EF BF BD ${replaced === 1 ? "once" : `${grouped(replaced)} times`} in its first ${plural(bytes.length, "byte")}.`,
			data: "lost",
			advice: "What stood there cannot be told from the file. Get the original again, and copy it as binary.",
		};
	}
	if (bytes[0] !== 0 || ![2, 3, 4, 5].includes(bytes[1] ?? 0) || bytes.some((byte) => byte > 0x7f)) return undefined;
	return {
		code: "seven-bit",
		offset: 0,
		title: "The top bit of each byte is gone: the file went through a 7-bit channel.",
		evidence: `PROTO, 80 ${hex(bytes[1])}, is 00 ${hex(bytes[1])}, and none of the first ${bytes.length} bytes is above 0x7f.`,
		data: "partly",
		advice: "Half of the values of each byte are gone. Get the original again, and copy it as binary.",
	};
}

function countReplaced(bytes: Uint8Array): number {
	let count = 0;
	for (let i = bytes.indexOf(0xef); i >= 0; i = bytes.indexOf(0xef, i + 1)) {
		if (bytes[i + 1] === 0xbf && bytes[i + 2] === 0xbd) count++;
	}
	return count;
}

function isUtf8(bytes: Uint8Array, isHead: boolean): boolean {
	try {
		new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: isHead });
		return true;
	} catch {
		return false;
	}
}

function hex(byte: number | undefined): string {
	return (byte ?? 0).toString(16).padStart(2, "0");
}
