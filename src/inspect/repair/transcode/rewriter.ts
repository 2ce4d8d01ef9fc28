import { decodeRawUnicodeEscape, unescapeString } from "../../../bytes/escapes.ts";
import { decodeLong, parseFloatText } from "../../../bytes/numbers.ts";
import { decodedText, decodeLatin1, decodeUtf8, encodeUtf8 } from "../../../bytes/utf8.ts";
import type { Limits } from "../../../limits.ts";
import * as op from "../../../opcodes/table.ts";
import type { Span, Window } from "../../walk.ts";
import { Groups, textAt } from "./groups.ts";
import { isGet, isPut, keyOf, MemoCount } from "./memo.ts";
import type { Namings } from "./names.ts";
import type { Insertion, Plan } from "./plan.ts";
import { type Form, Writer } from "./writer.ts";

export interface Rewriting {
	/** The protocol of the pickle, by its opcodes, and that of the result. */
	readonly from: number;
	readonly to: number;
	readonly isPython2: boolean;
	readonly isShared: boolean;
	readonly namings: Namings;
	readonly limits: Limits;
}

/** What payloads hold, by the code of their opcode. */
const forms: Partial<Record<number, Form>> = {
	[op.SHORT_BINUNICODE]: "text",
	[op.BINUNICODE]: "text",
	[op.BINUNICODE8]: "text",
	[op.SHORT_BINSTRING]: "str",
	[op.BINSTRING]: "str",
	[op.SHORT_BINBYTES]: "bytes",
	[op.BINBYTES]: "bytes",
	[op.BINBYTES8]: "bytes",
};

/** What the payload of an opcode holds, if it has one; a bytearray holds bytes. */
export function formOf(code: number): Form | undefined {
	return code === op.BYTEARRAY8 ? "bytes" : forms[code];
}

/** Writes the instructions of pickles anew for another protocol, or with other names. */
export class Rewriter {
	readonly writer: Writer;
	readonly groups: Groups;
	readonly #plan: Plan;
	readonly #to: number;
	readonly #isRaised: boolean;
	readonly #isShared: boolean;
	readonly #limits: Limits;
	readonly #keepsMemoize: boolean;
	#count = new MemoCount();
	#isBegun = false;
	/** Texts that became strs. */
	strs = 0;

	constructor(plan: Plan, { from, to, isPython2, isShared, namings, limits }: Rewriting) {
		this.writer = new Writer(to, isPython2);
		this.groups = new Groups(this.writer, plan, namings);
		this.#plan = plan;
		this.#to = to;
		this.#isRaised = to > from;
		this.#isShared = isShared;
		this.#limits = limits;
		this.#keepsMemoize = from >= 4 && to >= 4;
	}

	/** What comes before an instruction; then whether the instruction is still to be written. */
	before({ offset, opcode }: Span): void {
		const { writer } = this;
		writer.offset = offset;
		if (!this.#isBegun && this.#to >= 2) writer.outside(Uint8Array.of(op.PROTO, this.#to));
		this.#isBegun = opcode.code !== op.STOP;
		const { closes, ends, starts } = this.#plan;
		const keys = closes.get(offset);
		if (keys !== undefined) {
			writer.closeCall(1);
			for (const key of keys) writer.put(key);
		}
		for (const insertion of ends.get(offset) ?? []) this.#insert(insertion);
		const begun = starts.get(offset) ?? [];
		for (let i = begun.length - 1; i >= 0; i--) this.#insert(begun[i] as Insertion);
	}

	#insert(insertion: Insertion): void {
		const { writer } = this;
		switch (insertion) {
			case "newobj_ex":
				if (writer.isPython2) throw writer.refuse("NEWOBJ_EX, which Python 2 has no function for");
				writer.global(this.#copyreg, "__newobj_ex__");
				break;
			case "partial":
				writer.openCall("functools", "partial");
				writer.global(this.#copyreg, "__newobj__");
				break;
			case "partial end":
				writer.closeCall(2);
				break;
			default:
				writer.byte(insertion);
		}
	}

	get #copyreg(): string {
		return this.#to < 3 ? "copy_reg" : "copyreg";
	}

	/** Writes an instruction whose argument is at hand. @throws Refused */
	write(span: Span, window: Window): void {
		const { code } = span.opcode;
		const key = isPut(code) ? this.#keyOf(span, window) : -1;
		if (this.groups.take(span, window, key)) return;
		if (this.#plan.strs.has(span.offset) && this.#str(span, window)) return;
		if (key >= 0) this.#put(span, key);
		else if (isGet(code)) this.#get(span, window);
		else if (formOf(code) !== undefined) this.#payload(span, window);
		else if (code === op.PROTO) this.groups.proto(window.bytes[span.start - window.base] as number);
		else if (!this.#structure(span)) this.#atom(span, window);
		this.groups.after(span, window);
	}

	/** A text, or what the memo has by a number, as str. Returns whether it is one that can be str. */
	#str(span: Span, window: Window): boolean {
		const isRecalled = isGet(span.opcode.code);
		const text = isRecalled ? this.groups.textOf(keyOf(window, span)) : textAt(span, window);
		if (text === undefined || !/^\p{ASCII}*$/u.test(text)) return false;
		this.writer.word(text);
		if (!isRecalled) this.groups.after(span, window);
		else this.groups.forget();
		this.strs++;
		return true;
	}

	/** An instruction as it is. */
	#copy({ offset, end }: Span, { bytes, base }: Window): void {
		this.writer.bytes(bytes.subarray(offset - base, end - base));
	}

	#keyOf(span: Span, window: Window): number {
		const key = span.opcode.code === op.MEMOIZE ? this.#count.size : keyOf(window, span);
		this.#count.add(key);
		return key;
	}

	#put({ offset, opcode }: Span, key: number): void {
		this.groups.stored(key);
		if (this.#plan.dropped.has(offset)) return;
		if (opcode.code === op.MEMOIZE && this.#keepsMemoize) this.writer.byte(op.MEMOIZE);
		else this.writer.put(key);
	}

	#get(span: Span, window: Window): void {
		const key = keyOf(window, span);
		if (!this.groups.recall(key)) this.writer.get(key);
	}

	#payload({ opcode, start, stop }: Span, { bytes, base }: Window): void {
		const { code } = opcode;
		const { writer } = this;
		const payload = bytes.subarray(start - base, stop - base);
		if (code === op.BYTEARRAY8 && this.#to < 5) {
			writer.openCall("builtins", "bytearray");
			writer.payload("bytes", payload);
			writer.closeCall(1);
		} else if (code === op.BYTEARRAY8) {
			writer.bytes([code, ...lengthBytes(payload.length)]);
			writer.bytes(payload);
		} else writer.payload(formOf(code) as Form, payload);
	}

	/** Instructions without an argument that some protocol lacks. Returns whether it was one. */
	#structure({ opcode, offset }: Span): boolean {
		const { writer } = this;
		const { code } = opcode;
		switch (code) {
			case op.FRAME:
				return true;
			case op.MARK:
				this.#mark(offset);
				return true;
			case op.STOP:
				this.#stop();
				return true;
			case op.EMPTY_TUPLE:
				writer.emptyTuple();
				return true;
			case op.EMPTY_LIST:
				writer.emptyList();
				return true;
			case op.EMPTY_DICT:
				writer.empty(code, op.DICT);
				return true;
			case op.TUPLE1:
			case op.TUPLE2:
			case op.TUPLE3:
				writer.close((code - op.TUPLE1 + 1) as 1);
				return true;
			case op.NEXT_BUFFER:
			case op.READONLY_BUFFER:
				if (this.#to === 5) return false;
				throw writer.refuse("data that lie outside the pickle (buffers), which protocol 5 alone has");
			case op.EXT1:
			case op.EXT2:
			case op.EXT4:
				if (this.#to >= 2) return false;
				throw writer.refuse("a code of copyreg's extension registry, which protocol 2 is the first to have");
			default:
				return this.#to < 4 && (this.#below4(opcode.code, offset) || (this.#to < 2 && this.#below2(code, offset)));
		}
	}

	#mark(offset: number): void {
		const { writer } = this;
		const role = this.#plan.marks.get(offset);
		if (role === "frozenset") {
			writer.openCall("builtins", "frozenset");
			writer.emptyList();
		} else if (typeof role === "object") {
			writer.openCall("builtins", "getattr");
			writer.global("builtins", "set");
			writer.word("update");
			writer.closeCall(2);
			writer.open();
			writer.get(role.update);
			writer.emptyList();
		}
		if (this.#to > 0 || role === undefined) writer.byte(op.MARK);
	}

	#below4(code: number, offset: number): boolean {
		const { writer } = this;
		switch (code) {
			case op.EMPTY_SET:
				if (!this.#plan.listed.has(offset)) {
					writer.global("builtins", "set");
					writer.emptyTuple();
					writer.byte(op.REDUCE);
					return true;
				}
				writer.openCall("builtins", "set");
				writer.emptyList();
				return true;
			case op.ADDITEMS:
				if (this.#to > 0) writer.byte(op.APPENDS);
				if (!this.#plan.updates.has(offset)) return true;
				writer.closeCall(2);
				writer.byte(op.POP);
				return true;
			case op.FROZENSET:
				if (this.#to > 0) writer.byte(op.APPENDS);
				writer.closeCall(1);
				return true;
			case op.NEWOBJ_EX:
				writer.closeCall(3);
				return true;
			default:
				return false;
		}
	}

	#below2(code: number, offset: number): boolean {
		const { writer } = this;
		switch (code) {
			case op.NEWOBJ:
				writer.byte(op.REDUCE);
				return true;
			case op.NEWTRUE:
			case op.NEWFALSE:
				writer.latin1(code === op.NEWTRUE ? "I01\n" : "I00\n");
				return true;
			case op.APPENDS:
			case op.SETITEMS:
				return this.#to === 0;
			case op.POP_MARK:
				if (this.#to > 0) return false;
				writer.latin1("0".repeat((this.#plan.popped.get(offset) ?? 0) + 1));
				return true;
			case op.OBJ: {
				const [module = "", name = ""] = this.#plan.classes.get(offset)?.split("\n") ?? [];
				if (this.#to === 0) this.groups.global(op.INST, [module, name], offset);
				return this.#to === 0;
			}
			default:
				return false;
		}
	}

	#stop(): void {
		const { writer } = this;
		writer.byte(op.STOP);
		writer.endFrame();
		if (this.#isShared) return;
		this.#count = new MemoCount();
		this.groups.clear();
	}

	/** Numbers, lines and names. */
	#atom(span: Span, window: Window): void {
		const { code } = span.opcode;
		const isLong = code === op.LONG1 || code === op.LONG4;
		if (code === op.GLOBAL || code === op.INST) this.#name(span, window);
		else if (this.#to < 2 && isLong) this.#long(span, window);
		else if (!this.#number(span, window) && !this.#raised(span, window)) this.#copy(span, window);
	}

	#name(span: Span, { bytes, base }: Window): void {
		const { opcode, start, stop, offset } = span;
		const [module = "", name = ""] = decodeUtf8(bytes, start - base, stop - base).split("\n");
		this.groups.global(opcode.code, [module, name], offset);
	}

	#long({ start, stop, offset }: Span, { view, base }: Window): void {
		const digits = String(decodeLong(view, start - base, stop - base));
		const { maxIntDigits } = this.#limits;
		if (digits.length > maxIntDigits) {
			const why = `an int of more than ${maxIntDigits} digits, which Python does not read as text`;
			this.writer.offset = offset;
			throw this.writer.refuse(why);
		}
		this.writer.latin1(`L${digits}L\n`);
	}

	/** A binary number at protocol 0. */
	#number({ opcode, start }: Span, { view, base }: Window): boolean {
		const { writer } = this;
		const at = start - base;
		if (this.#to > 0) return false;
		switch (opcode.code) {
			case op.BININT:
				writer.int(view.getInt32(at, true));
				return true;
			case op.BININT1:
				writer.int(view.getUint8(at));
				return true;
			case op.BININT2:
				writer.int(view.getUint16(at, true));
				return true;
			case op.BINFLOAT:
				writer.latin1(`F${this.#floatText(view, at)}\n`);
				return true;
			default:
				return false;
		}
	}

	#floatText(view: DataView, at: number): string {
		const value = view.getFloat64(at);
		if (Number.isFinite(value))
			return Object.is(value, -0)
				? "-0.0"
				: Number.isInteger(value) && Math.abs(value) < 1e16
					? `${value}.0`
					: String(value);
		if (!Number.isNaN(value)) return value < 0 ? "-inf" : "inf";
		const [high, low] = [view.getUint32(at), view.getUint32(at + 4)];
		if (low !== 0 || (high & 0x7fffffff) !== 0x7ff80000)
			throw this.writer.refuse("a NaN with bits of its own, which text does not keep");
		return high >>> 31 ? "-nan" : "nan";
	}

	/** A line in place of which there is an instruction that is no text. Lines that no pickler writes stay. */
	#raised({ opcode, start, stop }: Span, { bytes, base }: Window): boolean {
		const [from, to] = [start - base, stop - base];
		if (!this.#isRaised || this.#to === 0) return false;
		switch (opcode.code) {
			case op.INT:
				return this.#raisedInt(decodeLatin1(bytes, from, Math.min(to, from + 16)));
			case op.LONG:
				return (
					this.#to >= 2 &&
					this.#raisedLong(decodeLatin1(bytes, from, Math.min(to, from + this.#limits.maxIntDigits + 3)))
				);
			case op.FLOAT: {
				const value = parseFloatText(bytes, from, to);
				if (!Number.isNaN(value)) this.writer.float(value);
				return !Number.isNaN(value);
			}
			case op.STRING:
				this.writer.payload("str", unescapeString(bytes, from, to));
				return true;
			case op.UNICODE: {
				decodedText.splitPair = false;
				const text = decodeRawUnicodeEscape(bytes, from, to);
				if (!decodedText.splitPair) this.writer.payload("text", encodeUtf8(text));
				return !decodedText.splitPair;
			}
			default:
				return false;
		}
	}

	#raisedInt(line: string): boolean {
		if (this.#to >= 2 && (line === "01" || line === "00")) {
			this.writer.byte(line === "01" ? op.NEWTRUE : op.NEWFALSE);
			return true;
		}
		const value = Number(line);
		const isShort = /^(0|-?[1-9]\d{0,9})$/.test(line) && value >= -(2 ** 31) && value < 2 ** 31;
		if (isShort) this.writer.int(value);
		return isShort;
	}

	#raisedLong(line: string): boolean {
		const [, digits] = /^(0|-?[1-9]\d*)L?$/.exec(line) ?? [];
		if (digits === undefined || digits.length > this.#limits.maxIntDigits) return false;
		const bytes = twosComplement(BigInt(digits));
		if (bytes.length < 256) this.writer.bytes([op.LONG1, bytes.length, ...bytes]);
		else this.writer.bytes([op.LONG4, bytes.length & 255, bytes.length >> 8, 0, 0, ...bytes]);
		return true;
	}
}

function lengthBytes(length: number): number[] {
	return [length & 255, (length >> 8) & 255, (length >> 16) & 255, length >>> 24, 0, 0, 0, 0];
}

function twosComplement(value: bigint): number[] {
	const bytes: number[] = [];
	if (value === 0n) return bytes;
	for (let rest = value; ; ) {
		const byte = Number(rest & 0xffn);
		bytes.push(byte);
		rest >>= 8n;
		if (rest === (byte < 128 ? 0n : -1n)) return bytes;
	}
}
