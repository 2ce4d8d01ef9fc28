import { decodeRawUnicodeEscape, unescapeString } from "../../../bytes/escapes.ts";
import { decodeUtf8 } from "../../../bytes/utf8.ts";
import * as op from "../../../opcodes/table.ts";
import { dataOf } from "../arrays.ts";
import type { Fault } from "../diagnosis.ts";
import type { Interpreter } from "../interpreter.ts";
import { Text } from "../values.ts";
import { tryBytes } from "../walk.ts";
import { interpret, Reader, readAt, type SizedSource } from "../window.ts";
import { plural } from "../words.ts";

/** Values up to here are looked into, pickles in pickles so deep, and those that call more than it takes for bytes are not. */
const MAX_INNER = 1 << 24;
const MAX_DEPTH = 8;
const MAX_INSTRUCTIONS = 20;
/** Instructions that a pickle without PROTO has, for its text to be taken for one. */
const ENOUGH = 3;

/** A pickle that is the value of another. */
export interface Inner {
	readonly bytes: Uint8Array;
	/** Where its bytes lie in those of the other; undefined if they stand there otherwise, as escapes do. */
	readonly offset: number | undefined;
	/** Of the opcode that holds it. */
	readonly at: number;
	readonly kind: "bytes" | "text";
	readonly machine: Interpreter;
}

/** The pickles that lie in each other where the whole value is bytes or text that are one, the outermost first. */
export async function heldPickles(machine: Interpreter, { source }: Reader): Promise<readonly Inner[]> {
	const held = heldBy(machine);
	if (held === undefined || held.text.extent > MAX_INNER) return [];
	const inner: Inner[] = [];
	let next = innerOf(held, await readAt(source, held.text.offset, held.text.extent));
	for (; next !== undefined; next = inner.length < MAX_DEPTH ? deeper(next) : undefined) inner.push(next);
	return inner;
}

/** The pickle that a file's value is, or the value of that. */
export async function innermostPickle(source: SizedSource): Promise<Uint8Array | undefined> {
	const reader = new Reader(source);
	const inner = await heldPickles(await interpret(reader, 0), reader);
	return inner.at(-1)?.bytes;
}

function deeper({ machine, bytes }: Inner): Inner | undefined {
	const held = heldBy(machine);
	return held && innerOf(held, bytes.subarray(held.text.offset, held.text.offset + held.text.extent));
}

/** What holds a pickle: bytes, or text that may stand for them. */
interface Held {
	readonly text: Text;
	readonly isText: boolean;
}

/** The text or bytes that a pickle's value is, if that is all there is to it. */
function heldBy({ result, findings }: Interpreter): Held | undefined {
	if (findings.instructions > MAX_INSTRUCTIONS) return undefined;
	if (result instanceof Text) return { text: result, isText: result.form === "text" };
	const data = dataOf(result);
	return data === undefined || data === "none" ? undefined : { text: data.text, isText: false };
}

function innerOf({ text, isText }: Held, argument: Uint8Array): Inner | undefined {
	const bytes = bytesOf(text, argument);
	if (bytes === undefined || bytes.length < 4 || bytes[bytes.length - 1] !== op.STOP) return undefined;
	const isProto = bytes[0] === op.PROTO && (bytes[1] as number) >= 2 && (bytes[1] as number) <= 5;
	const { clean, first } = tryBytes(bytes);
	if (!clean || first.pos !== bytes.length || !(isProto || isPlainPickle(first))) return undefined;
	const quotes = text.opcode === op.STRING ? 1 : 0;
	return {
		bytes,
		offset: bytes.length + 2 * quotes === argument.length ? text.offset + quotes : undefined,
		at: text.at,
		kind: isText ? "text" : "bytes",
		machine: first,
	};
}

/** Whether a pickle without PROTO is one by what it does: it builds a container or stores in the memo. */
function isPlainPickle({ findings, result }: Interpreter): boolean {
	return findings.instructions >= ENOUGH && typeof result === "object" && result !== null && findings.puts > 0;
}

/** The bytes of text or bytes by their argument; of text, its characters as Latin-1. */
function bytesOf({ opcode, form }: Text, argument: Uint8Array): Uint8Array | undefined {
	try {
		if (opcode === op.STRING) return unescapeString(argument);
		if (form !== "text") return argument;
		return fromLatin1(
			opcode === op.UNICODE ? decodeRawUnicodeEscape(argument) : decodeUtf8(argument, 0, argument.length),
		);
	} catch {
		return undefined;
	}
}

function fromLatin1(text: string): Uint8Array | undefined {
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		if (code > 0xff) return undefined;
		bytes[i] = code;
	}
	return bytes;
}

/** The object was pickled more than once. */
export function doubleFault(inner: readonly Inner[]): Fault {
	const payload = inner.reduce<number | undefined>(
		(sum, { offset }) => (sum === undefined || offset === undefined ? undefined : sum + offset),
		0,
	);
	const [{ at, kind, bytes }] = inner as [Inner];
	const last = inner[inner.length - 1] as Inner;
	const times = inner.length === 1 ? "twice" : inner.length === 2 ? "three times" : `${inner.length + 1} times`;
	const loads = inner.reduceRight(
		(code, { kind: held }) => `pickle.loads(${code}${held === "text" ? ".encode('latin-1')" : ""})`,
		"pickle.load(open(FILE, 'rb'))",
	);
	return {
		code: "double",
		offset: at,
		title: `The pickle's value is ${kind} that ${kind === "text" ? "is" : "are"} a pickle again: the object was pickled ${times}.`,
		evidence: `Its ${plural(bytes.length, "byte")} ${bytes[0] === op.PROTO ? "begin with PROTO and " : ""}are a pickle to their end${inner.length > 1 ? ", whose value is a pickle in turn" : ""}.`,
		data: "whole",
		advice: `Unpickle what comes out ${inner.length === 1 ? "once" : plural(inner.length, "time")} more; nothing is lost.`,
		command: `import pickle; ${loads}`,
		mend: payload === undefined ? { kind: "unpickle" } : { kind: "extract", payload, length: last.bytes.length },
	};
}
