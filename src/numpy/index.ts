/** Entry "picklet/numpy": numpy's arrays, dtypes and scalars. */
export {
	type DatetimeUnit,
	DType,
	type DTypeField,
	type DTypeKind,
	type DTypeParts,
	type StringDTypeOptions,
} from "./dtype.ts";
export type { NDArrayData } from "./elements.ts";
export { LazyNDArray } from "./lazy.ts";
export { type AxisSlice, NDArray } from "./ndarray.ts";
export { numpyReducers } from "./reducers.ts";
export { NumpyScalar } from "./scalar.ts";
