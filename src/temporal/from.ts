import type { Temporal } from "temporal-polyfill";
import { PickleError } from "../errors.ts";
import { PyDate, PyDateTime, PyTime } from "../values/datetime.ts";
import { PyTimeDelta } from "../values/timedelta.ts";
import { PyTimeZone, PyZoneInfo } from "../values/zones.ts";

/** What `fromTemporal` takes: values of the native Temporal, of temporal-polyfill, or of any other that names its classes alike. */
export type FromTemporal =
	| Temporal.PlainDate
	| Temporal.PlainTime
	| Temporal.PlainDateTime
	| Temporal.ZonedDateTime
	| Temporal.Instant
	| Temporal.Duration;

/**
 * A value of Temporal as the value of Python's datetime that is exactly that, which `encode` takes.
 *
 * - PlainDate, PlainTime, PlainDateTime: PyDate, PyTime, PyDateTime. ZonedDateTime: a PyDateTime with the zone UTC, an offset, or a
 *   PyZoneInfo, and the fold of a time that the clocks show again. Instant: with the zone UTC.
 * - Duration: PyTimeDelta.
 *
 * @throws PickleError E_UNENCODABLE, saying what does not fit: nanoseconds, years beyond 1 to 9999, another calendar than ISO 8601, years
 * and months of a duration
 * @throws TypeError for any other value
 */
export function fromTemporal(value: Temporal.PlainDateTime | Temporal.ZonedDateTime | Temporal.Instant): PyDateTime;
export function fromTemporal(value: Temporal.PlainDate): PyDate;
export function fromTemporal(value: Temporal.PlainTime): PyTime;
export function fromTemporal(value: Temporal.Duration): PyTimeDelta;
export function fromTemporal(value: FromTemporal): PyDate | PyTime | PyDateTime | PyTimeDelta;
export function fromTemporal(value: FromTemporal): PyDate | PyTime | PyDateTime | PyTimeDelta {
	switch (Object.prototype.toString.call(value).slice(8, -1)) {
		case "Temporal.PlainDate":
			return dateOf(value as Temporal.PlainDate);
		case "Temporal.PlainTime":
			return new PyTime(clockOf(value as Temporal.PlainTime));
		case "Temporal.PlainDateTime":
			return dateTimeOf(value as Temporal.PlainDateTime);
		case "Temporal.ZonedDateTime":
			return zonedOf(value as Temporal.ZonedDateTime);
		case "Temporal.Instant":
			return zonedOf((value as Temporal.Instant).toZonedDateTimeISO("UTC"));
		case "Temporal.Duration":
			return timeDeltaOf(value as Temporal.Duration);
		default:
			throw new TypeError("fromTemporal takes a date, time, moment or duration of Temporal");
	}
}

function doesNotFit(reason: string, cause?: unknown): PickleError {
	return new PickleError("E_UNENCODABLE", `Python's datetime has no such value: ${reason}`, { cause });
}

type Clock = Pick<Temporal.PlainDateTime, "hour" | "minute" | "second" | "millisecond" | "microsecond" | "nanosecond">;

function clockOf({ hour, minute, second, millisecond, microsecond, nanosecond }: Clock) {
	if (nanosecond !== 0) throw doesNotFit(`${nanosecond} nanoseconds beyond a microsecond`);
	return { hour, minute, second, microsecond: 1000 * millisecond + microsecond };
}

type Day = Pick<Temporal.PlainDate, "year" | "month" | "day" | "calendarId">;

function dayOf({ year, month, day, calendarId }: Day) {
	if (calendarId !== "iso8601") throw doesNotFit(`the calendar ${calendarId}`);
	if (year < 1 || year > 9999) throw doesNotFit(`the year ${year}, which is not 1 to 9999`);
	return { year, month, day };
}

function dateOf(value: Temporal.PlainDate): PyDate {
	const { year, month, day } = dayOf(value);
	return new PyDate(year, month, day);
}

function dateTimeOf(value: Temporal.PlainDateTime, zone: { tzinfo?: object; fold?: number } = {}): PyDateTime {
	return new PyDateTime({ ...dayOf(value), ...clockOf(value), ...zone });
}

function zonedOf(value: Temporal.ZonedDateTime): PyDateTime {
	const local = value.toPlainDateTime();
	const earlier = local.toZonedDateTime(value.timeZoneId, { disambiguation: "earlier" });
	return dateTimeOf(local, { tzinfo: zoneOf(value), fold: earlier.equals(value) ? 0 : 1 });
}

function zoneOf({ timeZoneId, offsetNanoseconds }: Temporal.ZonedDateTime): object {
	const isOffset = timeZoneId === "UTC" || /^[-+]/.test(timeZoneId);
	return isOffset ? new PyTimeZone(new PyTimeDelta(0, 0, offsetNanoseconds / 1000)) : new PyZoneInfo(timeZoneId);
}

function timeDeltaOf(value: Temporal.Duration): PyTimeDelta {
	const { years, months, weeks, days, hours, minutes, seconds } = value;
	if (years !== 0 || months !== 0) throw doesNotFit("years and months, which have no fixed length");
	const nanos =
		BigInt(value.nanoseconds) + 1000n * BigInt(value.microseconds) + 1_000_000n * BigInt(value.milliseconds);
	if (nanos % 1000n !== 0n) throw doesNotFit("nanoseconds beyond a microsecond");
	const allSeconds = BigInt(seconds) + 60n * BigInt(minutes) + 3600n * BigInt(hours);
	const allDays = BigInt(days) + 7n * BigInt(weeks);
	if (allDays + allSeconds / 86_400n > 999_999_999n || allDays + allSeconds / 86_400n < -999_999_999n)
		throw doesNotFit("more than 999,999,999 days");
	return new PyTimeDelta(allDays, allSeconds, nanos / 1000n);
}
