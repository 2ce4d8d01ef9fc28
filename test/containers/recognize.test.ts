import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { containerError, recognize } from "../../src/containers/recognize.ts";
import { sharedFolder } from "../support/shared.ts";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

const beginnings: readonly (readonly [format: string, content: Uint8Array])[] = [
	["empty", bytes("")],
	["gzip", gzipSync("x")],
	["zlib", deflateSync("x")],
	["zlib", deflateSync("x", { level: 1 })],
	["bz2", bytes("BZh91AY&SY\x12\x34")],
	["bz2", bytes("BZh9\x17rE8P\x90\0\0\0\0")],
	["xz", bytes("\xfd7zXZ\0\0\x04")],
	["lzma", bytes("]\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0")],
	["lzma", bytes("]\0\0\x04\0\x10\x27\0\0\0\0\0\0\0")],
	["zstd", bytes("\x28\xb5\x2f\xfd\x04")],
	["lz4", bytes("\x04\x22M\x18d")],
	["lz4", bytes("\x02\x21L\x18d")],
	["zip", bytes("PK\x03\x04")],
	["zip", bytes("PK\x05\x06")],
	["7z", bytes("7z\xbc\xaf\x27\x1c\0\x04")],
	["tar", bytes(`pickle${"\0".repeat(251)}ustar\0`)],
	["npy", bytes("\x93NUMPY\x01\0")],
	["hdf5", bytes("\x89HDF\r\n\x1a\n")],
	["joblib", bytes("ZF0x1d                x\x9c")],
	["parquet", bytes("PAR1\x15")],
	["arrow", bytes("ARROW1\0\0")],
	["arrow", bytes("FEA1")],
	["png", bytes("\x89PNG\r\n\x1a\n")],
	["jpeg", bytes("\xff\xd8\xff\xe0")],
	["pdf", bytes("%PDF-1.7")],
	["pyc", bytes("\xa7\r\r\n\0\0\0\0")],
	["pyc", bytes("\x03\xf3\r\n\x12\x34\x56\x78")],
	["lfs", bytes("version https://git-lfs.github.com/spec/v1\noid sha256:00\n")],
	["utf8", bytes("\xc2\x80\x04\xc2\x95")],
	["utf8", bytes("\xef\xbf\xbd\x03}q\0.")],
	["base64", bytes("gASVBQAAAAAAAABLAUsChpQu\n")],
	["markup", bytes("<!DOCTYPE html>\n<html>")],
	["markup", bytes('\xef\xbb\xbf<?xml version="1.0"?>')],
	["json", bytes('{"a": 1}')],
	["json", bytes(" [1, 2]")],
	["json", bytes("[]")],
];

test.each(beginnings)("%s is recognized", (format, content) => {
	expect(recognize(content)).toMatchObject({ format, name: expect.any(String), advice: expect.any(String) });
});

test.each(["\0", "[link]", "{x}", "< 5", "BZh9", "x", "x\x9d", "PK", "gA", "plain"])(
	"%j alone says nothing",
	(text) => {
		expect(recognize(bytes(text))).toBeUndefined();
	},
);

test("every short beginning is looked at without error", () => {
	for (const [, content] of beginnings) {
		for (let end = 0; end < content.length; end++) recognize(content.subarray(0, end));
	}
});

test("the error names the format, what to do and where it begins", () => {
	const error = containerError({ format: "gzip", name: "a gzip file", advice: "unpack it first" }, 0, "why");
	expect(error).toMatchObject({ code: "E_CONTAINER", offset: 0, cause: "why" });
	expect(error.message).toBe("not a bare pickle but a gzip file: unpack it first (byte at offset 0)");
	expect(containerError({ format: "png", name: "a PNG image", advice: "" }, 7).reason).toBe(
		"not a bare pickle but a PNG image",
	);
});

describe("no pickle is taken for something else", () => {
	const frameworks = sharedFolder("frameworks");
	test.runIf(frameworks)("of those that frameworks write", () => {
		const files = readdirSync(frameworks as string, { recursive: true, encoding: "utf8" });
		const pickles = files.filter((file) => /(numpy|stdlib|pandas|sklearn)\/[^/]*\.pkl$/.test(file));
		expect(pickles.length).toBeGreaterThan(1000);
		const wrong = pickles.filter((file) => recognize(readFileSync(join(frameworks as string, file))));
		expect(wrong).toEqual([]);
	});
});
