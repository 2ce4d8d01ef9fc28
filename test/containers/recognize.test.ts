import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { containerError, recognize } from "../../src/containers/recognize.ts";
import { sharedFolder } from "../support/shared.ts";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

const beginnings: readonly (readonly [name: string, content: Uint8Array])[] = [
	["gzip data", gzipSync("x")],
	["zlib data", deflateSync("x")],
	["zlib data", deflateSync("x", { level: 1 })],
	["bzip2 data", bytes("BZh91AY&SY\x12\x34")],
	["bzip2 data", bytes("BZh9\x17rE8P\x90\0\0\0\0")],
	["xz data", bytes("\xfd7zXZ\0\0\x04")],
	["lzma data", bytes("]\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0")],
	["lzma data", bytes("]\0\0\x04\0\x10\x27\0\0\0\0\0\0\0")],
	["zstandard data", bytes("\x28\xb5\x2f\xfd\x04")],
	["lz4 data", bytes("\x04\x22M\x18d")],
	["lz4 data", bytes("\x02\x21L\x18d")],
	["a zip archive", bytes("PK\x03\x04")],
	["a zip archive", bytes(`PK\x03\x04${"\0".repeat(26)}archive/data.pkl\x80\x02}a.npy`)],
	["a .npz archive", bytes(`PK\x03\x04${"\0".repeat(26)}arr_0.npy\x93NUMPY`)],
	["a zip archive", bytes("PK\x05\x06")],
	["a 7z archive", bytes("7z\xbc\xaf\x27\x1c\0\x04")],
	["a tar archive", bytes(`pickle${"\0".repeat(251)}ustar\0`)],
	["a .npy file", bytes("\x93NUMPY\x01\0")],
	["an HDF5 file", bytes("\x89HDF\r\n\x1a\n")],
	["a git LFS pointer", bytes("version https://git-lfs.github.com/spec/v1\noid sha256:00\n")],
	["a pickle damaged by reading it as text", bytes("\xc2\x80\x04\xc2\x95")],
	["a pickle damaged by reading it as text", bytes("\xef\xbf\xbd\x03}q\0.")],
	["base64 text", bytes("gASVBQAAAAAAAABLAUsChpQu\n")],
	["HTML or XML", bytes("<!DOCTYPE html>\n<html>")],
	["HTML or XML", bytes('\xef\xbb\xbf<?xml version="1.0"?>')],
	["JSON", bytes('{"a": 1}')],
	["JSON", bytes(" [1, 2]")],
	["JSON", bytes("[]")],
];

test.each(beginnings)("%s is recognized", (name, content) => {
	const reader = /\.np[yz]/.exec(name)?.[0].replace(".n", "readN");
	const advice = reader ? `${reader} of picklet/numpy reads it` : name.endsWith(" data") ? "readPickle unpacks it" : "";
	expect(recognize(content)).toEqual({ name, advice });
});

test.each(["", "\0", "[link]", "{x}", "< 5", "BZh9", "x", "x\x9d", "PK", "gA", "plain"])(
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
	const error = containerError({ name: "gzip data", advice: "unpack it first" }, 0, "why");
	expect(error).toMatchObject({ code: "E_CONTAINER", offset: 0, cause: "why" });
	expect(error.message).toBe("not a bare pickle but gzip data: unpack it first (byte at offset 0)");
	expect(containerError({ name: "JSON", advice: "" }, 7).reason).toBe("not a bare pickle but JSON");
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
