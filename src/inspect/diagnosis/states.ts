import { dataLength, dataOf } from "./arrays.ts";
import { intOf, type Made } from "./values.ts";

/** The state of a class of datetime: its bytes, and the byte that tells it from other arguments, whose top bit may be `fold`. */
const datetimes: Readonly<Record<string, { readonly length: number; readonly at: number; readonly values: RegExp }>> = {
	"datetime.datetime": { length: 10, at: 2, values: /[\x01-\x0c\x81-\x8c]/ },
	"datetime.date": { length: 4, at: 2, values: /[\x01-\x0c]/ },
	"datetime.time": { length: 6, at: 0, values: /[\0-\x17\x80-\x97]/ },
};

/** Bytes of an item by the numbers of `array`'s machine formats: ints of 8 to 64 bits, floats, UTF-16 and UTF-32. */
const widths = [1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 4, 4, 8, 8, 2, 2, 4, 4];

/** What is wrong with the bytes that something is made of, which have a size of their own; undefined if nothing is. */
export function wrongBytes(made: Made): string | undefined {
	if (made.path === "array._array_reconstructor") return wrongItems(made);
	const state = Object.hasOwn(datetimes, made.path) ? datetimes[made.path] : undefined;
	const [first] = made.arguments;
	const data = state && dataOf(first);
	if (state === undefined || data === undefined || data === "none") return undefined;
	const length = dataLength(first);
	if (length !== undefined && length !== state.length)
		return `the state of ${made.path} has ${state.length} bytes, not ${length}`;
	const byte = data.text.text?.[state.at];
	return byte === undefined || state.values.test(byte) ? undefined : `the bytes are no state of ${made.path}`;
}

function wrongItems({ arguments: [, , format, data] }: Made): string | undefined {
	const length = dataLength(data);
	const width = widths[intOf(format) ?? -1];
	if (length === undefined || width === undefined || length % width === 0) return undefined;
	return `${length} bytes are no items of ${width} bytes`;
}
