import { codecsEncode } from "../reducers/codecs.ts";
import type { Reducer } from "../reducers/reducer.ts";
import { frombuffer, reconstruct } from "./reducers/arrays.ts";
import { dtype, stringDType } from "./reducers/dtypes.ts";
import { dillArray, dillAttribute, dillType, ufunc } from "./reducers/functions.ts";
import { maskedArray, maskedConstant, maskedRecords } from "./reducers/masked.ts";
import { bitGenerator, generator, randomState, seedSequence } from "./reducers/random.ts";
import { scalar } from "./reducers/scalars.ts";

/**
 * The reducers of arrays, dtypes and scalars alone, with the bytes that Python 3 writes for them at protocols 0 to 2: the smallest set that
 * reads and writes what is no masked array or random generator.
 */
export const arrayReducers: readonly Reducer[] = [codecsEncode, reconstruct, frombuffer, scalar, dtype, stringDType];

/** The reducers of all that numpy pickles: `arrayReducers`, masked arrays, random generators, ufuncs and dill's arrays. */
export const numpyReducers: readonly Reducer[] = /* @__PURE__ */ arrayReducers.concat([
	maskedArray,
	maskedRecords,
	maskedConstant,
	randomState,
	bitGenerator,
	generator,
	seedSequence,
	ufunc,
	dillAttribute,
	dillType,
	dillArray,
]);
