/** A long double as x86 has it, in 10 of its bytes: a sign, 15 bits of exponent and 64 of digits, the first one stored. */
interface Extended {
	readonly sign: 1 | -1;
	/** The value is `digits * 2 ** power`; not finite if undefined. */
	readonly power: number | undefined;
	readonly digits: bigint;
}

/** Where a long double's byte of a place lies, the lowest of which is 0. */
function byteAt(place: number, start: number, size: number, isBig: boolean): number {
	return isBig ? start + size - 1 - place : start + place;
}

function parts(memory: Uint8Array, start: number, size: number, isBig: boolean): Extended {
	const byte = (place: number) => BigInt(memory[byteAt(place, start, size, isBig)] as number);
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

/** The integer that a long double is without its fraction; NaN if it is none. */
export function wholeLongDouble(memory: Uint8Array, start: number, size: number, isBig: boolean): number | bigint {
	const { sign, power, digits } = parts(memory, start, size, isBig);
	if (power === undefined) return Number.NaN;
	return BigInt(sign) * (power < 0 ? digits >> BigInt(-power) : digits << BigInt(power));
}

/** A long double as numpy prints one: the fewest digits that tell it from its neighbours, `0.33333333333333333334`. */
export function longDoubleText(memory: Uint8Array, start: number, size: number, isBig: boolean): string {
	const extended = parts(memory, start, size, isBig);
	const { power, digits } = extended;
	const sign = extended.sign < 0 ? "-" : "";
	if (power === undefined) return digits << 1n === 1n << 64n ? `${sign}inf` : "nan";
	if (digits === 0n) return `${sign}0.0`;
	const { text, exponent } = shortestDigits(digits, power);
	if (exponent < -4 || exponent >= 16) {
		const fraction = text.length > 1 ? `.${text.slice(1)}` : "";
		const tens = String(Math.abs(exponent)).padStart(2, "0");
		return `${sign}${text[0]}${fraction}e${exponent < 0 ? "-" : "+"}${tens}`;
	}
	if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${text}`;
	return `${sign}${text.slice(0, exponent + 1).padEnd(exponent + 1, "0")}.${text.slice(exponent + 1) || "0"}`;
}

/**
 * The fewest decimal digits that lie nearer to `mantissa * 2 ** power` than to its neighbours, by Steele and White, and the power of ten
 * of the first one.
 */
function shortestDigits(mantissa: bigint, power: number): { text: string; exponent: number } {
	const isLowest = mantissa === 1n << 63n && power > -16445;
	const isEven = mantissa % 2n === 0n;
	/* All in units of half the distance to the nearer neighbour. */
	const up = BigInt(Math.max(power, 0) + (isLowest ? 2 : 1));
	const unit = 1n << BigInt(Math.max(power, 0));
	let [value, low, high] = [mantissa << up, unit, isLowest ? 2n * unit : unit];
	let scale = 1n << BigInt(Math.max(-power, 0) + (isLowest ? 2 : 1));
	let exponent = Math.ceil((mantissa.toString(2).length - 1 + power) * Math.log10(2) - 0.69);
	const ten = 10n ** BigInt(Math.abs(exponent));
	if (exponent > 0) scale *= ten;
	else [value, low, high] = [value * ten, low * ten, high * ten];
	if (value >= scale) exponent++;
	else [value, low, high] = [value * 10n, low * 10n, high * 10n];
	let all = 0n;
	for (let count = 1; ; count++) {
		const digit = value / scale;
		value %= scale;
		const isLow = isEven ? value <= low : value < low;
		const isHigh = isEven ? value + high >= scale : value + high > scale;
		all = all * 10n + digit;
		if (!isLow && !isHigh) {
			[value, low, high] = [value * 10n, low * 10n, high * 10n];
			continue;
		}
		const isTie = 2n * value === scale;
		if (isLow === isHigh ? 2n * value > scale || (isTie && digit % 2n === 1n) : isHigh) all++;
		const text = String(all);
		return { text: text.replace(/0+$/, ""), exponent: exponent - 1 + text.length - count };
	}
}

/** Puts a long double's bytes, of one size and order, into others. */
export function copyLongDouble(
	from: Uint8Array,
	[start, size, isBig]: readonly [number, number, boolean],
	to: Uint8Array,
	[toStart, toSize, toBig]: readonly [number, number, boolean],
): void {
	for (let place = 0; place < 10; place++)
		to[byteAt(place, toStart, toSize, toBig)] = from[byteAt(place, start, size, isBig)] as number;
}

const double = new DataView(new ArrayBuffer(8));

/** Puts a double or an integer into a long double's bytes. */
export function writeLongDouble(
	value: number | bigint,
	memory: Uint8Array,
	start: number,
	size: number,
	isBig: boolean,
): void {
	const { top, digits } = typeof value === "bigint" ? extendedInteger(value) : extendedDouble(value);
	for (let place = 0; place < size; place++) {
		const from = place < 8 ? digits >> BigInt(8 * place) : place < 10 ? top >> BigInt(8 * (place - 8)) : 0n;
		memory[byteAt(place, start, size, isBig)] = Number(from & 255n);
	}
}

/** Sign and exponent, and the digits. */
function extendedDouble(value: number): { top: bigint; digits: bigint } {
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
	return { top: BigInt(sign | exponent), digits };
}

/** An integer, of more than 64 digits the nearest long double, ties to even. */
function extendedInteger(value: bigint): { top: bigint; digits: bigint } {
	if (value === 0n) return { top: 0n, digits: 0n };
	const size = value < 0n ? -value : value;
	const sign = value < 0n ? 0x8000n : 0n;
	let count = size.toString(2).length;
	const rest = BigInt(Math.max(count - 64, 0));
	let digits = (size << BigInt(Math.max(64 - count, 0))) >> rest;
	const cut = (size - (digits << rest)) * 2n;
	if (rest > 0n && (cut > 1n << rest || (cut === 1n << rest && digits % 2n === 1n))) digits++;
	if (digits === 1n << 64n) {
		digits = 1n << 63n;
		count++;
	}
	const exponent = 16382 + count;
	return exponent < 0x7fff ? { top: sign | BigInt(exponent), digits } : { top: sign | 0x7fffn, digits: 1n << 63n };
}
