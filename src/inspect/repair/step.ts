import type { SizedSource } from "../diagnosis/window.ts";
import { type Patch, patched } from "./patched.ts";
import type { Edit, Loss } from "./result.ts";

/** One pass over a file: what is changed, and what that leaves. */
export interface Step {
	readonly source: SizedSource;
	readonly edits: readonly (Patch & { readonly why: string })[];
	/** Changes of all bytes, which are no patches. */
	readonly changes?: readonly Omit<Edit, "pass">[];
	/** What the change loses; of salvage only. */
	readonly losses?: readonly Loss[];
}

/** The step that makes these edits, or undefined if there are none. */
export function stepOf(source: SizedSource, edits: Step["edits"]): Step | undefined {
	return edits.length === 0 ? undefined : { source: patched(source, edits), edits };
}

/** The step that makes another file of all bytes. */
export function changed(from: SizedSource, to: SizedSource, why: string): Step {
	return { source: to, edits: [], changes: [{ offset: 0, removed: from.size, inserted: to.size, why }] };
}

/** Inserted bytes up to here are shown. */
const SHOWN = 64;

/** The edits of a step, as data. */
export function editsOf({ edits, changes = [] }: Step, pass: number): Edit[] {
	const patches = edits.map(({ offset, removed, bytes, why }) => ({
		offset,
		pass,
		removed,
		inserted: bytes.length,
		...(bytes.length > 0 && bytes.length <= SHOWN && { bytes: [...bytes] }),
		why,
	}));
	return [...patches, ...changes.map((change) => ({ ...change, pass }))];
}
