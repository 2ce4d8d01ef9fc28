import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { bytesSource } from "../../src/bytes/source.ts";
import type { Terminal } from "../../src/cli/command.ts";
import { newReading } from "../../src/cli/failures.ts";
import { heldSource } from "../../src/cli/held.ts";
import { unpackedFile } from "../../src/cli/input.ts";
import { encode } from "../../src/index.ts";

/** A file of these bytes that is found to be another once all is read. */
function changed(bytes: Uint8Array) {
	const check = async () => {
		throw new Error("it was changed");
	};
	return { bytes: undefined, source: { ...bytesSource(bytes), check }, close: async () => {} };
}

test("a packed file that changes while it is unpacked is refused, and its pickle not looked at", async () => {
	const unpacking = unpackedFile(changed(gzipSync(encode([1]))), newReading(), {} as Terminal, heldSource);
	await expect(unpacking).rejects.toThrow("it was changed");
});

test("what is not packed stays where it is", async () => {
	const reading = newReading();
	expect(await unpackedFile(changed(encode([1])), reading, {} as Terminal, heldSource)).toBeUndefined();
	expect(reading.format).toBeUndefined();
});
