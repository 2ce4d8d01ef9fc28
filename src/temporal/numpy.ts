import { Temporal } from "temporal-polyfill";
import { isLong } from "../bytes/int64.ts";
import type { NumpyScalar } from "../numpy/scalar.ts";
import { doesNotFit } from "./fit.ts";

const NOT_A_TIME = -(2n ** 63n);

/** Nanoseconds of the units that have a fixed length, as a fraction. */
const lengths: Readonly<Record<string, readonly [above: bigint, below: bigint]>> = {
	W: [604_800_000_000_000n, 1n],
	D: [86_400_000_000_000n, 1n],
	h: [3_600_000_000_000n, 1n],
	m: [60_000_000_000n, 1n],
	s: [1_000_000_000n, 1n],
	ms: [1_000_000n, 1n],
	us: [1000n, 1n],
	ns: [1n, 1n],
	ps: [1n, 1000n],
	fs: [1n, 1_000_000n],
	as: [1n, 1_000_000_000n],
};

/** Duration's names of units. */
const fields: Readonly<Record<string, string>> = {
	Y: "years",
	M: "months",
	W: "weeks",
	D: "days",
	h: "hours",
	m: "minutes",
	s: "seconds",
	ms: "milliseconds",
	us: "microseconds",
	ns: "nanoseconds",
};

type Moment = Temporal.PlainDate | Temporal.PlainDateTime | Temporal.PlainYearMonth;

/** A datetime64 or timedelta64. @throws PickleError E_PLAIN */
export function numpyTemporal({ dtype, value }: NumpyScalar): Moment | Temporal.Duration {
	const steps = countOf(value, dtype.byteOrder === ">");
	if (steps === NOT_A_TIME) throw doesNotFit("NaT");
	if (dtype.unit === undefined) throw doesNotFit("a datetime64 or timedelta64 without unit");
	const { name, count } = dtype.unit;
	const total = steps * BigInt(count);
	return dtype.kind === "M" ? moment(total, name) : span(total, name);
}

/** The steps, as an int or as the eight bytes that they are in. */
function countOf(value: unknown, bigEndian: boolean): bigint {
	if (typeof value === "bigint") return value;
	if (typeof value === "number") return BigInt(value);
	if (isLong(value)) return value.toBigInt();
	if (!(value instanceof Uint8Array) || value.length !== 8)
		throw doesNotFit("a datetime64 of another size than 8 bytes");
	return new DataView(value.buffer, value.byteOffset).getBigInt64(0, !bigEndian);
}

/** From 1970 on. */
function moment(total: bigint, unit: string): Moment {
	if (unit === "Y") throw doesNotFit("a year alone");
	if (unit === "M") return Temporal.PlainYearMonth.from("1970-01").add({ months: safe(total) });
	const nanos = nanoseconds(total, unit);
	if (unit === "D" || unit === "W") {
		const days = nanos / (lengths["D"] as readonly [bigint, bigint])[0];
		return Temporal.PlainDate.from("1970-01-01").add({ days: safe(days) });
	}
	const day = 86_400_000_000_000n;
	const days = nanos / day - (nanos % day < 0n ? 1n : 0n);
	const rest = nanos - days * day;
	// One by one: a duration has one sign.
	return Temporal.PlainDateTime.from("1970-01-01T00:00")
		.add({ days: safe(days) })
		.add({ seconds: safe(rest / 1_000_000_000n), nanoseconds: safe(rest % 1_000_000_000n) });
}

/** In its own unit where a Duration counts it exactly, else in seconds and nanoseconds; below these only a whole number of them. */
function span(total: bigint, unit: string): Temporal.Duration {
	const field = fields[unit];
	if (field !== undefined && (isSafe(total) || !(unit in lengths)))
		return Temporal.Duration.from({ [field]: safe(total) });
	const nanos = nanoseconds(total, unit);
	if (isSafe(nanos)) return Temporal.Duration.from({ nanoseconds: safe(nanos) });
	const second = 1_000_000_000n;
	return Temporal.Duration.from({ seconds: safe(nanos / second), nanoseconds: safe(nanos % second) });
}

function nanoseconds(total: bigint, unit: string): bigint {
	const [above, below] = lengths[unit] as readonly [bigint, bigint];
	if ((total * above) % below !== 0n) throw doesNotFit(`${total} ${unit}, which are no whole nanoseconds`);
	return (total * above) / below;
}

function safe(value: bigint): number {
	if (isSafe(value)) return Number(value);
	throw doesNotFit(`a count of ${value}`);
}

function isSafe(value: bigint): boolean {
	return value >= -(2n ** 53n) && value <= 2n ** 53n;
}
