import { callLayout } from "./callables.ts";
import type { PyDict } from "./dict.ts";
import { type Layout, plainForm, pythonLayout } from "./shown.ts";
import type { PyValue } from "./value.ts";

/** Frozen, since nothing has it that could be encoded. */
const NONE: readonly PyValue[] = Object.freeze([]);

/** An exception of Python's own: never thrown here. */
export class PyException {
	/** The name of its class: `ValueError`. */
	readonly type: string;
	readonly args: readonly PyValue[];
	/** What was set on it, its notes among that; null for nothing. */
	attributes: PyDict | null;

	constructor(type: string, args: readonly PyValue[] = [], attributes: PyDict | null = null) {
		this.type = type;
		this.args = args;
		this.attributes = attributes;
	}

	/** An attribute that was set on it; undefined if there is none of the name. */
	get(name: string): PyValue | undefined {
		return this.attributes?.get(name);
	}

	/** What `add_note` added. */
	get notes(): readonly PyValue[] {
		const notes = this.get("__notes__");
		return Array.isArray(notes) ? notes : NONE;
	}

	/** The exceptions of a group. */
	get exceptions(): readonly PyValue[] {
		const exceptions = this.args[1];
		return /^(Base)?ExceptionGroup$/.test(this.type) && Array.isArray(exceptions) ? exceptions : NONE;
	}

	[pythonLayout](): Layout {
		return callLayout(this.type, this.args, this.attributes ?? undefined);
	}

	[plainForm](): object {
		const { type, args, attributes } = this;
		const parts: [string, PyValue][] = [["class", `builtins.${type}`]];
		if (args.length > 0) parts.push(["args", args]);
		if (attributes !== null) parts.push(["state", attributes]);
		return new Map(parts);
	}
}
