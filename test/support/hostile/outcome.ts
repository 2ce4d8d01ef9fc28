import { decode, decodeAll, decodeFirst, decodeStream, isPickleError, type PyValue } from "../../../src/index.ts";
import { fingerprint } from "../fingerprint.ts";

/** The function that decodes. */
export type Call = "decode" | "decodeFirst" | "decodeAll";

/** How decoding ended: with a value, a PickleError, or what must never come out. */
export interface Outcome {
	readonly hash?: string;
	/** What no decoded graph may hold. */
	readonly strangers?: readonly string[];
	readonly code?: string;
	readonly offset?: number | undefined;
	readonly limit?: string | undefined;
	readonly message?: string;
	/** Any error but a PickleError. */
	readonly foreign?: string;
}

const calls = {
	decode: (bytes: Uint8Array) => decode(bytes),
	decodeFirst: (bytes: Uint8Array) => decodeFirst(bytes).value,
	decodeAll: (bytes: Uint8Array) => [...decodeAll(bytes)],
};

export function decodeBy(call: Call, bytes: Uint8Array): PyValue {
	return calls[call](bytes);
}

function outcomeOfValue(value: PyValue): Outcome {
	return fingerprint(value);
}

function outcomeOfError(error: unknown): Outcome {
	if (!isPickleError(error))
		return { foreign: error instanceof Error ? (error.stack ?? error.message) : String(error) };
	const { code, offset, limit, message } = error;
	return { code, offset, limit, message };
}

export function decodeOutcome(call: Call, bytes: Uint8Array): Outcome {
	try {
		return outcomeOfValue(decodeBy(call, bytes));
	} catch (error) {
		return outcomeOfError(error);
	}
}

/** `decodeStream` on chunks of so many bytes; of `decodeFirst`, its first value. */
export async function streamOutcome(call: Call, bytes: Uint8Array, chunk: number, size?: number): Promise<Outcome> {
	try {
		const values: PyValue[] = [];
		for await (const value of decodeStream(chunksOf(bytes, chunk), { size })) {
			if (call === "decodeFirst") return outcomeOfValue(value);
			values.push(value);
		}
		return outcomeOfValue(values);
	} catch (error) {
		return outcomeOfError(error);
	}
}

function* chunksOf(bytes: Uint8Array, length: number): Generator<Uint8Array> {
	for (let start = 0; start < bytes.length; start += length) yield bytes.subarray(start, start + length);
}

/** What two outcomes have to have in common. */
export function outcomeText({ hash, code, offset, foreign }: Outcome): string {
	if (foreign !== undefined) return `not a PickleError: ${foreign}`;
	return code === undefined ? `a value (${hash})` : `${code} at ${offset}`;
}
