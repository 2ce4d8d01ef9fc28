import { expect, test } from "vitest";
import type { ByteSource } from "../../src/bytes/source.ts";
import { settingsOf } from "../../src/inspect/disassemble.ts";
import { disassemble } from "../../src/inspect/index.ts";
import { disassembleSource } from "../../src/inspect/source.ts";
import { assemble, uint4, uint8 } from "../support/assemble.ts";

async function read(source: ByteSource, shorten = false): Promise<string> {
	let text = "";
	for await (const piece of disassembleSource(source, { ...settingsOf({}), shorten })) text += piece;
	return text;
}

/** A source over bytes that counts what is read. */
function counted(bytes: Uint8Array, size: number | undefined = bytes.length) {
	const counts = { read: 0 };
	const source: ByteSource = {
		size,
		async read(into, offset) {
			const part = bytes.subarray(offset, offset + into.length);
			into.set(part);
			counts.read += part.length;
			return part.length;
		},
	};
	return { source, counts };
}

/** A pickle of some MB, with long arguments of every kind among short ones. */
const long = (() => {
	const noise = Uint8Array.from({ length: 300_001 }, (_, i) => (i * 7919 + (i >> 5)) & 0xff);
	const text = new TextEncoder().encode("a\u00e9\u20ac'\u{1f600}\n\u0378".repeat(30_000));
	const small = assemble("K\x01U\x03abcVx\\u20ac\nI12\n\x8a\x05abcde").subarray();
	const many = Array.from({ length: 30_000 }, () => small);
	return assemble(
		["\x80\x04(", many],
		["X", uint4(text.length), text, "T", uint4(noise.length), noise],
		["B", uint4(noise.length), noise, "\x96", uint8(noise.length), noise],
		["S'", "\\x41'\\\\\"\\12b".repeat(20_000), "'\n", "V", "\\u0041\\\\a'\\U0001f600".repeat(20_000), "\n"],
		[many, "t."],
	);
})();

test.each([true, false])("a source is disassembled as bytes at hand are; of known size: %s", async (known) => {
	const { source } = counted(long, known ? long.length : undefined);
	expect((await read({ ...source, size: known ? source.size : undefined })) === disassemble(long)).toBe(true);
});

test.each([0, 1, 150_000, 1_000_000, long.length - 1])("cut at %i bytes, it fails as bytes at hand do", async (end) => {
	const cut = long.subarray(0, end);
	let expected: unknown;
	try {
		disassemble(cut);
	} catch (error) {
		expected = error;
	}
	const { code, reason, offset } = expected as Record<string, unknown>;
	for (const size of [cut.length, undefined]) {
		const { source } = counted(cut);
		await expect(read({ ...source, size })).rejects.toMatchObject({ code, reason, offset });
	}
});

test("shortened, long arguments are not read: 8 GiB take less than 1 MiB", async () => {
	const header = assemble("\x80\x04\x8e", uint8(2 ** 33));
	const size = header.length + 2 ** 33 + 1;
	let read = 0;
	const source: ByteSource = {
		size,
		async read(into, offset) {
			read += into.length;
			into.fill(0);
			if (offset < header.length) into.set(header.subarray(offset));
			if (offset + into.length === size) into[into.length - 1] = 0x2e;
			return into.length;
		},
	};
	let text = "";
	for await (const piece of disassembleSource(source, { ...settingsOf({}), shorten: true })) text += piece;
	expect(text).toBe(
		`    0: \\x80 PROTO      4
    2: \\x8e BINBYTES8  b'${"\\x00".repeat(64)}' ... (8589934528 more bytes)
8589934603: .    STOP
highest protocol among opcodes = 4
`,
	);
	expect(read).toBeLessThan(2 ** 20);
});

test("a source that has become shorter is E_SOURCE", async () => {
	const { source } = counted(long.subarray(0, 500_000));
	await expect(read({ ...source, size: long.length })).rejects.toMatchObject({ code: "E_SOURCE" });
});
