import { PickleError } from "../errors.ts";

/** The longest payloads that opcodes and Pythons take, in bytes, and the deepest value. One table, so that tests can make it small. */
export interface PayloadLimits {
	/** Python 2's signed 32-bit lengths: BINSTRING, and BINUNICODE as Python 2 writes it. */
	readonly signed: number;
	/** The unsigned 32-bit lengths of BINBYTES and BINUNICODE, the only ones below protocol 4. */
	readonly unsigned: number;
	/** From so many bytes on protocols 4 and 5 use 8-byte lengths. CPython does from 2^32 on; see design.md, "Lengths". */
	readonly wide: number;
	/** Pieces of a split payload. */
	readonly piece: number;
	/** Levels of a value, beyond which a getter that goes on for ever would use up the heap. */
	readonly depth: number;
}

export const payloadLimits: PayloadLimits = {
	signed: 2 ** 31 - 1,
	unsigned: 2 ** 32 - 1,
	wide: 2 ** 31,
	piece: 2 ** 30,
	depth: 2 ** 21,
};

/** What a payload is, and for whom it was to be written. */
export interface Payload {
	readonly kind: "bytes" | "text";
	readonly length: number;
	readonly python2: boolean;
}

/** What Python says of a payload that its protocol cannot hold, to the letter. */
function pythonMessage({ kind, python2 }: Payload): string {
	if (python2) return "struct.error: 'i' format requires -2147483648 <= number <= 2147483647";
	const name = kind === "bytes" ? "bytes object" : "string";
	return `OverflowError: serializing a ${name} larger than 4 GiB requires pickle protocol 4 or higher`;
}

const SPLIT = '; overflow: "split" writes pieces that Python 2 joins';

/** The error of a payload that the protocol cannot hold. */
export function overflowError(payload: Payload, limit: number, protocol: number, path: string): PickleError {
	const { kind, length, python2 } = payload;
	const holder = `protocol ${protocol}${python2 ? " of Python 2" : ""}`;
	const found = `${path} has ${length} bytes, and ${holder} holds at most ${limit}: ${pythonMessage(payload)}`;
	const other = !python2 ? "; so does protocol: 4" : kind === "bytes" ? SPLIT : "";
	return new PickleError("E_OVERFLOW", `${found}; overflow: "promote" writes protocol 4${other}`, { path });
}
