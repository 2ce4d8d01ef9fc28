import { decodeLong, parseFloatText, parseIntText, parseLongText } from "../bytes/numbers.ts";
import { decodeRawUnicodeEscape, unescapeString } from "../bytes/escapes.ts";
import { toLong } from "../bytes/int64.ts";
import { decodedText, decodeUtf8, isAscii } from "../bytes/utf8.ts";
import { isPickleError, PickleError, quoted } from "../errors.ts";
import { limitError } from "../limits.ts";
import { PyDict } from "../values/dict.ts";
import { PyFloat, PyByteArray } from "../values/scalars.ts";
import { PyFrozenSet, PySet } from "../values/set.ts";
import type { PyValue } from "../values/value.ts";
import { Input, instructionBytes } from "./input.ts";
import { Memo } from "./memo.ts";
import { type MachineOptions, Objects, typeName } from "./objects.ts";
import * as op from "./table.ts";

export type { MachineOptions };

/** Highest protocol there is. */
const MAX_PROTOCOL = 5;

/**
 * Decodes one pickle after another from a window of bytes. `run` goes on until STOP, or until an instruction
 * is not whole yet; it has then changed nothing, and goes on with it once the window holds more.
 */
export class Unpickler extends Input {
	readonly objects: Objects;
	readonly #options: MachineOptions;
	readonly #stack: PyValue[] = [];
	/** Heights of the stack at which marks lie: no sentinels among the values. */
	readonly #marks: number[] = [];
	#memo = new Memo();
	#protocol = 0;
	#emptyTuple: readonly PyValue[] = Object.freeze([]);
	readonly #buffers: Iterator<ArrayBuffer | ArrayBufferView> | undefined;
	/** What STOP gave. */
	result: PyValue = null;

	constructor(options: MachineOptions) {
		super();
		this.#options = options;
		this.objects = new Objects(options, this);
		this.#buffers = options.buffers?.[Symbol.iterator]();
	}

	/** Starts on the next pickle, at `pos`. */
	begin(): void {
		this.#stack.length = 0;
		this.#marks.length = 0;
		this.#protocol = 0;
		this.objects.made.clear();
		if (!this.#options.keepMemo) this.#memo = new Memo();
		if (this.#options.tuples === "array") this.#emptyTuple = this.objects.strings.tuple([]);
		this.endFrame();
		this.limit = 0;
	}

	/**
	 * Goes on to STOP. Returns whether it came to it; if not, `need` bytes from `pos` on are needed at least.
	 * @throws PickleError for whatever is wrong with the input
	 */
	run(): boolean {
		try {
			return this.#loop();
		} catch (error) {
			throw this.#located(error);
		}
	}

	/** Takes the payload of the instruction at `pos` from a buffer that holds it alone, and is done with that instruction. */
	take(payload: Uint8Array): void {
		try {
			this.#stack.push(this.#payload(this.bytes[this.pos] as number, payload, 0, payload.length));
		} catch (error) {
			throw this.#located(error);
		}
	}

	/** Gives an error its place; what the engine itself refuses is E_TOO_LARGE. */
	#located(error: unknown): unknown {
		const opcode = op.opcodeOf(this.bytes[this.pos] ?? -1)?.name;
		if (error instanceof PickleError) return error.at(this.offset, opcode);
		if (isPickleError(error) || !(error instanceof RangeError)) return error;
		const reason = `this runtime cannot hold the value: ${error.message}`;
		return new PickleError("E_TOO_LARGE", reason, { offset: this.offset, opcode, cause: error });
	}

	protected room(): number {
		const { maxItems } = this.objects.limits;
		const room = maxItems - Math.max(this.#stack.length, this.#marks.length, this.#memo.size);
		if (room < 1) throw limitError("maxItems", maxItems, "the stack, or the memo, of more items");
		return room;
	}

	/** The loop: `pos` and the like are locals, written back only where others read them. */
	#loop(): boolean {
		const { bytes, view, objects } = this;
		const { strings } = objects;
		const stack = this.#stack;
		const marks = this.#marks;
		const memo = this.#memo;
		const plainInts = this.#options.integers === "auto";
		const exactFloats = this.#options.floats === "exact";
		let { pos, limit } = this;
		let fence = marks.length === 0 ? 0 : (marks[marks.length - 1] as number);
		for (;;) {
			this.pos = pos;
			const code = bytes[pos] as number;
			let next = pos + (instructionBytes[code] as number);
			// NaN past the window's end, too, is not within the limit.
			if (!(next <= limit)) {
				if (!this.reach(next > 0 ? next - pos : 1)) return false;
				limit = this.limit;
				continue;
			}
			switch (code) {
				case op.BININT1:
					stack.push(plainInts ? (bytes[pos + 1] as number) : this.#int(bytes[pos + 1] as number));
					break;
				case op.BININT2:
					stack.push(plainInts ? view.getUint16(pos + 1, true) : this.#int(view.getUint16(pos + 1, true)));
					break;
				case op.BININT:
					stack.push(plainInts ? view.getInt32(pos + 1, true) : this.#int(view.getInt32(pos + 1, true)));
					break;
				case op.LONG1:
				case op.LONG4: {
					const length = code === op.LONG1 ? (bytes[pos + 1] as number) : this.#longLength(view.getInt32(pos + 1, true));
					const start = next;
					next += length;
					if (next > limit) {
						if (!this.reach(next - pos)) return false;
						limit = this.limit;
					}
					const value = decodeLong(bytes, start, next);
					stack.push(plainInts ? value : this.#int(value));
					break;
				}
				case op.BINFLOAT: {
					const value = view.getFloat64(pos + 1);
					stack.push(exactFloats ? this.#float(value) : value);
					break;
				}
				case op.NONE:
					stack.push(null);
					break;
				case op.NEWTRUE:
					stack.push(true);
					break;
				case op.NEWFALSE:
					stack.push(false);
					break;
				case op.SHORT_BINUNICODE: {
					const start = next;
					next += bytes[pos + 1] as number;
					if (next > limit) {
						if (!this.reach(next - pos)) return false;
						limit = this.limit;
					}
					stack.push(this.#joined(decodeUtf8(bytes, start, next)));
					break;
				}
				case op.BINUNICODE:
				case op.BINBYTES:
				case op.SHORT_BINBYTES:
				case op.SHORT_BINSTRING:
				case op.BINSTRING:
				case op.BINUNICODE8:
				case op.BINBYTES8:
				case op.BYTEARRAY8: {
					const start = next;
					next += this.#payloadLength(code);
					if (next > limit) {
						if (!this.reach(next - pos)) return false;
						limit = this.limit;
					}
					stack.push(this.#payload(code, bytes, start, next));
					break;
				}
				case op.MEMOIZE:
				case op.BINPUT:
				case op.LONG_BINPUT: {
					if (stack.length <= fence) throw this.#underflow();
					const top = stack[stack.length - 1] as PyValue;
					let place = memo.size;
					if (code === op.BINPUT) place = bytes[pos + 1] as number;
					else if (code === op.LONG_BINPUT) place = view.getUint32(pos + 1, true);
					memo.put(place, top);
					if (objects.made.size > 0) objects.made.get(top)?.places.push(place);
					break;
				}
				case op.BINGET:
					stack.push(this.#get(bytes[pos + 1] as number));
					break;
				case op.LONG_BINGET:
					stack.push(this.#get(view.getUint32(pos + 1, true)));
					break;
				case op.EMPTY_TUPLE:
					stack.push(this.#emptyTuple);
					break;
				case op.TUPLE1:
					if (stack.length - 1 < fence) throw this.#underflow();
					stack.push(strings.tuple([stack.pop() as PyValue]));
					break;
				case op.TUPLE2: {
					if (stack.length - 2 < fence) throw this.#underflow();
					const second = stack.pop() as PyValue;
					stack.push(strings.tuple([stack.pop() as PyValue, second]));
					break;
				}
				case op.TUPLE3: {
					if (stack.length - 3 < fence) throw this.#underflow();
					const third = stack.pop() as PyValue;
					const second = stack.pop() as PyValue;
					stack.push(strings.tuple([stack.pop() as PyValue, second, third]));
					break;
				}
				case op.EMPTY_LIST:
					stack.push([]);
					break;
				case op.EMPTY_DICT:
					stack.push(new PyDict());
					break;
				case op.EMPTY_SET:
					stack.push(new PySet());
					break;
				case op.MARK:
					fence = stack.length;
					marks.push(fence);
					break;
				case op.APPEND:
				case op.SETITEM: {
					const count = code === op.APPEND ? 1 : 2;
					const height = stack.length - count;
					if (height - 1 < fence) throw this.#underflow();
					const target = stack[height - 1] as PyValue;
					if (code === op.APPEND) objects.extend(target, [stack[height] as PyValue]);
					else objects.setItems(target, [stack[height] as PyValue, stack[height + 1] as PyValue]);
					stack.length = height;
					break;
				}
				case op.APPENDS:
				case op.SETITEMS:
				case op.ADDITEMS: {
					const items = this.#sinceMark();
					fence = this.#fence();
					if (stack.length - 1 < fence) throw this.#underflow();
					const target = stack[stack.length - 1] as PyValue;
					if (code === op.APPENDS) objects.extend(target, items);
					else if (code === op.SETITEMS) objects.setItems(target, items);
					else objects.add(target, items);
					break;
				}
				case op.TUPLE:
				case op.LIST:
				case op.DICT:
				case op.FROZENSET: {
					const items = this.#sinceMark();
					fence = this.#fence();
					stack.push(this.#collect(code, items));
					break;
				}
				case op.REDUCE:
				case op.NEWOBJ:
				case op.BUILD: {
					if (stack.length - 2 < fence) throw this.#underflow();
					const second = stack.pop() as PyValue;
					const first = stack.pop() as PyValue;
					if (code === op.BUILD) stack.push(this.#build(first, second));
					else stack.push(objects.create(code === op.REDUCE ? "call" : "new", first, second));
					break;
				}
				case op.NEWOBJ_EX: {
					if (stack.length - 3 < fence) throw this.#underflow();
					const kwargs = stack.pop() as PyValue;
					const args = stack.pop() as PyValue;
					stack.push(objects.create("new", stack.pop() as PyValue, args, kwargs));
					break;
				}
				case op.STACK_GLOBAL: {
					if (stack.length - 2 < fence) throw this.#underflow();
					const name = stack.pop();
					const module = stack.pop();
					if (typeof module !== "string" || typeof name !== "string") throw this.#notText(module as PyValue, name as PyValue);
					stack.push(objects.global(module, name, this.#protocol));
					break;
				}
				case op.POP:
					if (marks.length > 0 && fence === stack.length) {
						marks.pop();
						fence = this.#fence();
						break;
					}
					if (stack.length <= fence) throw this.#underflow();
					objects.drop(stack.pop() as PyValue);
					break;
				case op.POP_MARK:
					this.#sinceMark();
					fence = this.#fence();
					break;
				case op.DUP:
					if (stack.length <= fence) throw this.#underflow();
					stack.push(stack[stack.length - 1] as PyValue);
					break;
				case op.EXT1:
					stack.push(objects.extension(bytes[pos + 1] as number));
					break;
				case op.EXT2:
					stack.push(objects.extension(view.getUint16(pos + 1, true)));
					break;
				case op.EXT4:
					stack.push(objects.extension(view.getInt32(pos + 1, true)));
					break;
				case op.BINPERSID:
					if (stack.length <= fence) throw this.#underflow();
					stack.push(objects.persistent(strings.decoded(stack.pop() as PyValue)));
					break;
				case op.NEXT_BUFFER:
					stack.push(this.#nextBuffer());
					break;
				case op.READONLY_BUFFER:
					if (stack.length <= fence) throw this.#underflow();
					if (!(stack[stack.length - 1] instanceof Uint8Array)) {
						throw this.error("E_TYPE", `${typeName(stack[stack.length - 1] as PyValue)} is no buffer`);
					}
					break;
				case op.PROTO:
					this.#protocol = bytes[pos + 1] as number;
					if (this.#protocol > MAX_PROTOCOL) {
						throw this.error("E_PROTOCOL", `protocol ${this.#protocol} does not exist; the newest is ${MAX_PROTOCOL}`);
					}
					break;
				case op.FRAME:
					this.frame(view.getUint32(pos + 1, true) + view.getUint32(pos + 5, true) * 2 ** 32);
					limit = 0;
					break;
				case op.STOP:
					if (stack.length <= fence) throw this.#underflow();
					this.result = strings.decoded(stack.pop() as PyValue);
					strings.settle();
					this.pos = next;
					return true;
				case op.GLOBAL:
				case op.INST: {
					const end = this.twoLinesEnd(next);
					if (end < 0) return false;
					({ limit } = this);
					const split = this.firstLineEnd();
					const global = objects.global(this.#name(next, split), this.#name(split + 1, end), this.#protocol);
					next = end + 1;
					if (code === op.GLOBAL) stack.push(global);
					else {
						const args = strings.tuple(this.#sinceMark());
						fence = this.#fence();
						stack.push(objects.create("inst", global, args));
					}
					break;
				}
				case op.OBJ: {
					const items = this.#sinceMark();
					fence = this.#fence();
					if (items.length === 0) throw this.#underflow();
					stack.push(objects.create("inst", items[0] as PyValue, strings.tuple(items.slice(1))));
					break;
				}
				case op.INT:
				case op.LONG:
				case op.FLOAT:
				case op.STRING:
				case op.UNICODE:
				case op.PERSID:
				case op.GET:
				case op.PUT: {
					const end = this.lineEnd(next);
					if (end < 0) return false;
					({ limit } = this);
					if (code === op.PUT) {
						if (stack.length <= fence) throw this.#underflow();
						const place = this.#place(next, end);
						const top = stack[stack.length - 1] as PyValue;
						memo.put(place, top);
						if (objects.made.size > 0) objects.made.get(top)?.places.push(place);
					} else stack.push(this.#line(code, next, end));
					next = end + 1;
					break;
				}
				default:
					throw this.error("E_OPCODE", `no opcode has the code 0x${code.toString(16).padStart(2, "0")}`);
			}
			pos = next;
		}
	}

	/** The items above the last mark, which it removes with the mark. */
	#sinceMark(): PyValue[] {
		const mark = this.#marks.pop();
		if (mark === undefined) throw this.error("E_STACK", "there is no mark on the stack");
		const items = this.#stack.slice(mark);
		this.#stack.length = mark;
		return items;
	}

	/** The height of the stack below which nothing can be taken. */
	#fence(): number {
		return this.#marks.length === 0 ? 0 : (this.#marks[this.#marks.length - 1] as number);
	}

	#underflow(): PickleError {
		const reason = this.#marks.length > 0 ? "too few values lie above the mark" : "the stack holds too few values";
		return this.error("E_STACK", reason);
	}

	#int(value: number | bigint | boolean): PyValue {
		if (typeof value === "boolean") return value;
		if (this.#options.integers === "long") return toLong(value);
		return this.#options.integers === "bigint" ? BigInt(value) : value;
	}

	#float(value: number): PyValue {
		return this.#options.floats === "exact" && Number.isInteger(value) ? new PyFloat(value) : value;
	}

	/** Remembers a string in which two halves, written apart, became one character. */
	#joined(text: string): string {
		if (decodedText.splitPair) {
			decodedText.splitPair = false;
			this.objects.strings.joined.add(text);
		}
		return text;
	}

	#longLength(length: number): number {
		if (length < 0) throw this.error("E_NUMBER", `an int of ${length} bytes`);
		const { maxIntBytes } = this.objects.limits;
		if (length > maxIntBytes && this.offset + length <= this.total) {
			throw limitError("maxIntBytes", maxIntBytes, `an int of ${length} bytes`);
		}
		return length;
	}

	#payloadLength(code: number): number {
		const { view, pos } = this;
		switch (code) {
			case op.SHORT_BINBYTES:
			case op.SHORT_BINSTRING:
				return this.bytes[pos + 1] as number;
			case op.BINSTRING:
				return this.#stringLength(view.getInt32(pos + 1, true));
			case op.BINBYTES:
			case op.BINUNICODE:
				return view.getUint32(pos + 1, true);
			default:
				return view.getUint32(pos + 1, true) + view.getUint32(pos + 5, true) * 2 ** 32;
		}
	}

	/** BINSTRING's length is a signed C int. */
	#stringLength(length: number): number {
		const unsigned = length >>> 0;
		if (length >= 0 || this.#options.binstring === "unsigned") return unsigned;
		const left = this.total - this.offset - 5;
		const fits = unsigned <= left ? "fits" : "does not fit";
		const reason = `the length is ${length} as Python reads it, signed, or ${unsigned} unsigned, which ${fits} the input`;
		throw this.error("E_LENGTH", `${reason}; binstring: "unsigned" takes it so`);
	}

	/** The value of a string or bytes opcode, from the window or from a buffer that holds the payload alone. */
	#payload(code: number, source: Uint8Array, start: number, end: number): PyValue {
		const { strings } = this.objects;
		switch (code) {
			case op.BINUNICODE:
			case op.BINUNICODE8: {
				const text = strings.utf8At(code, source, start, end);
				return typeof text === "string" ? this.#joined(text) : text;
			}
			case op.SHORT_BINSTRING:
			case op.BINSTRING:
				return strings.strAt(code, source, start, end);
			case op.BYTEARRAY8: {
				const bytes = strings.bytesAt(source, start, end);
				return new PyByteArray(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
			}
			default:
				return strings.bytesAt(source, start, end);
		}
	}

	#collect(code: number, items: PyValue[]): PyValue {
		const { objects } = this;
		switch (code) {
			case op.TUPLE:
				return items.length === 0 ? this.#emptyTuple : objects.strings.tuple(items);
			case op.LIST:
				objects.strings.note(items, items);
				return items;
			case op.DICT: {
				const dict = new PyDict();
				objects.setItems(dict, items);
				return dict;
			}
			default: {
				const set = new PyFrozenSet();
				objects.add(set, items);
				return set;
			}
		}
	}

	#build(object: PyValue, state: PyValue): PyValue {
		const built = this.objects.build(object, state);
		if (built !== object) {
			for (const place of this.objects.made.get(built)?.places ?? []) this.#memo.put(place, built);
		}
		return built;
	}

	#get(place: number): PyValue {
		const value = this.#memo.get(place);
		if (value === undefined) throw this.error("E_MEMO", `the memo has no entry ${place}`);
		if (this.objects.made.size > 0) {
			const made = this.objects.made.get(value);
			if (made) made.shared = true;
		}
		if (this.objects.strings.waiting) this.objects.strings.restore(value);
		return value;
	}

	#nextBuffer(): PyValue {
		const next = this.#buffers?.next();
		if (next === undefined || next.done) {
			throw this.error("E_BUFFER", "an out-of-band buffer is missing; pass all of them, in order, as options.buffers");
		}
		const buffer = next.value;
		if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
		if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
		throw new TypeError("options.buffers are to be ArrayBuffers or views of them");
	}

	#name(start: number, end: number): string {
		try {
			if (start < end) return decodeUtf8(this.bytes, start, end);
		} catch (cause) {
			throw this.error("E_GLOBAL", "the module's or class's name is no UTF-8 text");
		}
		throw this.error("E_GLOBAL", "the module's or class's name is empty");
	}

	#notText(module: PyValue, name: PyValue): PickleError {
		const shown = [module, name].map((part) => (typeof part === "string" ? quoted(part) : typeName(part)));
		return this.error("E_GLOBAL", `module and name are to be str, not ${shown.join(" and ")}`);
	}

	/** A memo index in text. */
	#place(start: number, end: number): number {
		const place = parseIntText(this.bytes, start, end, 16);
		if (typeof place === "number" && place >= 0) return place;
		throw this.error("E_MEMO", `the memo has no entry ${quoted(String(place))}`);
	}

	#line(code: number, start: number, end: number): PyValue {
		const { bytes, objects } = this;
		const { maxIntDigits } = objects.limits;
		switch (code) {
			case op.INT:
				return this.#int(parseIntText(bytes, start, end, maxIntDigits));
			case op.LONG:
				return this.#int(parseLongText(bytes, start, end, maxIntDigits));
			case op.FLOAT:
				return this.#float(parseFloatText(bytes, start, end));
			case op.STRING: {
				const str = unescapeString(bytes.subarray(start, end));
				return objects.strings.strAt(code, str, 0, str.length);
			}
			case op.UNICODE: {
				const text = decodeRawUnicodeEscape(bytes.subarray(start, end));
				return this.#joined(text);
			}
			case op.GET:
				return this.#get(this.#place(start, end));
			default:
				if (!isAscii(bytes, start, end)) throw this.error("E_TEXT", "a persistent id of protocol 0 is to be ASCII");
				return objects.persistent(decodeUtf8(bytes, start, end));
		}
	}

	/** What can be said of the object whose state was being read when the input ended. */
	protected unfinished(): string {
		const mark = this.#fence();
		const made = this.objects.made.get(this.#stack[mark - 1] as PyValue);
		const parts = this.#stack.slice(mark);
		const said = made?.reducer.unfinished?.(this.#stack[mark - 1], parts, this.#protocol);
		return said === undefined ? "" : `: ${said}`;
	}
}
