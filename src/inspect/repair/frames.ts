import type { Fault } from "../diagnosis/diagnosis.ts";
import type { Made } from "../diagnosis/values.ts";
import type { Patch } from "./patched.ts";
import { DamageFindings } from "./plausible.ts";
import { littleEndian } from "./shape.ts";
import { classOf } from "./siblings.ts";

/** A frame, from its FRAME to where it says that it ends. */
interface Frame {
	readonly at: number;
	readonly end: number;
}

/** FRAME and its 8-byte length. */
const HEADER = 9;

/** The length of a frame that goes on after the file's end, as if all of the frame were there. */
export function frameEdit({ offset }: Fault, size: number): Patch & { readonly why: string } {
	const bytes = Uint8Array.from(littleEndian(size - offset - HEADER, HEADER - 1));
	return { offset: offset + 1, removed: HEADER - 1, bytes, why: "The frame ends where the pickle does." };
}

/** Classes that are remembered. */
const MAX_CLASSES = 1000;

/** Findings that remember where frames lie, and whose objects got a state. */
export class FrameFindings extends DamageFindings {
	readonly #frames: Frame[] = [];
	readonly stateful: Set<string> = new Set();

	get modules(): Set<string> {
		return new Set([...this.globals.values()].map(({ global }) => global.module));
	}

	override built(made: Made): void {
		super.built(made);
		if (this.stateful.size < MAX_CLASSES) this.stateful.add(classOf(made));
	}

	override frame(at: number, end: number): void {
		super.frame(at, end);
		this.#frames.push({ at, end });
	}

	/** What keeps frames true when patches change how much lies in them, and when bytes from `cut` on go. */
	patchesFor(patches: readonly Patch[], cut = Number.POSITIVE_INFINITY): Patch[] {
		const [closing, ...more] = patches.filter(({ offset }) => offset >= cut);
		// What closes the pickle lies in the frame that was cut, unless data that were cut come before it.
		if (closing?.offset === cut && more.length === 0) return this.#changed(patches, cut, closing.bytes.length);
		return this.#changed(patches, cut, 0);
	}

	#changed(patches: readonly Patch[], cut: number, closing: number): Patch[] {
		return this.#frames.flatMap(({ at, end }) => {
			const inside = patches.filter(({ offset }) => offset >= at + HEADER && offset < Math.min(end, cut));
			const moved =
				inside.reduce((sum, { bytes, removed }) => sum + bytes.length - removed, 0) + (end > cut ? closing : 0);
			if (at >= cut || (moved === 0 && end <= cut)) return [];
			const length = Math.min(end, cut) - at - HEADER + moved;
			return [{ offset: at + 1, removed: 8, bytes: Uint8Array.from(littleEndian(length, 8)) }];
		});
	}
}
