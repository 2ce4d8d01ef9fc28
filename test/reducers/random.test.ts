import { expect, test } from "vitest";
import type { PyRandom } from "../../src/index.ts";
import { call, expectBack, read, refused } from "../support/calls.ts";

const words = ["(", "K\x07".repeat(625), "t"];

test("Random is its state", () => {
	const random = read(call("random.Random"), "(K\x03", words, "Ntb") as PyRandom;
	expect([random.version, random.words.length, random.words[0], random.gaussNext]).toEqual([3, 625, 7, null]);
	expectBack(random);
});

test("Random of a seed stays a call", () => {
	const random = read(call("random.Random", "K\x05"));
	expect(random).toMatchObject({ kind: "call", args: [5] });
	expectBack(random);
	expect(() => read(call("random.Random", "K\x05N"))).toThrow(refused("0 to 1 arguments"));
});

test.each([
	["Ntb", "625 ints"],
	["(K\x01tNtb", "625 ints"],
	[[words, "NNtb"], "625 ints"],
])("another state is refused", (pieces, reason) => {
	expect(() => read(call("random.Random"), "(K\x03", pieces)).toThrow(refused(reason));
});

test("words that are no 32 bits are refused", () => {
	const large = ["(", "J\xff\xff\xff\xff".repeat(625), "t"];
	expect(() => read(call("random.Random"), "(K\x03", large, "Ntb")).toThrow(refused("0 to 4294967295"));
});
