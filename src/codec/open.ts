/// <reference lib="esnext.disposable" preserve="true" />
import type { Signal } from "../bytes/platform.ts";
import { type ByteSource, bytesSource, isByteSource } from "../bytes/source.ts";
import { PickleError } from "../errors.ts";
import type { PyValue } from "../values/value.ts";
import { LazyUnpickler } from "./lazy-unpickler.ts";
import type { DecodeOptions } from "./options.ts";
import { inputOf, onlyPickle, type PickleSource } from "./read.ts";
import type { Session } from "./session.ts";
import { SourceWindow } from "./source-window.ts";

/** Options of `openPickle`: those of `decode`, and a signal. */
export interface OpenPickleOptions extends DecodeOptions {
	/** Ends the reading of what stands around the data, which then rejects with the signal's reason. */
	readonly signal?: Signal | undefined;
}

/** A pickle whose large arrays and payloads stay where they are until they are asked for. */
export class PickleFile<T = PyValue> {
	/** Bundlers rename classes; a field of this name would make `instanceof` slow, 1.06x on W10. */
	static get name(): string {
		return "PickleFile";
	}
	/**
	 * What the pickle holds. Arrays of 64 KiB and more are LazyNDArrays; bytes, bytearrays and strs of that size are PyLazyBytes,
	 * also in a deque, an OrderedDict or an object of a class that is not known. What had to be looked at was read: keys and
	 * members of sets, masked arrays, and what other reducers took.
	 */
	readonly value: T;
	/** Where the pickle lies, from which lazy values are read. */
	readonly source: ByteSource;

	constructor(value: T, source: ByteSource) {
		this.value = value;
		this.source = source;
	}

	/** Closes the source: nothing more can be read then. */
	async close(): Promise<void> {
		await this.source.close?.();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}
}

export async function openOne(source: PickleSource, session: Session, signal: Signal | undefined): Promise<PickleFile> {
	signal?.throwIfAborted();
	const opened = randomAccess(source);
	const { size } = opened;
	const machine = new LazyUnpickler(session.options, signal);
	const value = await onlyPickle(new SourceWindow(opened, size, { signal }), session, size, machine);
	return new PickleFile(value, opened);
}

/** A source of which any part can be read. @throws PickleError E_SOURCE for streams */
function randomAccess(source: PickleSource): ByteSource & { readonly size: number } {
	const input = inputOf(source);
	const opened = input instanceof Uint8Array ? bytesSource(input) : input;
	if (isByteSource(opened) && opened.size !== undefined) return opened as ByteSource & { readonly size: number };
	const reason = "openPickle needs a source that says its size and can be read anywhere; readPickle reads streams";
	throw new PickleError("E_SOURCE", reason);
}
