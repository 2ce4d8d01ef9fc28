import { itemsOf, pairsOf, type Tag, textOf } from "./tags.ts";

/** The described object that a reference means. */
type Target = (tag: Tag) => Tag;

/** How an object was made and what was then done to it, whichever way the pickle's protocol says that. */
interface Parts {
	/** The class or, where a function made the object, the function. */
	readonly made: Tag;
	readonly args: readonly Tag[];
	readonly state: Tag | undefined;
	/** The value of the builtin that the class extends, where the pickle has it whole. */
	readonly base: Tag | undefined;
	readonly inert: Tag;
	readonly target: Target;
}

/** An object's attributes by name. */
export type Attributes = Readonly<Record<string, Tag | undefined>>;

/**
 * What an inert object would be in Python, as the tag of an instance: class, attributes, the value of the builtin that
 * `expected` says it extends, and the call that made it.
 */
export function readObject(inert: Tag, expected: Tag, target: Target): Tag {
	const parts = partsOf(inert, target);
	const name = nameOf(parts.made);
	const { module, name: last } = classes[name] ?? parts.made;
	const base = expected["base"] as Tag | undefined;
	return {
		t: "obj",
		...(module !== undefined && { module }),
		...(last !== undefined && { name: last }),
		attributes: (attributeReaders[name] ?? attributesOf)(parts),
		...(base && { base: baseOf(parts, base.t) }),
		args: tupleOf(parts.args),
		reduce: [classes[name] ? { t: "global", ...classes[name] } : parts.made, tupleOf(parts.args), stateOf(parts, name)],
		repr: reprs[name]?.(parts),
	};
}

/** The state as the object itself tells it: a partial has a dict of attributes also where the pickle has None. */
function stateOf({ state }: Parts, name: string): Tag | undefined {
	if (name !== "functools.partial" || state === undefined) return state;
	const [callable, args, kwargs] = itemsOf(state) as [Tag, Tag, Tag];
	const attributes = itemsOf(state)[3] as Tag;
	return tupleOf([callable, args, kwargs, attributes.t === "none" ? { t: "dict", items: [] } : attributes]);
}

/** A namedtuple: its class and items. */
export function readNamedTuple(inert: Tag, target: Target): Tag {
	const parts = partsOf(inert, target);
	const { module, name } = parts.made as { module: string; name: string };
	return { t: "namedtuple", module, name, items: parts.base ? itemsOf(parts.base) : parts.args };
}

/**
 * An inert object as an Unpickler of Python tells it that has stubs in place of classes: what `copyreg._reconstructor` was to
 * make is of the class it was given, and what is called may be any object.
 */
export function asStub(inert: Tag, target: Target): Tag {
	const args = itemsOf(inert.args as Tag);
	if (inert["callable"] !== undefined) {
		const called = inert["callable"] as Tag;
		return { ...inert, callable: undefined, module: "?", name: "call of an object", args: tupleOf([called, ...args]) };
	}
	const [cls, ...rest] = args;
	if (inert.module !== "copyreg" || inert.name !== "_reconstructor" || cls === undefined) return inert;
	const { module, name } = target(cls) as { module: string; name: string };
	return { ...inert, module, name, args: tupleOf(rest) };
}

function partsOf(inert: Tag, target: Target): Parts {
	const args = itemsOf(inert.args as Tag).map(target);
	const state = inert.state && target(inert.state);
	const parts = { args, state, base: undefined, inert, target };
	const callable = calledObject(inert, target);
	if (callable) return { ...parts, made: newOf(callable, target) ?? callable };
	const made: Tag = { t: "global", module: inert.module as string, name: inert.name as string };
	if (nameOf(made) === "dill.dill._create_ftype") return { ...parts, ...partialOf(args) };
	if (nameOf(made) !== "copyreg._reconstructor") return { ...parts, made };
	const [cls, extended, value] = args as [Tag, Tag, Tag];
	return { ...parts, made: cls, args: [], base: extended.name === "object" ? undefined : value };
}

/** The object that was called, where it was no class or function. */
function calledObject(inert: Tag, target: Target): Tag | undefined {
	const callable = inert["callable"] as Tag | undefined;
	return callable && target(callable);
}

/** The class of `partial(cls.__new__, cls, ...)`, by which protocols 2 and 3 give keyword arguments. */
function newOf(callable: Tag, target: Target): Tag | undefined {
	const [function_, args] = callable.state ? itemsOf(target(callable.state)) : [];
	return function_?.name?.endsWith(".__new__") ? itemsOf(target(args as Tag))[0] : undefined;
}

/** A partial as dill writes it: its type, then its parts. */
function partialOf([, callable, args, kwargs]: readonly Tag[]): Pick<Parts, "made" | "args" | "state"> {
	const made: Tag = { t: "global", module: "functools", name: "partial" };
	return { made, args: [callable as Tag], state: tupleOf([callable, args, kwargs, { t: "none" }] as Tag[]) };
}

function nameOf({ t, module, name }: Tag): string {
	return t === "global" ? `${module}.${name}` : "";
}

function tupleOf(items: readonly Tag[]): Tag {
	return { t: "tuple", items };
}

/** The classes of what functions make. */
const classes: Readonly<Record<string, { readonly module: string; readonly name: string }>> = {
	"os._make_stat_result": { module: "os", name: "stat_result" },
	"pytz.FixedOffset": { module: "pytz", name: "_FixedOffset" },
};

/** Attributes that a class takes from its state, or from its arguments, in a way of its own. */
const attributeReaders: Readonly<Record<string, (parts: Parts) => Attributes>> = {
	"fwclasses.FalseState": ({ state }) => (state ? { a: state } : {}),
	"fwclasses.IntState": ({ state }) => ({ a: state }),
	"fwclasses.OldGetState": ({ state }) => ({ s: state }),
	"fwclasses.Reduce2": ({ args }) => ({ args: tupleOf(args) }),
	"fwclasses.FrozenSlotData": ({ state }) => ({ a: itemsOf(state as Tag)[0], b: itemsOf(state as Tag)[1] }),
	"functools.partial": ({ state, target }) => attributesIn(itemsOf(state as Tag)[3], target),
	"random.Random": ({ state }) => ({ gauss_next: itemsOf(state as Tag)[2] }),
	"ipaddress.IPv4Address": ({ args }) => ({ _ip: args[0] }),
	"ipaddress.IPv6Address": ({ args }) => ({ _ip: args[0], _scope_id: { t: "none" } }),
};

/** What Python prints of objects whose attributes it works out from their arguments. */
const reprs: Readonly<Record<string, (parts: Parts) => string | undefined>> = {
	"pytz.FixedOffset": ({ args }) => `pytz.FixedOffset(${args[0]?.v})`,
	"types.GenericAlias": ({ args: [origin, types], target }) =>
		`${origin?.name}[${itemsOf(types as Tag).map((type) => (target(type).t === "ellipsis" ? "..." : target(type).name))}]`.replaceAll(
			",",
			", ",
		),
};
for (const name of ["IPv6Address", "IPv4Network", "IPv6Network", "IPv4Interface"]) {
	const repr = ({ args: [given] }: Parts) => (given?.t === "int" ? undefined : `${name}('${given?.v}')`);
	Object.assign(reprs, { [`ipaddress.${name}`]: repr });
}

function attributesOf({ state, target }: Parts): Attributes {
	if (state?.t !== "tuple" || itemsOf(state).length !== 2) return attributesIn(state, target);
	const [attributes, slots] = itemsOf(state);
	return { ...attributesIn(attributes, target), ...attributesIn(slots, target) };
}

function attributesIn(state: Tag | undefined, target: Target): Attributes {
	const dict = state && target(state);
	if (dict?.t !== "dict") return {};
	return Object.fromEntries(pairsOf(dict).map(([key, value]) => [textOf(key), value]));
}

/** The value of the builtin of this type that an object also is. */
function baseOf(parts: Parts, type: string): Tag | undefined {
	const { base, args, inert } = parts;
	if (base !== undefined) return base;
	if (type === "list") return { t: type, items: itemsOf(inert), len: (inert["n_items"] as number | undefined) ?? 0 };
	if (type === "dict") return dictOf(parts);
	const [first, second] = args;
	if (type === "set" || type === "frozenset") return { t: type, items: itemsOf(first as Tag) };
	if (type === "bytearray") return bytearrayOf(first);
	if (type === "complex" && second !== undefined) return { t: type, bits: `${first?.bits}${second.bits}` };
	return first;
}

/** Entries that were set or, in Python 2's OrderedDict, given as lists of two. */
function dictOf({ args, inert, target }: Parts): Tag {
	const given = args[0]?.t === "list" ? itemsOf(args[0]).map((pair) => itemsOf(target(pair)) as [Tag, Tag]) : [];
	return { t: "dict", items: [...given, ...(inert.entries ?? [])] };
}

/** bytearray is made of bytes or, below protocol 3, of text by Latin-1. */
function bytearrayOf(given: Tag | undefined): Tag | undefined {
	const hex = given?.t === "str" ? Buffer.from(given.v as string, "latin1").toString("hex") : given?.hex;
	return hex === undefined ? undefined : { t: "bytearray", hex };
}

/** Types by the names that dill has for them. */
const dillTypes: Readonly<Record<string, string>> = {
	ComplexType: "complex",
	SliceType: "slice",
	XRangeType: "range",
	UnicodeType: "str",
	StringType: "str",
	LongType: "int",
	IntType: "int",
};

/**
 * A value that dill wrote in a way of its own, as it does for what pickles of Python 2's `pickle.py` hold once dill is
 * imported: types by their names in module types, constants and ranges by what Python prints of them.
 */
export function readDill(inert: Tag, target: Target): Tag | undefined {
	const callable = calledObject(inert, target);
	if (callable) return madeByType(typeName(callable), itemsOf(inert.args as Tag));
	const name = typeName(inert);
	if (name !== undefined) return { t: "global", module: "builtins", name };
	if (inert.module !== "dill.dill" || inert.name !== "_eval_repr") return undefined;
	const text = textOf(itemsOf(inert.args as Tag)[0] as Tag);
	const numbers = text.match(/-?\d+/g);
	if (numbers === null) return { t: text.toLowerCase() };
	const [start, stop, step] = numbers.length === 1 ? ["0", numbers[0], "1"] : [...numbers, "1"];
	return { t: "range", start, stop, step };
}

function typeName(inert: Tag): string | undefined {
	if (inert.module !== "dill.dill" || inert.name !== "_load_type") return undefined;
	return dillTypes[textOf(itemsOf(inert.args as Tag)[0] as Tag)];
}

function madeByType(name: string | undefined, args: readonly Tag[]): Tag | undefined {
	if (name === "complex") return { t: name, bits: args.map(({ bits }) => bits).join("") };
	return name === "slice" ? { t: name, parts: args } : undefined;
}
