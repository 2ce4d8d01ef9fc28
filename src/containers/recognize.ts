import { PickleError } from "../errors.ts";

/** What an input is that is not a bare pickle. */
export interface Recognition {
	/** As it stands in a sentence: "gzip data", "a zip archive". */
	readonly name: string;
	/** What to do about it; empty if that depends. */
	readonly advice: string;
}

/**
 * What begins how, as Latin-1 text; the name may have advice. Every bundle that decodes carries this table, so it is short; `identify` knows more. Many
 * of these begin with bytes that are opcodes too, so it is for what has failed as a pickle.
 */
const beginnings: Readonly<Record<string, RegExp>> = {
	"gzip data": /^\x1f\x8b/,
	"zlib data": /^x[\x01\x5e\x9c\xda]/,
	"bzip2 data": /^BZh[1-9](1AY&SY|\x17rE8P\x90)/,
	"xz data": /^\xfd7zXZ\0/,
	"lzma data": /^]\0\0[^]{2}([^]{5}\0{3}|\xff{8})/,
	"zstandard data": /^\x28\xb5\x2f\xfd/,
	"lz4 data": /^[\x04\x02][\x22!][ML]\x18/,
	"a .npz archive: readNpz of picklet/numpy reads it": /^PK\x03\x04[^]{26}[ -\xff]+\.npy/,
	"a zip archive": /^PK(\x03\x04|\x05\x06)/,
	"a 7z archive": /^7z\xbc\xaf/,
	"a tar archive": /^[^]{257}ustar/,
	"a .npy file: readNpy of picklet/numpy reads it": /^\x93NUMPY/,
	"an HDF5 file": /^\x89HDF\r\n/,
	"a git LFS pointer": /^version https:\/\/git-lfs/,
	"a pickle damaged by reading it as text": /^(\xc2\x80|\xef\xbf\xbd)[\x02-\x05]/,
	"base64 text": /^gA[I-X][\w+/=\s]+$/,
	"a PNG image": /^\x89PNG/,
	"a JPEG image": /^\xff\xd8\xff/,
	"a PDF document": /^%PDF-/,
	"HTML or XML": /^(\xef\xbb\xbf)?\s*<[!?a-z]/i,
	JSON: /^(\xef\xbb\xbf)?\s*[[{]\s*["\dtfn[{\]}-]/,
};

/**
 * Tells by its first bytes what an input is that is not a bare pickle. Ask it only about what has failed to be one: some
 * formats begin with bytes that a pickle may begin with as well.
 */
export function recognize(bytes: Uint8Array): Recognition | undefined {
	const head = latin1Head(bytes.subarray(0, 512));
	for (const [name, beginning] of Object.entries(beginnings)) {
		const [what, advice] = name.split(": ") as [string, string?];
		if (beginning.test(head))
			return { name: what, advice: advice ?? (/data$/.test(what) ? "readPickle unpacks it" : "") };
	}
	return undefined;
}

/** A few bytes as Latin-1 text. */
export function latin1Head(bytes: Uint8Array): string {
	return String.fromCharCode(...bytes);
}

/** The error that names what an input is instead of a bare pickle; `offset` is where it begins, in bytes. */
export function containerError({ name, advice }: Recognition, offset = 0, cause?: unknown): PickleError {
	const reason = `not a bare pickle but ${name}${advice && `: ${advice}`}`;
	return new PickleError("E_CONTAINER", reason, { offset, cause });
}
