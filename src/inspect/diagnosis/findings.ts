import type { DType } from "../../numpy/dtype.ts";
import { FRAME_TARGET } from "../../opcodes/framer.ts";
import { BYTEARRAY8, type Opcode } from "../../opcodes/table.ts";
import { type ArrayHead, dataLength } from "./arrays.ts";
import { type Abstract, GlobalName, intOf, type Made, Sequence, type Text, textOf } from "./values.ts";

/** How many of the largest payloads, of the arrays and of the names are listed. */
const MAX_PAYLOADS = 5;
const MAX_ARRAYS = 1000;
const MAX_GLOBALS = 1000;
const MAX_PROBLEMS = 16;
/** Storages of torch that are followed. */
const MAX_STORAGES = 100_000;
/** The least that the last frame holds. */
const MIN_FRAME = 4;
const MAX_SPARE = MIN_FRAME - 1;
/** Zero bytes in a row that are worth a note. */
const LONG_RUN = 4096;

/** Where the flags stand in a dtype's state, and the most that numpy 1 takes. */
const FLAGS = 7;
const MAX_NUMPY1_FLAGS = 127;

/** What parses, but what no CPython writes. */
export type AnomalyKind =
	/** A line that ends with CR, in an opcode whose argument never does. */
	| "cr"
	/** A module whose name is none. */
	| "name"
	/** Items or marks left on the stack at STOP. */
	| "leftover"
	/** PROTO that is not the first opcode. */
	| "proto"
	/** A mark taken for an item, as Python 2's pickle.py does. */
	| "mark"
	/** A memo index that is no number. */
	| "memo"
	/** A PUT at the end of a payload, whose number the memo lacks. */
	| "swallowed"
	/** A PUT of 10 where 13 is due, or the reverse: LF for CR. */
	| "line-end"
	/** A frame that ends elsewhere than an instruction or than the pickle, or instructions outside that belong in one. */
	| "frame";

export interface Payload {
	readonly offset: number;
	readonly opcode: string;
	readonly start: number;
	readonly length: number;
	readonly array: ArrayHead | undefined;
}

/** A length field that a 32-bit int did not hold. */
export interface Overflow {
	readonly form: "signed" | "wrapped";
	/** Where the opcode lies, where the payload begins, what the field says and what it should say. */
	readonly at: number;
	readonly opcode: string;
	readonly payload: number;
	readonly declared: number;
	readonly length: number;
	readonly head: ArrayHead | undefined;
}

export interface FoundArray {
	readonly head: ArrayHead;
	readonly at: number;
	/** The instruction that brings its state or its data. */
	readonly end: number;
	readonly data: Text | undefined;
	readonly length: number | undefined;
}

/** Bytes of one item of torch's storages. */
const storageWidths: Partial<Record<string, number>> = {
	Double: 8,
	Float: 4,
	Half: 2,
	BFloat16: 2,
	Long: 8,
	Int: 4,
	Short: 2,
	Char: 1,
	Byte: 1,
	Bool: 1,
	ComplexDouble: 16,
	ComplexFloat: 8,
	QInt8: 1,
	QUInt8: 1,
	QInt32: 4,
	Untyped: 1,
};

const sums = [
	"instructions",
	"frames",
	"memoized",
	"puts",
	"gets",
	"persistentIds",
	"extensions",
	"buffers",
	"joblibArrays",
	"arrayCount",
	"strs",
] as const;
const maxima = ["neededProtocol", "depth", "maxStack"] as const;

/** What was seen while a pickle was interpreted. */
export class Findings {
	/** How often each opcode came, by its code. */
	readonly histogram: Float64Array = new Float64Array(256);
	protocol: number | undefined = undefined;
	/** The lowest protocol that has all its opcodes. */
	neededProtocol = 0;
	instructions = 0;
	frames = 0;
	depth = 0;
	maxStack = 0;
	memoized = 0;
	puts = 0;
	gets = 0;
	firstPut: number | undefined = undefined;
	/** Whether the memo's numbers follow each other without gaps. */
	consecutive = true;
	persistentIds = 0;
	extensions = 0;
	buffers = 0;
	joblibArrays = 0;
	arrayCount = 0;
	/** Whether an array is of order K, with its axes. */
	axes = false;
	/** Python 2 strs, and where the first lies that is not ASCII; `inArray` if all such are data of arrays. */
	strs = 0;
	nonAscii: { at: number; byte: number; position: number; count: number } | undefined = undefined;
	zeroRun: { offset: number; length: number } | undefined = undefined;
	/** Whether dtypes were called with ints (numpy to 1.17) or bools. */
	dtypeFlags: "ints" | "bools" | undefined = undefined;
	/** Whether a dtype has flags that numpy 1, which keeps them signed, refuses: numpy 2's of structures that are aligned. */
	wideFlags = false;
	frameEnd: number | undefined = undefined;
	frameAt = 0;
	/** The storages of torch, by key; undefined if the size of an item is not known. */
	readonly storages: Map<string, { readonly width: number; readonly items: number } | undefined> = new Map();
	/** The payloads read last, the latest last. */
	readonly latest: { readonly at: number; readonly start: number; readonly length: number }[] = [];
	readonly payloads: Payload[] = [];
	readonly overflows: Overflow[] = [];
	readonly arrays: FoundArray[] = [];
	/** Arrays whose state has a bytearray for bytes. */
	readonly misformed: FoundArray[] = [];
	readonly problems: FoundArray[] = [];
	/** Arrays whose data are text too long to be looked at. */
	readonly unmeasured: FoundArray[] = [];
	readonly anomalies: Map<AnomalyKind, { offset: number; count: number }> = new Map();
	readonly globals: Map<string, { readonly global: GlobalName; count: number }> = new Map();
	#lastPut = -1;
	/** Bytes that may follow outside a frame, less than 0 before the first, and where they begin. */
	#spare = -1;
	#outsideFrom = 0;
	/** The payload before, if its last bytes are the PUT that is due. */
	#endsInPut: { readonly at: number; readonly place: number } | undefined = undefined;

	/** An instruction that is done, which lies from `_at` up to `next`. */
	count(row: Opcode, height: number, next: number, _at: number): void {
		this.instructions++;
		this.histogram[row.code] = (this.histogram[row.code] as number) + 1;
		if (row.protocol > this.neededProtocol) this.neededProtocol = row.protocol;
		if (height > this.maxStack) this.maxStack = height;
		if (this.frameEnd === undefined) this.#outside(next);
		else if (next >= this.frameEnd) {
			if (next > this.frameEnd) this.anomaly("frame", this.frameAt);
			this.#spare = this.frameEnd - this.frameAt >= FRAME_TARGET ? MAX_SPARE : 0;
			this.#outsideFrom = next;
			this.frameEnd = undefined;
		}
	}

	/** CPython writes large payloads outside frames, and what is left behind such and behind full frames if it is little. */
	#outside(next: number): void {
		if (this.#spare < 0) return;
		const length = next - this.#outsideFrom;
		this.#outsideFrom = next;
		this.#spare = length > FRAME_TARGET ? MAX_SPARE : this.#spare - length;
		if (this.#spare < 0) this.anomaly("frame", this.frameAt);
	}

	anomaly(kind: AnomalyKind, offset: number): void {
		const found = this.anomalies.get(kind);
		if (found) found.count++;
		else this.anomalies.set(kind, { offset, count: 1 });
	}

	frame(at: number, end: number): void {
		this.frames++;
		if (this.frameEnd !== undefined && at + 9 < this.frameEnd) this.anomaly("frame", at);
		this.frameAt = at;
		this.frameEnd = end;
	}

	/** The pickle has come to its end. */
	endPickle(end: number): void {
		if (this.frameEnd === undefined) this.#outside(end);
		else if (this.frameEnd !== end) this.anomaly("frame", this.frameAt);
		this.#spare = -1;
		if (this.#endsInPut) this.anomaly("swallowed", this.#endsInPut.at);
		this.#endsInPut = undefined;
	}

	put(place: number, at: number): void {
		this.puts++;
		this.firstPut ??= place;
		const due = this.#lastPut + 1;
		// 10 ^ 13 is 7.
		if (this.firstPut === 0 && this.consecutive && (due === 10 || due === 13) && (place ^ due) === 7)
			this.anomaly("line-end", at);
		if (place !== this.#lastPut + 1 && this.puts > 1) this.consecutive = false;
		if (place === due + 1 && this.#endsInPut?.place === due) this.anomaly("swallowed", this.#endsInPut.at);
		this.#endsInPut = undefined;
		this.#lastPut = place;
	}

	global(global: GlobalName): void {
		const found = this.globals.get(global.path);
		if (found) found.count++;
		else if (this.globals.size < MAX_GLOBALS) this.globals.set(global.path, { global, count: 1 });
	}

	payload(offset: number, opcode: string, start: number, length: number, array: ArrayHead | undefined): void {
		if (length > 1 && this.latest.push({ at: offset, start, length }) > 2048) this.latest.splice(0, 1024);
		const { payloads } = this;
		const last = payloads[payloads.length - 1];
		if (payloads.length === MAX_PAYLOADS && last !== undefined && length <= last.length) return;
		const place = payloads.findIndex((other) => other.length < length);
		payloads.splice(place < 0 ? payloads.length : place, 0, { offset, opcode, start, length, array });
		payloads.length = Math.min(payloads.length, MAX_PAYLOADS);
	}

	made(made: Made): void {
		if (made.path !== "numpy.dtype" || this.dtypeFlags !== undefined) return;
		const flag = made.arguments[1];
		if (typeof flag === "boolean") this.dtypeFlags = "bools";
		else if (typeof flag === "number") this.dtypeFlags = "ints";
	}

	/** An object that gets its state. */
	built({ path, state }: Made): void {
		if (path !== "numpy.dtype" || !(state instanceof Sequence)) return;
		const flags = intOf(state.items[FLAGS]);
		if (flags !== undefined && flags > MAX_NUMPY1_FLAGS) this.wideFlags = true;
	}

	/** What only the program that wrote the pickle can give: a persistent object, by its id; an extension; a buffer. */
	foreign(kind: "persistentIds" | "extensions" | "buffers", _at: number, _id?: Abstract): void {
		this[kind]++;
	}

	/** What no pickler does: what is no object gets a state, or an object its second. */
	unlikely(_at: number): void {}

	/** A value that gets items. */
	adding(_target: Abstract, _at: number): void {}

	python2Text(at: number, bytes: Uint8Array, from: number, to: number, ascii: boolean): void {
		this.strs++;
		if (ascii) return;
		if (this.nonAscii) {
			this.nonAscii.count++;
			return;
		}
		let position = from;
		while (position < to && (bytes[position] as number) < 0x80) position++;
		this.nonAscii = { at, byte: bytes[position] as number, position: position - from, count: 1 };
	}

	/** Notes whether a payload's last bytes, or they and the byte behind it, are the PUT that should follow it. */
	payloadEnd(at: number, bytes: Uint8Array, from: number, to: number): void {
		const due = this.#lastPut + 1;
		const short = to - from >= 2 && (isPut(bytes, to - 2, due) || isPut(bytes, to - 1, due));
		const long =
			to - from >= 5 && bytes[to - 5] === 0x72 && bytes[to - 4] === (due & 0xff) && bytes[to - 3] === due >>> 8;
		if (short || long) this.#endsInPut = { at, place: due };
	}

	/** Notes the longest run of zero bytes. */
	sample(bytes: Uint8Array, from: number, to: number, offset: number): void {
		if (to - from < LONG_RUN) return;
		let run = 0;
		for (let i = from; i <= to; i++) {
			if (i < to && bytes[i] === 0) run++;
			else {
				if (run >= LONG_RUN && run > (this.zeroRun?.length ?? 0)) {
					this.zeroRun = { offset: offset + i - from - run, length: run };
				}
				run = 0;
			}
		}
	}

	/** @param isState whether a state has the data, and no call */
	array(found: FoundArray, isState = false): void {
		const { head, data, length } = found;
		if (isState && data?.opcode === BYTEARRAY8 && this.misformed.length < MAX_PROBLEMS) this.misformed.push(found);
		this.arrayCount++;
		if (this.arrays.length < MAX_ARRAYS) this.arrays.push(found);
		if (head.needed === undefined || head.needed === length) return;
		if (length === undefined) {
			if (data && this.unmeasured.length < MAX_PROBLEMS) this.unmeasured.push(found);
			return;
		}
		if (this.overflows.some((overflow) => overflow.at === data?.at && overflow.length === head.needed)) return;
		if (this.problems.length < MAX_PROBLEMS) this.problems.push(found);
	}

	/** A scalar's data that are not one item: an array of no dimensions. */
	checkScalar(made: Made, dtype: DType, value: Abstract, end: number): void {
		const length = dataLength(value);
		if (length === undefined || length === dtype.itemsize || this.problems.length >= MAX_PROBLEMS) return;
		const head = { shape: [], dtype, fortran: false, needed: dtype.itemsize };
		this.problems.push({ head, at: made.at, data: undefined, length, end });
	}

	/** What torch says of a storage by a persistent id: `("storage", torch.FloatStorage, key, location, items)`. */
	storage([kind, type, key, , items]: readonly Abstract[]): void {
		const name = textOf(key);
		if (textOf(kind) !== "storage" || name === undefined || this.storages.size >= MAX_STORAGES) return;
		const width = type instanceof GlobalName ? storageWidths[type.name.replace(/Storage$/, "")] : undefined;
		this.storages.set(name, width === undefined ? undefined : { width, items: intOf(items) ?? 0 });
	}

	/** Takes over what was found in the pickle after this one. */
	merge(next: Findings): void {
		for (const [code, count] of next.histogram.entries())
			this.histogram[code] = (this.histogram[code] as number) + count;
		for (const [kind, { offset, count }] of next.anomalies) {
			const found = this.anomalies.get(kind);
			if (found) found.count += count;
			else this.anomalies.set(kind, { offset, count });
		}
		for (const [path, { global, count }] of next.globals) {
			this.global(global);
			const found = this.globals.get(path);
			if (found) found.count += count - 1;
		}
		for (const { offset, opcode, start, length, array } of next.payloads)
			this.payload(offset, opcode, start, length, array);
		for (const name of sums) this[name] += next[name];
		for (const name of maxima) this[name] = Math.max(this[name], next[name]);
		for (const [key, storage] of next.storages) this.storages.set(key, storage);
		this.arrays.push(...next.arrays.slice(0, MAX_ARRAYS - this.arrays.length));
		this.misformed.push(...next.misformed.slice(0, MAX_PROBLEMS - this.misformed.length));
		this.problems.push(...next.problems.slice(0, MAX_PROBLEMS - this.problems.length));
		this.unmeasured.push(...next.unmeasured.slice(0, MAX_PROBLEMS - this.unmeasured.length));
		this.overflows.push(...next.overflows.slice(0, Math.max(0, MAX_PROBLEMS - this.overflows.length)));
		if (next.protocol !== undefined) this.protocol = Math.max(this.protocol ?? 0, next.protocol);
		if (next.nonAscii && this.nonAscii) this.nonAscii.count += next.nonAscii.count;
		this.nonAscii ??= next.nonAscii;
		this.firstPut ??= next.firstPut;
		this.dtypeFlags ??= next.dtypeFlags;
		this.zeroRun ??= next.zeroRun;
		this.axes ||= next.axes;
		this.wideFlags ||= next.wideFlags;
		this.consecutive &&= next.consecutive;
	}

	/** Whether some class or function of a module, or of one below it, is named. */
	names(module: RegExp): boolean {
		for (const { global } of this.globals.values()) if (module.test(global.path)) return true;
		return false;
	}
}

function isPut(bytes: Uint8Array, at: number, place: number): boolean {
	return bytes[at] === 0x71 && bytes[at + 1] === place;
}
