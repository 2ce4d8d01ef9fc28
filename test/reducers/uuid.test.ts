import { describe, expect, test } from "vitest";
import { decode, encode, PyDict, PyUUID, toPlain } from "../../src/index.ts";
import { assemble } from "../support/assemble.ts";
import { call, expectBack, inspected, read, refused, shown, str } from "../support/calls.ts";

const text = "12345678-1234-5678-1234-567812345678";
const int = 0x12345678_1234_5678_1234_567812345678n;
const hexInt = `L${int}L\n`;
const made = "\x80\x02cuuid\nUUID\n)\x81";

describe("UUID", () => {
	test.each<[string, unknown, PyUUID]>([
		["NEWOBJ and a state", [made, "}", str("int"), hexInt, "sb"], new PyUUID(int)],
		[
			"_reconstructor, below protocol 2",
			[call("copy_reg._reconstructor", "cuuid\nUUID\nc__builtin__\nobject\nN"), "}", str("int"), hexInt, "sb"],
			new PyUUID(int),
		],
		["slots", [made, "N}", str("int"), hexInt, "s\x86b"], new PyUUID(int)],
		["is_safe", [made, "}(", str("int"), "K\x05", str("is_safe"), "K\x00ub"], new PyUUID(5, "safe")],
		["is_safe -1", [made, "}(", str("int"), "K\x05", str("is_safe"), "J\xff\xff\xff\xffub"], new PyUUID(5, "unsafe")],
		[
			"is_safe of Python 3.6",
			[made, "}(", str("int"), "K\x05", str("is_safe"), call("uuid.SafeUUID", "N"), "ub"],
			new PyUUID(5),
		],
		["its text", call("uuid.UUID", str(text)), new PyUUID(int)],
	])("by %s", (_name, pieces, uuid) => {
		const found = read(pieces as string) as PyUUID;
		expect([found.int, found.safety]).toEqual([uuid.int, uuid.safety]);
		for (const protocol of [0, 2, 4] as const) {
			const again = decode(encode(found, { protocol })) as PyUUID;
			expect([again.int, again.safety]).toEqual([uuid.int, uuid.safety]);
		}
		expectBack(found);
	});

	test("prints as its text", () => {
		const uuid = PyUUID.parse(text);
		expect(String(uuid)).toBe(text);
		expect(toPlain(uuid)).toBe(text);
		expect(shown(uuid)).toBe(`UUID('${text}')`);
		expect(inspected(uuid)).toBe(`PyUUID(${text})`);
	});

	test("equals another of the same value, not its int", () => {
		expect(new PyDict([[new PyUUID(5, "safe"), 1]]).has(new PyUUID(5))).toBe(true);
		expect(new PyDict([[new PyUUID(5), 1]]).has(5)).toBe(false);
	});

	test("of Python 2 with bytes for names", () => {
		const pickle = assemble(made, "}U\x03int", hexInt, "sb.");
		expect(String(decode(pickle, { encoding: "bytes" }))).toBe(text);
	});

	test.each<[unknown, string]>([
		[call("uuid.UUID", "K\x01"), "a str"],
		[call("uuid.UUID", str("12")), "32 hexadecimal digits"],
		[[made, "}b"], "an int"],
		[[made, "}", str("int"), "J\xff\xff\xff\xffsb"], "128 bits"],
		[[made, "K\x01b"], "a dict of attributes"],
		[[made, "}(", str("int"), "K\x05", str("is_safe"), "K\x07ub"], "is_safe"],
	])("of anything else is refused", (pieces, reason) => {
		expect(() => read(pieces as string)).toThrow(refused(reason));
	});
});
