import { reprBytes } from "../bytes/repr.ts";
import { PickleError, type PickleErrorCode } from "../errors.ts";
import { instructionBytes } from "../opcodes/input.ts";
import { type ArgumentKind, type Opcode, opcodeOf, opcodes } from "../opcodes/table.ts";
import { strictUtf8, unescaped, wholePart } from "./text.ts";

/** Where an instruction lies in the input, in bytes, and where its argument: behind its length, before its line feed. */
export interface Span {
	readonly opcode: Opcode;
	/** Of the opcode. */
	readonly offset: number;
	readonly start: number;
	readonly stop: number;
	/** Where the next instruction starts. */
	readonly end: number;
}

/** Bytes that have to be at hand for going on; fewer do where the input ends before. */
export interface Need {
	readonly at: number;
	readonly length: number;
}

/** Bytes that are asked for together. */
export const PIECE = 65536;

/** The part of an input that is at hand. */
export class Window {
	bytes: Uint8Array = new Uint8Array(0);
	view: DataView = new DataView(this.bytes.buffer);
	/** Offset of the first of them. */
	base = 0;
	/** Bytes of the whole input, as far as known. */
	total: number;

	constructor(total: number = Number.POSITIVE_INFINITY) {
		this.total = total;
	}

	/** A window on all of an input. */
	static over(bytes: Uint8Array): Window {
		const window = new Window(bytes.length);
		window.show(bytes, 0);
		return window;
	}

	show(bytes: Uint8Array, base: number): void {
		this.bytes = bytes;
		this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		this.base = base;
	}

	/** Whether these bytes are at hand, or as many of them as there are. */
	has({ at, length }: Need): boolean {
		const end = Math.min(at + length, this.total);
		return end <= at || (at >= this.base && end <= this.base + this.bytes.length);
	}

	/** How many bytes follow `at` in the window. */
	after(at: number): number {
		return Math.max(0, this.base + this.bytes.length - at);
	}
}

/** What Python's pickletools says, as an error at an instruction. */
function structureError(
	code: PickleErrorCode,
	text: string,
	{ offset, opcode, end }: { readonly offset: number; readonly opcode?: Opcode | undefined; readonly end?: number },
): PickleError {
	return new PickleError(code, text, { offset, opcode: opcode?.name, end });
}

/** Python's names of arguments in what it says of them. */
const pythonNames: Partial<Record<ArgumentKind, string>> = {
	text1: "unicodestring1",
	text4: "unicodestring4",
	text8: "unicodestring8",
	"unicode line": "unicodestringnl",
};

/** How many bytes the length is that an argument begins with, by code; 0 where there is none. */
const lengthBytes = new Uint8Array(256);
for (const { code, argument } of opcodes) {
	if (/^(long|string|bytes|bytearray|text)\d$/.test(argument))
		lengthBytes[code] = (instructionBytes[code] as number) - 1;
}

/**
 * Goes through one pickle from `at` on, up to its STOP, instruction by instruction, without reading payloads. Gives a Need
 * where the window does not hold what is read next; who goes on has moved the window there.
 *
 * @throws PickleError E_TRUNCATED, E_OPCODE, E_LENGTH, E_NUMBER: what pickletools says
 */
export function* walk(window: Window, at: number): Generator<Span | Need, void> {
	for (;;) {
		const head = { at, length: 9 };
		if (!window.has(head)) yield head;
		const span = headSpan(window, at) ?? (yield* lineSpan(window, at));
		if (window.total === Number.POSITIVE_INFINITY && span.stop > span.start) {
			const last = { at: span.stop - 1, length: 1 };
			if (!window.has(last)) yield last;
		}
		if (span.stop > window.total) throw cutPayload(window, span);
		yield span;
		if (span.opcode.name === "STOP") return;
		at = span.end;
	}
}

/** Whether what a walk gave is an instruction. */
export function isSpan(step: Span | Need): step is Span {
	return "opcode" in step;
}

/** The instruction at `offset`; undefined if a line feed ends it. */
function headSpan(window: Window, offset: number): Span | undefined {
	const code = window.after(offset) > 0 ? window.bytes[offset - window.base] : undefined;
	if (code === undefined) {
		throw structureError("E_TRUNCATED", "pickle exhausted before seeing STOP", { offset, end: window.total });
	}
	const opcode = opcodeOf(code);
	if (opcode === undefined) {
		const shown = reprBytes(Uint8Array.of(code));
		throw structureError("E_OPCODE", `at position ${offset}, opcode ${shown} unknown`, { offset });
	}
	if (opcode.argument.endsWith("line") || opcode.argument === "two lines") return undefined;
	const start = offset + (instructionBytes[code] as number);
	if (start > offset + window.after(offset)) throw cutHead(window, opcode, offset);
	const size = lengthBytes[opcode.code] as number;
	if (size === 0) return { opcode, offset, start: offset + 1, stop: start, end: start };
	const stop = start + payloadLength(window, opcode, offset, size);
	return { opcode, offset, start, stop, end: stop };
}

function cutHead(window: Window, opcode: Opcode, offset: number): PickleError {
	const { argument, code } = opcode;
	const size = lengthBytes[code] as number;
	const signed = argument === "long4" || argument === "string4";
	const name = size === 0 ? argument : signed ? "int4" : `uint${size}`;
	const text = `not enough data in stream to read ${name}`;
	return structureError("E_TRUNCATED", text, { offset, opcode, end: window.total });
}

function payloadLength({ view, base }: Window, opcode: Opcode, offset: number, size: number): number {
	const at = offset + 1 - base;
	const { argument } = opcode;
	if (size === 1) return view.getUint8(at);
	if (argument === "long4" || argument === "string4") {
		const length = view.getInt32(at, true);
		if (length >= 0) return length;
		const code = argument === "long4" ? "E_NUMBER" : "E_LENGTH";
		throw structureError(code, `${argument} byte count < 0: ${length}`, { offset, opcode });
	}
	if (size === 4) return view.getUint32(at, true);
	const length = view.getBigUint64(at, true);
	if (length < 1n << 63n) return Number(length);
	const text = `${nameOf(argument)} byte count > sys.maxsize: ${length}`;
	throw structureError("E_TRUNCATED", text, { offset, opcode });
}

function nameOf(argument: ArgumentKind): string {
	return pythonNames[argument] ?? argument;
}

/** The instruction at `offset`, which one line feed or two end. */
function* lineSpan(window: Window, offset: number): Generator<Need, Span> {
	const opcode = opcodeOf(window.bytes[offset - window.base] as number) as Opcode;
	const start = offset + 1;
	const first = yield* findLineFeed(window, start);
	if (first < 0) throw cutLine(window, opcode, offset);
	const stop = opcode.argument === "two lines" ? yield* findLineFeed(window, first + 1) : first;
	if (stop >= 0) return { opcode, offset, start, stop, end: stop + 1 };
	// Python has read the first name before it looks for the second.
	const name = { at: start, length: Math.min(first - start, PIECE) };
	if (!window.has(name)) yield name;
	checkName(window.bytes.subarray(start - window.base, start - window.base + name.length), opcode, offset);
	throw cutLine(window, opcode, offset);
}

function checkName(bytes: Uint8Array, opcode: Opcode, offset: number): void {
	try {
		strictUtf8(wholePart(unescaped(bytes)), () => {});
	} catch (error) {
		throw error instanceof PickleError ? error.at(offset, opcode.name) : error;
	}
}

/** The place of the next line feed; -1 if there is none. */
function* findLineFeed(window: Window, from: number): Generator<Need, number> {
	for (let at = from; ; ) {
		const found = window.after(at) > 0 ? window.bytes.indexOf(10, at - window.base) : -1;
		if (found >= 0) return window.base + found;
		at += window.after(at);
		if (at >= window.total) return -1;
		yield { at, length: PIECE };
	}
}

function cutLine(window: Window, opcode: Opcode, offset: number): PickleError {
	const name = opcode.argument === "unicode line" ? "unicodestringnl" : "stringnl";
	const text = `no newline found when trying to read ${name}`;
	return structureError("E_TRUNCATED", text, { offset, opcode, end: window.total });
}

function cutPayload(window: Window, { opcode, offset, start, stop }: Span): PickleError {
	const name = nameOf(opcode.argument);
	const text = name.startsWith("long")
		? `not enough data in stream to read ${name}`
		: `expected ${lengthText(window, opcode, offset, stop - start)} bytes in a ${name}, but only ${window.total - start} remain`;
	return structureError("E_TRUNCATED", text, { offset, opcode, end: window.total });
}

/** The length exactly: above 2^53 it was rounded. */
function lengthText({ view, base }: Window, opcode: Opcode, offset: number, length: number): string {
	const isRounded = lengthBytes[opcode.code] === 8 && length > Number.MAX_SAFE_INTEGER && offset >= base;
	return String(isRounded ? view.getBigUint64(offset + 1 - base, true) : length);
}
