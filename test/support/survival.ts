import { repair } from "../../src/inspect/repair/repair.ts";
import type { Loss } from "../../src/inspect/repair/result.ts";
import type { Judge, LoadsOptions } from "../oracles/judge.ts";
import { readAll } from "./readAll.ts";

/** How pickles fare that were cut and salvaged. */
export class Survivals {
	/** Pickles that salvage gave, and those of which it said that some places are not certain. */
	salvaged = 0;
	uncertain = 0;
	/** Values that stand where they did not or are not there, though nothing was said of that. */
	readonly wrong: string[] = [];
	/** Likewise, but the losses say that the place is not certain. */
	reported = 0;
	readonly #judge: Judge;

	constructor(judge: Judge) {
		this.#judge = judge;
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
