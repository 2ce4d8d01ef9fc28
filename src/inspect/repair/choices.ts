import { decodeLatin1 } from "../../bytes/utf8.ts";
import { escapeControls } from "../../errors.ts";
import type { Limits } from "../../limits.ts";
import { GLOBAL, opcodes, PROTO, PUT, READONLY_BUFFER } from "../../opcodes/table.ts";
import type { Diagnosis, Fault } from "../diagnosis/diagnosis.ts";
import { fittingUndoings, transformText } from "../diagnosis/faults/text.ts";
import { isApplications } from "../diagnosis/names.ts";
import { type Abstract, GlobalName, Made, Mapping, Opaque, Sequence, Text } from "../diagnosis/values.ts";
import { tryBytes } from "../diagnosis/walk.ts";
import { readAt, type SizedSource } from "../diagnosis/window.ts";
import { plural } from "../diagnosis/words.ts";
import { frameEdit } from "./frames.ts";
import type { Choice } from "./result.ts";
import { membersText } from "./unpacking.ts";

/** Files up to here are undone whole to see what fits, of larger ones the head. */
const MAX_UNDONE = 1 << 24;
const HEAD = 1 << 20;

/** Repairs that fit a file, of which none is made: another may be the right one. */
export async function choicesOf(source: SizedSource, found: Diagnosis, limits: Limits): Promise<readonly Choice[]> {
	const [fault] = found.faults;
	const members = found.format.kind === "container" ? await membersText(source, limits) : undefined;
	if (members !== undefined) return [{ offset: 0, removed: source.size, why: members }];
	if (fault?.mend?.kind === "transform") return transformChoices(source);
	if (fault?.code === "leading" && fault.mend) return leadingChoices(source, fault);
	// The frame's length may be wrong, or bytes within it gone.
	if (fault?.code === "frame") {
		const { offset, removed, bytes, why } = frameEdit(fault, source.size);
		return [{ offset, removed, bytes: [...bytes], why }];
	}
	if (fault?.mend?.kind === "insert") {
		const { offset, bytes } = fault.mend;
		return [{ offset, removed: 0, bytes, why: "STOP stood there, and nothing else is missing." }];
	}
	return opcodeChoices(source, found);
}

/** Undoings of text modes and decoders that leave different pickles. */
async function transformChoices(source: SizedSource): Promise<readonly Choice[]> {
	const isHead = source.size > MAX_UNDONE;
	const bytes = await readAt(source, 0, isHead ? HEAD : source.size);
	const found = fittingUndoings(bytes, isHead);
	return found.map(({ steps }) => ({ offset: 0, removed: source.size, why: transformText(steps) }));
}

/** Where else a pickle without PROTO may begin that stands behind other bytes. */
const STARTS = 64;
/** Names up to here are looked at. */
const MAX_NAME = 256;
const LF = 10;

/** What a pickle that stands behind other bytes may be: one that begins there, or elsewhere, or with a damaged PROTO. */
export async function leadingChoices(source: SizedSource, { mend, title }: Fault): Promise<readonly Choice[]> {
	if (mend?.kind !== "remove") return [];
	const { length } = mend;
	const choices: Choice[] = [{ offset: 0, removed: length, bytes: [], why: title }];
	const isHead = source.size > MAX_UNDONE;
	const bytes = await readAt(source, 0, isHead ? HEAD : source.size);
	if (bytes[length] === PROTO) return choices;
	const protocol = bytes[length - 1] ?? 0;
	const { findings } = tryBytes(bytes, isHead, length).first;
	// Protocol 0 alone has PUT.
	if (length > 1 && protocol > 1 && protocol <= 5 && findings.histogram[PUT] === 0) {
		const why = `PROTO stood there, and the ${length - 2} bytes before it are no part of the pickle.`;
		choices.push({ offset: 0, removed: length - 1, bytes: [PROTO], why });
	}
	const from = Math.max(length + 1, knownNameEnd(bytes, length));
	for (let start = from; start < Math.min(length + STARTS, bytes.length - 1); start++) {
		if (!tryBytes(bytes, isHead, start).clean) continue;
		choices.push({ offset: 0, removed: start, bytes: [], why: `The pickle begins at offset ${start}.` });
	}
	return choices;
}

/** Where a GLOBAL ends whose name is known, so that no pickle begins within it; 0 for anything else. */
function knownNameEnd(bytes: Uint8Array, at: number): number {
	if (bytes[at] !== GLOBAL) return 0;
	const middle = bytes.indexOf(LF, at);
	const end = bytes.indexOf(LF, middle + 1);
	if (middle < 0 || end < 0 || end - at > MAX_NAME) return 0;
	const [module, name] = [decodeLatin1(bytes, at + 1, middle), decodeLatin1(bytes, middle + 1, end)];
	return isApplications(`${module}.${name}`) ? 0 : end + 1;
}

/** Files up to here are tried with every opcode. */
const MAX_TRIED = 1 << 18;

/**
 * What an unknown opcode could have been, if it is the only byte that is another. That the file is then a pickle to its end does
 * not tell so: bytes that went, came or changed beside it can leave the same.
 */
async function opcodeChoices(source: SizedSource, { faults }: Diagnosis): Promise<readonly Choice[]> {
	const [fault, ...others] = faults;
	if (fault?.code !== "unknown-opcode" || others.length > 0 || source.size > MAX_TRIED) return [];
	return fitting(await readAt(source, 0, source.size), fault);
}

function fitting(bytes: Uint8Array, { offset }: Fault): Choice[] {
	const copy = bytes.slice();
	const found: Choice[] = [];
	const was = (bytes[offset] as number).toString(16).padStart(2, "0");
	const highest = bytes[0] === PROTO && offset > 0 ? (bytes[1] as number) : 5;
	for (const { code, name, protocol } of opcodes) {
		if (protocol > highest) continue;
		if (code === READONLY_BUFFER && !bytes.includes(code - 1)) continue;
		copy[offset] = code;
		const { clean, first } = tryBytes(copy);
		if (!clean) continue;
		const why = `0x${was} was ${name}, which gives ${valueText(first.result)}.`;
		found.push({ offset, removed: 1, bytes: [code], why });
	}
	return found;
}

/** What a pickle's value is, in a few words. */
function valueText(value: Abstract | undefined): string {
	if (value instanceof Sequence) return `a ${value.kind} of ${plural(value.count, "item")}`;
	if (value instanceof Mapping) return `a dict of ${plural(value.count, "item")}`;
	if (value instanceof Text)
		return value.form === "text" ? "a str" : `a ${value.form} of ${plural(value.extent, "byte")}`;
	if (value instanceof GlobalName) return `the name ${escapeControls(value.path)}`;
	if (value instanceof Made) return `what ${escapeControls(value.path)} makes`;
	if (value instanceof Opaque) return `a value of the kind ${value.what}`;
	return value === null || value === undefined ? "None" : typeof value === "boolean" ? "a bool" : "an int";
}
