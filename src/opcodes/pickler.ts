import { isLong, Long } from "../bytes/int64.ts";
import { bytesOf, typedArrayName } from "../bytes/memory.ts";
import { isPickleError, PickleError, quoted } from "../errors.ts";
import { PyDict } from "../values/dict.ts";
import { KeyedEntries } from "../values/entries.ts";
import { PyGlobal, PyObject, PyPersistent, type PyStep } from "../values/objects.ts";
import { PyByteArray, PyFloat } from "../values/scalars.ts";
import { PyFrozenSet, PySet } from "../values/set.ts";
import type { PyValue } from "../values/value.ts";
import { datetimeOf } from "./dates.ts";
import { Emitter, type EmitterOptions } from "./emitter.ts";
import { Latin1Text, OwnBuffer, OwnText, ownGlobal, ReducerContext, SharedText } from "./encode-context.ts";
import { Identities } from "./identities.ts";
import { type EncodeStep, encodePath } from "./path.ts";
import type { EncodeReducer, EncodeResolver, Reduction } from "./reduction.ts";
import * as op from "./table.ts";

/** All that a machine is told, resolved. */
export interface PicklerOptions extends EmitterOptions {
	readonly shareStrings: "keys" | "all" | "none";
	readonly frozen: "tuple" | "list";
	readonly numpy: 1 | 2 | undefined;
	readonly persistentId: ((value: unknown) => unknown) | undefined;
	readonly onBuffer: ((buffer: Uint8Array) => unknown) | undefined;
	readonly resolver: EncodeResolver;
}

/** Entries that Python puts into one APPENDS, SETITEMS or ADDITEMS. */
const BATCH = 1000;
/** Levels at which it is first looked whether a value goes on for ever; again at each doubling. */
const SUSPICIOUS_DEPTH = 1 << 14;
/** Levels beyond which a getter that goes on for ever would use up the heap. */
const MAX_DEPTH = 1 << 21;
/** Frames, and kinds of values, that are kept for the next pickle. */
const KEPT = 1 << 10;
/** No engine has a dense array of so many items: it is holes, and the pickle would be gigabytes of None. */
const SPARSE_LENGTH = 2 ** 28;

// Kinds of frames: what is left to do.
const LIST = 0;
const TUPLE = 1;
const ENTRIES = 2;
const PROPERTIES = 3;
const MEMBERS = 4;
const FROZENSET = 5;
const CALL = 6;
const PERSISTENT = 7;
/** Items that follow each other, with nothing behind. */
const FLAT = 8;

// How items are put into batches.
/** As C does with lists, dicts and sets: a MARK unless there is one in all; after 1,000 entries another batch, empty or not. */
const EXACT = 0;
/** As with iterators, and in Python 2's `pickle.py`: no MARK for one that is left over. */
const ITERATED = 1;

// Phases of a CALL; behind the last one its steps are counted.
const CALLABLE = 0;
const ARGUMENTS = 1;
const KEYWORDS = 2;
const MAKE = 3;
const STEPS = 4;

/** The name of the codec, which is one object in Python. */
const LATIN1 = new SharedText("latin1");

const NO_CALL = new PyObject("call", null, []);
const NO_ITEMS: readonly unknown[] = [];

/** One value that is not finished. Frames are used again: they lie on a stack that only grows. */
class Frame {
	kind = LIST;
	/** The value itself: what the memo knows. */
	value: unknown = null;
	/** Items, flat entries; of PROPERTIES the keys, each of which counts for two. */
	items: readonly unknown[] = NO_ITEMS;
	/** How many items there are. A LIST of the caller's may change. */
	length = 0;
	/** Just behind the item that is being written; the phase of a CALL. */
	index = 0;
	/** Where the batch ends. */
	batchEnd = 0;
	/** The opcode that ends the batch, or a CALL's step. */
	closing = 0;
	style = EXACT;
	/** How many containers had been numbered when this one was begun. */
	opened = 0;
	call: PyObject = NO_CALL;
	/** Whether a CALL's arguments and result get numbers. */
	numbered = true;
	/** Whether a CALL is the encoder's own idea, such as `set([...])`: then paths do not go through it. */
	hidden = false;
}

/** Writes what has a prototype. Returns true if a frame was put on the stack, or pieces are to be taken. */
type Writer = (value: never) => boolean;

/**
 * Encodes one value after another. Nothing recurses: what is not finished lies on a stack of frames. Work goes on until all
 * is written or, with pieces to be taken, until there are some.
 */
export class Pickler extends Emitter {
	/**
	 * The machine that was used last. V8 drops optimised code once no instance of the class that it was made for is alive, as
	 * after a full collection between two calls: 5x to 10x slower ever after.
	 */
	static lastUsed: Pickler | undefined = undefined;

	readonly #options: PicklerOptions;
	readonly #context: ReducerContext;
	readonly #persistentId: PicklerOptions["persistentId"];
	readonly #shareAll: boolean;
	readonly #shareKeys: boolean;
	readonly #style: number;
	readonly #frames: Frame[] = [];
	#depth = 0;
	#suspicious = SUSPICIOUS_DEPTH;
	/** Containers numbered so far that have their number before their items. */
	#opened = 0;
	readonly #places = new Identities<unknown>();
	readonly #texts = new Identities<string>();
	/** Classes and functions by `module\nname`. */
	readonly #globals = new Map<string, number>();
	#writers: Map<object | null, Writer>;

	constructor(options: PicklerOptions) {
		super(options);
		this.#options = options;
		this.#context = new ReducerContext(this.protocol, this.python, options.numpy, options.onBuffer !== undefined);
		this.#persistentId = options.persistentId;
		this.#shareAll = options.shareStrings === "all";
		this.#shareKeys = options.shareStrings !== "none";
		this.#style = this.python === 2 ? ITERATED : EXACT;
		this.#writers = this.#allWriters();
	}

	/** The pickle of a value in one piece. @throws PickleError */
	whole(value: unknown): Uint8Array {
		this.#start(false);
		this.#guarded(() => {
			this.#save(value);
			this.#finish();
		});
		return this.#guarded(() => this.joined());
	}

	/** The pickle in pieces, array memory as it is. @throws PickleError */
	*pieces(value: unknown): Generator<Uint8Array, void> {
		this.#start(true);
		this.#guarded(() => this.#save(value));
		while (!this.#guarded(() => this.#finish())) yield* this.takePieces();
		yield* this.takePieces();
	}

	/** Lets go of all values. */
	release(): void {
		this.#places.clear();
		this.#texts.clear();
		this.#globals.clear();
		this.#context.tuples.clear();
		if (this.#frames.length > KEPT) this.#frames.length = 0;
		for (const frame of this.#frames) {
			frame.value = null;
			frame.items = NO_ITEMS;
			frame.call = NO_CALL;
		}
		if (this.#writers.size > KEPT) this.#writers = this.#allWriters();
		this.releaseOutput();
		Pickler.lastUsed = this;
	}

	#start(piecewise: boolean): void {
		this.#depth = 0;
		this.#suspicious = SUSPICIOUS_DEPTH;
		this.#opened = 0;
		this.memoized = 0;
		this.startOutput(piecewise);
		if (this.protocol >= 2) {
			this.op(op.PROTO);
			this.op(this.protocol);
		}
		if (this.protocol >= 4) this.startFrames();
	}

	/** Goes on with what lies on the stack, to the end. Returns false if pieces are to be taken first. */
	#finish(): boolean {
		while (this.#depth > 0) {
			if (this.paused) return false;
			this.#resume(this.#frames[this.#depth - 1] as Frame);
		}
		this.op(op.STOP);
		this.endOutput();
		return true;
	}

	/** What the caller's getters and proxies throw becomes a PickleError with the path. */
	#guarded<T>(work: () => T): T {
		try {
			return work();
		} catch (error) {
			if (isPickleError(error)) throw error.path === undefined ? this.#located(error) : error;
			const said = error instanceof Error ? error.message : String(error);
			const noRoom = error instanceof RangeError && /alloc|length|size|memory/i.test(said);
			const [code, reason] = noRoom
				? (["E_TOO_LARGE", `this runtime cannot hold it (${said})`] as const)
				: (["E_UNENCODABLE", `reading the value failed (${said})`] as const);
			throw this.#located(new PickleError(code, reason, { cause: error }));
		}
	}

	#located({ code, reason, cause, limit }: PickleError): PickleError {
		const path = this.path();
		return new PickleError(code, `${reason}, at ${path}`, { path, cause, limit });
	}

	/** Writes a value, or begins to. Returns true if a frame was put on the stack, or pieces are to be taken. */
	#save(value: unknown): boolean {
		if (this.pos >= this.fence) this.boundary();
		if (this.#persistentId !== undefined && this.#savePersistent(value)) return true;
		return this.#saveItself(value);
	}

	#saveItself(value: unknown): boolean {
		switch (typeof value) {
			case "number":
				this.number(value);
				return this.paused;
			case "string":
				if (this.#shareAll) this.#sharedText(value);
				else this.text(value);
				return this.paused;
			case "object":
				if (value !== null) return this.#saveObject(value);
				this.bytes[this.pos++] = op.NONE;
				return this.paused;
			case "boolean":
				this.bool(value);
				return this.paused;
			case "undefined":
				this.bytes[this.pos++] = op.NONE;
				return this.paused;
			case "bigint":
				this.bigint(value);
				return this.paused;
			default:
				return this.#saveByTest(value as unknown as object);
		}
	}

	/** A key of a dict: equal ones are one object. */
	#saveKey(key: unknown): boolean {
		if (typeof key !== "string" || this.#persistentId !== undefined) {
			if (typeof key === "object" && key !== null) this.#checkHashable(key);
			return this.#save(key);
		}
		if (this.pos >= this.fence) this.boundary();
		if (this.#shareKeys) this.#sharedText(key);
		else this.text(key);
		return this.paused;
	}

	/** Text that is written once. */
	#sharedText(text: string): void {
		const place = this.#texts.get(text);
		if (place !== undefined) {
			this.get(place);
			return;
		}
		this.text(text);
		const next = this.put();
		// pickle.py of Python 2 numbers a copy where it escaped the text.
		if (this.protocol === 0 && this.python === 2 && /[\\\n]/.test(text)) return;
		this.#texts.set(text, next);
	}

	#checkHashable(key: object): void {
		const unhashable =
			(Array.isArray(key) && (!Object.isFrozen(key) || this.#options.frozen === "list")) ||
			(key instanceof KeyedEntries && !(key instanceof PyFrozenSet)) ||
			key instanceof Map ||
			key instanceof Set ||
			key instanceof PyByteArray ||
			[Object.prototype, null].includes(Object.getPrototypeOf(key));
		if (unhashable) throw this.refuse("a key or member that Python cannot hash");
	}

	#saveObject(value: object): boolean {
		const place = this.#places.get(value);
		if (place !== undefined) {
			this.get(place);
			return this.paused;
		}
		if (this.#options.resolver.tests.length > 0) {
			const reducer = this.#options.resolver.tests.find((test) => test.is?.(value));
			if (reducer !== undefined) return this.#reduce(value, reducer);
		}
		const prototype = Object.getPrototypeOf(value);
		const writer = this.#writers.get(prototype) ?? this.#writerOf(value, prototype);
		return writer(value as never);
	}

	#saveByTest(value: object): boolean {
		const reducer = this.#options.resolver.tests.find((test) => test.is?.(value));
		if (reducer === undefined) throw this.refuse(`a ${typeof value}`);
		return this.#reduce(value, reducer);
	}

	/** Finds out how values of a prototype are written that were not met before. */
	#writerOf(value: object, prototype: object | null): Writer {
		let writer = this.#inherited(prototype) ?? this.#foreign(value, prototype);
		if (writer === undefined) {
			writer = () => {
				throw this.refuse(`an instance of ${className(prototype)}, which no reducer claims,`);
			};
		}
		this.#writers.set(prototype, writer);
		return writer;
	}

	/** What a class inherits from, unless that is Object itself. */
	#inherited(prototype: object | null): Writer | undefined {
		for (
			let parent = prototype;
			parent !== null && parent !== Object.prototype;
			parent = Object.getPrototypeOf(parent)
		) {
			const writer = this.#writers.get(parent);
			if (writer !== undefined) return writer;
		}
		return undefined;
	}

	/** Objects of other realms, and of other copies of a package. */
	#foreign(value: object, prototype: object | null): Writer | undefined {
		if (Array.isArray(value)) return this.#writers.get(Array.prototype);
		const name = typedArrayName(value) ?? Object.prototype.toString.call(value).slice(8, -1);
		const known = (globalThis as Record<string, unknown>)[name];
		if (ArrayBuffer.isView(value) || /^(Map|Set|Date|ArrayBuffer|SharedArrayBuffer)$/.test(name)) {
			return typeof known === "function" ? this.#writers.get(known.prototype) : undefined;
		}
		if (isLong(value)) return this.#writers.get(Long.prototype);
		const isRoot = prototype !== null && Object.getPrototypeOf(prototype) === null;
		return isRoot && Object.hasOwn(prototype, "isPrototypeOf") ? this.#writers.get(Object.prototype) : undefined;
	}

	#allWriters(): Map<object | null, Writer> {
		const { byPrototype, constants } = this.#options.resolver;
		const atom = (write: (value: never) => void): Writer => {
			return (value) => {
				write(value);
				return this.paused;
			};
		};
		const writers = new Map<object | null, Writer>([
			[Array.prototype, (value: unknown[]) => this.#array(value)],
			[PyDict.prototype, (value: PyDict) => this.#dict(value)],
			[Object.prototype, (value: object) => this.#record(value)],
			[null, (value: object) => this.#record(value)],
			[Map.prototype, (value: Map<unknown, unknown>) => this.#map(value)],
			[Set.prototype, (value: Set<unknown>) => this.#jsSet(value)],
			[PySet.prototype, (value: PySet) => this.#set(value)],
			[PyFrozenSet.prototype, (value: PyFrozenSet) => this.#frozenset(value)],
			[PyByteArray.prototype, (value: PyByteArray) => this.#bytearray(value)],
			[PyFloat.prototype, atom((value: PyFloat) => this.float(Number.prototype.valueOf.call(value)))],
			[PyGlobal.prototype, (value: PyGlobal) => this.#global(value)],
			[PyObject.prototype, (value: PyObject) => this.#object(value)],
			[PyPersistent.prototype, (value: PyPersistent) => this.#persistent(value.id, value)],
			[Date.prototype, (value: Date) => this.#date(value)],
			[Long.prototype, atom((value: Long) => this.bigint(value.toBigInt()))],
			[OwnText.prototype, (value: OwnText) => this.#ownText(value)],
			[SharedText.prototype, atom((value: SharedText) => this.#sharedText(value.text))],
			[OwnBuffer.prototype, (value: OwnBuffer) => this.#buffer(value)],
			[Latin1Text.prototype, (value: Latin1Text) => this.#latin1(value)],
		] as [object | null, Writer][]);
		for (const type of [Uint8Array, Uint8ClampedArray, DataView, ArrayBuffer]) {
			writers.set(type.prototype, (value: ArrayBufferView) => this.#bytes(value));
		}
		if (typeof SharedArrayBuffer !== "undefined") {
			writers.set(SharedArrayBuffer.prototype, (value: SharedArrayBuffer) => this.#bytes(value));
		}
		for (const constant of constants.keys()) {
			const prototype = Object.getPrototypeOf(constant);
			writers.set(prototype, (value: object) => this.#constant(value));
		}
		for (const [prototype, reducer] of byPrototype) {
			writers.set(prototype, (value: object) => this.#reduce(value, reducer));
		}
		return writers;
	}

	// Values, one kind each.

	#array(value: readonly unknown[]): boolean {
		const tuple = this.#options.frozen === "tuple" ? Object.isFrozen(value) : this.#context.tuples.has(value);
		if (tuple) return this.#tuple(value);
		const { length } = value;
		if (!isCount(length)) throw sparse(length);
		this.#openContainer(op.EMPTY_LIST, op.LIST, value);
		if (length > 0) this.#pushBatches(LIST, value, value, this.#style);
		return length > 0;
	}

	/** Begins a list or dict, and numbers it. */
	#openContainer(code: number, closing: number, value: object): void {
		if (this.protocol > 0) this.bytes[this.pos++] = code;
		else {
			this.bytes[this.pos++] = op.MARK;
			this.bytes[this.pos++] = closing;
		}
		this.#opened++;
		this.#places.set(value, this.put());
	}

	#tuple(items: readonly unknown[]): boolean {
		const { length } = items;
		if (length === 0) {
			if (this.protocol === 0) this.op(op.MARK);
			this.op(this.protocol === 0 ? op.TUPLE : op.EMPTY_TUPLE);
			return this.paused;
		}
		if (!isCount(length)) throw sparse(length);
		if (length > 3 || this.protocol < 2) this.op(op.MARK);
		this.#push(TUPLE, items, items).length = length;
		return true;
	}

	#dict(value: PyDict): boolean {
		return this.#entries(value, this.#entriesOf(value, 2));
	}

	/** The entries of a dict or set as one flat array, without those that were deleted. */
	#entriesOf(value: KeyedEntries, stride: 1 | 2): readonly unknown[] {
		const entries = KeyedEntries.entries(value);
		if (entries.length === value.size * stride) return entries;
		const kept: unknown[] = [];
		for (const [all, place] of KeyedEntries.places(value)) {
			kept.push(all[place]);
			if (stride === 2) kept.push(all[place + 1]);
		}
		return kept;
	}

	#entries(value: object, entries: readonly unknown[]): boolean {
		this.#openContainer(op.EMPTY_DICT, op.DICT, value);
		if (entries.length > 0) this.#pushBatches(ENTRIES, value, entries, this.#style);
		return entries.length > 0;
	}

	#record(value: object): boolean {
		const keys = Object.keys(value);
		this.#openContainer(op.EMPTY_DICT, op.DICT, value);
		if (keys.length > 0) this.#pushBatches(PROPERTIES, value, keys, this.#style);
		return keys.length > 0;
	}

	#map(value: Map<unknown, unknown>): boolean {
		const entries: unknown[] = [];
		Map.prototype.forEach.call(value, (item, key) => entries.push(key, item));
		this.#checkDistinct(entries, 2);
		return this.#entries(value, entries);
	}

	#jsSet(value: Set<unknown>): boolean {
		const members: unknown[] = [];
		Set.prototype.forEach.call(value, (member) => members.push(member));
		this.#checkDistinct(members, 1);
		return this.#members(value, members);
	}

	/** Keys that JavaScript keeps apart and Python does not would make an entry vanish: 1 and 1n, equal tuples. */
	#checkDistinct(entries: readonly unknown[], stride: 1 | 2): void {
		const type = typeof entries[0];
		let same = type === "string" || type === "number";
		for (let i = stride; same && i < entries.length; i += stride) same = typeof entries[i] === type;
		if (same) return;
		const keys = new PySet();
		for (let i = 0; i < entries.length; i += stride) {
			const key = (entries[i] ?? null) as PyValue;
			if (keys.has(key)) throw this.refuse("a Map or Set with two keys that are equal in Python");
			keys.add(key);
		}
	}

	#set(value: PySet): boolean {
		return this.#members(value, this.#entriesOf(value, 1));
	}

	#members(value: object, members: readonly unknown[]): boolean {
		if (this.protocol < 4) return this.#construct(value, "set", [members.slice()]);
		this.op(op.EMPTY_SET);
		this.#opened++;
		this.#places.set(value, this.put());
		if (members.length > 0) this.#pushBatches(MEMBERS, value, members, EXACT);
		return members.length > 0;
	}

	#frozenset(value: PyFrozenSet): boolean {
		const members = this.#entriesOf(value, 1);
		if (this.protocol < 4) return this.#construct(value, "frozenset", [members.slice()]);
		this.op(op.MARK);
		this.#push(FROZENSET, value, members);
		return true;
	}

	/** Writes a value as the call of a builtin type. */
	#construct(value: object, name: string, args: readonly PyValue[]): boolean {
		return this.#pushHidden(value, new PyObject("call", ownGlobal("builtins", name), Object.freeze(args)));
	}

	#pushHidden(value: object, call: PyObject): boolean {
		this.#pushCall(value, call);
		(this.#frames[this.#depth - 1] as Frame).hidden = true;
		return true;
	}

	#bytes(value: ArrayBufferLike | ArrayBufferView): boolean {
		const data = bytesOf(value);
		if (this.python === 2) {
			return this.needsSplit(data.length) ? this.#split(value, data) : this.#str(value, data);
		}
		if (this.protocol < 3) {
			if (data.length === 0) return this.#construct(value, "bytes", []);
			const args = Object.freeze([new Latin1Text(data), LATIN1]);
			const encode = new PyObject("call", ownGlobal("_codecs", "encode"), args);
			return this.#pushHidden(value, encode);
		}
		this.bytesPayload(data);
		this.#places.set(value, this.put());
		return this.paused;
	}

	#bytearray(value: PyByteArray): boolean {
		const data = bytesOf(value);
		if (this.protocol === 5) {
			this.bytearrayPayload(data);
			this.#places.set(value, this.put());
			return this.paused;
		}
		if (this.python === 2) return this.#construct(value, "bytearray", [new Latin1Text(data), new OwnText("latin-1")]);
		return this.#construct(value, "bytearray", data.length === 0 ? [] : [data]);
	}

	/** A str in pieces that Python 2 and 3 join: `getattr('', 'join')([...])`. */
	#split(value: object, data: Uint8Array): boolean {
		const { piece, signed } = this.emitterOptions.limits;
		const size = Math.min(piece, signed);
		const pieces: Uint8Array[] = [];
		for (let start = 0; start < data.length; start += size) pieces.push(data.subarray(start, start + size));
		const names = Object.freeze([new OwnText(""), new OwnText("join")]);
		const join = new PyObject("call", ownGlobal("builtins", "getattr"), names);
		return this.#pushHidden(value, new PyObject("call", join, Object.freeze([pieces])));
	}

	#date(value: Date): boolean {
		const datetime = this.python === 3 ? datetimeOf(value) : undefined;
		if (datetime !== undefined) return this.#pushHidden(value, datetime);
		throw this.refuse(
			this.python === 2 ? "a Date, since Python 2 has no UTC of its own," : "a Date beyond Python's years",
		);
	}

	/** A str of Python 2. */
	#str(value: object, data: Uint8Array): boolean {
		this.strPayload(data);
		this.#places.set(value, this.put());
		return this.paused;
	}

	/** A single character is one object in Python, all other text that a reducer supplies is not the value's. */
	#ownText(value: OwnText): boolean {
		if (this.python === 2) return this.#str(value, asciiBytes(value.text));
		if (value.text.length === 1 && value.text <= "\xff" && this.#shareAll) {
			this.#sharedText(value.text);
			return this.paused;
		}
		this.text(value.text);
		this.#places.set(value, this.put());
		return this.paused;
	}

	#latin1(value: Latin1Text): boolean {
		const { bytes } = value;
		if (bytes.length < 2 && this.#shareAll) this.#sharedText(String.fromCharCode(...bytes));
		else {
			this.latin1Text(bytes);
			this.put();
		}
		return this.paused;
	}

	#buffer(value: OwnBuffer): boolean {
		const { onBuffer } = this.#options;
		if (onBuffer !== undefined && !called("onBuffer", () => onBuffer(value.memory))) {
			this.op(op.NEXT_BUFFER);
			return this.paused;
		}
		this.bytearrayPayload(bytesOf(value.memory));
		this.#places.set(value, this.put());
		return this.paused;
	}

	#constant(value: object): boolean {
		const global = this.#options.resolver.constants.get(value);
		if (global === undefined) throw this.refuse(`an instance of ${className(Object.getPrototypeOf(value))}`);
		return this.#global(global);
	}

	// Classes, functions and calls.

	#global(global: PyGlobal): boolean {
		if (this.extension(global)) return this.paused;
		const { module, name } = global;
		const key = `${module}\n${name}`;
		const place = this.#globals.get(key);
		if (place !== undefined) {
			this.get(place);
			this.#places.set(global, place);
			return this.paused;
		}
		if (this.protocol < 4 && name.includes(".")) return this.#attribute(global);
		if (this.protocol >= 4) this.#stackGlobal(module, name);
		else this.globalLines(op.GLOBAL, global);
		const next = this.put();
		this.#globals.set(key, next);
		this.#places.set(global, next);
		return this.paused;
	}

	#stackGlobal(module: string, name: string): void {
		if (module === "" || name === "") throw this.refuse("a class or function without module or name");
		if (this.pos >= this.fence) this.boundary();
		// A module's name is one object in Python; a builtin type gives its own anew.
		this.#sharedText(module);
		if (this.pos >= this.fence) this.boundary();
		this.text(name);
		this.put();
		this.op(op.STACK_GLOBAL);
	}

	/** `getattr(Outer, 'Inner')` names what lies in a class, below protocol 4. */
	#attribute(global: PyGlobal): boolean {
		const { module, name } = global;
		const dot = name.lastIndexOf(".");
		const outer = ownGlobal(module, name.slice(0, dot));
		const args = Object.freeze([outer, new OwnText(name.slice(dot + 1))]);
		return this.#pushCall(global, new PyObject("call", ownGlobal("builtins", "getattr"), args));
	}

	#reduce(value: object, reducer: EncodeReducer): boolean {
		if (reducer.reduce === undefined)
			throw this.refuse(`a value of ${reducer.name}, which its reducer does not encode,`);
		const { callable, args, items, entries, state } = reduced(reducer, value, this.#context);
		const call = new PyObject("call", callable, args);
		if (items !== undefined) call.steps.push({ kind: "items", items });
		if (entries !== undefined) call.steps.push({ kind: "entries", entries });
		if (state !== undefined) call.steps.push({ kind: "state", state });
		return this.#pushCall(value, call);
	}

	#object(object: PyObject): boolean {
		return this.#pushCall(object, object);
	}

	#pushCall(value: object, call: PyObject): boolean {
		const frame = this.#push(CALL, value, NO_ITEMS);
		frame.call = call.kind === "new" ? this.#newForm(call) : call;
		frame.numbered = true;
		frame.hidden = false;
		return true;
	}

	/** NEWOBJ and NEWOBJ_EX, or what stands for them where the protocol has none. */
	#newForm(object: PyObject): PyObject {
		const { callable, args, kwargs, steps } = object;
		if (this.protocol >= (kwargs === undefined ? 2 : 4)) return object;
		let call: PyObject;
		if (this.protocol < 2) {
			const copyreg = (name: string, parts: readonly PyValue[]) =>
				new PyObject("call", ownGlobal("copyreg", name), parts);
			if (kwargs === undefined) call = copyreg("__newobj__", Object.freeze([callable, ...args]));
			else call = copyreg("__newobj_ex__", Object.freeze([callable, Object.freeze([...args]), kwargs]));
		} else call = new PyObject("call", partialNew(callable, args, kwargs as PyDict), Object.freeze([]));
		call.steps.push(...steps);
		return call;
	}

	// Persistent ids.

	#savePersistent(value: unknown): boolean {
		const id = called("persistentId", () => this.#persistentId?.(value));
		if (id === undefined || id === null) return false;
		this.#persistent(id, value);
		return true;
	}

	#persistent(id: unknown, value: unknown): boolean {
		if (this.protocol === 0) {
			this.persistentLine(id);
			return this.paused;
		}
		this.#push(PERSISTENT, value, NO_ITEMS);
		this.#saveItself(id);
		return true;
	}

	// The stack.

	#push(kind: number, value: unknown, items: readonly unknown[]): Frame {
		if (this.#depth >= this.#suspicious) this.#suspect();
		let frame = this.#frames[this.#depth];
		if (frame === undefined) {
			frame = new Frame();
			this.#frames.push(frame);
		}
		this.#depth++;
		frame.kind = kind;
		frame.value = value;
		frame.items = items;
		frame.length = kind === PROPERTIES ? items.length * 2 : items.length;
		frame.index = 0;
		frame.closing = 0;
		frame.opened = this.#opened;
		return frame;
	}

	#pushBatches(kind: number, value: unknown, items: readonly unknown[], style: number): void {
		const frame = this.#push(kind, value, items);
		frame.style = style;
		this.#openBatch(frame);
	}

	#pop(): void {
		this.#depth--;
	}

	/** A value without number that lies in itself, with no numbered container between, has no end. */
	#suspect(): void {
		this.#suspicious *= 2;
		if (this.#depth >= MAX_DEPTH) throw new PickleError("E_TOO_LARGE", `a value of more than ${MAX_DEPTH} levels`);
		const begun = new Map<unknown, number>();
		for (let i = 0; i < this.#depth; i++) {
			const { value, opened } = this.#frames[i] as Frame;
			if (value === null) continue;
			if (begun.get(value) === opened) throw this.refuse("a tuple or call that is a part of itself");
			begun.set(value, opened);
		}
	}

	#resume(frame: Frame): void {
		switch (frame.kind) {
			case LIST:
			case MEMBERS:
				this.#resumeItems(frame);
				return;
			case TUPLE:
				this.#resumeTuple(frame);
				return;
			case ENTRIES:
				this.#resumeEntries(frame);
				return;
			case PROPERTIES:
				this.#resumeProperties(frame);
				return;
			case FROZENSET:
				this.#resumeFrozenset(frame);
				return;
			case CALL:
				this.#resumeCall(frame);
				return;
			case FLAT:
				this.#resumeFlat(frame);
				return;
			default:
				this.op(op.BINPERSID);
				this.#pop();
		}
	}

	/** Begins the next batch: its MARK, its end, and the opcode that ends it. */
	#openBatch(frame: Frame): void {
		const { index, kind, style } = frame;
		const stride = strideOf(kind);
		const left = frame.length - index;
		const single = this.protocol === 0 || (left === stride && (style === ITERATED || index === 0) && kind !== MEMBERS);
		frame.batchEnd = single ? index + stride : index + Math.min(left, BATCH * stride);
		if (kind === MEMBERS) frame.closing = op.ADDITEMS;
		else if (kind === LIST) frame.closing = single ? op.APPEND : op.APPENDS;
		else frame.closing = single ? op.SETITEM : op.SETITEMS;
		if (!single) this.op(op.MARK);
	}

	/** Ends a batch. Returns true if there is another one. */
	#closeBatch(frame: Frame): boolean {
		this.op(frame.closing);
		const { kind, index } = frame;
		if (kind === LIST) frame.length = frame.items.length;
		if (index < frame.length) {
			this.#openBatch(frame);
			return true;
		}
		const isFull = index % (BATCH * strideOf(kind)) === 0;
		if (isFull && kind !== LIST && frame.style === EXACT && this.protocol > 0) {
			this.op(op.MARK);
			this.op(frame.closing);
		}
		this.#pop();
		return false;
	}

	/** A list, or the members of a set. A list may shrink or grow meanwhile, by the caller's getters. */
	#resumeItems(frame: Frame): void {
		const { items, kind } = frame;
		do {
			while (frame.index < frame.batchEnd && frame.index < items.length) {
				const item = items[frame.index++];
				if (kind === MEMBERS && typeof item === "object" && item !== null) this.#checkHashable(item);
				if (this.#save(item)) return;
			}
			if (frame.closing === op.APPEND && frame.index < frame.batchEnd) throw this.#changed();
		} while (this.#closeBatch(frame));
		if (kind === MEMBERS) this.#checkUnchanged(frame);
	}

	#resumeTuple(frame: Frame): void {
		const { items, length } = frame;
		while (frame.index < length) if (this.#save(items[frame.index++])) return;
		if (frame.opened !== this.#opened && this.#backToMemo(frame)) return;
		this.op(this.#tupleOf(length));
		this.#places.set(frame.value, this.put());
		this.#pop();
	}

	/** The opcode that makes a tuple of so many items. Other lengths than 1 to 3 need a MARK before the items. */
	#tupleOf(length: number): number {
		return this.protocol >= 2 && length <= 3 ? op.TUPLE1 + length - 1 : op.TUPLE;
	}

	#resumeFlat(frame: Frame): void {
		const { items, length } = frame;
		while (frame.index < length) if (this.#save(items[frame.index++])) return;
		this.#pop();
	}

	/** What turned out to be a part of itself has been written by now: its parts are dropped, and it is taken from the memo. */
	#backToMemo({ value, kind, length }: Frame): boolean {
		const place = this.#places.get(value);
		if (place === undefined) return false;
		if (kind === TUPLE && this.#tupleOf(length) !== op.TUPLE) for (let i = 0; i < length; i++) this.op(op.POP);
		else if (this.protocol > 0) this.op(op.POP_MARK);
		else for (let i = 0; i <= length; i++) this.op(op.POP);
		this.get(place);
		this.#pop();
		return true;
	}

	#resumeEntries(frame: Frame): void {
		const { items } = frame;
		do {
			while (frame.index < frame.batchEnd) {
				const { index } = frame;
				frame.index = index + 1;
				if ((index & 1) === 0 ? this.#saveKey(items[index]) : this.#save(items[index])) return;
			}
		} while (this.#closeBatch(frame));
		this.#checkUnchanged(frame);
	}

	/** The caller's getters may have changed a dict or set: then entries were written that it does not have. */
	#checkUnchanged({ value, length, kind }: Frame): void {
		if (!(value instanceof KeyedEntries || value instanceof Map || value instanceof Set)) return;
		if (value.size * strideOf(kind) !== length) throw this.#changed();
	}

	#changed(): PickleError {
		return this.refuse("a value that is changed while it is encoded");
	}

	/** A plain object, whose getters are asked as their turn comes. */
	#resumeProperties(frame: Frame): void {
		const { items } = frame;
		const record = frame.value as Record<string, unknown>;
		do {
			while (frame.index < frame.batchEnd) {
				const { index } = frame;
				const key = items[index >> 1] as string;
				frame.index = index + 1;
				if ((index & 1) === 0 ? this.#saveKey(key) : this.#save(record[key])) return;
			}
		} while (this.#closeBatch(frame));
	}

	#resumeFrozenset(frame: Frame): void {
		const { items, length } = frame;
		while (frame.index < length) {
			const item = items[frame.index++];
			if (typeof item === "object" && item !== null) this.#checkHashable(item);
			if (this.#save(item)) return;
		}
		if (frame.opened !== this.#opened && this.#backToMemo(frame)) return;
		this.op(op.FROZENSET);
		this.#places.set(frame.value, this.put());
		this.#pop();
	}

	#resumeCall(frame: Frame): void {
		const { call } = frame;
		if (frame.index === CALLABLE) {
			frame.index = ARGUMENTS;
			if (this.#saveCallable(call)) return;
		}
		if (frame.index === ARGUMENTS) {
			frame.index = KEYWORDS;
			if (this.#saveArguments(frame)) return;
		}
		if (frame.index === KEYWORDS) {
			frame.index = MAKE;
			if (call.kind === "new" && call.kwargs !== undefined && this.#save(call.kwargs)) return;
		}
		if (frame.index === MAKE && !this.#make(frame)) return;
		for (;;) {
			if (frame.closing !== 0) this.op(frame.closing);
			frame.closing = 0;
			const step = call.steps[frame.index - STEPS];
			if (step === undefined) break;
			frame.index++;
			if (this.#saveStep(frame, step)) return;
		}
		this.#pop();
	}

	#saveCallable(call: PyObject): boolean {
		if (call.kind !== "inst") return this.#save(call.callable);
		this.op(op.MARK);
		return !this.#byInst(call) && this.#save(call.callable);
	}

	/** INST has its class in two lines; where that cannot be, OBJ takes it from the stack. */
	#byInst({ callable }: PyObject): boolean {
		return this.protocol === 0 && callable instanceof PyGlobal && !callable.name.includes(".");
	}

	#saveArguments(frame: Frame): boolean {
		const { args, kind } = frame.call;
		if (kind === "inst" || !frame.numbered) {
			if (kind !== "inst" && this.#tupleOf(args.length) === op.TUPLE) this.op(op.MARK);
			this.#push(FLAT, null, args);
			return true;
		}
		if (this.pos >= this.fence) this.boundary();
		if (this.#persistentId !== undefined && Object.isFrozen(args) && this.#savePersistent(args)) return true;
		const place = this.#places.get(args);
		if (place === undefined) return this.#tuple(Object.isFrozen(args) ? args : Object.freeze([...args]));
		this.get(place);
		return this.paused;
	}

	/** Writes the opcode that makes the object, and numbers it. Returns false if it is finished. */
	#make(frame: Frame): boolean {
		frame.index = STEPS;
		const { call, value } = frame;
		if (!frame.numbered) this.op(this.#tupleOf(call.args.length));
		if (call.kind === "call") this.op(op.REDUCE);
		else if (call.kind === "new") this.op(call.kwargs === undefined ? op.NEWOBJ : op.NEWOBJ_EX);
		else if (this.#byInst(call)) this.globalLines(op.INST, call.callable as PyGlobal);
		else this.op(op.OBJ);
		if (!frame.numbered) return true;
		const place = frame.opened === this.#opened ? undefined : this.#places.get(value);
		if (place !== undefined) {
			this.op(op.POP);
			this.get(place);
			this.#pop();
			return false;
		}
		this.#opened++;
		const next = this.put();
		this.#places.set(value, next);
		if (value instanceof PyGlobal) this.#globals.set(`${value.module}\n${value.name}`, next);
		return true;
	}

	#saveStep(frame: Frame, step: PyStep): boolean {
		switch (step.kind) {
			case "state":
				frame.closing = op.BUILD;
				return this.#save(step.state);
			case "items":
				if (step.items.length > 0) this.#pushBatches(LIST, null, step.items, ITERATED);
				return step.items.length > 0;
			case "entries":
				if (step.entries.length > 0) this.#pushBatches(ENTRIES, null, step.entries, ITERATED);
				return step.entries.length > 0;
			case "add":
				if (this.python === 2) throw this.refuse("an object to which Python 3 adds members");
				if (step.items.length > 0) this.#pushBatches(MEMBERS, null, step.items, EXACT);
				return step.items.length > 0;
			default:
				frame.closing = op.POP;
				return this.#saveSetter(step.call);
		}
	}

	/** A call whose result is dropped. Python numbers neither its arguments nor the result. */
	#saveSetter(call: PyObject): boolean {
		const plain = call.kind === "call" && call.steps.length === 0 && call.args.length > 0;
		if (!plain || this.#places.get(call) !== undefined) return this.#save(call);
		this.#pushCall(call, call);
		(this.#frames[this.#depth - 1] as Frame).numbered = false;
		return true;
	}

	protected path(): string {
		const steps: EncodeStep[] = [];
		for (let i = 0; i < this.#depth; i++) {
			const frame = this.#frames[i] as Frame;
			const step = stepOf(frame);
			// Nor do they go through the tuple of its arguments.
			if (frame.kind === CALL && frame.hidden) i++;
			else if (step !== undefined) steps.push(step);
		}
		return encodePath(steps);
	}
}

function strideOf(kind: number): 1 | 2 {
	return kind === ENTRIES || kind === PROPERTIES ? 2 : 1;
}

/** Where a frame is at work. */
function stepOf({ kind, items, index, call }: Frame): EncodeStep | undefined {
	const at = index - 1;
	if (at < 0) return undefined;
	switch (kind) {
		case ENTRIES:
			return { kind: at % 2 === 0 ? "key" : "value", key: items[at - (at % 2)] as PyValue };
		case PROPERTIES:
			return { kind: at % 2 === 0 ? "key" : "value", key: items[at >> 1] as PyValue };
		case CALL:
			return callStep(call, index);
		case PERSISTENT:
			return { kind: "part", name: "id" };
		default:
			return { kind: "item", index: at };
	}
}

function callStep(call: PyObject, phase: number): EncodeStep | undefined {
	if (phase < STEPS) return { kind: "part", name: ["", "callable", "args", "kwargs"][phase] as string };
	const name = call.steps[phase - STEPS - 1]?.kind;
	return name === undefined || name === "entries" ? undefined : { kind: "part", name };
}

function className(prototype: object | null): string {
	const { name } = ((prototype as { constructor?: { name?: unknown } } | null)?.constructor ?? {}) as {
		name?: unknown;
	};
	return typeof name === "string" && name !== "" ? quoted(name) : "a class without name";
}

function isCount(length: unknown): boolean {
	return typeof length === "number" && length >= 0 && length < SPARSE_LENGTH;
}

function sparse(length: unknown): PickleError {
	if (!Number.isInteger(length)) return new PickleError("E_UNENCODABLE", `an array of length ${String(length)}`);
	return new PickleError("E_TOO_LARGE", `an array of length ${String(length)}, which is mostly holes`);
}

function asciiBytes(text: string): Uint8Array {
	return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** `functools.partial(cls.__new__, cls, *args, **kwargs)`, with whose result protocols 2 and 3 stand in for NEWOBJ_EX. */
function partialNew(type: PyValue, args: readonly PyValue[], kwargs: PyDict): PyObject {
	const method = Object.freeze([type, new OwnText("__new__")]);
	const make = new PyObject("call", ownGlobal("builtins", "getattr"), method);
	const partial = new PyObject("call", ownGlobal("functools", "partial"), Object.freeze([make]));
	partial.steps.push({ kind: "state", state: Object.freeze([make, Object.freeze([type, ...args]), kwargs, null]) });
	return partial;
}

/** Calls a function of the caller's; what it throws becomes a PickleError. */
function called<T>(name: "persistentId" | "onBuffer", call: () => T): T {
	try {
		return call();
	} catch (cause) {
		if (isPickleError(cause)) throw cause;
		const code = name === "onBuffer" ? "E_BUFFER" : "E_PERSISTENT_ID";
		throw new PickleError(code, `${name} failed (${cause instanceof Error ? cause.message : String(cause)})`, {
			cause,
		});
	}
}

function reduced(reducer: EncodeReducer, value: object, context: ReducerContext): Reduction {
	try {
		return (reducer.reduce as NonNullable<EncodeReducer["reduce"]>)(value, context);
	} catch (cause) {
		if (isPickleError(cause)) throw cause;
		const said = cause instanceof Error ? cause.message : String(cause);
		throw new PickleError("E_REDUCER", `the reducer of ${reducer.name} failed (${said})`, { cause });
	}
}
