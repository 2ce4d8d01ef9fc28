import type { Injection } from "./faults.ts";
import { transports } from "./transports.ts";

/** Damage that repair undoes besides what diagnosis is judged by. */
export const moreMendable: readonly Injection[] = [
	{
		name: "no STOP, in a frame",
		code: "truncated",
		whole: true,
		inject: (bytes) => (bytes[2] === 0x95 ? [bytes.subarray(0, -1)] : undefined),
	},
	{
		name: "a byte order mark and CR LF",
		code: "bom",
		whole: true,
		inject: (bytes) =>
			bytes.includes(10)
				? [Uint8Array.from([0xef, 0xbb, 0xbf, ...[...bytes].flatMap((byte) => (byte === 10 ? [13, 10] : [byte]))])]
				: undefined,
	},
	{
		name: "a line end behind it",
		code: "padding",
		whole: true,
		inject: (bytes) => [bytes, Uint8Array.of(13, 10)],
	},
];

/** The faults of the suite that can be undone without loss; of the others, a repair may be none. */
export const mendable: ReadonlySet<string> = new Set([
	"length wrapped, data there",
	"length over 2 GiB written unsigned",
	"LF to CR LF",
	"Latin-1 as UTF-8",
	"Windows-1252 as UTF-8",
	"byte order mark",
	"leading junk",
	"HTTP headers",
	"NUL padding",
	"Latin-1 as UTF-8, twice",
	"Windows-1252 as UTF-8, twice",
	"UTF-16 written in text mode",
	...transports.map(({ name }) => name),
	...moreMendable.map(({ name }) => name),
]);
