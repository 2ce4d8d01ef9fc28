import type { Signal } from "../bytes/platform.ts";
import type { PyLargeBytes } from "../values/large.ts";

/** A payload in memory of its own. */
export type Payload = Uint8Array | PyLargeBytes;

/** Who is to hear of the bytes that come, and may want no more of them. */
export interface Watch {
	readonly signal?: Signal | undefined;
	/** Told how many bytes came, after each piece. */
	readonly onBytes?: ((count: number) => void) | undefined;
}

/** Bytes that are kept for saying what an input is. */
export const HEAD = 512;

/** Where a machine's input comes from: a window of what is at hand, and ways to get more. */
export interface Supply {
	/** The bytes at hand. Their memory is used again after the next `atLeast` or `payload`. */
	readonly bytes: Uint8Array;
	/** Absolute offset of the first of them. */
	readonly offset: number;
	/** Whether nothing comes after `bytes`. */
	readonly ended: boolean;
	/** The first bytes since `startHead`, for saying what they are. */
	readonly head: Uint8Array;
	/** Waits until so many bytes are at hand. Returns false if the input ends before. */
	atLeast(count: number): Promise<boolean>;
	/** Keeps the first bytes from here on. */
	startHead(): void;
	/** The first bytes since `startHead`: so many at least, if they come. */
	beginning(count: number): Promise<Uint8Array>;
	consume(count: number): void;
	/**
	 * The `length` bytes that follow the first `header` ones, in memory of their own; `header` and payload are consumed. If
	 * `sized`, the source is known to hold them, and their memory is allocated at once; else it grows with what comes. Returns
	 * undefined, with the input ended, if they do not all come.
	 */
	payload(header: number, length: number, sized: boolean): Promise<Payload | undefined>;
	/** Tells the source that no more is wanted. */
	close(): Promise<void>;
}
