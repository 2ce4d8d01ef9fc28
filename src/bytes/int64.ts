import Long from "long";

export { Long };

/** Whether a value is a 64-bit integer of the package long, of any copy of it. */
export function isLong(value: unknown): value is Long {
	return Long.isLong(value);
}

/** An integer as a Long where 64 signed bits hold it. */
export function toLong(value: number | bigint): Long | bigint {
	if (typeof value === "number") return Long.fromNumber(value);
	return BigInt.asIntN(64, value) === value ? Long.fromBigInt(value) : value;
}

/** What a C `int` keeps of a length: 4294967376 becomes 80, 2^31 becomes -2147483648. */
export function asCInt(length: number): number {
	return Long.fromNumber(length).toInt();
}
