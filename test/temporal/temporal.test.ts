import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { DType, NumpyScalar } from "../../src/numpy/index.ts";
import { fromTemporal, toTemporal } from "../../src/temporal/index.ts";
import {
	PyDate,
	PyDateTime,
	PyDateutilZone,
	PyPytzZone,
	PyTime,
	PyTimeDelta,
	PyTimeZone,
	PyZoneInfo,
} from "../../src/values/standard.ts";
import { PyGlobal, PyObject, type PyValue } from "../../src/values.ts";

const UTC = new PyTimeZone(new PyTimeDelta(0));
const berlin = new PyZoneInfo("Europe/Berlin");
const plusTwo = new PyTimeZone(new PyTimeDelta(0, 7200));
const noon = { year: 2024, month: 7, day: 1, hour: 12 };
/** The clocks of Berlin show 02:30 twice. */
const twice = { year: 2024, month: 10, day: 27, hour: 2, minute: 30 };
/** And this one never. */
const never = { year: 2024, month: 3, day: 31, hour: 2, minute: 30 };

describe("exact both ways", () => {
	test.each<[PyValue, string]>([
		[new PyDate(2024, 2, 29), "2024-02-29"],
		[new PyDate(1, 1, 1), "0001-01-01"],
		[new PyDate(9999, 12, 31), "9999-12-31"],
		[new PyTime({ hour: 23, minute: 59, second: 59, microsecond: 999_999 }), "23:59:59.999999"],
		[new PyTime({ hour: 0, minute: 0 }), "00:00:00"],
		[new PyDateTime({ ...noon, microsecond: 123_457 }), "2024-07-01T12:00:00.123457"],
		[new PyDateTime({ ...noon, tzinfo: UTC }), "2024-07-01T12:00:00+00:00[UTC]"],
		[new PyDateTime({ ...noon, tzinfo: plusTwo }), "2024-07-01T12:00:00+02:00[+02:00]"],
		[new PyDateTime({ ...noon, tzinfo: berlin }), "2024-07-01T12:00:00+02:00[Europe/Berlin]"],
		[new PyDateTime({ ...twice, tzinfo: berlin }), "2024-10-27T02:30:00+02:00[Europe/Berlin]"],
		[new PyDateTime({ ...twice, fold: 1, tzinfo: berlin }), "2024-10-27T02:30:00+01:00[Europe/Berlin]"],
		[new PyTimeDelta(0), "PT0S"],
		[new PyTimeDelta(-1, 86_399), "-PT1S"],
		[new PyTimeDelta(2, 3, 4), "P2DT3.000004S"],
		[new PyTimeDelta(999_999_999, 86_399, 999_999), "P999999999DT86399.999999S"],
	])("%s", (value, text) => {
		const temporal = toTemporal(value);
		expect(String(temporal)).toBe(text);
		expect(fromTemporal(temporal as Temporal.PlainDate)).toEqual(value);
	});

	test("any timedelta", () => {
		const day = fc.integer({ min: -999_999_999, max: 999_999_999 });
		const rest = [fc.nat(86_399), fc.nat(999_999)] as const;
		fc.assert(
			fc.property(day, ...rest, (...parts) => {
				const value = new PyTimeDelta(...parts);
				expect(fromTemporal(toTemporal(value) as Temporal.Duration)).toEqual(value);
			}),
		);
	});
});

describe("zones by name", () => {
	test.each<[string, object, string]>([
		[
			"pytz, localized",
			new PyPytzZone("Europe/Berlin", 7200, 3600, "CEST"),
			"2024-07-01T12:00:00+02:00[Europe/Berlin]",
		],
		["pytz, of one offset", new PyPytzZone("Etc/GMT+5"), "2024-07-01T12:00:00-05:00[Etc/GMT+5]"],
		["pytz.UTC", new PyPytzZone("UTC"), "2024-07-01T12:00:00+00:00[UTC]"],
		["pytz.FixedOffset", new PyPytzZone(null, 5400), "2024-07-01T12:00:00+01:30[+01:30]"],
		["dateutil's tzutc", new PyDateutilZone("dateutil.tz.tz", "tzutc"), "2024-07-01T12:00:00+00:00[UTC]"],
		[
			"dateutil's tzfile",
			new PyDateutilZone("dateutil.tz.tz", "tzfile", [null, "/usr/share/zoneinfo/Europe/Berlin"]),
			"2024-07-01T12:00:00+02:00[Europe/Berlin]",
		],
	])("%s", (_name, tzinfo, text) => {
		expect(String(toTemporal(new PyDateTime({ ...noon, tzinfo })))).toBe(text);
	});

	test("a zone of pytz that says which of two moments is meant", () => {
		const later = new PyPytzZone("Europe/Berlin", 3600, 0, "CET");
		expect(String(toTemporal(new PyDateTime({ ...twice, tzinfo: later })))).toContain("+01:00");
	});
});

describe("numpy", () => {
	const scalar = (dtype: string, value: PyValue) => new NumpyScalar(DType.of(dtype), value);
	const bytes = (value: bigint, little = true) => {
		const memory = new Uint8Array(8);
		new DataView(memory.buffer).setBigInt64(0, value, little);
		return memory;
	};

	test.each<[string, PyValue, string]>([
		["<M8[ns]", bytes(1_709_210_096_123_456_789n), "2024-02-29T12:34:56.123456789"],
		[">M8[us]", bytes(-1n, false), "1969-12-31T23:59:59.999999"],
		["<M8[s]", 0n, "1970-01-01T00:00:00"],
		["<M8[25s]", 2, "1970-01-01T00:00:50"],
		["<M8[h]", -1, "1969-12-31T23:00:00"],
		["<M8[D]", bytes(19_782n), "2024-02-29"],
		["<M8[W]", 1, "1970-01-08"],
		["<M8[M]", -1, "1969-12"],
		["<M8[ps]", 3000n, "1970-01-01T00:00:00.000000003"],
		["<m8[Y]", -2, "-P2Y"],
		["<m8[D]", bytes(3n), "P3D"],
		["<m8[ns]", 1_500_000_000n, "PT1.5S"],
		["<m8[ns]", bytes(-1_704_067_200_000_000_001n), "-PT1704067200.000000001S"],
		["<m8[us]", bytes(2n ** 63n - 1n), "PT9223372036854.775807S"],
		["<m8[ms]", bytes(-9_000_000_000_000_000_001n), "-PT9000000000000000.001S"],
		["<m8[ps]", bytes(9_223_372_036_854_775_000n), "PT9223372.036854775S"],
		["<m8[as]", 2_000_000_000n, "PT0.000000002S"],
	])("%s of %s is %s", (dtype, value, text) => {
		expect(String(toTemporal(scalar(dtype, value)))).toBe(text);
	});

	test.each<[string, PyValue, string]>([
		["<M8[ns]", bytes(-(2n ** 63n)), "NaT"],
		["<m8[s]", bytes(-(2n ** 63n)), "NaT"],
		["<M8", bytes(1n), "without unit"],
		["<M8[Y]", 54, "a year alone"],
		["<M8[fs]", 1, "no whole nanoseconds"],
		["<M8[s]", bytes(2n ** 62n), "Temporal has no such value"],
		["<M8[D]", bytes(2n ** 40n), "Temporal has no such value"],
		["<m8[Y]", bytes(2n ** 62n), "a count"],
		["<m8[s]", bytes(2n ** 62n), "a count"],
		["<m8[D]", bytes(2n ** 62n), "a count"],
		["<M8[s]", Uint8Array.of(1), "8 bytes"],
	])("%s of %s does not fit", (dtype, value, reason) => {
		expect(() => toTemporal(scalar(dtype, value))).toThrow(
			expect.objectContaining({ code: "E_PLAIN", message: expect.stringMatching(reason) }),
		);
	});
});

describe("what does not fit into Temporal says so", () => {
	const minutes = new PyTimeZone(new PyTimeDelta(0, 1172));
	const named = new PyTimeZone(new PyTimeDelta(0, 3600), "CET");
	const inert = new PyObject("call", new PyGlobal("app", "Zone"), []);

	test.each<[PyValue, string]>([
		[new PyTime({ hour: 1, minute: 2, tzinfo: UTC }), "a time with a zone"],
		[new PyTime({ hour: 1, minute: 2, fold: 1 }), "fold but no zone"],
		[new PyDateTime({ ...noon, fold: 1 }), "fold but no zone"],
		[new PyDateTime({ ...noon, fold: 1, tzinfo: berlin }), "show 2024-07-01T12:00:00 once"],
		[new PyDateTime({ ...never, tzinfo: berlin }), "leave out 2024-03-31T02:30:00"],
		[new PyDateTime({ ...noon, tzinfo: minutes }), "an offset of \\+00:19:32, with seconds"],
		[new PyDateTime({ ...noon, tzinfo: named }), "a name of its own"],
		[new PyDateTime({ ...noon, tzinfo: inert }), "<app.Zone>, an object of another class"],
		[new PyDateTime({ ...noon, tzinfo: new PyZoneInfo("No/Such") }), "Temporal has no such value"],
		[new PyDateTime({ ...noon, tzinfo: new PyDateutilZone("dateutil.tz.tz", "tzlocal") }), "neither name nor offset"],
		[new PyDateTime({ ...noon, tzinfo: new PyPytzZone("Europe/Berlin", 3180, 0, "LMT") }), "not at \\+00:53"],
		[new PyDateTime({ ...noon, tzinfo: new PyPytzZone("Europe/Berlin") }), "not localized"],
		[new PyDateTime({ ...noon, tzinfo: new PyDateutilZone("dateutil.tz.tz", "tzrange", ["EST"]) }), "neither name nor"],
	])("%s", (value, reason) => {
		expect(() => toTemporal(value)).toThrow(
			expect.objectContaining({ code: "E_PLAIN", message: expect.stringMatching(reason) }),
		);
	});

	test.each([[null], ["2024-02-29"], [new Date()], [new PyTimeZone(new PyTimeDelta(0))]])("%s is no date", (value) => {
		expect(() => toTemporal(value)).toThrow(TypeError);
	});
});

describe("what does not fit into Python says so", () => {
	/** A date of another Temporal, which has more calendars. */
	const hebrew = {
		...{ year: 5784, month: 6, day: 20, calendarId: "hebrew" },
		[Symbol.toStringTag]: "Temporal.PlainDate",
		toString: () => "2024-02-29[u-ca=hebrew]",
	};

	test.each<[Parameters<typeof fromTemporal>[0], string]>([
		[Temporal.PlainDate.from("-000001-01-01"), "the year -1"],
		[Temporal.PlainDate.from("+010000-01-01"), "the year 10000"],
		[hebrew as unknown as Temporal.PlainDate, "the calendar hebrew"],
		[Temporal.PlainTime.from("01:02:03.000000004"), "4 nanoseconds"],
		[Temporal.PlainDateTime.from("2024-01-01T00:00:00.000000001"), "1 nanoseconds"],
		[Temporal.Duration.from("P1Y"), "years and months"],
		[Temporal.Duration.from("P1M"), "years and months"],
		[Temporal.Duration.from("P1000000000D"), "999,999,999 days"],
		[Temporal.Duration.from({ nanoseconds: 1 }), "nanoseconds"],
	])("%s", (value, reason) => {
		expect(() => fromTemporal(value)).toThrow(
			expect.objectContaining({ code: "E_UNENCODABLE", message: expect.stringContaining(reason) }),
		);
	});

	test("other values are a TypeError", () => {
		for (const value of [null, undefined, "2024-02-29", new Date(), Temporal.PlainYearMonth.from("2024-02")]) {
			expect(() => fromTemporal(value as never)).toThrow(TypeError);
		}
	});

	test("a moment is in UTC", () => {
		const moment = fromTemporal(Temporal.Instant.from("2024-07-01T12:00:00+02:00"));
		expect(String(moment)).toBe("2024-07-01T10:00:00+00:00");
	});

	test("weeks and hours are days and seconds", () => {
		expect(fromTemporal(Temporal.Duration.from("P1W2DT3H4M5.000006S"))).toEqual(new PyTimeDelta(9, 11_045, 6));
	});
});
