import { isPickleError } from "../../../errors.ts";
import type { Limits } from "../../../limits.ts";
import * as op from "../../../opcodes/table.ts";
import type { Diagnosis } from "../../diagnosis/diagnosis.ts";
import { NEEDS_AXES } from "../../diagnosis/readers.ts";
import { readAt, type SizedSource } from "../../diagnosis/window.ts";
import { plural } from "../../diagnosis/words.ts";
import type { Span, Window } from "../../walk.ts";
import type { Refusal } from "../result.ts";
import { changed, type Step } from "../step.ts";
import { type Change, changedRun } from "./changes.ts";
import { namingsFor, refuseGenerators } from "./names.ts";
import { Plan } from "./plan.ts";
import { type Raw, rawArrays, rawSegments } from "./raw.ts";
import { Refused } from "./refused.ts";
import { formOf, Rewriter, type Rewriting } from "./rewriter.ts";
import { type Segment, segmented, sizeOf } from "./segments.ts";
import { eachSpan, isLarge, type Pickles } from "./spans.ts";
import { Survey } from "./survey.ts";
import { isFrom, protocolOf, type Target } from "./target.ts";

/** What a result is to be. */
export interface Wanted {
	readonly protocol: number | undefined;
	readonly target: Target;
}

/** What could not be done. */
export interface Refusing {
	readonly refusal: Refusal;
}

/** Names of classes and functions that a diagnosis lists; there may be more. */
const LISTED = 1000;

/**
 * Says a whole pickle's instructions in another protocol and by other names. Undefined if it is as it is wanted; what cannot be
 * said so is refused, with where it stands.
 */
export async function transcodingStep(
	source: SizedSource,
	found: Diagnosis,
	{ protocol, target }: Wanted,
	limits: Limits,
): Promise<Step | Refusing | undefined> {
	const { statistics } = found;
	const isBeyond = target.numpy && !isFrom(target.numpy, 2, 4) && found.readers.some(({ note }) => note === NEEDS_AXES);
	if (isBeyond)
		return { refusal: { offset: 0, why: "arrays with an order of their axes, which numpy reads from 2.4 on" } };
	if (statistics === undefined) return { refusal: { offset: 0, why: `${found.format.name} is no bare pickle` } };
	const from = statistics.protocol;
	const to = protocol ?? Math.min(from, protocolOf(target));
	const namings = namingsFor(to, target);
	const isShared = found.conditions.some(({ code }) => code === "shared-memo");
	const isPython2 = target.python?.[0] === 2;
	const hasWords = isPython2 && statistics.globals.some(({ name }) => name === "numpy.dtype") && wantsStrs(target);
	const rewriting: Rewriting = { from, to, isPython2, isShared, namings, limits };
	try {
		const [first, named = 0] = await readAt(source, 0, 2);
		const isNamed = mayRename(statistics.globals, (module, name, offset) => {
			const is = namings(first === op.PROTO ? named : 0)([module, name], offset);
			return is[0] !== module || is[1] !== name;
		});
		refuseGenerators(statistics.globals, target);
		if (from === to && !isNamed && !hasWords) return undefined;
		refuseForm(found, from !== to);
		const raws = await rawArrays(source, found, target, to);
		return await new Transcoding({ source, count: statistics.pickles, raws }, rewriting, hasWords).step(isNamed);
	} catch (error) {
		if (error instanceof Refused) return { refusal: { offset: error.offset, why: error.message } };
		if (isPickleError(error, "E_LIMIT", "E_TEXT", "E_NUMBER", "E_TOO_LARGE"))
			return { refusal: { offset: error.offset ?? 0, why: error.reason } };
		throw error;
	}
}

/** @throws Refused for a form that is of its protocol, and for what only the pickle.py of Python 2 reads */
function refuseForm({ format, conditions }: Diagnosis, isChanged: boolean): void {
	if (isChanged && format.name.includes("torch"))
		throw new Refused(`${format.name}, which is told by the protocol 2 of its pickles`, 0);
	const odd = conditions.find(({ code }) => code === "python2-only");
	if (odd) throw new Refused(odd.title, odd.offset ?? 0);
}

/** numpy 1.6 to 1.9 refuse dtypes with text in place of str; 1.16 takes them. */
function wantsStrs({ numpy }: Target): boolean {
	return numpy === undefined || !isFrom(numpy, 1, 16);
}

/** A dotted name does not tell where the module ends. */
function mayRename(
	globals: NonNullable<Diagnosis["statistics"]>["globals"],
	isRenamed: (module: string, name: string, offset: number) => boolean,
): boolean {
	if (globals.length >= LISTED) return true;
	return globals.some(({ name: path, offset }) => {
		const parts = path.split(".");
		return parts.some((_, i) => i > 0 && isRenamed(parts.slice(0, i).join("."), parts.slice(i).join("."), offset));
	});
}

/** One file as it becomes another. */
class Transcoding {
	readonly #pickles: Pickles;
	readonly #rewriting: Rewriting;
	/** By where a payload begins, its bytes once it is changed. */
	readonly #sizes = new Map<number, number>();

	readonly #hasWords: boolean;

	/** @param hasWords whether the texts of dtypes are to be strs */
	constructor(pickles: Pickles, rewriting: Rewriting, hasWords: boolean) {
		this.#pickles = pickles;
		this.#rewriting = rewriting;
		this.#hasWords = hasWords;
	}

	async step(isNamed: boolean): Promise<Step | undefined> {
		const { source } = this.#pickles;
		const { from, to } = this.#rewriting;
		const plan = to < 4 || isNamed ? await this.#survey() : new Plan();
		let rewriter = new Rewriter(plan, this.#rewriting);
		let size = 0;
		for await (const segment of this.#segments(rewriter)) size += sizeOf(segment);
		if (from === to && rewriter.groups.renamed.size === 0 && rewriter.strs === 0) return undefined;
		const why = whyText(from, to, rewriter);
		const open = () => {
			rewriter = new Rewriter(plan, this.#rewriting);
			return this.#segments(rewriter);
		};
		return changed(source, segmented(source, size, open), why);
	}

	async #survey(): Promise<Plan> {
		const { to, isShared } = this.#rewriting;
		const survey = new Survey(to, isShared, this.#hasWords);
		const take = (span: Span, window: Window) => {
			survey.take(span, window);
			return undefined;
		};
		const steps = eachSpan<never>(this.#pickles, take, () => []);
		for await (const _ of steps);
		return survey.plan;
	}

	async *#segments(rewriter: Rewriter): AsyncGenerator<Segment, void> {
		let written = 0;
		for await (const segment of this.#parts(rewriter, () => written)) {
			written += sizeOf(segment);
			yield segment;
		}
	}

	/** @param place tells how many bytes came before what comes next */
	async *#parts(rewriter: Rewriter, place: () => number): AsyncGenerator<Segment, void> {
		const { source } = this.#pickles;
		const { writer } = rewriter;
		const take = (span: Span, window: Window) => {
			rewriter.before(span);
			if (isLarge(span)) return this.#large(rewriter, span);
			rewriter.write(span, window);
			return writer.isReady ? writer.take() : undefined;
		};
		function* takeRaw(raw: Raw): Generator<Segment, void> {
			yield* writer.take(true);
			yield* rawSegments(raw, place());
		}
		const end = yield* eachSpan<Segment>(this.#pickles, take, takeRaw);
		yield* writer.take(true);
		if (end < source.size) yield { from: end, length: source.size - end, size: source.size - end };
	}

	async *#large(rewriter: Rewriter, span: Span): AsyncGenerator<Segment, void> {
		const { writer } = rewriter;
		const { opcode, offset, start, stop, end } = span;
		const length = stop - start;
		const form = formOf(opcode.code);
		rewriter.groups.forget();
		if (form === undefined) {
			if (opcode.code === op.LONG4 && writer.protocol < 2) throw writer.refuse("an int of too many digits to be text");
			writer.outside(new Uint8Array(0), { from: offset, length: end - offset, size: end - offset });
		} else if (opcode.code === op.BYTEARRAY8 && writer.protocol === 5) {
			const head = await readAt(this.#pickles.source, offset, start - offset);
			writer.outside(head, { from: start, length, size: length });
		} else {
			const change = writer.changeFor(form);
			const size = change === undefined ? length : await this.#sizeOf(start, length, change);
			if (opcode.code === op.BYTEARRAY8) writer.openCall("builtins", "bytearray");
			writer.large(form, { from: start, length, size, change });
			if (opcode.code === op.BYTEARRAY8) writer.closeCall(1);
		}
		yield* writer.take();
	}

	async #sizeOf(start: number, length: number, change: Change): Promise<number> {
		let size = this.#sizes.get(start) ?? 0;
		if (this.#sizes.has(start)) return size;
		for await (const piece of changedRun(this.#pickles.source, start, length, change)) size += piece.length;
		this.#sizes.set(start, size);
		return size;
	}
}

/** Names that are told of those changed. */
const TOLD = 4;

function whyText(from: number, to: number, { groups: { renamed }, writer, strs: count }: Rewriter): string {
	const told = [...renamed]
		.slice(0, TOLD)
		.map(([change, count]) => (count > 1 ? `${change} (${count} times)` : change));
	const more = renamed.size > TOLD ? `, and ${plural(renamed.size - TOLD, "other name")}` : "";
	const names = told.length > 0 ? `: ${told.join(", ")}${more}` : "";
	const strs =
		writer.isPython2 && count > 0
			? ` ${plural(count, "text")} of numpy's dtypes ${count === 1 ? "is" : "are"} str, as numpy of Python 2 wants.`
			: "";
	if (from === to && renamed.size === 0) return strs.trim();
	if (from === to) return `Names are changed${names}.${strs}`;
	const pieces = writer.split > 0 ? ` ${plural(writer.split, "payload")} of more than 2 GiB: joined of pieces.` : "";
	return `Protocol ${from} becomes ${to}; the value is the same${names}.${pieces}${strs}`;
}
