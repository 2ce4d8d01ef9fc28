import { PickleError } from "./errors.ts";

/** What decoding may use at most. Each is checked before anything grows. */
export interface Limits {
	/** The stack, and the items of any one sequence. Default 100,000,000: engines die without an exception a little above. */
	readonly maxItems: number;
	/** Entries of one dict or set. Default 16,777,216, what a Map holds. */
	readonly maxEntries: number;
	/** Digits of a text INT or LONG. Default 4,300, as CPython. */
	readonly maxIntDigits: number;
	/** Bytes of a LONG4. Default 134,217,728. */
	readonly maxIntBytes: number;
	/**
	 * Work that the input has not paid for by its length: a unit is one item hashed, compared or copied, or 8 bytes
	 * copied. Default: 2^24 + 64 for each byte read so far, so that a stream fails where the whole file does.
	 */
	readonly maxWork: number | undefined;
	/** Bytes that one container may unpack to. Default 2^40. */
	readonly maxDecompressedBytes: number;
	/** Unpacked bytes for each packed one. Default 10,000. */
	readonly maxRatio: number;
}

const defaults: Limits = {
	maxItems: 100_000_000,
	maxEntries: 16_777_216,
	maxIntDigits: 4_300,
	maxIntBytes: 134_217_728,
	maxWork: undefined,
	maxDecompressedBytes: 2 ** 40,
	maxRatio: 10_000,
};

/** The defaults with the caller's in their places. @throws TypeError for an unknown name or what is no count */
export function resolveLimits(limits: Partial<Limits> = {}): Limits {
	for (const [name, value] of Object.entries(limits)) {
		if (!Object.hasOwn(defaults, name)) throw new TypeError(`unknown limit "${name}"`);
		if (value !== undefined && !(typeof value === "number" && value >= 0)) {
			throw new TypeError(`limit ${name} is to be a number of at least 0`);
		}
	}
	const given = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
	return { ...defaults, ...given };
}

/** The error of a limit that was hit; `found` says by what, in words. */
export function limitError(limit: keyof Limits, bound: number, found: string): PickleError {
	const advice = `raise limits.${limit} if the file can be trusted`;
	return new PickleError("E_LIMIT", `${found}, over the limit ${limit} of ${bound}; ${advice}`, { limit });
}
