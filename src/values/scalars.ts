import { type Composite, compositeParts, equalityKey, numberFamily } from "./equality.ts";
import type { PyValue } from "./value.ts";

/** Python's tuple: a frozen array of the items. `tuple(1, "a")` is `(1, 'a')`. */
export function tuple<Items extends readonly PyValue[]>(...items: Items): Readonly<Items> {
	return Object.freeze(items);
}

/** A float that `floats: "exact"` keeps apart from the int of the same value. Behaves as a Number. */
export class PyFloat extends Number {
	[equalityKey](): number {
		return this.valueOf();
	}
}

/** Python's complex: two doubles. */
export class PyComplex {
	readonly re: number;
	readonly im: number;

	constructor(re: number, im: number) {
		this.re = re;
		this.im = im;
	}

	/** As Python prints it: `(1+2j)`, `3j`. */
	toString(): string {
		const im = `${pythonFloat(this.im, true)}j`;
		if (this.re === 0 && !Object.is(this.re, -0)) return im;
		return `(${pythonFloat(this.re, true)}${/^[-+]/.test(im) ? "" : "+"}${im})`;
	}

	get [numberFamily](): 4 {
		return 4;
	}

	/** A complex without imaginary part is the key that its real part is. */
	[equalityKey](): number | string {
		if (Number.isNaN(this.re) || Number.isNaN(this.im)) return Number.NaN;
		return this.im === 0 ? this.re : `\0complex\0${this.re + 0},${this.im}`;
	}
}

/** Python's bytearray: mutable bytes, no dictionary key. */
export class PyByteArray extends Uint8Array {
	/** Results of `slice`, `map` and the like are plain bytes. */
	static get [Symbol.species](): Uint8ArrayConstructor {
		return Uint8Array;
	}

	/** A bytearray cannot be a key. */
	[compositeParts](): undefined {
		return undefined;
	}
}

type Int = number | bigint;

/** Python's range (Python 2: xrange), never expanded. */
export class PyRange {
	readonly start: Int;
	readonly stop: Int;
	readonly step: Int;

	constructor(start: Int, stop: Int, step: Int = 1) {
		this.start = start;
		this.stop = stop;
		this.step = step;
	}

	/** How many integers it stands for. */
	get length(): Int {
		const [start, stop, step] = [BigInt(this.start), BigInt(this.stop), BigInt(this.step)];
		const span = step > 0n ? stop - start + step - 1n : stop - start + step + 1n;
		const count = span / step;
		if (count <= 0n) return 0;
		return count <= Number.MAX_SAFE_INTEGER ? Number(count) : count;
	}

	toString(): string {
		const step = this.step === 1 || this.step === 1n ? "" : `, ${this.step}`;
		return `range(${this.start}, ${this.stop}${step})`;
	}

	/** Ranges are equal when the integers they stand for are. */
	[equalityKey](): string {
		const length = this.length;
		if (length === 0) return "\0range\0";
		return length === 1 ? `\0range\0${this.start}` : `\0range\0${length},${this.start},${this.step}`;
	}
}

/** Python's slice, of any three values. */
export class PySlice {
	readonly start: PyValue;
	readonly stop: PyValue;
	readonly step: PyValue;

	constructor(start: PyValue, stop: PyValue, step: PyValue = null) {
		this.start = start;
		this.stop = stop;
		this.step = step;
	}

	/** Slices are compared by their three values, as keys too since Python 3.12. */
	[compositeParts](): Composite {
		return { items: [this.start, this.stop, this.step], ordered: true };
	}
}

/** A constant of Python that has no JavaScript form. */
class PyConstant {
	readonly name: string;

	constructor(name: string) {
		this.name = name;
		Object.freeze(this);
	}

	toString(): string {
		return this.name;
	}
}

/** Python's `...`. */
export const Ellipsis: PyConstant = new PyConstant("Ellipsis");
/** Python's `NotImplemented`. */
export const NotImplemented: PyConstant = new PyConstant("NotImplemented");

/** A float as Python's `repr` spells it; `short` leaves out the `.0` of an integral one, as inside a complex. */
export function pythonFloat(value: number, short = false): string {
	if (Number.isNaN(value)) return "nan";
	if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
	if (Object.is(value, -0)) return short ? "-0" : "-0.0";
	const [, sign, digits, point, exponentText] = decompose(value);
	const exponent = Number(exponentText);
	if (exponent < -4 || exponent >= 16) {
		const size = Math.abs(exponent).toString().padStart(2, "0");
		return `${sign}${digits}${point ? `.${point}` : ""}e${exponent < 0 ? "-" : "+"}${size}`;
	}
	const text = String(value);
	return short || /[.e]/.test(text) ? text : `${text}.0`;
}

function decompose(value: number): RegExpExecArray {
	return /^(-?)(\d)(?:\.(\d+))?e([-+]\d+)$/.exec(value.toExponential()) as RegExpExecArray;
}
