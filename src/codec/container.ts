import { containerError, recognize } from "../containers/recognize.ts";
import { PickleError } from "../errors.ts";

/** The error of bytes that failed as a pickle: what they are instead, if their beginning, at `offset`, tells. */
export function nameContainer(error: unknown, bytes: Uint8Array, offset = 0): unknown {
	if (!(error instanceof PickleError) || bytes.length === 0) return error;
	const found = recognize(bytes);
	return found ? containerError(found, offset, error) : error;
}
