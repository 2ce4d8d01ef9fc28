import { escapeControls, quoted } from "../errors.ts";
import { PyDict } from "./dict.ts";
import { equalityKey } from "./equality.ts";
import { type Inspect, inspected } from "./inspected.ts";
import type { PyValue } from "./value.ts";

/** Module and qualified name of Python 2. */
export type OldName = readonly [module: string, name: string];

/** A class or function, by the name that the pickle gives. Nothing was imported and nothing can be called. */
export class PyGlobal {
	readonly module: string;
	/** The qualified name, `Outer.Inner` from protocol 4 on. */
	readonly name: string;
	/** Several names of Python 2 became one in Python 3: `int` and `long`. */
	#oldName: OldName | undefined = undefined;

	constructor(module: string, name: string) {
		this.module = module;
		this.name = name;
	}

	/** Notes the name of Python 2 by which a pickle had it. */
	static renamed(global: PyGlobal, oldName: OldName): PyGlobal {
		global.#oldName = oldName;
		return global;
	}

	/** The name of Python 2 by which a pickle had it, if one had. */
	static oldName(global: PyGlobal): OldName | undefined {
		return global.#oldName;
	}

	toString(): string {
		return `${this.module}.${this.name}`;
	}

	[Symbol.for("nodejs.util.inspect.custom")](): string {
		return `PyGlobal(${quoted(this.toString())})`;
	}

	[equalityKey](): string {
		return `\0global\0${this.module}\0${this.name}`;
	}
}

/** What a persistent id stands for when no `persistentLoad` was given. */
export class PyPersistent {
	readonly id: PyValue;

	constructor(id: PyValue) {
		this.id = id;
	}
}

/** What a pickle did to an object after it was made, in order. */
export type PyStep =
	/** BUILD: `__setstate__`, or attributes from a dict or a pair of dict and slots. */
	| { readonly kind: "state"; readonly state: PyValue }
	/** APPEND and APPENDS: `extend` or `append`. */
	| { readonly kind: "items"; readonly items: readonly PyValue[] }
	/** ADDITEMS: `add`, one by one. */
	| { readonly kind: "add"; readonly items: readonly PyValue[] }
	/** SETITEM and SETITEMS: `object[key] = value`; key, value, key, value. */
	| { readonly kind: "entries"; readonly entries: readonly PyValue[] }
	/** A call that took the object as its first argument and whose result was dropped: Python's `state_setter`. */
	| { readonly kind: "call"; readonly call: PyObject };

export type PyObjectKind =
	/** REDUCE: `callable(*args)`. */
	| "call"
	/** NEWOBJ, NEWOBJ_EX: `callable.__new__(callable, *args, **kwargs)`. */
	| "new"
	/** INST, OBJ: Python 2's instances; `callable(*args)`, or with no arguments `__new__` alone. */
	| "inst";

/** An object of a class or the result of a function that no reducer claims. Inert: it says what Python would do. */
export class PyObject {
	readonly kind: PyObjectKind;
	/** A PyGlobal, or what another call would give. */
	readonly callable: PyValue;
	readonly args: readonly PyValue[];
	readonly kwargs: PyDict | undefined;
	/** The one state that most objects get, until the steps are asked for: three allocations less, a fifth of W7's time. */
	#onlyState: PyValue | undefined = undefined;
	#steps: PyStep[] | undefined = undefined;

	constructor(kind: PyObjectKind, callable: PyValue, args: readonly PyValue[], kwargs?: PyDict) {
		this.kind = kind;
		this.callable = callable;
		this.args = args;
		this.kwargs = kwargs;
	}

	/** What was done to it since, in order. */
	get steps(): PyStep[] {
		this.#steps ??= this.#onlyState === undefined ? [] : [{ kind: "state", state: this.#onlyState }];
		return this.#steps;
	}

	/** BUILD. */
	static addState(object: PyObject, state: PyValue): void {
		if (object.#steps === undefined && object.#onlyState === undefined) object.#onlyState = state;
		else object.steps.push({ kind: "state", state });
	}

	/** The class it is an instance of, as far as its making tells: seen through `copyreg`'s helpers. */
	get class(): PyGlobal | undefined {
		const { callable, args } = this;
		if (!(callable instanceof PyGlobal)) return undefined;
		const helper = this.kind === "call" && /^copy_?reg$/.test(callable.module);
		const made = helper && /^(_reconstructor|__newobj__|__newobj_ex__)$/.test(callable.name) ? args[0] : callable;
		return made instanceof PyGlobal ? made : undefined;
	}

	/** The last state that BUILD gave it, if any. */
	get state(): PyValue | undefined {
		return this.steps.findLast((step) => step.kind === "state")?.state;
	}

	/** All items that were appended or added; frozen, as `steps` has them. */
	get items(): readonly PyValue[] {
		return Object.freeze(this.steps.flatMap((step) => ("items" in step ? step.items : [])));
	}

	/** All entries that were set: key, value, key, value; frozen likewise. */
	get entries(): readonly PyValue[] {
		return Object.freeze(this.steps.flatMap((step) => (step.kind === "entries" ? step.entries : [])));
	}

	/**
	 * An attribute from its states, dict or slots: the last one set. Undefined if none has the name, which `encoding: "bytes"`
	 * leaves as bytes.
	 * @typeParam T what the caller expects of it: taken on trust
	 */
	get<T = PyValue>(name: string): NoInfer<T> | undefined {
		for (let i = this.steps.length - 1; i >= 0; i--) {
			const step = this.steps[i];
			if (step?.kind !== "state") continue;
			for (const attributes of attributeDicts(step.state)) {
				const value = attributes.has(name) ? attributes.get(name) : attributes.get(new TextEncoder().encode(name));
				if (value !== undefined) return value as T;
			}
		}
		return undefined;
	}

	/** Its class or what made it, in angle brackets: `<mine.Point>`. */
	toString(): string {
		return `<${this.class ?? "object of a call"}>`;
	}

	[Symbol.for("nodejs.util.inspect.custom")](depth: number | null, options: object, inspect: Inspect): string {
		const name = `PyObject ${escapeControls(this.toString())}`;
		return inspected(this, name, () => this.#shown(), depth, options, inspect);
	}

	/** What there is to see of it beside its class. */
	#shown(): object {
		const { kind, callable, args, kwargs, steps } = this;
		const [step] = steps;
		const done = steps.length === 1 && step?.kind === "state" ? { state: step.state } : steps.length > 0 && { steps };
		return {
			...(kind !== "new" && { kind }),
			...(this.class !== callable && { callable }),
			...(args.length > 0 && { args }),
			...(kwargs && { kwargs }),
			...done,
		};
	}

	/** Its attributes, slots after the dict. Empty if the state is of another form. */
	attributes(): PyDict {
		const all = new PyDict();
		for (const step of this.steps) {
			if (step.kind !== "state") continue;
			for (const attributes of attributeDicts(step.state).reverse()) {
				for (const [key, value] of attributes) all.set(key, value);
			}
		}
		return all;
	}
}

/** The dicts of a state, slots first: they are set last. The form is that of Python's `copyreg.__reduce_ex__`. */
function attributeDicts(state: PyValue): PyDict[] {
	if (state instanceof PyDict) return [state];
	if (!Array.isArray(state) || state.length !== 2) return [];
	return [state[1], state[0]].filter((part) => part instanceof PyDict);
}
