import { decodeRawUnicodeEscape } from "../../../bytes/escapes.ts";
import { decodeUtf8, encodeUtf8 } from "../../../bytes/utf8.ts";
import * as op from "../../../opcodes/table.ts";
import type { Span, Window } from "../../walk.ts";
import { isGet, isPut, keyOf } from "./memo.ts";
import type { Name, Naming, Namings } from "./names.ts";
import type { Plan } from "./plan.ts";
import type { Writer } from "./writer.ts";

/** A module or name as it came: as text, or by a number of the memo. */
interface Operand {
	readonly text: string | undefined;
	readonly key: number | undefined;
	readonly puts: { readonly key: number; readonly code: number }[];
}

/** Longer texts are no names. */
const MAX_NAME = 4096;

/** Names of classes and functions, with the texts on the stack and in the memo that they are made of. */
export class Groups {
	readonly #writer: Writer;
	readonly #plan: Plan;
	readonly #namings: Namings;
	#protocol = 0;
	#naming: Naming;
	/** The operands of the instruction at `end`, as they come. */
	#operands: Operand[] = [];
	#end = -1;
	/** Texts of the source's memo that names are made of. */
	readonly #texts = new Map<number, string>();
	/** Those that the result's memo lacks. */
	readonly #absent = new Map<number, string>();
	/** What the result's memo has in the place of others. */
	readonly #replaced = new Map<number, string>();
	/** The text that was pushed last, if it may be stored. */
	#last: string | undefined = undefined;
	/** By old and new name, how often it was changed. */
	readonly renamed: Map<string, number> = new Map();

	constructor(writer: Writer, plan: Plan, namings: Namings) {
		this.#writer = writer;
		this.#plan = plan;
		this.#namings = namings;
		this.#naming = namings(0);
	}

	/** The names that follow are those of a protocol. */
	proto(protocol: number): void {
		this.#protocol = protocol;
		this.#naming = this.#namings(protocol);
	}

	/** A pickle with a memo of its own follows. */
	clear(): void {
		for (const texts of [this.#texts, this.#absent, this.#replaced]) texts.clear();
		this.proto(0);
	}

	/** Whether an instruction is of a group, in which case it is dealt with. `key`: of a PUT. */
	take(span: Span, window: Window, key: number): boolean {
		const end = this.#end < 0 ? this.#plan.groups.get(span.offset) : this.#end;
		if (end === undefined) return false;
		const { code } = span.opcode;
		this.#last = undefined;
		this.#end = end;
		if (span.offset === end) this.#finish(code, end);
		else if (isPut(code)) this.#operands[this.#operands.length - 1]?.puts.push({ key, code });
		else if (isGet(code)) this.#operands.push({ text: undefined, key: keyOf(window, span), puts: [] });
		else if (code !== op.FRAME) this.#operands.push({ text: textAt(span, window), key: undefined, puts: [] });
		return true;
	}

	#finish(code: number, offset: number): void {
		const operands = this.#operands;
		this.#operands = [];
		this.#end = -1;
		const words = operands.map(({ text, key }) => text ?? (key === undefined ? undefined : this.#texts.get(key)));
		this.#writer.offset = offset;
		const [module, name] = words;
		if (code === op.BINPERSID) this.#persistent(module);
		else if (module === undefined || name === undefined)
			throw this.#writer.refuse("STACK_GLOBAL of a module and name that are no literal text");
		else if (this.#writer.protocol < 4) this.global(op.GLOBAL, [module, name], offset);
		else this.#stackGlobal(operands, [module, name], offset);
		if (this.#writer.protocol >= 4) return;
		for (const [i, { puts }] of operands.entries())
			for (const { key } of puts) this.#store(key, words[i] as string, this.#absent, "");
	}

	#persistent(id: string | undefined): void {
		if (id === undefined || !/^\p{ASCII}*$/u.test(id) || id.includes("\n"))
			throw this.#writer.refuse("a persistent id that is no line of ASCII text: protocol 0 has no other");
		this.#writer.latin1(`P${id}\n`);
	}

	#stackGlobal(operands: readonly Operand[], words: Name, offset: number): void {
		const names = this.#named(words, offset);
		for (const [i, { text, key, puts }] of operands.entries()) {
			const [was, is] = [words[i] as string, names[i] as string];
			const stored = key === undefined ? undefined : (this.#replaced.get(key) ?? this.#texts.get(key));
			if (key !== undefined && stored === is) this.#writer.get(key);
			else this.#writer.payload("text", encodeUtf8(is));
			for (const put of puts) {
				if (put.code === op.MEMOIZE) this.#writer.byte(op.MEMOIZE);
				else this.#writer.put(put.key);
				if (text !== undefined && was !== is) this.#store(put.key, was, this.#replaced, is);
				else this.#store(put.key, was);
			}
		}
		this.#writer.byte(op.STACK_GLOBAL);
	}

	/** What the source's memo has by a number, and what the result's has. */
	#store(key: number, text: string, where?: Map<number, string>, other = ""): void {
		this.#absent.delete(key);
		this.#replaced.delete(key);
		this.#texts.set(key, text);
		where?.set(key, other);
	}

	/** A PUT outside groups. */
	stored(key: number): void {
		this.#absent.delete(key);
		this.#replaced.delete(key);
		if (this.#last !== undefined && this.#plan.nameKeys.has(key)) this.#texts.set(key, this.#last);
		else this.#texts.delete(key);
	}

	/** The text that the source's memo has by a number, as far as names or dtypes are made of it. */
	textOf(key: number): string | undefined {
		return this.#texts.get(key);
	}

	/** Writes the text that a GET asks for where the result's memo has it not. Returns whether it did. */
	recall(key: number): boolean {
		const isAbsent = this.#absent.has(key);
		if (!isAbsent && !this.#replaced.has(key)) return false;
		this.#writer.payload("text", encodeUtf8(this.#texts.get(key) as string));
		if (isAbsent) this.#writer.put(key);
		this.#absent.delete(key);
		return true;
	}

	/** What was pushed last. */
	after(span: Span, window: Window): void {
		if (this.#plan.nameKeys.size > 0 && !isPut(span.opcode.code)) this.#last = textAt(span, window);
	}

	forget(): void {
		this.#last = undefined;
	}

	/** GLOBAL or INST by the name that it has in the result. */
	global(code: number, [module, name]: Name, offset: number): void {
		const { protocol } = this.#writer;
		const isNested = name.includes(".");
		if (isNested && this.#protocol < 4 && protocol >= 4)
			throw this.#writer.refuse(`the name ${name} has a dot, which means an attribute from protocol 4 on`);
		if (isNested && this.#protocol >= 4 && protocol < 4 && code === op.GLOBAL) this.#nested([module, name], offset);
		else this.#writer.lines(code, this.#named([module, name], offset));
	}

	/** `getattr(Outer, "Inner")`, as Python writes it below protocol 4. */
	#nested([module, path]: Name, offset: number): void {
		const [outer = "", ...inner] = path.split(".");
		for (const _ of inner) this.#writer.openCall("builtins", "getattr");
		this.#writer.lines(op.GLOBAL, this.#named([module, outer], offset));
		for (const name of inner) {
			this.#writer.word(name);
			this.#writer.closeCall(2);
		}
	}

	#named(was: Name, offset: number): Name {
		const is = this.#naming(was, offset);
		if (is[0] === was[0] && is[1] === was[1]) return was;
		const change = `${was.join(".")} is called ${is.join(".")}`;
		this.renamed.set(change, (this.renamed.get(change) ?? 0) + 1);
		return is;
	}
}

/** The text that an instruction pushes, if it is short. */
export function textAt({ opcode, start, stop }: Span, { bytes, base }: Window): string | undefined {
	if (stop - start > MAX_NAME) return undefined;
	switch (opcode.code) {
		case op.SHORT_BINUNICODE:
		case op.BINUNICODE:
		case op.BINUNICODE8:
			return decodeUtf8(bytes, start - base, stop - base);
		case op.UNICODE:
			return decodeRawUnicodeEscape(bytes, start - base, stop - base);
		default:
			return undefined;
	}
}
