import { describe, expect, test } from "vitest";
import { repair } from "../../../src/inspect/repair/repair.ts";
import { readAll } from "../../support/readAll.ts";

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

describe("where two repairs would fit, both are shown and neither is made", () => {
	test.each([
		["a byte order mark before text that has CR LF itself, or got it with the mark", "\xef\xbb\xbf(Va\r\nVb\r\nl.", 2],
		["two bytes before a pickle without PROTO, or a damaged PROTO", "\x0b\x02}q\x00(K\x01K\x02u.", 2],
		[
			"a frame that is shorter than it says: its length, or its bytes",
			"\x80\x04\x95\x09\x00\x00\x00\x00\x00\x00\x00](K\x01K\x02e.",
			1,
		],
		["a byte that is no opcode, which one opcode only would mend", "\x80\x02\xdd(K\x01K\x02e.", 1],
		["zeros of which one would be the opcode of a float", "\x80\x02]q\0(\0\0\0\0\0\0\0\0\0K\x01e.", 1],
		["a pickle without frames that lacks STOP", "\x80\x02]q\0(K\x01K\x02e", 1],
		["a frame that lost a byte, where STOP is data now", "\x80\x04\x95\x06\0\0\0\0\0\0\0N\x940K.", 1],
		["a name that lost its beginning", "py.core.multiarray\nscalar\np0\n(I1\ntp1\nRp2\n.", 2],
	])("%s", async (_, text, count) => {
		const { outcome, edits, choices } = await repair(latin1(text));
		expect({ outcome, edits }).toEqual({ outcome: "damaged", edits: [] });
		expect(choices).toHaveLength(count);
	});
});

test("a choice says what it gives", async () => {
	const { choices } = await repair(latin1("\x80\x02\xdd(K\x01K\x02e."));
	expect(choices).toEqual([
		{ offset: 2, removed: 1, bytes: [0x5d], why: "0xdd was EMPTY_LIST, which gives a list of 2 items." },
	]);
});

describe("what is said to be whole is repaired, and what is repaired is said to be whole", () => {
	const inner = "(lp0\nI10\naI13\na.";
	test.each([
		["a pickle in the text of protocol 0", `V${inner.replaceAll("\n", "\\u000a")}\np0\n.`, "repaired", "whole"],
		["a pickle in a str of Python 2", `S'${inner.replaceAll("\n", "\\n")}'\np0\n.`, "repaired", "whole"],
		[
			"a pickle that begins with a known name, behind other bytes, in which another name may begin",
			"\xfe\xd9?cnumpy.core.multiarray\nscalar\nq\0.",
			"repaired",
			"whole",
		],
		["base64 that is cut", btoa(inner).slice(0, 16), "damaged", "partly"],
		["few bytes before a list that is the memo's first", `\x83\x1c\xdac${inner}`, "repaired", "whole"],
		["a string that may have stood in the list behind it", "U\x01a\x80\x02]q\0(U\x01be.", "damaged", "unknown"],
		["text behind protocol 0", `${inner}loaded 2 items, done\n`, "repaired", "whole"],
		["text behind protocol 0 that may be the rest of it", `${inner}I1\na.`, "undamaged", "whole"],
	] as const)("%s", async (_, text, expected, data) => {
		const { outcome, before } = await repair(latin1(text));
		expect([outcome, before.data]).toEqual([expected, data]);
	});
});

describe("spaces in base64", () => {
	const pickle = "\x80\x02]q\0(K\xfbK\xefK\xbee.";
	const text = btoa(pickle);

	test("are the + that they were, where none is left and the length asks for them", async () => {
		expect(text).toContain("+");
		const { outcome, result, edits } = await repair(latin1(text.replaceAll("+", " ")));
		expect([outcome, edits[0]?.why]).toEqual(["repaired", expect.stringContaining("of it as the + that stood there")]);
		expect(Buffer.compare(await readAll(result), latin1(pickle))).toBe(0);
	});

	test("between groups of one length are nothing", async () => {
		const { outcome, result } = await repair(latin1(text.replace(/.{8}(?!$)/g, "$& ")));
		expect(outcome).toBe("repaired");
		expect(Buffer.compare(await readAll(result), latin1(pickle))).toBe(0);
	});

	test("elsewhere are not guessed", async () => {
		const { outcome, before } = await repair(latin1(`${text.slice(0, 5)} ${text.slice(5)}`));
		expect([outcome, before.data, before.faults[0]?.mend]).toEqual(["damaged", "unknown", undefined]);
	});
});

describe("what is no part of a pickle goes from behind it", () => {
	test.each([
		["the end of a text file of DOS", "\x1a"],
		["erased memory", "\xff".repeat(40)],
	])("%s", async (_, behind) => {
		const { outcome, edits, result } = await repair(latin1(`\x80\x02]q\0(K\x01K\x02e.${behind}`));
		expect({ outcome, edits }).toMatchObject({ outcome: "repaired", edits: [{ offset: 12, removed: behind.length }] });
		expect((await readAll(result)).at(-1)).toBe(0x2e);
	});

	test("but what ends as a pickle does, or is no fill, stays", async () => {
		for (const behind of ["\xff\xff.", "\xff\xfe\xff"])
			expect((await repair(latin1(`\x80\x02]q\0(K\x01K\x02e.${behind}`))).outcome).toBe("undamaged");
	});
});
