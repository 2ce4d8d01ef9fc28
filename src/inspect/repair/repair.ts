import { type BytesInput, plainBytes } from "../../bytes/plain.ts";
import { type ByteSource, bytesSource } from "../../bytes/source.ts";
import { isPickleError } from "../../errors.ts";
import { type Limits, resolveLimits } from "../../limits.ts";
import { diagnose, isSource } from "../diagnosis/diagnose.ts";
import type { Diagnosis } from "../diagnosis/diagnosis.ts";
import { allFaults } from "../diagnosis/report.ts";
import { type SizedSource, sized } from "../diagnosis/window.ts";
import { choicesOf } from "./choices.ts";
import { mendingStep } from "./mends.ts";
import type { Choice, Edit, Loss, Repair } from "./result.ts";
import { salvageStep } from "./salvage.ts";
import { editsOf, type Step } from "./step.ts";

export interface RepairOptions {
	/** Where not all can be mended without loss, makes a pickle of what is left. Default: false. */
	readonly salvage?: boolean;
	/** Of what containers may unpack to. */
	readonly limits?: Partial<Limits>;
}

/** Passes over one file: damages that lie over each other. */
const MAX_PASSES = 6;

/**
 * Mends what is damaged in a pickle where nothing is lost by it, and with `salvage` makes a pickle of what is left where something
 * is. Nothing is decoded or run. The result is read from the source as it is asked for, so that files of any size take little
 * memory; it has been diagnosed again, and is given only if that finds no fault.
 *
 * @param diagnosis of the source, if it is there already
 * @throws PickleError E_SOURCE if the source cannot be read; TypeError for what is no source
 */
export async function repair(
	source: BytesInput | ByteSource,
	diagnosis?: Diagnosis,
	options: RepairOptions = {},
): Promise<Repair> {
	const limits = resolveLimits(options.limits);
	const bytes = await sized(isSource(source) ? source : bytesSource(plainBytes(source)));
	const before = diagnosis ?? (await diagnose(bytes, { limits }));
	const mending = new Mending(bytes, before, limits);
	await mending.run((from, found) => mendingStep(from, found, limits));
	if (!mending.isWhole && options.salvage === true) {
		await mending.run((from, found) => salvageStep(from, found, limits));
	}
	return mending.result();
}

type Way = (source: SizedSource, found: Diagnosis) => Promise<Step | undefined>;

/** A file that is mended pass by pass. */
class Mending {
	readonly #original: SizedSource;
	readonly #before: Diagnosis;
	readonly #limits: Limits;
	#source: SizedSource;
	#found: Diagnosis;
	#passes = 0;
	readonly #edits: Edit[] = [];
	readonly #choices: Choice[] = [];
	readonly #losses: Loss[] = [];
	#isSalvaged = false;

	constructor(source: SizedSource, found: Diagnosis, limits: Limits) {
		this.#original = source;
		this.#source = source;
		this.#before = found;
		this.#found = found;
		this.#limits = limits;
	}

	get isWhole(): boolean {
		return allFaults(this.#found).length === 0;
	}

	/** Takes steps until there is none. */
	async run(way: Way): Promise<void> {
		for (let more = true; more && this.#passes < MAX_PASSES; ) {
			const step = (await way(this.#source, this.#found)) ?? (await this.#chosen());
			more = step !== undefined && (await this.#take(step));
		}
	}

	async #chosen(): Promise<Step | undefined> {
		const found = await choicesOf(this.#source, this.#found);
		if (found?.choices) this.#choices.splice(0, this.#choices.length, ...found.choices);
		return found?.step;
	}

	/** Whether the step helped: what it leaves diagnoses as a pickle that is damaged less, or not at all. */
	async #take(step: Step): Promise<boolean> {
		const found = await this.#diagnosed(step.source);
		if (found === undefined) return false;
		this.#passes++;
		this.#edits.push(...editsOf(step, this.#passes));
		this.#source = step.source;
		this.#found = found;
		if (step.losses) {
			this.#losses.push(...step.losses);
			this.#isSalvaged = true;
		}
		return true;
	}

	/** Undefined where unpacking stops at damage that only reading on shows. */
	async #diagnosed(source: SizedSource): Promise<Diagnosis | undefined> {
		try {
			return await diagnose(source, { limits: this.#limits });
		} catch (error) {
			if (isPickleError(error, "E_CONTAINER", "E_LIMIT")) return undefined;
			throw error;
		}
	}

	result(): Repair {
		const isDone = this.#passes > 0 && this.isWhole;
		const outcome = isDone ? (this.#isSalvaged ? "salvaged" : "repaired") : this.isWhole ? "undamaged" : "damaged";
		const source = isDone ? this.#source : this.#original;
		return {
			outcome,
			size: this.#original.size,
			resultSize: source.size,
			edits: isDone ? this.#edits : [],
			choices: isDone ? [] : this.#choices,
			losses: isDone ? this.#losses : [],
			before: this.#before,
			after: isDone ? this.#found : this.#before,
			result: source,
		};
	}
}
