import { plainBytes } from "../bytes/plain.ts";
import { decodedText, decodeUtf8 } from "../bytes/utf8.ts";
import { isPickleError, PickleError, quoted } from "../errors.ts";
import { limitError } from "../limits.ts";
import { PyDict } from "../values/dict.ts";
import type { PyLargeBytes } from "../values/large.ts";
import { PyFrozenSet, PySet } from "../values/set.ts";
import type { PyValue } from "../values/value.ts";
import { keepAlive } from "./alive.ts";
import { writableBuffers } from "./buffers.ts";
import { instructionBytes } from "./input.ts";
import { Literals } from "./literals.ts";
import { Memo } from "./memo.ts";
import { type MachineOptions, typeName } from "./objects.ts";
import { OpenLists } from "./open-lists.ts";
import * as op from "./table.ts";

export type { MachineOptions };

/** Bytes of the instructions that put a list into the memo, by code. */
const putBytes: Partial<Record<number, number>> = { [op.MEMOIZE]: 1, [op.BINPUT]: 2, [op.LONG_BINPUT]: 5 };

/** A stack of at most so many items is kept for the next pickle. */
const KEPT_STACK = 256;

/** Where the floats of a batch are read: more than Python's picklers write into one. The first makes it memory of floats. */
const floatScratch: number[] = [0.5];
const MAX_FLOATS = 4096;

/** Highest protocol there is. */
const MAX_PROTOCOL = 5;

/**
 * Decodes one pickle after another from a window of bytes. `run` goes on until STOP, or until an instruction
 * is not whole yet; it has then changed nothing, and goes on with it once the window holds more.
 */
export class Unpickler extends Literals {
	protected readonly stack: PyValue[] = [];
	/** How much of the stack is in use. */
	protected height = 0;
	/** Heights of the stack at which marks lie: no sentinels among the values. */
	readonly #marks: number[] = [];
	/** The mark that was removed last. */
	protected popped = 0;
	readonly #openLists = new OpenLists();
	readonly #memo = new Memo();
	#protocol = 0;
	#emptyTuple: readonly PyValue[] = Object.freeze([]);
	#buffers: Iterator<ArrayBuffer | ArrayBufferView | PyLargeBytes> | undefined = undefined;
	/** What STOP gave. */
	result: PyValue = null;

	constructor(options: MachineOptions) {
		super(options);
		keepAlive(new.target, options);
	}

	/** Starts on another input. */
	start(bytes: Uint8Array): void {
		this.#buffers = this.options.buffers?.[Symbol.iterator]();
		this.setWindow(bytes, 0, true);
		decodedText.splitPair = false;
		this.begin();
	}

	/** Lets go of all that the input and its values left behind. */
	release(): void {
		this.result = null;
		if (this.stack.length > KEPT_STACK) this.stack.length = 0;
		else for (let i = 0; i < this.stack.length; i++) this.stack[i] = null;
		this.#memo.clear();
		this.objects.release();
		this.releaseWindow();
	}

	/** Starts on the next pickle, at `pos`. */
	begin(): void {
		this.height = 0;
		if (this.#marks.length > 0) this.#marks.length = 0;
		this.#openLists.clear();
		this.#protocol = 0;
		this.objects.made.clear();
		if (!this.options.keepMemo) this.#memo.clear();
		if (this.options.tuples === "array") this.#emptyTuple = this.objects.strings.tuple([]);
		this.endFrame();
		this.limit = 0;
	}

	/**
	 * Goes on to STOP. Returns whether it came to it; if not, `need` bytes from `pos` on are needed at least.
	 * @throws PickleError for whatever is wrong with the input
	 */
	run(): boolean {
		return this.#loop();
	}

	/** Gives an error its place; what the engine itself refuses is E_TOO_LARGE. */
	located(error: unknown): unknown {
		const opcode = op.opcodeOf(this.bytes[this.pos] ?? -1)?.name;
		if (error instanceof PickleError) return error.at(this.offset, opcode);
		if (isPickleError(error) || !(error instanceof RangeError)) return error;
		const reason = `this runtime cannot hold the value: ${error.message}`;
		return new PickleError("E_TOO_LARGE", reason, { offset: this.offset, opcode, cause: error });
	}

	protected room(): number {
		const { maxItems } = this.objects.limits;
		const room = maxItems - Math.max(this.height, this.#marks.length, this.#memo.size);
		if (room < 1) throw limitError("maxItems", maxItems, "the stack, or the memo, of more items");
		return room;
	}

	/**
	 * The loop. `pos`, `sp` (the stack's height) and the like are locals, written back where others read them: before calls that
	 * need the place, and in the end. The stack's array only grows: to shorten it costs more than to leave values behind.
	 */
	#loop(): boolean {
		const { bytes, view, objects } = this;
		const { strings } = objects;
		const stack = this.stack;
		const marks = this.#marks;
		const memo = this.#memo;
		const plainInts = this.options.integers === "auto";
		const plainFloats = this.options.floats === "auto";
		let { pos, limit } = this;
		let sp = this.height;
		let fence = this.#fence();
		try {
			for (;;) {
				const code = bytes[pos] as number;
				// Past the window's end there is no code. To look one up that is none would slow down all look-ups: 1.1x on streams.
				let next = pos + (instructionBytes[code | 0] as number);
				if (next > limit) {
					this.pos = pos;
					this.height = sp;
					if (!this.reach(next - pos)) return false;
					limit = this.limit;
					continue;
				}
				switch (code) {
					case op.BININT1:
						stack[sp++] = plainInts ? (bytes[pos + 1] as number) : this.int(bytes[pos + 1] as number);
						break;
					case op.BININT2:
						stack[sp++] = plainInts ? view.getUint16(pos + 1, true) : this.int(view.getUint16(pos + 1, true));
						break;
					case op.BININT:
						stack[sp++] = plainInts ? view.getInt32(pos + 1, true) : this.int(view.getInt32(pos + 1, true));
						break;
					case op.BINFLOAT: {
						if (bytes[next] === op.BINFLOAT && sp === fence && plainFloats && this.#openLists.at === sp - 1) {
							const end = this.#floatBatch(pos, limit);
							if (end > 0) {
								next = end;
								fence = this.#fence();
								break;
							}
						}
						const value = view.getFloat64(pos + 1);
						stack[sp++] = plainFloats ? value : this.float(value);
						if (value === Math.floor(value)) objects.integralFloats++;
						break;
					}
					case op.NONE:
						stack[sp++] = null;
						break;
					case op.NEWTRUE:
						stack[sp++] = true;
						break;
					case op.NEWFALSE:
						stack[sp++] = false;
						break;
					case op.SHORT_BINUNICODE: {
						const start = next;
						next += bytes[pos + 1] as number;
						if (next > limit) {
							if (!this.#extendTo(pos, sp, next)) return false;
							limit = this.limit;
						}
						const text = decodeUtf8(bytes, start, next);
						stack[sp++] = decodedText.splitPair ? strings.noteJoined(text) : text;
						break;
					}
					case op.LONG1:
					case op.LONG4:
					case op.BINUNICODE:
					case op.BINBYTES:
					case op.SHORT_BINBYTES:
					case op.SHORT_BINSTRING:
					case op.BINSTRING:
					case op.BINUNICODE8:
					case op.BINBYTES8:
					case op.BYTEARRAY8: {
						const start = next;
						this.pos = pos;
						next += this.payloadLength(code);
						if (next > limit) {
							if (!this.#extendTo(pos, sp, next)) return false;
							limit = this.limit;
						}
						stack[sp++] = this.payload(code, bytes, start, next);
						break;
					}
					case op.MEMOIZE:
					case op.BINPUT:
					case op.LONG_BINPUT: {
						if (sp <= fence) throw this.#underflow();
						const top = stack[sp - 1] as PyValue;
						if (code === op.MEMOIZE) memo.add(top);
						else memo.put(code === op.BINPUT ? (bytes[pos + 1] as number) : view.getUint32(pos + 1, true), top);
						if (objects.fresh !== undefined && top === objects.fresh) objects.memoized(memo.last);
						break;
					}
					case op.BINGET:
						stack[sp++] = this.#get(bytes[pos + 1] as number);
						break;
					case op.LONG_BINGET:
						stack[sp++] = this.#get(view.getUint32(pos + 1, true));
						break;
					case op.EMPTY_TUPLE:
						stack[sp++] = this.#emptyTuple;
						break;
					case op.TUPLE1:
						if (sp - 1 < fence) throw this.#underflow();
						stack[sp - 1] = strings.tuple([stack[sp - 1] as PyValue]);
						break;
					case op.TUPLE2:
						sp -= 1;
						if (sp - 1 < fence) throw this.#underflow();
						stack[sp - 1] = strings.tuple([stack[sp - 1] as PyValue, stack[sp] as PyValue]);
						break;
					case op.TUPLE3:
						sp -= 2;
						if (sp - 1 < fence) throw this.#underflow();
						stack[sp - 1] = strings.tuple([stack[sp - 1] as PyValue, stack[sp] as PyValue, stack[sp + 1] as PyValue]);
						break;
					case op.EMPTY_LIST: {
						const end = this.#listStart(pos, limit);
						if (end < 0) {
							stack[sp++] = roomForOne();
							break;
						}
						this.#openLists.open(sp, end - next > 1 ? memo.last : -1);
						stack[sp++] = null;
						fence = sp;
						marks.push(sp);
						next = end;
						break;
					}
					case op.EMPTY_DICT:
						stack[sp++] = new PyDict();
						break;
					case op.EMPTY_SET:
						stack[sp++] = new PySet();
						break;
					case op.MARK:
						fence = sp;
						marks.push(sp);
						break;
					case op.APPEND:
						if (sp - 2 < fence) throw this.#underflow();
						this.pos = pos;
						objects.append(stack[sp - 2] as PyValue, stack[sp - 1] as PyValue);
						sp -= 1;
						break;
					case op.SETITEM:
						if (sp - 3 < fence) throw this.#underflow();
						this.pos = pos;
						objects.setItem(stack[sp - 3] as PyValue, stack[sp - 2] as PyValue, stack[sp - 1] as PyValue);
						sp -= 2;
						break;
					case op.APPENDS: {
						const mark = this.#popMark(true);
						const items = stack.slice(mark, sp);
						fence = this.#fence();
						if (mark <= fence) throw this.#underflow();
						this.pos = pos;
						if (this.#openLists.at !== mark - 1) objects.extend(stack[mark - 1] as PyValue, items);
						else {
							next = this.#endBatch(unboxed(items), next, limit);
							fence = this.#fence();
						}
						sp = mark;
						break;
					}
					case op.SETITEMS:
					case op.ADDITEMS: {
						const mark = this.#popMark();
						fence = this.#fence();
						if (mark <= fence) throw this.#underflow();
						this.pos = pos;
						const target = stack[mark - 1] as PyValue;
						if (code === op.SETITEMS) objects.setItemsFrom(target, stack, mark, sp);
						else objects.add(target, stack.slice(mark, sp));
						sp = mark;
						break;
					}
					case op.TUPLE:
					case op.LIST:
					case op.DICT:
					case op.FROZENSET: {
						const mark = this.#popMark();
						fence = this.#fence();
						this.pos = pos;
						stack[mark] = this.#collect(code, stack.slice(mark, sp));
						sp = mark + 1;
						break;
					}
					case op.REDUCE:
					case op.NEWOBJ:
					case op.BUILD: {
						if (sp - 2 < fence) throw this.#underflow();
						this.pos = pos;
						const first = stack[sp - 2] as PyValue;
						const second = stack[sp - 1] as PyValue;
						if (code === op.BUILD) stack[sp - 2] = this.#build(first, second);
						else stack[sp - 2] = objects.create(code === op.REDUCE ? "call" : "new", first, second);
						sp -= 1;
						break;
					}
					case op.NEWOBJ_EX:
						if (sp - 3 < fence) throw this.#underflow();
						this.pos = pos;
						stack[sp - 3] = objects.create("new", stack[sp - 3] as PyValue, stack[sp - 2] as PyValue, stack[sp - 1]);
						sp -= 2;
						break;
					case op.STACK_GLOBAL:
						if (sp - 2 < fence) throw this.#underflow();
						this.pos = pos;
						stack[sp - 2] = this.#stackGlobal(stack[sp - 2] as PyValue, stack[sp - 1] as PyValue);
						sp -= 1;
						break;
					case op.POP:
						if (marks.length > 0 && fence === sp) {
							this.#popMark();
							fence = this.#fence();
							break;
						}
						if (sp <= fence) throw this.#underflow();
						objects.drop(stack[--sp] as PyValue);
						break;
					case op.POP_MARK:
						sp = this.#popMark();
						fence = this.#fence();
						break;
					case op.DUP:
						if (sp <= fence) throw this.#underflow();
						stack[sp] = stack[sp - 1] as PyValue;
						objects.share(stack[sp] as PyValue);
						if (strings.waiting) strings.share(stack[sp] as PyValue);
						sp++;
						break;
					case op.EXT1:
						stack[sp++] = objects.extension(bytes[pos + 1] as number, this.#protocol);
						break;
					case op.EXT2:
						stack[sp++] = objects.extension(view.getUint16(pos + 1, true), this.#protocol);
						break;
					case op.EXT4:
						stack[sp++] = objects.extension(view.getInt32(pos + 1, true), this.#protocol);
						break;
					case op.BINPERSID:
						if (sp <= fence) throw this.#underflow();
						this.pos = pos;
						stack[sp - 1] = objects.persistent(stack[sp - 1] as PyValue);
						break;
					case op.NEXT_BUFFER:
						stack[sp] = this.#nextBuffer();
						writableBuffers.add(stack[sp++] as object);
						break;
					case op.READONLY_BUFFER:
						if (sp <= fence) throw this.#underflow();
						if (this.isBuffer(stack[sp - 1] as PyValue)) {
							writableBuffers.delete(stack[sp - 1] as object);
							break;
						}
						throw new PickleError("E_TYPE", `${typeName(stack[sp - 1] as PyValue)} is no buffer`);
					case op.PROTO:
						this.#setProtocol(bytes[pos + 1] as number);
						break;
					case op.FRAME:
						this.pos = pos;
						this.frame(view.getUint32(pos + 1, true) + view.getUint32(pos + 5, true) * 2 ** 32);
						limit = 0;
						break;
					case op.STOP:
						if (sp <= fence) throw this.#underflow();
						this.pos = pos;
						this.height = sp;
						if (!this.frameEnds()) return false;
						while (!this.#openLists.isEmpty) this.#closeList([]);
						this.result = strings.decoded(stack[sp - 1] as PyValue);
						strings.settle();
						pos = next;
						this.pos = next;
						return true;
					case op.GLOBAL:
					case op.INST: {
						this.pos = pos;
						this.height = sp;
						const end = this.twoLinesEnd(next);
						if (end < 0) return false;
						limit = this.limit;
						const global = this.#global(next, end);
						next = end + 1;
						if (code === op.GLOBAL) {
							stack[sp++] = global;
							break;
						}
						const mark = this.#popMark();
						fence = this.#fence();
						stack[mark] = objects.create("inst", global, strings.tuple(stack.slice(mark, sp)));
						sp = mark + 1;
						break;
					}
					case op.OBJ: {
						const mark = this.#popMark();
						fence = this.#fence();
						if (sp <= mark) throw this.#underflow();
						this.pos = pos;
						stack[mark] = objects.create("inst", stack[mark] as PyValue, strings.tuple(stack.slice(mark + 1, sp)));
						sp = mark + 1;
						break;
					}
					case op.PUT:
					case op.INT:
					case op.LONG:
					case op.FLOAT:
					case op.STRING:
					case op.UNICODE:
					case op.PERSID:
					case op.GET: {
						this.pos = pos;
						this.height = sp;
						const end = this.lineEnd(next);
						if (end < 0) return false;
						limit = this.limit;
						if (code === op.PUT) {
							if (sp <= fence) throw this.#underflow();
							const top = stack[sp - 1] as PyValue;
							memo.put(this.place(next, end), top);
							if (objects.fresh !== undefined && top === objects.fresh) objects.memoized(memo.last);
						} else stack[sp++] = code === op.GET ? this.#get(this.place(next, end)) : this.line(code, next, end);
						next = end + 1;
						break;
					}
					default:
						throw new PickleError("E_OPCODE", `no opcode has the code 0x${code.toString(16).padStart(2, "0")}`);
				}
				pos = next;
			}
		} catch (error) {
			this.pos = pos;
			this.height = sp;
			throw this.located(error);
		}
	}

	/** Makes the limit reach `end`, which lies past it. Returns false if that has not come yet. */
	#extendTo(pos: number, sp: number, end: number): boolean {
		this.pos = pos;
		this.height = sp;
		return this.reach(end - pos);
	}

	/** Removes the last mark; gives the height of the stack at it. A list of which it is the own one stays open for APPENDS alone. */
	#popMark(forItems = false): number {
		const mark = this.#marks.pop();
		this.popped = mark as number;
		if (mark === undefined) throw new PickleError("E_STACK", "there is no mark on the stack");
		if (!forItems && this.#openLists.at === mark - 1 && this.#fence() < mark) this.#closeList([]);
		return mark;
	}

	/** Puts the mark back that the instruction at `pos` removed, which is to be done again. */
	protected unpop(): void {
		this.#marks.push(this.popped);
	}

	/** Where `[`, its number in the memo (of nothing yet) and the mark of its items end, if the three follow each other; else -1. */
	#listStart(pos: number, limit: number): number {
		const { bytes } = this;
		const next = bytes[pos + 1];
		const mark = next === op.MARK ? pos + 1 : pos + 1 + (putBytes[next as number] ?? 0);
		if (mark >= limit || bytes[mark] !== op.MARK) return -1;
		if (next === op.MEMOIZE) this.#memo.add(undefined);
		else if (next === op.BINPUT) this.#memo.put(bytes[pos + 2] as number, undefined);
		else if (next === op.LONG_BINPUT) this.#memo.put(this.view.getUint32(pos + 2, true), undefined);
		return mark + 1;
	}

	/**
	 * APPENDS at the innermost open list, up to `next`. If a mark follows, the list goes on, most likely: it stays open, as behind
	 * `](`. Gives where to go on.
	 */
	#endBatch(batch: PyValue[], next: number, limit: number): number {
		if (next >= limit || this.bytes[next] !== op.MARK) {
			this.#closeList(batch);
			return next;
		}
		this.objects.checkItems(this.#openLists.count + batch.length);
		this.#openLists.add(batch);
		this.#marks.push(this.#openLists.at + 1);
		return next + 1;
	}

	/**
	 * Items of an open list that are floats and nothing else, from `pos` through APPENDS: read into memory of floats, never
	 * as objects on the stack. 2.2x on W2, on Node 26 1.4x. Gives where to go on, or -1 if there is something else.
	 */
	#floatBatch(pos: number, limit: number): number {
		const { bytes, view } = this;
		const floats = floatScratch;
		let count = 0;
		let integral = 0;
		let at = pos;
		for (; at + 9 <= limit && bytes[at] === op.BINFLOAT && count < MAX_FLOATS; at += 9) {
			const value = view.getFloat64(at + 1);
			floats[count++] = value;
			if (value === Math.floor(value)) integral++;
		}
		const fits = this.#openLists.count + count <= this.objects.limits.maxItems;
		const marks = this.#marks;
		const isOwn = marks.length < 2 || (marks[marks.length - 2] as number) <= this.#openLists.at;
		if (!fits || !isOwn || at >= limit || bytes[at] !== op.APPENDS) return -1;
		this.objects.integralFloats += integral;
		marks.pop();
		return this.#endBatch(floats.slice(0, count), at + 1, limit);
	}

	/** Makes the list that was opened last, of its items so far and a last batch. */
	#closeList(batch: PyValue[]): void {
		const { at, place, count } = this.#openLists;
		this.objects.checkItems(count + batch.length);
		const items = this.#openLists.close(batch);
		this.stack[at] = items;
		if (place >= 0 && this.#memo.get(place) === undefined) this.#memo.put(place, items);
		this.objects.strings.note(items, items);
	}

	/** Makes an open list that the memo is asked for before its items have all come: it may hold itself. */
	#listAt(place: number): PyValue[] {
		if (!this.#memo.has(place)) throw new PickleError("E_MEMO", `the memo has no entry ${place}`);
		if (this.#openLists.areMany) {
			// Else each that is asked for would be looked for among them all.
			while (!this.#openLists.isEmpty) this.#closeList([]);
			const made = this.#memo.get(place);
			if (made !== undefined) return made as PyValue[];
		}
		const [at, list] = this.#openLists.take(place);
		this.#memo.put(place, list);
		if (at >= 0) this.stack[at] = list;
		this.objects.strings.note(list, list);
		return list;
	}

	/** The height of the stack below which nothing can be taken. */
	#fence(): number {
		return this.#marks.length === 0 ? 0 : (this.#marks[this.#marks.length - 1] as number);
	}

	#underflow(): PickleError {
		const reason = this.#marks.length > 0 ? "too few values lie above the mark" : "the stack holds too few values";
		return new PickleError("E_STACK", reason);
	}

	#setProtocol(protocol: number): void {
		if (protocol > MAX_PROTOCOL) {
			throw new PickleError("E_PROTOCOL", `protocol ${protocol} does not exist; the newest is ${MAX_PROTOCOL}`);
		}
		this.#protocol = protocol;
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
			default:
				return objects.keyed(new PyFrozenSet(), items);
		}
	}

	#build(object: PyValue, state: PyValue): PyValue {
		const built = this.objects.build(object, state);
		if (built !== object) {
			const place = this.objects.made.get(built)?.place ?? -1;
			if (this.#memo.get(place) === object) this.#memo.put(place, built);
		}
		return built;
	}

	#get(place: number): PyValue {
		const value = this.#memo.get(place);
		if (value === undefined) return this.#listAt(place);
		this.objects.share(value);
		if (this.objects.strings.waiting) this.objects.strings.share(value);
		return value;
	}

	#nextBuffer(): PyValue {
		const next = this.#buffers?.next();
		if (next === undefined || next.done) {
			throw new PickleError(
				"E_BUFFER",
				"an out-of-band buffer is missing; pass all of them, in order, as options.buffers",
			);
		}
		return this.outOfBand(next.value);
	}

	protected isBuffer(value: PyValue): boolean {
		return value instanceof Uint8Array;
	}

	protected outOfBand(buffer: ArrayBuffer | ArrayBufferView | PyLargeBytes): PyValue {
		const bytes = plainBytes(buffer as ArrayBuffer);
		return this.options.copy === "always" ? bytes.slice() : bytes;
	}

	/** The global of two lines, up to the second one's end. */
	#global(start: number, end: number): PyValue {
		const split = this.firstLineEnd();
		return this.objects.global(this.name(start, split), this.name(split + 1, end), this.#protocol);
	}

	#stackGlobal(module: PyValue, name: PyValue): PyValue {
		module = this.objects.strings.settled(module);
		name = this.objects.strings.settled(name);
		if (typeof module === "string" && typeof name === "string")
			return this.objects.global(module, name, this.#protocol);
		const shown = [module, name].map((part) => (typeof part === "string" ? quoted(part) : typeName(part)));
		throw new PickleError("E_GLOBAL", `module and name are to be str, not ${shown.join(" and ")}`);
	}

	/** What can be said of the object whose state was being read when the input ended. */
	protected unfinished(): string {
		const mark = this.#fence();
		const made = this.objects.made.get(this.stack[mark - 1] as PyValue);
		const parts = this.stack.slice(mark, this.height);
		const said = made?.reducer.unfinished?.(this.stack[mark - 1], parts, this.#protocol);
		return said === undefined ? "" : `: ${said}`;
	}
}

/** Floats in an array whose memory holds them, not objects of one float each as the stack's does: half the time of W2. */
function unboxed(items: PyValue[]): PyValue[] {
	const first = items[0];
	if (typeof first !== "number" || Number.isInteger(first)) return items;
	const floats: PyValue[] = [];
	for (let i = 0; i < items.length; i++) floats.push(items[i] as PyValue);
	return floats;
}

/** An empty list, most of which get one item by APPEND: from nothing it would take 17 places. 1.2x on W5. */
function roomForOne(): PyValue[] {
	const list: PyValue[] = [null];
	list.pop();
	return list;
}
