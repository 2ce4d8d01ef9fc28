import { Temporal } from "temporal-polyfill";
import { NumpyScalar } from "../numpy/scalar.ts";
import { PyDate, PyDateTime, PyTime } from "../values/datetime.ts";
import { PyTimeDelta } from "../values/timedelta.ts";
import type { PyValue } from "../values/value.ts";
import { offsetText, PyPytzZone, PyTimeZone, PyZone } from "../values/zones.ts";
import { doesNotFit } from "./fit.ts";
import { numpyTemporal } from "./numpy.ts";

/** What `toTemporal` gives. */
export type TemporalValue =
	| Temporal.PlainDate
	| Temporal.PlainTime
	| Temporal.PlainDateTime
	| Temporal.ZonedDateTime
	| Temporal.PlainYearMonth
	| Temporal.Duration;

/**
 * A date, time or timedelta of Python, or a datetime64 or timedelta64 of numpy, as the Temporal value that is exactly that.
 *
 * - PyDate: PlainDate. PyTime: PlainTime. PyDateTime: PlainDateTime, or ZonedDateTime if it has a zone: UTC, an offset of whole
 *   minutes, or a name of the database of zones, whichever of Python's libraries it comes from. `fold` chooses between two
 *   moments that a clock shows alike.
 * - PyTimeDelta: Duration, of one sign.
 * - datetime64: PlainDateTime; of days and weeks PlainDate, of months PlainYearMonth. timedelta64: Duration in its unit, past 2^53 of
 *   these in seconds and nanoseconds.
 *
 * @throws PickleError E_PLAIN, saying what does not fit: a time with a zone, an offset with seconds, a timezone's own name, a zone
 * that is an object of another class or not in the database, a fold that means nothing, a time that the zone's clocks
 * leave out, NaT, units below nanoseconds, dates beyond Temporal's
 * @throws TypeError for any other value
 */
// A datetime has all that a date and a time have: it comes first.
export function toTemporal(value: PyDateTime): Temporal.PlainDateTime | Temporal.ZonedDateTime;
export function toTemporal(value: PyDate): Temporal.PlainDate;
export function toTemporal(value: PyTime): Temporal.PlainTime;
export function toTemporal(value: PyTimeDelta): Temporal.Duration;
export function toTemporal(value: PyValue): TemporalValue;
export function toTemporal(value: PyValue): TemporalValue {
	return exactly(() => converted(value));
}

function converted(value: PyValue): TemporalValue {
	if (value instanceof PyDate) return new Temporal.PlainDate(value.year, value.month, value.day);
	if (value instanceof PyTime) return plainTime(value);
	if (value instanceof PyDateTime) return value.tzinfo === null ? plainDateTime(value) : zoned(value, value.tzinfo);
	if (value instanceof PyTimeDelta) return duration(value);
	if (value instanceof NumpyScalar && (value.dtype.kind === "M" || value.dtype.kind === "m"))
		return numpyTemporal(value);
	throw new TypeError("toTemporal takes a date, time, datetime or timedelta of Python or numpy");
}

/** What Temporal itself refuses does not fit either. */
function exactly<T>(convert: () => T): T {
	try {
		return convert();
	} catch (cause) {
		if (cause instanceof RangeError) throw doesNotFit(cause.message, cause);
		throw cause;
	}
}

function clockOf({ hour, minute, second, microsecond }: PyTime | PyDateTime) {
	const millisecond = Math.floor(microsecond / 1000);
	return { hour, minute, second, millisecond, microsecond: microsecond % 1000 };
}

function plainTime(value: PyTime): Temporal.PlainTime {
	if (value.tzinfo !== null) throw doesNotFit("a time with a zone");
	if (value.fold !== 0) throw doesNotFit("a time with fold but no zone");
	return Temporal.PlainTime.from(clockOf(value));
}

function plainDateTime(value: PyDateTime): Temporal.PlainDateTime {
	if (value.fold !== 0 && value.tzinfo === null) throw doesNotFit("a datetime with fold but no zone");
	return withoutZone(value);
}

function withoutZone(value: PyDateTime): Temporal.PlainDateTime {
	const { year, month, day } = value;
	return Temporal.PlainDateTime.from({ year, month, day, ...clockOf(value) });
}

/** A time that the clocks show twice is the later one if `fold` is 1. */
function zoned(value: PyDateTime, tzinfo: object): Temporal.ZonedDateTime {
	const local = withoutZone(value);
	const timeZone = zoneId(tzinfo);
	const [first, second] = (["earlier", "later"] as const).map((disambiguation) =>
		local.toZonedDateTime(timeZone, { disambiguation }),
	) as [Temporal.ZonedDateTime, Temporal.ZonedDateTime];
	const isTwofold = !first.equals(second);
	if (isTwofold && !second.toPlainDateTime().equals(local))
		throw doesNotFit(`the clocks of ${timeZone} leave out ${local}`);
	const made = value.fold === 1 || hasOffset(second, tzinfo) ? second : first;
	if (value.fold === 1 && !isTwofold) throw doesNotFit(`a fold, but the clocks of ${timeZone} show ${local} once`);
	const { offsetMicroseconds: offset } = tzinfo as PyZone;
	if (offset !== undefined && offset * 1000 !== made.offsetNanoseconds)
		throw doesNotFit(`${timeZone} is at ${made.offset} then, not at ${offsetText(offset)}`);
	return made;
}

/** A zone of pytz says itself which of two moments is meant. */
function hasOffset(moment: Temporal.ZonedDateTime, tzinfo: object): boolean {
	const { offsetMicroseconds: offset } = tzinfo as PyZone;
	return offset !== undefined && offset * 1000 === moment.offsetNanoseconds;
}

function zoneId(tzinfo: object): string {
	if (!(tzinfo instanceof PyZone)) throw doesNotFit(`the zone ${String(tzinfo)}, an object of another class`);
	if (tzinfo instanceof PyTimeZone && tzinfo.name !== null) throw doesNotFit("a timezone with a name of its own");
	const { zoneName, offsetMicroseconds: offset } = tzinfo;
	if (tzinfo instanceof PyPytzZone && offset === undefined && !tzinfo.isStatic)
		throw doesNotFit(`the zone ${tzinfo} of pytz, which is not localized: Python has its first local mean time`);
	if (zoneName !== undefined) return zoneName;
	if (offset === undefined) throw doesNotFit(`the zone ${tzinfo}, which says neither name nor offset`);
	if (offset === 0) return "UTC";
	if (offset % 60e6 !== 0) throw doesNotFit(`an offset of ${offsetText(offset)}, with seconds`);
	return offsetText(offset);
}

/** Days, seconds and what is below, all of one sign. */
function duration(value: PyTimeDelta): Temporal.Duration {
	const micros = value.totalMicroseconds;
	const size = micros < 0n ? -micros : micros;
	const sign = micros < 0n ? -1 : 1;
	const part = (unit: bigint, next: bigint) => sign * Number((size % next) / unit);
	return Temporal.Duration.from({
		days: sign * Number(size / 86_400_000_000n),
		seconds: part(1_000_000n, 86_400_000_000n),
		milliseconds: part(1000n, 1_000_000n),
		microseconds: part(1n, 1000n),
	});
}
