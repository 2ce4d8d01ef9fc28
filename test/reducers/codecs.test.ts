import { describe, expect, test } from "vitest";
import { decode, PyGlobal, type PyObject } from "../../src/index.ts";
import { assemble, type Piece, uint4 } from "../support/assemble.ts";

const text = (value: string): Piece => ["X", uint4(value.length), value];
const encode = (...args: Piece[]) => decode(assemble("c_codecs\nencode\n(", args, "tR."));
const latin = (value: string) => Uint8Array.from(value, (char) => char.charCodeAt(0));
const large = "\xc3\xa9".repeat(40_000);

test.each<[string, Piece[], Uint8Array]>([
	["latin1, as Python 3 writes bytes", [text("\xc3\xbf\0"), text("latin1")], latin("\xff\0")],
	["latin-1", [text("a"), text("latin-1")], latin("a")],
	["iso-8859-1", [text("a"), text("ISO-8859-1")], latin("a")],
	["latin1 of a large text", [text(large), text("latin1")], latin("\xe9".repeat(40_000))],
	["utf-8", [text("\xc3\xa9"), text("utf-8")], latin("\xc3\xa9")],
	["utf-8 of a large text", [text(large), text("utf8")], latin(large)],
	["the default", [text("\xc3\xa9")], latin("\xc3\xa9")],
	["errors given", [text("a"), text("latin1"), text("strict")], latin("a")],
	["an encoding that is a str", [text("a"), "U\x06latin1"], latin("a")],
])("%s", (_name, args, value) => {
	expect(encode(...args)).toEqual(value);
});

describe("what it does not know stays a call", () => {
	test.each<[string, Piece[]]>([
		["another codec", [text("a"), text("hex")]],
		["utf-8 of bytes", ["C\x01a", text("utf-8")]],
	])("%s", (_name, args) => {
		const value = encode(...args) as PyObject;
		expect(value).toMatchObject({ kind: "call", callable: new PyGlobal("_codecs", "encode") });
		expect(value.args).toHaveLength(2);
	});
});

test.each<[string, Piece[], string]>([
	["no text", [], "takes 1 to 3 arguments"],
	["text beyond Latin-1", [text("\xe2\x82\xac"), text("latin1")], "text within Latin-1 is needed"],
	["large text beyond Latin-1", [text("\xe2\x82\xac".repeat(30_000)), text("latin1")], "text within Latin-1 is needed"],
	["a number", ["K\x05", text("latin1")], "text within Latin-1 is needed"],
])("%s is E_REDUCER", (_name, args, reason) => {
	expect(() => encode(...args)).toThrow(
		expect.objectContaining({ code: "E_REDUCER", reason: expect.stringContaining(reason) }),
	);
});

test("codecs.encode is the same function", () => {
	expect(decode(assemble("ccodecs\nencode\n", text("a"), text("latin1"), "\x86R."))).toEqual(latin("a"));
});
