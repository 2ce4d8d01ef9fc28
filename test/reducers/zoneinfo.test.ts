import { expect, test } from "vitest";
import { PyZoneInfo, toPlain } from "../../src/index.ts";
import { call, expectBack, inspected, read, refused, shown, str } from "../support/calls.ts";

const unpickle = (...args: Parameters<typeof call>[1][]) => [
	call("__builtin__.getattr", "czoneinfo\nZoneInfo\n", str("_unpickle")),
	"(",
	args,
	"tR",
];

test.each([
	["K\x01", true],
	["K\x00", false],
	["I01\n", true],
])("by its key", (cached, isCached) => {
	const zone = read(unpickle(str("Europe/Berlin"), cached)) as PyZoneInfo;
	expect(zone).toEqual(new PyZoneInfo("Europe/Berlin", isCached));
	expectBack(zone, { inPython2: false });
	expect(toPlain(zone)).toBe("Europe/Berlin");
	expect(shown(zone)).toBe("zoneinfo.ZoneInfo(key='Europe/Berlin')");
	expect(inspected(zone)).toBe("PyZoneInfo(Europe/Berlin)");
});

test.each([
	[["K\x01", "K\x01"], "a str"],
	[[str("UTC")], "2 arguments, not 1"],
	[[str("UTC"), "K\x02"], "0 to 1"],
])("of other arguments is refused", (args, reason) => {
	expect(() => read(unpickle(...args))).toThrow(refused(reason));
});
