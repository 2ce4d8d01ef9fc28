import { isLong } from "../bytes/int64.ts";
import { PyDate, PyDateTime, PyTime } from "../values/datetime.ts";
import { PyGlobal, PyObject } from "../values/objects.ts";
import { PyTimeDelta } from "../values/timedelta.ts";
import type { PyValue } from "../values/value.ts";
import { PyTimeZone, PyZone } from "../values/zones.ts";
import { integer, positional, refuse, smallInteger, text } from "./arguments.ts";
import { attributesOf, unencodable } from "./objects.ts";
import type { CreateCall, DecodeContext, EncodeContext, Reducer } from "./reducer.ts";

/** The bytes that a date or time is pickled as, so many, with a zone if it has `most` arguments; undefined where it is made of ints. */
function packed(args: readonly PyValue[], size: number, most: number, context: DecodeContext): Uint8Array | undefined {
	const [first] = args;
	if (first === undefined || typeof first === "number" || typeof first === "bigint" || isLong(first)) return undefined;
	const bytes = context.bytes(first, size);
	if (args.length > most) throw refuse(`a date or time of bytes takes ${most} arguments, not ${args.length}`);
	if (bytes.length === size) return bytes;
	throw refuse(`a date or time of this kind is ${size} bytes, not ${bytes.length}`);
}

/** The zone of an argument: one that is known, an object that may be one, or none. */
function zoneOf(value: PyValue | undefined): object | null {
	if (value === undefined || value === null) return null;
	if (value instanceof PyZone || value instanceof PyObject || value instanceof PyGlobal) return value;
	throw refuse("a tzinfo is to be a zone");
}

function numbers(args: readonly PyValue[]): number[] {
	return args.map((arg) => smallInteger(arg, 0, 1e6));
}

const date: Reducer<PyDate> = {
	name: "datetime.date",
	takesBytes: true,
	create: (call, context) => {
		const args = positional(call, "date", 1, 3);
		const bytes = packed(args, 4, 1, context);
		const [year, month, day] = bytes ? dateIn(bytes) : numbers(args);
		return new PyDate(year as number, month as number, day as number);
	},
	types: [PyDate],
	reduce: (value, { global }) => ({ callable: global("datetime", "date"), args: [Uint8Array.from(dateBytes(value))] }),
};

function dateIn(bytes: Uint8Array): [year: number, month: number, day: number] {
	const [high, low, month, day] = bytes as unknown as [number, number, number, number];
	return [256 * high + low, month, day];
}

function dateBytes({ year, month, day }: PyDate | PyDateTime): number[] {
	return [year >> 8, year & 255, month, day];
}

function timeIn(bytes: Uint8Array) {
	const [hour, minute, second, high, middle, low] = bytes as unknown as [
		number,
		number,
		number,
		number,
		number,
		number,
	];
	return { hour, minute, second, microsecond: 65_536 * high + 256 * middle + low };
}

function timeBytes({ hour, minute, second, microsecond }: PyTime | PyDateTime): number[] {
	return [hour, minute, second, microsecond >> 16, (microsecond >> 8) & 255, microsecond & 255];
}

/** The bytes of a date or time, with the fold as the top bit of one. Python 2 has no fold. */
function folded(bytes: number[], at: number, { fold, tzinfo }: PyTime | PyDateTime, { python }: EncodeContext) {
	if (fold === 1) {
		if (python === 2) throw unencodable("a time with fold, which Python 2 does not have");
		(bytes[at] as number) += 128;
	}
	return [Uint8Array.from(bytes), ...(tzinfo === null ? [] : [tzinfo])];
}

const time: Reducer<PyTime> = {
	name: "datetime.time",
	takesBytes: true,
	create: (call, context) => {
		const args = positional(call, "time", 0, 5);
		const bytes = packed(args, 6, 2, context);
		if (bytes) {
			const [first, zone] = [bytes[0] as number, zoneOf(args[1])];
			return new PyTime({ ...timeIn(bytes), hour: first & 127, fold: first >> 7, tzinfo: zone });
		}
		const [hour = 0, minute = 0, second, microsecond] = numbers(args.slice(0, 4));
		return new PyTime({ hour, minute, second, microsecond, tzinfo: zoneOf(args[4]) });
	},
	types: [PyTime],
	reduce: (value, context) => ({
		callable: context.global("datetime", "time"),
		args: folded(timeBytes(value), 0, value, context),
	}),
};

const datetime: Reducer<PyDateTime> = {
	name: "datetime.datetime",
	takesBytes: true,
	create: (call, context) => {
		const args = positional(call, "datetime", 1, 8);
		const bytes = packed(args, 10, 2, context);
		if (bytes) {
			const [year, month, day] = dateIn(bytes);
			const fields = { year, month: month & 127, day, fold: month >> 7, tzinfo: zoneOf(args[1]) };
			return new PyDateTime({ ...fields, ...timeIn(bytes.subarray(4)) });
		}
		if (args.length < 3) throw refuse("datetime takes a year, a month and a day");
		const [year, month, day, hour, minute, second, microsecond] = numbers(args.slice(0, 7));
		const clock = { hour, minute, second, microsecond, tzinfo: zoneOf(args[7]) };
		return new PyDateTime({ year: year as number, month: month as number, day: day as number, ...clock });
	},
	types: [PyDateTime],
	reduce: (value, context) => ({
		callable: context.global("datetime", "datetime"),
		args: folded([...dateBytes(value), ...timeBytes(value)], 2, value, context),
	}),
};

const timedelta: Reducer<PyTimeDelta> = {
	name: "datetime.timedelta",
	create: (call) => {
		const [days = 0, seconds = 0, microseconds = 0] = positional(call, "timedelta", 0, 3).map(bounded);
		return new PyTimeDelta(days, seconds, microseconds);
	},
	types: [PyTimeDelta],
	reduce: ({ days, seconds, microseconds }, { global }) => ({
		callable: global("datetime", "timedelta"),
		args: [days, seconds, microseconds],
	}),
};

/** Ints beyond any timedelta are not multiplied. */
function bounded(value: PyValue): number | bigint {
	const found = integer(value);
	if (found > -(10n ** 20n) && found < 10n ** 20n) return found;
	throw refuse("a part of a timedelta is too large");
}

const timezone: Reducer<PyTimeZone> = {
	name: "datetime.timezone",
	create: (call: CreateCall, context) => {
		const [offset, name] = positional(call, "timezone", 1, 2);
		if (!(offset instanceof PyTimeDelta)) throw refuse("the offset of a timezone is to be a timedelta");
		return new PyTimeZone(offset, name === undefined ? null : text(name, context));
	},
	// Python's own datetime.py gives its arguments again, as slots.
	setState: (made, state, context) => {
		const { offset } = made;
		const given = attributesOf(state, context).get("_offset") ?? offset;
		if (!(given instanceof PyTimeDelta) || given.totalMicroseconds !== offset.totalMicroseconds)
			throw refuse("the state of a timezone is to be what it was made of");
	},
	types: [PyTimeZone],
	reduce: ({ offset, name }, { global, python }) => {
		if (python === 2) throw unencodable("a datetime.timezone, which Python 2 does not have");
		return { callable: global("datetime", "timezone"), args: name === null ? [offset] : [offset, name] };
	},
};

/** Python's module datetime. */
export const datetimeReducers: readonly Reducer[] = [date, time, datetime, timedelta, timezone];
