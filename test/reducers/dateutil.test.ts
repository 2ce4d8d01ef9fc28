import { describe, expect, test } from "vitest";
import { decode, encode, PyDateutilZone, PyTimeDelta, toPlain } from "../../src/index.ts";
import { call, read, refused, shown, str } from "../support/calls.ts";

const made = (type: string) => ["\x80\x02cdateutil.tz.tz\n", type, "\n)\x81"];

describe("the zones of dateutil", () => {
	test.each<[string, unknown, string, string | null, PyTimeDelta | undefined, string]>([
		["tzutc", made("tzutc"), "tzutc", "UTC", new PyTimeDelta(0), "tzutc()"],
		[
			"tzutc below protocol 2",
			call("copy_reg._reconstructor", "cdateutil.tz.tz\ntzutc\ncdatetime\ntzinfo\n", call("datetime.tzinfo")),
			"tzutc",
			"UTC",
			new PyTimeDelta(0),
			"tzutc()",
		],
		[
			"tzoffset",
			[
				made("tzoffset"),
				"}(",
				str("_name"),
				str("X"),
				str("_offset"),
				call("datetime.timedelta", "K\x00M\x10\x0eK\x00"),
				"ub",
			],
			"tzoffset",
			"X",
			new PyTimeDelta(0, 3600),
			"tzoffset('X', 3600)",
		],
		[
			"tzfile, by the name of its file",
			[call("dateutil.tz.tz.tzfile", "N", str("Europe/Berlin")), "}", str("_filename"), str("Europe/Berlin"), "sb"],
			"tzfile",
			"Europe/Berlin",
			undefined,
			"tzfile('Europe/Berlin')",
		],
		["tzlocal", [made("tzlocal"), "}", str("_hasdst"), "I00\nsb"], "tzlocal", null, undefined, "tzlocal()"],
	])("%s", (_name, pieces, type, name, offset, repr) => {
		const zone = read(pieces as string) as PyDateutilZone;
		expect(zone).toBeInstanceOf(PyDateutilZone);
		expect([zone.type, zone.name, zone.offset]).toEqual([type, name, offset]);
		for (const protocol of [0, 2, 4] as const) expect(decode(encode(zone, { protocol }))).toEqual(zone);
		expect(shown(zone)).toBe(repr);
		expect(toPlain(zone)).toBe(name ?? type);
	});

	test("of another state are refused", () => {
		expect(() => read(made("tzoffset"), "K\x01b")).toThrow(refused("a dict of attributes"));
	});
});
