import type { DType } from "../../numpy/dtype.ts";

/*
 * What is known of the values of a pickle without making them: enough to tell the shapes of arrays, names and lengths. Ints,
 * booleans and None are themselves.
 */

export type Abstract = null | boolean | number | bigint | Text | Sequence | Mapping | GlobalName | Made | Opaque;

/** Items that a sequence, and entries that a mapping, remembers. */
const REMEMBERED = 64;

/** Bytes of text up to which a `Text` keeps it. */
export const KEPT_TEXT = 256;

/** A float, a persistent object, an extension, a buffer, a mark taken for an item, a value that was forgotten: nothing is known of it but its name. */
export class Opaque {
	readonly what: "float" | "persistent" | "extension" | "buffer" | "int" | "mark" | "forgotten";

	constructor(what: Opaque["what"]) {
		this.what = what;
	}

	get depth(): number {
		return 0;
	}
}

/** What an argument of text or bytes says, and where it lies. */
export class Text {
	/** `str` is Python 2's, which may be text or bytes. */
	readonly form: "text" | "str" | "bytes" | "bytearray";
	readonly opcode: number;
	/** Where its opcode lies, in bytes. */
	readonly at: number;
	/** Where the payload begins, in bytes. */
	readonly offset: number;
	/** Bytes of the value: of text, in UTF-8; undefined if the line was too long to be read. */
	readonly length: number | undefined;
	/** The text itself, bytes as Latin-1, if it is short. */
	readonly text: string | undefined;
	/** Characters; -1 if one is above U+00FF, undefined if that is not known. */
	readonly latin1Length: number | undefined;
	/** Bytes that it takes in the file, the quotes of STRING included. */
	readonly extent: number;

	constructor(
		place: Omit<Text, "text" | "latin1Length" | "depth">,
		text: string | undefined,
		latin1Length: number | undefined,
	) {
		this.form = place.form;
		this.opcode = place.opcode;
		this.at = place.at;
		this.offset = place.offset;
		this.length = place.length;
		this.text = text;
		this.latin1Length = latin1Length;
		this.extent = place.extent;
	}

	get depth(): number {
		return 0;
	}
}

/** A tuple, list, set or frozenset; it remembers its first items. */
export class Sequence {
	readonly kind: "tuple" | "list" | "set" | "frozenset";
	readonly items: Abstract[] = [];
	count = 0;
	depth = 1;

	constructor(kind: Sequence["kind"]) {
		this.kind = kind;
	}

	add(item: Abstract): void {
		this.count++;
		if (this.items.length < REMEMBERED) this.items.push(item);
		this.depth = Math.max(this.depth, depthOf(item) + 1);
	}
}

/** A dict; it remembers what its first text keys stand for. */
export class Mapping {
	readonly entries: Map<string, Abstract> = new Map();
	count = 0;
	depth = 1;

	set(key: Abstract, value: Abstract): void {
		this.count++;
		const name = textOf(key);
		if (name !== undefined && this.entries.size < REMEMBERED) this.entries.set(name, value);
		this.depth = Math.max(this.depth, depthOf(value) + 1, depthOf(key) + 1);
	}
}

/** A class or function by name. */
export class GlobalName {
	readonly module: string;
	readonly name: string;
	readonly at: number;
	readonly depth: number = 0;

	constructor(module: string, name: string, at: number) {
		this.module = module;
		this.name = name;
		this.at = at;
	}

	get path(): string {
		return `${this.module}.${this.name}`;
	}
}

/** What calling something gives. */
export class Made {
	readonly callable: Abstract;
	readonly args: Abstract;
	/** Where the call lies. */
	readonly at: number;
	state: Abstract | undefined = undefined;
	depth: number;
	/** What `dtypeOf` made of it. */
	dtype: DType | null | undefined = undefined;
	/** If it is an array that has its data: what those are. */
	array: { readonly shape: readonly number[]; readonly dtype: DType } | undefined = undefined;

	constructor(callable: Abstract, args: Abstract, at: number) {
		this.callable = callable;
		this.args = args;
		this.at = at;
		this.depth = depthOf(args) + 1;
	}

	/** The dotted name of what was called, if it has one. */
	get path(): string {
		return this.callable instanceof GlobalName ? this.callable.path : "";
	}

	/** Its arguments, as far as remembered. */
	get arguments(): readonly Abstract[] {
		return this.args instanceof Sequence ? this.args.items : [];
	}
}

function depthOf(value: Abstract): number {
	return typeof value === "object" && value !== null ? value.depth : 0;
}

/** The text of a value that is short text, in whatever form. */
export function textOf(value: Abstract | undefined): string | undefined {
	return value instanceof Text ? value.text : undefined;
}

/** How many characters text has; -1 if one is above U+00FF. */
export function latin1LengthOf(text: string): number {
	for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return -1;
	return text.length;
}

/** A value that is an int, as a number; undefined otherwise. */
export function intOf(value: Abstract | undefined): number | undefined {
	if (typeof value === "number") return value;
	if (typeof value === "boolean") return Number(value);
	return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : undefined;
}
