import type { DatetimeUnit } from "./dtype.ts";

/** What numpy has in the place of a time that there is none of: Not a Time. */
export const NAT: bigint = -(2n ** 63n);

/** How many attoseconds each unit has; of years and months the mean by Gregory's calendar. */
const lengths: Partial<Record<string, bigint>> = /* @__PURE__ */ (() => {
	const second = 10n ** 18n;
	const small = Object.fromEntries(
		["s", "ms", "us", "ns", "ps", "fs", "as"].map((name, i) => [name, 10n ** BigInt(18 - 3 * i)]),
	);
	return {
		Y: 31556952n * second,
		M: 2629746n * second,
		W: 604800n * second,
		D: 86400n * second,
		h: 3600n * second,
		m: 60n * second,
		...small,
	};
})();

const words: Partial<Record<string, string>> = {
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
	ps: "picoseconds",
	fs: "femtoseconds",
	as: "attoseconds",
};

/** A timedelta64 as numpy prints one: `5 seconds`. */
export function timedeltaText(count: bigint, unit: DatetimeUnit | undefined): string {
	if (count === NAT) return "NaT";
	return unit ? `${count * BigInt(unit.count)} ${words[unit.name]}` : `${count} generic time units`;
}

/** A datetime64 as numpy prints one, to its unit: `2001-02-03T04:05`. */
export function datetimeText(count: bigint, unit: DatetimeUnit | undefined): string {
	if (count === NAT) return "NaT";
	if (unit === undefined) return String(count);
	const steps = count * BigInt(unit.count);
	if (unit.name === "Y") return yearText(1970n + steps);
	if (unit.name === "M") return `${yearText(1970n + floorDivide(steps, 12n))}-${two(floorRest(steps, 12n) + 1n)}`;
	const length = lengths[unit.name] as bigint;
	const day = lengths["D"] as bigint;
	if (length >= day) return dateText(steps * (length / day));
	const perDay = day / length;
	return `${dateText(floorDivide(steps, perDay))}T${clockText(floorRest(steps, perDay) * length, unit.name)}`;
}

/** A time of day in attoseconds, to a unit. */
function clockText(time: bigint, unit: string): string {
	const second = lengths["s"] as bigint;
	const [hours, minutes, seconds] = [time / (3600n * second), (time / (60n * second)) % 60n, (time / second) % 60n];
	const shown = unit === "h" ? [hours] : unit === "m" ? [hours, minutes] : [hours, minutes, seconds];
	const places = ["s", "ms", "us", "ns", "ps", "fs", "as"].indexOf(unit) * 3;
	const fraction =
		places > 0
			? `.${String(time % second)
					.padStart(18, "0")
					.slice(0, places)}`
			: "";
	return shown.map(two).join(":") + fraction;
}

/** The date that lies so many days after 1970 began, by Gregory's calendar without end. */
function dateText(days: bigint): string {
	const { year, month, day } = civilDate(days);
	return `${yearText(year)}-${two(month)}-${two(day)}`;
}

/** Years begin in March here, so that leap days come last. */
function civilDate(days: bigint): { year: bigint; month: bigint; day: bigint } {
	const shifted = days + 719468n;
	const era = floorDivide(shifted, 146097n);
	const dayOfEra = floorRest(shifted, 146097n);
	const yearOfEra = (dayOfEra - dayOfEra / 1460n + dayOfEra / 36524n - dayOfEra / 146096n) / 365n;
	const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
	const march = (5n * dayOfYear + 2n) / 153n;
	const month = march < 10n ? march + 3n : march - 9n;
	const year = yearOfEra + era * 400n + (month <= 2n ? 1n : 0n);
	return { year, month, day: dayOfYear - (153n * march + 2n) / 5n + 1n };
}

/** The days from 1970's beginning to that of a month, counted from the same. */
function daysOfMonth(months: bigint): bigint {
	const year = 1970n + floorDivide(months, 12n) - (floorRest(months, 12n) < 2n ? 1n : 0n);
	const march = (floorRest(months, 12n) + 10n) % 12n;
	const era = floorDivide(year, 400n);
	const yearOfEra = floorRest(year, 400n);
	const dayOfEra = yearOfEra * 365n + yearOfEra / 4n - yearOfEra / 100n + (153n * march + 2n) / 5n;
	return era * 146097n + dayOfEra - 719468n;
}

/** The months that have begun since 1970 did, on a day. */
function monthsOfDay(days: bigint): bigint {
	const { year, month } = civilDate(days);
	return (year - 1970n) * 12n + month - 1n;
}

/** A count of one unit in another, rounded down. A timedelta's years and months have their mean length, as in numpy. */
export function convertCount(
	count: bigint,
	from: DatetimeUnit | undefined,
	to: DatetimeUnit | undefined,
	isDelta: boolean,
): bigint {
	if (count === NAT || from === undefined || to === undefined) return count;
	const steps = count * BigInt(from.count);
	const into = BigInt(to.count);
	if (isDelta) return floorDivide(steps * (lengths[from.name] as bigint), (lengths[to.name] as bigint) * into);
	const [monthsFrom, monthsTo] = [monthsOf(from.name), monthsOf(to.name)];
	if (monthsFrom && monthsTo) return floorDivide(steps * monthsFrom, monthsTo * into);
	const day = lengths["D"] as bigint;
	const time = monthsFrom ? daysOfMonth(steps * monthsFrom) * day : steps * (lengths[from.name] as bigint);
	if (monthsTo) return floorDivide(monthsOfDay(floorDivide(time, day)), monthsTo * into);
	return floorDivide(time, (lengths[to.name] as bigint) * into);
}

/** The count of a unit that a time in seconds and microseconds is, from 1970 on if it is no delta. */
export function countOf(
	seconds: bigint,
	microseconds: bigint,
	unit: DatetimeUnit | undefined,
	isDelta: boolean,
): bigint {
	return convertCount(seconds * 1_000_000n + microseconds, { count: 1, name: "us" }, unit, isDelta);
}

function monthsOf(unit: string): bigint | undefined {
	return unit === "Y" ? 12n : unit === "M" ? 1n : undefined;
}

function yearText(year: bigint): string {
	return year < 0n ? `-${String(-year).padStart(3, "0")}` : String(year).padStart(4, "0");
}

function two(value: bigint): string {
	return String(value).padStart(2, "0");
}

function floorDivide(value: bigint, by: bigint): bigint {
	return (value - floorRest(value, by)) / by;
}

function floorRest(value: bigint, by: bigint): bigint {
	return ((value % by) + by) % by;
}
