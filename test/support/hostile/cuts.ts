import { type ArgumentKind, opcodeOf } from "../../../src/opcodes/table.ts";

/** Larger inputs are not cut at every byte. */
const SMALL = 2048;
const PLACES = 200;
const BOUNDARIES = 500;

/** The lengths to which an input is cut, ascending. */
export function cutsOf(bytes: Uint8Array): readonly number[] {
	if (bytes.length <= SMALL) return Array.from(bytes.keys());
	const near = boundaries(bytes, BOUNDARIES).flatMap((boundary) => [boundary - 1, boundary, boundary + 1]);
	const cuts = new Set([...seededPlaces(bytes.length), ...near].filter((cut) => cut >= 0 && cut < bytes.length));
	return [...cuts].sort((a, b) => a - b);
}

/** More of them at the start, where cuts are cheap to decode. */
function seededPlaces(length: number): number[] {
	let state = length;
	return Array.from({ length: PLACES }, () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) ** 3 * length);
	});
}

/** Where the first instructions end, as long as they make sense. */
function boundaries(bytes: Uint8Array, count: number): number[] {
	const found: number[] = [];
	let end = 0;
	while (found.length < count && end < bytes.length) {
		const argument = opcodeOf(bytes[end] as number)?.argument;
		if (argument === undefined) break;
		end = argumentEnd(bytes, end + 1, argument);
		found.push(end);
	}
	return found;
}

function argumentEnd(bytes: Uint8Array, start: number, argument: ArgumentKind): number {
	if (argument === "two lines") return lineEnd(bytes, lineEnd(bytes, start));
	if (argument.endsWith("line")) return lineEnd(bytes, start);
	const [, kind, digits] = /^([a-z]+)(\d?)$/.exec(argument) as RegExpExecArray;
	const width = Number(digits);
	return (
		start + width + (/^(long|string|bytes|bytearray|text)$/.test(kind as string) ? lengthAt(bytes, start, width) : 0)
	);
}

function lineEnd(bytes: Uint8Array, start: number): number {
	const found = bytes.indexOf(10, start);
	return found < 0 ? bytes.length : found + 1;
}

function lengthAt(bytes: Uint8Array, start: number, width: number): number {
	let length = 0;
	for (let i = width - 1; i >= 0; i--) length = length * 256 + (bytes[start + i] ?? 0);
	return length;
}
