import { isLong, Long } from "../bytes/int64.ts";
import { builtinName, bytesOf, typedArrayName } from "../bytes/memory.ts";
import { isPickleError, messageOf, PickleError, quoted } from "../errors.ts";
import { Bulk } from "../values/bulk.ts";
import { PyDict } from "../values/dict.ts";
import { KeyedEntries } from "../values/entries.ts";
import { bytesKey, dateKey, setEqualityKey } from "../values/equality.ts";
import { PyLargeBytes } from "../values/large.ts";
import { PyGlobal, PyObject, PyPersistent } from "../values/objects.ts";
import { PyByteArray, PyFloat } from "../values/scalars.ts";
import { PyFrozenSet, PySet } from "../values/set.ts";
import type { PyValue } from "../values/value.ts";
import { datetimeOf } from "./dates.ts";
import { Latin1Text, OwnBuffer, OwnText, ownGlobal, SharedText } from "./encode-context.ts";
import type { Payload } from "./framer.ts";
import { Identities } from "./identities.ts";
import { ENTRIES, EXACT, FROZENSET, ITERATED, LIST, MEMBERS, PROPERTIES, TUPLE } from "./pending.ts";
import { called, PicklerCalls, type PicklerOptions } from "./pickler-calls.ts";
import * as op from "./table.ts";

export type { PicklerOptions } from "./pickler-calls.ts";

/** Kinds of values that are kept for the next pickle. */
const KEPT = 1 << 10;
/** No engine has a dense array of so many items: it is holes, and the pickle would be gigabytes of None. */
const SPARSE_LENGTH = 2 ** 28;

const UNHASHABLE = "a key or member that Python cannot hash";
/** The name of the codec, which is one object in Python. */
const LATIN1 = new SharedText("latin1");

/** Writes what has a prototype. Returns true if something was put on the stack, or pieces are to be taken. */
type Writer = (value: never) => boolean;

/**
 * Encodes one value after another. Nothing recurses: what is not finished lies on a stack. Work goes on until all
 * is written or, with pieces to be taken, until there are some.
 */
export class Pickler extends PicklerCalls {
	/**
	 * The machine that was used last. V8 drops optimised code once no instance of the class that it was made for is alive, as
	 * after a full collection between two calls: 5x to 10x slower ever after.
	 */
	static lastUsed: Pickler | undefined = undefined;

	readonly #shareAll: boolean;
	readonly #shareKeys: boolean;
	readonly #style: number;
	readonly #texts = new Identities<string>();
	#writers: Map<object | null, Writer>;
	/** Writers of what is a dict or set in Python, of whatever realm. */
	#unhashable: readonly (Writer | undefined)[] = [];

	constructor(options: PicklerOptions) {
		super(options);
		this.#shareAll = options.shareStrings === "all";
		this.#shareKeys = options.shareStrings !== "none";
		this.#style = this.python === 2 ? ITERATED : EXACT;
		this.#writers = this.#allWriters();
	}

	/** The pickle of a value in one piece. @throws PickleError */
	whole(value: unknown): Uint8Array<ArrayBuffer> {
		this.#start(false);
		this.#guarded(() => {
			this.save(value);
			this.#finish();
		});
		return this.#guarded(() => this.joined());
	}

	/** The pickle in pieces, array memory as it is. @throws PickleError */
	*pieces(value: unknown): Generator<Payload, void> {
		this.#start(true);
		this.#guarded(() => this.save(value));
		while (!this.#guarded(() => this.#finish())) yield* this.takePieces();
		yield* this.takePieces();
	}

	/** Lets go of all values. */
	release(): void {
		this.releaseStack();
		this.#texts.clear();
		// V8 makes a new table even for an empty one.
		if (this.globals.size > 0) this.globals.clear();
		if (this.context.tuples.size > 0) this.context.tuples.clear();
		if (this.#writers.size > KEPT) this.#writers = this.#allWriters();
		this.releaseOutput();
		Pickler.lastUsed = this;
	}

	#start(piecewise: boolean): void {
		this.startStack();
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
		if (!this.resumeAll()) return false;
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
			const said = messageOf(error);
			const noRoom = isRangeError(error) && /alloc|length|size|memory/i.test(said);
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

	/** Writes a value, or begins to. Returns true if something was put on the stack, or pieces are to be taken. */
	protected save(value: unknown): boolean {
		if (this.pos >= this.fence) this.boundary();
		if (this.options.persistentId !== undefined && this.savePersistent(value)) return true;
		return this.saveItself(value);
	}

	protected saveItself(value: unknown): boolean {
		switch (typeof value) {
			case "number":
				this.number(value);
				return this.paused;
			case "string":
				if (this.#shareAll) this.sharedText(value);
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
	protected saveKey(key: unknown): boolean {
		if (typeof key !== "string") {
			if (typeof key === "object" && key !== null) this.checkHashable(key);
			return this.save(key);
		}
		if (this.pos >= this.fence) this.boundary();
		if (this.options.persistentId !== undefined && this.savePersistent(key)) return true;
		if (this.#shareKeys) this.sharedText(key);
		else this.text(key);
		return this.paused;
	}

	/** Text that is written once. */
	protected sharedText(text: string): void {
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

	protected checkHashable(key: object): void {
		if (!this.#isHashable(key)) throw this.refuse(UNHASHABLE);
	}

	/** Looks into tuples, into each once, and notes what keys are equal to. @throws PickleError E_TOO_LARGE for an array of holes */
	#isHashable(key: object): boolean {
		const met = new Set<object>([key]);
		for (const object of met) {
			if (this.#isUnhashable(object)) return false;
			if (!Array.isArray(object)) noteEquality(object);
			else for (const item of object) if (typeof item === "object" && item !== null) met.add(item);
		}
		return true;
	}

	#isUnhashable(key: object): boolean {
		if (Array.isArray(key)) {
			if (!isCount(key.length)) throw sparse(key.length);
			return !Object.isFrozen(key) || this.options.frozen === "list";
		}
		if (key instanceof KeyedEntries) return !(key instanceof PyFrozenSet);
		const typed = typedArrayName(key);
		if (typed !== undefined) return key instanceof PyByteArray || !/^Uint8(Clamped)?Array$/.test(typed);
		const prototype = Object.getPrototypeOf(key);
		return this.#unhashable.includes(this.#writers.get(prototype) ?? this.#writerOf(key, prototype));
	}

	#saveObject(value: object): boolean {
		const place = this.places.get(value);
		if (place !== undefined) {
			this.getObject(value, place);
			return this.paused;
		}
		if (this.options.resolver.tests.length > 0) {
			const reducer = this.options.resolver.tests.find((test) => test.is?.(value));
			if (reducer !== undefined) return this.reduce(value, reducer);
		}
		const prototype = Object.getPrototypeOf(value);
		const writer = this.#writers.get(prototype) ?? this.#writerOf(value, prototype);
		return writer(value as never);
	}

	#saveByTest(value: object): boolean {
		const reducer = this.options.resolver.tests.find((test) => test.is?.(value));
		if (reducer === undefined) throw this.refuse(`a ${typeof value}`);
		return this.reduce(value, reducer);
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
		const name = typedArrayName(value) ?? builtinName(value);
		if (name !== undefined) {
			const known = (globalThis as Record<string, unknown>)[name];
			return typeof known === "function" ? this.#writers.get(known.prototype) : undefined;
		}
		if (isLong(value)) return this.#writers.get(Long.prototype);
		const isRoot = prototype !== null && Object.getPrototypeOf(prototype) === null;
		return isRoot && Object.hasOwn(prototype, "isPrototypeOf") ? this.#writers.get(Object.prototype) : undefined;
	}

	#allWriters(): Map<object | null, Writer> {
		const { byPrototype, constants } = this.options.resolver;
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
			[Bulk.prototype, (value: Bulk) => this.#bulk(value, value)],
			[PyFloat.prototype, atom((value: PyFloat) => this.float(Number.prototype.valueOf.call(value)))],
			[PyGlobal.prototype, (value: PyGlobal) => this.global(value)],
			[PyObject.prototype, (value: PyObject) => this.object(value)],
			[PyPersistent.prototype, (value: PyPersistent) => this.persistent(value.id, value)],
			[Date.prototype, (value: Date) => this.#date(value)],
			[Long.prototype, atom((value: Long) => this.bigint(value.toBigInt()))],
			[OwnText.prototype, (value: OwnText) => this.#ownText(value)],
			[SharedText.prototype, atom((value: SharedText) => this.sharedText(value.text))],
			[OwnBuffer.prototype, (value: OwnBuffer) => this.#buffer(value)],
			[Latin1Text.prototype, (value: Latin1Text) => this.#latin1(value)],
		] as [object | null, Writer][]);
		this.#unhashable = [Object.prototype, null, Map.prototype, Set.prototype].map((one) => writers.get(one));
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
			writers.set(prototype, (value: object) => this.reduce(value, reducer));
		}
		return writers;
	}

	// Values, one kind each.

	#array(value: readonly unknown[]): boolean {
		const tuple = this.options.frozen === "tuple" ? Object.isFrozen(value) : this.context.tuples.has(value);
		if (tuple) return this.tuple(value);
		const { length } = value;
		if (!isCount(length)) throw sparse(length);
		this.#openContainer(op.EMPTY_LIST, op.LIST, value);
		if (length > 0) this.pushBatches(LIST, value, value, this.#style);
		return length > 0;
	}

	/** Begins a list or dict, and numbers it. */
	#openContainer(code: number, closing: number, value: object): void {
		if (this.protocol > 0) this.bytes[this.pos++] = code;
		else {
			this.bytes[this.pos++] = op.MARK;
			this.bytes[this.pos++] = closing;
		}
		this.opened++;
		this.places.set(value, this.put());
	}

	protected tuple(items: readonly unknown[]): boolean {
		const { length } = items;
		if (length === 0) {
			if (this.protocol === 0) this.op(op.MARK);
			this.op(this.protocol === 0 ? op.TUPLE : op.EMPTY_TUPLE);
			return this.paused;
		}
		if (!isCount(length)) throw sparse(length);
		if (length > 3 || this.protocol < 2) this.op(op.MARK);
		this.push(TUPLE, items, items).length = length;
		return true;
	}

	#dict(value: PyDict): boolean {
		const keys = KeyedEntries.sharedKeys(value);
		if (keys !== undefined) {
			this.#openContainer(op.EMPTY_DICT, op.DICT, value);
			this.pushBatches(PROPERTIES, value, keys, this.#style, KeyedEntries.sharingValues(value));
			return true;
		}
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
		if (entries.length > 0) this.pushBatches(ENTRIES, value, entries, this.#style);
		return entries.length > 0;
	}

	#record(value: object): boolean {
		const keys = Object.keys(value);
		this.#openContainer(op.EMPTY_DICT, op.DICT, value);
		if (keys.length > 0) this.pushBatches(PROPERTIES, value, keys, this.#style);
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
			const key = entries[i];
			if (typeof key === "object" && key !== null && !this.#isHashable(key)) {
				if (stride === 1) throw this.refuse(UNHASHABLE);
				// It is refused where it is written, by its own path.
				continue;
			}
			this.#addDistinct(keys, (key ?? null) as PyValue);
		}
	}

	#addDistinct(keys: PySet, key: PyValue): void {
		const before = keys.size;
		try {
			keys.add(key);
		} catch (error) {
			if (isPickleError(error, "E_TYPE")) throw this.refuse("a Map or Set with a key that Python cannot hash", error);
			throw error;
		}
		if (keys.size === before) throw this.refuse("a Map or Set with two keys that are equal in Python");
	}

	/** `set([...])`: in the list the members are items like any others. */
	#constructSet(value: object, name: "set" | "frozenset", members: readonly unknown[]): boolean {
		for (const member of members) if (typeof member === "object" && member !== null) this.checkHashable(member);
		return this.construct(value, name, [members.slice() as PyValue[]]);
	}

	#set(value: PySet): boolean {
		return this.#members(value, this.#entriesOf(value, 1));
	}

	#members(value: object, members: readonly unknown[]): boolean {
		if (this.protocol < 4) return this.#constructSet(value, "set", members);
		this.op(op.EMPTY_SET);
		this.opened++;
		this.places.set(value, this.put());
		if (members.length > 0) this.pushBatches(MEMBERS, value, members, EXACT);
		return members.length > 0;
	}

	#frozenset(value: PyFrozenSet): boolean {
		const members = this.#entriesOf(value, 1);
		if (this.protocol < 4) return this.#constructSet(value, "frozenset", members);
		this.op(op.MARK);
		this.push(FROZENSET, value, members);
		return true;
	}

	#bytes(value: ArrayBufferLike | ArrayBufferView): boolean {
		const data = bytesOf(value);
		if (data instanceof Bulk) return this.#bulk(value, data);
		if (this.python === 2) {
			return this.needsSplit(data.length) ? this.#split(value, data) : this.#str(value, data);
		}
		if (this.protocol < 3) return data.length === 0 ? this.construct(value, "bytes", []) : this.#encoded(value, data);
		this.bytesPayload(data);
		this.places.set(value, this.put());
		return this.paused;
	}

	/** bytes as `_codecs.encode` makes them of text. */
	#encoded(value: object, data: Payload): boolean {
		const args = Object.freeze([new Latin1Text(data), LATIN1]);
		return this.pushHidden(value, new PyObject("call", ownGlobal("_codecs", "encode"), args));
	}

	#bytearray(value: PyByteArray): boolean {
		const data = bytesOf(value) as Uint8Array;
		if (this.protocol === 5) {
			this.bytearrayPayload(data);
			this.places.set(value, this.put());
			return this.paused;
		}
		if (this.python === 2) return this.construct(value, "bytearray", [new Latin1Text(data), new OwnText("latin-1")]);
		return this.construct(value, "bytearray", data.length === 0 ? [] : [data]);
	}

	/** bytes, a bytearray or a str that are no Uint8Array. */
	#bulk(value: object, data: Bulk): boolean {
		const { kind, byteLength } = data;
		if (kind === "str" && this.python === 3) throw this.refuse("a str of Python 2 that is not read, text or not,");
		if (kind === "bytearray" && this.protocol < 5) {
			return this.construct(value, "bytearray", [data.subarray(0, byteLength)]);
		}
		if (kind !== "text" && this.python === 2 && this.needsSplit(byteLength)) return this.#split(value, data);
		const isText = kind === "text" || this.python === 2 || this.protocol >= 3;
		if (!isText && !(data instanceof PyLargeBytes)) return this.#encoded(value, data);
		this.bulkPayload(data);
		this.places.set(value, this.put());
		return this.paused;
	}

	/** A str in pieces that Python 2 and 3 join: `getattr('', 'join')([...])`. */
	#split(value: object, data: Payload): boolean {
		const { piece, signed } = this.emitterOptions.limits;
		const size = Math.min(piece, signed);
		const pieces: Payload[] = [];
		for (let start = 0; start < data.byteLength; start += size) pieces.push(data.subarray(start, start + size));
		const names = Object.freeze([new OwnText(""), new OwnText("join")]);
		const join = new PyObject("call", ownGlobal("builtins", "getattr"), names);
		return this.pushHidden(value, new PyObject("call", join, Object.freeze([pieces])));
	}

	#date(value: Date): boolean {
		const datetime = this.python === 3 ? datetimeOf(value) : undefined;
		if (datetime !== undefined) return this.pushHidden(value, datetime);
		throw this.refuse(
			this.python === 2 ? "a Date, since Python 2 has no UTC of its own," : "a Date beyond Python's years",
		);
	}

	/** A str of Python 2. */
	#str(value: object, data: Uint8Array): boolean {
		this.strPayload(data);
		this.places.set(value, this.put());
		return this.paused;
	}

	/** A single character is one object in Python, all other text that a reducer supplies is not the value's. */
	#ownText(value: OwnText): boolean {
		if (this.python === 2) return this.#str(value, asciiBytes(value.text));
		if (value.text.length === 1 && value.text <= "\xff" && this.#shareAll) {
			this.sharedText(value.text);
			return this.paused;
		}
		this.text(value.text);
		this.places.set(value, this.put());
		return this.paused;
	}

	#latin1(value: Latin1Text): boolean {
		const { bytes } = value;
		if (bytes instanceof Uint8Array && bytes.length < 2 && this.#shareAll)
			this.sharedText(String.fromCharCode(...bytes));
		else {
			this.latin1Text(bytes);
			this.put();
		}
		return this.paused;
	}

	#buffer(value: OwnBuffer): boolean {
		const { onBuffer } = this.options;
		if (onBuffer !== undefined && !called("onBuffer", () => onBuffer(value.memory))) {
			this.op(op.NEXT_BUFFER);
			if (value.readOnly) this.op(op.READONLY_BUFFER);
			return this.paused;
		}
		const data = value.memory instanceof Bulk ? value.memory : bytesOf(value.memory);
		if (value.readOnly) this.bytesPayload(data);
		else this.bytearrayPayload(data);
		this.places.set(value, this.put());
		return this.paused;
	}

	#constant(value: object): boolean {
		const global = this.options.resolver.constants.get(value);
		if (global === undefined) throw this.refuse(`an instance of ${className(Object.getPrototypeOf(value))}`);
		return this.global(global);
	}
}

function className(prototype: object | null): string {
	const { name } = ((prototype as { constructor?: { name?: unknown } } | null)?.constructor ?? {}) as {
		name?: unknown;
	};
	return typeof name === "string" && name !== "" ? quoted(name) : "a class without name";
}

function isRangeError(error: unknown): boolean {
	try {
		return error instanceof RangeError;
	} catch {
		return false;
	}
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

/** Notes what a key is equal to that JavaScript compares by identity and Python by value. */
function noteEquality(key: object): void {
	const name = typedArrayName(key) ?? builtinName(key);
	if (name === "Date") setEqualityKey(key, dateKey(key));
	else if (name !== undefined && name !== "Uint8Array" && name !== "Map" && name !== "Set") {
		const bytes = bytesOf(key as ArrayBuffer);
		if (bytes instanceof Uint8Array) setEqualityKey(key, bytesKey(bytes));
	}
}
