import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import { assemble } from "../../support/assemble.ts";

const datetime = "cdatetime\ndatetime\n";
const array = (format: string, data: string) =>
	`carray\n_array_reconstructor\n(carray\narray\nU\x01d${format}${data}tR.`;

/** Objects of bytes, each with whether a Python makes them. Python 3.11 and 2.7 were asked. */
const table: readonly (readonly [name: string, pickle: string, isMade: boolean])[] = [
	["a datetime", `${datetime}C\x0a\x07\xe5\x0a\x05\x14\x39\x32\0\0\0\x85R.`, true],
	["a datetime that is the second of two", `${datetime}C\x0a\x07\xe5\x8a\x05\x14\x39\x32\0\0\0\x85R.`, true],
	["a datetime of 11 bytes", `${datetime}C\x0b\x07\xe5\x0d\x0a\x05\x14\x39\x32\0\0\0\x85R.`, false],
	["a datetime of month 13", `${datetime}C\x0a\x07\xe5\x0d\x05\x14\x39\x32\0\0\0\x85R.`, false],
	["a datetime of ints", `${datetime}(M\xe5\x07K\x0aK\x05tR.`, true],
	["a datetime of Python 2", `${datetime}U\x0a\x07\xe5\x0a\x05\x14\x39\x32\0\0\0\x85R.`, true],
	["a date", "cdatetime\ndate\nC\x04\x07\xe5\x0a\x05\x85R.", true],
	["a date of 3 bytes", "cdatetime\ndate\nC\x03\x07\xe5\x0a\x85R.", false],
	["a date of month 0", "cdatetime\ndate\nC\x04\x07\xe5\0\x05\x85R.", false],
	["a time", "cdatetime\ntime\nC\x06\x17\x39\x32\0\0\0\x85R.", true],
	["a time of 24 hours", "cdatetime\ntime\nC\x06\x18\x39\x32\0\0\0\x85R.", false],
	["an array of doubles", array("K\x10", "C\x08\0\0\0\0\0\0\xf0\x3f"), true],
	["an array of no doubles", array("K\x10", "C\0"), true],
	["an array of 9 bytes of doubles", array("K\x10", "C\x09\0\0\0\0\0\0\0\xf0\x3f"), false],
	["an array of one byte of UTF-32", array("K\x14", "C\x01a"), false],
];

describe("bytes that have a size of their own", () => {
	test.each(table)("%s", async (_, pickle, isMade) => {
		const [fault] = (await diagnose(assemble("\x80\x03", pickle))).faults;
		expect(fault?.code).toBe(isMade ? undefined : "malformed");
	});
});
