import { dataLength, dataOf } from "./arrays.ts";
import { intOf, type Made } from "./values.ts";
import { plural } from "./words.ts";

/** A state's bytes, and the month or hour by which it is told from other arguments; where `fold` may be, it is the top bit. */
interface State {
	readonly length: number;
	readonly at: number;
	readonly least: number;
	readonly most: number;
	readonly mask: number;
}

const datetimes: Readonly<Record<string, State>> = {
	"datetime.datetime": { length: 10, at: 2, least: 1, most: 12, mask: 0x7f },
	"datetime.date": { length: 4, at: 2, least: 1, most: 12, mask: 0xff },
	"datetime.time": { length: 6, at: 0, least: 0, most: 23, mask: 0x7f },
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
	const byte = (data.text.text?.charCodeAt(state.at) ?? state.least) & state.mask;
	return byte >= state.least && byte <= state.most ? undefined : `the bytes are no state of ${made.path}`;
}

function wrongItems({ arguments: [, , format, data] }: Made): string | undefined {
	const length = dataLength(data);
	const width = widths[intOf(format) ?? -1];
	if (length === undefined || width === undefined || length % width === 0) return undefined;
	return `${plural(length, "byte")} ${length === 1 ? "is" : "are"} no items of ${width} bytes`;
}
