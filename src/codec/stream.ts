import { instructionBytes } from "../opcodes/input.ts";
import type { Unpickler as Machine } from "../opcodes/unpickler.ts";
import type { PyValue } from "../values/value.ts";
import { nameContainer } from "./container.ts";
import type { Session } from "./session.ts";
import { type ByteStream, Window } from "./window.ts";

/** What is known of a stream before it comes. */
export interface StreamOptions {
	/** How many bytes will come, if that is known: payloads are then allocated at once, and lengths beyond it refused before. */
	readonly size?: number | undefined;
}

/** A payload of at least so many bytes is not gathered in the window but goes straight into a buffer of its own. */
const DIRECT = 65536;

/** So many bytes say what most formats are that are no pickle: after a failure they are waited for. */
const NAMED = 16;

/** Decodes the pickles of a stream, one after another. */
export async function* decodeChunks(
	chunks: ByteStream,
	session: Session,
	{ size }: StreamOptions = {},
): AsyncGenerator<PyValue, void> {
	if (size !== undefined && !(size >= 0)) throw new TypeError("option size is a number of bytes");
	const machine = session.machine(new Uint8Array(0));
	machine.borrowed = true;
	machine.total = size ?? Number.POSITIVE_INFINITY;
	const window = new Window(chunks);
	let start = 0;
	try {
		while ((await window.atLeast(1)) || window.offset === 0) {
			start = window.offset;
			window.startHead();
			machine.begin();
			await runThrough(machine, window);
			yield machine.result;
		}
	} catch (error) {
		throw nameContainer(error, await window.beginning(NAMED), start);
	} finally {
		await window.close();
	}
}

/** Runs one pickle to its end. */
async function runThrough(machine: Machine, window: Window): Promise<void> {
	show(machine, window);
	while (!machine.run()) {
		const { need } = machine;
		window.consume(machine.pos);
		// Of an empty window nothing is known but that one byte more is needed.
		const header = instructionBytes[window.bytes[0] as number] ?? 1;
		if (need - header < DIRECT || header === 1) await window.atLeast(need);
		else await takePayload(machine, window, header, need - header);
		show(machine, window);
	}
	window.consume(machine.pos);
}

async function takePayload(machine: Machine, window: Window, header: number, length: number): Promise<void> {
	show(machine, window);
	const opcode = window.bytes.slice(0, header);
	const start = window.offset;
	machine.setWindow(opcode, start, false);
	let payload: Uint8Array | undefined;
	try {
		payload = await window.payload(header, length, Number.isFinite(machine.total));
	} catch (error) {
		throw machine.located(error);
	}
	if (payload) machine.take(payload);
	else {
		machine.total = window.offset;
		machine.run();
	}
}

function show(machine: Machine, window: Window): void {
	machine.setWindow(window.bytes, window.offset, window.ended);
}
