import type { Random } from "../random.ts";
import { concat } from "./instructions.ts";

/** Bytes that one damage concerns at most. */
const MOST = 8;

type Way = (bytes: Uint8Array, at: number, count: number, random: Random) => readonly Uint8Array[];

/** What channels and disks do to a few bytes in a row. */
const ways: Readonly<Record<string, Way>> = {
	flip: (bytes, at, count, random) => [
		bytes.subarray(0, at),
		bytes.slice(at, at + count).map((byte) => byte ^ (1 << random.int(0, 8))),
		bytes.subarray(at + count),
	],
	zero: (bytes, at, count) => [bytes.subarray(0, at), new Uint8Array(count), bytes.subarray(at + count)],
	overwrite: (bytes, at, count, random) => [bytes.subarray(0, at), noise(count, random), bytes.subarray(at + count)],
	delete: (bytes, at, count) => [bytes.subarray(0, at), bytes.subarray(at + count)],
	insert: (bytes, at, count, random) => [bytes.subarray(0, at), noise(count, random), bytes.subarray(at)],
	duplicate: (bytes, at, count) => [bytes.subarray(0, at + count), bytes.subarray(at)],
	swap: (bytes, at, count) => [
		bytes.subarray(0, at),
		bytes.subarray(at + count, at + 2 * count),
		bytes.subarray(at, at + count),
		bytes.subarray(at + 2 * count),
	],
};

function noise(count: number, random: Random): Uint8Array {
	return Uint8Array.from({ length: count }, () => random.int(0, 256));
}

/** Zeros in a row where something stood, from a few to a sector of them. */
const MOST_ZEROS = 512;

export interface Damaged {
	/** How, and where. */
	readonly name: string;
	readonly bytes: Uint8Array;
}

/** Bytes of which one to eight in a row are changed, lost, there twice or in another's place. */
export function damaged(bytes: Uint8Array, random: Random): Damaged {
	const [how, way] = random.pick(Object.entries(ways));
	const count = random.int(1, Math.min(MOST, bytes.length) + 1);
	// Beginning and end are where the most can be taken for something else.
	const at = Math.min(
		random.pick([0, random.int(0, 4), bytes.length, random.int(0, bytes.length)]),
		bytes.length - count,
	);
	return { name: `${how} ${count} at ${at}`, bytes: concat(...way(bytes, at, count, random)) };
}

const inside = ["flip", "overwrite", "delete", "insert"] as const;

/** Bytes damaged somewhere in their middle: a few of them, or many that became zeros. */
export function damagedInside(bytes: Uint8Array, random: Random): Damaged {
	const isZeroed = random.int(0, inside.length + 1) === 0;
	const how = isZeroed ? "zero" : random.pick(inside);
	const most = Math.min(isZeroed ? MOST_ZEROS : MOST, Math.floor(bytes.length / 4));
	const count = random.int(1, most + 1);
	const at = random.int(2, bytes.length - count);
	return { name: `${how} ${count} at ${at}`, bytes: concat(...(ways[how] as Way)(bytes, at, count, random)) };
}
