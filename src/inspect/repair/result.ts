import type { ByteSource } from "../../bytes/source.ts";
import type { Diagnosis } from "../diagnosis/diagnosis.ts";

/* What repairing gives: plain data but for the bytes, which JSON.stringify leaves out. */

/** A change that mends something. */
export interface Edit {
	/** Where it begins, in bytes: of the file, for edits of a later pass of what the passes before it left. */
	readonly offset: number;
	readonly pass: number;
	/** Bytes that go, and that come in their place. */
	readonly removed: number;
	readonly inserted: number;
	/** The bytes that come, if they are few and not made of those that go. */
	readonly bytes?: readonly number[];
	readonly why: string;
}

/** A repair that would fit, but that is not the only one, or that cannot be told to be the right one. */
export interface Choice {
	readonly offset: number;
	readonly removed: number;
	/** The bytes that come; undefined where they are made of those that go. */
	readonly bytes?: readonly number[];
	readonly why: string;
}

/** What salvage could not keep. */
export interface Loss {
	readonly offset: number;
	/** What is lost, in a sentence. */
	readonly what: string;
	/** Where in the value, as far as that is known: `$.users[3].photo`. */
	readonly path?: string;
	/** How many values are lost, or are less than they were. */
	readonly values?: number;
	/** Of an array: how many of its elements are kept, of how many, and the shape it has now. */
	readonly array?: {
		readonly shape: readonly number[];
		readonly dtype: string;
		readonly kept: number;
		readonly of: number;
		readonly newShape: readonly number[];
		/** Elements at the end of the new shape, in storage order, that stand for lost ones; and what they are: `NaN`, `NaT`, `0`, `None`. */
		readonly filled: number;
		readonly filledWith?: string;
	};
}

/** What `protocol` or `for` ask for and cannot be had without changing the value. */
export interface Refusal {
	/** Of the instruction that cannot be said so, in bytes. */
	readonly offset: number;
	readonly why: string;
}

/** What was done for a file. */
export interface Repair {
	/**
	 * `undamaged`: nothing is to be done. `repaired`: nothing is lost. `salvaged`: what is left was made a pickle. `damaged`: nothing
	 * mends it without loss; there is no result. `refused`: it is whole, or could be, but not as it is asked for; there is no result.
	 */
	readonly outcome: "undamaged" | "repaired" | "salvaged" | "damaged" | "refused";
	/** Bytes of the file, and of the result: the file's own if there is none. */
	readonly size: number;
	readonly resultSize: number;
	readonly edits: readonly Edit[];
	/** Repairs of which none was made. */
	readonly choices: readonly Choice[];
	/** Why it is not as it is asked for, if the outcome is `refused`. */
	readonly refusal?: Refusal;
	/** What salvage had to leave. */
	readonly losses: readonly Loss[];
	/** Of the file, and of the result; the same where nothing was done. */
	readonly before: Diagnosis;
	readonly after: Diagnosis;
	/** The result as a source, read from the file as it is asked for; of an undamaged or damaged file that itself. */
	readonly result: ByteSource;
}
