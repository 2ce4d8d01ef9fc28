import { quoted } from "../errors.ts";
import { PyDict } from "../values/dict.ts";
import { PyGlobal, PyObject } from "../values/objects.ts";
import { PyFrozenSet } from "../values/set.ts";
import type { PyValue } from "../values/value.ts";
import { reprGlobal, reprScalar } from "./repr.ts";

/** A PyObject as people think of it: seen through the helpers of `copyreg` that only serve to make it. */
export interface ObjectParts {
	/** The class, or the function that was called; not always a PyGlobal. */
	readonly callable: PyValue;
	readonly args: readonly PyValue[];
	readonly kwargs: PyDict | undefined;
	/** What each BUILD gave it: usually one dict of its attributes. */
	readonly states: readonly PyValue[];
	/** What was appended or added to it. */
	readonly items: readonly PyValue[];
	/** What was set in it: key, value, key, value. */
	readonly entries: readonly PyValue[];
	/** Calls that took it as their first argument. */
	readonly calls: readonly PyObject[];
}

export function objectParts(object: PyObject): ObjectParts {
	const { steps } = object;
	return {
		...making(object),
		states: steps.flatMap((step) => (step.kind === "state" ? [step.state] : [])),
		items: object.items,
		entries: object.entries,
		calls: steps.flatMap((step) => (step.kind === "call" ? [step.call] : [])),
	};
}

function making(object: PyObject): Pick<ObjectParts, "callable" | "args" | "kwargs"> {
	const { callable, args, kwargs } = object;
	const helper = object.class === callable ? undefined : (callable as PyGlobal).name;
	if (object.class === undefined || helper === undefined) return { callable, args, kwargs };
	if (helper === "_reconstructor") return { callable: object.class, args: reconstructed(args), kwargs };
	if (helper === "__newobj__") return { callable: object.class, args: args.slice(1), kwargs };
	const [, inner, named] = args;
	if (!Array.isArray(inner) || !(named instanceof PyDict)) return { callable, args, kwargs };
	return { callable: object.class, args: inner, kwargs: named };
}

/** What `copyreg._reconstructor(class, base, state)` tells beyond the class: nothing if the base is object. */
function reconstructed([, base, state]: readonly PyValue[]): readonly PyValue[] {
	const plain = base instanceof PyGlobal && base.name === "object";
	return plain && state === null ? [] : [base ?? null, state ?? null];
}

/** A step on the way to a value: an index, an attribute's or other part's name, or a dict's key. */
export type PathStep = number | string | { readonly key: PyValue };

/** How many steps of a path are written at either end. */
const PATH_ENDS = 8;

/** The way from the root to a value: `$.users[3].photo`. A long one is shortened in its middle. */
export function pathText(steps: readonly PathStep[]): string {
	if (steps.length <= 2 * PATH_ENDS) return `$${steps.map(stepText).join("")}`;
	const [first, last] = [steps.slice(0, PATH_ENDS), steps.slice(-PATH_ENDS)];
	return `$${first.map(stepText).join("")} ... ${last.map(stepText).join("")}`;
}

function stepText(step: PathStep): string {
	if (typeof step === "number") return `[${step}]`;
	const key = typeof step === "string" ? step : step.key;
	if (typeof key !== "string") return `[${reprScalar(key) ?? "..."}]`;
	return /^[A-Za-z_]\w*$/.test(key) && key.length <= 64 ? `.${key}` : `[${quoted(key)}]`;
}

/** How many parts or characters a key may have that is no str. */
const MAX_KEY_SIZE = 10_000;

/**
 * A dict's key as text: a str as it is, else as Python's `repr` gives it, such as `1`, `None`, `(1, 'a')`, and an inert
 * object by its making, `uuid.UUID(5)`. Undefined if it is too large or holds what has no such text.
 */
export function keyText(key: PyValue): string | undefined {
	if (typeof key === "string") return key;
	let text = "";
	const pending: (PyValue | Literal)[] = [key];
	for (let parts = 0; pending.length > 0; parts++) {
		if (parts > MAX_KEY_SIZE || text.length > MAX_KEY_SIZE) return undefined;
		const part = pending.pop() as PyValue | Literal;
		const simple = part instanceof Literal ? part.text : reprScalar(part);
		if (simple !== undefined) text += simple;
		else if (!unfold(part as object, pending)) return undefined;
	}
	return text;
}

class Literal {
	readonly text: string;

	constructor(text: string) {
		this.text = text;
	}
}

/** Puts the parts of a tuple, frozenset or value of a class with a text of its own on the stack, the first on top. */
function unfold(value: object, pending: (PyValue | Literal)[]): boolean {
	if (value instanceof PyFrozenSet && value.size <= MAX_KEY_SIZE) unfoldItems("frozenset({", [...value], "})", pending);
	else if (Array.isArray(value) && value.length <= MAX_KEY_SIZE) unfoldArray(value, pending);
	else if (value instanceof PyObject) return unfoldObject(value, pending);
	else if (!Array.isArray(value) && hasOwnText(value)) pending.push(new Literal(String(value)));
	else return false;
	return true;
}

function unfoldArray(items: readonly PyValue[], pending: (PyValue | Literal)[]): void {
	if (!Object.isFrozen(items)) unfoldItems("[", items, "]", pending);
	else unfoldItems("(", items, items.length === 1 ? ",)" : ")", pending);
}

function unfoldObject(object: PyObject, pending: (PyValue | Literal)[]): boolean {
	const { callable, args } = objectParts(object);
	if (!(callable instanceof PyGlobal) || args.length > MAX_KEY_SIZE) return false;
	unfoldItems(`${reprGlobal(callable)}(`, args, ")", pending);
	return true;
}

function unfoldItems(open: string, items: readonly PyValue[], close: string, pending: (PyValue | Literal)[]): void {
	pending.push(new Literal(close));
	for (let i = items.length - 1; i >= 0; i--) {
		pending.push(items[i] as PyValue);
		if (i > 0) pending.push(new Literal(", "));
	}
	pending.push(new Literal(open));
}

/** Whether a class says how its values are written, as those of reducers do. */
export function hasOwnText(value: object): boolean {
	return typeof value.toString === "function" && value.toString !== Object.prototype.toString;
}
