import { Unpickler as Machine, type MachineOptions } from "../opcodes/unpickler.ts";
import type { Reducer } from "../reducers/reducer.ts";
import { type DecodeOptions, resolveDecodeOptions } from "./options.ts";

/** Options that are resolved, and a machine that goes by them. */
export class Session {
	readonly options: MachineOptions;
	/** Kept for the next call: to make one costs more than a small pickle. */
	#idle: Machine | undefined = undefined;

	constructor(options: MachineOptions) {
		this.options = options;
	}

	/** A machine at the first pickle of the bytes. */
	machine(bytes: Uint8Array): Machine {
		const machine = this.#idle ?? new Machine(this.options);
		this.#idle = undefined;
		machine.start(bytes);
		return machine;
	}

	/** Takes a machine back that has done its work without an error. */
	giveBack(machine: Machine): void {
		machine.release();
		this.#idle = machine;
	}
}

/** The options of an entry's functions, whose `reducers` have a default. */
export class Sessions {
	readonly #defaultReducers: readonly Reducer[];
	#withoutOptions: Session | undefined = undefined;

	constructor(defaultReducers: readonly Reducer[]) {
		this.#defaultReducers = defaultReducers;
	}

	/** @throws TypeError for an unknown option or value */
	open(options: DecodeOptions | undefined): Session {
		if (options !== undefined) return new Session(resolveDecodeOptions(options, this.#defaultReducers));
		this.#withoutOptions ??= new Session(resolveDecodeOptions({}, this.#defaultReducers));
		return this.#withoutOptions;
	}
}
