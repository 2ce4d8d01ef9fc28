/**
 * What a pickle can hold: null, booleans, numbers, bigints, strings, Uint8Array, arrays (frozen ones are tuples), the
 * classes of this folder, and what reducers make. Narrow it with `typeof`, `Array.isArray` and `instanceof`.
 */
export type PyValue = null | boolean | number | bigint | string | object;
