import { PickleError } from "../errors.ts";
import { type Charge, equalityKey, numberFamily } from "./equality.ts";
import { bitsOf, commonDivisor, decimalKey, fractionKey } from "./rational.ts";
import { PyAtom, pythonRepr } from "./shown.ts";

/** A number, beyond 2^53 a bigint; of what is no finite number, as Python has it: infinite, quiet NaN, signalling NaN. */
export type DecimalExponent = number | bigint | "F" | "n" | "N";

/**
 * Python's Decimal, every digit kept: `1.10` is sign 0, digits "110", exponent -2. It equals ints and floats of
 * the same value as a key; fractions and complex numbers do not, as in Python 2.7. No exponent is ever written out.
 */
export class PyDecimal extends PyAtom {
	/** 1 if it is negative. */
	readonly sign: 0 | 1;
	/** All of its digits without the point and zeros before them: "0" for zero. Of a NaN its payload, or nothing. */
	readonly digits: string;
	/** How many places the point is to the right of the digits. */
	readonly exponent: DecimalExponent;

	/** @throws TypeError for what is no decimal number */
	constructor(sign: 0 | 1, digits: string, exponent: DecimalExponent) {
		super();
		const isNan = exponent === "n" || exponent === "N";
		if (!/^\d*$/.test(digits) || (digits === "" && !isNan)) throw new TypeError("the digits of a decimal are 0 to 9");
		if (typeof exponent === "number" && !Number.isSafeInteger(exponent))
			throw new TypeError("the exponent of a decimal is a safe integer or a bigint");
		this.sign = sign;
		this.digits = digits.replace(/^0+(?=\d)/, isNan ? "$&" : "");
		this.exponent = typeof exponent === "bigint" ? safeExponent(exponent) : exponent;
	}

	/**
	 * A decimal from its text: `1.10`, `-1E+400`, `sNaN123`, `Infinity`.
	 * @throws TypeError for other text
	 */
	static parse(text: string): PyDecimal {
		const number = /^\s*([-+]?)(\d*)(?:\.(\d*))?(?:e([-+]?\d{1,400}))?\s*$/i.exec(text);
		if (number) {
			const [, sign, whole = "", fraction = "", power = "0"] = number;
			return new PyDecimal(signOf(sign), whole + fraction, BigInt(power.replace("+", "")) - BigInt(fraction.length));
		}
		const special = /^\s*([-+]?)(?:(inf(?:inity)?)|(s?)nan(\d*))\s*$/i.exec(text);
		if (!special) throw new TypeError("this is no decimal number");
		const [, sign, infinity, signalling, payload = ""] = special;
		if (infinity) return new PyDecimal(signOf(sign), "0", "F");
		return new PyDecimal(signOf(sign), payload.replace(/^0+/, ""), signalling ? "N" : "n");
	}

	/** The nearest double. */
	toNumber(): number {
		if (this.exponent === "F") return this.sign ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
		return Number(this.toString());
	}

	get [Symbol.toStringTag](): string {
		return "PyDecimal";
	}

	/** As Python prints it: `1.10`, `0E+3`, `sNaN123`. No longer than its digits and a few more. */
	toString(): string {
		const { digits, exponent } = this;
		const sign = this.sign ? "-" : "";
		if (exponent === "F") return `${sign}Infinity`;
		if (typeof exponent === "string") return `${sign}${exponent === "N" ? "sNaN" : "NaN"}${digits}`;
		const adjusted = BigInt(exponent) + BigInt(digits.length - 1);
		if (exponent <= 0 && adjusted >= -6n) return sign + plainText(digits, Number(exponent));
		const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
		return `${sign}${mantissa}E${adjusted < 0 ? "" : "+"}${adjusted}`;
	}

	get [numberFamily](): 1 {
		return 1;
	}

	[pythonRepr](): string {
		return `Decimal('${this}')`;
	}

	/** A quiet NaN equals nothing. @throws PickleError E_TYPE for a signalling one, as in Python */
	[equalityKey](charge?: Charge): number | bigint | string {
		const { sign, digits, exponent } = this;
		if (exponent === "N")
			throw new PickleError("E_TYPE", "a signalling NaN cannot be a dict key or set member: Python cannot hash it");
		if (exponent === "n") return Number.NaN;
		return exponent === "F" ? this.toNumber() : decimalKey(sign === 1, digits, exponent, charge);
	}
}

function safeExponent(exponent: bigint): number | bigint {
	return Number.isSafeInteger(Number(exponent)) ? Number(exponent) : exponent;
}

function signOf(sign: string | undefined): 0 | 1 {
	return sign === "-" ? 1 : 0;
}

function plainText(digits: string, exponent: number): string {
	if (exponent === 0) return digits;
	const padded = digits.padStart(1 - exponent, "0");
	return `${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

/** Python's Fraction, in lowest terms. It equals ints, floats and complex numbers of the same value as a key; decimals do not, as in Python 2.7. */
export class PyFraction extends PyAtom {
	readonly numerator: bigint;
	/** Positive. */
	readonly denominator: bigint;

	/** @throws TypeError if the denominator is 0 */
	constructor(numerator: number | bigint, denominator: number | bigint = 1n) {
		super();
		const [above, below] = [BigInt(numerator), BigInt(denominator)];
		if (below === 0n) throw new TypeError("the denominator of a fraction is not 0");
		const divisor = commonDivisor(above, below) * (below < 0n ? -1n : 1n);
		this.numerator = above / divisor;
		this.denominator = below / divisor;
	}

	get [Symbol.toStringTag](): string {
		return "PyFraction";
	}

	/** As Python prints it: `22/7`. Beyond 4,300 digits in hexadecimal. */
	toString(): string {
		const { numerator, denominator } = this;
		return denominator === 1n ? intText(numerator) : `${intText(numerator)}/${intText(denominator)}`;
	}

	get [numberFamily](): 2 {
		return 2;
	}

	[pythonRepr](): string {
		return `Fraction(${intText(this.numerator)}, ${intText(this.denominator)})`;
	}

	[equalityKey](charge?: Charge): number | bigint | string {
		return fractionKey(this.numerator, this.denominator, charge);
	}
}

/** Bits beyond which an int takes long to be written in decimal. */
const MAX_DECIMAL_BITS = 14_280;

function intText(value: bigint): string {
	return bitsOf(value) <= MAX_DECIMAL_BITS ? String(value) : value.toString(16).replace(/^-?/, "$&0x");
}
