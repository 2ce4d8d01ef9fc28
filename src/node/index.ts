/* Entry "picklet/node": all of "picklet", with files. */
import { type BytesInput, plainBytes } from "../bytes/plain.ts";
import type { InflatedFormat } from "../containers/inflate.ts";
import { isPickleError, PickleError } from "../errors.ts";
import { type DecodeOptions, decode, type PyValue } from "../index.ts";
import { resolveLimits } from "../limits.ts";
import { readBytes, unpack } from "./read.ts";

export * from "../index.ts";

/**
 * Decodes the one pickle of a file, named by its path or `file:` URL, or of bytes. What is packed with gzip or zlib is
 * unpacked first, as `limits.maxDecompressedBytes` and `limits.maxRatio` allow.
 *
 * @throws PickleError E_SOURCE if the file cannot be read, with the system's error as `cause`; E_TOO_LARGE if its bytes are
 * more than this runtime can hold; E_CONTAINER if it is packed otherwise, damaged, or packed twice; else as `decode`
 * @throws TypeError for an unknown option, or a source that is none of these
 */
export async function readPickle(source: string | URL | BytesInput, options: DecodeOptions = {}): Promise<PyValue> {
	const limits = resolveLimits(options.limits);
	const isPath = typeof source === "string" || source instanceof URL;
	const packed = isPath ? await readBytes(source) : plainBytes(source);
	const { bytes, format } = await unpack(packed, limits);
	try {
		return decode(bytes, options);
	} catch (error) {
		throw format && isPickleError(error, "E_CONTAINER") ? insideOf(format, error) : error;
	}
}

function insideOf(format: InflatedFormat, error: PickleError): PickleError {
	return new PickleError("E_CONTAINER", `what the ${format} data holds is ${error.reason}`, { cause: error });
}
