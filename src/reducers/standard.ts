import { numpyReducers } from "../numpy/reducers.ts";
import { builtinsReducers } from "./builtins.ts";
import { codecsEncode } from "./codecs.ts";
import { collectionsReducers } from "./collections.ts";
import { copyregReducers } from "./copyreg.ts";
import type { Reducer } from "./reducer.ts";

/** Python's standard library and numpy's arrays: the default of the root's functions. */
export const standardReducers: readonly Reducer[] = [
	...builtinsReducers,
	...copyregReducers,
	...collectionsReducers,
	codecsEncode,
	...numpyReducers,
];
