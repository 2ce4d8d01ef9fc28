import type { Failure } from "../machine.ts";
import type { Walk } from "../walk.ts";
import type { Reader } from "../window.ts";

/** What the faults are told from. */
export interface Evidence {
	readonly reader: Reader;
	readonly size: number;
	/** The whole file, or only its head if it is large. */
	readonly bytes: Uint8Array;
	readonly isHead: boolean;
	/** Of the whole file. */
	readonly lastByte: number | undefined;
	readonly walk: Walk;
	/** Of the first pickle that cannot be read to its end. */
	readonly failure: Failure | undefined;
	/** Where the first thing lies that parses but that no CPython writes. */
	readonly anomalyAt: number | undefined;
	/** How many instructions were read before. */
	readonly instructions: number;
}
