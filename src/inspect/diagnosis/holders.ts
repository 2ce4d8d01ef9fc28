import { type Abstract, GlobalName, intOf, Made, Mapping, Opaque, Sequence, Text } from "./values.ts";

/** How a value is given items: by APPEND and APPENDS, SETITEM and SETITEMS, ADDITEMS. */
export type Adding = "append" | "set" | "add";

/** Classes and functions whose results hold no items. */
const SCALARS =
	/^((__builtin__|builtins)\.(bool|bytes|complex|float|frozenset|int|long|range|slice|str|tuple|unicode|xrange)|datetime\.\w+|_?decimal\.\w+|fractions\.Fraction|uuid\.UUID|_codecs\.encode|numpy\.dtype|numpy\._?core\.multiarray\.scalar)$/;
const DICTS = /^((__builtin__|builtins)\.dict|collections\.(OrderedDict|Counter|defaultdict))$/;
const SETS = /^(__builtin__|builtins)\.set$/;
const ARRAYS = /^numpy\._?core\.(multiarray\._reconstruct|numeric\._frombuffer)$/;

/** Modules whose classes and functions take no items themselves. */
const KNOWN = /^(__builtin__|builtins|_codecs|collections|datetime|numpy)\b/;

/** Whether an item may be added to a value so, as far as that is known; of items that have a key, at that key. */
export function takesItem(target: Abstract, adding: Adding, key?: Abstract): boolean {
	if (target === null || typeof target !== "object") return false;
	if (target instanceof Text) return target.form === "bytearray" && adding === "append";
	if (target instanceof Sequence) return sequenceTakes(target, adding, key);
	if (target instanceof Mapping) return adding === "set";
	if (target instanceof Opaque) return target.what !== "float" && target.what !== "int";
	return target instanceof GlobalName ? !KNOWN.test(target.module) : madeTakes(target, adding, key);
}

function sequenceTakes({ kind, count }: Sequence, adding: Adding, key: Abstract | undefined): boolean {
	if (kind === "set") return adding === "add";
	if (kind !== "list" || adding === "add") return false;
	const index = intOf(key);
	return adding === "append" || (index !== undefined && index < count && index >= -count);
}

function madeTakes(made: Made, adding: Adding, key: Abstract | undefined): boolean {
	const { path, array, state } = made;
	if (SCALARS.test(path)) return false;
	if (DICTS.test(path)) return adding === "set";
	if (SETS.test(path)) return adding === "add";
	if (!isArray(made)) return true;
	// Until it has its state it is empty.
	return adding === "set" && (array ? arrayTakes(array, key) : state !== undefined);
}

/** A dict of Python's own that a call makes. */
export function isDict(value: Abstract): boolean {
	return value instanceof Made && DICTS.test(value.path);
}

/** An array of numpy's own class: a subclass may have any method. */
export function isArray({ path, arguments: [type] }: Made): boolean {
	if (!ARRAYS.test(path)) return false;
	return !path.endsWith("_reconstruct") || (type instanceof GlobalName && type.path === "numpy.ndarray");
}

function arrayTakes({ dtype, shape }: NonNullable<Made["array"]>, key: Abstract | undefined): boolean {
	if (key instanceof Text) return dtype.fields !== undefined;
	const index = intOf(key);
	const length = shape[0] ?? 0;
	return index === undefined || (index < length && index >= -length);
}

/** Whether BUILD may give a value a state; `false`, 0 and what is empty are none to the pickle.py of any Python. */
export function takesState(target: Abstract, state: Abstract): boolean {
	if (state === null) return true;
	if (target === null || typeof target !== "object" || target instanceof Text) return false;
	if (target instanceof Opaque) return target.what !== "float" && target.what !== "int";
	if (!(target instanceof Sequence || target instanceof Mapping)) return true;
	return state instanceof Sequence || state instanceof Mapping ? state.count === 0 : !state;
}
