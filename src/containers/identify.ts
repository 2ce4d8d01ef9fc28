import { packedFormat } from "./packed.ts";
import { type Recognition, recognize } from "./recognize.ts";
import { serializedKind } from "./serialized.ts";

/**
 * Tells as fully as its content allows what a file is that is not a bare pickle: looks into archives for the names of
 * their members. Trusts nothing and unpacks nothing. Like `recognize`, it is for what has failed to be a pickle; text is
 * named only if `orText`, for pickles of protocol 0 are text too.
 */
export function identify(bytes: Uint8Array, orText: boolean): Recognition | undefined {
	if (bytes.length === 0) return empty;
	const found = recognize(bytes);
	if (found && /^a (zip|.npz) archive$/.test(found.name)) return zipKind(bytes);
	if (found) return { name: found.name, advice: advices[found.name] ?? found.advice };
	return otherBinary(bytes) ?? (orText ? textKind(bytes) : undefined);
}

const empty: Recognition = {
	name: "an empty file",
	advice: "Python 3's C pickler leaves one when a payload overflows 4 GiB at protocol 3 or below",
};

/** What to do about what `recognize` names. */
const advices: Readonly<Record<string, string>> = {
	"bzip2 data": "unpack it first, as bzip2 -d does",
	"xz data": "unpack it first, as xz -d does",
	"lzma data": "unpack it first, as xz --format=lzma -d does",
	"zstandard data": "unpack it first, as zstd -d does",
	"lz4 data": "unpack it first, as lz4 -d does",
	"a 7z archive": "unpack it first, as 7z x does",
	"a tar archive": "unpack it first, as tar -xf does",
	"a .npy file": "readNpy of picklet/numpy reads it, as numpy.load does",
	"an HDF5 file": "h5py reads it",
	"a git LFS pointer": "run git lfs pull to get the file itself",
	"a pickle damaged by reading it as text": "copy the original again as binary",
	"base64 text": "decode it first, as base64 -d does",
	"HTML or XML": "most often an error page that was saved in the file's place; download the file again",
	JSON: "json.load reads it",
};

/** Formats that are too rare as pickles to be carried by every decoder. */
const rareBeginnings: readonly (readonly [name: string, beginning: RegExp, advice: string])[] = [
	["a compressed file of an old joblib", /^ZF0x/, "joblib.load reads it"],
	["a Parquet file", /^PAR1/, "pandas.read_parquet reads it"],
	["an Arrow or Feather file", /^ARROW1|^FEA1/, "pandas.read_feather or pyarrow reads it"],
	["compiled Python code", /^[^][\x0b-\x0f\xf2\xf3]\r\n[^]{4}/, "Python's marshal module reads it"],
	["marshal data", /^\xe3[^]\0{3}/, "Python's marshal module reads it"],
	["an SQLite database", /^SQLite format 3\0/, "sqlite3 reads it"],
	["a Berkeley DB file", /^[^]{12}(\x61\x15\x06\0|\x62\x31\x05\0)/, "dbm or shelve of Python reads it"],
	["a GNU dbm file", /^(\xcf|\xce)\x9a\x57\x13|^\x13\x57\x9a(\xcd|\xce|\xcf)/, "dbm or shelve of Python reads it"],
	["an LMDB file", /^[^]{16}\xde\xc0\xef\xbe/, "the package lmdb reads it"],
	["a MATLAB file", /^MATLAB \d\.\d MAT-file/, "scipy.io.loadmat reads it"],
	["R data", /^RD[AX][23]\n|^X\n\0\0\0[\x02\x03]\0|^A\n[23]\n\d/, "R's readRDS or load reads it"],
	["a safetensors file", /^[^]{3}\0{5}\{"/, "the safetensors package reads it"],
	["a GGUF model", /^GGUF/, "llama.cpp reads it"],
	["a rar archive", /^Rar!\x1a\x07/, "unpack it first, as unrar x does"],
	["a .Z file", /^\x1f\x9d/, "unpack it first, as uncompress does"],
	["lzip data", /^LZIP\x01/, "unpack it first, as lzip -d does"],
	["a snappy stream", /^\xff\x06\0\0sNaPpY/, "unpack it first"],
	["a serialized Java object", /^\xac\xed\0\x05/, ""],
	["a Marshal dump of Ruby", /^\x04\x08["0:@FIT[cefilmosu{}]/, "Ruby's Marshal.load reads it"],
	["a serialized PHP value", /^(a:\d+:\{|O:\d+:"|s:\d+:")/, "PHP's unserialize reads it"],
	["a property list", /^bplist0\d/, "plistlib reads it"],
	["an Avro file", /^Obj\x01/, ""],
	["a program", /^\x7fELF|^MZ[^]\0|^[\xce\xcf]\xfa\xed\xfe|^\xca\xfe\xba\xbe/, ""],
	["a GIF image", /^GIF8[79]a/, ""],
	["a RIFF file", /^RIFF[^]{4}(WAVE|AVI |WEBP)/, ""],
	["a TIFF image", /^(II\*\0|MM\0\*)/, ""],
	["a video file", /^[^]{4}ftyp/, ""],
	["PEM text", /^-----BEGIN [A-Z ]+-----/, ""],
	["UTF-16 text", /^(\xff\xfe|\xfe\xff)/, "a pickle is bytes: it must be written in mode 'wb'"],
	["zero bytes", /^\0{8}/, "what was there was never written, or is lost"],
];

/** What to do with the formats that have no signature. */
const serializedAdvices = {
	"marshal data": "Python's marshal module reads it",
	"MessagePack data": "the package msgpack reads it",
	"BSON data": "the package bson of pymongo reads it",
} as const;

function otherBinary(bytes: Uint8Array): Recognition | undefined {
	const head = latin1(bytes.subarray(0, 512));
	const found = rareBeginnings.find(([, beginning]) => beginning.test(head));
	if (found) return { name: found[0], advice: found[2] };
	const name = readText(bytes.subarray(0, 4096)) === undefined ? serializedKind(bytes) : undefined;
	return name && { name, advice: serializedAdvices[name] };
}

/** The name of text that says no more of itself. */
export const PLAIN_TEXT = "plain text";

/** Shorter text tells too little. */
const MIN_TEXT = 16;

function textKind(bytes: Uint8Array): Recognition | undefined {
	const head = readText(bytes.subarray(0, 4096));
	if (head === undefined) return undefined;
	if (/^b?['"]\\x80\\x0[1-5]/.test(head)) {
		return { name: "the repr of a bytes object as text", advice: "ast.literal_eval makes bytes of it" };
	}
	if (/^(0x|\\x)?80(\\x)?0[2-5][\da-f\\x\s]+$/i.test(head)) {
		return { name: "hexadecimal text of a pickle", advice: "decode it first, as xxd -r -p does" };
	}
	return head.length < MIN_TEXT ? undefined : { name: PLAIN_TEXT, advice: "" };
}

/** The text of bytes that are UTF-8 without control characters; undefined otherwise. The last character may be cut. */
export function readText(bytes: Uint8Array): string | undefined {
	try {
		const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
		return /[^\P{Cc}\t\n\f\r]/u.test(text) ? undefined : text;
	} catch {
		return undefined;
	}
}

function latin1(bytes: Uint8Array): string {
	return String.fromCharCode(...bytes);
}

/** Whether bytes begin as packed data, a zip archive or a .npy file do: what may hold a pickle and begins as none. */
export function beginsContainer(bytes: Uint8Array): boolean {
	return packedFormat(bytes) !== undefined || /^(PK\x03\x04|\x93NUMPY)/.test(latin1(bytes.subarray(0, 8)));
}

/** How many names tell what an archive is. */
const MAX_NAMES = 64;

function zipKind(bytes: Uint8Array): Recognition {
	const names = memberNames(bytes);
	if (names.some((name) => /\/data\.pkl$/.test(name))) {
		return { name: "a zip archive of torch.save (.pt)", advice: "torch.load reads it" };
	}
	if (names.length > 0 && names.every((name) => name.endsWith(".npy"))) {
		return { name: "a numpy .npz archive", advice: "readNpz of picklet/numpy reads it, as numpy.load does" };
	}
	return { name: "a zip archive", advice: "unpack it first, as unzip does" };
}

/** The first names in the archive's directory; if that cannot be found, the name of its first member. */
function memberNames(bytes: Uint8Array): string[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const end = directoryEnd(view);
	const listed = end < 0 ? [] : namesFrom(view, view.getUint32(end + 16, true), 0x02014b50, 28, 46);
	return listed.length > 0 ? listed : namesFrom(view, 0, 0x04034b50, 26, 30);
}

/** Where the record lies that ends the archive, or -1. A comment of up to 64 KiB may follow it. */
function directoryEnd(view: DataView): number {
	const first = Math.max(0, view.byteLength - 22 - 0xffff);
	for (let at = view.byteLength - 22; at >= first; at--) if (view.getUint32(at, true) === 0x06054b50) return at;
	return -1;
}

/**
 * The names of the headers that follow each other from `at` on: each has its signature, the length of its name at
 * `lengthAt` (then that of its extra field and, in a directory, its comment), and the name at `nameAt`.
 */
function namesFrom(view: DataView, at: number, signature: number, lengthAt: number, nameAt: number): string[] {
	const names: string[] = [];
	while (names.length < MAX_NAMES && at + nameAt <= view.byteLength && view.getUint32(at, true) === signature) {
		const length = view.getUint16(at + lengthAt, true);
		const end = Math.min(at + nameAt + Math.min(length, 1024), view.byteLength);
		names.push(latin1(new Uint8Array(view.buffer, view.byteOffset + at + nameAt, end - at - nameAt)));
		const comment = nameAt === 46 ? view.getUint16(at + 32, true) : 0;
		at += nameAt + length + view.getUint16(at + lengthAt + 2, true) + comment;
	}
	return names;
}

/** What begins with a pickle and goes on with data that is none, and how to tell. */
const mixtures: readonly (readonly [name: string, sign: RegExp, advice: string])[] = [
	["a file of torch.save's format before 1.6", /\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19\./, "torch.load reads it"],
	["a file of joblib, with arrays between the opcodes", /joblib\.numpy_pickle/, "joblib.load reads it"],
];

/** Tells what has failed at an offset, in bytes, because only parts of it are pickles. */
export function identifyMixture(bytes: Uint8Array, offset: number): Recognition | undefined {
	const start = latin1(bytes.subarray(0, 64));
	const before = latin1Text(bytes.subarray(Math.max(0, offset - 65536), offset));
	const found = mixtures.find(([, sign]) => sign.test(start) || sign.test(before));
	return found && { name: found[0], advice: found[2] };
}

function latin1Text(bytes: Uint8Array): string {
	return new TextDecoder("latin1").decode(bytes);
}
