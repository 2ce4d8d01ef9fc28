import { codecsEncode } from "../reducers/codecs.ts";
import type { Reducer } from "../reducers/reducer.ts";
import { frombuffer, reconstruct } from "./reducers/arrays.ts";
import { dtype, stringDType } from "./reducers/dtypes.ts";
import { scalar } from "./reducers/scalars.ts";

/** The reducers of numpy's arrays, dtypes and scalars, and of the bytes that Python 3 writes for them at protocols 0 to 2. */
export const numpyReducers: readonly Reducer[] = [codecsEncode, reconstruct, frombuffer, scalar, dtype, stringDType];
