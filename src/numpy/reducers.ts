import { toLong } from "../bytes/int64.ts";
import type { DecodeContext, Reducer } from "../reducers/reducer.ts";
import { PyGlobal } from "../values/objects.ts";
import { PyFloat } from "../values/scalars.ts";
import type { PyValue } from "../values/value.ts";
import { fromBytes, missingData, readData, setArrayState } from "./array-state.ts";
import { DType } from "./dtype.ts";
import { createDType, setDTypeState, usedDType } from "./dtype-state.ts";
import { layoutOf } from "./elements.ts";
import { readInteger, readShape, refuse } from "./integers.ts";
import { cStrides, fStrides, isPermutation, NDArray } from "./ndarray.ts";
import { NumpyScalar } from "./scalar.ts";

/** numpy's dtype of what `_reconstruct` gives until the state comes. */
const INT8 = new DType({ kind: "i", itemsize: 1 });

/** `_reconstruct(class, (0,), b'b')`, which makes every array, and then its state. */
const reconstruct: Reducer<NDArray> = {
	name: "numpy.core.multiarray._reconstruct",
	aliases: ["numpy._core.multiarray._reconstruct"],
	takesBytes: true,
	create({ args }) {
		const [type, shape] = args;
		if (args.length !== 3 || !(type instanceof PyGlobal)) throw refuse("_reconstruct takes a class, a shape and a type code");
		const lengths = readShape(Array.isArray(shape) ? shape : [shape as PyValue]);
		if (!lengths.includes(0)) throw refuse("_reconstruct is to make an array without items, to which its state adds them");
		const array = new NDArray(new Int8Array(0), INT8, lengths);
		const plain = type.name === "ndarray" && type.module === "numpy";
		return plain ? array : Object.assign(array, { subclass: type });
	},
	setState: setArrayState,
	unfinished: (_, parts, protocol) => missingData(parts, protocol),
};

/** `_frombuffer(buffer, dtype, shape, order, axes)`, which makes arrays at protocol 5. */
const frombuffer: Reducer<NDArray> = {
	name: "numpy.core.numeric._frombuffer",
	aliases: ["numpy._core.numeric._frombuffer"],
	takesBytes: true,
	create({ args }, context) {
		const [buffer, type, lengths, orderName, axes] = args;
		const dtype = usedDType(type);
		if (dtype.hasObject) throw refuse("_frombuffer makes no arrays of objects");
		const shape = readShape(Array.isArray(lengths) ? lengths : [lengths as PyValue]);
		const order = context.text(orderName ?? null);
		const data = readData(buffer as PyValue, dtype, shape, context);
		if (order === "C") return new NDArray(data, dtype, shape);
		if (order === "F") return new NDArray(data, dtype, shape, fStrides(shape));
		const places = Array.isArray(axes) ? axes.map((axis) => readInteger(axis)) : [];
		if (order !== "K" || !isPermutation(places, shape.length)) throw refuse("_frombuffer takes the order C, F, or K with all axes");
		return new NDArray(data, dtype, shape, cStrides(shape)).transpose(...places);
	},
};

/** `scalar(dtype, bytes)`: one number, or another item, with its dtype. */
const scalar: Reducer = {
	name: "numpy.core.multiarray.scalar",
	aliases: ["numpy._core.multiarray.scalar"],
	takesBytes: true,
	create({ args }, context) {
		const dtype = usedDType(args[0]);
		const value = dtype.hasObject ? objectItem(dtype, args[1], context) : item(dtype, args[1] ?? null, context);
		return context.options.scalars === "value" ? bareValue(value, dtype, context) : new NumpyScalar(dtype, value);
	},
};

function item(dtype: DType, data: PyValue, context: DecodeContext): PyValue {
	const bytes = context.bytes(data, dtype.itemsize);
	if (bytes.length === dtype.itemsize) return layoutOf(dtype).read(fromBytes(bytes, dtype, context), 0);
	throw refuse(`a scalar of ${dtype.name} has ${dtype.itemsize} bytes, the pickle holds ${bytes.length}`);
}

/** A structured item with objects is a tuple, or since numpy 1.20 an array without dimensions of one. */
function objectItem(dtype: DType, data: PyValue | undefined, context: DecodeContext): PyValue {
	const value = data instanceof NDArray && data.ndim === 0 && data.dtype.hasObject ? data.get() : data;
	if (dtype.kind === "V" && Array.isArray(value)) return context.keep(value);
	throw refuse("a scalar that holds objects cannot be read: older numpy writes their addresses");
}

function bareValue(value: PyValue, dtype: DType, { options }: DecodeContext): PyValue {
	const { kind } = dtype;
	if ((kind === "i" || kind === "u") && options.integers === "bigint") return BigInt(value as number);
	if ((kind === "i" || kind === "u") && options.integers === "long") return toLong(value as number);
	return kind === "f" && options.floats === "exact" && Number.isInteger(value) ? new PyFloat(value) : value;
}

/** `dtype(descr, align, copy)`, and then its state. */
const dtype: Reducer<DType> = {
	name: "numpy.dtype",
	takesBytes: true,
	create: ({ args }, context) => createDType(args[0], context),
	setState: setDTypeState,
};

/** `_convert_to_stringdtype_kwargs(coerce, missing)`, numpy 2's StringDType. */
const stringDType: Reducer<DType> = {
	name: "numpy._core._internal._convert_to_stringdtype_kwargs",
	create: ({ args }) => {
		const string = { coerce: args[0] !== 0 && args[0] !== false, missing: args[1] };
		return new DType({ kind: "T", itemsize: 16, string });
	},
};

/** The reducers of numpy's arrays, dtypes and scalars. */
export const numpyReducers: readonly Reducer[] = [reconstruct, frombuffer, scalar, dtype, stringDType];
