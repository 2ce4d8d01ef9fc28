import { decodeLatin1 } from "../bytes/utf8.ts";
import { equalityKey } from "../values/equality.ts";
import { PyComplex } from "../values/scalars.ts";
import type { PyValue } from "../values/value.ts";
import type { DType } from "./dtype.ts";
import { scalarText } from "./format.ts";

/** One number of numpy, with its type: `numpy.float32(1.5)`. */
export class NumpyScalar {
	readonly dtype: DType;
	/** As `NDArray.get` gives it: a number, bigint, boolean or PyComplex, or raw bytes where there is no such form. */
	readonly value: PyValue;

	constructor(dtype: DType, value: PyValue) {
		this.dtype = dtype;
		this.value = value;
	}

	/** The bare value, so that arithmetic and comparisons work. */
	valueOf(): PyValue {
		return this.value;
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

	/** The key that Python's own number of this value is. */
	[equalityKey](): number | bigint | boolean | string {
		const { value } = this;
		if (value instanceof PyComplex) return value[equalityKey]();
		if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return value;
		const text = value instanceof Uint8Array ? decodeLatin1(value, 0, value.length) : "";
		return `\0NumpyScalar\0${this.dtype.str}\0${text}`;
	}
}
