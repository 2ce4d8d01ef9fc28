import { PickleError } from "../errors.ts";

/** The error for a value of Python or numpy that Temporal cannot hold as it is. */
export function doesNotFit(reason: string, cause?: unknown): PickleError {
	return new PickleError("E_PLAIN", `Temporal has no such value: ${reason}`, { cause });
}
