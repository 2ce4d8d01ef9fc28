import { typedArrayName } from "../bytes/memory.ts";
import { PickleError } from "../errors.ts";
import type { PyDict } from "../values/dict.ts";
import { compositeParts } from "../values/equality.ts";
import type { PyGlobal } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";
import { castItems, packItems } from "./cast.ts";
import { DType, type DTypeDescr, type DTypeField, shapeText } from "./dtype.ts";
import {
	isLongDouble,
	isSwapped,
	type Layout,
	layoutOf,
	type NDArrayData,
	readItem,
	type TypedArray,
} from "./elements.ts";
import { arrayRepr, arrayText, scalarText } from "./format.ts";
import { typedMemory } from "./memory.ts";
import { rowItem } from "./rows.ts";
import {
	axisIndex,
	cStrides,
	isLength,
	isPacked,
	isPermutation,
	MAX_DIMENSIONS,
	NOTHING,
	product,
	resolveSlice,
} from "./shapes.ts";
import type { SubclassState } from "./subclass.ts";

/** The most items or arrays that are made where the data has not paid for them, as of `S0` or of shape (n, 0). */
const MAX_UNPAID = 2 ** 20;

/** The most items of one Array: engines die a little above. */
const MAX_ITEMS = 100_000_000;

/**
 * Which part of an axis a view takes: a number picks one index and drops the axis, null takes all of it, and
 * `[start, stop, step]` is Python's `start:stop:step`, each part of which may be null or left out.
 */
export type AxisSlice = number | null | readonly [start?: number | null, stop?: number | null, step?: number | null];

/** numpy's array. Indexes, strides and offsets count items, also where an item is several elements of `data`. */
export class NDArray {
	/** Bundlers rename classes; a field of this name would make `instanceof` slow, 1.06x on W10. */
	static get name(): string {
		return "NDArray";
	}

	/**
	 * The memory, which views share: a typed array; `BigInt64Array` and `BigUint64Array` for 64-bit ints, `Uint16Array` for
	 * float16, `Uint8Array` for bool, pairs of floats for complex, a plain Array for objects, else the items' bytes, which `get` reads.
	 */
	readonly data: NDArrayData;
	/** The type of the items. */
	readonly dtype: DType;
	/** How many items there are along each axis. */
	readonly shape: readonly number[];
	/** How many items lie between neighbours along each axis. */
	readonly strides: readonly number[];
	/** The item of `data` at index 0, 0, ... */
	readonly offset: number;
	/**
	 * What strides and offset count: items, or bytes where `data` is bytes in which the items lie as the file has them. Columns of
	 * structured arrays are so where no typed array can view them; `toContiguous` gives other ones.
	 */
	readonly unit: "item" | "byte";
	/** The class, if the pickle names another one than numpy.ndarray: `numpy.matrix`. */
	readonly subclass: PyGlobal | undefined;
	/** Whether the pickle says that it cannot be written to, which protocol 5 does. Nothing here keeps to it but encoding. */
	readonly readOnly: boolean;
	/** What the subclass adds to ndarray's state. */
	readonly state: SubclassState | undefined;
	/** The attributes of a subclass that dill writes beside the state. */
	readonly attributes: PyDict | undefined;

	/**
	 * An array over memory of the kind that the dtype has, which may be given as `DType.of` takes it: `"<f8"`, `"float64"`, `"U5"`.
	 * Strides are those of C order unless given.
	 * @throws TypeError if the memory is of another kind, or does not have all items; for what is no dtype
	 */
	constructor(
		data: NDArrayData,
		type: DType | DTypeDescr,
		shape: readonly number[],
		strides: readonly number[] = cStrides(shape),
		offset = 0,
		unit: "item" | "byte" = "item",
	) {
		const dtype = type instanceof DType ? type : DType.of(type);
		if (shape !== NOTHING) checkMemory(data, dtype, shape, strides, offset, unit);
		this.unit = unit;
		this.data = data;
		this.dtype = dtype;
		this.shape = shape;
		this.strides = strides;
		this.offset = offset;
		this.subclass = undefined;
		this.readOnly = false;
		this.state = undefined;
		this.attributes = undefined;
	}

	/** How many axes it has. */
	get ndim(): number {
		return this.shape.length;
	}

	/** How many items it has. */
	get size(): number {
		return product(this.shape);
	}

	/** Whether the items lie without gaps in C order (last axis fastest), else in Fortran order, else neither. */
	get order(): "C" | "F" | "strided" {
		if (this.unit === "byte") return "strided";
		if (isPacked(this.shape, this.strides, false)) return "C";
		return isPacked(this.shape, this.strides, true) ? "F" : "strided";
	}

	/** Whether items lie one after another in C order, in the form that `data` has for the dtype. */
	get #isPlain(): boolean {
		return this.unit === "item" && isPacked(this.shape, this.strides, false);
	}

	/** Gives the item at a position, counted as strides and offset are. */
	get #reader(): (position: number) => PyValue {
		const { data, dtype, unit } = this;
		if (dtype.fields !== undefined) {
			const memory = data as Uint8Array | PyValue[];
			if (Array.isArray(memory)) return (at) => new NumpyRecord(dtype, memory[at] as readonly PyValue[]);
			const scale = unit === "item" ? dtype.itemsize : 1;
			return (at) => new NumpyRecord(dtype, memory, at * scale);
		}
		if (dtype.subdtype !== undefined && !dtype.hasObject) {
			const scale = unit === "item" ? dtype.itemsize : 1;
			return (at) => fieldArray(data as Uint8Array, dtype, [], [], at * scale);
		}
		if (unit === "byte") return (at) => readItem(dtype, data as Uint8Array, at);
		if (dtype.hasObject) return (at) => data[at] as PyValue;
		const layout = layoutOf(dtype);
		return (at) => layout.read(data, at);
	}

	/**
	 * One item, by an index for each axis; negative ones count from the end. bool gives a boolean, ints a number or, past
	 * 2^53, a bigint, complex a PyComplex, and a dtype that has no JavaScript form its raw bytes.
	 * @typeParam T what the caller expects of the item: taken on trust
	 * @throws TypeError for an index that is out of range or no integer, or too few or many of them
	 */
	get<T = PyValue>(...index: readonly number[]): NoInfer<T> {
		const { shape, strides } = this;
		if (index.length !== shape.length) {
			throw new TypeError(`get takes ${shape.length} indexes for shape ${shapeText(shape)}, not ${index.length}`);
		}
		let position = this.offset;
		for (let axis = 0; axis < shape.length; axis++) {
			position += axisIndex(index[axis] as number, shape[axis] as number) * (strides[axis] as number);
		}
		const { dtype } = this;
		// Without a closure for each item, of which loops ask for millions.
		const isPlain = this.unit === "item" && (dtype.fields ?? dtype.subdtype) === undefined && !dtype.hasObject;
		return (isPlain ? layoutOf(dtype).read(this.data, position) : this.#reader(position)) as T;
	}

	/**
	 * The items of a 1-d array, as `get` gives them; of more dimensions, views along the first axis.
	 * @throws TypeError if it has no dimensions
	 */
	*[Symbol.iterator](): Generator<PyValue, undefined> {
		const { shape, strides, offset } = this;
		if (shape.length === 0) throw new TypeError("an array without dimensions cannot be iterated");
		const length = shape[0] as number;
		const stride = strides[0] as number;
		checkExpandable(length, this);
		const read = this.#reader;
		for (let i = 0; i < length; i++) {
			yield shape.length === 1 ? read(offset + i * stride) : this.slice(i);
		}
	}

	/**
	 * Nested arrays of the items, as numpy's `tolist`; the item itself if there are no dimensions.
	 * @typeParam T what the caller expects, such as `number[][]`: taken on trust
	 * @throws PickleError E_TOO_LARGE if that would be more arrays or items than an Array can hold
	 */
	toNested<T = PyValue>(): NoInfer<T> {
		const { shape, strides, dtype } = this;
		if (dtype.subdtype !== undefined && !dtype.hasObject) return this.#part(dtype, 0).toNested<T>();
		for (let axis = 1; axis <= shape.length; axis++) checkExpandable(product(shape.slice(0, axis)), this);
		const read = this.#reader;
		const nest = (axis: number, position: number): PyValue => {
			if (axis === shape.length) return read(position);
			const items: PyValue[] = [];
			for (let i = 0; i < (shape[axis] as number); i++)
				items.push(nest(axis + 1, position + i * (strides[axis] as number)));
			return items;
		};
		return nest(0, this.offset) as T;
	}

	/** The same items without gaps in C or Fortran order, and nothing else in `data`: a copy unless they lie so already. */
	toContiguous(order: "C" | "F" = "C"): NDArray {
		if (order === "F") return this.transpose().toContiguous().transpose();
		const { data, dtype, shape, size } = this;
		const layout = layoutOf(dtype);
		const from = this.offset * layout.per;
		const length = size * layout.per;
		if (!this.#isPlain) return new NDArray(gather(this, layout), dtype, shape);
		if (from === 0 && length === data.length) return this;
		const part = Array.isArray(data) ? data.slice(from, from + length) : data.subarray(from, from + length);
		return new NDArray(part, dtype, shape);
	}

	/**
	 * The items in C order under another shape, one dimension of which may be -1. A view where the items lie in C order, else of a copy.
	 * @throws TypeError if the sizes differ
	 */
	reshape(...shape: readonly number[]): NDArray {
		const { size } = this;
		const known = product(shape.filter((length) => length !== -1));
		const full = shape.map((length) => (length === -1 ? size / known : length));
		if (product(full) !== size || !full.every(isLength)) {
			throw new TypeError(`an array of ${size} items has no shape ${shapeText(shape)}`);
		}
		const packed = this.#isPlain ? this : this.toContiguous();
		return new NDArray(packed.data, this.dtype, full, cStrides(full), packed.offset);
	}

	/**
	 * A view with the axes in another order, by default reversed.
	 * @throws TypeError if the axes are not each one once
	 */
	transpose(...axes: readonly number[]): NDArray {
		const { shape, strides } = this;
		const order = axes.length === 0 ? shape.map((_, axis) => shape.length - 1 - axis) : axes;
		if (!isPermutation(order, shape.length)) {
			throw new TypeError(`transpose takes the axes 0 to ${shape.length - 1}, each once, not ${axes.join(", ")}`);
		}
		const pick = (values: readonly number[]) => order.map((axis) => values[axis] as number);
		return new NDArray(this.data, this.dtype, pick(shape), pick(strides), this.offset, this.unit);
	}

	/**
	 * A view of a part, with one argument for each axis from the first: `a.slice([1, 3])` is Python's `a[1:3]`, `a.slice(0, null, [null, null, -1])`
	 * its `a[0, :, ::-1]`.
	 * @throws TypeError for an index out of range, too many arguments or a step of 0
	 */
	slice(...parts: readonly AxisSlice[]): NDArray {
		const { shape, strides } = this;
		if (parts.length > shape.length) throw new TypeError(`${parts.length} slices for ${shape.length} axes`);
		const kept: number[] = [];
		const steps: number[] = [];
		let offset = this.offset;
		for (let axis = 0; axis < shape.length; axis++) {
			const part = parts[axis] ?? [];
			const length = shape[axis] as number;
			const stride = strides[axis] as number;
			if (typeof part === "number") {
				offset += axisIndex(part, length) * stride;
				continue;
			}
			const { start, count, step } = resolveSlice(part, length);
			if (count > 0) offset += start * stride;
			kept.push(count);
			steps.push(stride * step);
		}
		return new NDArray(this.data, this.dtype, kept, steps, offset, this.unit);
	}

	/** The names of a structured array's columns; undefined for any other. */
	get names(): readonly string[] | undefined {
		return this.dtype.names;
	}

	/**
	 * One field of a structured array's items, by its name or title, as an array: a view, but where rows are Python objects a copy.
	 * A field that is a subarray adds its axes.
	 * @throws TypeError if it has no such field
	 */
	column(name: string): NDArray {
		const { field, index } = fieldOf(this.dtype, name);
		if (Array.isArray(this.data)) return this.#objectColumn(field.dtype, index);
		return this.#part(field.dtype, field.offset);
	}

	/** What lies at a place in all items, which are bytes. */
	#part(own: DType, start: number): NDArray {
		const { data, dtype, shape, strides, offset, unit } = this;
		const scale = unit === "item" ? dtype.itemsize : 1;
		const bytes = strides.map((stride) => stride * scale);
		return fieldArray(data as Uint8Array, own, shape, bytes, offset * scale + start);
	}

	#objectColumn(own: DType, index: number): NDArray {
		const rows = this.toContiguous().data as (readonly PyValue[])[];
		const { dtype, shape } = own.subdtype ?? { dtype: own, shape: [] };
		const values = rows.map((row) => rowItem(row[index] as PyValue, own));
		const items = shape.length > 0 ? values.flatMap((value) => flat(value, shape.length)) : values;
		return new NDArray(packItems(items, dtype), dtype, [...this.shape, ...shape]);
	}

	/**
	 * The items in another dtype, as numpy's `astype` makes them: a copy. Floats lose their fraction in ints, ints beyond the
	 * new type their upper bits, complex numbers their imaginary part; long doubles keep their digits where the new type has them. `U` and
	 * `S` without a size take the one that numpy has for the old type (`U21` for i8), of objects that of the longest item. In `O`, floats
	 * are PyFloat where they look like ints, long doubles NumpyScalar.
	 * @throws TypeError if no dtype is written so, or if there is no conversion between the two
	 */
	asType(type: DType | string): NDArray {
		const dtype = typeof type === "string" ? DType.of(type) : type;
		const items = [...(isLongDouble(this.dtype) ? this.#rawItems : this).reshape(-1)];
		const cast = castItems(items, this.dtype, dtype, (value) => scalarText(value, this.dtype));
		return new NDArray(cast.data, cast.dtype, this.shape);
	}

	/** As Python's `str` prints it: `[[0. 1.]\n [2. 3.]]`, long ones shortened. */
	toString(): string {
		if (this.shape.length === 0 && isLongDouble(this.dtype)) return scalarText(this.#rawItems.get(), this.dtype);
		return arrayText(this);
	}

	/** Its items as their bytes, where these lie in `data` as they are. */
	get #rawItems(): NDArray {
		const { data, dtype, shape, strides, offset, unit } = this;
		return new NDArray(data, `V${dtype.itemsize}`, shape, strides, offset, unit);
	}

	[Symbol.for("nodejs.util.inspect.custom")](): string {
		return arrayRepr(this);
	}

	/** Arrays cannot be dict keys. */
	[compositeParts](): undefined {
		return undefined;
	}
}

function checkExpandable(count: number, { shape, data }: NDArray): void {
	if (count <= MAX_UNPAID || (count <= data.length && Math.max(...shape) <= MAX_ITEMS)) return;
	throw new PickleError(
		"E_TOO_LARGE",
		`an array of shape ${shapeText(shape)} has too many items for JavaScript arrays`,
	);
}

/** @throws TypeError if the memory is of another kind than the dtype's, or does not have all items */
function checkMemory(
	data: NDArrayData,
	dtype: DType,
	shape: readonly number[],
	strides: readonly number[],
	offset: number,
	unit: "item" | "byte",
): void {
	const { per, View } = layoutOf(dtype);
	const isRight = dtype.hasObject ? Array.isArray(data) : data instanceof (unit === "byte" ? Uint8Array : View);
	if (!isRight) checkKind(data, dtype, dtype.hasObject ? Array : unit === "byte" ? Uint8Array : View);
	if (unit === "item") checkExtent(data.length, per, per, shape, strides, offset);
	else if (!dtype.hasObject) checkExtent((data as TypedArray).byteLength, 1, dtype.itemsize, shape, strides, offset);
	else throw new TypeError("objects do not lie in bytes");
}

/** What is of the right kind may be of another realm. @throws TypeError if it is not */
function checkKind(data: NDArrayData, dtype: DType, { name }: { readonly name: string }): void {
	const found = Array.isArray(data) ? "Array" : (typedArrayName(data) ?? typeof data);
	if (found === name || (found === "Uint8ClampedArray" && name === "Uint8Array")) return;
	throw new TypeError(`an array of ${dtype.name} lies in a ${name}, not in a ${found}; asType converts`);
}

function checkExtent(
	elements: number,
	per: number,
	span: number,
	shape: readonly number[],
	strides: readonly number[],
	offset: number,
): void {
	let first = offset;
	let last = offset;
	let empty = false;
	for (let axis = 0; axis < shape.length; axis++) {
		const length = shape[axis] as number;
		const reach = (length - 1) * (strides[axis] as number);
		if (!isLength(length) || !Number.isInteger(strides[axis]))
			throw new TypeError("shape and strides are to be integers");
		if (length === 0) empty = true;
		if (reach < 0) first += reach;
		else last += reach;
	}
	const fits = first >= 0 && last * per + span <= elements;
	if (
		!Number.isInteger(offset) ||
		strides.length !== shape.length ||
		shape.length > MAX_DIMENSIONS ||
		!(empty || fits)
	) {
		throw new TypeError(`data of ${elements} elements does not have all items of shape ${shapeText(shape)}`);
	}
}

/** The elements of a strided array in C order. */
function gather(array: NDArray, { View, per }: Layout): NDArrayData {
	if (array.unit === "byte") return gatherBytes(array);
	const { data, size } = array;
	const target = Array.isArray(data) ? new Array<PyValue>(size) : new View(size * per);
	eachPosition(array, (position, index) => {
		for (let i = 0; i < per; i++) target[index * per + i] = data[position * per + i] as never;
	});
	return target;
}

/** The items of a view of bytes, typed. */
function gatherBytes(array: NDArray): NDArrayData {
	const { data, dtype, size } = array;
	const { itemsize } = dtype;
	const bytes = new Uint8Array(size * itemsize);
	eachPosition(array, (position, index) => {
		for (let i = 0; i < itemsize; i++) bytes[index * itemsize + i] = data[position + i] as number;
	});
	return typedMemory(bytes, dtype, () => {});
}

/** Calls for each item in C order, with its position and its number. */
function eachPosition(
	{ shape, strides, offset, size }: NDArray,
	visit: (position: number, index: number) => void,
): void {
	const index = new Array<number>(shape.length).fill(0);
	let position = offset;
	for (let count = 0; count < size; count++) {
		visit(position, count);
		for (let axis = shape.length - 1; axis >= 0; axis--) {
			const stride = strides[axis] as number;
			position += stride;
			if (++(index[axis] as number) < (shape[axis] as number)) break;
			position -= stride * (index[axis] as number);
			index[axis] = 0;
		}
	}
}

/** One row of a structured array, or a scalar of a structured dtype: numpy.void or numpy.record. It is a view of the array's memory. */
export class NumpyRecord {
	/** Bundlers rename classes; a field of this name would make `instanceof` slow, 1.06x on W10. */
	static get name(): string {
		return "NumpyRecord";
	}

	readonly dtype: DType;
	readonly #memory: Uint8Array | readonly PyValue[];
	readonly #start: number;

	/**
	 * @param memory the bytes that hold it from `start` on, or its fields' values if the dtype holds objects
	 * @throws TypeError if the dtype is not structured or the memory too short
	 */
	constructor(dtype: DType, memory: Uint8Array | readonly PyValue[], start = 0) {
		const needed = Array.isArray(memory) ? dtype.fields?.length : dtype.itemsize;
		if (dtype.fields === undefined || memory.length < start + (needed as number))
			throw new TypeError("a record needs a structured dtype and the memory of all its fields");
		this.dtype = dtype;
		this.#memory = memory;
		this.#start = start;
	}

	/** The fields' names, in order. */
	get names(): readonly string[] {
		return this.dtype.names as readonly string[];
	}

	/** How many fields it has. */
	get length(): number {
		return (this.dtype.fields as readonly DTypeField[]).length;
	}

	/**
	 * The value of a field, by name, title or index: a NumpyRecord if it is structured, an NDArray if it is a subarray, else as `NDArray.get`.
	 * @typeParam T what the caller expects of it: taken on trust
	 * @throws TypeError if it has no such field
	 */
	get<T = PyValue>(name: string | number): NoInfer<T> {
		return this.#get(name) as T;
	}

	#get(name: string | number): PyValue {
		const { field, index } = fieldOf(this.dtype, name);
		const { dtype, offset } = field;
		if (Array.isArray(this.#memory)) {
			const value = rowItem(this.#memory[index] as PyValue, dtype);
			return Array.isArray(value) && value.length === dtype.fields?.length ? new NumpyRecord(dtype, value) : value;
		}
		const memory = this.#memory as Uint8Array;
		const at = this.#start + offset;
		if (dtype.fields) return new NumpyRecord(dtype, memory, at);
		return dtype.subdtype ? fieldArray(memory, dtype, [], [], at) : readItem(dtype, memory, at);
	}

	/** The fields' values, in order. */
	*[Symbol.iterator](): Generator<PyValue, undefined> {
		for (let i = 0; i < this.length; i++) yield this.get(i);
	}

	/** Name and value of each field, in order. */
	*entries(): Generator<[string, PyValue], undefined> {
		for (const name of this.names) yield [name, this.get(name)];
	}

	/** The fields as properties of an object without a prototype, so that no name can do harm. */
	toObject(): Record<string, PyValue> {
		const object = Object.create(null) as Record<string, PyValue>;
		const fields = this.dtype.fields as readonly DTypeField[];
		for (const [i, { name, dtype }] of fields.entries()) {
			const value = this.get(i);
			// A record among objects may hold itself.
			object[name] = dtype.fields !== undefined && value instanceof NumpyRecord ? value.toObject() : value;
		}
		return object;
	}

	/** The fields' values, where they are Python's objects and no bytes: also those of a row beside a field that holds objects. */
	get objects(): readonly PyValue[] | undefined {
		return this.#memory instanceof Uint8Array ? undefined : this.#memory;
	}

	/** A copy of its bytes; undefined if its fields are Python's objects. */
	get bytes(): Uint8Array | undefined {
		const start = this.#start;
		return this.#memory instanceof Uint8Array ? this.#memory.slice(start, start + this.dtype.itemsize) : undefined;
	}

	/** As numpy prints it: `(1, 2.5)`. */
	toString(): string {
		return scalarText(this, this.dtype);
	}

	[Symbol.for("nodejs.util.inspect.custom")](): string {
		return `NumpyRecord${this}`;
	}

	/** numpy.void cannot be hashed. */
	[compositeParts](): undefined {
		return undefined;
	}
}

function fieldOf(dtype: DType, name: string | number): { field: DTypeField; index: number } {
	const { fields = [] } = dtype;
	const index = typeof name === "number" ? name : findField(fields, name);
	const field = fields[index];
	if (field !== undefined) return { field, index };
	const names = fields.length > 0 ? `; it has ${fields.map((own) => own.name).join(", ")}` : "";
	throw new TypeError(
		`${dtype.fields ? "the dtype" : "a dtype that is not structured"} has no field ${String(name)}${names}`,
	);
}

function findField(fields: readonly DTypeField[], name: string): number {
	const index = fields.findIndex((field) => field.name === name);
	return index >= 0 ? index : fields.findIndex((field) => field.title === name);
}

/** An array over bytes of which one field is: typed where its items lie as a typed array can view them. */
function fieldArray(
	memory: Uint8Array,
	own: DType,
	outer: readonly number[],
	outerStrides: readonly number[],
	start: number,
): NDArray {
	let [dtype, shape, strides] = [own, outer, outerStrides];
	for (let sub = dtype.subdtype; sub !== undefined; sub = dtype.subdtype) {
		const { itemsize } = sub.dtype;
		shape = [...shape, ...sub.shape];
		strides = [...strides, ...cStrides(sub.shape).map((stride) => stride * itemsize)];
		dtype = sub.dtype;
	}
	if (shape.length > MAX_DIMENSIONS) {
		throw new PickleError(
			"E_TOO_LARGE",
			`a column of ${shape.length} dimensions: an array has at most ${MAX_DIMENSIONS}`,
		);
	}
	const layout = layoutOf(dtype);
	const { itemsize } = dtype;
	const width = layout.View.BYTES_PER_ELEMENT;
	const rest = itemsize > 0 ? start % itemsize : 0;
	const isTyped =
		itemsize > 0 &&
		strides.every((stride) => stride % itemsize === 0) &&
		(memory.byteOffset + rest) % width === 0 &&
		!isSwapped(dtype, layout);
	if (!isTyped) return new NDArray(memory, dtype, shape, strides, start, "byte");
	const elements = Math.max(0, Math.floor((memory.length - rest) / width));
	const typed = new layout.View(memory.buffer, memory.byteOffset + rest, elements);
	const steps = strides.map((stride) => stride / itemsize);
	return new NDArray(typed, dtype, shape, steps, (start - rest) / itemsize);
}

/** The items of nested lists or an array, in C order. */
function flat(value: PyValue, depth: number): PyValue[] {
	const nested = value instanceof NDArray ? value.toNested() : value;
	return Array.isArray(nested) ? (nested as PyValue[]).flat(depth - 1) : [nested];
}
