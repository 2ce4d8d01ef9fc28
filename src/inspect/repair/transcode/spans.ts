import type { SizedSource } from "../../diagnosis/window.ts";
import { fill } from "../../source.ts";
import { isSpan, type Span, Window, walk } from "../../walk.ts";
import type { Raw } from "./raw.ts";

/** Payloads and lines of so many bytes stay where they are. */
const LARGE = 1 << 16;

/** Whether an instruction's argument is too long to be held. */
export function isLarge({ start, stop }: Span): boolean {
	return stop - start >= LARGE;
}

/** Where the instructions of a file's pickles lie, window by window. */
export interface Pickles {
	readonly source: SizedSource;
	/** How many pickles there are. */
	readonly count: number;
	/** Bytes between the instructions, by where they begin. */
	readonly raws: ReadonlyMap<number, Raw>;
}

/**
 * Hands over every instruction of every pickle, its argument at hand unless it is large, and gives what there is to give after
 * each; likewise what lies between two of them. Returns where the last pickle ends.
 */
export async function* eachSpan<T>(
	{ source, count, raws }: Pickles,
	take: (span: Span, window: Window) => AsyncIterable<T> | Iterable<T> | undefined,
	takeRaw: (raw: Raw) => Iterable<T>,
): AsyncGenerator<T, number> {
	const window = new Window(source.size);
	let at = 0;
	for (let pickle = 0; pickle < count; ) {
		let raw: Raw | undefined;
		for (const step of walk(window, at)) {
			if (!isSpan(step)) {
				await fill(window, source, step);
				continue;
			}
			const { offset, end } = step;
			const whole = { at: offset, length: isLarge(step) ? 1 : end - offset };
			if (!window.has(whole)) await fill(window, source, whole);
			const given = take(step, window);
			if (given !== undefined) yield* given;
			at = end;
			raw = raws.get(end);
			if (raw !== undefined) break;
		}
		if (raw === undefined) pickle++;
		else {
			yield* takeRaw(raw);
			at = raw.start + raw.length;
		}
	}
	return at;
}
