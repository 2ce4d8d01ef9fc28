import { toPython3 } from "../../opcodes/compat.ts";
import { BINBYTES, BINBYTES8, BINUNICODE, BINUNICODE8, BYTEARRAY8, PROTO } from "../../opcodes/table.ts";
import type { Diagnosis, Fault, Mend } from "../diagnosis/diagnosis.ts";
import { readAt, type SizedSource } from "../diagnosis/window.ts";
import { grouped } from "../diagnosis/words.ts";
import type { Step } from "./step.ts";

type LengthMend = Extract<Mend, { kind: "length" }>;

/** Names that a diagnosis lists; there may be more. */
const LISTED = 1000;

/** Length fields that say what the payloads have: BINBYTES, or from 2^32 bytes on BINBYTES8 and protocol 4. */
export async function lengthEdits(source: SizedSource, { faults, statistics }: Diagnosis): Promise<Step["edits"]> {
	const found = faults.filter(hasLength);
	if (found.length === 0) return [];
	const headers = found.map(headerEdit);
	const isWide = headers.some(({ bytes }) => bytes.length === 9);
	const proto = isWide && statistics ? await protocolEdit(source, statistics) : undefined;
	return proto ? [proto, ...headers] : headers;
}

function hasLength(fault: Fault): fault is Fault & { readonly mend: LengthMend } {
	return fault.mend?.kind === "length";
}

function headerEdit({ mend, opcode = "", array }: Fault & { readonly mend: LengthMend }): Step["edits"][number] {
	const { offset, payload, length } = mend;
	const [short, long] = opcode.includes("UNICODE")
		? [BINUNICODE, BINUNICODE8]
		: [BINBYTES, opcode === "BYTEARRAY8" ? BYTEARRAY8 : BINBYTES8];
	const isWide = length >= 2 ** 32;
	const field = [length, length / 2 ** 8, length / 2 ** 16, length / 2 ** 24].map((part) => Math.floor(part) % 256);
	const high = Math.floor(length / 2 ** 32);
	const bytes = isWide ? [long, ...field, high, high >> 8, high >> 16, high >> 24] : [short, ...field];
	const name = `${opcode.includes("UNICODE") ? "BINUNICODE" : "BINBYTES"}${isWide ? "8" : ""}`;
	const str = array || !opcode.includes("STRING") ? "" : "; the str becomes bytes";
	return {
		offset,
		removed: payload - offset,
		bytes: Uint8Array.from(bytes),
		why: `${name} says what ${opcode} could not: ${grouped(length)} bytes follow${str}.`,
	};
}

/**
 * Protocol 4, which has the wide opcodes. Python reads them at any; but below protocol 3 it takes names for Python 2's, so that a
 * pickle with names that have changed stays what it is.
 */
async function protocolEdit(
	source: SizedSource,
	{ globals }: NonNullable<Diagnosis["statistics"]>,
): Promise<Step["edits"][number] | undefined> {
	const [first, protocol = 0] = await readAt(source, 0, 2);
	if (first === PROTO && protocol >= 4) return undefined;
	if ((first !== PROTO || protocol < 3) && (globals.length >= LISTED || globals.some(({ name }) => isOld(name))))
		return undefined;
	const hasProto = first === PROTO;
	return {
		offset: 0,
		removed: hasProto ? 2 : 0,
		bytes: Uint8Array.of(PROTO, 4),
		why: "Protocol 4 is the first that has lengths of 8 bytes.",
	};
}

function isOld(path: string): boolean {
	const dot = path.lastIndexOf(".");
	const names = [path.slice(0, dot), path.slice(dot + 1)] as const;
	const [module, name] = toPython3(...names);
	return module !== names[0] || name !== names[1];
}
