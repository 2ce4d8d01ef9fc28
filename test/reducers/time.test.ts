import { expect, test } from "vitest";
import { PyDict, PyStructTime, toPlain, tuple } from "../../src/index.ts";
import { call, expectBack, read, refused, shown, str } from "../support/calls.ts";

const nine = "(M\xb2\x07K\x01K\x02K\x03K\x04K\x05K\x06K\x07K\x00t";
const items = tuple(1970, 1, 2, 3, 4, 5, 6, 7, 0);

test.each<[string, unknown, PyStructTime]>([
	["nine items", call("time.struct_time", nine, "}"), new PyStructTime(items)],
	[
		"a zone",
		call("time.struct_time", nine, ["}(", str("tm_zone"), str("GMT"), str("tm_gmtoff"), "K\x00u"]),
		new PyStructTime(items, "GMT", 0),
	],
])("struct_time with %s", (_name, pieces, time) => {
	expect(read(pieces as string)).toEqual(time);
	expectBack(time);
	expect(toPlain(time)).toEqual([...items]);
});

test("prints its fields, and equals another of the same", () => {
	const time = new PyStructTime(items);
	expect(shown(time).replace(/\s+/g, " ")).toContain("tm_year=1970, tm_mon=1, tm_mday=2");
	const dict = new PyDict([[time, 1]]);
	expect([new PyStructTime(items, "GMT"), tuple(...items), tuple(1)].map((key) => dict.has(key))).toEqual([
		true,
		true,
		false,
	]);
	expect(new PyDict([[tuple(...items), 1]]).has(time)).toBe(true);
});

test.each([
	[call("time.struct_time", "(K\x01t", "}"), "9 to 11 items"],
	[call("time.struct_time", "K\x01"), "9 to 11 items"],
	[call("time.struct_time", nine, "}", str("tm_other"), "K\x01s"), "of 9 items takes no tm_other"],
	[call("time.struct_time", nine, "K\x01"), "a dict of attributes"],
])("anything else is refused", (pieces, reason) => {
	expect(() => read(pieces)).toThrow(refused(reason));
});
