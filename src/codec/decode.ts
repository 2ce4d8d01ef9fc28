import { type BytesInput, plainBytes } from "../bytes/plain.ts";
import { containerError, recognize } from "../containers/recognize.ts";
import { PickleError } from "../errors.ts";
import { type MachineOptions, Unpickler as Machine } from "../opcodes/unpickler.ts";
import type { Reducer } from "../reducers/reducer.ts";
import type { PyValue } from "../values/value.ts";
import { type DecodeOptions, resolveDecodeOptions } from "./options.ts";
import { decodeChunks, type StreamOptions } from "./stream.ts";
import type { ByteStream } from "./window.ts";

/** The decode functions with their options resolved and the reducers indexed once. */
export interface Unpickler {
	/** Exactly one pickle. @throws PickleError */
	decode(bytes: BytesInput): PyValue;
	/** The first pickle, and where it ended, in bytes. @throws PickleError */
	decodeFirst(bytes: BytesInput): DecodedFirst;
	/** One pickle after another. @throws PickleError */
	decodeAll(bytes: BytesInput): Generator<PyValue, void>;
	/** The pickles of a stream as they become whole. @throws PickleError */
	decodeStream(chunks: ByteStream, options?: StreamOptions): AsyncGenerator<PyValue, void>;
}

/** A pickle's value, and the offset of the first byte behind it. */
export interface DecodedFirst {
	value: PyValue;
	end: number;
}

/** What an entry exports for decoding. */
export interface DecodeFunctions {
	decode(bytes: BytesInput, options?: DecodeOptions): PyValue;
	decodeFirst(bytes: BytesInput, options?: DecodeOptions): DecodedFirst;
	decodeAll(bytes: BytesInput, options?: DecodeOptions): Generator<PyValue, void>;
	decodeStream(chunks: ByteStream, options?: DecodeOptions & StreamOptions): AsyncGenerator<PyValue, void>;
	unpickler(options?: DecodeOptions): Unpickler;
}

/** The functions of an entry whose `reducers` option has this default. */
export function decodeFunctions(defaultReducers: readonly Reducer[]): DecodeFunctions {
	let shared: Unpickler | undefined;
	// Without options nothing has to be resolved again.
	const unpicklerFor = (options: DecodeOptions | undefined): Unpickler => {
		if (options !== undefined) return makeUnpickler(options, defaultReducers);
		shared ??= makeUnpickler({}, defaultReducers);
		return shared;
	};
	return {
		decode: (bytes, options) => unpicklerFor(options).decode(bytes),
		decodeFirst: (bytes, options) => unpicklerFor(options).decodeFirst(bytes),
		decodeAll: (bytes, options) => unpicklerFor(options).decodeAll(bytes),
		decodeStream: (chunks, { size, ...options } = {}) => unpicklerFor(options).decodeStream(chunks, { size }),
		unpickler: (options = {}) => makeUnpickler(options, defaultReducers),
	};
}

function makeUnpickler(options: DecodeOptions, defaultReducers: readonly Reducer[]): Unpickler {
	const resolved = resolveDecodeOptions(options, defaultReducers);
	return {
		decode: (bytes) => decodeOne(plainBytes(bytes), resolved),
		decodeFirst: (bytes) => {
			const machine = machineOn(plainBytes(bytes), resolved);
			return { value: runFirst(machine), end: machine.pos };
		},
		decodeAll: (bytes) => decodeEach(plainBytes(bytes), resolved),
		decodeStream: (chunks, streamOptions) => decodeChunks(chunks, resolved, streamOptions),
	};
}

function machineOn(bytes: Uint8Array, options: MachineOptions): Machine {
	const machine = new Machine(options);
	machine.setWindow(bytes, 0, true);
	return machine;
}

/** Runs the first pickle; a failure on what is no pickle says what it is. */
function runFirst(machine: Machine): PyValue {
	machine.begin();
	try {
		machine.run();
	} catch (error) {
		throw nameContainer(error, machine.bytes);
	}
	return machine.result;
}

/** The error of bytes that are no pickle but something else, which their first bytes tell. */
export function nameContainer(error: unknown, bytes: Uint8Array): unknown {
	if (!(error instanceof PickleError) || bytes.length === 0) return error;
	const found = recognize(bytes);
	return found ? containerError(found, 0, error) : error;
}

function decodeOne(bytes: Uint8Array, options: MachineOptions): PyValue {
	const machine = machineOn(bytes, options);
	const value = runFirst(machine);
	if (machine.pos < bytes.length) throw trailing(bytes, machine.pos);
	return value;
}

function trailing(bytes: Uint8Array, end: number): PickleError {
	const behind = recognize(bytes.subarray(end));
	const what = behind ? `${behind.name} of ${bytes.length - end} bytes` : `${bytes.length - end} bytes`;
	const advice = "decodeFirst takes the first pickle alone, decodeAll takes several";
	return new PickleError("E_TRAILING", `${what} after the pickle, which ends at ${end}; ${advice}`, { offset: end });
}

function* decodeEach(bytes: Uint8Array, options: MachineOptions): Generator<PyValue, void> {
	const machine = machineOn(bytes, options);
	yield runFirst(machine);
	while (machine.pos < bytes.length) {
		machine.begin();
		machine.run();
		yield machine.result;
	}
}
