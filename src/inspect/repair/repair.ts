import { type SourceInput, sourceOf } from "../../bytes/source.ts";
import { isPickleError } from "../../errors.ts";
import { type Limits, resolveLimits } from "../../limits.ts";
import { diagnose } from "../diagnosis/diagnose.ts";
import type { Diagnosis } from "../diagnosis/diagnosis.ts";
import { allFaults } from "../diagnosis/report.ts";
import { type SizedSource, sized } from "../diagnosis/window.ts";
import { choicesOf } from "./choices.ts";
import { mendingStep } from "./mends.ts";
import type { Edit, Loss, Refusal, Repair } from "./result.ts";
import { salvageStep } from "./salvage.ts";
import { editsOf, type Step } from "./step.ts";
import { parseTarget, protocolOf } from "./transcode/target.ts";
import { transcodingStep, type Wanted } from "./transcode/transcode.ts";
import { isPacked, membersText } from "./unpacking.ts";

export interface RepairOptions {
	/** Where not all can be mended without loss, makes a pickle of what is left. Default: false. */
	readonly salvage?: boolean;
	/** The protocol of the result. Default: that of the file. */
	readonly protocol?: 0 | 1 | 2 | 3 | 4 | 5 | undefined;
	/**
	 * What is to read the result: `python 2.7, numpy 1.16`. Classes and functions that have another name there get it, and the
	 * protocol is no higher than that Python reads. Default: nothing is changed.
	 */
	readonly for?: string | undefined;
	/**
	 * Whether a pickle that is whole comes out of what it is packed in: gzip, zlib, bz2, xz, lzma, zstandard, lz4, a zip archive of
	 * one file. Damaged ones do, and with `protocol` and `for` all. Default: false.
	 */
	readonly unpack?: boolean | undefined;
	/** The name of the file of a zip archive that is meant. It comes out of it. Default: the only one. */
	readonly member?: string | undefined;
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
 * @throws PickleError E_SOURCE if the source cannot be read; TypeError for what is no source, protocol or reader
 */
export async function repair(source: SourceInput, diagnosis?: Diagnosis, options: RepairOptions = {}): Promise<Repair> {
	const limits = resolveLimits(options.limits);
	const wanted = checkWanted(options);
	const bytes = await sized(sourceOf(source));
	const before = diagnosis ?? (await diagnose(bytes, { limits }));
	const mending = new Mending(bytes, before, limits, options.salvage === true);
	const { member } = options;
	const isAsked = options.unpack === true || wanted !== undefined || member !== undefined;
	// What comes out of text and is packed is no pickle yet; what is packed itself may stay so.
	const isBare = !isAsked && !(await isPacked(bytes));
	await mending.run((from, found) =>
		mendingStep(from, found, limits, { isAsked: isAsked || (isBare && from !== bytes), member }),
	);
	if (isAsked) await mending.choose(member);
	if (!mending.isWhole && options.salvage === true) {
		await mending.run((from, found) => salvageStep(from, found, limits));
	}
	if (mending.isWhole && wanted) await mending.transcode(wanted);
	return mending.result();
}

/** @throws TypeError for a protocol or target that there is not, or that do not fit each other */
export function checkWanted({ protocol, for: text }: RepairOptions): Wanted | undefined {
	if (protocol !== undefined && !(Number.isInteger(protocol) && protocol >= 0 && protocol <= 5))
		throw new TypeError(`protocol is to be a whole number from 0 to 5, not ${String(protocol)}`);
	if (protocol === undefined && text === undefined) return undefined;
	const target = text === undefined ? {} : parseTarget(text);
	const highest = protocolOf(target);
	if (protocol !== undefined && protocol > highest)
		throw new TypeError(`${text} reads protocol ${highest} at most, not ${protocol}`);
	return { protocol, target };
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
	readonly #losses: Loss[] = [];
	readonly #maySalvage: boolean;
	#isSalvaged = false;
	#refusal: Refusal | undefined = undefined;

	constructor(source: SizedSource, found: Diagnosis, limits: Limits, maySalvage: boolean) {
		this.#original = source;
		this.#source = source;
		this.#before = found;
		this.#found = found;
		this.#limits = limits;
		this.#maySalvage = maySalvage;
	}

	get isWhole(): boolean {
		return allFaults(this.#found).length === 0;
	}

	/** Takes steps until there is none. */
	async run(way: Way): Promise<void> {
		for (let more = true; more && this.#passes < MAX_PASSES; ) {
			const step = await way(this.#source, this.#found);
			more = step !== undefined && (await this.#take(step));
		}
	}

	/** Refuses an archive of several files of which none is chosen, or one that it has not. */
	async choose(member: string | undefined): Promise<void> {
		const why = this.#passes === 0 ? await membersText(this.#source, this.#limits, member) : undefined;
		if (why !== undefined) this.#refusal = { offset: 0, why };
	}

	/** Says what is whole in another protocol, or by other names. */
	async transcode(wanted: Wanted): Promise<void> {
		if (this.#refusal) return;
		const step = await transcodingStep(this.#source, this.#found, wanted, this.#limits);
		if (step === undefined) return;
		if ("refusal" in step) this.#refusal = step.refusal;
		else await this.#take(step);
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

	/** That nothing is lost is said only where diagnosis says so. */
	get #isLossless(): boolean {
		return !this.#isSalvaged && this.#before.data === "whole";
	}

	#outcome(isDone: boolean): Repair["outcome"] {
		if (this.#refusal) return "refused";
		if (isDone) return this.#isLossless ? "repaired" : "salvaged";
		return this.isWhole ? "undamaged" : "damaged";
	}

	async result(): Promise<Repair> {
		const mayBe = this.#isLossless || this.#maySalvage;
		const isDone = this.#passes > 0 && this.isWhole && mayBe && this.#refusal === undefined;
		const source = isDone ? this.#source : this.#original;
		const outcome = this.#outcome(isDone);
		return {
			outcome,
			size: this.#original.size,
			resultSize: source.size,
			edits: isDone ? this.#edits : [],
			choices: outcome === "damaged" ? await choicesOf(this.#source, this.#found, this.#limits) : [],
			...(this.#refusal && { refusal: this.#refusal }),
			losses: isDone ? this.#losses : [],
			before: this.#before,
			after: isDone ? this.#found : this.#before,
			result: source,
		};
	}
}
