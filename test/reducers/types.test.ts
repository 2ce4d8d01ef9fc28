import { expect, test } from "vitest";
import { PyDict, PySimpleNamespace, toPlain } from "../../src/index.ts";
import { call, expectBack, read, refused, shown, str } from "../support/calls.ts";

test("SimpleNamespace has attributes", () => {
	const space = read(call("types.SimpleNamespace"), "}(", str("a"), "K\x01", str("b"), "]ub") as PySimpleNamespace;
	expect(space).toEqual(
		new PySimpleNamespace(
			new PyDict([
				["a", 1],
				["b", []],
			]),
		),
	);
	expect([space.get("a"), space.get("c")]).toEqual([1, undefined]);
	expectBack(space);
	expect(shown(space)).toBe("namespace(a=1, b=[])");
	expect(toPlain(space)).toEqual({ a: 1, b: [] });
	expect(() => new PyDict([[space, 1]])).toThrow(expect.objectContaining({ code: "E_TYPE" }));
});

test.each([
	[[call("types.SimpleNamespace"), "K\x01b"], "a dict of attributes"],
	[call("types.SimpleNamespace", "K\x01"), "0 arguments"],
])("of anything else is refused", (pieces, reason) => {
	expect(() => read(pieces)).toThrow(refused(reason));
});
