import { describe, expect, test } from "vitest";
import { PyDateTime, PyPytzZone, toPlain } from "../../src/index.ts";
import { call, expectBack, read, refused, shown, str } from "../support/calls.ts";

describe("the zones of pytz", () => {
	test.each<[string, unknown, PyPytzZone, string]>([
		["UTC", call("pytz._UTC"), new PyPytzZone("UTC"), "<UTC>"],
		["an offset", call("pytz.FixedOffset", "KZ"), new PyPytzZone(null, 5400), "pytz.FixedOffset(90)"],
		["a name", call("pytz._p", str("Etc/GMT+5")), new PyPytzZone("Etc/GMT+5"), "<StaticTzInfo 'Etc/GMT+5'>"],
		[
			"a localized one",
			call("pytz._p", str("Europe/Berlin"), "M\x20\x1cM\x10\x0e", str("CEST")),
			new PyPytzZone("Europe/Berlin", 7200, 3600, "CEST"),
			"<DstTzInfo 'Europe/Berlin' CEST+2:00:00 DST>",
		],
		[
			"one behind UTC",
			call("pytz._p", str("America/New_York"), "J\xb0\xb9\xff\xffK\x00", str("EST")),
			new PyPytzZone("America/New_York", -18_000, 0, "EST"),
			"<DstTzInfo 'America/New_York' EST-1 day, 19:00:00 STD>",
		],
	])("%s", (_name, pieces, zone, repr) => {
		expect(read(pieces as string)).toEqual(zone);
		expectBack(zone);
		expectBack(new PyDateTime({ year: 2024, month: 7, day: 1, tzinfo: zone }));
		expect(toPlain(zone)).toBe(zone.name ?? "pytz.FixedOffset(90)");
		expect(shown(zone)).toBe(repr);
	});

	test("cannot be changed", () => {
		const zone = read(call("pytz.FixedOffset", "KZ")) as { offset: number };
		expect(() => {
			zone.offset = 1;
		}).toThrow(TypeError);
	});

	test.each([
		[call("pytz.FixedOffset", "M\xff\x7f"), "-1439 to 1439"],
		[call("pytz._p", "K\x01"), "a str"],
		[call("pytz._p", str("Europe/Berlin"), "K\x00"), "two offsets"],
		[call("pytz._UTC", "K\x01"), "0 arguments"],
	])("of other arguments are refused", (pieces, reason) => {
		expect(() => read(pieces)).toThrow(refused(reason));
	});
});
