import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import { assemble } from "../../support/assemble.ts";

const array = "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85C\x01b\x87R";
const float = "cnumpy\ndtype\nX\x02\0\0\0f8\x85R";
const object = "cnumpy\ndtype\nX\x02\0\0\0O8\x85R";
const data = "C\x0812345678";
const oneFloat = `${array}(K\x01K\x01\x85${float}\x89${data}tb`;

/** Pickles, each with the opcode at which every Python fails, or none if some Python loads it. Python 3.11 and 2.7 were asked. */
const table: readonly (readonly [name: string, pickle: string, opcode: string | undefined])[] = [
	["an item for an array", `${array}K\x01a.`, "APPEND"],
	["items for an array", `${oneFloat}(K\x01e.`, "APPENDS"],
	["an item in an empty array", `${array}K\0K\x01s.`, "SETITEM"],
	["an item in an array", `${oneFloat}K\0K\x01s.`, undefined],
	["an item behind an array's end", `${oneFloat}K\x01K\x01s.`, "SETITEM"],
	["an item by name in an array without fields", `${oneFloat}X\x01\0\0\0aK\x01s.`, "SETITEM"],
	["members for an array", `${oneFloat}(K\x01\x90.`, "ADDITEMS"],
	["a dict as an array's state", `${array}}b.`, "BUILD"],
	["six parts of an array's state", `${array}(K\x01K\x01\x85${float}\x89${data}}tb.`, "BUILD"],
	["a list as an array's floats", `${array}(K\x01K\x01\x85${float}\x89]tb.`, "BUILD"],
	["bytes as an array's objects", `${array}(K\x01K\x01\x85${object}\x89${data}tb.`, "BUILD"],
	["an item for a dict", "}K\x01a.", "APPEND"],
	["items for a dict", "}(K\x01e.", "APPENDS"],
	["no items for a dict", "}(e.", undefined],
	["an item for a set", "\x8fK\x01a.", "APPEND"],
	["members for a list", "](K\x01\x90.", "ADDITEMS"],
	["a list's item anew", "]K\x01aK\0K\x02s.", undefined],
	["a list's last item anew", "]K\x01aJ\xff\xff\xff\xffK\x02s.", undefined],
	["an item behind a list's end", "]K\0K\x02s.", "SETITEM"],
	["items behind a list's end", "](K\0K\x02u.", "SETITEMS"],
	["a list's item by name", "]K\x01aX\x01\0\0\0aK\x02s.", "SETITEM"],
	["a key for a set", "\x8fK\0K\x02s.", "SETITEM"],
	["an item for a float", "G\0\0\0\0\0\0\0\0K\x01a.", "APPEND"],
	["an item for a tuple", ")K\x01a.", "APPEND"],
	["an item for a dtype", `${float}K\x01a.`, "APPEND"],
	["an item for a set that was called", "c__builtin__\nset\n]\x85RK\x01a.", "APPEND"],
	["an item for a dict that was called", "ccollections\nOrderedDict\n)RK\x01a.", "APPEND"],
	["a key for a dict that was called", "ccollections\nOrderedDict\n)RK\0K\x01s.", undefined],
	["an item for a class", "cdatetime\ndate\nK\x01a.", "APPEND"],
	["an item for a bytearray", "\x96\0\0\0\0\0\0\0\0K\x01a.", undefined],
	["an item for an object of a class unknown", "cmodule\nThing\n)\x81K\x01a.", undefined],
	["a state for a list", "]}X\x01\0\0\0aK\x01sb.", "BUILD"],
	["a state for a dict", "}}X\x01\0\0\0aK\x01sb.", "BUILD"],
	["an empty state for a list", "]}b.", undefined],
	["text that Latin-1 has not", "c_codecs\nencode\nX\x03\0\0\0\xe2\x82\xacX\x06\0\0\0latin1\x86R.", "REDUCE"],
];

describe("items and states for what takes none", () => {
	test.each(table)("%s", async (_, pickle, opcode) => {
		const [fault] = (await diagnose(assemble("\x80\x05", pickle))).faults;
		expect(fault?.code).toBe(opcode === undefined ? undefined : "malformed");
		expect(fault?.opcode).toBe(opcode);
	});
});
