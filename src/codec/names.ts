import type { Reducer } from "../reducers/reducer.ts";
import { PyGlobal } from "../values/objects.ts";

/** The class or function of `module.name`. @throws TypeError if the text is no such name */
export function globalOf(name: unknown, what: string): PyGlobal {
	const dot = typeof name === "string" ? name.lastIndexOf(".") : -1;
	if (typeof name !== "string" || dot < 1) throw new TypeError(`${what} is to be "module.name"`);
	return new PyGlobal(name.slice(0, dot), name.slice(dot + 1));
}

/** The classes and functions of option `extensions`, with their codes. A code is 1 to 2^31 - 1, as in Python. */
export function resolveExtensions(extensions: ReadonlyMap<number, string> | undefined): [number, PyGlobal][] {
	if (extensions === undefined) return [];
	if (!(extensions instanceof Map)) throw new TypeError("option extensions is a Map from code to name");
	return [...extensions].map(([code, name]) => {
		if (!(Number.isInteger(code) && code >= 1 && code < 2 ** 31))
			throw new TypeError(`${String(code)} is no extension code, which is 1 to 2^31 - 1`);
		return [code, globalOf(name, `extension ${code}`)];
	});
}

/** Option `reducers`. @throws TypeError if that is no array of reducers */
export function resolveReducers(
	reducers: readonly Reducer[] | undefined,
	byDefault: readonly Reducer[],
): readonly Reducer[] {
	if (reducers === undefined) return byDefault;
	const isReducer = (value: unknown) => typeof (value as Reducer | null)?.name === "string";
	if (Array.isArray(reducers) && reducers.every(isReducer)) return reducers;
	throw new TypeError("option reducers is an array of reducers, each with a name");
}
