import { expect, test } from "vitest";
import { PyDict, PyGetter, PyObject, tuple } from "../../src/index.ts";
import { call, expectBack, read, refused, shown, str } from "../support/calls.ts";

test.each<[string, unknown, PyGetter, string]>([
	["itemgetter", call("operator.itemgetter", "K\x01"), new PyGetter("itemgetter", tuple(1)), "operator.itemgetter(1)"],
	[
		"attrgetter",
		call("operator.attrgetter", str("a.b"), str("c")),
		new PyGetter("attrgetter", tuple("a.b", "c")),
		"operator.attrgetter('a.b', 'c')",
	],
	[
		"methodcaller",
		call("operator.methodcaller", str("get"), "K\x01"),
		new PyGetter("methodcaller", tuple("get", 1)),
		"operator.methodcaller('get', 1)",
	],
])("%s", (_name, pieces, getter, repr) => {
	expect(read(pieces as string)).toEqual(getter);
	expectBack(getter);
	expect(shown(getter)).toBe(repr);
});

test("methodcaller with keywords, by way of a partial", () => {
	const getter = new PyGetter("methodcaller", tuple("get", 1), new PyDict([["default", 2]]));
	expectBack(getter);
	expect(shown(getter)).toBe("operator.methodcaller('get', 1, default=2)");
});

test("Python 2 pickles them without what they get", () => {
	expect(read("\x80\x02coperator\nattrgetter\n)\x81")).toBeInstanceOf(PyObject);
});

test.each([
	[call("operator.itemgetter"), "takes an argument"],
	[call("operator.attrgetter", "K\x01"), "takes a name"],
	[call("operator.methodcaller", "]"), "takes a name"],
])("of anything else is refused", (pieces, reason) => {
	expect(() => read(pieces)).toThrow(refused(reason));
});
