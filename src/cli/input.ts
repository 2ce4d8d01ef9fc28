import { type ByteSource, bytesSource, fillFrom } from "../bytes/source.ts";
import { decodeEach, decodeOne } from "../codec/decode.ts";
import { LazyUnpickler } from "../codec/lazy-unpickler.ts";
import { resolveDecodeOptions } from "../codec/options.ts";
import { drained, type OpenInput, onlyPickle, openInput, sourceChunks } from "../codec/read.ts";
import { Session } from "../codec/session.ts";
import { decodeSupply } from "../codec/stream.ts";
import type { Supply } from "../codec/supply.ts";
import { formatOf, type PackedFormat, packedFormat } from "../containers/packed.ts";
import { isPickleError } from "../errors.ts";
import { type DecodeOptions, standardReducers } from "../index.ts";
import { resolveLimits } from "../limits.ts";
import { nodeCodecs } from "../node/codecs.ts";
import { fileSource } from "../node/source.ts";
import type { PyValue } from "../values/value.ts";
import type { Terminal } from "./command.ts";
import type { Reading } from "./failures.ts";
import { heldSource } from "./held.ts";
import { holdsArrays, readArrays, WHOLE } from "./npy.ts";
import { ProgressLine } from "./progress.ts";

/** So many bytes of a larger or packed one are looked at to say what is wrong with it. */
const LOOKED_AT = 2 ** 16;

/** A file or standard input that is open. */
export interface OpenFile {
	/** All of it, if it is short. */
	readonly bytes: Uint8Array | undefined;
	readonly source: ByteSource;
	close(): Promise<void>;
}

/** Keeps all that a stream gives. */
type Hold = (chunks: AsyncIterable<Uint8Array>) => Promise<ByteSource & { readonly size: number }>;

/**
 * Opens a file by its path; `-` is standard input. What has no size is kept by `hold`, in memory unless told otherwise.
 * @throws PickleError E_SOURCE
 */
export async function openFile(file: string, terminal: Terminal, hold: Hold = heldSource): Promise<OpenFile> {
	if (file === "-") return held(terminal.input(), hold);
	const source = await fileSource(file);
	try {
		const { size } = source;
		if (size !== undefined && size > WHOLE) return { bytes: undefined, source, close: async () => source.close?.() };
		const opened = size === undefined ? await held(sourceChunks(source), hold) : inMemory(await readAll(source));
		await source.close?.();
		return opened;
	} catch (error) {
		await source.close?.();
		throw error;
	}
}

/** What has no size, and can be read once only. */
async function held(chunks: AsyncIterable<Uint8Array>, hold: Hold): Promise<OpenFile> {
	const source = await hold(chunks);
	const close = async () => source.close?.();
	if (source.size > WHOLE) return { bytes: undefined, source, close };
	try {
		return inMemory(await readAll(source));
	} finally {
		await close();
	}
}

/**
 * A file as it is unpacked, which `hold` keeps; undefined if it is not packed. Notes in `reading` how it was packed.
 * @throws PickleError E_CONTAINER, E_LIMIT, E_SOURCE
 */
export async function unpackedFile(
	{ bytes, source }: OpenFile,
	reading: Reading,
	terminal: Terminal,
	hold: Hold,
): Promise<OpenFile | undefined> {
	const line = new ProgressLine(terminal, "read");
	try {
		const { supply, format } = await openInput(
			bytes ?? source,
			resolveLimits(),
			{ onProgress: line.update },
			nodeCodecs,
		);
		if (format === undefined) return undefined;
		reading.format = format;
		return await held(
			followedBy(drained(supply), async () => source.check?.()),
			hold,
		);
	} finally {
		line.end();
	}
}

function inMemory(bytes: Uint8Array): OpenFile {
	return { bytes, source: bytesSource(bytes), close: async () => {} };
}

async function* followedBy(
	chunks: AsyncIterable<Uint8Array>,
	last: () => Promise<void>,
): AsyncGenerator<Uint8Array, void> {
	yield* chunks;
	await last();
}

/** All of a source of known size. */
export async function readAll(source: ByteSource): Promise<Uint8Array> {
	const buffer = new ArrayBuffer(source.size ?? 0);
	await fillFrom(source, 0, { buffer, start: 0, length: buffer.byteLength });
	return new Uint8Array(buffer);
}

/** All bytes of a file, unpacked if it was packed. @throws PickleError E_CONTAINER, E_LIMIT, E_SOURCE, E_TOO_LARGE */
export async function readUnpacked({ bytes, source }: OpenFile): Promise<Unpacked> {
	const { supply, format } = await openInput(bytes ?? source, resolveLimits(), {}, nodeCodecs);
	await supply.atLeast(Number.POSITIVE_INFINITY);
	return { bytes: supply.bytes, format };
}

interface Unpacked {
	readonly bytes: Uint8Array;
	/** How they were packed, if they were. */
	readonly format: PackedFormat | undefined;
}

/** A file as it is unpacked; one that is not packed stays where it is. @throws PickleError as `readUnpacked` */
export async function unpackedSource(
	file: OpenFile,
): Promise<{ source: ByteSource; format: PackedFormat | undefined }> {
	const headOf = async (count: number) => {
		const head = new Uint8Array(count);
		return head.subarray(0, await file.source.read(head, 0));
	};
	if ((await formatOf(headOf)) === undefined) return { source: file.source, format: undefined };
	const { bytes, format } = await readUnpacked(file);
	return { source: bytesSource(bytes), format };
}

/**
 * The pickles of a file. Of one that is not short, and not packed, large data stays where it is if `lazy`. Notes in `reading` what
 * is needed to say what went wrong.
 */
export async function* pickles(
	file: OpenFile,
	decoding: DecodeOptions,
	reading: Reading,
	terminal: Terminal,
	lazy: boolean,
): AsyncGenerator<PyValue, void> {
	const session = new Session(resolveDecodeOptions(decoding, standardReducers));
	const atHand = await bytesAtHand(file, decoding, reading, lazy);
	if (atHand !== undefined) return yield* atHand.arrays ?? decodeEach(atHand.bytes, session);
	yield* opened(file, decoding, reading, terminal, lazy, ({ supply, size }, isLazy) =>
		decodeSupply(supply, session.options, { size, machine: machineOf(session, isLazy) }),
	);
}

/** The one pickle of a file, likewise. @throws PickleError E_TRAILING if more follows */
export async function onePickle(
	file: OpenFile,
	decoding: DecodeOptions,
	reading: Reading,
	terminal: Terminal,
	lazy: boolean,
): Promise<PyValue> {
	const session = new Session(resolveDecodeOptions(decoding, standardReducers));
	const atHand = await bytesAtHand(file, decoding, reading, lazy);
	if (atHand !== undefined) return atHand.arrays ? atHand.arrays[0] : decodeOne(atHand.bytes, session);
	const values = opened(file, decoding, reading, terminal, lazy, async function* ({ supply, size }, isLazy) {
		yield await onlyPickle(supply, session, size, machineOf(session, isLazy));
	});
	const { value } = await values.next();
	await values.return();
	return value as PyValue;
}

function machineOf(session: Session, isLazy: boolean): LazyUnpickler | undefined {
	return isLazy ? new LazyUnpickler(session.options) : undefined;
}

/** The bytes of a short file that is not packed, or the arrays that they hold. */
async function bytesAtHand(
	{ bytes }: OpenFile,
	decoding: DecodeOptions,
	reading: Reading,
	lazy: boolean,
): Promise<{ bytes: Uint8Array; arrays: [PyValue] | undefined } | undefined> {
	if (bytes === undefined || packedFormat(bytes) !== undefined) return undefined;
	const arrays = await readArrays(bytes, bytes, decoding, lazy);
	reading.bytes = arrays ? undefined : bytes;
	return { bytes, arrays };
}

/** The values of a long or packed file: its arrays, if it is none of pickles. */
async function* opened(
	{ bytes, source }: OpenFile,
	decoding: DecodeOptions,
	reading: Reading,
	terminal: Terminal,
	lazy: boolean,
	decode: (input: OpenInput, lazy: boolean) => AsyncGenerator<PyValue, void>,
): AsyncGenerator<PyValue, void> {
	const line = new ProgressLine(terminal, "read");
	try {
		const input = await openInput(bytes ?? source, resolveLimits(), { onProgress: line.update }, nodeCodecs);
		const { supply, format } = input;
		reading.format ??= format;
		if (holdsArrays(supply.bytes)) {
			const whole = format !== undefined || source.size === undefined;
			if (whole) await supply.atLeast(Number.POSITIVE_INFINITY);
			const from = whole ? supply.bytes : lazy ? source : watched(source, line.update);
			yield* (await readArrays(supply.bytes, from, decoding, lazy)) as [PyValue];
			return;
		}
		if (format === undefined) return yield* noted(supply, decode(input, lazy), source, reading);
		await noteHead(supply, reading);
		yield* decode(input, false);
	} finally {
		line.end();
	}
}

/** A source of which is told how much was read. */
function watched(source: ByteSource, onProgress: ProgressLine["update"]): ByteSource {
	const { size } = source;
	let done = 0;
	return {
		size,
		async read(into, offset, signal) {
			const count = await source.read(into, offset, signal);
			done += count;
			onProgress(done, size);
			return count;
		},
	};
}

/** Of what is packed only the beginning is at hand to say what is wrong with it. */
async function noteHead(supply: Supply, reading: Reading): Promise<void> {
	try {
		await supply.atLeast(LOOKED_AT);
	} catch {
		// Decoding will meet it where it is.
	}
	reading.bytes = supply.bytes.slice(0, LOOKED_AT);
}

/** Passes values on; after a failure looks at the bytes around it. */
async function* noted(
	supply: Supply,
	values: AsyncGenerator<PyValue, void>,
	source: ByteSource,
	reading: Reading,
): AsyncGenerator<PyValue, void> {
	try {
		yield* values;
	} catch (error) {
		if (isPickleError(error)) await look(error.offset ?? supply.offset, source, reading);
		throw error;
	}
}

async function look(offset: number, source: ByteSource, reading: Reading): Promise<void> {
	reading.start = reading.pickles > 0 ? Math.max(0, offset - LOOKED_AT) : 0;
	const near = new Uint8Array(2 * LOOKED_AT);
	try {
		reading.bytes = near.subarray(0, await source.read(near, reading.start));
	} catch {
		// The first error says enough.
	}
}
