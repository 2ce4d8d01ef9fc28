import { toPython3 } from "../../src/opcodes/compat.ts";
import { objectComparers } from "./compareObjects.ts";
import { maxElements } from "./describeNumpy.ts";
import { readInert } from "./readInert.ts";
import { asStub } from "./readObjects.ts";
import { floatTag, fromHex, itemsOf, pairsOf, sha256, surrogatepass, type Tag, type TagPair, toHex } from "./tags.ts";

/** How the pickle was decoded, where options of decode leave out what tags tell apart; and which Python described it. */
export interface CompareOptions {
	/** What became of Python 2's `str`. Default `"bytes"`. */
	readonly encoding?: "auto" | "ascii" | "latin1" | "utf-8" | "bytes" | undefined;
	/** `"auto"`: integral floats count as ints. Default `"exact"`. */
	readonly floats?: "auto" | "exact" | undefined;
	/** `"array"`: tuples count as lists. Default `"frozen"`. */
	readonly tuples?: "frozen" | "array" | undefined;
	/** `"value"`: numpy's scalars are bare values. Default `"numpy"`. */
	readonly scalars?: "numpy" | "value" | undefined;
	/** The order of dicts means nothing, as before Python 3.6. Tags with `unordered` say so themselves. */
	readonly unordered?: boolean | undefined;
}

/** Differences that are listed; comparing ends with the last. */
const maxDifferences = 20;

/**
 * What sets apart what picklet decoded, as `describe` says it, from what Python has, each difference with its path; none if
 * they are the same as far as picklet's value mapping goes: sets and Python 2's dicts in any order, a big-endian array in
 * either byte order, a type that has no reducer yet as an inert object with the same parts.
 */
export function compareTags(actual: Tag, expected: Tag, options: CompareOptions = {}): string[] {
	return new Comparison(actual, expected, options).run();
}

/** Compares what was decoded with what Python has, and notes where they differ. */
export type Comparer = (compared: Comparison, actual: Tag, expected: Tag, path: string) => void;

class Comparison {
	readonly options: CompareOptions;
	readonly #actual: Tag;
	readonly #expected: Tag;
	/** The described objects by number. */
	readonly #actualObjects: Objects;
	readonly #expectedObjects: Objects;
	/** Which object stands for which, both ways; null for one whose identity does not matter. */
	readonly #actualOf = new Map<number, number | null>();
	readonly #expectedOf = new Map<number, number>();
	readonly #differences: string[] = [];

	constructor(actual: Tag, expected: Tag, options: CompareOptions) {
		this.options = options;
		this.#actual = actual;
		this.#expected = expected;
		this.#actualObjects = numberedObjects(actual);
		this.#expectedObjects = numberedObjects(expected);
	}

	run(): string[] {
		this.compare(this.#actual, this.#expected, "$");
		return this.#differences;
	}

	differ(path: string, actual: unknown, expected: unknown): void {
		if (this.#differences.length < maxDifferences) {
			this.#differences.push(`${path}: ${brief(actual)}, Python has ${brief(expected)}`);
		}
	}

	/** Notes a difference unless the two are the same. */
	same(path: string, actual: unknown, expected: unknown): void {
		if (actual !== expected && JSON.stringify(actual) !== JSON.stringify(expected)) this.differ(path, actual, expected);
	}

	compare(reference: Tag, expected: Tag, path: string): void {
		if (this.#differences.length >= maxDifferences || expected.t === "cut") return;
		const actual = this.target(reference);
		if (expected.t === "ref") {
			this.#compareReference(actual, expected.id as number, path);
		} else if (this.#meet(actual, expected, path)) {
			this.parts(actual, expected, path);
		}
	}

	/** Compares what two tags say, whichever objects they are. */
	parts(actual: Tag, expected: Tag, path: string): void {
		const readable =
			actual.t === expected.t ? actual : (readInert(actual, expected, (tag) => this.target(tag)) ?? actual);
		const comparer = comparers[expected.t];
		if (comparer === undefined) this.differ(path, actual, expected);
		else comparer(this, readable, expected, path);
	}

	/** Module and name, as Python 3 has them. */
	globalName(tag: Tag): string {
		return globalName(tag);
	}

	/** The described object that a reference means. */
	target(tag: Tag): Tag {
		return tag.t === "ref" ? (this.#actualObjects.get(tag.id as number) ?? tag) : tag;
	}

	/** The object of Python's that a reference means. */
	expectedTarget(tag: Tag): Tag {
		return tag.t === "ref" ? (this.#expectedObjects.get(tag.id as number) ?? tag) : tag;
	}

	#compareReference(actual: Tag, id: number, path: string): void {
		const known = this.#actualOf.get(id);
		if (known !== undefined && known !== null && known !== actual.id) this.differ(path, actual, `object ${id} again`);
	}

	/** Notes that one object stands for another; false if the actual one already stands for another one. */
	#meet(actual: Tag, expected: Tag, path: string): boolean {
		if (expected.id === undefined) return true;
		if (
			actual.id === undefined ||
			valueLike.has(expected.t) ||
			(expected.t === "frozenset" && expected.items?.length === 0)
		) {
			this.#actualOf.set(expected.id, null);
			return true;
		}
		const other = this.#expectedOf.get(actual.id);
		this.#actualOf.set(expected.id, actual.id);
		this.#expectedOf.set(actual.id, expected.id);
		if (other === undefined) return true;
		this.differ(path, `object ${other} again`, expected);
		return false;
	}

	/** Text by which the members of sets and keys of dicts are paired: the same for what compares as the same. */
	key(tag: Tag, objects: Objects, depth = 0): string {
		const known = tag.t === "ref" ? objects.get(tag.id as number) : tag;
		if (known === undefined || depth > 8) return "?";
		const nested = () => itemsOf(known).map((item) => this.key(item, objects, depth + 1));
		switch (known.t) {
			case "py2str":
				return this.key(this.python2Text(known), objects, depth);
			case "list":
			case "tuple":
				return `(${nested().join(", ")})`;
			case "frozenset":
				return `{${nested().sort().join(", ")}}`;
			default:
				return atomKeys[known.t]?.(known) ?? (isObject(known) ? "object" : known.t);
		}
	}

	/** What decode's `encoding` makes of a Python 2 str. */
	python2Text(expected: Tag): Tag {
		const { encoding = "bytes" } = this.options;
		if (expected.hex === undefined) return expected;
		const bytes = fromHex(expected.hex);
		const asBytes: Tag = { t: "bytes", hex: expected.hex };
		if (encoding === "bytes") return asBytes;
		if (encoding === "latin1") return { t: "str", v: Buffer.from(bytes).toString("latin1") };
		try {
			return { t: "str", v: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
		} catch {
			return asBytes;
		}
	}

	sequence(actual: readonly Tag[], expected: readonly Tag[], path: string, whole: boolean): void {
		if (whole && actual.length !== expected.length) this.differ(path, `${actual.length} items`, `${expected.length}`);
		expected.forEach((item, index) => {
			const found = actual[index];
			if (found === undefined) this.differ(`${path}[${index}]`, "nothing", item);
			else this.compare(found, item, `${path}[${index}]`);
		});
	}

	/** Members of a set, in any order. */
	members(actual: Tag, expected: Tag, path: string): void {
		const byKey = new Map<string, Tag[]>();
		for (const item of itemsOf(actual)) {
			const key = this.key(item, this.#actualObjects);
			byKey.set(key, [...(byKey.get(key) ?? []), item]);
		}
		for (const item of itemsOf(expected)) {
			const found = byKey.get(this.key(item, this.#expectedObjects))?.shift();
			if (item.t === "cut") continue;
			if (found === undefined) this.differ(path, "no such member", item);
			else this.compare(found, item, `${path}{}`);
		}
		this.same(`${path}.len`, lengthOf(actual), lengthOf(expected));
	}

	pairs(actual: readonly TagPair[], expected: readonly TagPair[], path: string, unordered: boolean): void {
		const found = unordered ? this.#inOrderOf(actual, expected) : actual;
		expected.forEach(([key, value], index) => {
			const pair = found[index];
			const place = `${path}[${brief(key.v ?? key.hex ?? index)}]`;
			if (pair === undefined) {
				this.differ(place, "no such key", key);
				return;
			}
			this.compare(pair[0], key, `${place}<key>`);
			this.compare(pair[1], value, place);
		});
	}

	/** The pairs whose keys are the expected ones, in their order; those with like keys in their own. */
	#inOrderOf(actual: readonly TagPair[], expected: readonly TagPair[]): (TagPair | undefined)[] {
		const byKey = new Map<string, TagPair[]>();
		for (const pair of actual) {
			const key = this.key(pair[0], this.#actualObjects);
			byKey.set(key, [...(byKey.get(key) ?? []), pair]);
		}
		return expected.map(([key]) => byKey.get(this.key(key, this.#expectedObjects))?.shift());
	}
}

/** Described objects by number. */
type Objects = ReadonlyMap<number, Tag>;

/** The keys of values without parts. Numbers that are equal in Python are one key. */
const atomKeys: Readonly<Record<string, (tag: Tag) => string>> = {
	bool: ({ v }) => `number ${Number(v)}`,
	int: ({ v }) => `number ${v}`,
	float: ({ bits }) => `number ${doubles(bits as string)[0]}`,
	complex: ({ bits }) => `complex ${doubles(bits as string).join(" ")}`,
	str: ({ v, sha256: digest }) => `str ${v ?? digest}`,
	bytes: ({ hex, sha256: digest }) => `bytes ${hex ?? digest}`,
	npscalar: ({ hex }) => `npscalar ${hex}`,
	global: globalName,
	range: ({ start, stop, step }) => `range ${start} ${stop} ${step}`,
};

/** Objects that are keys by themselves, whatever their class: pairing them is left to their order. */
function isObject({ t }: Tag): boolean {
	return t === "inert" || t === "obj" || t === "enum" || t === "namedtuple";
}

/** Types of Python whose objects are equal or not, whichever they are: identity is not kept, or Python has one of each. */
const valueLike = new Set([
	"datetime",
	"date",
	"time",
	"timedelta",
	"timezone",
	"decimal",
	"fraction",
	"uuid",
	"path",
	"enum",
]);
for (const t of ["persistent", "pattern", "slice", "range"]) valueLike.add(t);

function numberedObjects(tag: Tag): Map<number, Tag> {
	const objects = new Map<number, Tag>();
	const visit = (node: unknown): void => {
		if (typeof node !== "object" || node === null) return;
		const { t, id } = node as Partial<Tag>;
		if (t !== undefined && t !== "ref" && typeof id === "number") objects.set(id, node as Tag);
		Object.values(node).forEach(visit);
	};
	visit(tag);
	return objects;
}

function lengthOf(tag: Tag): number {
	return tag.len ?? tag.items?.length ?? 0;
}

function brief(value: unknown): string {
	const text = typeof value === "string" ? value : JSON.stringify(value);
	return text === undefined || text.length <= 160 ? String(text) : `${text.slice(0, 160)}...`;
}

/** Modules that are private parts of others, and what those are. */
const publicModules: Readonly<Record<string, string>> = { _functools: "functools", posix: "os" };

/** Module and name, as Python 3 has them; of an attribute of a class, after the class's name. */
function globalName({ module, name, self }: Tag): string {
	if (module === null) return `${(self as Tag).module}.${name}`;
	const [found, last] = toPython3(module ?? "", name ?? "");
	return `${publicModules[found] ?? found}.${last}`;
}

const compareType: Comparer = (compared, actual, expected, path) => compared.same(path, actual.t, expected.t);

/** Compares the type and these fields. */
function compareFields(...fields: readonly string[]): Comparer {
	return (compared, actual, expected, path) => {
		if (actual.t !== expected.t) return compared.differ(path, actual, expected);
		for (const field of fields) compared.same(`${path}.${field}`, actual[field], expected[field]);
	};
}

const compareInt: Comparer = (compared, actual, expected, path) => {
	const value = expected.hex === undefined ? BigInt(expected.v as string) : hexInt(expected.hex);
	if (actual.t !== "int" || BigInt(actual.v as string) !== value) compared.differ(path, actual, expected);
};

function hexInt(hex: string): bigint {
	return hex.startsWith("-") ? -BigInt(hex.slice(1)) : BigInt(hex);
}

/** All NaN are one, as JavaScript has it. */
const compareFloat: Comparer = (compared, actual, expected, path) => {
	const integral = compared.options.floats === "auto" && actual.t === "int";
	const bits = integral ? floatTag(Number(actual.v)).bits : actual.bits;
	if ((actual.t !== expected.t && !integral) || !sameDoubles(bits ?? "", expected.bits as string)) {
		compared.differ(path, actual, expected);
	}
};

const compareComplex: Comparer = (compared, actual, expected, path) => {
	if (actual.t !== "complex" || !sameDoubles(actual.bits as string, expected.bits as string))
		compared.differ(path, actual, expected);
};

function sameDoubles(actual: string, expected: string): boolean {
	return (
		actual.length === expected.length &&
		doubles(actual).every((value, index) => Object.is(value, doubles(expected)[index]))
	);
}

function doubles(bits: string): number[] {
	const bytes = fromHex(bits);
	return Array.from({ length: bytes.length / 8 }, (_, index) => new DataView(bytes.buffer).getFloat64(8 * index));
}

const compareText: Comparer = (compared, actual, expected, path) => {
	if (actual.t !== "str") return compared.differ(path, actual, expected);
	if (expected.sha256 === undefined) compared.same(path, actual.v, expected.v);
	else compared.same(path, sha256(surrogatepass(actual.v as string)), expected.sha256);
};

const compareBytes: Comparer = (compared, actual, expected, path) => {
	if (actual.t !== expected.t) return compared.differ(path, actual, expected);
	compared.same(path, actual.hex ?? actual.sha256, expected.hex ?? expected.sha256);
};

/** Python 2's str, by the encoding: text is turned back by its inverse. */
const comparePython2Text: Comparer = (compared, actual, expected, path) => {
	if (expected.hex !== undefined) return compared.parts(actual, compared.python2Text(expected), path);
	const text = compared.options.encoding === "latin1" ? "latin1" : "utf8";
	const found = actual.t === "str" ? sha256(new Uint8Array(Buffer.from(actual.v as string, text))) : actual.sha256;
	if (actual.t === "str" && (compared.options.encoding ?? "bytes") === "bytes") compared.differ(path, actual, expected);
	compared.same(path, found, expected.sha256);
};

const compareSequence: Comparer = (compared, actual, expected, path) => {
	const asArray = compared.options.tuples === "array" && expected.t === "tuple" && actual.t === "list";
	if (actual.t !== expected.t && !asArray) return compared.differ(path, actual, expected);
	compared.same(`${path}.len`, lengthOf(actual), lengthOf(expected));
	compared.sequence(itemsOf(actual), itemsOf(expected), path, false);
	if (expected.t === "deque") compared.same(`${path}.maxlen`, actual["maxlen"], expected["maxlen"]);
};

const compareSet: Comparer = (compared, actual, expected, path) => {
	if (actual.t === expected.t) compared.members(actual, expected, path);
	else compared.differ(path, actual, expected);
};

const compareDict: Comparer = (compared, actual, expected, path) => {
	if (actual.t !== expected.t) return compared.differ(path, actual, expected);
	const unordered = expected.t !== "OrderedDict" && (compared.options.unordered || expected["unordered"] === true);
	compared.same(`${path}.len`, lengthOf(actual), lengthOf(expected));
	compared.pairs(pairsOf(actual), pairsOf(expected), path, unordered);
	if (expected.t === "defaultdict")
		compared.compare(actual["factory"] as Tag, expected["factory"] as Tag, `${path}.factory`);
};

const compareGlobal: Comparer = (compared, actual, expected, path) => {
	if (actual.t !== "global") return compared.differ(path, actual, expected);
	if (actual["self"] !== undefined) {
		// A method of an object: Python has it under the name of the object's type.
		compared.same(`${path}.name`, actual.name, expected.name?.replace(/^.*\./, ""));
		return compared.compare(actual["self"] as Tag, expected["self"] as Tag, `${path}.self`);
	}
	compared.same(path, globalName(actual), globalName(expected));
};

const comparePersistent: Comparer = (compared, actual, expected, path) => {
	if (actual.t !== "persistent") return compared.differ(path, actual, expected);
	const [found, wanted] = [actual["pid"], expected["pid"]] as [Tag, Tag];
	// At protocol 0 an id is a line of text, whatever `encoding` makes of Python 2's strs.
	if (wanted.t === "py2str" && found.t === "str")
		compared.same(`${path}.pid`, toHex(surrogatepass(found.v as string)), wanted.hex);
	else compared.compare(found, wanted, `${path}.pid`);
};

const compareSlice: Comparer = (compared, actual, expected, path) => {
	if (actual.t !== "slice") return compared.differ(path, actual, expected);
	const parts = expected["parts"] as readonly Tag[] | undefined;
	if (parts !== undefined) compared.sequence(actual["parts"] as Tag[], parts, path, true);
	else compared.same(path, `slice(${(actual["parts"] as Tag[]).map(sliceText).join(", ")})`, expected.v);
};

function sliceText({ t, v }: Tag): string {
	if (t === "none") return "None";
	return t === "str" ? `'${v}'` : String(v);
}

/** Tags of values that reducers of the standard library and numpy make. */
const isReduced =
	/^(masked|RandomState|Generator|BitGenerator|SeedSequence|date|time|datetime|timedelta|timezone|decimal|fraction|uuid|path|deque|defaultdict|Counter|array)$/;

/** With the names that Python 3 has. */
function renamed(tag: Tag): Tag {
	if (tag.module === undefined) return tag;
	const [module, name] = toPython3(tag.module, tag.name ?? "");
	return { ...tag, module, name };
}

/** As C writes it what Python's own code writes otherwise: a flag as an int, an empty dict. */
function asInC(expected: Tag): Tag {
	const name = `${expected.module}.${expected.name}`;
	if (name === "zoneinfo.ZoneInfo._unpickle") {
		const [key, cached] = itemsOf(expected.args as Tag);
		const flag = cached?.t === "bool" ? { t: "int", v: cached.v ? "1" : "0" } : cached;
		return { ...expected, args: { ...(expected.args as Tag), items: [key, flag] as Tag[] } };
	}
	if (name === "functools.partial" && expected.state !== undefined) {
		const items = itemsOf(expected.state).map((part, i) =>
			i === 2 && part.t === "none" ? { t: "dict", items: [] } : part,
		);
		return { ...expected, state: { ...expected.state, items } };
	}
	return expected;
}

const compareInert: Comparer = (compared, given, wanted, path) => {
	const expected = asInC(wanted);
	// What a reducer made, as one of the forms that Python makes it by.
	const form = ((given["forms"] ?? []) as readonly Tag[]).find(
		({ module, name }) => module === expected.module && name === expected.name,
	);
	if (form !== undefined && form !== given) return compareInert(compared, form, expected, path);
	// What Python had a stub for, as the value that a reducer made of it.
	const read = !isReduced.test(given.t)
		? undefined
		: readInert(renamed(expected), given, (tag) => compared.expectedTarget(tag));
	if (read !== undefined && read.t === given.t) return compared.parts(given, read, path);
	if (given.t === "global" && expected.name === "_ufunc_reconstruct")
		return compared.same(path, given.name, itemsOf(expected.args as Tag)[1]?.v);
	const isAsIs = given.t !== "inert" || expected["kind"] !== undefined;
	const actual = isAsIs ? given : asStub(given, (tag) => compared.target(tag));
	if (actual.t === "ndarray" && actual["class"] !== undefined) return compareSubclass(compared, actual, expected, path);
	if (actual.t !== "inert") return compared.differ(path, actual, expected);
	const { kind } = expected as { kind?: string };
	if (kind !== undefined && actual["kind"] !== "inst") compared.same(`${path}.kind`, actual["kind"], kind);
	compareCallable(compared, actual, expected, path);
	compared.sequence(
		itemsOf(actual.args as Tag),
		itemsOf(expected.args as Tag),
		`${path}.args`,
		expected.args?.len === undefined,
	);
	// Python copies keyword arguments, so which dict they are in means nothing.
	if (actual.kwargs && expected.kwargs)
		compared.parts(compared.target(actual.kwargs), expected.kwargs, `${path}.kwargs`);
	else compared.same(`${path}.kwargs`, actual.kwargs, expected.kwargs);
	compareOptional(compared, actual.state, expected.state, `${path}.state`);
	compared.same(`${path}.n_items`, actual["n_items"] ?? 0, expected["n_items"] ?? expected.items?.length ?? 0);
	compared.sequence(itemsOf(actual), itemsOf(expected), `${path}.items`, false);
	compared.same(`${path}.n_entries`, actual["n_entries"] ?? 0, expected["n_entries"] ?? expected.entries?.length ?? 0);
	compared.pairs(actual.entries ?? [], expected.entries ?? [], `${path}.entries`, compared.options.unordered === true);
};

/** An array of another class than ndarray is inert where numpy is not to make one: a call of `_reconstruct`, or of the class. */
function compareSubclass(compared: Comparison, actual: Tag, expected: Tag, path: string): void {
	const args = itemsOf(expected.args as Tag);
	const made = expected.name === "_reconstruct" ? (args[0] as Tag) : expected;
	compared.same(`${path}.class`, publicName(actual["class"]), publicName(`${made.module}.${made.name}`));
	if (expected.state === undefined) compared.differ(`${path}.state`, actual, "no state");
	else if (actual["added"] !== undefined) compareAddedState(compared, actual, expected.state, path);
	else compareOwnState(compared, actual, expected.state, path);
}

/** What a subclass adds to ndarray's state, and that part. */
function compareAddedState(compared: Comparison, actual: Tag, state: Tag, path: string): void {
	const { added, at, nested } = actual as unknown as { added: readonly Tag[]; at?: number; nested: boolean };
	if (at === undefined) {
		compared.compare(added[0] as Tag, state, `${path}.state`);
		return;
	}
	const items = itemsOf(state);
	const own = nested ? (items[at] as Tag) : { ...state, items: items.slice(at, at + 5) };
	compareOwnState(compared, actual, own, path);
	const rest = [...items.slice(0, at), ...items.slice(at + (nested ? 1 : 5))];
	compared.sequence(added, rest, `${path}.added`, false);
}

/** An array against the state of ndarray that made it. */
function compareOwnState(compared: Comparison, actual: Tag, state: Tag, path: string): void {
	const [shape, dtype, fortran, data] = itemsOf(state).slice(-4) as [Tag, Tag, Tag, Tag];
	const numbers = itemsOf(shape).map(({ v }) => Number(v));
	compared.same(`${path}.shape`, actual["shape"], numbers);
	compareDType(compared, actual["dtype"], dtype["fields"] === undefined ? dtype["str"] : dtype, `${path}.dtype`);
	const values = (actual["values"] ?? []) as readonly Tag[];
	if (data.t === "list") compared.sequence(values, itemsOf(data).slice(0, maxElements), `${path}.values`, false);
	else if (fortran.v !== true || numbers.length < 2) {
		// Of a long str of Python 2 the digest is that of its text.
		const isText = data.t === "str" && data.sha256 !== undefined;
		compared.same(`${path}.sha256`, isText ? actual["textSha256"] : actual.sha256, bytesDigest(data));
	}
}

/** The digest of bytes, or of Python 2's bytes that Python 3 has as text. */
function bytesDigest({ t, hex, v, sha256: digest }: Tag): string | undefined {
	if (digest !== undefined) return digest;
	return sha256(t === "str" ? new Uint8Array(Buffer.from(v as string, "latin1")) : fromHex(hex as string));
}

function compareCallable(compared: Comparison, actual: Tag, expected: Tag, path: string): void {
	const callable = expected["callable"] as Tag | undefined;
	if (callable === undefined) compared.same(`${path}.callable`, globalName(actual), globalName(expected));
	else if (actual["callable"] === undefined) compared.differ(`${path}.callable`, globalName(actual), callable);
	else compared.compare(actual["callable"] as Tag, callable, `${path}.callable`);
}

function compareOptional(compared: Comparison, actual: Tag | undefined, expected: Tag | undefined, path: string): void {
	if (actual !== undefined && expected !== undefined) compared.compare(actual, expected, path);
	else compared.same(path, actual, expected);
}

/** numpy's classes by the name that each version of it knows, whatever module they say they are of. */
function publicName(name: unknown): unknown {
	return typeof name !== "string"
		? name
		: name.replace(/^numpy\.(rec|core\.records|core\.memmap|matrixlib\.defmatrix)\./, "numpy.");
}

const compareArray: Comparer = (compared, actual, expected, path) => {
	if (actual.t !== "ndarray") return compared.differ(path, actual, expected);
	compared.same(`${path}.class`, publicName(actual["class"]), publicName(expected["class"]));
	compared.same(`${path}.shape`, actual["shape"], expected["shape"]);
	compared.same(`${path}.order`, actual["order"], expected["order"]);
	const ordered = inOrderOf(actual, expected);
	compareDType(compared, ordered["dtype"], expected["dtype"], `${path}.dtype`);
	compared.same(`${path}.sha256`, ordered.sha256, expected.sha256);
	const values = expected["values"] as readonly Tag[] | undefined;
	if (values !== undefined && actual["values"] !== undefined) {
		compared.sequence(actual["values"] as readonly Tag[], values, path, true);
	}
};

/** What an array or scalar holds, in the byte order that Python has. */
function inOrderOf(actual: Tag, expected: Tag): Tag {
	const swapped = actual["swapped"] as Tag | undefined;
	return swapped?.["dtype"] === expected["dtype"] ? (swapped as Tag) : actual;
}

/** A dtype as its text or, if it is structured, its tag. */
function compareDType(compared: Comparison, actual: unknown, expected: unknown, path: string): void {
	if (typeof actual === "object" && typeof expected === "object") {
		compareDTypeTag(compared, actual as Tag, expected as Tag, path);
	} else {
		compared.same(path, dtypeText(actual), dtypeText(expected));
	}
}

/** numpy 1.6 has `|O8` where later ones have `|O`; a StringDType's `str` is told as what Python prints of it. */
function dtypeText(text: unknown): unknown {
	if (typeof text === "string" && text.startsWith("StringDType(")) return "|T16";
	return text === "|O8" ? "|O" : text;
}

interface Field {
	readonly name: string;
	readonly dtype: string | Tag;
	readonly offset: number;
}

const compareDTypeTag: Comparer = (compared, actual, expected, path) => {
	if (actual.t !== "dtype") return compared.differ(path, actual, expected);
	// A record of a class that Python had a stub for is told as an object.
	if (actual["fields"] === undefined || expected["kind"] !== "O")
		compared.same(`${path}.str`, dtypeText(actual["str"]), dtypeText(expected["str"]));
	compared.same(`${path}.subdtype`, actual["subdtype"], expected["subdtype"]);
	const [found, wanted] = [actual, expected].map((tag) => (tag["fields"] ?? []) as readonly Field[]) as [
		Field[],
		Field[],
	];
	compareNames(compared, found, wanted, `${path}.fields`);
	wanted.forEach(({ dtype }, index) => {
		// ../frameworks gives the repr of a dtype that is itself structured; its bytes are compared all the same.
		if (typeof dtype !== "string" || !dtype.startsWith("dtype("))
			compareDType(compared, found[index]?.dtype, dtype, `${path}.fields[${index}]`);
	});
};

/** Python 2's names are UTF-8, which Latin-1 reads otherwise; that is also what becomes of names with `"bytes"`. */
function compareNames(compared: Comparison, found: readonly Field[], wanted: readonly Field[], path: string): void {
	const names = found.map(nameAndOffset);
	const misread = wanted.map((field) => Buffer.from(nameAndOffset(field)).toString("latin1"));
	if (/^(latin1|bytes)$/.test(compared.options.encoding ?? "") && `${names}` === `${misread}`) return;
	compared.same(path, names, wanted.map(nameAndOffset));
}

function nameAndOffset({ name, offset }: Field): string {
	return `${name}@${offset}`;
}

const compareScalar: Comparer = (compared, actual, expected, path) => {
	if (compared.options.scalars === "value" && actual.t !== "npscalar") {
		if (expected.v !== undefined && actual.t !== "bytes") compared.parts(actual, expected.v as Tag, path);
		return;
	}
	if (actual.t !== "npscalar") return compared.differ(path, actual, expected);
	const ordered = inOrderOf(actual, expected);
	if (/^[|<>][SU]/.test(expected["dtype"] as string)) return compareTextScalar(compared, actual, expected, path);
	compareDType(compared, ordered["dtype"], expected["dtype"], `${path}.dtype`);
	compared.same(`${path}.hex`, ordered.hex, expected.hex);
};

/** numpy's text loses the zeros at its end, and its dtype is that of what is left. */
const compareTextScalar: Comparer = (compared, actual, expected, path) => {
	const [found, wanted] = [actual, expected].map(({ dtype, hex }) => {
		return `${(dtype as string).slice(0, 2)} ${hex?.replace(/(00)+$/, "")}`;
	});
	compared.same(path, found, wanted);
};

/** A zone of which the pickle has the name only has its offset in Python. */
function isNamedZone(compared: Comparison, tag: Tag): boolean {
	const given = tag["tzinfo"] as Tag | undefined;
	const zone = given && compared.target(given);
	return zone !== undefined && zone.t !== "timezone" && tag["offset"] === undefined;
}

const compareTime: Comparer = (compared, actual, expected, path) => {
	const known = isNamedZone(compared, actual)
		? { ...expected, offset: undefined, iso: (expected["iso"] as string).replace(/[-+]\d\d:\d\d$/, "") }
		: expected;
	compareFields("iso", "fold", "offset")(compared, actual, known, path);
	compareOptional(
		compared,
		actual["tzinfo"] as Tag | undefined,
		expected["tzinfo"] as Tag | undefined,
		`${path}.tzinfo`,
	);
};

const comparers: Readonly<Record<string, Comparer>> = {
	none: compareType,
	...objectComparers,
	ellipsis: compareType,
	notimplemented: compareType,
	bool: compareFields("v"),
	int: compareInt,
	float: compareFloat,
	complex: compareComplex,
	str: compareText,
	bytes: compareBytes,
	bytearray: compareBytes,
	py2str: comparePython2Text,
	list: compareSequence,
	tuple: compareSequence,
	deque: compareSequence,
	set: compareSet,
	frozenset: compareSet,
	dict: compareDict,
	OrderedDict: compareDict,
	defaultdict: compareDict,
	Counter: compareDict,
	global: compareGlobal,
	persistent: comparePersistent,
	range: compareFields("start", "stop", "step"),
	slice: compareSlice,
	inert: compareInert,
	ndarray: compareArray,
	npscalar: compareScalar,
	dtype: compareDTypeTag,
	datetime: compareTime,
	time: compareTime,
	date: compareFields("iso"),
	timedelta: compareFields("d", "s", "us"),
	timezone: (compared, actual, expected, path) => {
		compareFields("us")(compared, actual, expected, path);
		if (actual["str"] !== undefined && expected["str"] !== undefined)
			compared.same(`${path}.str`, actual["str"], expected["str"]);
	},
	decimal: compareFields("v"),
	fraction: compareFields("v"),
	uuid: compareFields("v"),
	array: (compared, actual, expected, path) => {
		compareFields("typecode", "len")(compared, actual, expected, path);
		compared.sequence(itemsOf(actual), itemsOf(expected), path, true);
	},
};
