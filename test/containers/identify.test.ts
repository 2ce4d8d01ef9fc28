import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { identify as identifyAny, identifyMixture } from "../../src/containers/identify.ts";
import { sharedFolder } from "../support/shared.ts";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const identify = (content: Uint8Array) => identifyAny(content, true);
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
	["a zip archive of torch.save (.pt)", zip(["model/data.pkl", "model/version"])],
	["a zip archive", zip(["data.pkl"])],
	["a zip archive of torch.save (.pt)", zip(["archive/version", "archive/data.pkl"], { comment: "a comment" })],
	["a zip archive of torch.save (.pt)", zip(["archive/data.pkl"], { directory: false })],
	["a numpy .npz archive", zip(["arr_0.npy", "x.npy"])],
	["a zip archive", zip(["arr_0.npy", "readme.txt"])],
	["a zip archive", zip([])],
	["a zip archive", zip(Array.from({ length: 1000 }, (_, i) => `${i}`))],
])("a zip archive of %s is told by its members", (name, content) => {
	expect(identify(content)).toMatchObject({ name });
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
	["an SQLite database", "SQLite format 3\0"],
	["a MATLAB file", "MATLAB 5.0 MAT-file, Platform: GLNXA64"],
	["a safetensors file", '\x40\0\0\0\0\0\0\0{"__metadata__"'],
	["a rar archive", "Rar!\x1a\x07\x01\0"],
	["UTF-16 text", "\xff\xfeh\0i\0"],
	["marshal data", "\xe3\0\0\0\0\0\0\0\0"],
	["zero bytes", "\0".repeat(100)],
	["the repr of a bytes object as text", "b'\\x80\\x04K\\x01.'"],
	["hexadecimal text of a pickle", "80044b012e"],
	["hexadecimal text of a pickle", "\\x80\\x04\\x95"],
	["plain text", "Dear reader,\r\n\tthis is no pickle.\n"],
	["plain text", "Müller".replace("ü", "\xc3\xbc").repeat(3)],
	["a compressed file of an old joblib", "ZF0x1d                x\x9c"],
	["a Parquet file", "PAR1\x15"],
	["an Arrow or Feather file", "ARROW1\0\0"],
	["an Arrow or Feather file", "FEA1"],
	["a PNG image", "\x89PNG\r\n\x1a\n"],
	["a JPEG image", "\xff\xd8\xff\xe0"],
	["a PDF document", "%PDF-1.7"],
	["compiled Python code", "\xa7\r\r\n\0\0\0\0"],
	["compiled Python code", "\x03\xf3\r\n\x12\x34\x56\x78"],
	["an empty file", ""],
	["JSON", '{"a": 1}'],
	["bzip2 data", "BZh91AY&SY"],
])("%s", (name, text) => {
	expect(identify(bytes(text))).toMatchObject({ name });
});

test("text is named only where that is asked for", () => {
	expect(identifyAny(bytes("Dear reader, this is no pickle."), false)).toBeUndefined();
	expect(identifyAny(bytes("\x89PNG\r\n"), false)).toMatchObject({ name: "a PNG image" });
});

test("text whose last character is cut off is text", () => {
	expect(identify(bytes("\xc3\xbc".repeat(4096)).subarray(0, 4097))?.name).toBe("plain text");
});

test.each(["short", "\x80\x04K", "with \x07 bells in its text", "bad \xff utf-8 in the text"])(
	"%j is not named",
	(text) => {
		expect(identify(bytes(text))).toBeUndefined();
	},
);

test("files that are pickles in part are told by what stands before the failure", () => {
	const joblib = bytes("\x80\x03cjoblib.numpy_pickle\nNumpyArrayWrapper\nq\0)\x81q\x01b\xff");
	expect(identifyMixture(joblib, joblib.length - 1)).toMatchObject({ name: expect.stringContaining("joblib") });
	const torch = bytes("\x80\x04\x95\x0d\0\0\0\0\0\0\0\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\xff");
	expect(identifyMixture(torch, torch.length - 1)).toMatchObject({ name: expect.stringContaining("torch.save") });
	expect(identifyMixture(bytes("\x80\x04K\xff"), 3)).toBeUndefined();
});

const containers = sharedFolder("hostile/containers");
test.runIf(containers).each([
	["zip-slip.pt", "a zip archive of torch.save (.pt)"],
	["zip-bad-crc.pt", "a zip archive of torch.save (.pt)"],
	["zip-name-mismatch.pt", "a zip archive of torch.save (.pt)"],
	["zip-1e5-entries.zip", "a zip archive"],
	["zip-cd-huge-count.zip", "a zip archive of torch.save (.pt)"],
	["zip-size-lie.pt", "a zip archive of torch.save (.pt)"],
	["zip-in-zip.pt", "a zip archive of torch.save (.pt)"],
	["sevenzip-renamed.pt", "a 7z archive"],
	["tar-legacy.pt", "a tar archive"],
	["npy-header-64MiB.npy", "a .npy file"],
	["bz2-bomb-512MiB.pkl.bz2", "bzip2 data"],
])("hostile %s is %s", (file, name) => {
	expect(identify(readFileSync(join(containers as string, file)))).toMatchObject({ name });
});
