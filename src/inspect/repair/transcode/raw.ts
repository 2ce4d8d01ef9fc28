import type { Diagnosis } from "../../diagnosis/diagnosis.ts";
import { Findings } from "../../diagnosis/findings.ts";
import { interpret, Reader, type SizedSource } from "../../diagnosis/window.ts";
import { Refused } from "./refused.ts";
import type { Segment } from "./segments.ts";
import { isFrom, type Target } from "./target.ts";

/** An array's bytes, as joblib writes them behind the BUILD that describes it. */
export interface Raw {
	/** Where that BUILD ends: padding follows, if there is some, and then the bytes. */
	readonly at: number;
	readonly start: number;
	readonly length: number;
}

/** How joblib aligns arrays from 1.2 on. */
const ALIGNMENT = 16;

class RawFindings extends Findings {
	readonly raws: Map<number, Raw> = new Map();

	override payload(at: number, opcode: string, start: number, length: number, array: undefined): void {
		super.payload(at, opcode, start, length, array);
		if (opcode === "raw array") this.raws.set(at, { at, start, length });
	}
}

/** The arrays between the instructions of a file of joblib, by where they begin. @throws Refused */
export async function rawArrays(
	source: SizedSource,
	{ format }: Diagnosis,
	{ python }: Target,
	to: number,
): Promise<ReadonlyMap<number, Raw>> {
	if (!format.name.includes("joblib")) return new Map();
	const findings = new RawFindings();
	await interpret(new Reader(source), 0, { findings });
	const { raws, joblibArrays } = findings;
	if (raws.size < joblibArrays)
		throw new Refused(`${format.name}: one of them is of objects, which are a pickle of their own within this one`, 0);
	if (to < 2) throw new Refused(`${format.name}, of which protocols 0 and 1 do not tell where they lie`, 0);
	const padded = [...raws.values()].find(({ at, start }) => start > at);
	if (padded && python && !isFrom(python, 3, 7))
		throw new Refused("an array with padding before it, which joblib reads from 1.2 and Python 3.7 on", padded.at);
	return raws;
}

/** The padding and bytes of an array that comes at a place of the result. */
export function rawSegments({ at, start, length }: Raw, place: number): Segment[] {
	const run = { from: start, length, size: length };
	if (start === at) return [run];
	const padding = new Uint8Array(1 + ALIGNMENT - ((place + 1) % ALIGNMENT)).fill(0xff);
	padding[0] = padding.length - 1;
	return [padding, run];
}
