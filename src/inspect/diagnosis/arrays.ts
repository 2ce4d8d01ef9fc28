import { DType, type DTypeField, type DTypeParts, datetimeUnit, parseDescr } from "../../numpy/dtype.ts";
import { type Abstract, GlobalName, intOf, Made, Mapping, Sequence, Text, textOf } from "./values.ts";

/** How deep dtypes may lie in each other to be read; numpy's own never go deeper. */
const MAX_DEPTH = 8;
/** Characters that a dtype's description may have: dtypes that share their parts could have any number. */
const MAX_EXTENT = 4096;
/** Dimensions of an array, numpy 2's limit. */
const MAX_DIMENSIONS = 64;

/** What an array's state says before its data. */
export interface ArrayHead {
	readonly shape: readonly number[];
	readonly dtype: DType;
	readonly fortran: boolean;
	/** Bytes of all its items; undefined for objects, and where a number does not hold it. */
	readonly needed: number | undefined;
}

/** The dtype that a value stands for, or undefined if it is none or not known. */
export function dtypeOf(value: Abstract | undefined, depth = 0): DType | undefined {
	if (!(value instanceof Made) || depth > MAX_DEPTH) return undefined;
	if (value.dtype !== undefined) return value.dtype ?? undefined;
	const parts = partsOf(value, depth);
	value.dtype = parts === undefined ? null : new DType(parts);
	return value.dtype ?? undefined;
}

function partsOf(made: Made, depth: number): DTypeParts | undefined {
	if (/^numpy\._?core\._internal\._convert_to_stringdtype_kwargs$/.test(made.path))
		return { kind: "T", itemsize: 16, string: { coerce: true, missing: undefined } };
	if (made.path !== "numpy.dtype") return undefined;
	const descr = made.arguments[0];
	const text = textOf(descr);
	const named = text === undefined ? classParts(descr, depth) : parseDescr(text);
	return named && withState(named, made.state, depth);
}

/** `dtype(numpy.record)` and the like: a structured dtype whose state says the rest. */
function classParts(descr: Abstract | undefined, depth: number): DTypeParts | undefined {
	if (descr instanceof GlobalName) return parseDescr(descr.name.replace(/_$/, "")) ?? { kind: "V", itemsize: 0 };
	const own = dtypeOf(descr, depth + 1);
	return own && { kind: own.kind, itemsize: own.itemsize };
}

function withState(parts: DTypeParts, state: Abstract | undefined, depth: number): DTypeParts | undefined {
	if (state === undefined) return parts;
	if (!(state instanceof Sequence) || state.count < 5) return undefined;
	const [, order, subdtype = null, names, fields = null, itemsize, , , metadata] =
		state.count === 5 ? [0, ...state.items] : state.items;
	const flexible = "SUV".includes(parts.kind);
	const size = flexible ? intOf(itemsize ?? null) : parts.itemsize;
	if (size === undefined || size < 0) return undefined;
	return {
		kind: parts.kind,
		itemsize: size,
		byteOrder: textOf(order) === ">" ? ">" : "<",
		...(fields instanceof Mapping ? { fields: fieldsOf(names, fields, depth) } : {}),
		...(subdtype instanceof Sequence ? { subdtype: subdtypeOf(subdtype, depth) } : {}),
		...unitOf(metadata),
	};
}

function fieldsOf(names: Abstract | undefined, fields: Mapping, depth: number): readonly DTypeField[] | undefined {
	const keys = names instanceof Sequence ? names.items.map((name) => textOf(name) ?? "") : [];
	const read = keys.flatMap((name) => {
		const entry = fields.entries.get(name);
		const dtype = entry instanceof Sequence ? dtypeOf(entry.items[0], depth + 1) : undefined;
		const offset = entry instanceof Sequence ? intOf(entry.items[1]) : undefined;
		return dtype && offset !== undefined ? [{ name, dtype, offset, title: undefined }] : [];
	});
	const extent = read.reduce((sum, { dtype }) => sum + dtype.extent, 0);
	return read.length === keys.length && keys.length > 0 && extent < MAX_EXTENT ? read : undefined;
}

function subdtypeOf(value: Sequence, depth: number): DTypeParts["subdtype"] {
	const dtype = dtypeOf(value.items[0], depth + 1);
	const shape = shapeOf(value.items[1]);
	return dtype && shape && { dtype, shape };
}

function unitOf(metadata: Abstract | undefined): Pick<DTypeParts, "unit"> {
	const unit = metadata instanceof Sequence ? metadata.items[1] : undefined;
	const [name, count] = unit instanceof Sequence ? unit.items : [];
	const text = textOf(encodedText(name)) ?? textOf(name);
	return text === undefined ? {} : (datetimeUnit(text, intOf(count) ?? 0) ?? {});
}

/** The text that `_codecs.encode(text, 'latin1')` makes bytes of. */
function encodedText(value: Abstract | undefined): Abstract | undefined {
	return value instanceof Made && value.path === "_codecs.encode" ? value.arguments[0] : undefined;
}

/** The lengths of an array's axes from a tuple of ints, or from one int; undefined for anything else. */
export function shapeOf(value: Abstract | undefined): readonly number[] | undefined {
	if (!(value instanceof Sequence)) {
		const length = typeof value === "boolean" ? undefined : intOf(value);
		return length === undefined || length < 0 ? undefined : [length];
	}
	if (value.count > MAX_DIMENSIONS) return undefined;
	const lengths = value.items.map((length) => intOf(length) ?? -1);
	return lengths.every((length) => length >= 0) ? lengths : undefined;
}

/** Bytes of so many items; undefined for objects, and beyond what a number holds exactly. */
export function bytesNeeded(shape: readonly number[], dtype: DType): number | undefined {
	if (dtype.hasObject) return undefined;
	const product = shape.includes(0) ? 0 : shape.reduce((all, length) => all * length, dtype.itemsize);
	return Number.isSafeInteger(product) ? product : undefined;
}

/** What `(1, shape, dtype, is_fortran` says, the last of these items; undefined if it is not that. */
export function arrayHead(items: readonly (Abstract | undefined)[]): ArrayHead | undefined {
	const [shapeValue, dtypeValue, fortran] = items.slice(-3);
	const order = intOf(fortran);
	const shape = shapeValue instanceof Sequence ? shapeOf(shapeValue) : undefined;
	if (shape === undefined || order === undefined || order < 0 || order > 1) return undefined;
	const dtype = dtypeOf(dtypeValue);
	return dtype && { shape, dtype, fortran: order === 1, needed: bytesNeeded(shape, dtype) };
}

/** Whether it is the whole state of an array: `(1, shape, dtype, is_fortran, data)`. */
export function hasArrayHead(value: Abstract | undefined): boolean {
	return value instanceof Sequence && value.kind === "tuple" && arrayHead(value.items.slice(0, -1)) !== undefined;
}

const MAKES_BYTES = /^(__builtin__|builtins)\.(bytes|bytearray)$/;

/** Calls around an array's data that are looked through: `bytearray(_codecs.encode(text, 'latin1'))`. */
const MAX_WRAPPERS = 4;

/** What an array's data are, whatever calls lie around them: their text or bytes, and whether it is text in Latin-1. */
interface Data {
	readonly text: Text;
	readonly isEncoded: boolean;
}

/** The text or bytes that stand where an array's data are due; "none" for no bytes, undefined if it is not known. */
export function dataOf(value: Abstract | undefined): Data | "none" | undefined {
	let inner = value;
	for (let wrappers = 0; wrappers < MAX_WRAPPERS && inner instanceof Made; wrappers++) {
		const [first] = inner.arguments;
		if (isLatin1Call(inner)) return first instanceof Text ? { text: first, isEncoded: true } : undefined;
		if (!MAKES_BYTES.test(inner.path)) return undefined;
		if (first === undefined) return "none";
		inner = first;
	}
	return inner instanceof Text && inner.form !== "text" ? { text: inner, isEncoded: false } : undefined;
}

/** `_codecs.encode(text, 'latin1')` or `bytearray(text, 'latin-1')` */
export function isLatin1Call({ path, arguments: [, encoding] }: Made): boolean {
	if (path !== "_codecs.encode" && !(MAKES_BYTES.test(path) && encoding instanceof Text)) return false;
	return /^latin-?1$/i.test(textOf(encoding) ?? "latin1");
}

/** How many bytes a value is that stands where an array's data are due; undefined if that is not known. */
export function dataLength(value: Abstract | undefined): number | undefined {
	const data = dataOf(value);
	if (data === undefined || data === "none") return data && 0;
	const length = data.isEncoded ? data.text.latin1Length : data.text.length;
	return length === undefined || length < 0 ? undefined : length;
}
