import { isLong } from "../../bytes/int64.ts";
import { refuse } from "../../reducers/arguments.ts";
import type { PyValue } from "../../values/value.ts";
import { MAX_DIMENSIONS } from "../shapes.ts";

/** A Python int as a number, whatever `integers` made of it; undefined if it is none, below `least` or beyond 2^53. */
export function readInteger(value: PyValue | undefined, least = 0): number | undefined {
	const number =
		typeof value === "number" ? value : typeof value === "bigint" || isLong(value) ? Number(value) : undefined;
	return Number.isSafeInteger(number) && (number as number) >= least ? number : undefined;
}

/** A shape, frozen, from a tuple of lengths or one length. @throws PickleError E_REDUCER if it is none */
export function readShape(value: PyValue | undefined): readonly number[] {
	const lengths: readonly (PyValue | undefined)[] = Array.isArray(value) ? value : [value];
	if (lengths.length > MAX_DIMENSIONS)
		throw refuse(`an array has at most ${MAX_DIMENSIONS} dimensions, not ${lengths.length}`);
	return isShape(lengths) ? lengths : Object.freeze(lengths.map(readLength));
}

/** Most shapes can be taken as they are. A loop: small arrays come by the thousands. */
function isShape(lengths: readonly unknown[]): lengths is readonly number[] {
	for (let axis = 0; axis < lengths.length; axis++) {
		const length = lengths[axis];
		if (typeof length !== "number" || !Number.isSafeInteger(length) || length < 0) return false;
	}
	return Object.isFrozen(lengths);
}

function readLength(value: PyValue | undefined): number {
	const length = readInteger(value);
	if (length !== undefined) return length;
	const found = typeof value === "number" || typeof value === "bigint" ? String(value) : "no int";
	throw refuse(`a length of an array's shape is ${found}; it is to be an int from 0 to 2^53`);
}
