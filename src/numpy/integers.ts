import { isLong } from "../bytes/int64.ts";
import { PickleError } from "../errors.ts";
import type { PyValue } from "../values/value.ts";
import { MAX_DIMENSIONS } from "./ndarray.ts";

/** The error of arguments or a state that numpy would refuse. */
export function refuse(reason: string): PickleError {
	return new PickleError("E_REDUCER", reason);
}

/** A Python int as a number, whatever `integers` made of it; undefined if it is none, below `least` or beyond 2^53. */
export function readInteger(value: PyValue | undefined, least = 0): number | undefined {
	const number = typeof value === "number" ? value : typeof value === "bigint" || isLong(value) ? Number(value) : undefined;
	return Number.isSafeInteger(number) && (number as number) >= least ? number : undefined;
}

/** A shape, frozen. @throws PickleError E_REDUCER if a length is none or there are too many */
export function readShape(value: PyValue | undefined): readonly number[] {
	if (!Array.isArray(value) || value.length > MAX_DIMENSIONS) {
		throw refuse(`the shape of an array is a tuple of at most ${MAX_DIMENSIONS} lengths`);
	}
	if (Object.isFrozen(value) && value.every(isLength)) return value as readonly number[];
	return Object.freeze(value.map(readLength));
}

function isLength(value: PyValue): boolean {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function readLength(value: PyValue): number {
	const length = readInteger(value);
	if (length === undefined) throw refuse(`a length of an array's shape is ${describe(value)}, not an integer from 0 to 2^53`);
	return length;
}

function describe(value: PyValue): string {
	return typeof value === "number" || typeof value === "bigint" ? String(value) : "no integer";
}
