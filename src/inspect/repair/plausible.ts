import * as op from "../../opcodes/table.ts";
import { arrayHead, dataLength, dtypeOf } from "../diagnosis/arrays.ts";
import { type AnomalyKind, Findings } from "../diagnosis/findings.ts";
import { isArray } from "../diagnosis/holders.ts";
import {
	type Abstract,
	GlobalName,
	intOf,
	Made,
	Mapping,
	Opaque,
	Sequence,
	Text,
	textOf,
} from "../diagnosis/values.ts";
import { classOf, dictLike, isHashable, isStateless, listLike } from "./siblings.ts";

/*
 * What no pickler writes though the machine takes it: Python refuses to load it, and it tells of damage.
 */

type Kind = "text" | "bytes" | "number" | "tuple" | "dict" | "class" | "made" | "any";

/** What calls take, by how few arguments they have at least and which those are at most. */
const signatures: readonly (readonly [RegExp, number, readonly Kind[]])[] = [
	[/^_codecs\.encode$/, 1, ["text", "text"]],
	[/^(__builtin__|builtins)\.complex$/, 2, ["number", "number"]],
	[/^(__builtin__|builtins)\.(set|frozenset)$/, 0, ["any"]],
	[/^(__builtin__|builtins)\.x?range$/, 3, ["number", "number", "number"]],
	[/^(__builtin__|builtins)\.slice$/, 3, ["any", "any", "any"]],
	[/^datetime\.timedelta$/, 3, ["number", "number", "number"]],
	[/^datetime\.(datetime|time)$/, 1, ["bytes", "any"]],
	[/^datetime\.date$/, 1, ["bytes"]],
	[/^decimal\.Decimal$/, 1, ["text", "any"]],
	// Text, or from Python 3.12 on two ints.
	[/^fractions\.Fraction$/, 1, ["any", "number"]],
	[/^array\._array_reconstructor$/, 4, ["class", "text", "number", "any"]],
	[/^numpy\._?core\.multiarray\._reconstruct$/, 3, ["class", "tuple", "bytes"]],
	[/^numpy\._?core\.multiarray\.scalar$/, 1, ["made", "any"]],
	[/^numpy\._?core\.numeric\._frombuffer$/, 4, ["any", "made", "tuple", "text", "any"]],
	[/^numpy\.dtype$/, 1, ["any", "number", "number"]],
	[/^copy_?reg\._reconstructor$/, 3, ["class", "class", "any"]],
];

function isKind(value: Abstract | undefined, kind: Kind): boolean {
	if (kind === "any") return true;
	if (kind === "text") return value instanceof Text;
	// Python 2's strs, and the text that Python 3 encodes below protocol 3.
	if (kind === "bytes") return value instanceof Text || value instanceof Made;
	if (kind === "tuple") return value instanceof Sequence && value.kind === "tuple";
	if (kind === "dict") return value instanceof Mapping;
	if (kind === "made") return value instanceof Made;
	if (kind === "class") return value instanceof GlobalName || value instanceof Made;
	return (
		intOf(value) !== undefined ||
		typeof value === "bigint" ||
		(value !== null && typeof value === "object" && isNumber(value))
	);
}

function isNumber(value: object): boolean {
	return "what" in value && (value.what === "float" || value.what === "int");
}

/** What makes classes and functions, which can be called. */
const makesCallable = /getattr|get_attr|partial|_type|skeleton|getter|caller|func/i;

/** Classes that picklers name and never call. */
const uncalled = /^numpy\.(ndarray|\w+_)$/;

/** Whether a call is one that a pickler may have written. */
export function isPlausibleCall({ callable, args, path, arguments: items }: Made): boolean {
	if (!(args instanceof Sequence)) return args instanceof Opaque && !isNumber(args);
	if (args.kind !== "tuple" || uncalled.test(path) || !isPlausibleContent(path, items)) return false;
	if (callable instanceof Made && callable.path !== "" && !makesCallable.test(callable.path)) return false;
	const [, least, kinds] = signatures.find(([name]) => name.test(path)) ?? [];
	if (kinds === undefined || least === undefined) return true;
	if (args.count < least || args.count > kinds.length || !isDate(path, items[0])) return false;
	return items.every((item, place) => isKind(item, kinds[place] ?? "any"));
}

/** Whether what a container is made of can be that: hashable items, pairs, a dtype's code. */
function isPlausibleContent(path: string, [content, encoding]: readonly Abstract[]): boolean {
	if (content === undefined) return true;
	const isList = content instanceof Sequence;
	if (setLike.test(path)) return isList ? content.items.every(isHashable) : isIterable(content);
	if (path === "collections.deque") return isIterable(content);
	if (path === "decimal.Decimal") return !(content instanceof Text) || decimal.test(textOf(content) ?? "0");
	if (path === "_codecs.encode") return encoding instanceof Text && codec.test(textOf(encoding) ?? "latin1");
	if (isByteArray.test(path)) return isBytesSource(content, encoding);
	if (isScalar.test(path)) return isScalarData(content, encoding);
	if (path === "collections.OrderedDict") return isList ? content.items.every(isPair) : isIterable(content);
	return (
		path !== "numpy.dtype" || !(content instanceof Text) || /^[<>=|]?[A-Za-z]\d*(\[|$)/.test(textOf(content) ?? "O")
	);
}

const setLike = /^(__builtin__|builtins)\.(set|frozenset)$/;

const decimal = /^\s*[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf(inity)?|s?nan\d*)\s*$/i;
const codec = /^(latin-?1|utf-?8|ascii)$/i;
const isByteArray = /^(__builtin__|builtins)\.(bytes|bytearray)$/;
const isScalar = /^numpy\._?core\.multiarray\.scalar$/;

/** Bytes, or text with its encoding. */
function isBytesSource(content: Abstract, encoding: Abstract | undefined): boolean {
	if (content instanceof Text && content.form === "text")
		return encoding instanceof Text && codec.test(textOf(encoding) ?? "latin1");
	return encoding === undefined && isIterable(content);
}

/** Bytes, but for a dtype of objects. */
function isScalarData(dtype: Abstract, data: Abstract | undefined): boolean {
	if (data === undefined || dtypeOf(dtype)?.hasObject !== false) return true;
	return data instanceof Text ? data.form !== "text" : isKind(data, "bytes") || data instanceof Opaque;
}

function isIterable(value: Abstract): boolean {
	return value !== null && typeof value === "object" && !isNumber(value);
}

function isPair(value: Abstract): boolean {
	return value instanceof Sequence ? value.count === 2 : isIterable(value);
}

/** Whether bytes are as many as a date or time packs. */
function isDate(path: string, data: Abstract | undefined): boolean {
	const size = { "datetime.datetime": 10, "datetime.date": 4, "datetime.time": 6 }[path];
	const length = data instanceof Text && data.form === "text" ? data.latin1Length : dataLength(data);
	return size === undefined || length === undefined || length === size;
}

/** Whether it is an array of a class of numpy's. */
function isNumpys({ path, arguments: [type] }: Made): boolean {
	return (
		/^numpy\._?core\.multiarray\._reconstruct$/.test(path) &&
		type instanceof GlobalName &&
		isPlainSubclass.test(type.path)
	);
}

const isPlainSubclass = /^numpy\.(\w+\.)*(matrix|recarray|memmap|chararray)$/;

/** Whether an object may have been given its state. */
function isPlausibleState(made: Made): boolean {
	const { path, state } = made;
	const isDType = path === "numpy.dtype";
	if (isStateless(made)) return false;
	if (classOf(made) === "uuid.UUID")
		return state instanceof Mapping ? state.entries.has("int") : state instanceof Opaque;
	const isOwn = isArray(made) || isNumpys(made);
	if (!(state instanceof Sequence) || state.kind !== "tuple") return !(isDType || isOwn) || state instanceof Opaque;
	// Subclasses have states of their own.
	if (isOwn) return (state.count === 4 || state.count === 5) && arrayHead(state.items.slice(0, -1)) !== undefined;
	return !isDType || isDTypeState(state.items);
}

/** `(version, order, subdtype, names, fields, itemsize, alignment, flags, metadata)`; older ones lack the last, `names`, the first. */
function isDTypeState(items: readonly Abstract[]): boolean {
	if (items.length < 5 || items.length > 9) return false;
	const version = items.length > 5 ? intOf(items[0]) : 0;
	const [order, subdtype, ...rest] = items.slice(items.length > 5 ? 1 : 0);
	const [names, fields, ...sizes] = items.length > 6 ? rest : [rest[0], ...rest];
	if (version === undefined || version < 0 || version > 4) return false;
	const isShape = subdtype === null || isKind(subdtype, "tuple") || subdtype instanceof Opaque;
	const isOrder = (order instanceof Text && (textOf(order) ?? "<").length === 1) || order instanceof Opaque;
	const hasFields = fields !== null;
	if (hasFields && (typeof fields !== "object" || fields instanceof Text || names === null)) return false;
	return isShape && isOrder && (names !== null) === hasFields && sizes.slice(0, 3).every(isSize);
}

function isSize(value: Abstract | undefined): boolean {
	return isKind(value, "number");
}

/** Whether a persistent id is one of torch's: `("storage", type, key, ...)`. */
function isStorage(id: Abstract | undefined): boolean {
	return id instanceof Sequence && id.kind === "tuple" && id.items[0] instanceof Text;
}

/** Whether it is a name that code may have. */
function isPlausibleName({ module, name }: GlobalName): boolean {
	return /^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(module) && /^[\p{L}_<][\p{L}\p{N}_.<>]*$/u.test(name);
}

/** Opcodes of protocol 0, and of its successors, that a pickler does not write into one pickle. */
const textual: ReadonlySet<number> = new Set([
	op.LIST,
	op.DICT,
	op.PUT,
	op.GET,
	op.STRING,
	op.UNICODE,
	op.FLOAT,
	op.PERSID,
]);
const binary: readonly number[] = [op.EMPTY_LIST, op.EMPTY_DICT, op.BINPUT, op.LONG_BINPUT, op.MEMOIZE];
const SEVERAL = 4;
/** Instructions after which a pickle without PROTO is taken to have none but those of its protocol. */
const MANY = 16;

/** Opcodes that stand in pickles of lower protocols: long bytes that repair has mended, and CPython's tuple for a state's setter. */
const anywhere: ReadonlySet<number> = new Set([op.BINBYTES, op.BINBYTES8, op.TUPLE2]);

/** Makes objects at protocols 0 and 1, all of whose content is a state. */
const isReconstructor = /^copy_?reg\._reconstructor$/;

/** Classes that are remembered. */
const MAX_HOLDERS = 1000;

/** How near before damage what reads well may be a part of it. */
export const NEAR = 1024;

/** How far a memo's numbers may lie beyond what the bytes before them could have counted. */
const MAX_SPARSE = 1 << 20;

/** Names of what all pickles are made of. */
export function isCommon({ path }: Pick<GlobalName, "path">): boolean {
	const isCalled = signatures.some(([name]) => name.test(path)) || dictLike.test(path) || listLike.test(path);
	return isCalled || common.test(path);
}

const common =
	/^((__builtin__|builtins)\.(object|list|dict|tuple|int|float|str|bytes|bytearray|getattr)|numpy\.(ndarray|dtype|\w+\d+)|copy_?reg\.__newobj\w*|functools\.partial|uuid\.UUID)$/;

/** Findings that remember where the first of it lies. */
export class DamageFindings extends Findings {
	damagedAt: number | undefined = undefined;
	/** Where the first lies, by kind, of what nothing but the program that wrote the pickle can give. */
	readonly #foreign = new Map<string, number>();

	/** Classes whose objects get items, and where they do first. */
	readonly holders: Map<string, number> = new Map();
	#lastName: { readonly global: GlobalName; readonly instruction: number } | undefined = undefined;

	/** A class or function that the pickle names for the first time in its last instruction: of damage behind it, that may be a part. */
	get freshName(): number | undefined {
		if (this.#lastName === undefined || this.#lastName.instruction !== this.instructions - 1) return undefined;
		const { at, path } = this.#lastName.global;
		return this.globals.get(path)?.count === 1 ? at : undefined;
	}

	/** Names that stand for the first time in bytes from a place on, and that not everyone knows. */
	newNames(from: number): readonly GlobalName[] {
		const names = [...this.globals.values()].filter(({ count }) => count === 1).map(({ global }) => global);
		return names.filter((global) => global.at >= from && !isCommon(global));
	}

	/** The first of those that the pickle has come to only within these last bytes. */
	firstForeign(from: number): number | undefined {
		return [...this.#foreign.values()].sort((left, right) => left - right).find((at) => at >= from);
	}

	/** An id that is a tuple, as torch has them, is none by chance. */
	override foreign(kind: "persistentIds" | "extensions" | "buffers", at: number, id?: Abstract): void {
		super.foreign(kind, at, id);
		if (!this.#foreign.has(kind)) this.#foreign.set(kind, isStorage(id) ? -1 : at);
	}

	override made(made: Made): void {
		super.made(made);
		if (!isPlausibleCall(made)) this.#damaged(made.at);
	}

	override unlikely(at: number): void {
		this.#damaged(at);
	}

	/** Classes get none, nor do objects that are made without any. */
	override adding(target: Abstract, at: number): void {
		const isObject = target instanceof Made && isReconstructor.test(target.path);
		if (isObject || target instanceof GlobalName) this.#damaged(at);
		if (!(target instanceof Made) || target.path === "") return;
		const path = classOf(target);
		if (!this.holders.has(path) && this.holders.size < MAX_HOLDERS) this.holders.set(path, at);
	}

	get #isBinary(): boolean {
		return binary.reduce((sum, code) => sum + (this.histogram[code] as number), 0) >= SEVERAL;
	}

	/** Picklers write text in the one form or the other, and nothing that their protocol has not. */
	override count(row: op.Opcode, height: number, next: number, at: number): void {
		const before = this.protocol ?? Math.max(1, this.neededProtocol);
		super.count(row, height, next, at);
		const { code, protocol } = row;
		const isTold = this.protocol !== undefined || this.instructions > MANY;
		const isNew = isTold && protocol > before && !anywhere.has(code);
		if (isNew || (textual.has(code) && this.histogram[code] === 1 && this.#isBinary)) this.#damaged(at);
	}

	/** What Python 2's pickle.py alone takes, and names that are none. */
	override anomaly(kind: AnomalyKind, offset: number): void {
		super.anomaly(kind, offset);
		if (kind === "memo" || kind === "mark" || kind === "name") this.#damaged(offset);
	}

	override built(made: Made): void {
		if (!isPlausibleState(made)) this.#damaged(made.at);
	}

	override global(global: GlobalName): void {
		super.global(global);
		// A line that lost its end has the one behind it in the next name's place: PUT.
		if (/^p\d+$/.test(global.name) && this.histogram[op.PUT] !== 0) this.#damaged(global.at);
		this.#lastName = { global, instruction: this.instructions };
		if (!isPlausibleName(global)) this.#damaged(global.at);
	}

	/** Picklers number their memo, and Python takes memory up to the highest place. */
	override put(place: number, at: number): void {
		super.put(place, at);
		if (place > at + MAX_SPARSE) this.#damaged(at);
	}

	#damaged(at: number): void {
		this.damagedAt = Math.min(this.damagedAt ?? at, at);
	}
}
