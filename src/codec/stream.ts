import type { Signal } from "../bytes/platform.ts";
import { PickleError } from "../errors.ts";
import { instructionBytes } from "../opcodes/input.ts";
import { StreamUnpickler } from "../opcodes/stream-unpickler.ts";
import type { MachineOptions } from "../opcodes/unpickler.ts";
import type { PyValue } from "../values/value.ts";
import { nameContainer } from "./container.ts";
import type { Session } from "./session.ts";
import type { Payload, Supply } from "./supply.ts";
import { type ByteStream, Window } from "./window.ts";

/** What is known of a stream before it comes. */
export interface StreamOptions {
	/** How many bytes will come, if that is known: payloads are then allocated at once, and lengths beyond it refused before. */
	readonly size?: number | undefined;
}

/** How to follow a reading, and end it. */
export interface ReadingOptions extends StreamOptions {
	/** Told how many bytes were read, of how many if that is known. */
	readonly onProgress?: ((done: number, total: number | undefined) => void) | undefined;
	/** Ends the reading, which then rejects with the signal's reason. */
	readonly signal?: Signal | undefined;
}

/** A payload of at least so many bytes is not gathered in the window but goes straight into a buffer of its own. */
const DIRECT = 65536;

/** So many bytes say what most formats are that are no pickle: after a failure they are waited for. */
const NAMED = 16;

/** Decodes the pickles of a stream, one after another. */
export function decodeChunks(
	chunks: ByteStream,
	session: Session,
	{ size, onProgress, signal }: ReadingOptions = {},
): AsyncGenerator<PyValue, void> {
	let done = 0;
	const onBytes = (count: number) => {
		done += count;
		onProgress?.(done, size);
	};
	return decodeSupply(new Window(chunks, { signal, onBytes }), session.options, { size });
}

export interface SupplyOptions extends StreamOptions {
	/** Decodes it: another than by default may leave payloads where they are. */
	readonly machine?: StreamUnpickler | undefined;
}

/** Decodes the pickles of an input, one after another. */
export async function* decodeSupply(
	supply: Supply,
	options: MachineOptions,
	{ size, machine = new StreamUnpickler(options) }: SupplyOptions,
): AsyncGenerator<PyValue, void> {
	if (size !== undefined && !(size >= 0)) throw new TypeError("option size is a number of bytes");
	machine.start(new Uint8Array(0));
	machine.borrowed = true;
	machine.total = size ?? Number.POSITIVE_INFINITY;
	const runner = new Runner(machine, supply);
	let start = 0;
	try {
		while ((await supply.atLeast(1)) || supply.offset === 0) {
			start = supply.offset;
			supply.startHead();
			machine.begin();
			await runner.run();
			yield machine.result;
		}
		if (size !== undefined && supply.offset !== size) throw otherSize(supply.offset, size);
	} catch (error) {
		throw nameContainer(error, await supply.beginning(NAMED), start);
	} finally {
		await supply.close();
	}
}

/** The error of an input that was to have another size. */
export function otherSize(found: number, size: number): PickleError {
	return new PickleError("E_SOURCE", `the source ended after ${found} bytes, but was to have ${size}`);
}

/** Gives a machine what it needs of an input. */
class Runner {
	readonly #machine: StreamUnpickler;
	readonly #supply: Supply;

	constructor(machine: StreamUnpickler, supply: Supply) {
		this.#machine = machine;
		this.#supply = supply;
	}

	/** Runs one pickle to its end. */
	async run(): Promise<void> {
		const [machine, supply] = [this.#machine, this.#supply];
		this.#show();
		while (!(await this.#runOn())) {
			const { need } = machine;
			supply.consume(machine.pos);
			// Of an empty window nothing is known but that one byte more is needed.
			const header = instructionBytes[supply.bytes[0] as number] ?? 1;
			if (need - header < DIRECT || header === 1) await supply.atLeast(need);
			else await this.#takePayload(header, need - header);
			this.#show();
		}
		supply.consume(machine.pos);
	}

	async #runOn(): Promise<boolean> {
		for (;;) {
			try {
				return this.#machine.run();
			} catch (error) {
				await this.#machine.recover(error);
			}
		}
	}

	async #takePayload(header: number, length: number): Promise<void> {
		const [machine, supply] = [this.#machine, this.#supply];
		this.#show();
		const opcode = supply.bytes.slice(0, header);
		const start = supply.offset;
		machine.setWindow(opcode, start, false);
		if (machine.leave(supply, header, length)) return;
		let payload: Payload | undefined;
		try {
			payload = await supply.payload(header, length, Number.isFinite(machine.total));
		} catch (error) {
			throw machine.located(error);
		}
		if (payload) machine.take(payload);
		else {
			machine.total = supply.offset;
			machine.run();
		}
	}

	#show(): void {
		const { bytes, offset, ended } = this.#supply;
		this.#machine.setWindow(bytes, offset, ended);
	}
}
