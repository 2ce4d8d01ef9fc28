import { describe, expect, test } from "vitest";
import { repair } from "../../../src/inspect/repair/repair.ts";

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
	])("%s", async (_, text, count) => {
		const { outcome, edits, choices } = await repair(latin1(text));
		expect({ outcome, edits }).toEqual({ outcome: "damaged", edits: [] });
		expect(choices).toHaveLength(count);
	});
});
