import { type Composite, compositeParts, equalityKey } from "./equality.ts";
import { PyAtom, pythonRepr } from "./shown.ts";
import { fractionOf, padded } from "./timedelta.ts";
import type { PyValue } from "./value.ts";
import { offsetText, PyZone } from "./zones.ts";

/** @throws TypeError naming the field that is out of its range */
function check(fields: Readonly<Record<string, number>>, ranges: Readonly<Record<string, readonly [number, number]>>) {
	for (const [name, value] of Object.entries(fields)) {
		const [least, most] = ranges[name] as readonly [number, number];
		if (!(Number.isInteger(value) && value >= least && value <= most))
			throw new TypeError(`the ${name} of a date or time is ${least} to ${most}, not ${value}`);
	}
}

const clockRanges = {
	hour: [0, 23],
	minute: [0, 59],
	second: [0, 59],
	microsecond: [0, 999_999],
	fold: [0, 1],
} as const;

function checkDate(year: number, month: number, day: number): void {
	check({ year, month }, { year: [1, 9999], month: [1, 12] });
	check({ day }, { day: [1, new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()] });
}

/** Python's date: year 1 to 9999, month and day from 1. */
export class PyDate extends PyAtom {
	readonly year: number;
	readonly month: number;
	readonly day: number;

	/** @throws TypeError if there is no such day */
	constructor(year: number, month: number, day: number) {
		super();
		checkDate(year, month, day);
		this.year = year;
		this.month = month;
		this.day = day;
	}

	get [Symbol.toStringTag](): string {
		return "PyDate";
	}

	/** `2024-02-29` */
	toString(): string {
		return isoDate(this);
	}

	[pythonRepr](): string {
		return `datetime.date(${this.year}, ${this.month}, ${this.day})`;
	}

	[equalityKey](): string {
		return `\0date\0${isoDate(this)}`;
	}
}

/** The fields of a time. All but the hour and minute may be left out. */
export interface TimeFields {
	readonly hour: number;
	readonly minute: number;
	readonly second?: number | undefined;
	readonly microsecond?: number | undefined;
	/** 1 for the second of two times that a clock set back shows twice. */
	readonly fold?: number | undefined;
	/** A PyZone, or the object of a class that is not known here. */
	readonly tzinfo?: object | null | undefined;
}

/** Python's time: naive, or with a zone. */
export class PyTime extends PyAtom {
	readonly hour: number;
	readonly minute: number;
	readonly second: number;
	readonly microsecond: number;
	readonly fold: number;
	readonly tzinfo: object | null;

	/** @throws TypeError if there is no such time */
	constructor({ hour, minute, second = 0, microsecond = 0, fold = 0, tzinfo = null }: TimeFields) {
		super();
		check({ hour, minute, second, microsecond, fold }, clockRanges);
		this.hour = hour;
		this.minute = minute;
		this.second = second;
		this.microsecond = microsecond;
		this.fold = fold;
		this.tzinfo = tzinfo;
	}

	get [Symbol.toStringTag](): string {
		return "PyTime";
	}

	/** `01:02:03.000004+02:00`; a zone that is no offset stands in brackets: `01:02:00[Europe/Berlin]`. */
	toString(): string {
		return isoTime(this) + zoneText(this.tzinfo);
	}

	[pythonRepr](): string {
		return `datetime.time(${[...clockParts(this, 2), ...endParts(this)].join(", ")})`;
	}

	[equalityKey](): string | undefined {
		const offset = offsetOf(this.tzinfo);
		if (offset === undefined) return undefined;
		if (offset === null) return `\0time\0${isoTime(this)}`;
		const seconds = this.hour * 3600 + this.minute * 60 + this.second;
		return `\0time\0${seconds * 1e6 + this.microsecond - offset}`;
	}

	/** With a zone whose offset is not known here: the time and the zone. */
	[compositeParts](): Composite {
		return { items: [TIME, isoTime(this), zoneIdentity(this.tzinfo)], ordered: true };
	}
}

/** The fields of a datetime. All but the day may be left out. */
export interface DateTimeFields extends Omit<TimeFields, "hour" | "minute"> {
	readonly hour?: number | undefined;
	readonly minute?: number | undefined;
	readonly year: number;
	readonly month: number;
	readonly day: number;
}

/** Python's datetime: naive, or with a zone. */
export class PyDateTime extends PyAtom {
	readonly year: number;
	readonly month: number;
	readonly day: number;
	readonly hour: number;
	readonly minute: number;
	readonly second: number;
	readonly microsecond: number;
	readonly fold: number;
	readonly tzinfo: object | null;

	/** @throws TypeError if there is no such day or time */
	constructor(fields: DateTimeFields) {
		super();
		const { year, month, day, hour = 0, minute = 0, second = 0, microsecond = 0, fold = 0, tzinfo = null } = fields;
		checkDate(year, month, day);
		check({ hour, minute, second, microsecond, fold }, clockRanges);
		this.year = year;
		this.month = month;
		this.day = day;
		this.hour = hour;
		this.minute = minute;
		this.second = second;
		this.microsecond = microsecond;
		this.fold = fold;
		this.tzinfo = tzinfo;
	}

	get [Symbol.toStringTag](): string {
		return "PyDateTime";
	}

	/**
	 * The moment as a Date, which has no microseconds: they are cut to milliseconds.
	 * @throws TypeError if the UTC offset is not known: without a zone, where `new Date(String(time) + "Z")` takes it as UTC; or with one that
	 * only a database of zones tells, which `toTemporal` of picklet/temporal has
	 */
	toDate(): Date {
		const offset = offsetOf(this.tzinfo);
		if (typeof offset !== "number") {
			const help =
				offset === null ? `new Date("${this}Z") takes it as UTC` : "toTemporal of picklet/temporal knows zones";
			throw new TypeError(`${this} has no known UTC offset, so it names no moment; ${help}`);
		}
		const date = new Date(0);
		date.setUTCFullYear(this.year, this.month - 1, this.day);
		date.setUTCHours(this.hour, this.minute, this.second);
		return new Date(date.getTime() + Math.floor((this.microsecond - offset) / 1000));
	}

	/** `2024-02-29T01:02:03+00:00`; a zone that is no offset stands in brackets: `2024-07-01T12:00:00[Europe/Berlin]`. */
	toString(): string {
		return `${isoDate(this)}T${isoTime(this)}${zoneText(this.tzinfo)}`;
	}

	[pythonRepr](): string {
		const date = [this.year, this.month, this.day];
		return `datetime.datetime(${[...date, ...clockParts(this, 2), ...endParts(this)].join(", ")})`;
	}

	/** An aware datetime is the moment that it is, wherever its zone; a naive one equals none of them. */
	[equalityKey](): string | undefined {
		const offset = offsetOf(this.tzinfo);
		if (offset === undefined) return undefined;
		if (offset === null) return `\0datetime\0${isoDate(this)}T${isoTime(this)}`;
		const micros = this.microsecond - offset;
		const seconds = secondsOf(this) + Math.floor(micros / 1e6);
		return `\0datetime\0${seconds} ${micros - Math.floor(micros / 1e6) * 1e6}`;
	}

	/** With a zone whose offset is not known here: the time there and the zone. */
	[compositeParts](): Composite {
		return { items: [DATETIME, `${isoDate(this)}T${isoTime(this)}`, zoneIdentity(this.tzinfo)], ordered: true };
	}
}

/** Stand before the parts of values of one class, so that those of others are not equal. */
const [TIME, DATETIME] = [Object.freeze({}), Object.freeze({})];

/** Seconds from 1970 to that time on a clock of UTC. */
function secondsOf({ year, month, day, hour, minute, second }: PyDateTime): number {
	// Years below 100 would be taken for 1900 and later.
	const shifted = Date.UTC(year + 400, month - 1, day, hour, minute, second);
	return shifted / 1000 - 146_097 * 86_400;
}

/** Of a zone: null for none, undefined if it is not known here. */
function offsetOf(tzinfo: object | null): number | null | undefined {
	if (tzinfo === null) return null;
	return tzinfo instanceof PyZone ? tzinfo.offsetMicroseconds : undefined;
}

/** Zones of one name are one, as they are in Python; other objects are themselves. */
function zoneIdentity(tzinfo: object | null): PyValue {
	return tzinfo instanceof PyZone && tzinfo.zoneName !== undefined ? tzinfo.zoneName : tzinfo;
}

function isoDate({ year, month, day }: { year: number; month: number; day: number }): string {
	return `${padded(year, 4)}-${padded(month)}-${padded(day)}`;
}

function isoTime({ hour, minute, second, microsecond }: PyTime | PyDateTime): string {
	return `${padded(hour)}:${padded(minute)}:${padded(second)}${fractionOf(microsecond)}`;
}

function zoneText(tzinfo: object | null): string {
	if (tzinfo === null) return "";
	if (!(tzinfo instanceof PyZone)) return `[${tzinfo}]`;
	const { offsetMicroseconds: offset, zoneName } = tzinfo;
	if (offset === undefined) return `[${zoneName ?? tzinfo}]`;
	return offsetText(offset) + (zoneName === undefined || offset === 0 ? "" : `[${zoneName}]`);
}

/** Hour, minute, and what follows as far as it is not 0: at least so many. */
function clockParts({ hour, minute, second, microsecond }: PyTime | PyDateTime, least: number): number[] {
	const parts = [hour, minute, second, microsecond];
	while (parts.length > least && parts.at(-1) === 0) parts.pop();
	return parts;
}

function endParts({ fold, tzinfo }: PyTime | PyDateTime): string[] {
	const zone = tzinfo instanceof PyZone ? tzinfo[pythonRepr]() : String(tzinfo);
	return [...(fold ? ["fold=1"] : []), ...(tzinfo ? [`tzinfo=${zone}`] : [])];
}
