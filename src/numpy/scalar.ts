import { decodeLatin1 } from "../bytes/utf8.ts";
import { equalityKey, keyOf, numberFamily } from "../values/equality.ts";
import { PyComplex } from "../values/scalars.ts";
import type { PyValue } from "../values/value.ts";
import { type DType, unitText } from "./dtype.ts";
import { isLongDouble, readItem } from "./elements.ts";
import { scalarText } from "./format.ts";
import { exactLongDouble } from "./longdouble.ts";

/** One item of numpy, with its type: `numpy.float32(1.5)`. */
export class NumpyScalar {
	readonly dtype: DType;
	/**
	 * As `NDArray.get` gives it: a number, bigint, boolean, PyComplex, text or bytes. A long double and pairs of them are their bytes, which
	 * no number of JavaScript can stand for; `valueOf` is the nearest.
	 */
	readonly value: PyValue;

	constructor(dtype: DType, value: PyValue) {
		this.dtype = dtype;
		this.value = value;
	}

	/** The bare value, so that arithmetic and comparisons work. */
	valueOf(): PyValue {
		const { dtype, value } = this;
		return isLongDouble(dtype) && value instanceof Uint8Array ? readItem(dtype, value, 0) : value;
	}

	/** As Python prints it. */
	toString(): string {
		return scalarText(this.value, this.dtype);
	}

	/** The number or boolean; text where JSON has no such thing. */
	toJSON(): number | boolean | string {
		return typeof this.value === "number" || typeof this.value === "boolean" ? this.value : this.toString();
	}

	[Symbol.for("nodejs.util.inspect.custom")](): string {
		return `${this.dtype.name}(${this})`;
	}

	get [numberFamily](): 4 | 8 | undefined {
		return isLongDouble(this.dtype) ? 8 : this.dtype.kind === "c" ? 4 : undefined;
	}

	/** The key that Python's own number, str or bytes of this value is. */
	[equalityKey](): number | bigint | boolean | string {
		const { value, dtype } = this;
		const { kind, itemsize, byteOrder } = dtype;
		if (value instanceof PyComplex) return value[equalityKey]();
		if (kind === "M" || kind === "m") return `\0NumpyScalar\0${kind}${unitText(dtype.unit)}\0${value}`;
		if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return value;
		if (typeof value === "string" || (kind === "S" && value instanceof Uint8Array)) return ownKey(value);
		if (!(value instanceof Uint8Array)) return `\0NumpyScalar\0${dtype.str}`;
		const exact = kind === "f" ? exactLongDouble(value, itemsize, byteOrder === ">") : undefined;
		return exact ?? `\0NumpyScalar\0${dtype.str}\0${decodeLatin1(value, 0, value.length)}`;
	}
}

/** What a str or bytes is as a key. */
function ownKey(value: PyValue): string {
	return keyOf(value) as string;
}
