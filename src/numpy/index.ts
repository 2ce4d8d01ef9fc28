/** Entry "picklet/numpy": numpy's arrays, dtypes and scalars. */
export {
	type DatetimeUnit,
	DType,
	type DTypeDescr,
	type DTypeField,
	type DTypeKind,
	type DTypeParts,
	type FieldDescr,
	type StringDTypeOptions,
} from "./dtype.ts";
export type { NDArrayData } from "./elements.ts";
export { LazyNDArray } from "./lazy.ts";
export { MaskedArray, type MaskedConstant, masked } from "./masked.ts";
export { type AxisSlice, NDArray, NumpyRecord } from "./ndarray.ts";
export { NpyFile, type NpySource, openNpy, readNpy, writeNpy, writeNpyChunks } from "./npy.ts";
export {
	type NpzArray,
	type NpzArrays,
	NpzFile,
	type NpzOptions,
	openNpz,
	readNpz,
	writeNpz,
	writeNpzChunks,
} from "./npz.ts";
export { BitGenerator, RandomGenerator, RandomState, SeedSequence } from "./random.ts";
export { arrayReducers, numpyReducers } from "./reducers.ts";
export { NumpyScalar } from "./scalar.ts";
export { SubclassState } from "./subclass.ts";
