import type { Signal } from "../bytes/platform.ts";

/** How to follow a writing, and end it. */
export interface WritingOptions {
	/** Told how many bytes are written by now. */
	readonly onProgress?: ((done: number) => void) | undefined;
	/** Ends the writing, which then rejects with the signal's reason and leaves the old file. */
	readonly signal?: Signal | undefined;
}
