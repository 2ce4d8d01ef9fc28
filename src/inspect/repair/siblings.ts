import { type Abstract, GlobalName, Made, Mapping, Opaque, Sequence, Text, textOf } from "../diagnosis/values.ts";

/** Classes whose items come one by one, and whose entries do. */
export const listLike: RegExp = /(^|\.)deque$/;
export const dictLike: RegExp = /(^|\.)(OrderedDict|defaultdict|Counter)$/;

/** Values that are looked at to know what stands in a place. */
const MAX_SAMPLES = 64;

/** Names whose objects are whole once they are called. */
const stateless =
	/(^|\.)(date|datetime|time|timedelta|timezone|Decimal|Fraction|scalar|complex|slice|x?range|bytes|bytearray|set|frozenset|object|encode|_compile|array|_array_reconstructor|getattr|_frombuffer|Pure\w*Path|PosixPath|WindowsPath)$/;

/** A value's kind, by which values in like places are alike. */
function kindOf(value: Abstract | undefined): string {
	if (value === null) return "None";
	if (value === undefined || typeof value !== "object") return typeof value === "bigint" ? "number" : typeof value;
	if (value instanceof Text) return value.form;
	if (value instanceof Sequence) return value.kind;
	if (value instanceof Mapping) return "dict";
	if (value instanceof GlobalName) return "class";
	if (value instanceof Made) return `made ${classOf(value)}`;
	return value instanceof Opaque && value.what === "int" ? "number" : value.what;
}

/** The class of an object, by name, also if a helper makes it. */
export function classOf(made: Made): string {
	const [first] = made.arguments;
	const isHelper = /(^|\.)(_reconstructor|__newobj__|__newobj_ex__)$/.test(made.path);
	return isHelper && first instanceof GlobalName ? first.path : made.path;
}

export function isStateless(made: Made): boolean {
	return stateless.test(classOf(made));
}

const empty = /(^|\.)(_reconstruct|_mareconstruct|dtype|__\w+_ctor|NumpyArrayWrapper|UUID)$/;

/** Whether it is nothing yet without the state that follows. */
export function needsState(made: Made): boolean {
	return empty.test(classOf(made));
}

/** What stands in places like one, as far as it is known. */
export class Siblings {
	readonly values: readonly Abstract[];
	/** Whether values in such places mostly are of one kind: items of a list, keys. */
	readonly alike: boolean;
	readonly #kinds: ReadonlySet<string>;

	constructor(values: readonly Abstract[], alike: boolean) {
		this.values = values.slice(0, MAX_SAMPLES);
		this.alike = alike;
		this.#kinds = new Set(this.values.map(kindOf));
	}

	get known(): boolean {
		return this.values.length > 0;
	}

	/** How little a tuple would be begun here, where there is none. */
	get tupleStrangeness(): number {
		return 1 + (this.known ? this.#newKind : 0);
	}

	/** How little a kind is to be expected that does not stand here: the less, the more values there are of few kinds. */
	get #newKind(): number {
		const chance = Math.log((this.values.length + 1) / this.#kinds.size);
		return this.alike ? Math.min(3, chance) : Math.min(1, chance / 2);
	}

	/** How little a value would stand here: 0 if others of its kind do. */
	strangeness(value: Abstract): number {
		if (!this.known) return 0.5;
		const kind = kindOf(value);
		if (this.#kinds.has(kind)) return 0;
		const plain = ["number", "float", "None", "boolean"];
		const isNear = plain.includes(kind) && plain.some((other) => this.#kinds.has(other));
		return isNear ? this.#newKind / 2 : this.#newKind;
	}

	/** What stands in a place of the tuples here that are as short as those without a mark; undefined if there are none. */
	inTuples(place: number, shortOnly = true): Siblings | undefined {
		const tuples = this.values.filter(
			(value): value is Sequence =>
				value instanceof Sequence && value.kind === "tuple" && !(shortOnly && value.count > 3),
		);
		if (tuples.length === 0) return undefined;
		const values = tuples.flatMap((tuple) => (place < tuple.items.length ? [tuple.items[place] as Abstract] : []));
		return values.length === 0 ? undefined : new Siblings(values, true);
	}

	inLists(): Siblings {
		const lists = this.values.filter((value): value is Sequence => value instanceof Sequence && value.kind === "list");
		return new Siblings(
			lists.flatMap(({ items }) => items.slice(0, 4)),
			true,
		);
	}

	/** Whether objects of a class stand here that have no state. */
	hasStateless(path: string): boolean {
		return this.values.some((value) => value instanceof Made && classOf(value) === path && value.state === undefined);
	}
}

/** Names of what makes arrays, sets and the like. */
const unhashable =
	/(^|\.)(_reconstruct|_mareconstruct|_frombuffer|_array_reconstructor|array|set|bytearray|deque|OrderedDict|defaultdict|Counter)$/;

/** Values in a tuple that are looked at. */
const MAX_LOOKED = 256;

/** Whether a dict may have it as a key, as far as its first values tell. */
export function isHashable(value: Abstract): boolean {
	const waiting = [value];
	for (let looked = 0; looked < MAX_LOOKED; looked++) {
		const next = waiting.pop();
		if (next === undefined) return true;
		if (next instanceof Mapping || (next instanceof Text && next.form === "bytearray")) return false;
		if (next instanceof Made && unhashable.test(classOf(next))) return false;
		if (!(next instanceof Sequence) || next.kind === "frozenset") continue;
		if (next.kind !== "tuple") return false;
		waiting.push(...next.items);
	}
	return false;
}

/** Whether a text may be the module that a class is named by. */
export function moduleCost(value: Abstract, modules: ReadonlySet<string>): number | undefined {
	const text = value instanceof Text && value.form === "text" ? textOf(value) : undefined;
	if (text === undefined || !/^[A-Za-z_][\w.]*$/.test(text)) return undefined;
	if (modules.has(text)) return 0.2;
	return text.includes(".") || wellKnown.has(text.split(".")[0] as string) ? 0.3 : 1.5;
}

const wellKnown: ReadonlySet<string> = new Set(
	"builtins __builtin__ __main__ collections copyreg copy_reg datetime decimal fractions uuid pathlib numpy torch pandas sklearn joblib scipy _codecs array random".split(
		" ",
	),
);
