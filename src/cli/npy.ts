import type { ByteSource } from "../bytes/source.ts";
import { keyText } from "../codec/parts.ts";
import { quoted } from "../errors.ts";
import { type DecodeOptions, type EncodeOptions, LazyNDArray, NDArray, PickleError, PyDict } from "../index.ts";
import { npyPayloads, openNpy } from "../numpy/npy.ts";
import { isNpy } from "../numpy/npy-header.ts";
import { isNpz, type NpzFile, openNpz, writeNpzChunks } from "../numpy/npz.ts";
import type { Payload } from "../opcodes/framer.ts";
import type { PyValue } from "../values/value.ts";

/** Files of up to so many bytes are read whole, packed or not. */
export const WHOLE = 2 ** 26;

/** Whether bytes begin as a .npy or .npz file. */
export function holdsArrays(bytes: Uint8Array): boolean {
	return isNpy(bytes) || isNpz(bytes);
}

/**
 * What a .npy or .npz file holds: its array, or a dict of them. If `lazy`, data of many bytes stays in the file. Undefined if it is
 * neither. @throws PickleError
 */
export async function readArrays(
	head: Uint8Array,
	input: Uint8Array | ByteSource,
	options: DecodeOptions,
	lazy: boolean,
): Promise<[PyValue] | undefined> {
	if (isNpy(head)) {
		const file = await openNpy(input, options);
		const array = lazy && !(input instanceof Uint8Array) ? file.lazy() : undefined;
		return [(array ?? (await file.read())) as PyValue];
	}
	return isNpz(head) ? [await arraysOf(await openNpz(input, options), lazy)] : undefined;
}

/** Arrays of fewer bytes are read with what stands around them, as in `openPickle`. */
const SHORT = 2 ** 16;

async function arraysOf(file: NpzFile, lazy: boolean): Promise<PyDict> {
	const arrays = new PyDict();
	let length = 0;
	for (const name of lazy ? file.names : []) {
		const array = await file.getLazy(name);
		const size = array instanceof NDArray ? 0 : (array instanceof LazyNDArray ? array.bytes : array).byteLength;
		length += size;
		arrays.set(name, (size < SHORT ? await file.get(name) : array) as PyValue);
	}
	if (length > WHOLE) return arrays;
	for (const name of file.names) arrays.set(name, await file.get(name));
	return arrays;
}

/** The bytes of a file whose name asks for .npy or .npz; undefined for other names. @throws PickleError E_UNENCODABLE */
export function arrayPieces(
	value: unknown,
	name: string,
	options: EncodeOptions,
): Iterable<Payload> | AsyncIterable<Payload> | undefined {
	if (name.endsWith(".npy")) {
		if (isArray(value)) return npyPayloads(value, options);
		throw new PickleError("E_UNENCODABLE", "a .npy file holds one numpy array, which this is not");
	}
	if (!name.endsWith(".npz")) return undefined;
	const arrays = value instanceof PyDict ? [...value] : isArray(value) ? [["arr_0", value] as const] : undefined;
	if (arrays === undefined) throw noArrays(", which this is not");
	for (const [key, array] of arrays) {
		if (typeof key !== "string")
			throw noArrays(`; this one has the key ${keyText(key) ?? "of an object"}, which is no str`);
		if (!isArray(array)) throw noArrays(`; that of ${quoted(key)} is no array`);
	}
	return writeNpzChunks(new Map(arrays as [string, NDArray | LazyNDArray][]), options);
}

function noArrays(what: string): PickleError {
	return new PickleError("E_UNENCODABLE", `a .npz file holds an array or a dict of arrays by names${what}`);
}

function isArray(value: unknown): value is NDArray | LazyNDArray {
	return value instanceof NDArray || value instanceof LazyNDArray;
}
