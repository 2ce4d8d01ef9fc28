import { escapeControls } from "../errors.ts";
import type { PyDict } from "../values/dict.ts";
import { equalityKey } from "../values/equality.ts";
import type { PyGlobal } from "../values/objects.ts";
import { reprText } from "../values/repr.ts";
import type { PyValue } from "../values/value.ts";

/**
 * numpy's letter of a type: b bool, i int, u unsigned int, f float, c complex, S bytes, U text, V void or structured,
 * O object, M datetime64, m timedelta64, T StringDType.
 */
export type DTypeKind = "b" | "i" | "u" | "f" | "c" | "S" | "U" | "V" | "O" | "M" | "m" | "T";

/** One field of a structured dtype. */
export interface DTypeField {
	readonly name: string;
	readonly dtype: DType;
	/** Where it begins in the item, in bytes. */
	readonly offset: number;
	readonly title: PyValue | undefined;
}

/** What one step of a datetime64 or timedelta64 is: `{ count: 25, name: "s" }` are 25 seconds. */
export interface DatetimeUnit {
	readonly count: number;
	/** Y, M, W, D, h, m, s, ms, us, ns, ps, fs or as. */
	readonly name: string;
}

/** What a dtype is made of. Absent parts take what its kind has by nature. */
export interface DTypeParts {
	readonly kind: DTypeKind;
	/** Bytes of one item. */
	readonly itemsize: number;
	readonly byteOrder?: "<" | ">" | "|" | undefined;
	readonly alignment?: number | undefined;
	readonly flags?: number | undefined;
	readonly fields?: readonly DTypeField[] | undefined;
	readonly subdtype?: { readonly dtype: DType; readonly shape: readonly number[] } | undefined;
	readonly metadata?: PyDict | undefined;
	readonly unit?: DatetimeUnit | undefined;
	readonly type?: PyGlobal | undefined;
	readonly string?: StringDTypeOptions | undefined;
}

/** The arguments of numpy 2's StringDType. */
export interface StringDTypeOptions {
	readonly coerce: boolean;
	/** What stands for missing text; undefined if none was named. */
	readonly missing: PyValue | undefined;
}

/** A dtype as numpy writes it: text, or a list of fields. */
export type DTypeDescr = string | readonly FieldDescr[];

/** Name, or title and name; dtype; and the shape if the field is a subarray. A void without fields and of the name `""` leaves room between fields. */
export type FieldDescr = readonly [
	name: string | readonly [title: string, name: string],
	dtype: DTypeDescr | DType,
	shape?: readonly number[],
];

/** A class's fields where its state comes after it was made. */
export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** dtypes that something else already relies on, or whose state has come. They no longer change. */
export let settled: { has(dtype: DType): boolean; add(dtype: DType): void };

/** The type of an array's items: numpy.dtype. */
export class DType {
	readonly kind: DTypeKind;
	/** Bytes of one item. */
	readonly itemsize: number;
	/** As the file has it: `>` stays, `|` where order means nothing. */
	readonly byteOrder: "<" | ">" | "|";
	/** In bytes. */
	readonly alignment: number;
	/** numpy's flags; 0x80 is set for structs aligned as a C compiler does. */
	readonly flags: number;
	/** The fields of a structured dtype, in order. */
	readonly fields: readonly DTypeField[] | undefined;
	/** If each item is itself an array: its dtype and shape. */
	readonly subdtype: { readonly dtype: DType; readonly shape: readonly number[] } | undefined;
	readonly metadata: PyDict | undefined;
	/** Of datetime64 and timedelta64; undefined if generic. */
	readonly unit: DatetimeUnit | undefined;
	/** The class of the items if it is not the kind's own: `numpy.record`, or a user's. */
	readonly type: PyGlobal | undefined;
	readonly string: StringDTypeOptions | undefined;
	/** Kind and bytes of an item: `f8`, `U12`. */
	readonly code: string;
	/** Whether items are, or hold, Python objects: arrays of them are a plain Array of values. */
	readonly hasObject: boolean;
	/** How deep dtypes lie in each other: 1 if it has no fields and no subdtype. */
	readonly depth: number;
	/** About how many characters its description has, dtypes that are used twice counted twice. */
	readonly extent: number;
	#key: string | undefined = undefined;
	#settled = false;

	static {
		settled = {
			has: (dtype) => dtype.#settled,
			add: (dtype) => {
				dtype.#settled = true;
			},
		};
	}

	constructor(parts: DTypeParts) {
		const { kind, itemsize, fields, subdtype } = parts;
		this.kind = kind;
		this.itemsize = itemsize;
		this.byteOrder = orderless(kind, itemsize) ? "|" : parts.byteOrder === ">" ? ">" : "<";
		this.alignment = parts.alignment ?? naturalAlignment(kind, itemsize);
		this.flags = parts.flags ?? 0;
		this.fields = fields;
		this.subdtype = subdtype;
		this.metadata = parts.metadata;
		this.unit = parts.unit;
		this.type = parts.type;
		this.string = parts.string;
		this.code = kind + itemsize;
		let hasObject = isObject(kind);
		let depth = 0;
		let extent = 16;
		for (const { dtype, name, title } of fields ?? (subdtype ? [{ ...subdtype, name: "", title: "" }] : [])) {
			hasObject ||= dtype.hasObject;
			depth = Math.max(depth, dtype.depth);
			extent += dtype.extent + name.length + (typeof title === "string" ? title.length : 0);
		}
		this.hasObject = hasObject;
		this.depth = depth + 1;
		this.extent = extent;
	}

	/**
	 * A dtype by its text, `DType.of("<f8")`, `DType.of("U3")`, `DType.of("float64")`, or a structured one by its fields, which follow each other
	 * without gaps: `DType.of([["x", "<f4"], ["v", "<i2", [3]]])`.
	 * @throws TypeError if no dtype is written so
	 */
	static of(descr: DTypeDescr): DType {
		const parts = typeof descr === "string" ? parseDescr(descr) : Array.isArray(descr) ? structParts(descr) : undefined;
		if (parts === undefined) throw new TypeError(`"${String(descr)}" is no dtype`);
		return new DType(parts);
	}

	/** numpy's array-protocol string: `<f8`, `|b1`, `|S5`, `<U3`, `|O`, `|V16`, `<M8[ns]`. */
	get str(): string {
		if (this.kind === "O") return "|O";
		return this.byteOrder + this.kind + (this.kind === "U" ? this.itemsize / 4 : this.itemsize) + unitText(this.unit);
	}

	/** numpy's name: `float64`, `bool`, `bytes40`, `str96`, `datetime64[ns]`; that of a class in a form that can be printed. */
	get name(): string {
		if (this.kind === "b" || this.kind === "O") return words[this.kind];
		const flexible = this.kind === "S" || this.kind === "U" || this.kind === "V";
		const bits = flexible && this.itemsize === 0 ? "" : this.itemsize * 8;
		const word = this.type ? escapeControls(this.type.name.slice(0, 64)) : words[this.kind];
		return `${word}${bits}${unitText(this.unit)}`;
	}

	/** The names of the fields, or undefined if it is not structured. */
	get names(): readonly string[] | undefined {
		return this.fields?.map((field) => field.name);
	}

	/** As numpy prints it: `float64`, `>f8`, `[('a', '<i4'), ('b', 'S2', (3,))]`. */
	toString(): string {
		if (this.string) return stringText(this.string);
		if (this.fields) {
			const text = structText(this);
			return this.type ? `(${escapeControls(String(this.type).slice(0, 200))}, ${text})` : text;
		}
		if (this.subdtype) return `(${itemText(this)})`;
		return "SUV".includes(this.kind) || this.byteOrder === ">" ? this.str : this.name;
	}

	[Symbol.for("nodejs.util.inspect.custom")](): string {
		const text = this.toString();
		return /^[[{(]/.test(text) || this.string ? `dtype(${text})` : `dtype('${text}')`;
	}

	/** dtypes that print alike are one key. It is kept: it may be long, and asked for often. */
	[equalityKey](): string {
		this.#key ??= `\0DType\0${this.type ?? ""}${this}`;
		return this.#key;
	}
}

/** Gives a dtype other parts in place, for those whose state comes after other objects know them. */
export function redefine(dtype: DType, parts: DTypeParts): void {
	Object.assign(dtype as Mutable<DType>, new DType(parts));
}

const words: Record<DTypeKind, string> = {
	b: "bool",
	i: "int",
	u: "uint",
	f: "float",
	c: "complex",
	S: "bytes",
	U: "str",
	V: "void",
	O: "object",
	M: "datetime",
	m: "timedelta",
	T: "StringDType",
};

/** The sizes in bytes that each kind has; the others have any. f12 and c24 are long doubles of 32-bit machines. */
const sizes: Partial<Record<string, readonly number[]>> = {
	b: [1],
	i: [1, 2, 4, 8],
	u: [1, 2, 4, 8],
	f: [2, 4, 8, 12, 16],
	c: [8, 16, 24, 32],
	O: [4, 8],
	M: [8],
	m: [8],
};

/** numpy's one-letter codes, as they are on 64-bit Linux and macOS. */
const letters: Partial<Record<string, string>> = {
	"?": "b1",
	b: "i1",
	B: "u1",
	h: "i2",
	H: "u2",
	i: "i4",
	I: "u4",
	l: "i8",
	L: "u8",
	q: "i8",
	Q: "u8",
	p: "i8",
	P: "u8",
	e: "f2",
	f: "f4",
	d: "f8",
	g: "f16",
	F: "c8",
	D: "c16",
	G: "c32",
	c: "S1",
	O: "O8",
	M: "M8",
	m: "m8",
	S: "S0",
	a: "S0",
	U: "U0",
	V: "V0",
};

const UNITS = /^(?:generic|[YMWDhms]|[munpfa]s)$/;

/** A datetime unit, or undefined if numpy has none of the name or the count is none. */
export function datetimeUnit(name: string, count: number): { unit: DatetimeUnit | undefined } | undefined {
	if (!UNITS.test(name) || !(count >= 1 && count < 2 ** 31)) return undefined;
	return { unit: name === "generic" ? undefined : { count, name } };
}

/** What the text of one unstructured dtype says, or undefined if it is none. Nothing is ever evaluated. */
export function parseDescr(text: string): DTypeParts | undefined {
	const named = /^(u?int|float|complex)(\d{0,3})$/.exec(text) as unknown as [string, string, string] | null;
	if (named) return parseDescr(`${named[1][0]}${Number(named[2] || (named[1] === "complex" ? 128 : 64)) / 8}`);
	const word = /^(bool|bytes|str|void|object)$/.test(text) && kindOf(text);
	if (word) return parseDescr(word === "b" ? "?" : word);
	const match = /^([<>=|]?)([a-zA-Z?])(\d{0,10})(?:\[(\d{0,9})([a-zA-Z]{1,7})\])?$/.exec(
		text.replace(/^(d)atetime64\b|^timedelta64\b/, (_, d) => (d ? "M8" : "m8")),
	);
	if (match === null) return undefined;
	const [, order, letter, digits, count, unitName] = match as unknown as [
		string,
		"<",
		string,
		string,
		string?,
		string?,
	];
	const code = digits === "" ? letters[letter] : letter.replace("a", "S") + digits;
	if (code === undefined) return undefined;
	const kind = code[0] as DTypeKind;
	const size = Number(code.slice(1));
	if (kind in words && (sizes[kind]?.includes(size) ?? "SUV".includes(kind))) {
		const unit = unitName === undefined ? { unit: undefined } : datetimeUnit(unitName, Number(count || 1));
		if (unit === undefined || (unitName !== undefined && kind !== "M" && kind !== "m")) return undefined;
		return { kind, itemsize: kind === "U" ? size * 4 : size, byteOrder: order, ...unit };
	}
	return undefined;
}

/** Fields that follow each other. Undefined if a dtype among them is none, two have one name, or shapes are none. */
function structParts(descr: readonly FieldDescr[], depth = 0): DTypeParts | undefined {
	const fields: DTypeField[] = [];
	const taken = new Set<string>();
	let itemsize = 0;
	for (const [label, type, shape] of descr) {
		const own = type instanceof DType ? type : partsOf(type, depth);
		if (own === undefined) return undefined;
		const dtype = subarray(own instanceof DType ? own : new DType(own), shape ?? []);
		if (dtype === undefined) return undefined;
		const [title, name] = typeof label === "string" ? [undefined, label] : label;
		if (name !== "" || title !== undefined || dtype.kind !== "V" || dtype.fields !== undefined) {
			if (taken.has(name) || (title !== undefined && taken.has(title))) return undefined;
			taken.add(name).add(title ?? name);
			fields.push({ name, dtype, offset: itemsize, title });
		}
		itemsize += dtype.itemsize;
	}
	return Number.isSafeInteger(itemsize) ? { kind: "V", itemsize, fields } : undefined;
}

/** No dtype in use lies deeper; more would let input decide how deep things recurse. */
export const MAX_DEPTH = 64;

function partsOf(descr: DTypeDescr, depth: number): DTypeParts | undefined {
	if (typeof descr === "string") return parseDescr(descr);
	return depth < MAX_DEPTH ? structParts(descr, depth + 1) : undefined;
}

function subarray(dtype: DType, shape: readonly number[]): DType | undefined {
	if (shape.length === 0) return dtype;
	const size = shape.reduce((product, length) => product * length, dtype.itemsize);
	if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0) || !Number.isSafeInteger(size))
		return undefined;
	return new DType({ kind: "V", itemsize: size, subdtype: { dtype, shape }, alignment: dtype.alignment });
}

function kindOf(word: string): string | undefined {
	return Object.keys(words).find((kind) => words[kind as DTypeKind] === word);
}

function orderless(kind: DTypeKind, itemsize: number): boolean {
	return itemsize === 1 ? kind !== "U" : kind === "S" || kind === "V" || isObject(kind);
}

function isObject(kind: DTypeKind): boolean {
	return kind === "O" || kind === "T";
}

function naturalAlignment(kind: DTypeKind, itemsize: number): number {
	if (kind === "S" || kind === "V") return 1;
	if (kind === "U") return 4;
	if (kind === "T") return 8;
	return kind === "c" ? itemsize / 2 : itemsize;
}

/** `[25us]`, or nothing for a generic unit. */
export function unitText(unit: DatetimeUnit | undefined): string {
	return unit ? `[${unit.count === 1 ? "" : unit.count}${unit.name}]` : "";
}

/** A Python tuple of numbers. */
export function shapeText(shape: readonly number[]): string {
	return `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
}

function stringText({ coerce, missing }: StringDTypeOptions): string {
	const named = missing === null ? "None" : typeof missing === "string" ? reprText(missing) : "nan";
	const options = [missing === undefined ? "" : `na_object=${named}`, coerce ? "" : "coerce=False"];
	return `StringDType(${options.filter(Boolean).join(", ")})`;
}

/** A structured dtype as a list of its fields, or as a dict if there are gaps or overlaps. */
function structText(dtype: DType): string {
	const fields = dtype.fields as readonly DTypeField[];
	const name = (field: DTypeField) => {
		const own = reprText(field.name);
		return typeof field.title === "string" ? `(${reprText(field.title)}, ${own})` : own;
	};
	if (isPacked(fields, dtype.itemsize)) {
		return `[${fields.map((field) => `(${name(field)}, ${itemText(field.dtype)})`).join(", ")}]`;
	}
	const aligned = dtype.flags & 0x80 ? ", 'aligned': True" : "";
	const column = (title: string, text: (field: DTypeField) => unknown) =>
		`'${title}': [${fields.map(text).join(", ")}]`;
	const formats = column("formats", ({ dtype: own }) => (own.subdtype ? `(${itemText(own)})` : itemText(own)));
	const offsets = column("offsets", (field) => field.offset);
	return `{${column("names", name)}, ${formats}, ${offsets}, 'itemsize': ${dtype.itemsize}${aligned}}`;
}

/** Whether the fields follow each other without gaps. */
function isPacked(fields: readonly DTypeField[], itemsize: number): boolean {
	let end = 0;
	for (const { offset, dtype } of fields) {
		if (offset !== end) return false;
		end += dtype.itemsize;
	}
	return end === itemsize;
}

/** A dtype as the second part of a field: `'<i4'`, or `'<i4', (2,)` for a subarray. */
function itemText(dtype: DType): string {
	if (dtype.subdtype) return `${itemText(dtype.subdtype.dtype)}, ${shapeText(dtype.subdtype.shape)}`;
	if (dtype.fields) return structText(dtype);
	return dtype.string
		? dtype.toString()
		: reprText(dtype.byteOrder === "|" ? dtype.str.slice(1).replace("b1", "?") : dtype.str);
}
