import { escapeControls } from "../errors.ts";
import type { PyValue } from "./value.ts";

/** Method of values without others inside: their text as Python's `repr` has it. `toString` gives Python's `str`. */
export const pythonRepr: unique symbol = Symbol.for("picklet.repr");

/** What stands for a value where only arrays, Maps and plain values are written: in `toPlain` and JSON. */
export const plainForm: unique symbol = Symbol.for("picklet.plain");

/** How a value with others inside is written as Python has it: between brackets, each behind its label. */
export interface Layout {
	readonly open: string;
	readonly close: string;
	readonly items: ArrayLike<PyValue>;
	/** What stands before each item: `maxlen=`, or nothing. */
	readonly labels?: readonly string[];
	/** Of a dict, in the place of items. */
	readonly entries?: Iterable<readonly [PyValue, PyValue]> & { readonly size: number };
	/** What stands for the whole if nothing is inside. */
	readonly empty?: string;
}

/** Method of values with others inside: how they are written. */
export const pythonLayout: unique symbol = Symbol.for("picklet.layout");

/** Characters of a long text that are shown, as Node shows strings. */
const MAX_TEXT = 10_000;

/** A value of a few plain fields, which prints as its text. */
export abstract class PyAtom {
	abstract get [Symbol.toStringTag](): string;
	abstract toString(): string;
	abstract [pythonRepr](): string;

	[Symbol.for("nodejs.util.inspect.custom")](): string {
		const text = escapeControls(this.toString());
		const shown =
			text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}... ${text.length - MAX_TEXT} more characters`;
		return `${this[Symbol.toStringTag]}(${shown})`;
	}
}

/** Text in quotes, as `repr` has it, with what could steer a terminal escaped. */
export function quotedText(text: string): string {
	const escaped = escapeControls(text.replaceAll("\\", "\\\\"));
	return escaped.includes("'") && !escaped.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}
