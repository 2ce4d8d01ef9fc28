import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { identify, identifyMixture } from "../../src/containers/identify.ts";
import { sharedFolder } from "../support/shared.ts";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const le = (value: number, size: number) =>
	Array.from({ length: size }, (_, i) => String.fromCharCode((value >>> (8 * i)) & 255)).join("");

/** A zip archive of empty members, with or without its directory. */
function zip(names: readonly string[], { directory = true, comment = "" } = {}): Uint8Array {
	let locals = "";
	let entries = "";
	for (const name of names) {
		entries += `PK\x01\x02${le(0, 24)}${le(name.length, 2)}${le(2, 2)}${le(3, 2)}${le(0, 12)}${name}xxabc`;
		locals += `PK\x03\x04${le(0, 22)}${le(name.length, 2)}${le(0, 2)}${name}`;
	}
	const end = `PK\x05\x06${le(0, 4)}${le(names.length, 4)}${le(entries.length, 4)}${le(locals.length, 4)}${le(comment.length, 2)}`;
	return bytes(locals + (directory ? entries + end + comment : ""));
}

test.each([
	["torch", zip(["model/data.pkl", "model/version"])],
	["torch", zip(["data.pkl"])],
	["torch", zip(["archive/version", "archive/data.pkl"], { comment: "a comment" })],
	["torch", zip(["archive/data.pkl"], { directory: false })],
	["npz", zip(["arr_0.npy", "x.npy"])],
	["zip", zip(["arr_0.npy", "readme.txt"])],
	["zip", zip([])],
	["zip", zip(Array.from({ length: 1000 }, (_, i) => `${i}`))],
])("a zip archive of %s is told by its members", (format, content) => {
	expect(identify(content)).toMatchObject({ format });
});

test("a zip archive that lies is looked at without error", () => {
	const archive = zip(["arr_0.npy", "x.npy"], { comment: "!" });
	for (let end = 4; end <= archive.length; end++) expect(identify(archive.subarray(0, end))).toBeDefined();
	for (let at = 4; at < archive.length; at++) {
		const changed = archive.slice();
		changed[at] = 0xff;
		expect(identify(changed)).toBeDefined();
	}
});

test.each([
	["sqlite", "SQLite format 3\0"],
	["mat", "MATLAB 5.0 MAT-file, Platform: GLNXA64"],
	["safetensors", '\x40\0\0\0\0\0\0\0{"__metadata__"'],
	["rar", "Rar!\x1a\x07\x01\0"],
	["utf16", "\xff\xfeh\0i\0"],
	["marshal", "\xe3\0\0\0\0\0\0\0\0"],
	["zeros", "\0".repeat(100)],
	["repr", "b'\\x80\\x04K\\x01.'"],
	["hex", "80044b012e"],
	["hex", "\\x80\\x04\\x95"],
	["text", "Dear reader,\r\n\tthis is no pickle.\n"],
	["text", "Müller".replace("ü", "\xc3\xbc").repeat(3)],
	["json", '{"a": 1}'],
	["bz2", "BZh91AY&SY"],
])("%s", (format, text) => {
	expect(identify(bytes(text))).toMatchObject({ format });
});

test("text whose last character is cut off is text", () => {
	expect(identify(bytes("\xc3\xbc".repeat(4096)).subarray(0, 4097))?.format).toBe("text");
});

test.each(["short", "\x80\x04K", "with \x07 bells in its text", "bad \xff utf-8 in the text"])(
	"%j is not named",
	(text) => {
		expect(identify(bytes(text))).toBeUndefined();
	},
);

test("files that are pickles in part are told by what stands before the failure", () => {
	const joblib = bytes("\x80\x03cjoblib.numpy_pickle\nNumpyArrayWrapper\nq\0)\x81q\x01b\xff");
	expect(identifyMixture(joblib, joblib.length - 1)).toMatchObject({ format: "joblib" });
	const torch = bytes("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\xff");
	expect(identifyMixture(torch, torch.length - 1)).toMatchObject({ format: "torch" });
	expect(identifyMixture(bytes("\x80\x04K\xff"), 3)).toBeUndefined();
});

const containers = sharedFolder("hostile/containers");
test.runIf(containers).each([
	["zip-slip.pt", "torch"],
	["zip-bad-crc.pt", "torch"],
	["zip-name-mismatch.pt", "torch"],
	["zip-1e5-entries.zip", "zip"],
	["zip-cd-huge-count.zip", "torch"],
	["zip-size-lie.pt", "torch"],
	["zip-in-zip.pt", "torch"],
	["sevenzip-renamed.pt", "7z"],
	["tar-legacy.pt", "tar"],
	["npy-header-64MiB.npy", "npy"],
	["bz2-bomb-512MiB.pkl.bz2", "bz2"],
])("hostile %s is %s", (file, format) => {
	expect(identify(readFileSync(join(containers as string, file)))).toMatchObject({ format });
});
