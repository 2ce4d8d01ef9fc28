import { PickleError } from "../errors.ts";

/** What a file is that is not a bare pickle. */
export interface Recognition {
	/** A short word for programs: "gzip", "zip", "npy". */
	readonly format: string;
	/** The same for people, with its article: "a gzip file". */
	readonly name: string;
	/** What to do about it, as the end of a sentence; empty if there is no one thing to do. */
	readonly advice: string;
}

const unpackFirst = "unpack it first";

/**
 * How each format begins: word, name, beginning as Latin-1 text, what to do. Many begin with bytes that are opcodes too, so
 * this is for files that have failed as pickles.
 */
const beginnings: readonly (readonly [format: string, name: string, beginning: RegExp, advice?: string])[] = [
	["empty", "an empty file", /^$/, "Python 3's C pickler leaves one when a payload overflows 4 GiB at protocol 3 or below"],
	["gzip", "a gzip file", /^\x1f\x8b/, unpackFirst],
	["zlib", "zlib-compressed data", /^x[\x01\x5e\x9c\xda]/, unpackFirst],
	["bz2", "a bzip2 file", /^BZh[1-9](1AY&SY|\x17rE8P\x90)/, unpackFirst],
	["xz", "an xz file", /^\xfd7zXZ\0/, unpackFirst],
	["lzma", "an lzma file", /^]\0\0[^]{2}([^]{5}\0{3}|\xff{8})/, unpackFirst],
	["zstd", "a zstandard file", /^\x28\xb5\x2f\xfd/, unpackFirst],
	["lz4", "an lz4 file", /^[\x04\x02][\x22!][ML]\x18/, unpackFirst],
	["zip", "a zip archive", /^PK(\x03\x04|\x05\x06)/, "numpy.load reads .npz, torch.load .pt"],
	["7z", "a 7z archive", /^7z\xbc\xaf\x27\x1c/, unpackFirst],
	["tar", "a tar archive", /^[^]{257}ustar/, unpackFirst],
	["npy", "a .npy file", /^\x93NUMPY/, "numpy.load reads it"],
	["hdf5", "an HDF5 file", /^\x89HDF\r\n/, "h5py reads it"],
	["joblib", "a compressed file of an old joblib", /^ZF0x/, "joblib.load reads it"],
	["parquet", "a Parquet file", /^PAR1/],
	["arrow", "an Arrow or Feather file", /^ARROW1|^FEA1/],
	["png", "a PNG image", /^\x89PNG/],
	["jpeg", "a JPEG image", /^\xff\xd8\xff/],
	["pdf", "a PDF document", /^%PDF-/],
	["pyc", "compiled Python code", /^[^][\x0b-\x0f\xf2\xf3]\r\n[^]{4}/],
	["lfs", "a git LFS pointer, not the file itself", /^version https:\/\/git-lfs/, "run git lfs pull"],
	["utf8", "a pickle that was damaged by reading or writing it as text", /^(\xc2\x80|\xef\xbf\xbd)[\x02-\x05]/],
	["base64", "base64 text of a pickle", /^gA[I-X][\w+/=\s]+$/, "decode it first"],
	["markup", "HTML or XML text", /^(\xef\xbb\xbf)?\s*<[!?a-z]/i],
	["json", "JSON text", /^(\xef\xbb\xbf)?\s*[[{]\s*["\dtfn[{\]}-]/],
];

/**
 * Tells by its first bytes what an input is that is not a bare pickle. Ask it only about what has failed to be one: some
 * formats begin with bytes that a pickle may begin with as well.
 */
export function recognize(bytes: Uint8Array): Recognition | undefined {
	const head = String.fromCharCode(...bytes.subarray(0, 512));
	const found = beginnings.find(([, , beginning]) => beginning.test(head));
	return found && { format: found[0], name: found[1], advice: found[3] ?? "" };
}

/** The error that names what an input is instead of a bare pickle; `offset` is where it begins, in bytes. */
export function containerError({ name, advice }: Recognition, offset = 0, cause?: unknown): PickleError {
	const reason = `not a bare pickle but ${name}${advice && `: ${advice}`}`;
	return new PickleError("E_CONTAINER", reason, { offset, cause });
}
