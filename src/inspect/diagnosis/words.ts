import { shapeText } from "../../numpy/dtype.ts";
import type { ArrayHead } from "./arrays.ts";
import type { ArrayReport } from "./diagnosis.ts";

/** Digits in groups of three. */
export function grouped(count: number): string {
	return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 element`, `5,000 elements` */
export function plural(count: number, unit: string): string {
	return `${grouped(count)} ${unit}${count === 1 ? "" : "s"}`;
}

/** `1 is`, `5,000 are` */
export function are(count: number): string {
	return `${grouped(count)} ${count === 1 ? "is" : "are"}`;
}

/** An array as data. */
export function reportOf({ shape, dtype, fortran, needed }: ArrayHead): ArrayReport {
	return {
		shape: [...shape],
		dtype: String(dtype),
		itemsize: dtype.itemsize,
		order: fortran ? "F" : "C",
		...(needed !== undefined && { needed }),
	};
}

/** `float64 of shape (3, 4)` */
export function arrayText({ shape, dtype }: Pick<ArrayReport, "shape" | "dtype">): string {
	return `${dtype} of shape ${shapeText(shape)}`;
}
