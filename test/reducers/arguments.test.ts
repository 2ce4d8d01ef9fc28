import { describe, expect, test } from "vitest";
import { decode, encode, PyObject, type PyValue, standardReducers } from "../../src/index.ts";
import { assemble, type Piece } from "../support/assemble.ts";
import { call, str } from "../support/calls.ts";

/** Arguments of odd kinds, and what is to be seen of each in a pickle of what was made of it. */
const kinds: Readonly<Record<string, readonly [pieces: Piece, seen: RegExp]>> = {
	int: ["K\x4d", /M|77|@S@/],
	None: ["N", /^/],
	float: ["G@S@\x00\x00\x00\x00\x00", /@S@/],
	text: [str("Q"), /Q/],
	bytes: ["C\x01W", /W/],
	tuple: [")", /^/],
	list: [["](", str("Q"), "e"], /Q/],
	dict: [["}", str("Q"), "K\x01s"], /Q/],
	pairs: [["](", str("Q"), "K\x01\x86e"], /Q/],
	class: ["cmine\nQuux\n", /Quux/],
	object: ["cmine\nQuux\n)R", /Quux/],
	timedelta: [call("datetime.timedelta", "K\x07"), /timedelta/],
};

const names = Object.keys(kinds);
const few = ["int", "text", "class"];

/** None, one or two arguments of every kind, three and four of a few. */
const lists: readonly (readonly string[])[] = [
	[],
	...names.flatMap((one) => [[one], ...names.map((two) => [one, two])]),
	...few.flatMap((one) =>
		few.flatMap((two) =>
			few.flatMap((three) => [
				[one, two, three],
				[one, two, three, "text"],
			]),
		),
	),
];

/** These leave the arguments of NEWOBJ unread in Python too: only their `__init__` reads them. */
const unreadByNew =
	/^(builtins|__builtin__)\.(list|set|dict|bytearray)$|^collections\.(OrderedDict|defaultdict|Counter|deque)$/;

/** What encoding writes of what the pickle makes, or undefined if a reducer refuses it or it stays as it came. */
function written(pieces: Piece, count: number): string | undefined {
	let value: PyValue;
	try {
		value = decode(assemble(pieces, "."), { floats: "exact" });
	} catch (error) {
		expect(error).toMatchObject({ code: "E_REDUCER" });
		return undefined;
	}
	if (value instanceof PyObject && value.args.length === count) return undefined;
	return Buffer.from(encode(value, { protocol: 4 })).toString("latin1");
}

function nameOf(name: string): Piece {
	if (name === "zoneinfo.ZoneInfo._unpickle")
		return call("builtins.getattr", "czoneinfo\nZoneInfo\n", str("_unpickle"));
	const dot = name.lastIndexOf(".");
	return `c${name.slice(0, dot)}\n${name.slice(dot + 1)}\n`;
}

const calledReducers = standardReducers.filter(
	({ constant, name }) => constant === undefined && !name.startsWith("numpy"),
);
const rows = calledReducers.flatMap((reducer) =>
	[reducer.name, ...(reducer.aliases ?? [])]
		// One exception stands for all.
		.filter((_, index) => reducer.name !== "builtins.BaseException" || index === 0)
		.flatMap(
			(name) =>
				[
					["R", name],
					["\x81", name],
				] as const,
		),
);

describe("no argument is dropped: it is written again, refused, or stays in an inert object", () => {
	test.each(rows.filter(([op, name]) => op === "R" || !unreadByNew.test(name)))("%j of %s", (op, name) => {
		const lost: string[] = [];
		for (const list of lists) {
			const args = list.map((kind) => kinds[kind]?.[0] as Piece);
			const text = written(["\x80\x04", nameOf(name), "(", args, "t", op], list.length);
			if (text === undefined) continue;
			// 77/77 is 1.
			const isWhole = name === "fractions.Fraction" && list.join() === "int,int";
			if (!isWhole && !list.every((kind) => kinds[kind]?.[1].test(text))) lost.push(list.join(", "));
		}
		expect(lost).toEqual([]);
	});
});
