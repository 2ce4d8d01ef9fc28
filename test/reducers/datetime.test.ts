import { describe, expect, test } from "vitest";
import {
	decode,
	encode,
	PyDate,
	PyDateTime,
	PyDict,
	PySet,
	PyTime,
	PyTimeDelta,
	PyTimeZone,
	type PyValue,
	PyZoneInfo,
	toPlain,
} from "../../src/index.ts";
import { bytes, call, expectBack, inspected, read, refused, shown, str } from "../support/calls.ts";

const UTC = new PyTimeZone(new PyTimeDelta(0));
const plusTwo = new PyTimeZone(new PyTimeDelta(0, 7200), "CEST");
const noon = { year: 2024, month: 7, day: 1, hour: 12 };

describe("as pickled", () => {
	test.each<[string, unknown, PyValue]>([
		["date", call("datetime.date", bytes(7, 232, 2, 29)), new PyDate(2024, 2, 29)],
		["date of ints", call("datetime.date", "M\xe8\x07K\x02K\x1d"), new PyDate(2024, 2, 29)],
		[
			"datetime",
			call("datetime.datetime", bytes(7, 232, 2, 29, 1, 2, 3, 6, 248, 85)),
			new PyDateTime({ year: 2024, month: 2, day: 29, hour: 1, minute: 2, second: 3, microsecond: 456_789 }),
		],
		[
			"datetime with fold, the top bit of the month",
			call("datetime.datetime", bytes(7, 232, 138, 27, 2, 30, 0, 0, 0, 0)),
			new PyDateTime({ year: 2024, month: 10, day: 27, hour: 2, minute: 30, fold: 1 }),
		],
		["datetime of ints", call("datetime.datetime", "M\xe8\x07K\x07K\x01K\x0c"), new PyDateTime(noon)],
		[
			"time",
			call("datetime.time", bytes(1, 2, 3, 0, 0, 4)),
			new PyTime({ hour: 1, minute: 2, second: 3, microsecond: 4 }),
		],
		[
			"time with fold, the top bit of the hour",
			call("datetime.time", bytes(129, 2, 0, 0, 0, 0)),
			new PyTime({ hour: 1, minute: 2, fold: 1 }),
		],
		["timedelta", call("datetime.timedelta", "J\xff\xff\xff\xffK\x05K\x07"), new PyTimeDelta(-1, 5, 7)],
		[
			"timedelta that is not normal",
			call("datetime.timedelta", "K\x00J\x80\x51\x01\x00J\xff\xff\xff\xff"),
			new PyTimeDelta(0, 86_399, 999_999),
		],
		[
			"timezone",
			call("datetime.timezone", call("datetime.timedelta", "K\x00M\x10\x0eK\x00"), str("CET")),
			new PyTimeZone(new PyTimeDelta(0, 3600), "CET"),
		],
	])("%s", (_name, pieces, value) => {
		expect(read(pieces as string)).toEqual(value);
	});

	/** 07 e8 is no UTF-8, 07 d0 80 would be, were the month so. */
	const states = [
		["\x07\xe8\x02\x1d\x01\x02\x03\x00\x00\x00", "2024-02-29T01:02:03"],
		["\x07\x7f\x02\x1c\x01\x02\x03\x00\x00\x00", "1919-02-28T01:02:03"],
		["\x07\xe8\x02\x1d\x01\x02\x03\x0a\xc2\x80", "2024-02-29T01:02:03.705152"],
	] as const;

	test.each(states)("of Python 2's str %j, by every encoding", (state, text) => {
		const pickle = Uint8Array.from(`cdatetime\ndatetime\n(U\x0a${state}tR.`, (char) => char.charCodeAt(0));
		for (const encoding of ["auto", "ascii", "latin1", "utf-8", "bytes"] as const) {
			expect(String(decode(pickle, { encoding })), encoding).toBe(text);
		}
	});

	test("of Latin-1 text, as Python 3 has it that read Python 2's", () => {
		expect(String(read(call("datetime.datetime", str("\x07\xe8\x02\x1d\x01\x02\x03\x00\x00\x00"))))).toBe(
			"2024-02-29T01:02:03",
		);
	});
});

describe("goes back as it came", () => {
	test.each<[PyValue, string, string, string]>([
		[new PyDate(2024, 2, 29), "2024-02-29", "datetime.date(2024, 2, 29)", "PyDate(2024-02-29)"],
		[new PyTime({ hour: 1, minute: 2 }), "01:02:00", "datetime.time(1, 2)", "PyTime(01:02:00)"],
		[
			new PyDateTime({ ...noon, microsecond: 5 }),
			"2024-07-01T12:00:00.000005",
			"datetime.datetime(2024, 7, 1, 12, 0, 0, 5)",
			"PyDateTime(2024-07-01T12:00:00.000005)",
		],
		[
			new PyTimeDelta(-1, 86_399),
			"-1 day, 23:59:59",
			"datetime.timedelta(days=-1, seconds=86399)",
			"PyTimeDelta(-1 day, 23:59:59)",
		],
		[
			new PyTimeDelta(2, 3600, 4),
			"2 days, 1:00:00.000004",
			"datetime.timedelta(days=2, seconds=3600, microseconds=4)",
			"PyTimeDelta(2 days, 1:00:00.000004)",
		],
		[new PyTimeDelta(0), "0:00:00", "datetime.timedelta(0)", "PyTimeDelta(0:00:00)"],
	])("%s", (value, text, repr, node) => {
		expectBack(value);
		expect(toPlain(value)).toBe(text);
		expect(shown(value)).toBe(repr);
		expect(inspected(value)).toBe(node);
	});

	test.each<[PyValue, string, string]>([
		[UTC, "UTC", "datetime.timezone.utc"],
		[plusTwo, "CEST", "datetime.timezone(datetime.timedelta(seconds=7200), 'CEST')"],
		[
			new PyTimeZone(new PyTimeDelta(-1, 86_400 - 1172)),
			"UTC-00:19:32",
			"datetime.timezone(datetime.timedelta(days=-1, seconds=85228))",
		],
		[
			new PyDateTime({ ...noon, tzinfo: UTC }),
			"2024-07-01T12:00:00+00:00",
			"datetime.datetime(2024, 7, 1, 12, 0, tzinfo=datetime.timezone.utc)",
		],
		[new PyDateTime({ ...noon, fold: 1 }), "2024-07-01T12:00:00", "datetime.datetime(2024, 7, 1, 12, 0, fold=1)"],
		[
			new PyTime({ hour: 1, minute: 2, tzinfo: UTC }),
			"01:02:00+00:00",
			"datetime.time(1, 2, tzinfo=datetime.timezone.utc)",
		],
	])("%s, but for Python 2, which has no such thing", (value, text, repr) => {
		expectBack(value, { inPython2: false });
		expect(toPlain(value)).toBe(text);
		expect(shown(value)).toBe(repr);
	});

	test("one zone of several stays one", () => {
		const [one, other] = decode(
			encode([new PyDateTime({ ...noon, tzinfo: plusTwo }), new PyTime({ hour: 1, minute: 1, tzinfo: plusTwo })]),
		) as [PyDateTime, PyTime];
		expect(one.tzinfo).toBe(other.tzinfo);
	});
});

describe("equality as keys", () => {
	const berlin = new PyZoneInfo("Europe/Berlin");
	const at = (fields: object) => new PyDateTime({ ...noon, ...fields });

	test.each<[string, PyValue, PyValue, boolean]>([
		["a moment in two zones", at({ tzinfo: UTC }), at({ hour: 14, tzinfo: plusTwo }), true],
		[
			"across midnight",
			at({ hour: 0, tzinfo: plusTwo }),
			new PyDateTime({ year: 2024, month: 6, day: 30, hour: 22, tzinfo: UTC }),
			true,
		],
		["naive and aware", at({}), at({ tzinfo: UTC }), false],
		["fold means nothing", at({}), at({ fold: 1 }), true],
		["one zone by name", at({ tzinfo: berlin }), at({ tzinfo: new PyZoneInfo("Europe/Berlin") }), true],
		["two zones by name", at({ tzinfo: berlin }), at({ tzinfo: new PyZoneInfo("Europe/Rome") }), false],
		["a date and a datetime", new PyDate(2024, 7, 1), at({ hour: 0 }), false],
		["dates", new PyDate(2024, 7, 1), new PyDate(2024, 7, 1), true],
		[
			"times in two zones",
			new PyTime({ hour: 3, minute: 0, tzinfo: UTC }),
			new PyTime({ hour: 5, minute: 0, tzinfo: plusTwo }),
			true,
		],
		["timezones, by offset", plusTwo, new PyTimeZone(new PyTimeDelta(0, 7200)), true],
		["timedeltas", new PyTimeDelta(1), new PyTimeDelta(0, 86_400), true],
		["a timedelta and its text", new PyTimeDelta(1), "\0timedelta\x001,0,0", false],
		[
			"year 1 and year 1, UTC",
			new PyDateTime({ year: 1, month: 1, day: 1, tzinfo: UTC }),
			new PyDateTime({ year: 1, month: 1, day: 1, hour: 2, tzinfo: plusTwo }),
			true,
		],
	])("%s", (_name, one, other, equal) => {
		expect(new PyDict([[one, 1]]).has(other)).toBe(equal);
		expect(new PySet([one, other]).size).toBe(equal ? 1 : 2);
	});
});

describe("what is no date or time is refused", () => {
	test.each<[string, unknown, string]>([
		["two bytes", call("datetime.datetime", bytes(7, 232)), "10 bytes, not 2"],
		["a month of 13", call("datetime.date", bytes(7, 232, 13, 1)), "month .* 1 to 12, not 13"],
		["a month of 99", call("datetime.datetime", bytes(7, 232, 99, 1, 0, 0, 0, 0, 0, 0)), "not 99"],
		["the 30th of February", call("datetime.date", bytes(7, 232, 2, 30)), "day .* 1 to 29, not 30"],
		["hour 24", call("datetime.time", bytes(24, 0, 0, 0, 0, 0)), "hour .* 0 to 23"],
		["a microsecond too many", call("datetime.time", bytes(1, 0, 0, 15, 66, 64)), "microsecond"],
		[
			"a zone that is a dict",
			call("datetime.datetime", bytes(7, 232, 1, 1, 0, 0, 0, 0, 0, 0), "}"),
			"a tzinfo is to be a zone",
		],
		["an offset that is an int", call("datetime.timezone", "K\x01"), "to be a timedelta"],
		["an offset of a day", call("datetime.timezone", call("datetime.timedelta", "K\x01")), "less than a day"],
		["a billion days", call("datetime.timedelta", "J\x00\xca\x9a\x3b"), "at most 999999999 days"],
		["an int of 2,000 bits", call("datetime.timedelta", ["\x8a\xfa", "\x01".repeat(250)]), "too large"],
		["text", call("datetime.timedelta", str("1")), "an int"],
		["no argument", call("datetime.datetime"), "1 to 8 arguments"],
	])("%s", (_name, pieces, reason) => {
		expect(() => read(pieces as string)).toThrow(refused(reason));
	});

	test("a wrong field in JavaScript is a TypeError", () => {
		expect(() => new PyDate(2024, 2, 30)).toThrow(TypeError);
		expect(() => new PyDateTime({ ...noon, hour: 1.5 })).toThrow(TypeError);
		expect(() => new PyTimeDelta(0.5)).toThrow(TypeError);
	});
});

describe("toDate", () => {
	const fields = { year: 99, month: 2, day: 28, hour: 23, minute: 59, second: 59, microsecond: 123_999 };
	test("is the moment, cut to milliseconds", () => {
		const zone = new PyTimeZone(new PyTimeDelta(0, -3_600));
		expect(new PyDateTime({ ...fields, tzinfo: zone }).toDate().toISOString()).toBe("0099-03-01T00:59:59.123Z");
	});

	test("a Date comes back as it was", () => {
		for (const time of [0, 1_709_164_800_123, -1, -62_135_596_800_000]) {
			expect((decode(encode(new Date(time))) as PyDateTime).toDate()).toEqual(new Date(time));
		}
	});

	test("is refused without a zone whose offset is known", () => {
		expect(() => new PyDateTime(fields).toDate()).toThrow(
			/no known UTC offset.*; new Date\("0099-.*Z"\) takes it as UTC$/,
		);
		expect(() => new PyDateTime({ ...fields, tzinfo: new PyZoneInfo("Europe/Berlin") }).toDate()).toThrow(TypeError);
	});
});
