import Long from "long";
import { DType } from "../../src/numpy/dtype.ts";
import { MaskedArray, masked } from "../../src/numpy/masked.ts";
import { NDArray, NumpyRecord } from "../../src/numpy/ndarray.ts";
import { NumpyScalar } from "../../src/numpy/scalar.ts";
import { OwnText } from "../../src/opcodes/encode-context.ts";
import { PyOrderedDict } from "../../src/reducers/collections.ts";
import {
	PyChainMap,
	PyCounter,
	PyDefaultDict,
	PyUserDict,
	PyUserList,
	PyUserString,
} from "../../src/values/containers.ts";
import {
	Ellipsis,
	NotImplemented,
	PyByteArray,
	PyComplex,
	PyDict,
	PyFloat,
	PyFrozenSet,
	PyGlobal,
	PyObject,
	PyPersistent,
	PyRange,
	PySet,
	PySlice,
	type PyValue,
} from "../../src/values.ts";
import { arrayTag, type Describe, dtypeTag, maskedTag, randomTag, recordTag, scalarTag } from "./describeNumpy.ts";
import { reduction, standardTag } from "./describeStandard.ts";
import { doubleBits, floatTag, sha256, type Tag, type TagPair, toHex } from "./tags.ts";

/** Values that are described in one go, and how deep: past them they are `cut`. More than Python's describer lists. */
const maxNodes = 300_000;
const maxDepth = 200;
/** Items of a list or tuple that are listed, as Python's describer does: of longer ones the first 16. */
const maxListed = 128;
/** Entries of a dict or set that are listed: all but of huge ones, since Python's may be in another order. */
const maxEntries = 4096;
const maxInline = 4096;

/**
 * What picklet made of a pickle, in tags, for `compareTags`. Ints and floats are told apart as far as the value does:
 * decode with `floats: "exact"`.
 */
export function describe(value: PyValue): Tag {
	return new Describer().tag(value);
}

class Describer implements Describe {
	readonly #numbers = new Map<object, number>();
	#nodes = 0;
	#depth = 0;

	tag(value: PyValue): Tag {
		this.#nodes++;
		const atom = atomTag(value);
		if (atom !== undefined) return atom;
		const object = value as object;
		if (object instanceof DType) return dtypeTag(object);
		if (object instanceof NumpyScalar) return scalarTag(object);
		if (object instanceof NumpyRecord) return recordTag(object, this);
		if (Array.isArray(object) && Object.isFrozen(object) && object.length === 0) return { t: "tuple", items: [] };
		const known = this.#numbers.get(object);
		if (known !== undefined) return { t: "ref", id: known };
		const id = this.#numbers.size;
		this.#numbers.set(object, id);
		if (this.#nodes > maxNodes || this.#depth > maxDepth) return { t: "cut", id };
		this.#depth++;
		const tag = { ...this.#compound(object), id };
		// How protocols below 2 make it: not a part of the value.
		if (madeByCopyreg.some((type) => object instanceof type)) {
			const forms = [0, 4].map((protocol) => this.#object(reduction(object, protocol) as PyObject));
			Object.defineProperty(tag, "forms", { value: forms });
		}
		this.#depth--;
		return tag;
	}

	list(values: readonly PyValue[], max = maxListed): Tag[] {
		const listed = values.length > max ? values.slice(0, 16) : values;
		return Array.from(listed, (value) => this.tag(value));
	}

	#compound(value: object): Tag {
		if (Array.isArray(value)) return this.#sequence(Object.isFrozen(value) ? "tuple" : "list", value, maxListed);
		if (value instanceof PyByteArray) return bytesTag("bytearray", value);
		if (value instanceof PyDict) return this.#dict(value);
		if (value instanceof PySet) return this.#sequence("set", [...value], maxEntries);
		if (value instanceof PyFrozenSet) return this.#sequence("frozenset", [...value], maxEntries);
		if (value instanceof PyObject) return this.#object(value);
		if (value instanceof PyPersistent) return { t: "persistent", pid: this.tag(value.id) };
		if (value instanceof PyRange) return rangeTag(value);
		if (value instanceof PySlice) return { t: "slice", parts: this.list([value.start, value.stop, value.step]) };
		if (value instanceof NDArray) return arrayTag(value, this);
		if (value instanceof MaskedArray) return maskedTag(value, this);
		if (value === masked) return { t: "masked_constant" };
		const random = randomTag(value, this);
		if (random !== undefined) return random;
		const tag = standardTag(value, this);
		if (tag !== undefined) return tag;
		const made = reduction(value, 4);
		if (made !== undefined) return this.#object(made, value.constructor.name);
		throw new TypeError(`no tag for a value of ${value.constructor?.name}`);
	}

	#sequence(t: string, values: readonly PyValue[], max: number): Tag {
		const items = this.list(values, max);
		return values.length > max ? { t, items, len: values.length } : { t, items };
	}

	#dict(dict: PyDict): Tag {
		const t = dictType(dict);
		const listed = [...dict].slice(0, dict.size > maxEntries ? 16 : undefined);
		const items = listed.map(([key, value]): TagPair => [this.tag(key), this.tag(value)]);
		const factory = dict instanceof PyDefaultDict && { factory: this.tag(dict.factory) };
		return { t, items, ...(listed.length < dict.size && { len: dict.size }), ...factory };
	}

	/** An inert object, or what a reducer made a value of this class of. */
	#object(object: PyObject, typed?: string): Tag {
		const { callable, kind, kwargs, items, entries } = object;
		const named = callable instanceof PyGlobal;
		return {
			t: "inert",
			...(typed && { typed }),
			kind,
			...(named ? { module: callable.module, name: callable.name } : { callable: this.tag(callable) }),
			args: this.#sequence("tuple", object.args, maxListed),
			...(kwargs && kwargs.size > 0 && { kwargs: this.tag(kwargs) }),
			...(object.state !== undefined && { state: this.tag(object.state) }),
			...(items.length > 0 && { items: this.list(items), n_items: items.length }),
			...(entries.length > 0 && { entries: this.#entries(entries), n_entries: entries.length / 2 }),
		};
	}

	#entries(flat: readonly PyValue[]): TagPair[] {
		const pairs: TagPair[] = [];
		for (let i = 0; i < Math.min(flat.length, 2 * maxEntries); i += 2) {
			pairs.push([this.tag(flat[i] as PyValue), this.tag(flat[i + 1] as PyValue)]);
		}
		return pairs;
	}
}

/** Objects that `copyreg` makes, at protocols that have no opcode for it. */
const madeByCopyreg = [PyUserDict, PyUserList, PyUserString, PyChainMap];

function dictType(dict: PyDict): string {
	if (dict instanceof PyOrderedDict) return "OrderedDict";
	if (dict instanceof PyDefaultDict) return "defaultdict";
	return dict instanceof PyCounter ? "Counter" : "dict";
}

/** The tag of a value whose identity does not matter; undefined for any other. */
function atomTag(value: PyValue): Tag | undefined {
	if (value === null) return { t: "none" };
	if (value instanceof OwnText) return { t: "str", v: value.text };
	if (typeof value === "boolean") return { t: "bool", v: value };
	if (typeof value === "bigint") return { t: "int", v: String(value) };
	if (typeof value === "string") return { t: "str", v: value };
	if (typeof value === "number") return numberTag(value);
	if (value instanceof PyFloat) return floatTag(value.valueOf());
	if (value instanceof PyComplex) return { t: "complex", bits: doubleBits(value.re) + doubleBits(value.im) };
	if (value instanceof PyGlobal) return { t: "global", module: value.module, name: value.name };
	if (value === Ellipsis) return { t: "ellipsis" };
	if (value === NotImplemented) return { t: "notimplemented" };
	if (Long.isLong(value)) return { t: "int", v: value.toString() };
	if (value instanceof Uint8Array && !(value instanceof PyByteArray)) return bytesTag("bytes", value);
	return undefined;
}

function numberTag(value: number): Tag {
	return Number.isInteger(value) && !Object.is(value, -0) ? { t: "int", v: String(BigInt(value)) } : floatTag(value);
}

function bytesTag(t: string, value: Uint8Array): Tag {
	return value.length <= maxInline ? { t, hex: toHex(value) } : { t, len: value.length, sha256: sha256(value) };
}

function rangeTag({ start, stop, step }: PyRange): Tag {
	return { t: "range", start: String(start), stop: String(stop), step: String(step) };
}
