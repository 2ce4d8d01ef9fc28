import { isLive } from "../../bytes/memory.ts";
import { encodeLatin1 } from "../../bytes/utf8.ts";
import { PickleError } from "../../errors.ts";
import type { EncodeContext, Reduction } from "../../reducers/reducer.ts";
import { PyDict } from "../../values/dict.ts";
import type { PyLargeBytes } from "../../values/large.ts";
import type { PyGlobal } from "../../values/objects.ts";
import type { PyValue } from "../../values/value.ts";
import { packItem } from "../cast.ts";
import { DType, type DTypeField } from "../dtype.ts";
import { layoutOf, type NDArrayData, type TypedArray } from "../elements.ts";
import { LazyNDArray } from "../lazy.ts";
import { packedBytes } from "../memory.ts";
import { NDArray, NumpyRecord } from "../ndarray.ts";
import type { NumpyScalar } from "../scalar.ts";
import { cStrides, fStrides } from "../shapes.ts";

/** dtypes of JavaScript's typed arrays, those of bytes apart. One object each, so that arrays share them. */
const nativeDTypes: ReadonlyMap<string, DType> = /* @__PURE__ */ new Map(
	Object.entries({
		Int8Array: "i1",
		Int16Array: "<i2",
		Uint16Array: "<u2",
		Int32Array: "<i4",
		Uint32Array: "<u4",
		BigInt64Array: "<i8",
		BigUint64Array: "<u8",
		Float16Array: "<f2",
		Float32Array: "<f4",
		Float64Array: "<f8",
	}).map(([name, text]) => [name, DType.of(text)]),
);

/** What is bytes in a pickle is an array of them in .npy. */
const BYTE: DType = /* @__PURE__ */ DType.of("u1");

/** The typed arrays that this engine has, and NDArray: what becomes a numpy.ndarray. */
export const arrayTypes: readonly (abstract new (...args: never[]) => object)[] = /* @__PURE__ */ (() => {
	const types = [...nativeDTypes.keys()].map((name) => (globalThis as Record<string, unknown>)[name]);
	return [NDArray, LazyNDArray, ...types.filter((type) => typeof type === "function")] as (typeof NDArray)[];
})();

/** `b'b'`, a dtype's letter in `_reconstruct`. Python has one object for each single byte. */
const LETTER = /* @__PURE__ */ Uint8Array.of(0x62);

function coreModule(context: EncodeContext, name: string): string {
	return `numpy.${context.numpy === 2 ? "_core" : "core"}.${name}`;
}

/** An NDArray or typed array as numpy's `__reduce_ex__` gives it. */
export function reduceArray(value: NDArray | LazyNDArray | TypedArray, context: EncodeContext): Reduction {
	if (value instanceof LazyNDArray) {
		const { shape, dtype, order, bytes } = value;
		const state = context.tuple(1, context.tuple(...shape), dtype, order === "F", bytes);
		return reconstruction(value.subclass, state, context);
	}
	const array = asArray(value);
	if (context.protocol === 5 && hasBuffer(array, context)) return frombuffer(array, context);
	const { subclass, state, attributes } = array;
	const own = stateOf(array, context);
	return reconstruction(subclass, state ? state.around(own, context.tuple) : own, context, attributes);
}

/** The function of dill that attributes came by: versions name its module differently. */
export const attributeCreators = /* @__PURE__ */ new WeakMap<PyDict, PyValue>();

/** `attributes` are those of a subclass that dill wrote beside the state: numpy itself has no place for them. */
function reconstruction(
	subclass: PyGlobal | undefined,
	state: PyValue,
	context: EncodeContext,
	attributes?: PyDict,
): Reduction {
	const callable = context.global(coreModule(context, "multiarray"), "_reconstruct");
	const type = subclass === undefined ? context.global("numpy", "ndarray") : publicClass(subclass, context);
	const args = [type, context.tuple(0), LETTER];
	if (attributes === undefined) return { callable, args, state };
	const create = attributeCreators.get(attributes) ?? context.global("dill._dill", "_create_array");
	return { callable: create, args: [callable, context.tuple(...args), state, attributes] };
}

/** Names that all versions of numpy know, for the classes whose own name changed with them. */
const publicNames: Partial<Record<string, readonly [module: string, name: string]>> = {
	"numpy.rec.recarray": ["numpy", "recarray"],
	"numpy.core.records.recarray": ["numpy", "recarray"],
	"numpy.rec.record": ["numpy", "record"],
	"numpy.core.records.record": ["numpy", "record"],
	"numpy.core.memmap.memmap": ["numpy", "memmap"],
	"numpy.matrixlib.defmatrix.matrix": ["numpy", "matrix"],
	"numpy.core.defchararray.chararray": ["numpy", "chararray"],
	"numpy.char.chararray": ["numpy", "chararray"],
	"numpy.ma.MaskedArray": ["numpy.ma.core", "MaskedArray"],
};

/** A class of numpy by a name that old and new versions have. */
export function publicClass(type: PyGlobal, context: EncodeContext): PyGlobal {
	const known = publicNames[String(type)];
	return known === undefined ? type : context.global(...known);
}

/** An array as it is, or a typed array as an array of one dimension. */
export function asArray(memory: NDArray | TypedArray): NDArray {
	if (memory instanceof NDArray) return memory;
	if (!isLive(memory)) throw takenAway();
	const name = memory[Symbol.toStringTag] as string;
	const dtype = nativeDTypes.get(name) ?? BYTE;
	const isHalf = name === "Float16Array";
	const data = isHalf ? new Uint16Array(memory.buffer, memory.byteOffset, memory.length) : memory;
	return new NDArray(data, dtype, Object.freeze([data.length]));
}

/** Whether numpy gives the memory as a buffer, rather than in the array's state. */
function hasBuffer({ dtype, subclass, order }: NDArray, { numpy, outOfBand }: EncodeContext): boolean {
	if (numpy === undefined && !outOfBand) return false;
	return subclass === undefined && order !== "strided" && dtype.itemsize > 0 && isBufferFormat(dtype);
}

/** Whether buffers have a format for the items: not for objects, times, fields out of order, big-endian long doubles. */
function isBufferFormat({ kind, itemsize, byteOrder, hasObject, fields, subdtype }: DType): boolean {
	const longDouble = (kind === "f" && itemsize > 8) || (kind === "c" && itemsize > 16);
	if (hasObject || kind === "M" || kind === "m" || (longDouble && byteOrder === ">")) return false;
	if (subdtype !== undefined) return isBufferFormat(subdtype.dtype);
	let end = 0;
	for (const { dtype, offset } of fields ?? []) {
		if (offset < end || !isBufferFormat(dtype)) return false;
		end = offset + dtype.itemsize;
	}
	return true;
}

function frombuffer(array: NDArray, context: EncodeContext): Reduction {
	const callable = context.global(coreModule(context, "numeric"), "_frombuffer");
	const order = array.order === "F" ? "F" : "C";
	const memory = context.buffer(memoryOf(array, order), array.readOnly);
	return { callable, args: [memory, array.dtype, context.tuple(...array.shape), context.text(order)] };
}

/** The state that numpy gives an array. */
export function stateOf(array: NDArray, context: EncodeContext): readonly PyValue[] {
	const fortran = array.order === "F" || isFortranToOld(array);
	const items = contiguous(array, "C");
	const data = Array.isArray(items) ? [...items] : memoryOf(array, fortran ? "F" : "C");
	return context.tuple(1, context.tuple(...array.shape), array.dtype, fortran, data);
}

/** numpy up to 1.11 tells a row or column in Fortran order from one in C order, by the strides alone. */
function isFortranToOld({ order, shape, strides }: NDArray): boolean {
	return order === "C" && String(strides) !== String(cStrides(shape)) && String(strides) === String(fStrides(shape));
}

/** The bytes of all items in an order, as the dtype has them. @throws PickleError E_REDUCER if they were taken away */
export function memoryOf(array: NDArray, order: "C" | "F"): Uint8Array | PyLargeBytes {
	const { dtype, size } = array;
	const bytes = packedBytes(contiguous(array, order) as TypedArray, dtype);
	if (bytes.byteLength !== size * dtype.itemsize) throw takenAway();
	return bytes;
}

/** The items in an order. @throws PickleError E_UNENCODABLE if the memory was detached, or shrank */
function contiguous(array: NDArray, order: "C" | "F"): NDArrayData {
	const { data } = array;
	try {
		// A view of detached memory has no bytes; only to make another one of it is an error.
		if (!Array.isArray(data)) new Uint8Array((data as TypedArray).buffer, 0, 0);
		return array.toContiguous(order).data;
	} catch (cause) {
		throw takenAway(cause);
	}
}

function takenAway(cause?: unknown): PickleError {
	return new PickleError("E_UNENCODABLE", "an array whose memory was taken away has no pickled form", { cause });
}

/** A scalar as `scalar(dtype, bytes)`. */
export function reduceScalar(scalar: NumpyScalar | NumpyRecord, context: EncodeContext): Reduction {
	const { dtype } = scalar;
	const callable = context.global(coreModule(context, "multiarray"), "scalar");
	return { callable, args: [dtype, scalarData(scalar, context)] };
}

function scalarData(scalar: NumpyScalar | NumpyRecord, context: EncodeContext): PyValue {
	const { dtype } = scalar;
	if (!(scalar instanceof NumpyRecord)) return itemBytes(scalar.value, dtype);
	return scalar.bytes ?? new NDArray([context.tuple(...(scalar.objects as PyValue[]))], dtype, []);
}

function itemBytes(value: PyValue, dtype: DType): Uint8Array {
	const { native } = layoutOf(dtype);
	if (!native && value instanceof Uint8Array && value.length === dtype.itemsize) return value;
	return packItem(value, dtype);
}

/** A dtype as `numpy.dtype(descr, align, copy)` and its state, or numpy 2's StringDType. */
export function reduceDType(dtype: DType, context: EncodeContext): Reduction {
	if (dtype.string !== undefined) return reduceStringDType(dtype, context);
	const [align, copy] = context.python === 2 ? [0, 1] : [false, true];
	const descr = dtype.type
		? publicClass(dtype.type, context)
		: context.text(dtype.kind + (dtype.kind === "U" ? dtype.itemsize / 4 : dtype.itemsize));
	return { callable: context.global("numpy", "dtype"), args: [descr, align, copy], state: dtypeState(dtype, context) };
}

function reduceStringDType({ string }: DType, context: EncodeContext): Reduction {
	const callable = context.global("numpy._core._internal", "_convert_to_stringdtype_kwargs");
	const { coerce = true, missing } = string ?? {};
	return { callable, args: missing === undefined ? [Number(coerce)] : [Number(coerce), missing] };
}

function dtypeState(dtype: DType, context: EncodeContext): PyValue {
	const { kind, fields, subdtype } = dtype;
	const flexible = kind === "S" || kind === "U" || kind === "V";
	const names = fields?.map((field) => ownText(field.name, context));
	const parts: PyValue[] = [
		3,
		context.text(dtype.byteOrder),
		subdtype === undefined ? null : context.tuple(subdtype.dtype, context.tuple(...subdtype.shape)),
		names === undefined ? null : context.tuple(...names),
		fields === undefined ? null : fieldsDict(fields, names as PyValue[], context),
		flexible ? dtype.itemsize : -1,
		flexible ? dtype.alignment : -1,
		flagsOf(dtype, context),
	];
	const metadata = metadataOf(dtype, context);
	if (metadata !== undefined) {
		parts[0] = 4;
		parts.push(metadata);
	}
	return context.tuple(...parts);
}

/** Names and titles of fields: numpy of Python 2 wants str, as which `encoding: "bytes"` and `"latin1"` read them. */
function ownText(text: string, context: EncodeContext): PyValue {
	if (context.python !== 2) return text;
	return /^[\0-\x7f]*$/.test(text) ? context.text(text) : (encodeLatin1(text) ?? text);
}

/** By name, and by title where there is one. A plain array of entries would do, but state holds a dict. */
function fieldsDict(fields: readonly DTypeField[], names: readonly PyValue[], context: EncodeContext): PyValue {
	const entries = new Map<PyValue, PyValue>();
	if (new Set(fields.map(({ name }) => name)).size < fields.length)
		throw new PickleError("E_UNENCODABLE", "a numpy.dtype has two fields of one name");
	for (const [i, field] of fields.entries()) {
		const title = typeof field.title === "string" ? ownText(field.title, context) : field.title;
		const described = [field.dtype, field.offset, ...(title === undefined ? [] : [title])];
		entries.set(names[i] as PyValue, context.tuple(...described));
		if (title !== undefined) entries.set(title, entries.get(names[i] as PyValue) as PyValue);
	}
	return entries;
}

/** What numpy's flags are by nature; those of a file are kept. Signed up to numpy 1. */
function flagsOf({ kind, flags, fields, hasObject }: DType, { numpy }: EncodeContext): number {
	const natural = kind === "O" ? 63 : kind === "U" ? 8 : fields === undefined ? 0 : hasObject ? 27 : 16;
	const all = flags === 0 ? natural : flags;
	return numpy === 2 || all < 128 ? all : all - 256;
}

/** Single letters are one object each in Python. */
const unitLetters = new Map<string, Uint8Array>();

function unitName(name: string): Uint8Array {
	const known = unitLetters.get(name);
	if (known !== undefined) return known;
	const bytes = encodeLatin1(name) as Uint8Array;
	if (bytes.length === 1) unitLetters.set(name, bytes);
	return bytes;
}

function metadataOf({ kind, unit, metadata }: DType, context: EncodeContext): PyValue | undefined {
	if (kind !== "M" && kind !== "m") return metadata;
	const { name, count } = unit ?? { name: "generic", count: 1 };
	const own = metadata ?? (context.numpy === 2 ? null : new PyDict());
	return context.tuple(own, context.tuple(unitName(name), count, 1, 1));
}
