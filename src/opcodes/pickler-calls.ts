import { isPickleError, messageOf, PickleError } from "../errors.ts";
import type { PyDict } from "../values/dict.ts";
import { KeyedEntries } from "../values/entries.ts";
import type { PyLargeBytes } from "../values/large.ts";
import { PyGlobal, PyObject, type PyStep } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";
import type { EmitterOptions } from "./emitter.ts";
import { OwnText, ownGlobal, ReducerContext } from "./encode-context.ts";
import {
	ARGUMENTS,
	CALL,
	CALLABLE,
	ENTRIES,
	EXACT,
	FLAT,
	ITERATED,
	KEYWORDS,
	LIST,
	MAKE,
	MEMBERS,
	NO_ITEMS,
	PERSISTENT,
	type Pending,
	STEPS,
} from "./pending.ts";
import { PicklerStack } from "./pickler-stack.ts";
import type { EncodeReducer, EncodeResolver, Reduction } from "./reduction.ts";
import * as op from "./table.ts";

/** All that a machine is told, resolved. */
export interface PicklerOptions extends EmitterOptions {
	readonly shareStrings: "keys" | "all" | "none";
	readonly frozen: "tuple" | "list";
	readonly numpy: 1 | 2 | undefined;
	readonly persistentId: ((value: unknown) => unknown) | undefined;
	readonly onBuffer: ((buffer: Uint8Array | PyLargeBytes) => unknown) | undefined;
	readonly resolver: EncodeResolver;
}

/** Classes and functions, the calls that make objects, what is then done to those, and persistent ids. */
export abstract class PicklerCalls extends PicklerStack {
	protected readonly options: PicklerOptions;
	protected readonly context: ReducerContext;
	/** Classes and functions by `module\nname`, as those are written. */
	protected readonly globals: Map<string, number> = new Map<string, number>();

	/** Objects whose arguments are being written, and how deep on the stack; or that these are written once more. */
	readonly #begun = new Map<PyObject, number | "again">();
	/** What the memo gave out meanwhile. */
	readonly #givenOut = new Set<unknown>();

	constructor(options: PicklerOptions) {
		super(options);
		this.options = options;
		this.context = new ReducerContext(this.protocol, this.python, options.numpy, options.onBuffer !== undefined);
	}

	/** Writes a value that persistentId was asked about. */
	protected abstract saveItself(value: unknown): boolean;
	/** Text that is written once. */
	protected abstract sharedText(text: string): void;
	protected abstract tuple(items: readonly unknown[]): boolean;

	protected global(global: PyGlobal): boolean {
		if (this.extension(global)) return this.paused;
		const { module, name } = global;
		const key = this.nameOf(global).join("\n");
		const place = this.globals.get(key);
		if (place !== undefined) {
			this.get(place);
			this.places.set(global, place);
			return this.paused;
		}
		if (this.protocol < 4 && name.includes(".")) return this.#attribute(global);
		if (this.protocol >= 4) this.#stackGlobal(module, name);
		else this.globalLines(op.GLOBAL, global);
		const next = this.put();
		this.globals.set(key, next);
		this.places.set(global, next);
		return this.paused;
	}

	#stackGlobal(module: string, name: string): void {
		if (module === "" || name === "") throw this.refuse("a class or function without module or name");
		if (this.pos >= this.fence) this.boundary();
		// A module's name is one object in Python; a builtin type gives its own anew.
		this.sharedText(module);
		if (this.pos >= this.fence) this.boundary();
		this.text(name);
		this.put();
		this.op(op.STACK_GLOBAL);
	}

	/** `getattr(Outer, 'Inner')` names what lies in a class, below protocol 4. */
	#attribute(global: PyGlobal): boolean {
		const [, attribute] = /\.([^.]*)$/.exec(global.name) as RegExpExecArray;
		const args = Object.freeze([outerOf(global), new OwnText(attribute as string)]);
		this.#pushCall(global, new PyObject("call", ownGlobal("builtins", "getattr"), args));
		return true;
	}

	protected reduce(value: object, reducer: EncodeReducer): boolean {
		if (reducer.reduce === undefined)
			throw this.refuse(`a value of ${reducer.name}, which its reducer does not encode,`);
		const { kind = "call", callable, args, items, entries, state } = reduced(reducer, value, this.context);
		const call = new PyObject(kind, callable, args);
		if (items !== undefined) call.steps.push({ kind: "items", items });
		if (entries !== undefined) call.steps.push({ kind: "entries", entries });
		if (state !== undefined) call.steps.push({ kind: "state", state });
		this.#pushCall(value, call);
		return true;
	}

	protected object(object: PyObject): boolean {
		if (object.kwargs !== undefined || object.args.some(hasParts)) this.#begin(object);
		this.#pushCall(object, object);
		return true;
	}

	/**
	 * An object that is met again in its own arguments is to be made before they are finished. Python's reductions mostly
	 * give new containers each time, which are whole when the object is made of them: so they are written once more, unless
	 * something else has them already. If the object is met a third time then, they cannot be whole.
	 */
	#begin(object: PyObject): void {
		const begun = this.#begun.get(object);
		if (begun === "again") return;
		if (begun !== undefined) this.forgetAbove(begun, this.#givenOut);
		this.#begun.set(object, begun === undefined ? this.depth : "again");
	}

	#makeBegun(value: unknown): void {
		if (this.#begun.delete(value as PyObject) && this.#begun.size === 0) this.#givenOut.clear();
	}

	/** Writes what has its number. */
	protected getObject(value: object, place: number): void {
		if (this.#begun.size > 0) this.#givenOut.add(value);
		this.get(place);
	}

	/** Writes a value as the call of a builtin type. */
	protected construct(value: object, name: string, args: readonly PyValue[]): boolean {
		return this.pushHidden(value, new PyObject("call", ownGlobal("builtins", name), Object.freeze(args)));
	}

	/** Writes a value as a call that is the encoder's own idea. */
	protected pushHidden(value: object, call: PyObject): boolean {
		this.#pushCall(value, call).hidden = true;
		return true;
	}

	#pushCall(value: object, call: PyObject): Pending {
		const pending = this.push(CALL, value, NO_ITEMS);
		pending.call = call.kind === "new" ? this.#newForm(call) : call;
		pending.numbered = true;
		pending.hidden = false;
		return pending;
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
			else call = copyreg("__newobj_ex__", Object.freeze([callable, this.context.tuple(...args), kwargs]));
		} else call = new PyObject("call", this.#partialNew(callable, args, kwargs as PyDict), Object.freeze([]));
		for (const step of steps) call.steps.push(step);
		return call;
	}

	/** `functools.partial(cls.__new__, cls, *args, **kwargs)`, with whose result protocols 2 and 3 stand in for NEWOBJ_EX. */
	#partialNew(type: PyValue, args: readonly PyValue[], kwargs: PyDict): PyObject {
		const { context } = this;
		const make = new PyObject("call", ownGlobal("builtins", "getattr"), context.tuple(type, new OwnText("__new__")));
		const partial = new PyObject("call", ownGlobal("functools", "partial"), context.tuple(make));
		partial.steps.push({ kind: "state", state: context.tuple(make, context.tuple(type, ...args), kwargs, null) });
		return partial;
	}

	protected savePersistent(value: unknown): boolean {
		const id = called("persistentId", () => this.options.persistentId?.(value));
		if (id === undefined || id === null) return false;
		this.persistent(id, value);
		return true;
	}

	protected persistent(id: unknown, value: unknown): boolean {
		if (this.protocol === 0) {
			this.persistentLine(id);
			return this.paused;
		}
		this.push(PERSISTENT, value, NO_ITEMS);
		this.saveItself(id);
		return true;
	}

	protected resumeCall(pending: Pending): void {
		const { call } = pending;
		if (pending.index === CALLABLE) {
			pending.index = ARGUMENTS;
			if (this.#saveCallable(call)) return;
		}
		if (pending.index === ARGUMENTS) {
			pending.index = KEYWORDS;
			if (this.#saveArguments(pending)) return;
		}
		if (pending.index === KEYWORDS) {
			pending.index = MAKE;
			if (call.kind === "new" && call.kwargs !== undefined && this.save(call.kwargs)) return;
		}
		if (pending.index === MAKE && !this.#make(pending)) return;
		for (;;) {
			if (pending.closing !== 0) this.op(pending.closing);
			pending.closing = 0;
			const step = call.steps[pending.index - STEPS];
			if (step === undefined) break;
			pending.index++;
			if (this.#saveStep(pending, step)) return;
		}
		this.pop();
	}

	#saveCallable(call: PyObject): boolean {
		if (call.kind !== "inst") return this.save(call.callable);
		this.op(op.MARK);
		return !this.#byInst(call) && this.save(call.callable);
	}

	/** INST has its class in two lines; where that cannot be, OBJ takes it from the stack. */
	#byInst({ callable }: PyObject): boolean {
		return this.protocol === 0 && callable instanceof PyGlobal && !callable.name.includes(".");
	}

	#saveArguments(pending: Pending): boolean {
		const { args, kind } = pending.call;
		if (kind === "inst" || !pending.numbered) {
			if (kind !== "inst" && this.tupleOf(args.length) === op.TUPLE) this.op(op.MARK);
			this.push(FLAT, null, args);
			return true;
		}
		if (this.pos >= this.fence) this.boundary();
		if (this.options.persistentId !== undefined && Object.isFrozen(args) && this.savePersistent(args)) return true;
		const place = this.places.get(args);
		if (place === undefined) return this.tuple(Object.isFrozen(args) ? args : Object.freeze([...args]));
		this.get(place);
		return this.paused;
	}

	/** Writes the opcode that makes the object, and numbers it. Returns false if it is finished. */
	#make(pending: Pending): boolean {
		pending.index = STEPS;
		const { call, value } = pending;
		if (!pending.numbered) this.op(this.tupleOf(call.args.length));
		if (call.kind === "call") this.op(op.REDUCE);
		else if (call.kind === "new") this.op(call.kwargs === undefined ? op.NEWOBJ : op.NEWOBJ_EX);
		else if (this.#byInst(call)) this.globalLines(op.INST, call.callable as PyGlobal);
		else this.op(op.OBJ);
		if (!pending.numbered) return true;
		const place = pending.opened === this.opened ? undefined : this.places.get(value);
		if (place !== undefined) {
			this.op(op.POP);
			this.get(place);
			this.pop();
			return false;
		}
		this.opened++;
		const next = this.put();
		this.places.set(value, next);
		if (this.#begun.size > 0) this.#makeBegun(value);
		if (value instanceof PyGlobal) this.globals.set(this.nameOf(value).join("\n"), next);
		return true;
	}

	/** @throws PickleError E_UNENCODABLE for a step of the caller's that lacks what its kind says */
	#saveStep(pending: Pending, step: PyStep): boolean {
		switch (step.kind) {
			case "state":
				if (step.state === undefined) break;
				pending.closing = op.BUILD;
				return this.save(step.state);
			case "items":
				if (Array.isArray(step.items)) return this.#saveItems(LIST, step.items, ITERATED);
				break;
			case "entries":
				if (Array.isArray(step.entries)) return this.#saveItems(ENTRIES, step.entries, ITERATED);
				break;
			case "add":
				if (this.python === 2) throw this.refuse("an object to which Python 3 adds members");
				if (Array.isArray(step.items)) return this.#saveItems(MEMBERS, step.items, EXACT);
				break;
			case "call":
				if (!(step.call instanceof PyObject)) break;
				pending.closing = op.POP;
				return this.#saveSetter(step.call);
		}
		throw this.refuse("an object with a step that lacks what its kind says");
	}

	#saveItems(kind: number, items: readonly PyValue[], style: number): boolean {
		if (items.length > 0) this.pushBatches(kind, null, items, style);
		return items.length > 0;
	}

	/** A call whose result is dropped. Python numbers neither its arguments nor the result. */
	#saveSetter(call: PyObject): boolean {
		const plain = call.kind === "call" && call.steps.length === 0 && call.args.length > 0;
		if (!plain || this.places.get(call) !== undefined) return this.save(call);
		this.#pushCall(call, call).numbered = false;
		return true;
	}
}

/** Whether an argument could hold the object that it is for. */
function hasParts(value: PyValue): boolean {
	return value instanceof PyObject || Array.isArray(value) || value instanceof KeyedEntries;
}

/** The class in which something lies. */
function outerOf(global: PyGlobal): PyGlobal {
	const outer = (name: string) => name.slice(0, name.lastIndexOf("."));
	const oldName = PyGlobal.oldName(global);
	if (oldName === undefined) return ownGlobal(global.module, outer(global.name));
	const renamed = new PyGlobal(global.module, outer(global.name));
	return PyGlobal.renamed(renamed, [oldName[0], outer(oldName[1])]);
}

/** Calls a function of the caller's; what it throws becomes a PickleError. */
export function called<T>(name: "persistentId" | "onBuffer", call: () => T): T {
	try {
		return call();
	} catch (cause) {
		if (isPickleError(cause)) throw cause;
		const code = name === "onBuffer" ? "E_BUFFER" : "E_PERSISTENT_ID";
		throw new PickleError(code, `${name} failed (${messageOf(cause)})`, {
			cause,
		});
	}
}

function reduced(reducer: EncodeReducer, value: object, context: ReducerContext): Reduction {
	try {
		return (reducer.reduce as NonNullable<EncodeReducer["reduce"]>)(value, context);
	} catch (cause) {
		if (isPickleError(cause)) throw cause;
		const said = messageOf(cause);
		throw new PickleError("E_REDUCER", `the reducer of ${reducer.name} failed (${said})`, { cause });
	}
}
