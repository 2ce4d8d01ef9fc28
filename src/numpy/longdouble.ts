/** A long double as x86 has it, in 10 of its bytes: a sign, 15 bits of exponent and 64 of digits, the first one stored. */
interface Extended {
	readonly sign: 1 | -1;
	/** The value is `digits * 2 ** power`; not finite if undefined. */
	readonly power: number | undefined;
	readonly digits: bigint;
}

function parts(memory: Uint8Array, start: number, size: number, isBig: boolean): Extended {
	const byte = (place: number) => BigInt(memory[isBig ? start + size - 1 - place : start + place] as number);
	let digits = 0n;
	for (let place = 7; place >= 0; place--) digits = (digits << 8n) | byte(place);
	const top = Number((byte(9) << 8n) | byte(8));
	const exponent = top & 0x7fff;
	return {
		sign: top & 0x8000 ? -1 : 1,
		power: exponent === 0x7fff ? undefined : Math.max(exponent, 1) - 16383 - 63,
		digits,
	};
}

/** The double nearest to a long double. */
export function readLongDouble(memory: Uint8Array, start: number, size: number, isBig: boolean): number {
	const { sign, power, digits } = parts(memory, start, size, isBig);
	if (power === undefined) return digits << 1n === 1n << 64n ? sign * Number.POSITIVE_INFINITY : Number.NaN;
	/* In two steps: 2 to the power alone may be no double where the product is one. */
	const half = Math.trunc(power / 2);
	return sign * Number(digits) * 2 ** half * 2 ** (power - half);
}

/** The number that a long double is exactly; undefined if it is no integer and no double. */
export function exactLongDouble(memory: Uint8Array, size: number, isBig: boolean): number | bigint | undefined {
	const { sign, power, digits } = parts(memory, 0, size, isBig);
	const value = readLongDouble(memory, 0, size, isBig);
	if (power === undefined || digits === 0n) return value;
	const zeros = BigInt(/0*$/.exec(digits.toString(2))?.[0].length ?? 0);
	const whole = BigInt(power) + zeros;
	if (whole >= 0n) return BigInt(sign) * (digits >> zeros) * (1n << whole);
	const bits = (digits >> zeros).toString(2).length;
	return bits <= 53 && whole >= -1074n && Number.isFinite(value) ? value : undefined;
}

const double = new DataView(new ArrayBuffer(8));

/** Puts a double into a long double's bytes. */
export function writeLongDouble(value: number, memory: Uint8Array, start: number, size: number, isBig: boolean): void {
	double.setFloat64(0, value);
	const bits = double.getBigUint64(0);
	let exponent = Number(bits >> 52n) & 0x7ff;
	let digits = (bits & 0xfffffffffffffn) << 11n;
	const sign = bits >> 63n ? 0x8000 : 0;
	if (exponent === 0x7ff) exponent = 0x7fff - 15360;
	else if (exponent === 0 && digits !== 0n) {
		exponent = 1;
		for (; digits >> 63n === 0n; digits <<= 1n) exponent--;
	}
	if (exponent !== 0 || digits !== 0n) {
		digits |= 1n << 63n;
		exponent += 15360;
	}
	const top = BigInt(sign | exponent);
	for (let place = 0; place < size; place++) {
		const from = place < 8 ? digits >> BigInt(8 * place) : place < 10 ? top >> BigInt(8 * (place - 8)) : 0n;
		memory[isBig ? start + size - 1 - place : start + place] = Number(from & 255n);
	}
}
