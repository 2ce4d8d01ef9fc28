import { describe, expect, test } from "vitest";
import { decode, encode, type PyDict, type PyValue } from "../../src/index.ts";
import * as op from "../../src/opcodes/table.ts";
import { assemble, type Piece } from "../support/assemble.ts";

const text = (value: string): Piece => [op.SHORT_BINUNICODE, value.length, value];
const int = (value: number): Piece => [op.BININT1, value];
const items = (...pieces: Piece[]): Piece => [op.MARK, pieces, op.SETITEMS];
const point = (x: number, y: number): Piece => [op.EMPTY_DICT, items(text("x"), int(x), text("y"), int(y))];

/** The dicts that a list of them gives: from the second on, they may share their keys. */
function dicts(...pieces: Piece[]): PyDict[] {
	return decode(assemble(op.EMPTY_LIST, op.MARK, pieces, op.APPENDS, op.STOP)) as PyDict[];
}

const entriesOf = (dict: PyDict) => [...dict.entries()];

describe("dicts with the keys of the one before", () => {
	/** Three points: the last one, which shares its keys, is what is looked at first in each row. */
	test.each<[name: string, look: (dict: PyDict) => unknown, seen: unknown, left: PyValue[][]]>([
		[
			"size",
			(dict) => dict.size,
			2,
			[
				["x", 5],
				["y", 6],
			],
		],
		[
			"get",
			(dict) => dict.get("y"),
			6,
			[
				["x", 5],
				["y", 6],
			],
		],
		[
			"get of another",
			(dict) => dict.get("z"),
			undefined,
			[
				["x", 5],
				["y", 6],
			],
		],
		[
			"has",
			(dict) => dict.has("x"),
			true,
			[
				["x", 5],
				["y", 6],
			],
		],
		[
			"values",
			(dict) => [...dict.values()],
			[5, 6],
			[
				["x", 5],
				["y", 6],
			],
		],
		[
			"set",
			(dict) => dict.set("x", 7).size,
			2,
			[
				["x", 7],
				["y", 6],
			],
		],
		[
			"set of another",
			(dict) => dict.set("z", 7).size,
			3,
			[
				["x", 5],
				["y", 6],
				["z", 7],
			],
		],
		["delete", (dict) => dict.delete("x"), true, [["y", 6]]],
		["clear", (dict) => dict.clear(), undefined, []],
		[
			"toObject",
			(dict) => ({ ...dict.toObject() }),
			{ x: 5, y: 6 },
			[
				["x", 5],
				["y", 6],
			],
		],
		[
			"encode",
			(dict) => entriesOf(decode(encode(dict)) as PyDict),
			[
				["x", 5],
				["y", 6],
			],
			[
				["x", 5],
				["y", 6],
			],
		],
	])("%s", (_name, look, seen, left) => {
		const all = dicts(point(1, 2), point(3, 4), point(5, 6));
		expect(look(all[2] as PyDict)).toEqual(seen);
		expect(entriesOf(all[2] as PyDict)).toEqual(left);
		expect(all.slice(0, 2).map(entriesOf)).toEqual([
			[
				["x", 1],
				["y", 2],
			],
			[
				["x", 3],
				["y", 4],
			],
		]);
	});

	test.each<[name: string, pieces: Piece[], last: PyValue[][]]>([
		[
			"more entries in a second batch",
			[point(1, 2), [point(3, 4), items(text("x"), int(9), text("z"), int(5))]],
			[
				["x", 9],
				["y", 4],
				["z", 5],
			],
		],
		[
			"other keys between",
			[point(1, 2), [op.EMPTY_DICT, items(text("a"), int(1), text("b"), int(2))], point(3, 4)],
			[
				["x", 3],
				["y", 4],
			],
		],
		["fewer", [point(1, 2), point(1, 2), [op.EMPTY_DICT, items(text("x"), int(3))]], [["x", 3]]],
		[
			"one key twice",
			[1, 2, 3].map((n) => [op.EMPTY_DICT, items(text("x"), int(n), text("x"), int(n + 1))]),
			[["x", 4]],
		],
		[
			"keys that are no text",
			[1, 2, 3].map((n) => [op.EMPTY_DICT, items(int(1), int(n), op.NEWTRUE, int(n + 1))]),
			[[1, 4]],
		],
	])("%s", (_name, pieces, last) => {
		expect(entriesOf(dicts(...pieces).at(-1) as PyDict)).toEqual(last);
	});

	test("maxEntries counts them", () => {
		const pickle = assemble(
			op.EMPTY_LIST,
			op.MARK,
			point(1, 2),
			[point(3, 4), items(text("z"), int(5))],
			op.APPENDS,
			op.STOP,
		);
		expect(() => decode(pickle, { limits: { maxEntries: 2 } })).toThrow(expect.objectContaining({ code: "E_LIMIT" }));
	});

	test("a generator begun before the dict changes goes on", () => {
		const dict = dicts(point(1, 2), point(3, 4)).at(-1) as PyDict;
		const keys = dict.keys();
		const first = keys.next().value;
		dict.set("z", 5);
		expect([first, ...keys]).toEqual(["x", "y", "z"]);
	});
});
