/** What went wrong, by kind. docs/errors.md says when each is raised. */
export type PickleErrorCode =
	| "E_TRUNCATED"
	| "E_TRAILING"
	| "E_CONTAINER"
	| "E_OPCODE"
	| "E_PROTOCOL"
	| "E_FRAME"
	| "E_STACK"
	| "E_MEMO"
	| "E_NUMBER"
	| "E_TEXT"
	| "E_GLOBAL"
	| "E_EXTENSION"
	| "E_PERSISTENT_ID"
	| "E_BUFFER"
	| "E_TYPE"
	| "E_REDUCER"
	| "E_LENGTH"
	| "E_OVERFLOW"
	| "E_LIMIT"
	| "E_TOO_LARGE"
	| "E_UNENCODABLE"
	| "E_PLAIN"
	| "E_SOURCE";

/** Where an error happened; every field is optional. */
export interface PickleErrorDetails {
	/** Absolute offset of the failing opcode in the input, in bytes. */
	readonly offset?: number | undefined;
	/** Name of that opcode, as pickletools spells it. */
	readonly opcode?: string | undefined;
	/** Where the input ended, in bytes, if it ended too early. */
	readonly end?: number | undefined;
	/** Path to the value at fault, such as `$.users[3].photo`. */
	readonly path?: string | undefined;
	/** The limit that was hit, if the code is `E_LIMIT`. */
	readonly limit?: string | undefined;
	/** The error behind this one. */
	readonly cause?: unknown;
}

/** Shared by every copy of the package, so that `isPickleError` knows the errors of all of them. */
const brand = Symbol.for("picklet.PickleError");

/** The one error that any input can cause. `message` says what was found, where, and what to do. */
export class PickleError extends Error {
	/** Bundlers rename classes; a field of this name would make `instanceof` slow, 1.06x on W10. */
	static override get name(): string {
		return "PickleError";
	}
	override readonly name: string = "PickleError";
	/** What went wrong, by kind. */
	readonly code: PickleErrorCode;
	/** The message without the place. */
	readonly reason: string;
	/** Absolute offset of the failing opcode in the input, in bytes. */
	declare readonly offset: number | undefined;
	/** Name of that opcode, as pickletools spells it. */
	declare readonly opcode: string | undefined;
	/** Where the input ended, in bytes, if it ended too early. */
	declare readonly end: number | undefined;
	/** Path to the value at fault, such as `$.users[3].photo`. */
	declare readonly path: string | undefined;
	/** The limit that was hit, if the code is `E_LIMIT`. */
	declare readonly limit: string | undefined;

	constructor(code: PickleErrorCode, reason: string, details: PickleErrorDetails = {}) {
		const { offset, opcode, end, path, limit, cause } = details;
		const place = offset === undefined ? "" : ` (${opcode ?? "byte"} at offset ${offset})`;
		super(reason + place, cause === undefined ? undefined : { cause });
		this.code = code;
		this.reason = reason;
		// What is not known is not there, so that it is not printed either.
		for (const [key, value] of Object.entries({ offset, opcode, end, path, limit })) {
			if (value !== undefined) Object.defineProperty(this, key, { value, enumerable: true });
		}
		Object.defineProperty(this, brand, { value: true });
	}

	/** This error with the place filled in where it had none. */
	at(offset: number, opcode: string | undefined): PickleError {
		if (this.offset !== undefined) return this;
		const { end, path, limit, cause } = this;
		return new PickleError(this.code, this.reason, { offset, opcode, end, path, limit, cause });
	}
}

/**
 * Tells a PickleError, also of another copy of the package, from everything else; with codes, one of these.
 *
 * @example
 * catch (error) { if (isPickleError(error, "E_TRUNCATED")) ... }
 */
export function isPickleError(error: unknown, ...codes: readonly PickleErrorCode[]): error is PickleError {
	if (typeof error !== "object" || error === null) return false;
	try {
		return brand in error && (codes.length === 0 || codes.includes((error as unknown as PickleError).code));
	} catch {
		// A revoked proxy.
		return false;
	}
}

/** What a caller's function threw, in words. That may be anything, also what has no text. */
export function messageOf(error: unknown): string {
	try {
		return error instanceof Error ? String(error.message) : String(error);
	} catch {
		return "what was thrown has no text";
	}
}

/** Text from the input, for a message: quoted, controls and format characters escaped, at most 64 characters. */
export function quoted(text: string): string {
	const shown = text.length > 64 ? `${text.slice(0, 61)}...` : text;
	return `"${escapeControls(shown.replace(/["\\]/g, "\\$&"))}"`;
}

/** Escapes what could steer a terminal or hide in a line: controls, format characters, separators, lone surrogates. */
export function escapeControls(text: string): string {
	return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu, (char) => {
		const code = char.codePointAt(0) as number;
		const hex = code.toString(16);
		if (code === 10) return "\\n";
		if (code === 13) return "\\r";
		if (code === 9) return "\\t";
		if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
		return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
	});
}
