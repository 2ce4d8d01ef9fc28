import type { Signal } from "../bytes/platform.ts";
import type { ByteSource } from "../bytes/source.ts";
import { PickleError } from "../errors.ts";
import { type DisassemblySettings, disassembly } from "./disassemble.ts";
import { type Need, Window } from "./walk.ts";

/** Bytes that are read together, and characters that are given together. */
const READ = 2 ** 18;
const PIECE = 2 ** 16;

/**
 * Disassembles a pickle in a source, of any size: no argument is held whole but numbers and names.
 * @throws PickleError after the text that pickletools prints before its error
 */
export async function* disassembleSource(
	source: ByteSource,
	settings: DisassemblySettings,
	signal?: Signal,
): AsyncGenerator<string, void> {
	const window = new Window(source.size);
	let text = "";
	try {
		for (const step of disassembly(window, settings)) {
			if (typeof step !== "string") {
				await fill(window, source, step, signal);
				continue;
			}
			text += step;
			if (text.length < PIECE) continue;
			yield text;
			text = "";
		}
	} catch (error) {
		if (text !== "") yield text;
		throw error;
	}
	yield text;
}

/** Moves a window to bytes of a source. @throws PickleError E_SOURCE if it has fewer than it said */
export async function fill(window: Window, source: ByteSource, need: Need, signal?: Signal): Promise<void> {
	const { at, length } = need;
	if (source.size === undefined) await readOn(window, source, at, signal);
	if (at >= window.total) return;
	const bytes = new Uint8Array(Math.min(Math.max(length, READ), window.total - at));
	const count = await source.read(bytes, at, signal);
	window.show(bytes.subarray(0, count), at);
	if (count === bytes.length) return;
	window.total = at + count;
	if (source.size === undefined) return;
	throw new PickleError("E_SOURCE", `the source ends at ${at + count}, and said that it has ${source.size} bytes`);
}

/** Reads up to an offset: nothing else tells whether a source of unknown size goes so far. */
async function readOn(window: Window, source: ByteSource, to: number, signal?: Signal): Promise<void> {
	const bytes = new Uint8Array(READ);
	for (let at = window.base + window.bytes.length; at < to && at < window.total; ) {
		const count = await source.read(bytes, at, signal);
		window.show(bytes.subarray(0, count), at);
		at += count;
		if (count < READ) window.total = at;
	}
}
