import { repair } from "../../src/inspect/repair/repair.ts";
import type { Loss } from "../../src/inspect/repair/result.ts";
import type { Judge, LoadsOptions } from "../oracles/judge.ts";
import type { Damaged } from "./inject/damage.ts";
import { readAll } from "./readAll.ts";

/** How pickles fare that were cut and salvaged. */
export class Survivals {
	/** Pickles that salvage gave, and those of which it said that some places are not certain. */
	salvaged = 0;
	uncertain = 0;
	/** Values that stand where they did not or are not there, though nothing was said of that. */
	readonly wrong: string[] = [];
	/** Pickles that Python refuses, though the losses do not foresee it. */
	readonly refused: string[] = [];
	/** Likewise, but the losses say that the place is not certain. */
	reported = 0;
	readonly #judge: Judge;

	constructor(judge: Judge) {
		this.#judge = judge;
	}

	/** Salvages what is left of a pickle in damaged copies, and lets Python judge what lay before the damage. */
	async addDamaged(
		name: string,
		data: Uint8Array,
		copies: readonly Damaged[],
		options: LoadsOptions = {},
	): Promise<void> {
		const saved: { data: Uint8Array; cut: number; inner: true; how: string; losses: readonly Loss[] }[] = [];
		for (const { name: how, bytes } of copies) {
			const { outcome, result, losses } = await repair(bytes, undefined, { salvage: true });
			if (outcome !== "salvaged") continue;
			saved.push({ data: await readAll(result), cut: commonLength(data, bytes), inner: true, how, losses });
		}
		const judged = await this.#judge.survivors(data, saved, options);
		for (const [i, { wrong, missing, error }] of judged.entries()) {
			const { how, losses } = saved[i] as (typeof saved)[number];
			this.salvaged++;
			const found = [...wrong, ...missing].filter((path) => !losses.some((loss) => covers(loss, stepsOf(path))));
			const isUncertain = losses.some(({ what }) => what.startsWith("The bytes do not tell"));
			if (isUncertain) this.uncertain++;
			const isTold = error !== null && losses.some((loss) => foretells(loss, error));
			const isWrong = found.length > 0 && !isUncertain;
			if (error !== null && !isTold) this.refused.push(`${name}, ${how}: ${error}`);
			else if (isWrong) this.wrong.push(`${name}, ${how}: ${found.join("; ")}`);
			else if (isTold || wrong.length + missing.length > 0) this.reported++;
		}
	}

	/** Cuts a pickle at these offsets, salvages what is left, and lets Python judge it. */
	async add(name: string, data: Uint8Array, cuts: readonly number[], options: LoadsOptions = {}): Promise<void> {
		const saved: { data: Uint8Array; cut: number; losses: readonly Loss[] }[] = [];
		for (const cut of cuts) {
			const { outcome, result, losses } = await repair(data.subarray(0, cut), undefined, { salvage: true });
			if (outcome === "salvaged" || outcome === "repaired") saved.push({ data: await readAll(result), cut, losses });
		}
		const judged = await this.#judge.survivors(data, saved, options);
		for (const [i, { wrong, missing, error }] of judged.entries()) {
			const { cut, losses } = saved[i] as (typeof saved)[number];
			const isUncertain = losses.some(({ what }) => what.startsWith("The bytes do not tell"));
			this.salvaged++;
			if (isUncertain) this.uncertain++;
			const found = [...wrong, ...missing];
			if (error !== null) this.wrong.push(`${name} cut at ${cut}: ${error}`);
			else if (found.length > 0 && isUncertain) this.reported++;
			else if (found.length > 0) this.wrong.push(`${name} cut at ${cut}: ${found.join("; ")}`);
		}
	}
}

/** How many bytes two copies have in common at their beginning. */
function commonLength(one: Uint8Array, other: Uint8Array): number {
	let at = 0;
	while (at < one.length && one[at] === other[at]) at++;
	return at;
}

/** The steps of a path as picklet or Python writes it: `$[3].name`, `$[3].state['name']`. */
function stepsOf(path: string): string[] {
	const [value = path] = path.split(/ (?:has|is) /);
	const steps = value
		.replaceAll(".state", "")
		.matchAll(/\.(\w+)|\[(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\]]*))\]/g);
	return Array.from(steps, ([, name, double, single, other]) => name ?? double ?? single ?? other ?? "");
}

/** Whether a loss says why Python may refuse the pickle. */
function foretells({ what }: Loss, error: string): boolean {
	const name = /^NameError: (\S+),/.exec(error)?.[1];
	return name === undefined ? what.endsWith("Python refuses the pickle.") : what.startsWith(`The name ${name} stands`);
}

/** Whether a loss says of a value that it may be another, or elsewhere. */
function covers({ path = "$", what }: Loss, steps: readonly string[]): boolean {
	const at = stepsOf(path);
	if (!at.every((step, place) => step === steps[place])) return false;
	const from = /^From index (\d+) on/.exec(what)?.[1];
	return from === undefined || steps.length === at.length || Number(steps[at.length]) >= Number(from);
}
