import { describe, expect, test } from "vitest";
import { type DecodeOptions, decode, decodeStream, type Limits, PyDict } from "../src/index.ts";
import { limitError, resolveLimits } from "../src/limits.ts";
import * as op from "../src/opcodes/table.ts";
import { assemble, type Piece, uint4 } from "./support/assemble.ts";

interface Row {
	readonly name: string;
	readonly limits: Partial<Limits>;
	/** Below the limit, and above it. */
	readonly within: readonly Piece[];
	readonly beyond: readonly Piece[];
	readonly options?: DecodeOptions;
}

const nones = (count: number) => "N".repeat(count);
const ints = (count: number) => Array.from({ length: count }, (_, i) => [op.BININT1, i]);

const rows: readonly Row[] = [
	{ name: "the stack", limits: { maxItems: 3 }, within: [nones(2)], beyond: [nones(4)] },
	{ name: "marks", limits: { maxItems: 3 }, within: ["N((00"], beyond: ["N((((0000"] },
	{ name: "the memo", limits: { maxItems: 3 }, within: ["Nq\x00q\x01"], beyond: ["Nq\x00q\x01q\x02q\x03"] },
	{ name: "a list", limits: { maxItems: 4 }, within: ["](NNe(Ne"], beyond: ["](NNe(NNe(NNe"] },
	{ name: "a list by APPEND", limits: { maxItems: 4 }, within: ["]NaNaNaNa"], beyond: ["]NaNaNaNaNa"] },
	{ name: "a dict", limits: { maxEntries: 2 }, within: ["}(", ints(4), "u"], beyond: ["}(", ints(6), "u"] },
	{
		name: "a dict by SETITEM",
		limits: { maxEntries: 2 },
		within: ["}K\x00NsK\x01Ns"],
		beyond: ["}K\x00NsK\x01NsK\x02Ns"],
	},
	{ name: "DICT", limits: { maxEntries: 2 }, within: ["(", ints(4), "d"], beyond: ["(", ints(6), "d"] },
	{ name: "a set", limits: { maxEntries: 2 }, within: ["\x8f(", ints(2), "\x90"], beyond: ["\x8f(", ints(3), "\x90"] },
	{ name: "a frozenset", limits: { maxEntries: 2 }, within: ["(", ints(2), "\x91"], beyond: ["(", ints(3), "\x91"] },
	{
		name: "INT",
		limits: { maxIntDigits: 20 },
		within: ["I", "9".repeat(20), "\n"],
		beyond: ["I", "9".repeat(21), "\n"],
	},
	{
		name: "LONG",
		limits: { maxIntDigits: 20 },
		within: ["L", "9".repeat(20), "L\n"],
		beyond: ["L", "9".repeat(21), "L\n"],
	},
	{ name: "LONG1", limits: { maxIntBytes: 9 }, within: ["\x8a\x09", nones(9)], beyond: ["\x8a\x0a", nones(10)] },
	{
		name: "LONG4",
		limits: { maxIntBytes: 9 },
		within: ["\x8b", uint4(9), nones(9)],
		beyond: ["\x8b", uint4(10), nones(10)],
	},
	{
		name: "a tuple that is hashed",
		limits: { maxWork: 50 },
		within: ["}(", nones(20), "tNs"],
		beyond: ["}(", nones(100), "tNs"],
	},
	{
		name: "bytes that are hashed",
		limits: { maxWork: 50 },
		within: ["}B", uint4(150), nones(150), "Ns"],
		beyond: ["}B", uint4(900), nones(900), "Ns"],
	},
	{
		name: "a large int that is hashed",
		limits: { maxWork: 50 },
		within: ["}\x8b", uint4(150), nones(150), "Ns"],
		beyond: ["}\x8b", uint4(900), nones(900), "Ns"],
	},
	{
		name: "a range that is iterated",
		limits: { maxWork: 50 },
		within: ["cbuiltins\nlist\ncbuiltins\nrange\nK\x20\x85R\x85R"],
		beyond: ["cbuiltins\nlist\ncbuiltins\nrange\nJ", uint4(1e9), "\x85R\x85R"],
	},
	{
		name: "bytes of so many zeros",
		limits: { maxWork: 50 },
		within: ["cbuiltins\nbytearray\nK\x20\x85R"],
		beyond: ["cbuiltins\nbytearray\nJ", uint4(2e9), "\x85R"],
	},
	{
		name: "bytes that are copied",
		limits: { maxWork: 50 },
		within: ["cbuiltins\nbytes\nC\x64", nones(100), "\x85R"],
		beyond: ["cbuiltins\nbytes\nB", uint4(999), nones(999), "\x85R"],
	},
	{
		name: "text that is encoded",
		limits: { maxWork: 50 },
		within: ["c_codecs\nencode\n\x8c\x64", nones(100), "\x8c\x06latin1\x86R"],
		beyond: ["c_codecs\nencode\nX", uint4(999), nones(999), "\x8c\x06latin1\x86R"],
	},
];

const limitOf = ({ limits }: Row) => Object.keys(limits)[0] as keyof Limits;

describe.each(rows)("$name", (row) => {
	const { limits, within, beyond } = row;
	const name = limitOf(row);

	test("within the limit is decoded", () => {
		expect(() => decode(assemble(...within, op.STOP), { limits })).not.toThrow();
	});

	test(`beyond it is an E_LIMIT that names ${name}, with its bound and what to do`, () => {
		const message = `over the limit ${name} of ${limits[name]}; raise limits.${name} if the file can be trusted`;
		const expected = {
			code: "E_LIMIT",
			limit: name,
			offset: expect.any(Number),
			message: expect.stringContaining(message),
		};
		expect(() => decode(assemble(...beyond, op.STOP), { limits })).toThrow(expect.objectContaining(expected));
	});

	test("the same of a stream", async () => {
		const reading = decodeStream(
			Array.from(assemble(...beyond, op.STOP), (byte) => Uint8Array.of(byte)),
			{ limits },
		).next();
		await expect(reading).rejects.toMatchObject({ code: "E_LIMIT", limit: name });
	});

	test("and decoded by default, if it is of the size that it says", () => {
		if (assemble(...beyond).length > 100 && !/iterated|zeros/.test(row.name)) {
			expect(() => decode(assemble(...beyond, op.STOP))).not.toThrow();
		}
	});
});

test("a tuple that many keys share is hashed once", () => {
	const pickle = assemble(
		["(", nones(1000), "tq\x00]"],
		Array.from({ length: 200 }, () => "}h\x00Nsa"),
		op.STOP,
	);
	expect(decode(pickle, { limits: { maxWork: 10_000 } })).toHaveLength(200);
});

describe("work is charged each time, so that a short pickle does no long work", () => {
	const repeated = (count: number, setup: Piece, call: Piece) => assemble(setup, Array(count).fill(call), "N", op.STOP);
	const payload: Piece = [uint4(100_000), "x".repeat(100_000)];

	test.each<[string, Piece, Piece]>([
		["bytes as keys", ["B", payload, "q\x00}"], "h\x00Ns"],
		["bytes that are copied", ["cbuiltins\nbytes\nq\x01B", payload, "q\x00"], "h\x01h\x00\x85R0"],
		["text as Latin-1", ["c_codecs\nencode\nq\x01X", payload, "q\x00\x8c\x06latin1q\x02"], "h\x01h\x00h\x02\x86R0"],
		["text as UTF-8", ["c_codecs\nencode\nq\x01X", payload, "q\x00\x8c\x05utf-8q\x02"], "h\x01h\x00h\x02\x86R0"],
		["keyword arguments", ["czoo\nThing\nq\x01}(", ints(200).map(keyOfInt), "uq\x00"], "h\x01)h\x00\x920"],
	])("%s", (_name, setup, call) => {
		const maxWork = 200_000;
		expect(() => decode(repeated(2, setup, call), { limits: { maxWork } })).not.toThrow();
		const expected = { code: "E_LIMIT", limit: "maxWork" };
		expect(() => decode(repeated(2000, setup, call), { limits: { maxWork } })).toThrow(
			expect.objectContaining(expected),
		);
	});
});

function keyOfInt(_piece: Piece, index: number): Piece {
	return ["\x8c\x03", String(index + 100), "N"];
}

test("the work of one input does not count for the next", () => {
	const pickle = assemble("}(", nones(40), "tNs", op.STOP);
	for (let i = 0; i < 5; i++) expect(decode(pickle, { limits: { maxWork: 60 } })).toBeInstanceOf(PyDict);
});

describe("resolveLimits", () => {
	test("has the defaults that the README's table says", () => {
		expect(resolveLimits()).toEqual({
			maxItems: 100_000_000,
			maxEntries: 16_777_216,
			maxIntDigits: 4300,
			maxIntBytes: 134_217_728,
			maxWork: undefined,
			maxDecompressedBytes: 2 ** 40,
			maxRatio: 10_000,
		});
	});

	test("puts those that are given in their places, and undefined ones are not", () => {
		expect(resolveLimits({ maxItems: 5, maxWork: undefined })).toMatchObject({ maxItems: 5, maxRatio: 10_000 });
		expect(resolveLimits({ maxItems: Number.POSITIVE_INFINITY }).maxItems).toBe(Number.POSITIVE_INFINITY);
	});
});

test("limitError names the limit", () => {
	expect(limitError("maxRatio", 10, "20 bytes for each")).toMatchObject({
		code: "E_LIMIT",
		limit: "maxRatio",
		message: "20 bytes for each, over the limit maxRatio of 10; raise limits.maxRatio if the file can be trusted",
	});
});
