import { describe, expect, test } from "vitest";
import { decode, encode, PyDict, PyException, type PyValue, toPlain, tuple } from "../../src/index.ts";
import { call, expectBack, read, refused, shown, str } from "../support/calls.ts";

describe("exceptions are values, never thrown", () => {
	test("args and attributes", () => {
		const error = read(call("exceptions.ValueError", str("v")), "}", str("x"), "K\x05sb") as PyException;
		expect(error).toEqual(new PyException("ValueError", tuple("v"), new PyDict([["x", 5]])));
		expect([error.get("x"), error.get("y"), error.notes]).toEqual([5, undefined, []]);
		expectBack(error);
		expect(shown(error)).toBe("ValueError('v', x=5)");
		expect(toPlain(error)).toEqual({ class: "builtins.ValueError", args: ["v"], state: { x: 5 } });
	});

	test("notes", () => {
		const error = new PyException("ValueError", tuple("v"), new PyDict([["__notes__", ["a note"]]]));
		expect(error.notes).toEqual(["a note"]);
		(error.notes as PyValue[]).push("another");
		expect(error.get("__notes__")).toEqual(["a note", "another"]);
		for (const none of [new PyException("ValueError").notes, error.exceptions])
			expect(() => (none as PyValue[]).push("lost")).toThrow(TypeError);
		expectBack(error);
	});

	test("attributes whose names are no text, or too long a one, are shown briefly", () => {
		const deep = ["(".repeat(50_000), "t".repeat(50_000)];
		const error = read(call("exceptions.ValueError"), "}(", deep, "K\x01", str("x".repeat(1000)), "K\x02ub");
		expect(shown(error)).toMatch(/^ValueError\(\s*\.\.\.=1,\s+x{200}\.\.\.=2,?\s*\)$/);
	});

	test("groups", () => {
		const inner = new PyException("TypeError", tuple(2));
		const group = new PyException("ExceptionGroup", tuple("g", [inner]));
		expect(group.exceptions).toEqual([inner]);
		expect(inner.exceptions).toEqual([]);
		expectBack(group);
		expect(shown(group)).toBe("ExceptionGroup('g', [TypeError(2)])");
	});

	test("names of Python 2: what it does not have is what it inherits from", () => {
		const missing = new PyException("FileNotFoundError", tuple(2, "no such file"));
		expect(decode(encode(missing))).toEqual(missing);
		expect((decode(encode(missing, { python: 2 })) as PyException).type).toBe("OSError");
		expect((read(call("exceptions.IOError", "K\x02")) as PyException).type).toBe("IOError");
	});

	test.each([
		["UnicodeDecodeError", "(U\x05utf-8U\x02a\xe9K\x00K\x01U\x03badt"],
		["UnicodeEncodeError", "(U\x05asciiX\x02\x00\x00\x00\xc3\xa9K\x00K\x01U\x03badt"],
		["UnicodeTranslateError", "(X\x02\x00\x00\x00\xc3\xa9K\x00K\x01U\x03badt"],
	])("%s goes back to Python 2 with str where it insists on that", (type, args) => {
		const bytes = Uint8Array.from(`cexceptions\n${type}\n${args}R.`, (char) => char.charCodeAt(0));
		const [plain, inBytes] = [decode(bytes), decode(bytes, { encoding: "bytes" })];
		expect(decode(encode(plain, { python: 2 }), { encoding: "bytes" })).toEqual(inBytes);
		const latin1 = decode(bytes, { encoding: "latin1" });
		expect(decode(encode(latin1, { python: 2 }), { encoding: "bytes" })).toEqual(inBytes);
	});

	test("a state that is no dict is refused", () => {
		expect(() => read(call("exceptions.ValueError"), "K\x01b")).toThrow(refused("a dict of attributes"));
	});
});
