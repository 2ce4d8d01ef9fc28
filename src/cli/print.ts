import { type PathStep, pathText } from "../codec/parts.ts";
import { LazyNDArray } from "../numpy/lazy.ts";
import { NDArray } from "../numpy/ndarray.ts";
import type { PyValue } from "../values/value.ts";
import { arrayLines, type ShownArray } from "./arrays.ts";
import { type Child, foldedText, hasInside, type Node, nodeOf } from "./nodes.ts";
import { ArrayPreview } from "./preview.ts";
import { more, shownCount, wordOf } from "./words.ts";

/** How much of a value is printed. */
export interface PrintLimits {
	/** Columns that a line may have where that is possible. */
	readonly width: number;
	/** Levels of containers whose insides are shown. */
	readonly depth: number;
	/** Items of one container. */
	readonly items: number;
	/** Entries of one dict, attributes of one object. */
	readonly entries: number;
	/** Values in all. */
	readonly values: number;
	/** Whether single texts, bytes and arrays are shown whole. */
	readonly full: boolean;
}

/** Where a value lies: the steps to it, the last first. */
interface Place {
	readonly parent: Place | undefined;
	readonly step: PathStep;
}

/** A container whose children stand on lines of their own. */
interface Frame {
	readonly node: Node;
	readonly value: object;
	readonly children: Iterator<Child>;
	readonly place: Place | undefined;
	count: number;
	/** Short children that are to share a line. */
	line: string;
}

const STEP = "  ";
/** Deeper levels are indented no further: a million of them would take a terabyte. */
const MAX_INDENT = 30;
/** Arrays of which a part is read to be shown. */
const MAX_PREVIEWS = 50;
/** A Map holds 2^24 entries. */
const MAX_SHOWN = 2 ** 24 - 1;

/**
 * Writes a value as Python would, line by line: containers that fit on a line stand on one, others are indented. A container that was
 * shown before, or that the value lies in, is referred to by its path; so the output never grows beyond what the limits and the
 * file's own size allow. Nothing recurses but along a line's characters.
 */
export class Printer {
	readonly #limits: PrintLimits;
	readonly #stack: Frame[] = [];
	/** The containers that the value at work lies in. */
	readonly #open = new Map<object, Place | undefined>();
	/** The containers that took lines of their own. */
	readonly #shown = new Map<object, Place | undefined>();
	/** What is shown in place of arrays that lie in their file yet. */
	readonly #previews: ReadonlyMap<object, ArrayPreview>;
	/** Those that were met without a preview, up to a bound. */
	readonly unread = new Set<LazyNDArray>();
	#left: number;

	constructor(limits: PrintLimits, previews: ReadonlyMap<object, ArrayPreview> = new Map()) {
		this.#limits = limits;
		this.#previews = previews;
		this.#left = limits.values;
	}

	#previewed(value: PyValue): PyValue {
		if (!(value instanceof LazyNDArray)) return value;
		const preview = this.#previews.get(value);
		if (preview === undefined && this.unread.size < MAX_PREVIEWS) this.unread.add(value);
		return preview ?? value;
	}

	/** Whether nothing more will be shown. */
	get exhausted(): boolean {
		return this.#left <= 0;
	}

	/** The lines of the next value. Paths start anew with it. */
	*lines(root: PyValue): Generator<string> {
		this.#open.clear();
		this.#shown.clear();
		yield* this.#begin({ label: "", value: this.#previewed(root), step: 0 }, undefined, "");
		for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
			const isFull = frame.count >= this.#breadth(frame.node) || this.exhausted;
			const next = isFull ? undefined : frame.children.next();
			if (next === undefined || next.done) yield* this.#end(frame);
			else yield* this.#child(frame, next.value);
		}
	}

	*#child(frame: Frame, { label, value, step }: Child): Generator<string> {
		const child = { label, value: this.#previewed(value), step };
		frame.count++;
		const place = { parent: frame.place, step: child.step };
		if (child.label === "" && !isLarge(child.value)) {
			this.#left--;
			yield* this.#pack(frame, `${wordOf(child.value, this.#limits.full)},`);
			return;
		}
		yield* this.#flush(frame);
		yield* this.#begin(child, place, ",");
	}

	/** Puts a word on the line that short children share; gives that line if it was full. */
	*#pack(frame: Frame, word: string): Generator<string> {
		if (frame.line !== "" && frame.line.length + 1 + word.length > this.#room()) yield* this.#flush(frame);
		frame.line += frame.line === "" ? word : ` ${word}`;
	}

	*#flush(frame: Frame): Generator<string> {
		if (frame.line !== "") yield this.#indent() + frame.line;
		frame.line = "";
	}

	/** Writes a value whole if it takes one line or is an array; else its first line, and puts its frame on the stack. */
	*#begin({ label, value }: Child, place: Place | undefined, comma: string): Generator<string> {
		const before = this.#indent() + label;
		const inline = this.#inline(value, place, this.#limits.depth - this.#stack.length, this.#room() - label.length);
		if (inline !== undefined) yield before + inline + comma;
		else if (hasInside(value)) yield* this.#enter(value, place, before);
		else yield* this.#array(value as unknown as ShownArray, place, before, comma);
	}

	*#enter(value: object, place: Place | undefined, before: string): Generator<string> {
		const node = nodeOf(value);
		this.#left--;
		this.#note(value, place);
		this.#open.set(value, place);
		yield before + node.open.trimEnd();
		this.#stack.push({ node, value, children: node.children[Symbol.iterator](), place, count: 0, line: "" });
	}

	*#end(frame: Frame): Generator<string> {
		const { node, count, value } = frame;
		if (count < node.total) yield* this.#pack(frame, more(node.total - count));
		yield* this.#flush(frame);
		this.#stack.pop();
		this.#open.delete(value);
		yield this.#indent() + node.close.replace(/^,/, "") + (this.#stack.length > 0 ? "," : "");
	}

	*#array(array: ShownArray, place: Place | undefined, before: string, comma: string): Generator<string> {
		this.#left--;
		this.#note(array, place);
		const hanging = this.#indent();
		let line: string | undefined;
		for (const next of arrayLines(array, { room: this.#room(), full: this.#limits.full })) {
			if (line !== undefined) yield line;
			line = (line === undefined ? before : hanging) + next;
		}
		yield line + comma;
	}

	#note(value: object, place: Place | undefined): void {
		if (this.#shown.size < MAX_SHOWN) this.#shown.set(value, place);
	}

	#indent(): string {
		return STEP.repeat(Math.min(this.#stack.length, MAX_INDENT));
	}

	/** Characters that are left for a line, but for a comma. */
	#room(): number {
		return Math.max(20, this.#limits.width - 1 - STEP.length * Math.min(this.#stack.length, MAX_INDENT));
	}

	/** The value on one line, if it has room there. */
	#inline(value: PyValue, place: Place | undefined, depth: number, room: number): string | undefined {
		if (!isLarge(value)) {
			this.#left--;
			return wordOf(value, this.#limits.full);
		}
		const reference = this.#reference(value);
		if (reference !== undefined) return reference;
		if (!hasInside(value)) return this.#inlineArray(value as ShownArray, room);
		const node = nodeOf(value);
		if (node.total === 0) return node.empty ?? node.open + node.close;
		if (depth <= 0) return foldedText(node);
		const leftBefore = this.#left;
		this.#open.set(value, place);
		const text = this.#inlineChildren(node, place, depth, room);
		this.#open.delete(value);
		if (text === undefined) this.#left = leftBefore;
		return text;
	}

	#breadth({ isKeyed, total }: Node): number {
		return shownCount(total, isKeyed ? this.#limits.entries : this.#limits.items);
	}

	#inlineChildren(node: Node, place: Place | undefined, depth: number, room: number): string | undefined {
		const { open, close, children, total } = node;
		let text = open;
		let count = 0;
		this.#left--;
		for (const child of children) {
			if (count > 0) text += ", ";
			if (count === this.#breadth(node) || (this.exhausted && count > 0)) {
				text += more(total - count);
				break;
			}
			count++;
			text += child.label;
			const childRoom = room - text.length - close.length;
			if (childRoom <= 0 || lengthOf(child.value) > childRoom) return undefined;
			const inner = this.#inline(
				this.#previewed(child.value),
				{ parent: place, step: child.step },
				depth - 1,
				childRoom,
			);
			if (inner === undefined) return undefined;
			text += inner;
			if (text.length + close.length > room) return undefined;
		}
		return text + close;
	}

	#inlineArray(array: ShownArray, room: number): string | undefined {
		const lines = arrayLines(array, { room, full: this.#limits.full });
		const first = lines.next().value as string;
		return first.length <= room && lines.next().done ? first : undefined;
	}

	/** What stands for a container that lies in itself or was shown before. */
	#reference(value: object): string | undefined {
		if (this.#open.has(value)) return `<cycle: ${placeText(this.#open.get(value))}>`;
		return this.#shown.has(value) ? `<same as ${placeText(this.#shown.get(value))}>` : undefined;
	}
}

/** Whether a value may take more than a word. */
function isLarge(value: PyValue): value is object {
	return value instanceof NDArray || value instanceof ArrayPreview || hasInside(value);
}

/** Characters that a text or bytes take at least. */
function lengthOf(value: PyValue): number {
	return typeof value === "string" || value instanceof Uint8Array ? value.length : 0;
}

function placeText(place: Place | undefined): string {
	const steps: PathStep[] = [];
	for (let at = place; at !== undefined; at = at.parent) steps.push(at.step);
	return pathText(steps.reverse());
}
