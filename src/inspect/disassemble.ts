import { type BytesInput, plainBytes } from "../bytes/plain.ts";
import { byteTexts } from "../bytes/repr.ts";
import { PickleError } from "../errors.ts";
import { opcodeDocs } from "../opcodes/docs.ts";
import { type InstructionsOptions, startOf } from "./instructions.ts";
import { DisassemblyMemo, type Remark, StackMachine } from "./machine.ts";
import { longText, prepare, type Shown, valueText } from "./shown.ts";
import { isSpan, type Need, type Span, Window, walk } from "./walk.ts";

/** Options of `disassemble`, as `pickletools.dis` has them. */
export interface DisassembleOptions extends InstructionsOptions {
	/** Blanks by which what follows a MARK is indented. Default 4. */
	readonly indentLevel?: number | undefined;
	/** Column at which a description of each opcode starts, if the line is not longer; 0, the default, for none. */
	readonly annotate?: number | undefined;
	/** The memo that the pickles before this one, of the same Pickler, have left behind. Default: a new one. */
	readonly memo?: DisassemblyMemo | undefined;
}

/** A pickle that pickletools would not disassemble to its end. `reason` is what CPython 3.14 says. */
export class DisassemblyError extends PickleError {
	/** The disassembly up to the error. */
	readonly output: string;

	constructor(error: PickleError, output: string) {
		const { offset, opcode, end, limit, cause } = error;
		super(error.code, error.reason, { offset, opcode, end, limit, cause });
		this.output = output;
	}
}

/** Characters that one string holds at most. */
const MAX_TEXT = 2 ** 29 - 24;
/** The most blanks of an option, and of an indent. */
const MAX_COLUMN = 2 ** 16;
const MAX_INDENT = 2 ** 24;

/**
 * One pickle, up to its STOP, as text: exactly what CPython 3.14's `pickletools.dis` prints. Nothing is run.
 *
 * @throws DisassemblyError, a PickleError: where pickletools raises an error; its `output` is what was printed before. Code
 * E_TOO_LARGE: for more text than one string holds
 * @throws TypeError for what holds no bytes, and for a wrong option
 */
export function disassemble(bytes: BytesInput, options: DisassembleOptions = {}): string {
	const window = Window.over(plainBytes(bytes));
	let output = "";
	try {
		for (const step of disassembly(window, { ...settingsOf(options), shorten: false })) {
			// All bytes are at hand: nothing is ever needed.
			if (typeof step !== "string") continue;
			if (output.length + step.length > MAX_TEXT) {
				throw new PickleError("E_TOO_LARGE", `a disassembly of more than ${MAX_TEXT} characters`);
			}
			output += step;
		}
		return output;
	} catch (error) {
		throw error instanceof PickleError ? new DisassemblyError(error, output) : error;
	}
}

/** Options in full. */
export interface DisassemblySettings {
	readonly start: number;
	readonly indentLevel: number;
	readonly annotate: number;
	readonly memo: DisassemblyMemo;
	/** Whether arguments over 1 KiB are shortened. */
	readonly shorten: boolean;
}

/** @throws TypeError for a wrong option */
export function settingsOf(options: DisassembleOptions): Omit<DisassemblySettings, "shorten"> {
	const { indentLevel = 4, annotate = 0, memo = new DisassemblyMemo() } = options;
	for (const [name, value] of Object.entries({ indentLevel, annotate })) {
		if (Number.isSafeInteger(value) && value <= MAX_COLUMN) continue;
		throw new TypeError(`option ${name} is to be a whole number, and at most ${MAX_COLUMN}`);
	}
	if (!(memo instanceof DisassemblyMemo)) throw new TypeError("option memo is to be a DisassemblyMemo");
	return { start: startOf(options), indentLevel: Math.max(0, indentLevel), annotate, memo };
}

/**
 * Disassembles the pickle in a window. Gives pieces of text, and a Need where the window does not hold what comes next.
 * @throws PickleError after the text that pickletools prints before its error
 */
export function* disassembly(window: Window, settings: DisassemblySettings): Generator<string | Need, void> {
	const machine = new StackMachine(settings.memo);
	const lines = new Lines(settings);
	let last = settings.start;
	for (const step of walk(window, settings.start)) {
		if (isSpan(step)) yield* instructionLine(window, step, machine, lines, settings.shorten);
		else yield step;
		if (isSpan(step)) last = step.offset;
	}
	yield `highest protocol among opcodes = ${machine.protocol}\n`;
	try {
		machine.end();
	} catch (error) {
		throw at(error, last, "STOP");
	}
}

function at(error: unknown, offset: number, opcode: string): unknown {
	return error instanceof PickleError ? error.at(offset, opcode) : error;
}

/** The line of an instruction, and what it does to the machine. */
function* instructionLine(
	window: Window,
	span: Span,
	machine: StackMachine,
	lines: Lines,
	shorten: boolean,
): Generator<string | Need, void> {
	const { opcode, offset } = span;
	try {
		const shown = yield* prepare(window, span, shorten);
		const head = lines.head(span, machine.depth);
		yield `${String(offset).padStart(5)}: `;
		const remark = machine.examine(opcode, shown.kind === "value" ? (shown.value as number) : 0);
		if (shown.kind === "long") {
			yield `${head}${lines.gap(span)} `;
			yield* longText(window, shown);
			yield lines.longTail(span, remark);
		} else yield lines.rest(span, head, shown, remark);
		if (remark.error) throw remark.error;
		machine.apply(remark, offset);
	} catch (error) {
		throw at(error, offset, opcode.name);
	}
}

/** Puts lines together. */
class Lines {
	readonly #indentLevel: number;
	readonly #annotate: number;
	/** Where the next annotation is to start. */
	#column: number;

	constructor({ indentLevel, annotate }: DisassemblySettings) {
		this.#indentLevel = indentLevel;
		this.#annotate = annotate;
		this.#column = annotate;
	}

	/** The opcode's character and name, indented. */
	head({ opcode }: Span, depth: number): string {
		const indent = this.#indentLevel * depth;
		if (indent > MAX_INDENT) throw new PickleError("E_TOO_LARGE", `an indent of ${indent} blanks`);
		return `${(byteTexts[opcode.code] as string).padEnd(4)} ${" ".repeat(indent)}${opcode.name}`;
	}

	/** Aligns arguments. */
	gap({ opcode }: Span): string {
		return " ".repeat(Math.max(0, 10 - opcode.name.length));
	}

	/** The line, behind the offset. */
	rest(span: Span, head: string, shown: Shown & { kind: "value" | "text" }, remark: Remark): string {
		const argument = argumentText(span, shown);
		let line = head;
		if (argument !== "" || remark.text !== "") {
			line += this.gap(span);
			if (argument !== "") line += ` ${argument}`;
			if (remark.text !== "") line += ` ${remark.text}`;
		}
		if (this.#annotate === 0) return `${line}\n`;
		const length = characters(line);
		const padding = Math.max(0, this.#column - length);
		this.#column = length + padding > 50 ? this.#annotate : length + padding;
		return `${line}${" ".repeat(padding)} ${opcodeDocs[span.opcode.code]}\n`;
	}

	/** What follows a long argument. */
	longTail({ opcode }: Span, { text }: Remark): string {
		const remark = text === "" ? "" : ` ${text}`;
		if (this.#annotate === 0) return `${remark}\n`;
		this.#column = this.#annotate;
		return `${remark} ${opcodeDocs[opcode.code]}\n`;
	}
}

function argumentText({ opcode }: Span, shown: Shown & { kind: "value" | "text" }): string {
	if (shown.kind === "text") return shown.text;
	return shown.value === undefined ? "" : valueText(shown.value, opcode);
}

/** How many characters Python counts: an astral one is one. */
function characters(text: string): number {
	let count = text.length;
	for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >> 10 === 0x37) count--;
	return count;
}
