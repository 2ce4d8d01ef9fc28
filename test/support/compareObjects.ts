import type { Comparer } from "./compareTags.ts";
import type { Attributes } from "./readObjects.ts";
import { fromHex, itemsOf, pairsOf, sha256, type Tag, textOf } from "./tags.ts";

/** Compares these fields, each a tag or a plain value; those that Python does not tell are left out. */
function compareParts(...fields: readonly string[]): Comparer {
	return (compared, actual, expected, path) => {
		if (actual.t !== expected.t) return compared.differ(path, actual, expected);
		for (const field of fields) {
			const wanted = expected[field];
			if (wanted === undefined) continue;
			const found = actual[field];
			if (isTag(wanted) && isTag(found)) compared.compare(found, wanted, `${path}.${field}`);
			else compared.same(`${path}.${field}`, found, wanted);
		}
	};
}

function isTag(value: unknown): value is Tag {
	return typeof value === "object" && value !== null && "t" in value;
}

/** What Python tells of an object, as far as it has it. */
interface Told {
	/** Callable, arguments, state. */
	readonly reduce?: readonly Tag[];
	readonly base?: Tag;
	/** Of an exception. */
	readonly args?: readonly Tag[];
	readonly state?: Attributes;
}

/** An object of a class that no reducer knows: its class and all that Python tells of it. */
const compareObject: Comparer = (compared, actual, expected, path) => {
	if (actual.t === "global") return compared.parts(actual, globalOf(expected), path);
	if (actual.t === "RandomState") return compareRandomState(compared, actual, expected, path);
	if (actual.t !== "obj") return compared.differ(path, actual, expected);
	const { reduce, base, args, state } = expected as unknown as Told;
	if (reduce !== undefined) return compareReduce(compared, actual, reduce, path);
	compared.same(`${path}.class`, compared.globalName(actual), compared.globalName(expected));
	if (actual["repr"] !== undefined) return compared.same(`${path}.repr`, actual["repr"], expected["repr"]);
	if (base !== undefined) compared.parts((actual["base"] as Tag | undefined) ?? actual, base, `${path}.base`);
	if (args !== undefined) compared.sequence(itemsOf(actual.args as Tag), args, `${path}.args`, true);
	for (const [name, wanted] of Object.entries(state ?? {})) {
		const found = (actual["attributes"] as Attributes)[name];
		// Python 2's OrderedDict keeps its order in attributes, which it makes anew.
		if (name.startsWith("_OrderedDict__")) continue;
		if (found === undefined) compared.differ(`${path}.${name}`, "no such attribute", wanted);
		else compared.compare(found, wanted as Tag, `${path}.${name}`);
	}
	// What an exception's state may hold beside its attributes: `name` of an ImportError, `args` again.
	if (args !== undefined) return;
	const attributes = Object.entries(actual["attributes"] as Attributes);
	const surplus = attributes.filter(([name, found]) => found?.t !== "none" && state?.[name] === undefined);
	compared.same(`${path}.attributes`, surplus, []);
};

/** Before numpy 1.17 its state is a tuple, of which Python tells by what it reduces to. */
const compareRandomState: Comparer = (compared, actual, expected, path) => {
	const [, , state] = (expected as unknown as Told).reduce as readonly [Tag, Tag, Tag];
	const [, key, pos, hasGauss, gauss] = itemsOf(state) as [Tag, Tag, Tag, Tag, Tag];
	const wanted = {
		t: "RandomState",
		bit_generator: "MT19937",
		key,
		pos: Number(pos.v),
		has_gauss: Number(hasGauss.v),
		gauss,
	};
	compareParts("bit_generator", "key", "pos", "has_gauss", "gauss")(compared, actual, wanted as unknown as Tag, path);
};

const compareMasked: Comparer = (compared, actual, expected, path) => {
	compareParts("class", "data", "mask")(compared, actual, expected, path);
	// None in the pickle stands for the default of the type.
	const { fill, fill_value } = { fill: actual["fill"] as Tag | undefined, fill_value: expected["fill_value"] as Tag };
	if (fill !== undefined) compared.same(`${path}.fill_value`, fill.sha256, sha256(fromHex(fill_value.hex as string)));
};

/** The function that an object stands for: numpy's say their names, a method of a class is an attribute of it. */
function globalOf({ state, reduce }: Tag): Tag {
	const { __module__: module, __qualname__: name } = (state ?? {}) as Attributes;
	if (module && name) return { t: "global", module: textOf(module), name: textOf(name) };
	const [, given] = (reduce ?? []) as readonly Tag[];
	const [owner, attribute] = given ? (itemsOf(given) as [Tag, Tag]) : [];
	return { t: "global", module: owner?.module ?? "", name: `${owner?.name}.${attribute?.v}` };
}

/** What `__reduce_ex__` says: callable, arguments, state. */
function compareReduce(compared: Parameters<Comparer>[0], actual: Tag, reduce: readonly Tag[], path: string): void {
	const [made, args, state] = actual["reduce"] as readonly [Tag, Tag, Tag | undefined];
	const [callable, given, wanted] = reduce as readonly [Tag, Tag, Tag | undefined];
	const isNew = callable.name === "__newobj__";
	const [cls, ...rest] = itemsOf(given);
	compared.compare(made, isNew ? (cls as Tag) : callable, `${path}.callable`);
	compared.sequence(itemsOf(args), isNew ? rest : itemsOf(given), `${path}.args`, true);
	if (state !== undefined && wanted !== undefined) compared.compare(state, wanted, `${path}.state`);
	else if (state !== undefined || !isFalse(wanted)) compared.differ(`${path}.state`, state, wanted);
}

/** Protocol 2 leaves out a state that is false. */
function isFalse(state: Tag | undefined): boolean {
	return (
		state === undefined || state.t === "none" || state.v === "0" || (state.t === "dict" && pairsOf(state).length === 0)
	);
}

/** The comparers of objects that Python tells by more than their values. */
export const objectComparers: Readonly<Record<string, Comparer>> = {
	obj: compareObject,
	namedtuple: (compared, actual, expected, path) => {
		if (actual.t !== "namedtuple") return compared.differ(path, actual, expected);
		compared.same(`${path}.class`, compared.globalName(actual), compared.globalName(expected));
		compared.sequence(itemsOf(actual), itemsOf(expected), path, true);
	},
	enum: (compared, actual, expected, path) => {
		if (actual.t !== "global") return compareParts("module", "name", "value")(compared, actual, expected, path);
		compared.same(path, `${actual.module}.${actual.name}`, `${expected.module}.${expected["member"]}`);
	},
	// Python 3.13 alone has the classes in another module.
	path: compareParts("name", "v"),
	pattern: compareParts("pattern", "flags"),
	masked: compareMasked,
	RandomState: compareParts("bit_generator", "state", "key", "pos", "has_gauss", "gauss"),
	Generator: compareParts("bit_generator"),
	BitGenerator: compareParts("name", "state"),
	SeedSequence: compareParts("state"),
	poly1d: compareParts("coeffs", "variable"),
};
