import type { Charge } from "./equality.ts";

/** Digits up to which a power of ten is written out to be compared with ints: as many as Python reads of an int's text. */
const MAX_EXPANDED = 4300;
/** The digits after the point, and all of them, that a double can have. */
const [MAX_FRACTION, MAX_SIGNIFICANT] = [1074, 767];

/**
 * What a finite decimal equals as a dict key: the int or float of the same value, else a text of its own. Beyond
 * 4,300 digits it equals other decimals only: exponents are never written out.
 */
export function decimalKey(negative: boolean, digits: string, exponent: number | bigint, charge?: Charge): Key {
	charge?.(digits.length / 8);
	let end = digits.length;
	while (end > 0 && digits[end - 1] === "0") end--;
	const significant = digits.slice(0, end);
	if (significant === "") return 0;
	const exact = BigInt(exponent) + BigInt(digits.length - significant.length);
	const power = Number(exact);
	const sign = negative ? "-" : "";
	if (power >= 0 && significant.length + power <= MAX_EXPANDED) {
		charge?.((significant.length + power) / 8);
		return BigInt(sign + significant + "0".repeat(power));
	}
	return doubleOf(sign, significant, power) ?? `\0decimal\0${sign}${significant}E${exact}`;
}

type Key = number | bigint | string;

/** The double that a number with a fraction is, if there is one. */
function doubleOf(sign: string, significant: string, power: number): number | undefined {
	if (power >= 0 || -power > MAX_FRACTION || significant.length > MAX_SIGNIFICANT) return undefined;
	const value = Number(`${significant}e${power}`);
	const [odd, halvings] = fractionOfDouble(value);
	const same = halvings === -power && String(odd * 5n ** BigInt(halvings)) === significant;
	return same ? Number(`${sign}${value}`) : undefined;
}

/** A positive double as an odd number, and how often that is to be halved. */
function fractionOfDouble(value: number): readonly [odd: bigint, halvings: number] {
	let halvings = 0;
	let whole = value;
	// Doubling a double is exact.
	while (halvings <= MAX_FRACTION && !Number.isInteger(whole)) {
		whole *= 2;
		halvings++;
	}
	return [Number.isInteger(whole) ? BigInt(whole) : 0n, halvings];
}

/** What a fraction in lowest terms equals as a dict key: the int or float of the same value, else a text of its own. */
export function fractionKey(numerator: bigint, denominator: bigint, charge?: Charge): Key {
	if (denominator === 1n) return numerator;
	const size = bitsOf(numerator) + bitsOf(denominator);
	charge?.(size / 32);
	const value = Number(numerator);
	if (Number.isSafeInteger(value) && bitsOf(denominator) <= MAX_FRACTION + 4) {
		const halvings = denominator.toString(2).length - 1;
		if (halvings <= MAX_FRACTION && 1n << BigInt(halvings) === denominator) return value * 2 ** -halvings;
	}
	return `\0fraction\0${numerator.toString(16)}/${denominator.toString(16)}`;
}

/** Bits of an int, to within 4. */
export function bitsOf(value: bigint): number {
	return value.toString(16).length * 4;
}

/** Counts the work of `commonDivisor` before it is done: it grows with the square of the digits. */
export function chargeDivisor(one: bigint, other: bigint, charge: Charge): void {
	const words = Math.min(bitsOf(one), bitsOf(other)) / 64;
	charge(32 * words * (1 + words / 16));
}

/** The greatest common divisor. */
export function commonDivisor(one: bigint, other: bigint): bigint {
	let [left, right] = [one < 0n ? -one : one, other < 0n ? -other : other];
	while (right !== 0n) [left, right] = [right, left % right];
	return left;
}
