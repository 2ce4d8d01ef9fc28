import { bytesBody, escapeQuotes, inQuotes, type Quotes, quoteAround } from "../bytes/repr.ts";
import { PickleError } from "../errors.ts";
import type { ArgumentKind } from "../opcodes/table.ts";
import { pythonFloat } from "../values/scalars.ts";
import { type InstructionArgument, nameText, readArgument, unquoted } from "./instructions.ts";
import { reprInt } from "./numbers.ts";
import { asciiCharacter, reprCharacter } from "./repr.ts";
import {
	byteEscapes,
	latin1,
	type Part,
	rawUnicodeEscape,
	strictUtf8,
	type TextDecoding,
	utf8,
	wholePart,
} from "./text.ts";
import { type Need, PIECE, type Span, type Window } from "./walk.ts";

/** How text or bytes stand in a line. */
interface Form {
	readonly decode: TextDecoding;
	readonly character: (code: number) => string;
	readonly before: string;
	readonly after: string;
	/** Whether Python escapes single quotes also between double ones. */
	readonly escapesAll: boolean;
}

function form(decode: TextDecoding, character: (code: number) => string, before = "", after = ""): Form {
	return { decode, character, before, after, escapesAll: after !== "" };
}

const name = form(strictUtf8, reprCharacter);
const bytes = form(latin1, asciiCharacter, "b");
const str = form(latin1, asciiCharacter);
const text = form(utf8, reprCharacter);

/** Of arguments that may be long. */
const forms: Partial<Record<ArgumentKind, Form>> = {
	string1: str,
	string4: str,
	"string line": form(byteEscapes, asciiCharacter),
	bytes1: bytes,
	bytes4: bytes,
	bytes8: bytes,
	bytearray8: form(latin1, asciiCharacter, "bytearray(b", ")"),
	text1: text,
	text4: text,
	text8: text,
	"unicode line": form(rawUnicodeEscape, reprCharacter),
};

/** An argument, ready to be shown. */
export type Shown =
	| { readonly kind: "value"; readonly value: InstructionArgument }
	| { readonly kind: "text"; readonly text: string }
	/** Text from `start` to `stop` that is too long to be shown at once; it holds these quotes. */
	| {
			readonly kind: "long";
			readonly form: Form;
			readonly start: number;
			readonly stop: number;
			readonly quotes: Quotes;
	  };

/** Longer arguments are shortened, if they are to be: to so many bytes. */
const LONG = 1024;
const SHORTENED = 64;

/** The most bytes of a number or name that are gathered. */
const GATHERED = 2 ** 27;

/** Reads an argument. @throws PickleError where Python does, before it prints anything of the instruction */
export function* prepare(window: Window, span: Span, shorten: boolean): Generator<Need, Shown> {
	const { opcode, offset, start, stop } = span;
	const { argument } = opcode;
	if (argument === "none") return { kind: "value", value: undefined };
	if (shorten && stop - start > LONG && argument !== "decimal line") return yield* shortened(window, span);
	const form = forms[argument];
	if (form === undefined) {
		const bytes = yield* gather(window, start, stop);
		if (argument !== "line" && argument !== "two lines") {
			return { kind: "value", value: readArgument(opcode, bytes, offset) };
		}
		return { kind: "text", text: nameInQuotes(bytes, argument === "two lines") };
	}
	return yield* prepareText(window, form, argument === "string line" ? yield* betweenQuotes(window, span) : span);
}

function nameInQuotes(bytes: Uint8Array, isPair: boolean): string {
	const quotes = { single: false, double: false };
	const body = nameText(bytes, isPair, (part) => bodyOf(name, wholePart(part), quotes).body);
	return inQuotes(body, quotes);
}

/** Where text or bytes lie in the input. */
interface Place {
	readonly start: number;
	readonly stop: number;
}

function* prepareText(window: Window, form: Form, { start, stop }: Place): Generator<Need, Shown> {
	const quotes = { single: false, double: false };
	if (stop - start <= PIECE) {
		const { body } = bodyOf(form, wholePart(yield* gather(window, start, stop)), quotes);
		return { kind: "text", text: between(form, quotes, escapeQuotes(body, quotes, form.escapesAll)) };
	}
	if (form.decode === latin1) yield* findQuotes(window, start, stop, quotes);
	else for (const step of bodies(window, form, start, stop, quotes)) if (typeof step !== "string") yield step;
	return { kind: "long", form, start, stop, quotes };
}

/** Notes the quotes of text in which every byte is a character. */
function* findQuotes(window: Window, start: number, stop: number, quotes: Quotes): Generator<Need, void> {
	for (let at = start; at < stop; at += PIECE) {
		const bytes = yield* gather(window, at, Math.min(stop, at + PIECE));
		quotes.single ||= bytes.includes(0x27);
		quotes.double ||= bytes.includes(0x22);
	}
}

function between({ before, after }: Form, quotes: Quotes, body: string): string {
	const quote = quoteAround(quotes);
	return before + quote + body + quote + after;
}

/** What a value is in Python's `repr`. @throws PickleError E_NUMBER, without offset */
export function valueText(value: InstructionArgument, { argument }: { readonly argument: ArgumentKind }): string {
	if (argument === "float8" || argument === "float line") return pythonFloat(value as number);
	return reprInt(value as number | bigint | boolean);
}

/** The pieces of a long text. */
export function* longText(
	window: Window,
	{ form, start, stop, quotes }: Shown & { kind: "long" },
): Generator<string | Need, void> {
	const quote = quoteAround(quotes);
	yield form.before + quote;
	const found = { single: false, double: false };
	for (const step of bodies(window, form, start, stop, found)) {
		yield typeof step === "string" ? escapeQuotes(step, quotes, form.escapesAll) : step;
	}
	yield quote + form.after;
}

/** A text piece by piece, as it stands between quotes. */
function* bodies(
	window: Window,
	form: Form,
	start: number,
	stop: number,
	quotes: Quotes,
): Generator<string | Need, void> {
	for (let at = start; at < stop; ) {
		const bytes = yield* gather(window, at, Math.min(stop, at + PIECE));
		const end = bytes.length;
		const part = { bytes, start: 0, end, final: at + end === stop, at: at - start };
		const { body, next } = bodyOf(form, part, quotes);
		yield body;
		at += next;
	}
}

/** A part of a text as it stands between quotes but for quotes in it, which are noted; and how far it was read. */
function bodyOf(form: Form, part: Part, quotes: Quotes): { readonly body: string; readonly next: number } {
	if (form.decode === latin1) {
		return { body: bytesBody(part.bytes, part.start, part.end, quotes), next: part.end };
	}
	let body = "";
	const next = form.decode(part, (code) => {
		body += form.character(code);
		if (code === 0x27) quotes.single = true;
		else if (code === 0x22) quotes.double = true;
	});
	return { body, next };
}

/** These bytes at hand. @throws PickleError E_TOO_LARGE, E_SOURCE if they are there no more */
function* gather(window: Window, start: number, stop: number): Generator<Need, Uint8Array> {
	const need = { at: start, length: stop - start };
	if (need.length > GATHERED) {
		throw new PickleError(
			"E_TOO_LARGE",
			`a number or name of ${need.length} bytes, of which ${GATHERED} are read at most`,
		);
	}
	if (!window.has(need)) yield need;
	const bytes = window.bytes.subarray(start - window.base, stop - window.base);
	if (bytes.length === need.length) return bytes;
	throw new PickleError("E_SOURCE", "the input has become shorter while it was read");
}

/** What lies between the quotes of STRING's argument. @throws PickleError E_TEXT */
function* betweenQuotes(window: Window, { start, stop }: Span): Generator<Need, Place> {
	const length = stop - start;
	if (length <= PIECE) unquoted(yield* gather(window, start, stop));
	else {
		const ends = (yield* gather(window, start, start + PIECE + 1)).slice();
		ends.set(yield* gather(window, stop - 1, stop), PIECE);
		unquoted(ends);
	}
	return { start: start + 1, stop: Math.max(start + 1, stop - 1) };
}

/** The beginning of a long argument, and how many bytes are left out. */
function* shortened(window: Window, { opcode, start, stop }: Span): Generator<Need, Shown> {
	const { argument } = opcode;
	if (argument === "long4") return { kind: "text", text: `an int of ${stop - start} bytes` };
	const form = forms[argument] ?? str;
	const from = argument === "string line" ? start + 1 : start;
	const bytes = yield* gather(window, from, from + SHORTENED);
	const quotes = { single: false, double: false };
	const { body, next } = bodyOf(form, { ...wholePart(bytes), final: false }, quotes);
	const left = (argument === "string line" ? stop - 1 : stop) - from - next;
	const shown = between(form, quotes, escapeQuotes(body, quotes, form.escapesAll));
	return { kind: "text", text: `${shown} ... (${left} more bytes)` };
}
