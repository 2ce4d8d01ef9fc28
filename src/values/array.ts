import { compositeParts } from "./equality.ts";
import { type Layout, plainForm, pythonLayout } from "./shown.ts";

/** What an array's items lie in; text is that of typecodes `u` and `w`. */
export type PyArrayData =
	| Int8Array
	| Uint8Array
	| Int16Array
	| Uint16Array
	| Int32Array
	| Uint32Array
	| BigInt64Array
	| BigUint64Array
	| Float32Array
	| Float64Array
	| string;

/** What the items of each typecode may lie in. `l` and `L` have 4 or 8 bytes, as the machine has it. */
const kinds: Readonly<Record<string, readonly string[]>> = {
	b: ["Int8Array"],
	B: ["Uint8Array"],
	c: ["Uint8Array"],
	h: ["Int16Array"],
	H: ["Uint16Array"],
	i: ["Int32Array"],
	I: ["Uint32Array"],
	l: ["BigInt64Array", "Int32Array"],
	L: ["BigUint64Array", "Uint32Array"],
	q: ["BigInt64Array"],
	Q: ["BigUint64Array"],
	f: ["Float32Array"],
	d: ["Float64Array"],
	u: ["String"],
	w: ["String"],
};

/** Python's `array.array`: items of one type by a typecode, over a typed array or text. */
export class PyArray {
	readonly typecode: string;
	readonly data: PyArrayData;

	/** @throws TypeError for an unknown typecode, or data that is not of it */
	constructor(typecode: string, data: PyArrayData) {
		const allowed = Object.hasOwn(kinds, typecode) ? (kinds[typecode] as readonly string[]) : undefined;
		if (allowed === undefined) throw new TypeError("the typecode of an array is one letter of bBuwhHiIlLqQfd");
		const kind = Object.prototype.toString.call(data).slice(8, -1);
		if (!allowed.includes(kind))
			throw new TypeError(`an array of typecode ${typecode} is over a ${allowed.join(" or ")}`);
		this.typecode = typecode;
		this.data = data;
	}

	get length(): number {
		return this.data.length;
	}

	[Symbol.iterator](): Iterator<number | bigint | string> {
		return this.data[Symbol.iterator]();
	}

	[pythonLayout](): Layout {
		const { typecode, data } = this;
		if (typeof data === "string") return { open: `array('${typecode}', `, close: ")", items: [data] };
		return { open: `array('${typecode}', [`, close: "])", items: data };
	}

	[plainForm](): object {
		return Array.from(this.data as ArrayLike<number | bigint | string>);
	}

	/** An array cannot be a key. */
	[compositeParts](): undefined {
		return undefined;
	}
}
