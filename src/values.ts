/** What a pickle can hold that JavaScript has no type for. */
export { PyDict } from "./values/dict.ts";
export { equalityKey } from "./values/equality.ts";
export { PyLargeBytes } from "./values/large.ts";
export { PyLargeText } from "./values/large-text.ts";
export { PyLazyBytes, type ReadOptions } from "./values/lazy.ts";
export { PyGlobal, PyObject, type PyObjectKind, PyPersistent, type PyStep } from "./values/objects.ts";
export {
	Ellipsis,
	NotImplemented,
	PyByteArray,
	PyComplex,
	PyFloat,
	PyRange,
	PySlice,
	tuple,
} from "./values/scalars.ts";
export { PyFrozenSet, PySet } from "./values/set.ts";
export type { PyValue } from "./values/value.ts";
