import { compositeParts } from "../values/equality.ts";
import { PyGlobal } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";
import { DType, type DTypeField } from "./dtype.ts";
import { arrayText, scalarText, Word } from "./format.ts";
import { NDArray } from "./ndarray.ts";
import type { SubclassState } from "./subclass.ts";

/** The class of `masked`. */
export class MaskedConstant {
	toString(): string {
		return "--";
	}

	[Symbol.for("nodejs.util.inspect.custom")](): string {
		return "masked";
	}

	/** Python cannot hash it. */
	[compositeParts](): undefined {
		return undefined;
	}
}

/** `numpy.ma.masked`: what a masked array gives where an item is masked. */
export const masked: MaskedConstant = /* @__PURE__ */ new MaskedConstant();

/** numpy.ma.MaskedArray: an array some of whose items do not count. */
export class MaskedArray {
	/** Bundlers rename classes; a field of this name would make `instanceof` slow, 1.06x on W10. */
	static get name(): string {
		return "MaskedArray";
	}

	/** All items, also those that are masked. */
	readonly data: NDArray;
	/** true where an item is masked; of a structured array an array with a boolean for each field. */
	readonly mask: NDArray;
	/** What takes the place of masked items where all are needed: a scalar or an array without dimensions; null for numpy's default. */
	readonly fillValue: PyValue;
	/** `numpy.ma.core.MaskedArray`, or the subclass that the pickle names. */
	readonly type: PyGlobal;
	/** The class of the data. */
	readonly baseClass: PyGlobal;
	/** What a subclass adds to MaskedArray's state. */
	readonly state: SubclassState | undefined = undefined;

	/** @throws TypeError if data and mask have not the same shape */
	constructor(
		data: NDArray,
		mask: NDArray,
		fillValue: PyValue = null,
		type: PyGlobal = maskedArray,
		baseClass = ndarray,
	) {
		if (String(data.shape) !== String(mask.shape)) throw new TypeError("data and mask are to have one shape");
		this.data = data;
		this.mask = mask;
		this.fillValue = fillValue;
		this.type = type;
		this.baseClass = baseClass;
	}

	get dtype(): DType {
		return this.data.dtype;
	}

	get shape(): readonly number[] {
		return this.data.shape;
	}

	get ndim(): number {
		return this.data.ndim;
	}

	get size(): number {
		return this.data.size;
	}

	/**
	 * One item by an index for each axis, as of an NDArray, or `masked`. Of a structured array that has a mask for each field, the row
	 * is given where not all are masked.
	 * @typeParam T what the caller expects of the item: taken on trust
	 * @throws TypeError for an index that is out of range
	 */
	get<T = PyValue>(...index: readonly number[]): NoInfer<T> {
		return (isMasked(this.mask.get(...index)) ? masked : this.data.get(...index)) as T;
	}

	/** The items of a 1-d array, `masked` for those that are; of more dimensions, masked arrays along the first axis. */
	*[Symbol.iterator](): Generator<PyValue, undefined> {
		const [items, masks] = [this.data[Symbol.iterator](), this.mask[Symbol.iterator]()];
		for (
			let item = items.next(), mask = masks.next();
			!item.done && !mask.done;
			item = items.next(), mask = masks.next()
		) {
			if (item.value instanceof NDArray && this.ndim > 1)
				yield new MaskedArray(item.value, mask.value as NDArray, this.fillValue, this.type, this.baseClass);
			else yield isMasked(mask.value) ? masked : item.value;
		}
	}

	/**
	 * Nested arrays of the items, null where they are masked, as numpy's `tolist`.
	 * @typeParam T what the caller expects, such as `(number | null)[]`: taken on trust
	 * @throws PickleError E_TOO_LARGE as NDArray
	 */
	toNested<T = PyValue>(): NoInfer<T> {
		return withNulls(this.data.toNested(), this.mask.toNested(), this.ndim) as T;
	}

	/** As Python's `str` prints it: `[1 -- 3]`. */
	toString(): string {
		const { shape, size, dtype } = this;
		const word = (item: PyValue) => {
			if (item === masked) return new Word("--");
			return dtype.kind === "f" || dtype.kind === "M" ? new Word(scalarText(item, dtype)) : item;
		};
		const get = (...index: readonly number[]) => word(this.get(...index));
		return arrayText({ dtype: objectType, shape, size, subclass: undefined, get, toNested: () => this.toNested() });
	}

	[Symbol.for("nodejs.util.inspect.custom")](): string {
		const indent = " ".repeat("masked_array(data=".length);
		const data = this.toString().replaceAll("\n", `\n${indent}`);
		const mask = this.mask.toString().replaceAll("\n", `\n${indent}`);
		return `masked_array(data=${data},\n             mask=${mask}, dtype=${this.dtype})`;
	}

	/** Arrays cannot be dict keys. */
	[compositeParts](): undefined {
		return undefined;
	}
}

const objectType: DType = /* @__PURE__ */ DType.of("O");
const maskedArray: PyGlobal = /* @__PURE__ */ new PyGlobal("numpy.ma.core", "MaskedArray");
const ndarray: PyGlobal = /* @__PURE__ */ new PyGlobal("numpy", "ndarray");

function isMasked(mask: PyValue): boolean {
	if (typeof mask === "boolean") return mask;
	return [...(mask as Iterable<PyValue>)].every(isMasked);
}

function withNulls(items: PyValue, masks: PyValue, depth: number): PyValue {
	if (depth === 0) return isMasked(masks) ? null : items;
	return (items as PyValue[]).map((item, i) => withNulls(item, (masks as PyValue[])[i] as PyValue, depth - 1));
}

/** The dtype of a mask: a boolean, or one for each field. */
export function maskType(dtype: DType): DType {
	const { fields, subdtype } = dtype;
	if (fields !== undefined) return maskOfFields(fields);
	if (subdtype === undefined) return boolean;
	const own = maskType(subdtype.dtype);
	const itemsize = subdtype.shape.reduce((size, length) => size * length, own.itemsize);
	return new DType({ kind: "V", itemsize, subdtype: { dtype: own, shape: subdtype.shape } });
}

/** Fields without gaps. */
function maskOfFields(fields: readonly DTypeField[]): DType {
	let itemsize = 0;
	const masks = fields.map(({ name, title, dtype }) => {
		const field = { name, title, dtype: maskType(dtype), offset: itemsize };
		itemsize += field.dtype.itemsize;
		return field;
	});
	return new DType({ kind: "V", itemsize, fields: masks });
}

const boolean: DType = /* @__PURE__ */ DType.of("?");
