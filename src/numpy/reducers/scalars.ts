import { toLong } from "../../bytes/int64.ts";
import { positional, refuse } from "../../reducers/arguments.ts";
import type { DecodeContext, Reducer } from "../../reducers/reducer.ts";
import { PyFloat } from "../../values/scalars.ts";
import type { PyValue } from "../../values/value.ts";
import type { DType } from "../dtype.ts";
import { layoutOf, readItem } from "../elements.ts";
import { NDArray, NumpyRecord } from "../ndarray.ts";
import { NumpyScalar } from "../scalar.ts";
import { usedDType } from "./dtypes.ts";
import { reduceScalar } from "./reduce.ts";

/** `scalar(dtype, bytes)`: one number, or another item, with its dtype. */
export const scalar: Reducer = {
	name: "numpy.core.multiarray.scalar",
	aliases: [
		"numpy._core.multiarray.scalar",
		"numpy.core._multiarray_umath.scalar",
		"numpy._core._multiarray_umath.scalar",
	],
	takesBytes: true,
	create(call, context) {
		const [type, data] = positional(call, "scalar", 2, 2) as [PyValue, PyValue];
		const dtype = usedDType(type);
		const value = dtype.hasObject ? objectItem(dtype, data, context) : item(dtype, data, context);
		if (value instanceof NumpyRecord) return value;
		return context.options.scalars === "value" ? bareValue(value, dtype, context) : new NumpyScalar(dtype, value);
	},
	types: [NumpyScalar, NumpyRecord],
	reduce: reduceScalar,
};

function item(dtype: DType, data: PyValue, context: DecodeContext): PyValue {
	const bytes = context.bytes(data, dtype.itemsize);
	context.charge(bytes.length / 8);
	if (bytes.length === dtype.itemsize) return readScalar(dtype, bytes, context);
	throw refuse(`a scalar of ${dtype.name} has ${dtype.itemsize} bytes, the pickle holds ${bytes.length}`);
}

/** Long doubles stay bytes. */
function readScalar(dtype: DType, bytes: Uint8Array, context: DecodeContext): PyValue {
	if (dtype.fields) return new NumpyRecord(dtype, bytes.slice());
	const isLongDouble = "fc".includes(dtype.kind) && !layoutOf(dtype).native;
	if (!isLongDouble || context.options.scalars === "value") return readItem(dtype, bytes, 0);
	return bytes.slice();
}

/** A structured item with objects is a tuple, or since numpy 1.20 an array without dimensions of one. */
function objectItem(dtype: DType, data: PyValue, context: DecodeContext): PyValue {
	const value = data instanceof NDArray && data.ndim === 0 && Array.isArray(data.data) ? data.data[0] : data;
	if (dtype.fields && Array.isArray(value) && value.length === dtype.fields.length)
		return new NumpyRecord(dtype, context.keep(value) as readonly PyValue[]);
	throw refuse("a scalar that holds objects cannot be read: older numpy writes their addresses");
}

/** What Python's own number would have been decoded to. */
function bareValue(value: PyValue, { kind }: DType, { options }: DecodeContext): PyValue {
	if (kind === "f") return options.floats === "exact" && Number.isInteger(value) ? new PyFloat(value) : value;
	if (kind !== "i" && kind !== "u") return value;
	if (options.integers === "bigint") return BigInt(value as number);
	return options.integers === "long" ? toLong(value as number) : value;
}
