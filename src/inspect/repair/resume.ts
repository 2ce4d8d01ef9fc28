import * as op from "../../opcodes/table.ts";
import type { Fault } from "../diagnosis/diagnosis.ts";
import { Interpreter } from "../diagnosis/interpreter.ts";
import { isOdd } from "../diagnosis/walk.ts";
import { readAt, type SizedSource } from "../diagnosis/window.ts";
import { plural } from "../diagnosis/words.ts";
import { patched } from "./patched.ts";
import type { Step } from "./step.ts";

/** Files up to here are tried with what may stand for the damage. */
const MAX_TRIED = 1 << 24;

/** What may stand for damaged bytes: one value, none, or two. */
const bridges: readonly (readonly number[])[] = [[op.NONE], [], [op.NONE, op.NONE], [op.POP]];

/** The pickle with the damaged bytes replaced, if what follows them goes on to a STOP that ends the file. */
export async function resynchronized(
	source: SizedSource,
	failing: Interpreter,
	{ offset, resumes }: Fault,
): Promise<Step | undefined> {
	if (resumes === undefined || source.size > MAX_TRIED || failing.start > 0) return undefined;
	for (const bridge of bridges) {
		const bytes = Uint8Array.from(bridge);
		const why = `${plural(resumes - offset, "damaged byte")} ${bridge.length === 0 ? "went" : "became None"}.`;
		const edit = { offset, removed: resumes - offset, bytes, why };
		const result = patched(source, [edit]);
		const machine = new Bridged(offset, failing.memo.size, result.size);
		machine.readAll(await readAt(result, 0, result.size));
		if (!machine.isTrue) continue;
		const what = `What stood at the ${plural(resumes - offset, "byte")} from offset ${offset} on; all that follows is kept.`;
		return { source: result, edits: [edit], losses: [{ offset, what }] };
	}
	return undefined;
}

/** A pickle read across a bridge. Memo entries that MEMOIZE numbers behind it may be others than they were. */
class Bridged extends Interpreter {
	readonly #bridge: number;
	/** Entries of the memo that were stored before it. */
	readonly #known: number;
	#refersBehind = false;

	constructor(bridge: number, known: number, size: number) {
		super(0, size);
		this.#bridge = bridge;
		this.#known = known;
	}

	readAll(bytes: Uint8Array): void {
		while (this.run(bytes, 0) === "line") {
			const end = bytes.indexOf(10, this.line);
			this.foundLine(end < 0 ? undefined : end);
		}
	}

	/** Whether it is a pickle to its end, in which every reference is what it was. */
	get isTrue(): boolean {
		return this.failure === undefined && this.pos === this.size && !isOdd(this) && !this.#refersBehind;
	}

	protected override get(place: number | string): void {
		const isBehind = this.pos >= this.#bridge && this.findings.memoized > 0;
		if (isBehind && (typeof place !== "number" || place >= this.#known)) this.#refersBehind = true;
		super.get(place);
	}
}
