import { Long } from "../bytes/int64.ts";
import { isPickleError, messageOf, PickleError, quoted } from "../errors.ts";
import { type Limits, limitError } from "../limits.ts";
import { PyDict } from "../values/dict.ts";
import { KeyedEntries } from "../values/entries.ts";
import { type Charge, hashIfComposite, setEqualityKey, unfrozenTuples } from "../values/equality.ts";
import type { PyLargeBytes } from "../values/large.ts";
import { type OldName, PyGlobal, PyObject, PyPersistent } from "../values/objects.ts";
import { Ellipsis, NotImplemented, PyComplex, PyRange, PySlice } from "../values/scalars.ts";
import { PySet } from "../values/set.ts";
import { SharedKeys } from "../values/shared-keys.ts";
import type { PyValue } from "../values/value.ts";
import { toPython3 } from "./compat.ts";
import type { Input } from "./input.ts";
import type { CreateCall, DecodeContext, DecodeReducer, Resolver, ValueOptions } from "./resolver.ts";
import { Strings, Undecoded } from "./strings.ts";

/** All that a machine is told, resolved. */
export interface MachineOptions extends ValueOptions {
	readonly binstring: "signed" | "unsigned";
	readonly fixImports: boolean;
	readonly keepMemo: boolean;
	readonly persistentLoad: ((id: PyValue) => unknown) | "error" | undefined;
	readonly buffers: Iterable<ArrayBuffer | ArrayBufferView | PyLargeBytes> | undefined;
	readonly extensions: ReadonlyMap<number, PyGlobal>;
	readonly resolver: Resolver;
}

/** A reducer's object, to which more may still be done. */
export interface Made {
	readonly reducer: DecodeReducer;
	/** The memo's place of it. */
	place: number;
	/** Whether the memo gave it out again, after which nothing can take its place. */
	shared: boolean;
}

/**
 * What opcodes do to objects: names, calls, states, items and entries, by a reducer where one claims them and
 * recorded in a PyObject where none does. Is the context that reducers see.
 */
export class Objects implements DecodeContext {
	readonly options: MachineOptions;
	readonly limits: Limits;
	strings: Strings;
	integralFloats = 0;
	/** The object of a reducer or a REDUCE that was made last, unless the memo holds it. */
	fresh: PyValue | undefined = undefined;
	/** Reducers' objects of this pickle to which more may be done. */
	readonly made = new Map<PyValue, Made>();
	readonly #input: Input;
	readonly #globals = new Map<string, PyValue>();
	readonly #reducers = new Map<PyValue, DecodeReducer | undefined>();
	readonly #sharedKeys = new SharedKeys();
	#work = 0;

	constructor(options: MachineOptions, input: Input) {
		this.options = options;
		this.limits = options.limits;
		this.#input = input;
		this.strings = new Strings(options, input);
	}

	/** Forgets all objects, and the work they took. */
	release(): void {
		this.fresh = undefined;
		if (this.made.size > 0) this.made.clear();
		this.#sharedKeys.clear();
		if (this.#globals.size > 0) this.#globals.clear();
		if (this.#reducers.size > 0) this.#reducers.clear();
		this.#work = 0;
		this.integralFloats = 0;
		this.strings.release();
	}

	get offset(): number {
		return this.#input.offset;
	}

	resolve(name: string): DecodeReducer | undefined {
		return this.options.resolver(name);
	}

	bytes(value: PyValue, length?: number): Uint8Array {
		this.#chargeText(value);
		return this.strings.bytes(value, length);
	}

	text(value: PyValue): string | undefined {
		return this.strings.text(value);
	}

	latin1(value: PyValue): Uint8Array {
		this.#chargeText(value);
		return this.strings.latin1(value);
	}

	/** Text is encoded again each time that a reducer asks: the memo can give out one text for many. That is slower than a copy. */
	#chargeText(value: PyValue): void {
		if (typeof value === "string") this.charge(value.length / 2);
		else if (value instanceof Undecoded) this.charge(value.bytes.length / 2);
	}

	tuple(items: PyValue[]): readonly PyValue[] {
		return this.strings.tuple(items);
	}

	keyed<K extends KeyedEntries>(target: K, entries: PyValue[]): K {
		this.#append(target, entries, target instanceof PyDict ? 2 : 1);
		return target;
	}

	keep(value: PyValue): PyValue {
		return this.strings.keep(value);
	}

	readonly charge: Charge = (work) => {
		this.#work += work;
		// What was read so far, so that a stream meets the limit where the whole file does.
		const { maxWork = 2 ** 24 + 64 * this.#input.offset } = this.limits;
		if (this.#work > maxWork) throw limitError("maxWork", maxWork, `work of ${Math.ceil(this.#work)} units`);
	};

	/** The class or function of a name, one object for each name; or the constant that the name stands for. */
	global(module: string, name: string, protocol = 4): PyValue {
		const isOld = protocol < 3 && this.options.fixImports;
		const key = isOld ? `${module}\n${name}\n` : `${module}\n${name}`;
		let global = this.#globals.get(key);
		if (global === undefined) {
			global = isOld ? this.#newGlobal(toPython3(module, name), [module, name]) : this.#newGlobal([module, name]);
			this.#globals.set(key, global);
		}
		return global;
	}

	#newGlobal([module, name]: readonly [module: string, name: string], oldName?: OldName): PyValue {
		if (module === "" || name === "") throw new PickleError("E_GLOBAL", "the name of a module or class is empty");
		const constant = this.resolve(`${module}.${name}`)?.constant;
		if (constant !== undefined) return constant as PyValue;
		const global = new PyGlobal(module, name);
		return oldName === undefined ? global : PyGlobal.renamed(global, oldName);
	}

	member(owner: PyGlobal, name: string): PyValue {
		const oldName = PyGlobal.oldName(owner);
		if (oldName === undefined) return this.global(owner.module, `${owner.name}.${name}`);
		const key = `${oldName.join("\n")}.${name}\n`;
		const known = this.#globals.get(key);
		if (known !== undefined) return known;
		const member = this.#newGlobal([owner.module, `${owner.name}.${name}`], [oldName[0], `${oldName[1]}.${name}`]);
		this.#globals.set(key, member);
		return member;
	}

	extension(code: number, protocol: number): PyValue {
		const global = this.options.extensions.get(code);
		if (global !== undefined) return this.global(global.module, global.name, protocol);
		throw new PickleError("E_EXTENSION", `the extension code ${code} is not registered; pass it in options.extensions`);
	}

	persistent(undecodedId: PyValue): PyValue {
		const id = this.strings.settled(undecodedId);
		const { persistentLoad } = this.options;
		if (persistentLoad === undefined) return new PyPersistent(id);
		const shown = typeof id === "string" ? quoted(id) : typeName(id);
		if (persistentLoad === "error") {
			throw new PickleError("E_PERSISTENT_ID", `persistent id ${shown}: pass a function as options.persistentLoad`);
		}
		try {
			return (persistentLoad(id) ?? null) as PyValue;
		} catch (cause) {
			if (isPickleError(cause)) throw cause;
			throw new PickleError("E_PERSISTENT_ID", `persistentLoad failed for the id ${shown}: ${messageOf(cause)}`, {
				cause,
			});
		}
	}

	#reducerOf(callable: PyValue): DecodeReducer | undefined {
		if (!(callable instanceof PyGlobal)) return undefined;
		let reducer = this.#reducers.get(callable);
		if (reducer === undefined && !this.#reducers.has(callable)) {
			reducer = this.resolve(`${callable.module}.${callable.name}`);
			this.#reducers.set(callable, reducer);
		}
		return reducer;
	}

	/** REDUCE, NEWOBJ and the like: the reducer's object, or a PyObject. */
	create(kind: "call" | "new" | "inst", callable: PyValue, args: PyValue, kwargs?: PyValue): PyValue {
		if (!canBeCalled(callable)) {
			throw new PickleError("E_TYPE", `${typeName(callable)} cannot be ${kind === "new" ? "a class" : "called"}`);
		}
		if (!Array.isArray(args) || !this.isTuple(args)) {
			const code = kind === "call" ? "E_REDUCER" : "E_TYPE";
			throw new PickleError(code, `the arguments are ${typeName(args)}, not a tuple`);
		}
		if (kwargs !== undefined && !(kwargs instanceof PyDict)) {
			throw new PickleError("E_TYPE", `the keyword arguments are ${typeName(kwargs)}, not a dict`);
		}
		if (kwargs) this.charge(kwargs.size);
		for (const keyword of kwargs?.keys() ?? []) {
			if (typeof keyword !== "string") throw new PickleError("E_TYPE", `a keyword is ${typeName(keyword)}, not a str`);
		}
		const reducer = this.#reducerOf(callable);
		if (reducer === undefined) {
			const result = this.#calledMade(callable, { args, kwargs });
			if (result !== undefined) return result;
			const object = new PyObject(kind, callable, args, kwargs);
			if (kind === "call") this.fresh = object;
			return object;
		}
		const made = kind === "inst" ? (args.length > 0 ? "call" : "new") : kind;
		return this.#createBy(reducer, { kind: made, callable: callable as PyGlobal, args, kwargs });
	}

	/** What calling a reducer's object gives, if the reducer says so. */
	#calledMade(callable: PyValue, call: Pick<CreateCall, "args" | "kwargs">): PyValue | undefined {
		const reducer = this.#reducerMaking(callable);
		if (!reducer?.called) return undefined;
		try {
			this.strings.argument(reducer, call.args as PyValue[], call.kwargs);
			return reducer.called(callable, call, this);
		} catch (cause) {
			throw reducerError(reducer, cause);
		}
	}

	#createBy(reducer: DecodeReducer, call: CreateCall): PyValue {
		this.strings.argument(reducer, call.args as PyValue[], call.kwargs);
		let object: PyValue;
		try {
			object = reducer.create(call, this) as PyValue;
		} catch (cause) {
			throw reducerError(reducer, cause);
		}
		if (typeof object !== "object" || object === null) return object ?? null;
		if (reducer.setState || reducer.extend || reducer.setItems) {
			this.fresh = object;
			if (!this.made.has(object)) this.made.set(object, { reducer, place: -1, shared: false });
		}
		if (reducer.key) setEqualityKey(object, this.#key(reducer, object));
		return object;
	}

	/** Notes the memo's place of the object that was just made. Of two places only one could be given a replacement. */
	memoized(place: number): void {
		const made = this.made.get(this.fresh as PyValue);
		if (made === undefined) this.fresh = undefined;
		else if (made.place < 0) made.place = place;
		else made.shared = true;
	}

	/** Notes that the value is given out once more. */
	share(value: PyValue): void {
		if (this.made.size === 0 || typeof value !== "object" || value instanceof PyGlobal) return;
		const made = this.made.get(value);
		if (made) made.shared = true;
	}

	#key(reducer: DecodeReducer, object: PyValue): string | number | bigint | boolean {
		try {
			const key = reducer.key?.(object) as string | number | bigint | boolean;
			return typeof key === "string" ? `\0${reducer.name}\0${key}` : key;
		} catch (cause) {
			throw reducerError(reducer, cause);
		}
	}

	/** BUILD. Gives what is on the stack then: the object, or what its reducer put in its place. */
	build(object: PyValue, state: PyValue): PyValue {
		if (object instanceof PyObject) {
			PyObject.addState(object, this.strings.decoded(state));
			return object;
		}
		const made = this.made.get(object);
		if (made?.reducer.setState) {
			const { reducer } = made;
			const known = this.strings.argument(reducer, state);
			let replacement: PyValue | undefined;
			try {
				replacement = reducer.setState?.(object, known, this) as PyValue | undefined;
			} catch (cause) {
				throw reducerError(reducer, cause);
			}
			if (reducer.key) setEqualityKey(object as object, this.#key(reducer, object));
			return replacement === undefined || replacement === object ? object : this.#replace(object, replacement, made);
		}
		if (saysNothing(state)) return object;
		throw new PickleError("E_TYPE", `${typeName(object)} takes no state`);
	}

	#replace(object: PyValue, replacement: PyValue, made: Made): PyValue {
		if (made.shared) {
			throw new PickleError("E_REDUCER", `${made.reducer.name} replaced an object that others refer to already`);
		}
		this.made.delete(object);
		this.made.set(replacement, made);
		return replacement;
	}

	/** APPEND. */
	append(object: PyValue, item: PyValue): void {
		if (this.#isPlainList(object) && object.length < this.limits.maxItems) {
			object.push(item);
			if (this.strings.waiting) this.strings.note(object, [item]);
		} else this.extend(object, [item]);
	}

	/** A list that no reducer wants to extend itself. */
	#isPlainList(object: PyValue): object is PyValue[] {
		return Array.isArray(object) && !this.isTuple(object) && !this.#reducerMaking(object)?.extend;
	}

	/** The reducer that made the object, if more may be done to it. */
	#reducerMaking(object: PyValue): DecodeReducer | undefined {
		return this.made.size > 0 ? this.made.get(object)?.reducer : undefined;
	}

	/** APPENDS. Nothing to append is accepted by anything, as in C. */
	extend(object: PyValue, items: PyValue[]): void {
		if (items.length === 0) return;
		if (this.#isPlainList(object)) {
			this.checkItems(object.length + items.length);
			let { length } = object;
			for (let i = 0; i < items.length; i++) object[length++] = items[i] as PyValue;
			this.strings.note(object, items);
			return;
		}
		if (object instanceof PyObject) {
			object.steps.push({ kind: "items", items });
			this.strings.note(items, items);
			return;
		}
		this.#extendMade(object, items, "items");
	}

	#extendMade(object: PyValue, items: PyValue[], what: string): void {
		const reducer = this.#reducerMaking(object);
		if (!reducer?.extend) throw new PickleError("E_TYPE", `${typeName(object)} takes no ${what}`);
		const known = this.strings.items(reducer, items);
		try {
			reducer.extend(object, known, this);
		} catch (cause) {
			throw reducerError(reducer, cause);
		}
	}

	/** SETITEM. */
	setItem(object: PyValue, key: PyValue, value: PyValue): void {
		const isAtom = typeof key === "string" || typeof key === "number";
		if (isAtom && object instanceof PyDict && this.#takesEntries(object)) KeyedEntries.add(object, key, value);
		else this.setItems(object, [key, value]);
	}

	/** Whether one more entry of an atomic key can go into the dict with no more ado: 1.2x on W12 at protocol 0. */
	#takesEntries(dict: PyDict): boolean {
		const { waiting, joined } = this.strings;
		if (waiting || joined.size > 0 || this.#reducerMaking(dict)?.setItems) return false;
		return KeyedEntries.entries(dict, true).length < 2 * this.limits.maxEntries;
	}

	/** SETITEMS of what lies on the stack from `start` up to `end`. */
	setItemsFrom(object: PyValue, stack: readonly PyValue[], start: number, end: number): void {
		const isNew = object instanceof PyDict && KeyedEntries.isEmpty(object) && !this.#reducerMaking(object)?.setItems;
		const { waiting, joined } = this.strings;
		if (!isNew || waiting || joined.size > 0) {
			this.setItems(object, stack.slice(start, end));
			return;
		}
		const keys = (end - start) % 2 === 0 ? this.#sharedKeys.find(stack, start, end) : undefined;
		if (keys !== undefined && keys.length <= this.limits.maxEntries) KeyedEntries.share(object, keys, stack, start);
		else {
			const entries = stack.slice(start, end);
			this.setItems(object, entries);
			this.#sharedKeys.note(entries);
		}
	}

	/** SETITEMS, DICT: key, value, key, value. */
	setItems(object: PyValue, entries: PyValue[]): void {
		if (entries.length % 2 !== 0) throw new PickleError("E_TYPE", "a key has no value: the number of items is odd");
		if (entries.length === 0) return;
		const reducer = this.#reducerMaking(object);
		if (object instanceof PyDict && !reducer?.setItems) {
			this.#append(object, entries, 2);
			return;
		}
		if (object instanceof PyObject) {
			object.steps.push({ kind: "entries", entries });
			this.strings.note(entries, entries);
			return;
		}
		if (!reducer?.setItems) throw new PickleError("E_TYPE", `${typeName(object)} takes no entries`);
		const known = this.strings.items(reducer, entries);
		try {
			reducer.setItems(object, known, this);
		} catch (cause) {
			throw reducerError(reducer, cause);
		}
	}

	/** ADDITEMS, FROZENSET. */
	add(object: PyValue, items: PyValue[]): void {
		if (items.length === 0) return;
		const isPlainSet = object instanceof PySet && !this.#reducerMaking(object)?.extend;
		if (isPlainSet) this.#append(object, items, 1);
		else if (object instanceof PyObject) {
			object.steps.push({ kind: "add", items });
			this.strings.note(items, items);
		} else this.#extendMade(object, items, "members");
	}

	/**
	 * Most keys are strings and numbers, which wait for the first look-up to be compared. Tuples and the like are hashed
	 * at once, while their work is counted.
	 */
	#append(to: KeyedEntries, entries: PyValue[], stride: 1 | 2): void {
		let composite = false;
		if (this.strings.waiting) this.strings.keys(entries, stride);
		for (let i = 0; i < entries.length; i += stride) {
			const key = entries[i] as PyValue;
			if ((typeof key !== "object" && typeof key !== "bigint") || key === null) continue;
			if (hashIfComposite(key, this.charge)) composite = true;
		}
		const raw = KeyedEntries.entries(to, true);
		const count = (raw.length + entries.length) / stride;
		if (count > this.limits.maxEntries) {
			throw limitError("maxEntries", this.limits.maxEntries, `a dict or set of ${count} entries`);
		}
		if (stride === 2) this.strings.note(to as PyDict, entries);
		if (this.strings.joined.size > 0) this.#appendJoined(to, entries, stride);
		else KeyedEntries.append(to, entries);
		if (composite) KeyedEntries.settle(to, this.charge);
	}

	/** Where strings were joined, keys that fall together are looked at: one may hide another. */
	#appendJoined(to: KeyedEntries, entries: PyValue[], stride: 1 | 2): void {
		const keys = entries.filter((_, i) => i % stride === 0);
		const before = to.size;
		KeyedEntries.append(to, entries);
		KeyedEntries.settle(to, this.charge);
		if (to.size < before + keys.length) this.strings.refuseHidden(keys, this.charge);
	}

	/**
	 * POP of a call whose first argument is an object keeps it as a step of that object: `state_setter`. What the memo holds
	 * is another thing: recursive tuples drop items that they find there already.
	 */
	drop(value: PyValue): void {
		if (!(value instanceof PyObject) || value !== this.fresh) return;
		const target = value.args[0];
		if (target instanceof PyObject && target !== value) target.steps.push({ kind: "call", call: value });
		const made = this.made.get(target as PyValue);
		if (made) {
			const setter = quoted(String(value.class ?? "a function"));
			throw new PickleError("E_REDUCER", `${made.reducer.name} has no way to take the state that ${setter} would set`);
		}
	}

	checkItems(count: number): void {
		if (count > this.limits.maxItems)
			throw limitError("maxItems", this.limits.maxItems, `a sequence of ${count} items`);
	}

	isTuple(value: readonly PyValue[]): boolean {
		return Object.isFrozen(value) || this.strings.isOpenTuple(value) || unfrozenTuples.has(value);
	}
}

/** What a reducer threw, as a PickleError. */
function reducerError(reducer: DecodeReducer, cause: unknown): PickleError {
	if (isPickleError(cause)) return cause;
	return new PickleError("E_REDUCER", `${reducer.name}: ${messageOf(cause)}`, { cause });
}

/** Values of builtin types, none of which is a class or function. What reducers make may be one. */
const uncallable = [Array, KeyedEntries, Uint8Array, Undecoded, Number, Long, PyComplex, PyRange, PySlice];

function canBeCalled(value: PyValue): boolean {
	if (value instanceof PyGlobal || value instanceof PyObject) return true;
	if (typeof value !== "object" || value === null || value === Ellipsis || value === NotImplemented) return false;
	return !uncallable.some((type) => value instanceof type);
}

/** A state that `__setstate__`'s default accepts for any object: None, or None and no slots. */
function saysNothing(state: PyValue): boolean {
	if (state === null) return true;
	if (!Array.isArray(state) || state.length !== 2 || state[0] !== null) return false;
	return state[1] instanceof PyDict && state[1].size === 0;
}

/** What Python calls the value's type, for messages. */
export function typeName(value: PyValue): string {
	if (value === null) return "None";
	if (Array.isArray(value)) return Object.isFrozen(value) ? "a tuple" : "a list";
	if (value instanceof Undecoded) return "a str";
	if (value instanceof PyDict) return "a dict";
	if (value instanceof PySet) return "a set";
	if (value instanceof PyObject) return `an object of ${quoted(String(value.class ?? "an unknown class"))}`;
	if (value instanceof PyGlobal) return `the class or function ${quoted(String(value))}`;
	if (typeof value === "object") return `a ${value.constructor?.name ?? "value"}`;
	return `a ${{ string: "str", number: "number", bigint: "int", boolean: "bool" }[typeof value as "string"]}`;
}
