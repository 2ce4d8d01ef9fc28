import { describe, expect, test } from "vitest";
import { decode, encode, PyDict, PyGetter, PyGlobal, type PyObject, PyPartial, tuple } from "../../src/index.ts";
import { assemble } from "../support/assemble.ts";
import { call, expectBack, read, refused, shown, str } from "../support/calls.ts";

const f = "capp\nf\n";

describe("functools.partial", () => {
	test("is what would be called", () => {
		const partial = read(call("functools.partial", f), "(", f, "(K\x01t}", str("x"), "K\x02sNtb") as PyPartial;
		expect(partial).toEqual(new PyPartial(new PyGlobal("app", "f"), tuple(1), new PyDict([["x", 2]])));
		expectBack(partial);
		expect(shown(partial)).toBe("functools.partial(app.f, 1, x=2)");
	});

	test("keeps its attributes", () => {
		const partial = new PyPartial(new PyGlobal("app", "f"), tuple(), new PyDict(), new PyDict([["note", 1]]));
		expectBack(partial);
	});

	test("that is called is the call, where the function is known", () => {
		const getter = read(
			[call("functools.partial", "coperator\nmethodcaller\n"), "(coperator\nmethodcaller\n("],
			[str("get"), "t}", str("default"), "K\x02sNtb"],
			"(K\x01tR",
		);
		expect(getter).toEqual(new PyGetter("methodcaller", tuple("get", 1), new PyDict([["default", 2]])));
	});

	test("that is called stays a call of it, where it is not", () => {
		const made = read(call("functools.partial", f), "(", f, "(K\x01t}Ntb", "(K\x02tR") as PyObject;
		expect(made.callable).toBeInstanceOf(PyPartial);
		expect(decode(encode(made))).toEqual(made);
	});

	test("of partials, a hundred thousand deep", () => {
		const deep = ["cfunctools\npartial\n(".repeat(100_000), f, "tR".repeat(100_000), ")R."];
		expect(() => encode(decode(assemble(deep)))).not.toThrow();
	});

	test.each<[unknown, string]>([
		[call("functools.partial"), "a class or function"],
		[call("functools.partial", str("f")), "a class or function"],
		[[call("functools.partial", f), "Nb"], "function, arguments, keywords and attributes"],
		[[call("functools.partial", f), "(", f, "]}Nb".replace("}Nb", "K\x01Ntb")], "function, arguments"],
		[[call("functools.partial", f), "(K\x01)}Ntb"], "function, arguments"],
	])("of anything else is refused", (pieces, reason) => {
		expect(() => read(pieces as string)).toThrow(refused(reason));
	});
});
