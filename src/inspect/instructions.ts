import { decodeLong } from "../bytes/numbers.ts";
import { type BytesInput, plainBytes } from "../bytes/plain.ts";
import { reprBytes } from "../bytes/repr.ts";
import { decodedText, decodeLatin1, decodeUtf8, TextBuilder } from "../bytes/utf8.ts";
import { PickleError } from "../errors.ts";
import type { Opcode } from "../opcodes/table.ts";
import { pythonFloatOf, pythonInt, reprLine } from "./numbers.ts";
import { rawUnicodeEscape, strictUtf8, type TextDecoding, unescaped, utf8, wholePart } from "./text.ts";
import { isSpan, Window, walk } from "./walk.ts";

/**
 * What an opcode is followed by: a whole number or float; bool for INT's `00` and `01`; text, also for a Python 2 str, which is
 * read as Latin-1; bytes, over the input's memory; `"module name"` for GLOBAL and INST.
 */
export type InstructionArgument = number | bigint | boolean | string | Uint8Array | undefined;

/** One instruction of a pickle. */
export interface Instruction {
	/** Where its opcode stands in the input, in bytes. */
	readonly offset: number;
	/** Where the next instruction starts. */
	readonly end: number;
	readonly opcode: Opcode;
	readonly argument: InstructionArgument;
}

/** Options of `instructions`. */
export interface InstructionsOptions {
	/** Where the pickle starts, in bytes. Default 0. */
	readonly start?: number | undefined;
}

/**
 * The instructions of one pickle up to its STOP, as Python's `pickletools.genops` gives them. Nothing is run, and bytes after
 * STOP are not looked at.
 *
 * @throws PickleError where the bytes are no instruction, after those before; its `reason` is what CPython 3.14 says
 * @throws TypeError for what holds no bytes
 */
export function* instructions(bytes: BytesInput, options: InstructionsOptions = {}): Generator<Instruction, void> {
	const window = Window.over(plainBytes(bytes));
	for (const step of walk(window, startOf(options))) {
		// All bytes are at hand: nothing is ever needed.
		if (!isSpan(step)) continue;
		const { opcode, offset, start, stop, end } = step;
		const hasArgument = opcode.argument !== "none";
		const argument = hasArgument ? readArgument(opcode, window.bytes.subarray(start, stop), offset) : undefined;
		yield { offset, end, opcode, argument };
	}
}

/** @throws TypeError for what is no offset */
export function startOf({ start = 0 }: InstructionsOptions): number {
	if (Number.isSafeInteger(start) && start >= 0) return start;
	throw new TypeError("option start is to be an offset in bytes");
}

/** Finds what is wrong with an argument as `readArgument` does, without making a long text of it. */
export function checkArgument(opcode: Opcode, bytes: Uint8Array, offset: number): void {
	const { argument } = opcode;
	if (argument === "none" || /^(string|bytes|bytearray|long)\d$/.test(argument)) return;
	const decode = argument === "unicode line" ? rawUnicodeEscape : /^text/.test(argument) ? utf8 : undefined;
	if (decode === undefined || bytes.length < LONG_TEXT) readArgument(opcode, bytes, offset);
	else within(opcode, offset, () => decode(wholePart(bytes), () => {}));
}

/** Bytes from which on a text is long. */
const LONG_TEXT = 65536;

/** The argument of an instruction at `offset`, of its bytes. @throws PickleError with what Python says */
export function readArgument(opcode: Opcode, bytes: Uint8Array, offset: number): InstructionArgument {
	return within(opcode, offset, () => read(opcode, bytes));
}

/** Gives errors the place of an instruction. */
function within<T>({ name }: Opcode, offset: number, action: () => T): T {
	try {
		return action();
	} catch (error) {
		throw error instanceof PickleError ? error.at(offset, name) : error;
	}
}

function read({ argument }: Opcode, bytes: Uint8Array): InstructionArgument {
	switch (argument) {
		case "none":
			return undefined;
		case "long1":
		case "long4":
			return decodeLong(viewOf(bytes), 0, bytes.length);
		case "string1":
		case "string4":
			return decodeLatin1(bytes, 0, bytes.length);
		case "bytes1":
		case "bytes4":
		case "bytes8":
		case "bytearray8":
			return bytes;
		case "text1":
		case "text4":
		case "text8":
			return utf8Text(bytes);
		case "decimal line":
			return isBool(bytes) ? bytes[1] === 0x31 : pythonInt(bytes);
		case "long line":
			return pythonInt(bytes.at(-1) === 0x4c ? bytes.subarray(0, -1) : bytes);
		case "float line":
			return pythonFloatOf(bytes);
		case "string line": {
			const body = unescaped(unquoted(bytes));
			return decodeLatin1(body, 0, body.length);
		}
		case "unicode line":
			return textOf(rawUnicodeEscape, bytes);
		case "line":
		case "two lines":
			return nameText(bytes, argument === "two lines", (part) => textOf(strictUtf8, part));
		default:
			return readNumber(argument, viewOf(bytes));
	}
}

function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function readNumber(argument: string, view: DataView): number | bigint {
	switch (argument) {
		case "uint1":
			return view.getUint8(0);
		case "uint2":
			return view.getUint16(0, true);
		case "int4":
			return view.getInt32(0, true);
		case "uint4":
			return view.getUint32(0, true);
		case "float8":
			return view.getFloat64(0);
		default: {
			const value = view.getBigUint64(0, true);
			return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
		}
	}
}

function isBool(line: Uint8Array): boolean {
	return line.length === 2 && line[0] === 0x30 && (line[1] === 0x30 || line[1] === 0x31);
}

/** What stands between the quotes of STRING's argument. @throws PickleError E_TEXT */
export function unquoted(line: Uint8Array): Uint8Array {
	const quote = line[0];
	if (quote !== 0x22 && quote !== 0x27) {
		throw new PickleError("E_TEXT", `no string quotes around ${reprLine(line)}`);
	}
	if (line.at(-1) === quote) return line.subarray(1, Math.max(1, line.length - 1));
	const shown = reprBytes(Uint8Array.of(quote));
	throw new PickleError("E_TEXT", `string quote ${shown} not found at both ends of ${reprLine(line)}`);
}

/**
 * The text of the name, or of the two, in a line or two, each as `read` makes it of its UTF-8. pickletools undoes escapes in
 * names, which Unpicklers do not.
 */
export function nameText(bytes: Uint8Array, isPair: boolean, read: (utf8: Uint8Array) => string): string {
	if (!isPair) return read(unescaped(bytes));
	const split = bytes.indexOf(10);
	return `${read(unescaped(bytes.subarray(0, split)))} ${read(unescaped(bytes.subarray(split + 1)))}`;
}

function utf8Text(bytes: Uint8Array): string {
	const { splitPair } = decodedText;
	try {
		return decodeUtf8(bytes, 0, bytes.length);
	} catch {
		// Says what is wrong in Python's words.
		return textOf(utf8, bytes);
	} finally {
		decodedText.splitPair = splitPair;
	}
}

function textOf(decode: TextDecoding, bytes: Uint8Array): string {
	const { splitPair } = decodedText;
	const builder = new TextBuilder();
	try {
		decode(wholePart(bytes), (code) => builder.add(code));
		return builder.finish();
	} finally {
		decodedText.splitPair = splitPair;
	}
}
