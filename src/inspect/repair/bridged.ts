import { type EncodeStep, encodePath } from "../../opcodes/path.ts";
import * as op from "../../opcodes/table.ts";
import { Interpreter } from "../diagnosis/interpreter.ts";
import { type Abstract, GlobalName, intOf, Made, Mapping, Sequence, Text, textOf } from "../diagnosis/values.ts";
import { isOdd } from "../diagnosis/walk.ts";
import { DamageFindings } from "./plausible.ts";
import { isStateless, moduleCost, needsState } from "./siblings.ts";

/** Bytes before the bridge in which the damage may have begun, unseen. */
const UNSEEN = 16;
/** Values before the bridge that a tuple without a mark may have been going to take. */
const TAKEN = 2;
/** Containers in each other that were begun. */
const MAX_BEGUN = 8;

/** Bytes behind the bridge in which names are not taken on trust. */
const NEAR = 64;

/** What a bridge leads across, in the pickle that it makes of a damaged one. */
export interface Bridge {
	/** Where it lies. */
	readonly offset: number;
	/** Its bytes. */
	readonly codes: readonly number[];
}

/** A list or tuple around the bridge, and the place in it from which on its items may stand elsewhere. */
interface Shift {
	readonly path: string;
	readonly index: number;
}

/**
 * A pickle read across a bridge. It follows what becomes of the place of the bridge up to the whole value, and refuses calls and
 * states that the damage may have touched. Memo entries that MEMOIZE numbers behind it may be others than they were.
 */
export class Bridged extends Interpreter {
	readonly #bridge: Bridge;
	readonly #before: Interpreter;
	#refersBehind = false;
	#isMixed = false;
	#isTouched = false;
	/** Where on the stack the bridge's value lies, or between which values it leads on; undefined up to it. */
	#slot: number | undefined = undefined;
	#isGap = false;
	/** Values that were read from the memo, by their place on the stack. */
	readonly #got = new Map<number, Abstract>();
	/** The lowest place on the stack that instructions shortly before the bridge changed. */
	#lowest = Number.POSITIVE_INFINITY;
	/** From where on values on the stack are as uncertain as the bridge's, and for each step how many of its items they are. */
	#doubtful = 0;
	readonly #doubts: number[] = [];
	/** Marks that were there before it. */
	#oldMarks = 0;
	#isOldMark = false;
	#isInEntries = false;
	/** From the bridge outwards. */
	readonly #steps: EncodeStep[] = [];
	/** The value before the bridge, if what made it whole may have been lost, and the step to it beside the first. */
	#neighbour: { readonly value: Abstract; readonly at: number; readonly count: number } | undefined;
	#neighbourStep: EncodeStep | undefined;

	constructor(bridge: Bridge, before: Interpreter, size: number) {
		super(0, size, { findings: new DamageFindings() });
		this.#bridge = bridge;
		this.#before = before;
	}

	readAll(bytes: Uint8Array): void {
		while (this.run(bytes, 0) === "line") {
			const end = bytes.indexOf(10, this.line);
			this.foundLine(end < 0 ? undefined : end);
		}
	}

	/** Whether it is a pickle to its end, in which every reference is what it was. */
	get isTrue(): boolean {
		const isWhole = this.failure === undefined && this.pos === this.size && !isOdd(this);
		// A bridge that all became has led to nothing.
		const isSomething = this.#steps.length > 0 || this.#isGap;
		return isWhole && isSomething && !this.#refersBehind && !this.#isMixed && !this.#isTouched && !this.#hasNew;
	}

	/** Whether what stands behind the bridge needs what nothing before it did, or tells of damage. */
	get #hasNew(): boolean {
		const { findings } = this;
		const { findings: before } = this.#before;
		const protocol = Math.max(before.protocol ?? 1, before.neededProtocol);
		return (
			findings.neededProtocol > protocol ||
			(findings.protocol ?? 0) > protocol ||
			(findings.extensions > 0 && before.extensions === 0) ||
			(findings.persistentIds > 0 && before.persistentIds === 0) ||
			(findings.buffers > 0 && before.buffers === 0) ||
			(findings instanceof DamageFindings && findings.damagedAt !== undefined)
		);
	}

	/** Where the bridge stands in the whole value. */
	get path(): string {
		return encodePath([...this.#steps].reverse());
	}

	/** What stands before it and may have lost parts. */
	get neighbourPath(): string | undefined {
		const { value, count } = this.#neighbour ?? {};
		if (this.#neighbourStep === undefined || value === undefined) return undefined;
		const isGrown = countOf(value) !== count || (value instanceof Made && value.state !== undefined);
		return isGrown ? undefined : encodePath([...this.#steps.slice(1).reverse(), this.#neighbourStep]);
	}

	/** The lists and tuples around it, from the inmost on. */
	get shifts(): readonly Shift[] {
		return this.#steps.flatMap((step, place) => {
			if (step.kind !== "item") return [];
			const index = Math.max(0, step.index - (this.#doubts[place] ?? 0));
			return [{ path: encodePath(this.#steps.slice(place + 1).reverse()), index }];
		});
	}

	protected override get(place: number | string): void {
		const isBehind = this.pos >= this.#bridge.offset && this.findings.memoized > 0;
		if (isBehind && (typeof place !== "number" || place >= this.#before.memo.size)) this.#refersBehind = true;
		super.get(place);
		if (this.stack[this.stack.length - 1] instanceof Object)
			this.#got.set(this.stack.length - 1, this.stack[this.stack.length - 1] as Abstract);
	}

	/** What is in the memo is whole: no pickler adds to it by a reference. */
	#refuseGot(place: number): void {
		const target = this.stack[place];
		if (this.pos >= this.#bridge.offset && target !== undefined && this.#got.get(place) === target)
			this.#isTouched = true;
	}

	/** Picklers number their memo; Python takes memory up to the highest place. */
	protected override put(place: number | string): void {
		if (typeof place === "number" && place > this.findings.instructions + 1) this.#isTouched = true;
		super.put(place);
	}

	/** Whether the bridge is behind, from which on its place is followed. */
	#isBehind(): boolean {
		const { offset, codes } = this.#bridge;
		if (this.pos < offset + codes.length) return false;
		const { stack } = this;
		if (this.#slot === undefined) {
			const values = codes.filter((code) => code === op.NONE).length;
			this.#slot = stack.length - values;
			this.#isGap = values === 0;
			this.#oldMarks = this.marks.length;
			const at = this.#slot - 1;
			const value = stack[at];
			this.#doubtful = this.#doubtfulFrom(this.#slot);
			if (value !== undefined && mayGrow(value)) this.#neighbour = { value, at, count: countOf(value) };
		} else if (this.#slot > stack.length) {
			this.#slot = stack.length;
			this.#isGap = true;
		}
		return true;
	}

	/** Where values begin that the damage may have touched, or that were to be part of something. */
	#doubtfulFrom(slot: number): number {
		let first = Math.min(slot - TAKEN, this.#lowest - 1);
		while (first > 0 && slot - first < MAX_BEGUN && mayGrow(this.stack[first - 1] as Abstract)) first--;
		return first;
	}

	#addStep(next: EncodeStep, slot: number, from: number): void {
		this.#steps.push(next);
		this.#doubts.push(Math.max(0, slot - Math.max(from, this.#doubtful)));
	}

	/** Takes note of a place on the stack from which on an instruction changes it. */
	#touch(place: number): void {
		const { offset } = this.#bridge;
		if (this.pos < offset && this.pos >= offset - UNSEEN) this.#lowest = Math.min(this.#lowest, place);
	}

	/** Takes note that values from a place on become part of another. */
	#consume(from: number, into: number, isFrom: boolean, step: (place: number) => EncodeStep | undefined): void {
		const isBehind = this.#isBehind();
		const slot = this.#slot;
		if (!isBehind || slot === undefined) return;
		const isInside = this.#isGap ? slot > from || (slot === from && isFrom) : slot >= from;
		if (!isInside) return;
		const place = slot - from;
		const next = step(place);
		const isFirst = this.#steps.length === 0 && this.#neighbourStep === undefined;
		if (isFirst && this.#neighbour && this.#neighbour.at >= from && place > 0) this.#neighbourStep = step(place - 1);
		if (next) this.#addStep(next, slot, from);
		this.#slot = into;
		this.#doubtful = Math.min(this.#doubtful, into);
		this.#isGap = false;
	}

	protected override push(value: Abstract): void {
		this.#isBehind();
		super.push(value);
	}

	protected override pop(): Abstract {
		this.#isBehind();
		const value = super.pop();
		this.#touch(this.stack.length);
		return value;
	}

	protected override popMark(): number {
		this.#isBehind();
		this.#isOldMark = this.marks.length <= this.#oldMarks;
		this.#oldMarks = Math.min(this.#oldMarks, Math.max(0, this.marks.length - 1));
		const mark = super.popMark();
		this.#touch(mark);
		return mark;
	}

	protected override tuple(count: number): void {
		this.#isBehind();
		const from = this.stack.length - count;
		this.#touch(from);
		this.#consume(from, from, false, item);
		super.tuple(count);
	}

	protected override take(kind: Sequence["kind"]): Sequence {
		const from = this.fence;
		const isOld = this.#isBehind() && this.marks.length <= this.#oldMarks;
		const below = this.stack[from - 1];
		// Its mark may have been that of the list below, whose items these are.
		if (isOld && kind === "tuple" && below !== undefined && mayGrow(below))
			this.#doubtful = Math.min(this.#doubtful, from - 1);
		this.#consume(from, from, isOld, kind === "frozenset" ? () => undefined : item);
		return super.take(kind);
	}

	protected override extend(value: Abstract): void {
		const from = this.stack.length;
		const count = countOf(this.stack[from - 1]);
		this.#refuseGot(from - 1);
		this.#consumePopped(from, (place) => item(count + place));
		super.extend(value);
	}

	protected override extendAll(adding: "append" | "add"): void {
		const from = this.fence;
		const target = this.stack[from - 1];
		this.#refuseGot(from - 1);
		const isOld = this.#isBehind() && this.marks.length <= this.#oldMarks;
		const count = countOf(target);
		this.#consume(from, from - 1, isOld, (place) => (adding === "add" ? undefined : item(count + place)));
		super.extendAll(adding);
	}

	protected override entries<Target extends Abstract>(target: Target, mark: number): Target {
		const into = this.stack[mark - 1] === target ? mark - 1 : mark;
		if (into < mark) this.#refuseGot(into);
		this.#consume(mark, into, this.#isOldMark, (place) =>
			place % 2 === 0 ? undefined : entryOf(this.stack[mark + place - 1]),
		);
		this.#isInEntries = true;
		const result = super.entries(target, mark);
		this.#isInEntries = false;
		return result;
	}

	/** Keys and values that changed places behind the bridge. */
	protected override setItem(target: Abstract, key: Abstract, value: Abstract): void {
		if (!this.#isInEntries) this.#refuseGot(this.stack.length - 1);
		if (!this.#isInEntries) this.#consumePopped(this.stack.length, (place) => (place === 0 ? undefined : entryOf(key)));
		if (this.pos >= this.#bridge.offset && target instanceof Mapping && target.count > 0) {
			const hasTexts = target.entries.size > 0;
			if (hasTexts !== key instanceof Text || key === null) this.#isMixed = true;
		}
		super.setItem(target, key, value);
	}

	/** Values that were popped become part of the topmost one. */
	#consumePopped(from: number, step: (place: number) => EncodeStep | undefined): void {
		const slot = this.#slot;
		if (slot === undefined || slot < from) return;
		const next = step(slot - from);
		if (next) this.#addStep(next, slot, from);
		this.#slot = from - 1;
		this.#doubtful = Math.min(this.#doubtful, from - 1);
		this.#isGap = false;
	}

	/** Whether the bridge touched what was taken from the stack's end. */
	get #isTaken(): boolean {
		const slot = this.#slot;
		if (slot === undefined) return false;
		return this.#isGap ? slot > this.stack.length : slot >= this.stack.length;
	}

	protected override named(module: string, name: string): GlobalName {
		const global = super.named(module, name);
		const { offset } = this.#bridge;
		const isNear = this.pos >= offset && this.pos < offset + this.#bridge.codes.length + NEAR;
		if (isNear && !isKnown(global, this.#before)) this.#isTouched = true;
		if (this.#isTaken) this.#isTouched = true;
		return global;
	}

	protected override made(callable: Abstract, args: Abstract): void {
		if (this.#isTaken && !isOfItems(callable, args)) this.#isTouched = true;
		if (this.pos >= this.#bridge.offset && args instanceof Sequence && args.kind !== "tuple") this.#isTouched = true;
		if (this.#isTaken) this.#slot = this.stack.length;
		super.made(callable, args);
	}

	protected override build(): "end" | undefined {
		const { length } = this.stack;
		const state = this.stack[length - 1];
		const made = this.stack[length - 2];
		const slot = this.#slot;
		if (slot !== undefined && slot >= length - 1) {
			const isPlain = state instanceof Mapping && !(made instanceof Made && needsState(made));
			if (!isPlain) this.#isTouched = true;
			this.#slot = length - 2;
			this.#isGap = false;
		}
		return super.build();
	}
}

function item(index: number): EncodeStep {
	return { kind: "item", index };
}

function entryOf(key: Abstract | undefined): EncodeStep {
	return { kind: "value", key: textOf(key) ?? intOf(key ?? null) ?? [] };
}

function countOf(value: Abstract | undefined): number {
	return value instanceof Sequence || value instanceof Mapping ? value.count : 0;
}

/** Whether a value may have been going to get items or a state. */
function mayGrow(value: Abstract): boolean {
	if (value instanceof Made) return value.state === undefined && !isStateless(value);
	if (value instanceof Mapping) return value.count % 1000 === 0;
	return value instanceof Sequence && value.kind !== "tuple" && value.count % 1000 === 0;
}

/** Sets and the like, which are made of a list that may be shorter. */
function isOfItems(callable: Abstract, args: Abstract): boolean {
	return (
		callable instanceof GlobalName &&
		/^((__builtin__|builtins)\.(set|frozenset)|collections\.(deque|OrderedDict))$/.test(callable.path) &&
		args instanceof Sequence &&
		args.count === 1 &&
		args.items[0] instanceof Sequence
	);
}

/** Whether a name stood before the damage, or one of its module did, or it is one that everyone knows. */
function isKnown({ module, at }: GlobalName, { findings }: Interpreter): boolean {
	const modules = new Set([...findings.globals.values()].map(({ global }) => global.module));
	const text = new Text({ form: "text", opcode: 0, at, offset: at, length: module.length, extent: 0 }, module, 0);
	return (moduleCost(text, modules) ?? 1) < 0.3 || isWellKnown(module);
}

function isWellKnown(module: string): boolean {
	return /^(__builtin__|builtins|__main__|collections|copy_?reg|datetime|decimal|fractions|uuid|_codecs|array)$/.test(
		module,
	);
}
