import { type DecodeOptions, type EncodeOptions, NDArray, PickleError, PyDict, type PyValue } from "../index.ts";
import { readNpy, writeNpyChunks } from "../numpy/npy.ts";
import { isNpy } from "../numpy/npy-header.ts";
import { isNpz, readNpz, writeNpz } from "../numpy/npz.ts";
import type { OpenFile } from "./input.ts";

/** Bytes that tell: a zip archive with the name of its first member. */
const HEAD = 2048;

/** What a .npy or .npz file holds: its array, or a dict of them. Undefined if it is neither. @throws PickleError */
export async function readArrays({ source }: OpenFile, options: DecodeOptions): Promise<PyValue | undefined> {
	const buffer = new Uint8Array(HEAD);
	const head = buffer.subarray(0, await source.read(buffer, 0));
	if (isNpy(head)) return readNpy(source, options);
	return isNpz(head) ? new PyDict(await readNpz(source, options)) : undefined;
}

/** The bytes of a file whose name asks for .npy or .npz; undefined for other names. @throws PickleError E_UNENCODABLE */
export async function arrayPieces(
	value: unknown,
	name: string,
	options: EncodeOptions,
): Promise<Iterable<Uint8Array> | undefined> {
	if (name.endsWith(".npy")) {
		if (value instanceof NDArray) return writeNpyChunks(value, options);
		throw new PickleError("E_UNENCODABLE", "a .npy file holds one numpy array, which this is not");
	}
	if (!name.endsWith(".npz")) return undefined;
	const arrays = value instanceof PyDict ? [...value] : [["arr_0", value] as const];
	const isAll = arrays.every(([key, array]) => typeof key === "string" && array instanceof NDArray);
	if (isAll) return [await writeNpz(new Map(arrays as [string, NDArray][]), options)];
	throw new PickleError("E_UNENCODABLE", "a .npz file holds an array or a dict of arrays by names, which this is not");
}
