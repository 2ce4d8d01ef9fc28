import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { decode, encode, PyDict, PyOrderedDict } from "../../src/index.ts";
import { assemble, type Piece } from "../support/assemble.ts";

const ordered = (...args: Piece[]): Piece => ["ccollections\nOrderedDict\n(", args, "tR"];
const read = (...pieces: Piece[]) => decode(assemble(...pieces, ".")) as PyOrderedDict;

describe("OrderedDict", () => {
	test.each<[string, Piece[], [unknown, unknown][]]>([
		["empty", [ordered()], []],
		[
			"of lists, as Python 2 writes it",
			[ordered("((K\x02Nl(K\x01Nll")],
			[
				[2, null],
				[1, null],
			],
		],
		[
			"of pairs",
			[ordered("((K\x02Nt(K\x01Ntl")],
			[
				[2, null],
				[1, null],
			],
		],
		["of a dict", [ordered("}K\x02Ns")], [[2, null]]],
		[
			"whose entries are set afterwards, as Python 3 does",
			[ordered(), "(K\x02NK\x01Nu"],
			[
				[2, null],
				[1, null],
			],
		],
		["by SETITEM", [ordered(), "K\x02Ns"], [[2, null]]],
	])("%s", (_name, pieces, entries) => {
		const dict = read(...pieces);
		expect(dict).toBeInstanceOf(PyOrderedDict);
		expect(dict).toBeInstanceOf(PyDict);
		expect([...dict]).toEqual(entries);
	});

	test("that lies in itself goes to Python 3, and Python 2 has no form of it", () => {
		const ordered = new PyOrderedDict();
		ordered.set("self", ordered);
		const again = decode(encode(ordered)) as PyOrderedDict;
		expect(again.get("self")).toBe(again);
		expect(() => encode(ordered, { python: 2 })).toThrow(expect.objectContaining({ code: "E_UNENCODABLE" }));
	});

	test("keeps the attributes that were set on it", () => {
		expect(read(ordered()).state).toBeUndefined();
		expect(read(ordered(), "}K\x01Nsb").state).toEqual(new PyDict([[1, null]]));
	});

	test("in itself", () => {
		const dict = read(ordered(), "q\x00Nh\x00s");
		expect(dict.get(null)).toBe(dict);
	});

	test("names itself", () => {
		expect(Object.prototype.toString.call(read(ordered()))).toBe("[object PyOrderedDict]");
		expect(inspect(read(ordered(), "K\x02Ns"))).toMatch(/^PyOrderedDict\(1\) \{ 2 => null/);
	});

	test.each<[Piece[], string]>([
		[[ordered("N")], "something to iterate over"],
		[[ordered(")", ")")], "OrderedDict takes 0 to 1 arguments, not 2"],
		[[ordered("(Nl")], "pairs of key and value|something to iterate over"],
		[[ordered("((Nll")], "entries are to be pairs"],
	])("of wrong arguments is E_REDUCER", (pieces, reason) => {
		expect(() => read(...pieces)).toThrow(
			expect.objectContaining({ code: "E_REDUCER", reason: expect.stringMatching(reason) }),
		);
	});
});
