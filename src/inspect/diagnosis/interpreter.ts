import { decodeRawUnicodeEscape, unescapeString } from "../../bytes/escapes.ts";
import { asCInt } from "../../bytes/int64.ts";
import { decodeLong, parseFloatText, parseIndexText, parseIntText, parseLongText } from "../../bytes/numbers.ts";
import { decodeLatin1, decodeUtf8, isAscii } from "../../bytes/utf8.ts";
import { PickleError } from "../../errors.ts";
import { instructionBytes } from "../../opcodes/input.ts";
import * as op from "../../opcodes/table.ts";
import { bytesNeeded, dtypeOf, shapeOf } from "./arrays.ts";
import { Derailed, type Failure, limits, Machine, type MachineOptions } from "./machine.ts";
import { Memo } from "./memo.ts";
import {
	type Abstract,
	type GlobalName,
	KEPT_TEXT,
	latin1LengthOf,
	type Made,
	Mapping,
	Opaque,
	Sequence,
	Text,
	textOf,
} from "./values.ts";

/** Payloads up to here are looked at; longer ones are skipped. */
const INSPECTED = 65_536;
/** Lines up to here are looked at; of longer ones only the end is sought. */
const MAX_LINE = 1 << 20;

const INT = new Opaque("int");
const FLOAT = new Opaque("float");
const nothing = new Uint8Array(0);
const noView = new DataView(nothing.buffer);

export interface InterpreterOptions extends MachineOptions {
	/** How long payloads are that are not as long as they say, by the offset of their opcode. */
	readonly lengths?: ReadonlyMap<number, number>;
}

/**
 * Interprets one pickle without making its values. It is given window after window, from `pos` on, and skips payloads, so it
 * needs neither the bytes of a large one nor memory for it. It never throws for what the bytes hold: what cannot be read on is
 * its `failure`.
 */
export class Interpreter extends Machine {
	/** Bytes that it needs from `pos` on, after `run` said "more". */
	need = 1;
	/** Where a line begins whose end is to be sought, after `run` said "line". */
	line = 0;
	readonly #options: InterpreterOptions;
	#bytes: Uint8Array = nothing;
	#view: DataView = noView;
	#base = 0;
	#lineEnd = -1;

	constructor(start: number, size: number, options: InterpreterOptions = {}) {
		super(start, size, options);
		this.#options = options;
	}

	/** Goes on with a window that begins at `base`, at or before `pos`. "end" is at STOP, or where it failed. */
	run(bytes: Uint8Array, base: number): "more" | "line" | "end" {
		this.#bytes = bytes;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		this.#base = base;
		try {
			for (;;) {
				const outcome = this.#step();
				if (outcome !== undefined) return outcome;
			}
		} catch (error) {
			if (error instanceof Derailed) this.failure = error.failure;
			else if (error instanceof PickleError) this.failure = this.#failureOf(error);
			else if (error instanceof RangeError) this.failure = this.fail("limit", "this runtime holds no more").failure;
			else throw error;
			return "end";
		}
	}

	/** Where the line's LF lies that `run` asked for; undefined if there is none. */
	foundLine(end: number | undefined): void {
		this.#lineEnd = end ?? this.size;
	}

	#failureOf({ code, reason }: PickleError): Failure {
		const kinds: Partial<Record<string, Failure["kind"]>> = {
			E_NUMBER: "number",
			E_LIMIT: "limit",
			E_TOO_LARGE: "limit",
		};
		return { kind: kinds[code] ?? "text", offset: this.pos, opcode: this.opcodeName(), reason };
	}

	protected override opcodeName(): string | undefined {
		return op.opcodeOf(this.#bytes[this.pos - this.#base] ?? -1)?.name;
	}

	#step(): "more" | "line" | "end" | undefined {
		const at = this.pos - this.#base;
		const start = this.pos;
		const code = this.#bytes[at];
		if (code === undefined) return this.#missing(1);
		const row = op.opcodeOf(code);
		if (row === undefined) throw this.fail("opcode", `0x${hex(code)} is no opcode`);
		const fixed = instructionBytes[code] as number;
		if (at + fixed > this.#bytes.length) return this.#missing(fixed);
		// joblib's byte of padding may follow.
		if (code === op.BUILD && at + 1 === this.#bytes.length && this.pos + 1 < this.size) return this.#missing(2);
		const outcome = this.#perform(code, row, at);
		if (outcome !== "more" && outcome !== "line") this.findings.count(row, this.stack.length, this.pos, start);
		return outcome;
	}

	/** The instruction needs so many bytes: they come with another window, or there are none. */
	#missing(bytes: number): "more" {
		if (this.pos + bytes > this.size) throw this.#ended(this.pos + bytes);
		this.need = bytes;
		return "more";
	}

	#ended(needs: number, payload?: Failure["payload"]): Derailed {
		if (this.pos >= this.size) {
			return this.fail("end", "the input ends without STOP", { needs, opcode: undefined });
		}
		return this.fail("end", `the input ends inside ${this.opcodeName()}`, { needs, payload });
	}

	#perform(code: number, row: op.Opcode, at: number): "more" | "line" | "end" | undefined {
		const { argument } = row;
		if (argument.endsWith("line") || argument === "two lines") return this.#performLine(code, argument, at);
		const end = this.pos + (instructionBytes[code] as number);
		if (!isPayload(argument)) {
			const outcome = this.#act(code, at);
			if (outcome === undefined) this.pos = Math.max(this.pos, end);
			return outcome;
		}
		const length = this.#payloadLength(code, argument, at, end);
		if (end + length > this.size) throw this.#ended(end + length, { offset: end, length });
		const inspected = length <= INSPECTED;
		if (inspected && end + length - this.#base > this.#bytes.length) return this.#missing(end - this.pos + length);
		this.push(this.#payload(code, argument, end, length, inspected));
		this.pos = end + length;
		return undefined;
	}

	/** The length that a payload has. Of one that is an array's data, that may not be what its field says. */
	#payloadLength(code: number, argument: op.ArgumentKind, at: number, start: number): number {
		const { findings, pos } = this;
		const declared = this.#declaredLength(argument, at);
		const known = this.#options.lengths?.get(pos);
		const head = this.dueArray();
		const needed = head?.needed;
		if (code === op.LONG4 && declared < 0) throw this.fail("length", `an int of ${declared} bytes`);
		// BINSTRING's length is signed; where its top bit is set, it was written unsigned.
		const length = declared < 0 ? declared >>> 0 : declared;
		const overflow = { at: pos, opcode: op.opcodeOf(code)?.name ?? "", payload: start, declared, head } as const;
		if (needed !== undefined && needed !== length && needed >= 2 ** 32 && asCInt(needed) >>> 0 === length) {
			findings.overflows.push({ ...overflow, form: "wrapped", length: needed });
		} else if (declared < 0) {
			findings.neededProtocol = Math.max(findings.neededProtocol, 1);
			findings.overflows.push({ ...overflow, form: "signed", length });
		}
		return known ?? length;
	}

	#declaredLength(argument: op.ArgumentKind, at: number): number {
		switch (argument) {
			case "long1":
			case "string1":
			case "bytes1":
			case "text1":
				return this.#bytes[at + 1] as number;
			case "long4":
			case "string4":
				return this.#view.getInt32(at + 1, true);
			case "bytes4":
			case "text4":
				return this.#view.getUint32(at + 1, true);
			default: {
				const length = this.#view.getUint32(at + 1, true) + this.#view.getUint32(at + 5, true) * 2 ** 32;
				if (Number.isSafeInteger(length)) return length;
				throw this.fail("length", `a length of 2^53 bytes or more`);
			}
		}
	}

	#payload(code: number, argument: op.ArgumentKind, start: number, length: number, inspected: boolean): Abstract {
		const from = start - this.#base;
		const to = from + length;
		if (argument.startsWith("long")) return inspected && length <= 8 ? decodeLong(this.#view, from, to) : INT;
		const form = payloadForms[argument] as Text["form"];
		// What has lost bytes is as long as it says, for the array that it fills.
		const declared = this.#options.lengths?.has(this.pos) ? this.#declaredLength(argument, this.pos - this.#base) : 0;
		const common = {
			form,
			opcode: code,
			at: this.pos,
			offset: start,
			length: Math.max(length, declared),
			extent: length,
		};
		this.findings.payload(this.pos, op.opcodeOf(code)?.name ?? "", start, length, this.dueArray());
		if (!inspected) return new Text(common, undefined, undefined);
		return this.#inspect(common, this.#bytes, from, to);
	}

	#inspect(common: Omit<Text, "text" | "latin1Length" | "depth">, bytes: Uint8Array, from: number, to: number): Text {
		const short = to - from <= KEPT_TEXT;
		if (common.form === "text") {
			const text = decodeUtf8(bytes, from, to);
			return new Text(common, short ? text : undefined, latin1LengthOf(text));
		}
		const ascii = isAscii(bytes, from, to);
		this.findings.payloadEnd(common.at, bytes, from, to);
		if (common.form === "str") this.findings.python2Text(common.at, bytes, from, to, ascii);
		if (common.form === "bytes" || common.form === "str") this.findings.sample(bytes, from, to, common.offset);
		return new Text(common, short ? decodeLatin1(bytes, from, to) : undefined, to - from);
	}

	#performLine(code: number, argument: op.ArgumentKind, at: number): "more" | "line" | undefined {
		const first = this.#findLine(at + 1);
		if (first === "line" && argument === "two lines") throw this.fail("name", "a name of more than 4,096 bytes");
		if (typeof first === "string") return first;
		if (argument !== "two lines") {
			this.#actLine(code, at + 1, first);
			this.pos = this.#base + first + 1;
			return undefined;
		}
		const second = this.#findLine(first + 1);
		if (second === "line") throw this.fail("name", "a name of more than 4,096 bytes");
		if (second === "more") return second;
		const next = this.#base + second + 1;
		const name = this.#global(at + 1, first, second);
		if (code === op.GLOBAL) this.push(name);
		else this.made(name, this.take("tuple"));
		this.pos = next;
		return undefined;
	}

	/** The place in the window of the LF that ends the line from `from` on; "more" or "line" if it has not come. */
	#findLine(from: number): number | "more" | "line" {
		if (this.#lineEnd >= 0) {
			const end = this.#lineEnd;
			this.#lineEnd = -1;
			if (end >= this.size) throw this.#ended(this.size + 1);
			return end - this.#base;
		}
		const end = this.#bytes.indexOf(10, from);
		if (end >= 0) return end;
		const held = this.#bytes.length - (this.pos - this.#base);
		if (this.#base + this.#bytes.length >= this.size) throw this.#ended(this.size + 1);
		if (held < MAX_LINE) {
			this.need = Math.min(2 * held + 64, this.size - this.pos);
			return "more";
		}
		this.line = this.#base + from;
		return "line";
	}

	#actLine(code: number, from: number, to: number): void {
		const bytes = this.#bytes;
		if (bytes[to - 1] === 13 && to > from && code !== op.UNICODE && code !== op.PERSID)
			this.findings.anomaly("cr", this.pos);
		const text: Omit<Text, "text" | "latin1Length" | "depth"> = {
			form: code === op.STRING ? "str" : "text",
			opcode: code,
			at: this.pos,
			offset: this.#base + from,
			length: undefined,
			extent: to - from,
		};
		if (to > bytes.length || to - from > MAX_LINE) {
			if (code !== op.STRING && code !== op.UNICODE && code !== op.LONG)
				throw this.fail("number", "a number that is too long");
			this.push(code === op.LONG ? INT : new Text(text, undefined, undefined));
			return;
		}
		const { maxIntDigits } = limits;
		switch (code) {
			case op.PUT:
				this.put(this.#place(from, to));
				break;
			case op.GET:
				this.get(this.#place(from, to));
				break;
			case op.INT:
				this.push(parseIntText(bytes, from, endOfLine(bytes, from, to), maxIntDigits));
				break;
			case op.LONG:
				this.push(longOf(bytes, from, endOfLine(bytes, from, to), maxIntDigits));
				break;
			case op.FLOAT:
				parseFloatText(bytes, from, endOfLine(bytes, from, to));
				this.push(FLOAT);
				break;
			case op.STRING: {
				const str = unescapeString(bytes, from, endOfLine(bytes, from, to));
				if (str.length >= 1024)
					this.findings.payload(this.pos, "STRING", this.#base + from, to - from, this.dueArray());
				this.push(this.#inspect({ ...text, length: str.length }, str, 0, str.length));
				break;
			}
			case op.UNICODE: {
				const decoded = decodeRawUnicodeEscape(bytes, from, to);
				const short = decoded.length <= KEPT_TEXT;
				this.push(new Text(text, short ? decoded : undefined, latin1LengthOf(decoded)));
				break;
			}
			default:
				if (!isAscii(bytes, from, to)) this.findings.anomaly("name", this.pos);
				this.persistent();
		}
	}

	/** A memo index in text. Python 2 takes any text for one. */
	#place(from: number, to: number): number | string {
		const place = parseIndexText(this.#bytes, from, endOfLine(this.#bytes, from, to));
		if (place >= 0) return place;
		if (to - from > KEPT_TEXT) throw this.fail("memo", "the memo index is no number");
		this.findings.anomaly("memo", this.pos);
		return decodeLatin1(this.#bytes, from, to);
	}

	#global(from: number, first: number, second: number): GlobalName {
		const bytes = this.#bytes;
		if (second > bytes.length || second - from > 4096) throw this.fail("name", "a name of more than 4,096 bytes");
		return this.named(decodeUtf8(bytes, from, first), decodeUtf8(bytes, first + 1, second));
	}

	#act(code: number, at: number): "end" | undefined {
		const { stack, marks, findings } = this;
		const bytes = this.#bytes;
		const view = this.#view;
		switch (code) {
			case op.MARK:
				marks.push(stack.length);
				break;
			case op.NONE:
				this.push(null);
				break;
			case op.NEWTRUE:
				this.push(true);
				break;
			case op.NEWFALSE:
				this.push(false);
				break;
			case op.BININT1:
				this.push(bytes[at + 1] as number);
				break;
			case op.BININT2:
				this.push(view.getUint16(at + 1, true));
				break;
			case op.BININT:
				this.push(view.getInt32(at + 1, true));
				break;
			case op.BINFLOAT:
				this.push(FLOAT);
				break;
			case op.BINPUT:
				this.put(bytes[at + 1] as number);
				break;
			case op.LONG_BINPUT:
				this.put(view.getUint32(at + 1, true));
				break;
			case op.MEMOIZE:
				findings.memoized++;
				this.memo.set(this.memo.size, this.top());
				break;
			case op.BINGET:
				this.get(bytes[at + 1] as number);
				break;
			case op.LONG_BINGET:
				this.get(view.getUint32(at + 1, true));
				break;
			case op.EMPTY_TUPLE:
				this.push(new Sequence("tuple"));
				break;
			case op.TUPLE1:
			case op.TUPLE2:
			case op.TUPLE3:
				this.tuple(code - op.TUPLE1 + 1);
				break;
			case op.TUPLE:
				stack.push(this.take("tuple"));
				break;
			case op.EMPTY_LIST:
				this.push(new Sequence("list"));
				break;
			case op.LIST:
				stack.push(this.take("list"));
				break;
			case op.EMPTY_SET:
				this.push(new Sequence("set"));
				break;
			case op.FROZENSET:
				stack.push(this.take("frozenset"));
				break;
			case op.APPEND:
				this.extend(this.pop());
				break;
			case op.APPENDS:
				this.extendAll("append");
				break;
			case op.ADDITEMS:
				this.extendAll("add");
				break;
			case op.EMPTY_DICT:
				this.push(new Mapping());
				break;
			case op.DICT: {
				const items = this.popMark();
				stack.push(this.entries(new Mapping(), items));
				break;
			}
			case op.SETITEM: {
				const value = this.pop();
				const key = this.pop();
				this.setItem(this.top(), key, value);
				break;
			}
			case op.SETITEMS: {
				const mark = this.popMark();
				if (mark <= this.fence) throw this.fail("stack", "there is no dict for the items");
				this.entries(stack[mark - 1] as Abstract, mark);
				break;
			}
			case op.POP:
				if (marks.length > 0 && this.fence === stack.length) marks.pop();
				else this.pop();
				break;
			case op.POP_MARK:
				stack.length = this.popMark();
				break;
			case op.DUP:
				this.push(this.top());
				break;
			case op.REDUCE:
			case op.NEWOBJ: {
				const args = this.pop();
				this.made(this.pop(), args);
				break;
			}
			case op.NEWOBJ_EX: {
				this.pop();
				const args = this.pop();
				this.made(this.pop(), args);
				break;
			}
			case op.OBJ: {
				const args = this.take("tuple");
				if (args.count === 0) throw this.fail("stack", "there is no class for OBJ");
				this.made(args.items.shift() ?? null, args);
				break;
			}
			case op.BUILD:
				return this.build();
			case op.STACK_GLOBAL: {
				const name = this.pop();
				const module = this.pop();
				if (!isTextual(module) || !isTextual(name)) throw this.fail("name", "module and name are to be str");
				this.push(this.named(textOf(module) ?? "", textOf(name) ?? ""));
				break;
			}
			case op.BINPERSID:
				this.persistent(this.pop());
				break;
			case op.EXT1:
			case op.EXT2:
			case op.EXT4:
				findings.foreign("extensions", this.pos);
				this.push(new Opaque("extension"));
				break;
			case op.NEXT_BUFFER:
				findings.foreign("buffers", this.pos);
				this.push(new Opaque("buffer"));
				break;
			case op.READONLY_BUFFER:
				this.top();
				break;
			case op.PROTO:
				this.#proto(bytes[at + 1] as number);
				break;
			case op.FRAME:
				this.#frame(view.getUint32(at + 1, true) + view.getUint32(at + 5, true) * 2 ** 32);
				break;
			case op.STOP:
				return this.stop();
		}
		return undefined;
	}

	#proto(protocol: number): void {
		if (protocol > 5) throw this.fail("protocol", `protocol ${protocol} is not known; the highest is 5`);
		this.findings.protocol = Math.max(this.findings.protocol ?? 0, protocol);
		if (this.pos !== this.start && this.outer.length === 0) this.findings.anomaly("proto", this.pos);
	}

	#frame(length: number): void {
		this.findings.frame(this.pos, this.pos + 9 + length);
	}

	/** joblib writes an array's bytes behind the BUILD that describes it, object arrays as a pickle of their own. */
	protected override rawArray(target: Made, state: Abstract): "end" | undefined {
		const entries = state instanceof Mapping ? state.entries : undefined;
		const shape = shapeOf(entries?.get("shape"));
		const dtype = dtypeOf(entries?.get("dtype"));
		this.findings.joblibArrays++;
		if (shape === undefined || dtype === undefined) return undefined;
		this.pos++;
		if (dtype.hasObject) {
			this.outer.push({ stack: this.stack, marks: this.marks, memo: this.memo });
			this.stack = [];
			this.marks = [];
			this.memo = new Memo();
			return undefined;
		}
		const needed = bytesNeeded(shape, dtype) ?? Number.POSITIVE_INFINITY;
		const padding = entries?.has("numpy_array_alignment_bytes") ? 1 + (this.#bytes[this.pos - this.#base] ?? 0) : 0;
		const start = this.pos + padding;
		const head = { shape, dtype, fortran: textOf(entries?.get("order")) === "F", needed };
		this.findings.array({ head, at: target.at, data: undefined, length: undefined, end: this.pos });
		this.findings.payload(this.pos, "raw array", start, needed, head);
		if (start + needed > this.size) throw this.#ended(start + needed, { offset: start, length: needed });
		this.pos = start + needed;
		return undefined;
	}
}

const payloadForms: Partial<Record<op.ArgumentKind, Text["form"]>> = {
	string1: "str",
	string4: "str",
	bytes1: "bytes",
	bytes4: "bytes",
	bytes8: "bytes",
	bytearray8: "bytearray",
	text1: "text",
	text4: "text",
	text8: "text",
};

function isPayload(argument: op.ArgumentKind): boolean {
	return argument in payloadForms || argument === "long1" || argument === "long4";
}

function isTextual(value: Abstract): boolean {
	return value instanceof Text && value.form !== "bytearray" && value.form !== "bytes";
}

/** Where a line's argument ends if spaces and CR at its end are left out, as Python's own readers do. */
function endOfLine(bytes: Uint8Array, from: number, to: number): number {
	let end = to;
	while (end > from && (bytes[end - 1] === 13 || bytes[end - 1] === 32)) end--;
	return end;
}

/** A text LONG; Python 2 wrote them of any length. */
function longOf(bytes: Uint8Array, from: number, to: number, maxDigits: number): Abstract {
	return to - from > maxDigits ? INT : parseLongText(bytes, from, to, maxDigits);
}

function hex(code: number): string {
	return code.toString(16).padStart(2, "0");
}
