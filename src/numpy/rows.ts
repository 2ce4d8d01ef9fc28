import { encodeUtf8 } from "../bytes/utf8.ts";
import type { PyValue } from "../values/value.ts";
import { countOf, NAT } from "./datetimes.ts";
import type { DType } from "./dtype.ts";

/** The fields of Python's date, datetime and timedelta. */
type Time = { readonly [Field in (typeof timeFields)[number]]?: number };

const timeFields = ["year", "month", "day", "hour", "minute", "second", "microsecond"] as const;

/**
 * What `get` gives for a field whose row lies as Python's own objects, as rows do that hold an object: there a time is a datetime, and
 * text of Python 2 may stand for bytes.
 */
export function rowItem(value: PyValue, dtype: DType): PyValue {
	const { kind } = dtype;
	if (dtype.fields ?? dtype.subdtype) return value;
	if (kind === "M" || kind === "m") return timeItem(value, dtype);
	if ((kind === "S" || kind === "V") && typeof value === "string") return encodeUtf8(value);
	if (kind !== "f" || typeof value !== "object" || value === null) return value;
	const bare: unknown = value.valueOf();
	return typeof bare === "number" ? bare : value;
}

function timeItem(value: PyValue, { unit, kind }: DType): PyValue {
	if (value === null) return NAT;
	if (Number.isSafeInteger(value)) return BigInt(value as number);
	if (typeof value !== "object") return value;
	const { days, seconds, microseconds } = value as { [name: string]: number | undefined };
	if (kind === "m" && days !== undefined)
		return countOf(BigInt(days) * 86400n + BigInt(seconds ?? 0), BigInt(microseconds ?? 0), unit, true);
	const [year, month, day, hour = 0, minute = 0, second = 0, microsecond = 0] = timeFields.map(
		(name) => (value as Time)[name],
	);
	if (kind === "m" || year === undefined || month === undefined || day === undefined) return value;
	const time = new Date(0);
	time.setUTCFullYear(year, month - 1, day);
	time.setUTCHours(hour, minute, second);
	return countOf(BigInt(time.getTime() / 1000), BigInt(microsecond), unit, false);
}
