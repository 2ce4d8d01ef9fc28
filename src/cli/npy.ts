import { type DecodeOptions, type EncodeOptions, NDArray, PickleError, PyDict, type PyValue } from "../index.ts";
import { readNpy, writeNpyChunks } from "../numpy/npy.ts";
import { isNpy } from "../numpy/npy-header.ts";
import { isNpz, readNpz, writeNpz } from "../numpy/npz.ts";

/** Whether bytes begin as a .npy or .npz file. */
export function holdsArrays(bytes: Uint8Array): boolean {
	return isNpy(bytes) || isNpz(bytes);
}

/** What a .npy or .npz file holds: its array, or a dict of them. Undefined if it is neither. @throws PickleError */
export async function readArrays(bytes: Uint8Array, options: DecodeOptions): Promise<[PyValue] | undefined> {
	if (isNpy(bytes)) return [await readNpy(bytes, options)];
	return isNpz(bytes) ? [new PyDict(await readNpz(bytes, options))] : undefined;
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
