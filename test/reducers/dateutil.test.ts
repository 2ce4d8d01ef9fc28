import { describe, expect, test } from "vitest";
import { decode, encode, PyDateutilZone, PyTimeDelta, toPlain } from "../../src/index.ts";
import { assemble, type Piece } from "../support/assemble.ts";
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

	const unpickled = (type: string, ...args: Piece[]) => call("dateutil.tz._tzfile._unpickle", type, ...args);
	const tzfile = "cdateutil.tz._tzfile\ntzfile\n";
	const data = ["(K\x00K\x01\x86]]]", str("CET"), "t"];

	test.each<[string, Piece, string | null, PyTimeDelta | undefined, number]>([
		["tzutc()", call("dateutil.tz.tz.tzutc"), "UTC", new PyTimeDelta(0), 0],
		["tzlocal()", call("dateutil.tz.tz.tzlocal"), null, undefined, 0],
		[
			"tzoffset of a timedelta, as dateutil 4 writes it",
			call("dateutil.tz.tz.tzoffset", str("X"), call("datetime.timedelta", "K\x00M\x10\x0e")),
			"X",
			new PyTimeDelta(0, 3600),
			2,
		],
		["tzoffset of seconds", call("dateutil.tz.tzoffset", "NM\x10\x0e"), null, new PyTimeDelta(0, 3600), 2],
		["tzrange", call("dateutil.tz.tz.tzrange", str("EST"), "J\xb0\xb9\xff\xff", str("EDT")), "EST", undefined, 3],
		["tzstr", call("dateutil.tz.tz.tzstr", str("EST5EDT")), "EST5EDT", undefined, 1],
		["a file, since dateutil 3", unpickled(tzfile, str("Europe/Berlin"), "N", data), "Europe/Berlin", undefined, 3],
	])("keep the arguments of a call: %s", (_name, pieces, name, offset, count) => {
		const zone = read(pieces) as PyDateutilZone;
		expect([zone.name, zone.offset, zone.args.length]).toEqual([name, offset, count]);
		for (const protocol of [0, 2, 4] as const) {
			const bytes = encode(zone, { protocol });
			expect(decode(bytes)).toEqual(zone);
			expect(Buffer.from(bytes).toString("latin1")).not.toMatch(/\x81|_reconstructor/);
		}
	});

	test("that only their name tells are made by a call", () => {
		const zone = new PyDateutilZone("dateutil.tz.tz", "tzlocal");
		expect(encode(zone, { protocol: 2 })).toEqual(assemble("\x80\x02cdateutil.tz.tz\ntzlocal\nq\x00)Rq\x01."));
	});

	test.each<[string, Piece]>([
		["another class", unpickled("cmine\ntzfile\n", "NN", data)],
		["data that is none", unpickled(tzfile, "NNN")],
	])("_unpickle of %s stays a call", (_name, pieces) => {
		expect(read(pieces)).toMatchObject({ kind: "call", args: { length: 4 } });
	});

	test.each<[string, Piece, string]>([
		["tzutc", call("dateutil.tz.tz.tzutc", "K\x01K\x02"), "takes 0 arguments, not 2"],
		["tzoffset", call("dateutil.tz.tz.tzoffset", "N"), "takes 2 arguments, not 1"],
		["__new__", ["cdateutil.tz.tz\ntzoffset\n", str("X"), "\x85\x81"], "__new__ takes no arguments"],
		["an int as name", call("dateutil.tz.tz.tzoffset", "K\x01K\x02"), "to be a str"],
	])("of other arguments are refused: %s", (_name, pieces, reason) => {
		expect(() => read(pieces)).toThrow(refused(reason));
	});

	test("of another state are refused", () => {
		expect(() => read(made("tzoffset"), "K\x01b")).toThrow(refused("a dict of attributes"));
	});
});
