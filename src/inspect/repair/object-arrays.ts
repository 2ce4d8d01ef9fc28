import { type ArrayHead, arrayHead } from "../diagnosis/arrays.ts";
import { type Abstract, Made } from "../diagnosis/values.ts";
import type { SizedSource } from "../diagnosis/window.ts";
import { axesAt } from "./shape.ts";

/** An array of objects whose list of items is not there to its end. */
export interface OpenArray {
	readonly head: ArrayHead;
	readonly axes: NonNullable<Awaited<ReturnType<typeof axesAt>>>;
}

/** Arrays of objects in each other that are looked at. */
const MAX_OPEN = 64;

/** The arrays of objects whose state is being read, by what makes them. numpy lists their items in C order whatever theirs is. */
export async function openArrays(
	source: SizedSource,
	{ stack, marks }: { readonly stack: readonly Abstract[]; readonly marks: readonly number[] },
): Promise<ReadonlyMap<Abstract, OpenArray>> {
	const found = new Map<Abstract, OpenArray>();
	for (const mark of marks.slice(-MAX_OPEN)) {
		const made = stack[mark - 1];
		if (!(made instanceof Made) || !/(^|\.)_reconstruct$/.test(made.path)) continue;
		const head = arrayHead(stack.slice(mark + 1, mark + 4));
		const axes = head?.dtype.hasObject ? await axesAt(source, made.at, head.shape.length) : undefined;
		if (head && axes) found.set(made, { head: { ...head, fortran: false }, axes });
	}
	return found;
}
