import * as op from "../../opcodes/table.ts";
import { arrayHead, dataLength, dtypeOf, shapeOf } from "../diagnosis/arrays.ts";
import type { Interpreter } from "../diagnosis/interpreter.ts";
import { type Abstract, GlobalName, Made, Opaque, Sequence, Text } from "../diagnosis/values.ts";
import { readAt, type SizedSource } from "../diagnosis/window.ts";
import { plural } from "../diagnosis/words.ts";
import type { CutArray } from "./cut-array.ts";
import { latin1 } from "./cut-data.ts";
import { isMasked, maskCodes, maskedHead, maskLoss, WITH_DATA, WITH_FILL, WITH_MASK } from "./masked.ts";
import { isPlausibleCall } from "./plausible.ts";
import type { Loss } from "./result.ts";
import { dictLike, isStateless, listLike, needsState } from "./siblings.ts";

/** How many arguments a call takes, of those whose number never varies. */
const fixedArity: readonly (readonly [RegExp, number])[] = [
	[/^_codecs\.encode$/, 2],
	[/^(__builtin__|builtins)\.complex$/, 2],
	[/^(__builtin__|builtins)\.x?range$/, 3],
	[/^datetime\.timedelta$/, 3],
	[/^decimal\.Decimal$/, 1],
	[/^array\._array_reconstructor$/, 4],
	[/^numpy\._?core\.multiarray\.scalar$/, 2],
	[/^numpy\._?core\.numeric\._frombuffer$/, 4],
];

/** What is all there but for the opcodes that make it: a call with its arguments, an object with its state. */
export async function finished(source: SizedSource, machine: Interpreter, cut: number): Promise<CutArray | undefined> {
	const finishing = new Finishing(machine);
	finishing.run();
	const { codes, stack, marks, loss } = finishing;
	if (openBuffer(finishing) >= 0) return bufferOf(source, machine, cut);
	if (codes.length === 0) return undefined;
	return {
		patches: [],
		end: { offset: cut, bytes: codes },
		stack,
		marks,
		...(loss && { loss: { ...loss, offset: cut } }),
	};
}

class Finishing {
	readonly codes: number[] = [];
	readonly stack: Abstract[];
	readonly marks: number[];
	/** Of a masked array without its mask. */
	loss: Loss | undefined = undefined;
	readonly #isStr: boolean;

	constructor({ stack, marks, findings }: Interpreter) {
		this.stack = [...stack];
		this.marks = [...marks];
		this.#isStr = findings.strs > 0;
	}

	/** What was finished may be the last part of what is around it. */
	run(): void {
		while (this.#call() || this.#state());
	}

	get #fence(): number {
		return this.marks[this.marks.length - 1] ?? 0;
	}

	#call(): boolean {
		const { stack } = this;
		const callee = stack[stack.length - 2];
		const args = stack[stack.length - 1];
		const isTuple = args instanceof Sequence && args.kind === "tuple";
		if (isTuple && callee instanceof GlobalName && stack.length - 2 >= this.#fence && takesTuple(callee, args)) {
			this.#reduce(callee, args, stack.length - 2);
			return true;
		}
		return this.#looseCall();
	}

	/** The arguments without their tuple: above a mark, or up to three of them without one. */
	#looseCall(): boolean {
		const { stack, marks } = this;
		const fence = this.#fence;
		for (let count = 1; count <= 4; count++) {
			const at = stack.length - count - 1;
			const callee = stack[at];
			if (!(callee instanceof GlobalName)) continue;
			const hasMark = marks.length > 0 && at === fence - 1;
			if (!hasMark && (at < fence || count > 3)) continue;
			const added = missingArgument(callee, stack.slice(at + 1));
			if (added === undefined) continue;
			if (added !== "") this.#push(added);
			const args = tupleOf(stack.slice(at + 1));
			if (hasMark) marks.pop();
			this.codes.push(hasMark ? op.TUPLE : op.TUPLE1 + args.count - 1);
			this.#reduce(callee, args, at);
			return true;
		}
		return false;
	}

	#push(text: string): void {
		const place = { form: "text", opcode: op.UNICODE, at: 0, offset: 0, length: text.length, extent: 0 } as const;
		this.codes.push(...latin1(`V${text}\n`));
		this.stack.push(new Text(place, text, text.length));
	}

	#reduce(callee: GlobalName, args: Sequence, at: number): void {
		this.codes.push(op.REDUCE);
		this.stack.length = at;
		this.stack.push(new Made(callee, args, 0));
	}

	#state(): boolean {
		const { stack, marks } = this;
		const fence = this.#fence;
		const top = stack[stack.length - 1];
		const below = stack[stack.length - 2];
		if (stack.length - 2 >= fence && top instanceof Sequence && top.kind === "tuple" && isDue(below)) {
			if (!isWholeState(below, top.items)) return false;
			return this.#build(below, top, []);
		}
		const made = stack[fence - 1];
		const parts = stack.slice(fence);
		if (marks.length > 0 && isDue(made) && isMasked(made)) return this.#masked(made, parts);
		if (marks.length === 0 || !isDue(made) || !isArray(made) || !isWholeState(made, parts)) return false;
		marks.pop();
		const state = tupleOf(parts);
		stack.length = fence;
		stack.push(state);
		return this.#build(made, state, [op.TUPLE]);
	}

	/** A masked array that lacks its fill value, or also its mask. */
	#masked(made: Made, parts: readonly Abstract[]): boolean {
		const { stack, marks } = this;
		const head = maskedHead(parts);
		if (head === undefined || parts.length < WITH_DATA) return false;
		const before: number[] = [];
		if (parts.length === WITH_DATA) {
			const elements = head.shape.reduce((all, length) => all * length, 1);
			const mask = dataLength(parts[WITH_DATA - 1] ?? null) === head.needed && maskCodes(elements, 0, this.#isStr);
			if (!mask) return false;
			for (const byte of mask) before.push(byte);
			this.loss = maskLoss(head, 0, elements, 0);
		}
		const [fill, ...more] = parts.slice(WITH_MASK);
		if (fill === undefined || more.length > 0 || fill instanceof GlobalName || isDue(fill)) {
			for (let i = WITH_MASK; i < parts.length; i++) before.push(op.POP);
			before.push(op.NONE);
		}
		marks.pop();
		stack.length -= parts.length;
		const state = tupleOf(parts.slice(0, WITH_MASK));
		stack.push(state);
		return this.#build(made, state, [...before, op.TUPLE]);
	}

	#build(made: Made, state: Sequence, before: readonly number[]): true {
		for (const code of before) this.codes.push(code);
		this.codes.push(op.BUILD);
		this.stack.pop();
		made.state = state;
		return true;
	}
}

/** Whether a tuple behind a name is what it is called with, and what comes of that needs no more. */
function takesTuple(callee: GlobalName, args: Sequence): boolean {
	const arity = arityOf(callee);
	if (arity !== undefined && arity !== args.count) return false;
	const made = new Made(callee, args, 0);
	if (!isPlausibleCall(made)) return false;
	return arity !== undefined || isStateless(made) || dictLike.test(made.path) || listLike.test(made.path);
}

function tupleOf(items: readonly Abstract[]): Sequence {
	const tuple = new Sequence("tuple");
	for (const item of items) tuple.add(item);
	return tuple;
}

function arityOf({ path }: GlobalName): number | undefined {
	return fixedArity.find(([name]) => name.test(path))?.[1];
}

/** The last argument, if it is all that a call lacks and can be told; "" if nothing lacks, undefined if something does. */
function missingArgument(callee: GlobalName, args: readonly Abstract[]): string | undefined {
	const arity = arityOf(callee);
	if (arity === args.length) {
		const isWhole = isPlausibleCall(new Made(callee, tupleOf(args), 0)) && (!isBuffer(callee) || isBufferWhole(args));
		return isWhole ? "" : undefined;
	}
	if (arity !== args.length + 1) return undefined;
	// Picklers write bytes as Latin-1, and no array of one axis has another order.
	if (callee.name === "encode") return args[0] instanceof Text && args[0].form === "text" ? "latin1" : undefined;
	return isBuffer(callee) && isBufferWhole(args) && shapeOf(args[2])?.length === 1 ? "C" : undefined;
}

function isBuffer({ path }: GlobalName): boolean {
	return /^numpy\._?core\.numeric\._frombuffer$/.test(path);
}

function isBufferWhole([data, dtype, shape]: readonly Abstract[]): boolean {
	return (
		data instanceof Text && dtypeOf(dtype) !== undefined && shape instanceof Sequence && shapeOf(shape) !== undefined
	);
}

function isDue(value: Abstract | undefined): value is Made {
	return value instanceof Made && value.state === undefined && needsState(value);
}

function isArray({ path }: Made): boolean {
	return /(^|\.)_reconstruct$/.test(path);
}

/** Whether the parts of a state are all there. Of an array, they have its data to their end. */
function isWholeState(made: Made, parts: readonly Abstract[]): boolean {
	if (isMasked(made)) return parts.length === WITH_FILL;
	if (!isArray(made)) return /(^|\.)dtype$/.test(made.path) && parts.length >= 5;
	if (parts.length !== 4 && parts.length !== 5) return false;
	const head = arrayHead(parts.slice(0, -1));
	const data = parts[parts.length - 1];
	if (head === undefined) return false;
	if (head.dtype.hasObject) {
		const elements = head.shape.reduce((all, length) => all * length, 1);
		return data instanceof Sequence && data.kind === "list" && data.count === elements;
	}
	if (!(data instanceof Text || data instanceof Made || data instanceof Opaque)) return false;
	const length = dataLength(data);
	return length === undefined || head.needed === undefined || length === head.needed;
}

/** Marks in each other that are looked through for a `_frombuffer`. */
const MAX_INNER = 8;

/** The mark behind which a `_frombuffer` has its data; -1 if there is none. */
function openBuffer({ stack, marks }: Pick<Interpreter, "stack" | "marks">): number {
	const isOpen = (mark: number) => {
		const callee = stack[mark - 1];
		return callee instanceof GlobalName && isBuffer(callee) && stack[mark] instanceof Text;
	};
	const inner = marks.slice(-MAX_INNER);
	const level = inner.findIndex(isOpen);
	return level < 0 ? level : marks.length - inner.length + level;
}

/** The data of `_frombuffer` of which dtype or shape are not there: they stay as bytes. */
async function bufferOf(
	source: SizedSource,
	{ stack, marks }: Interpreter,
	cut: number,
): Promise<CutArray | undefined> {
	const level = openBuffer({ stack, marks });
	const from = marks[level];
	const data = from === undefined ? undefined : stack[from];
	if (from === undefined || !(data instanceof Text)) return undefined;
	const [mark] = await readAt(source, data.at - 1, 1);
	if (mark !== op.MARK) return undefined;
	const inner = marks.slice(level + 1);
	const above = (inner[0] ?? stack.length) - from - 1;
	const codes = [...inner.map(() => op.POP_MARK), ...new Array<number>(above).fill(op.POP)];
	const form = data.form === "bytearray" ? "bytearray" : "bytes";
	const what = `An array's dtype and shape, which were to follow its data, are not there: ${plural(data.length ?? 0, "byte")} stand as a ${form} in its place.`;
	const why = "The bytes of an array whose dtype and shape are not there stand for it.";
	return {
		patches: [{ offset: data.at - 1, removed: 1, bytes: Uint8Array.of(op.POP), why }],
		end: { offset: cut, bytes: codes },
		stack: [...stack.slice(0, from - 1), data],
		marks: marks.slice(0, level),
		loss: { offset: cut, what },
	};
}
