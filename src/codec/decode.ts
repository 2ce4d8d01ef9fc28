import { type BytesInput, plainBytes } from "../bytes/plain.ts";
import { recognize } from "../containers/recognize.ts";
import { PickleError } from "../errors.ts";
import type { Unpickler as Machine } from "../opcodes/unpickler.ts";
import type { PyValue } from "../values/value.ts";
import { nameContainer } from "./container.ts";
import type { Session } from "./session.ts";
import { decodeChunks, type ReadingOptions } from "./stream.ts";
import type { ByteStream } from "./window.ts";

/** The decode functions with their options resolved and the reducers indexed once. `T` is what the caller expects, unchecked. */
export interface Unpickler {
	/** Exactly one pickle. @throws PickleError */
	decode<T = PyValue>(bytes: BytesInput): NoInfer<T>;
	/** The first pickle, and where it ended, in bytes. @throws PickleError */
	decodeFirst<T = PyValue>(bytes: BytesInput): DecodedFirst<NoInfer<T>>;
	/** One pickle after another. @throws PickleError */
	decodeAll<T = PyValue>(bytes: BytesInput): Generator<NoInfer<T>, void>;
	/** The pickles of a stream as they become whole. @throws PickleError */
	decodeStream<T = PyValue>(chunks: ByteStream, options?: ReadingOptions): AsyncGenerator<NoInfer<T>, void>;
}

/** A pickle's value, and the offset of the first byte behind it. */
export interface DecodedFirst<T = PyValue> {
	value: T;
	end: number;
}

export function unpicklerOf(session: Session): Unpickler {
	return {
		decode: <T>(bytes: BytesInput) => decodeOne(bytes, session) as T,
		decodeFirst: <T>(bytes: BytesInput) => decodeLeading(bytes, session) as DecodedFirst<T>,
		decodeAll: <T>(bytes: BytesInput) => decodeEach(bytes, session) as Generator<T, void>,
		decodeStream: <T>(chunks: ByteStream, streamOptions?: ReadingOptions) =>
			decodeChunks(chunks, session, streamOptions) as AsyncGenerator<T, void>,
	};
}

export function decodeOne(input: BytesInput, session: Session): PyValue {
	const bytes = plainBytes(input);
	const { value, end } = firstOf(bytes, session);
	if (end < bytes.length) throw trailing(bytes.subarray(end), bytes.length - end, end);
	return value;
}

export function decodeLeading(input: BytesInput, session: Session): DecodedFirst {
	return firstOf(plainBytes(input), session);
}

function firstOf(bytes: Uint8Array, session: Session): DecodedFirst {
	const machine = session.machine(bytes);
	const value = runNext(machine);
	const end = machine.pos;
	session.giveBack(machine);
	return { value, end };
}

/** The pickle that begins at an offset of the bytes. */
export function decodeFrom(bytes: Uint8Array, offset: number, session: Session): PyValue {
	const machine = session.machine(bytes);
	machine.pos = offset;
	const value = runNext(machine);
	session.giveBack(machine);
	return value;
}

export function* decodeEach(input: BytesInput, session: Session): Generator<PyValue, void> {
	const machine = session.machine(plainBytes(input));
	yield runNext(machine);
	while (machine.pos < machine.bytes.length) {
		machine.begin();
		yield runNext(machine);
	}
}

/** Runs the pickle at `pos`; a failure on what is no pickle says what it is. */
function runNext(machine: Machine): PyValue {
	const { bytes, pos } = machine;
	try {
		machine.run();
	} catch (error) {
		throw nameContainer(error, bytes.subarray(pos), pos);
	}
	return machine.result;
}

/** The error of so many bytes after the one pickle, which begin with these. */
export function trailing(bytes: Uint8Array, count: number | undefined, end: number): PickleError {
	const behind = recognize(bytes);
	const size = count === undefined ? "more bytes" : `${count} bytes`;
	const what = behind ? `${behind.name}${count === undefined ? "" : ` of ${size}`}` : size;
	const advice = "decodeFirst takes the first pickle alone, decodeAll takes several";
	return new PickleError("E_TRAILING", `${what} after the pickle, which ends at ${end}; ${advice}`, { offset: end });
}
