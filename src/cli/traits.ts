import { reprGlobal } from "../codec/repr.ts";
import { escapeControls } from "../errors.ts";
import { shapeText } from "../numpy/dtype.ts";
import type { NDArray } from "../numpy/ndarray.ts";

/** `array`, or the name of the class that the pickle gives in its place. */
export function arrayName(array: Pick<NDArray, "subclass">): string {
	return array.subclass ? reprGlobal(array.subclass) : "array";
}

/** `shape=(2, 3), dtype=float64` */
export function arrayTraits({ shape, dtype }: Pick<NDArray, "shape" | "dtype">): string {
	const text = escapeControls(String(dtype));
	return `shape=${shapeText(shape)}, dtype=${/^([a-z]\w*$|[[{(])/.test(text) ? text : `'${text}'`}`;
}
