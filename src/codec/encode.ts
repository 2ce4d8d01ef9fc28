import { isPickleError } from "../errors.ts";
import { type Payload, windowsOf } from "../opcodes/framer.ts";
import { Pickler as Machine, type PicklerOptions } from "../opcodes/pickler.ts";
import type { Reducer } from "../reducers/reducer.ts";
import { type EncodeOptions, resolveEncodeOptions } from "./encode-options.ts";

/** The encode functions with their options resolved and the reducers indexed once. */
export interface Pickler {
	/** The pickle of a value. @throws PickleError */
	encode(value: unknown): Uint8Array<ArrayBuffer>;
	/** The pickle in pieces, array memory as it is. @throws PickleError */
	encodeChunks(value: unknown): Generator<Uint8Array, void>;
}

/** Options that are resolved, and a machine that goes by them. */
export class EncodeSession {
	readonly options: PicklerOptions;
	/** Kept for the next call: to make one costs more than a small pickle. */
	#idle: Machine | undefined = undefined;
	#promoted: EncodeSession | undefined = undefined;

	constructor(options: PicklerOptions) {
		this.options = options;
	}

	machine(): Machine {
		const machine = this.#idle ?? new Machine(this.options);
		this.#idle = undefined;
		return machine;
	}

	/** Takes a machine back that has done its work without an error. */
	giveBack(machine: Machine): void {
		machine.release();
		this.#idle = machine;
	}

	/** The session that takes over where a payload is too large for the protocol; undefined if none may. */
	get promoted(): EncodeSession | undefined {
		if (this.options.overflow !== "promote" || this.options.protocol >= 4) return undefined;
		this.#promoted ??= new EncodeSession({ ...this.options, protocol: 4, python: 3 });
		return this.#promoted;
	}
}

/** The options of an entry's functions, whose `reducers` have a default. */
export class EncodeSessions {
	readonly #defaultReducers: readonly Reducer[];
	#withoutOptions: EncodeSession | undefined = undefined;

	constructor(defaultReducers: readonly Reducer[]) {
		this.#defaultReducers = defaultReducers;
	}

	/** @throws TypeError for an unknown option or value */
	open(options: EncodeOptions | undefined): EncodeSession {
		if (options !== undefined) return new EncodeSession(resolveEncodeOptions(options, this.#defaultReducers));
		this.#withoutOptions ??= new EncodeSession(resolveEncodeOptions({}, this.#defaultReducers));
		return this.#withoutOptions;
	}
}

export function picklerOf(session: EncodeSession): Pickler {
	return {
		encode: (value) => encodeWhole(value, session),
		encodeChunks: (value) => encodePieces(value, session),
	};
}

export function encodeWhole(value: unknown, session: EncodeSession): Uint8Array<ArrayBuffer> {
	const { promoted } = session;
	try {
		const machine = session.machine();
		const bytes = machine.whole(value);
		session.giveBack(machine);
		return bytes;
	} catch (error) {
		if (promoted === undefined || !isPickleError(error, "E_OVERFLOW")) throw error;
		return encodeWhole(value, promoted);
	}
}

export function* encodePieces(value: unknown, session: EncodeSession): Generator<Uint8Array, void> {
	for (const payload of encodePayloads(value, session)) yield* windowsOf(payload);
}

/** The pickle in pieces, of which some may be too long for a Uint8Array or not at hand. */
export function* encodePayloads(value: unknown, session: EncodeSession): Generator<Payload, void> {
	if (session.promoted === undefined) {
		const machine = session.machine();
		yield* machine.pieces(value);
		session.giveBack(machine);
	} else yield* promotedPieces(value, session, session.promoted);
}

/** What may still be promoted is gathered first: nothing of it may have been given out. */
function promotedPieces(value: unknown, session: EncodeSession, promoted: EncodeSession): Iterable<Payload> {
	try {
		return [...new Machine(session.options).pieces(value)];
	} catch (error) {
		if (!isPickleError(error, "E_OVERFLOW")) throw error;
		return encodePayloads(value, promoted);
	}
}
