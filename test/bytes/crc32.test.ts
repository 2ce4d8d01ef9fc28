import { crc32 as zlibCrc32 } from "node:zlib";
import { expect, test } from "vitest";
import { crc32 } from "../../src/bytes/crc32.ts";

test("is zlib's, whatever the length, and goes on from one before", () => {
	const bytes = Uint8Array.from({ length: 300 }, (_, i) => i * 37 + (i >> 3));
	for (let length = 0; length <= 40; length++) {
		const part = bytes.subarray(3, 3 + length);
		expect(crc32(part), `${length} bytes`).toBe(zlibCrc32(part));
		expect(crc32(bytes.subarray(3 + length), crc32(part))).toBe(zlibCrc32(bytes.subarray(3)));
	}
});
