import { expect, test } from "vitest";
import { commandText } from "../../src/cli/advice.ts";
import { decode, encode, isPickleError, type Limits, pickler, toPlain } from "../../src/index.ts";
import { limitError } from "../../src/limits.ts";
import { overflowError } from "../../src/opcodes/lengths.ts";
import { allocateBuffer } from "../../src/values/large.ts";
import { ascii } from "../support/sparse.ts";

/** What the library says of what fails. */
function said(fails: () => unknown): string {
	try {
		fails();
	} catch (error) {
		if (isPickleError(error) || error instanceof TypeError) return error.message;
		throw error;
	}
	throw new Error("it did not fail");
}

const overflow = (kind: "bytes" | "text", python2: boolean) => () => {
	throw overflowError({ kind, length: 5e9, python2 }, 2 ** 31 - 1, 2, "$");
};

test.each<[string, () => unknown]>([
	["picklet show prints them all", () => decode(ascii("N.N."))],
	["; raise --depth", () => toPlain([[1]], { maxDepth: 1 })],
	[
		"the library's limits.maxItems",
		() => {
			throw limitError("maxItems" satisfies keyof Limits, 1, "2 items");
		},
	],
	["try --encoding latin1 or bytes", () => decode(ascii("U\x01\xff."), { encoding: "ascii" })],
	["picklet diagnose says", () => decode(ascii("T\xff\xff\xff\xff."))],
	["as the library's option buffers", () => decode(ascii("\x80\x05\x97."))],
	["--overflow promote writes protocol 4; --overflow split writes pieces that Python 2 joins", overflow("bytes", true)],
	["--overflow promote writes protocol 4", overflow("text", true)],
	["--overflow promote writes protocol 4", overflow("bytes", false)],
	["--overflow split is for --python 2", () => pickler({ overflow: "split" })],
	["--protocol is 0 to 5", () => pickler({ protocol: 6 as 5 })],
	["than this runtime has", () => allocateBuffer(2 ** 52)],
])("%s", (advice, fails) => {
	const text = commandText(said(fails));
	expect(text).toContain(advice);
	expect(text).not.toMatch(
		/decodeAll|maxDepth|options\.|encoding:|binstring:|overflow:|protocol:|python:|openPickle|option protocol/,
	);
});

test("what a file says is not taken for advice", () => {
	expect(commandText(said(() => encode({ a: () => 1 })))).toBe(said(() => encode({ a: () => 1 })));
});
