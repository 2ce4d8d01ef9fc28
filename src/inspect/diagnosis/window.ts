import type { ByteSource } from "../../bytes/source.ts";
import { PickleError } from "../../errors.ts";
import { Interpreter, type InterpreterOptions } from "./interpreter.ts";

/** Bytes read at a time: few, because most of a large file is skipped. */
const PIECE = 1 << 16;

/** Bytes of a source whose size is known. */
export interface SizedSource extends ByteSource {
	readonly size: number;
}

/** So many bytes from an offset on, fewer where the source ends. */
export async function readAt(source: ByteSource, offset: number, count: number): Promise<Uint8Array> {
	const bytes = new Uint8Array(Math.max(0, count));
	const read = count > 0 ? await source.read(bytes, offset) : 0;
	return bytes.subarray(0, read);
}

/** A source with its size, which is counted if it does not say it. */
export async function sized(source: ByteSource): Promise<SizedSource> {
	let { size } = source;
	if (size === undefined) {
		size = 0;
		for (let read = 1; read > 0; size += read) read = (await readAt(source, size, PIECE)).length;
	}
	return { size, read: (into, offset, signal) => source.read(into, offset, signal) };
}

/** Reads a source piece by piece; what was read last is kept. */
export class Reader {
	readonly source: SizedSource;
	#bytes: Uint8Array = new Uint8Array(0);
	#base = 0;

	constructor(source: SizedSource) {
		this.source = source;
	}

	/** Bytes from `at` on: as many as wanted at least, or up to the end. @throws PickleError E_SOURCE if the source has become shorter */
	async window(at: number, wanted: number): Promise<Uint8Array> {
		const { size } = this.source;
		const end = Math.min(size, at + wanted);
		if (at >= this.#base && end <= this.#base + this.#bytes.length) return this.#bytes.subarray(at - this.#base);
		const bytes = await readAt(this.source, at, Math.min(Math.max(wanted, PIECE), size - at));
		this.#bytes = bytes;
		this.#base = at;
		if (at + bytes.length >= end) return bytes;
		throw new PickleError("E_SOURCE", `the source became shorter while it was read: it ended at ${at + bytes.length}`);
	}
}

/** Interprets the pickle that begins at `start`; payloads are not read. */
export async function interpret(reader: Reader, start = 0, options: InterpreterOptions = {}): Promise<Interpreter> {
	const { source } = reader;
	const machine = new Interpreter(start, source.size, options);
	let wanted = 1;
	for (;;) {
		const base = machine.pos;
		const outcome = machine.run(await reader.window(base, wanted), base);
		if (outcome === "end") return machine;
		if (outcome === "line") machine.foundLine(await findLineFeed(source, machine.line));
		wanted = outcome === "line" ? 1 : machine.need;
	}
}

async function findLineFeed(source: SizedSource, from: number): Promise<number | undefined> {
	for (let at = from; at < source.size; at += PIECE) {
		const bytes = await readAt(source, at, Math.min(PIECE, source.size - at));
		const place = bytes.indexOf(10);
		if (place >= 0) return at + place;
		if (bytes.length === 0) return undefined;
	}
	return undefined;
}

/** Interprets the pickle that begins at `start` of bytes at hand. */
export function interpretBytes(bytes: Uint8Array, start = 0, options: InterpreterOptions = {}): Interpreter {
	const machine = new Interpreter(start, bytes.length, options);
	for (;;) {
		const outcome = machine.run(bytes, 0);
		if (outcome !== "line") return machine;
		const end = bytes.indexOf(10, machine.line);
		machine.foundLine(end < 0 ? undefined : end);
	}
}
