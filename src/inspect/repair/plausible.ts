import { arrayHead, dataLength } from "../diagnosis/arrays.ts";
import { Findings } from "../diagnosis/findings.ts";
import { isArray } from "../diagnosis/holders.ts";
import { type Abstract, GlobalName, intOf, Made, Mapping, Sequence, Text } from "../diagnosis/values.ts";

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

/** What makes values that cannot be called. */
const uncallable =
	/(^|\.)(_reconstruct|dtype|scalar|_frombuffer|OrderedDict|defaultdict|datetime|date|time|timedelta|Decimal|complex)$/;

/** Whether a call is one that a pickler may have written. */
export function isPlausibleCall({ callable, args, path, arguments: items }: Made): boolean {
	if (!(args instanceof Sequence)) return true;
	if (callable instanceof Made && uncallable.test(callable.path)) return false;
	const [, least, kinds] = signatures.find(([name]) => name.test(path)) ?? [];
	if (kinds === undefined || least === undefined) return true;
	if (args.count < least || args.count > kinds.length || !isDate(path, items[0])) return false;
	return items.every((item, place) => isKind(item, kinds[place] ?? "any"));
}

/** Whether bytes are as many as a date or time packs. */
function isDate(path: string, data: Abstract | undefined): boolean {
	const size = { "datetime.datetime": 10, "datetime.date": 4, "datetime.time": 6 }[path];
	const length = data instanceof Text && data.form === "text" ? data.latin1Length : dataLength(data);
	return size === undefined || length === undefined || length === size;
}

/** Whether an object may have been given its state. */
function isPlausibleState(made: Made): boolean {
	const { path, state } = made;
	const isDType = path === "numpy.dtype";
	if (!(state instanceof Sequence) || state.kind !== "tuple") return !isDType;
	// Subclasses have states of their own.
	if (isArray(made))
		return (state.count === 4 || state.count === 5) && arrayHead(state.items.slice(0, -1)) !== undefined;
	return !isDType || isDTypeState(state.items);
}

function isDTypeState(items: readonly Abstract[]): boolean {
	const [version, order, , names, fields] = items;
	if (items.length < 5 || items.length > 9) return false;
	if (items.length === 5) return true;
	const length = intOf(version);
	if (length === undefined || length < 0 || length > 4 || !(order instanceof Text) || order.length === undefined)
		return items.length >= 6 && order instanceof Text && length !== undefined && length >= 0 && length <= 4;
	if (order.length !== 1) return false;
	return (names === null) === (fields === null);
}

/** Whether it is a name that code may have. */
function isPlausibleName({ module, name }: GlobalName): boolean {
	return /^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(module) && /^[\p{L}_<][\p{L}\p{N}_.<>]*$/u.test(name);
}

/** Findings that remember where the first of it lies. */
export class DamageFindings extends Findings {
	damagedAt: number | undefined = undefined;

	override made(made: Made): void {
		super.made(made);
		if (!isPlausibleCall(made)) this.#damaged(made.at);
	}

	override built(made: Made): void {
		if (!isPlausibleState(made)) this.#damaged(made.at);
	}

	override global(global: GlobalName): void {
		super.global(global);
		if (!isPlausibleName(global)) this.#damaged(global.at);
	}

	#damaged(at: number): void {
		this.damagedAt = Math.min(this.damagedAt ?? at, at);
	}
}
