import { escapeControls } from "../../errors.ts";
import { type Limits, resolveLimits } from "../../limits.ts";
import {
	type ArrayHead,
	arrayHead,
	bytesNeeded,
	dataLength,
	dataOf,
	dtypeOf,
	isLatin1Call,
	shapeOf,
} from "./arrays.ts";
import { Findings } from "./findings.ts";
import { type Adding, isArray, isDict, takesItem, takesState } from "./holders.ts";
import { Memo } from "./memo.ts";
import { wrongBytes } from "./states.ts";
import { type Abstract, GlobalName, Made, Mapping, Opaque, Sequence, Text } from "./values.ts";

/** Why the stream cannot be read on. */
export interface Failure {
	readonly kind:
		| "end"
		| "opcode"
		| "stack"
		| "memo"
		| "number"
		| "text"
		| "name"
		| "protocol"
		| "length"
		| "type"
		| "limit";
	/** Of the opcode at fault; of the end, if the input ends between two. */
	readonly offset: number;
	readonly opcode: string | undefined;
	/** What is wrong, in words. */
	readonly reason: string;
	/** If the input ends inside a payload: where that begins and how long it is. */
	readonly payload?: { readonly offset: number; readonly length: number } | undefined;
	/** Where the instruction would have ended. */
	readonly needs?: number | undefined;
}

export const limits: Limits = resolveLimits();

/** Ends the interpretation where it failed. Never leaves the interpreter. */
export class Derailed extends Error {
	readonly failure: Failure;

	constructor(failure: Failure) {
		super(failure.reason);
		this.failure = failure;
	}
}

/** What a pickle that lies inside another keeps of the one around it. */
export interface Outer {
	readonly stack: Abstract[];
	readonly marks: number[];
	readonly memo: Memo;
}

export interface MachineOptions {
	/** Pickles of one Pickler, which refer to those before them. */
	readonly memo?: Memo;
	/** Where to count on. */
	readonly findings?: Findings;
}

/** The pickle machine over what is known of values: stack, marks, memo, and what its opcodes do to them. */
export abstract class Machine {
	/** Absolute offset of the instruction at work. */
	pos: number;
	/** Bytes of the whole input. */
	readonly size: number;
	readonly start: number;
	readonly findings: Findings;
	failure: Failure | undefined = undefined;
	/** What STOP gave. */
	result: Abstract | undefined = undefined;
	stack: Abstract[] = [];
	marks: number[] = [];
	memo: Memo;
	/** The pickles around the one at work. */
	readonly outer: Outer[] = [];

	constructor(start: number, size: number, { memo, findings }: MachineOptions) {
		this.pos = start;
		this.start = start;
		this.size = size;
		this.memo = memo ?? new Memo();
		this.findings = findings ?? new Findings();
	}

	/** The name of the opcode at work. */
	protected abstract opcodeName(): string | undefined;

	/** Goes past the bytes that joblib writes behind the BUILD of an array. */
	protected abstract rawArray(target: Made, state: Abstract): "end" | undefined;

	protected fail(kind: Failure["kind"], reason: string, more: Partial<Failure> = {}): Derailed {
		return new Derailed({ kind, offset: this.pos, opcode: this.opcodeName(), reason, ...more });
	}

	/** The array whose data are what comes next, by what lies on the stack. */
	dueArray(): ArrayHead | undefined {
		const { stack } = this;
		const last = stack[stack.length - 1];
		// Python 3 below protocol 3 writes bytes as `_codecs.encode(text, 'latin1')`.
		const isEncoded = last instanceof GlobalName && last.name === "encode";
		const end = isEncoded ? stack.length - 1 : stack.length;
		if (end < 3 || typeof stack[end - 1] === "object") return undefined;
		return arrayHead([stack[end - 3], stack[end - 2], stack[end - 1]]);
	}
	protected persistent(id?: Abstract): void {
		this.findings.foreign("persistentIds", this.pos, id);
		if (id instanceof Sequence) this.findings.storage(id.items);
		this.push(new Opaque("persistent"));
	}

	protected named(module: string, name: string): GlobalName {
		const global = new GlobalName(module, name, this.pos);
		if (module.endsWith("\r") || name.endsWith("\r")) this.findings.anomaly("cr", this.pos);
		else if (!/^[\p{L}_][\p{L}\p{N}_.]*$/u.test(module)) this.findings.anomaly("name", this.pos);
		this.findings.global(global);
		return global;
	}

	protected push(value: Abstract): void {
		if (this.stack.length >= limits.maxItems) throw this.fail("limit", "the stack holds more than limits.maxItems");
		this.stack.push(value);
	}

	/** Height below which the stack may not be read. */
	get fence(): number {
		return this.marks[this.marks.length - 1] ?? 0;
	}

	protected pop(): Abstract {
		this.require(1);
		return this.stack.pop() as Abstract;
	}

	protected top(): Abstract {
		this.require(1);
		return this.stack[this.stack.length - 1] as Abstract;
	}

	/** So many items on the stack. The pickle.py of Python 2 takes a mark for one as well. */
	protected require(count: number): void {
		const { stack, marks } = this;
		while (stack.length - count < this.fence && marks.length > 0) {
			stack.splice(this.popMark(), 0, new Opaque("mark"));
			this.findings.anomaly("mark", this.pos);
		}
		if (stack.length < count) throw this.fail("stack", "the stack has too few items for it");
	}

	protected popMark(): number {
		const mark = this.marks.pop();
		if (mark === undefined) throw this.fail("stack", "there is no MARK for it");
		return mark;
	}

	/** All items above the mark, as one sequence. */
	protected take(kind: Sequence["kind"]): Sequence {
		const sequence = new Sequence(kind);
		this.addAll(sequence, this.popMark());
		return sequence;
	}

	protected addAll(sequence: Sequence, mark: number): void {
		const { stack } = this;
		for (let i = mark; i < stack.length; i++) sequence.add(stack[i] as Abstract);
		stack.length = mark;
	}

	protected put(place: number | string): void {
		this.memo.set(place, this.top());
		if (typeof place === "number") this.findings.put(place, this.pos);
		if (this.memo.size > limits.maxItems) throw this.fail("limit", "the memo holds more than limits.maxItems");
	}

	protected get(place: number | string): void {
		this.findings.gets++;
		const value = this.memo.get(place);
		if (value === undefined) throw this.fail("memo", `the memo has no entry ${escapeControls(String(place))}`);
		if (value instanceof Opaque && value.what === "mark") this.marks.push(this.stack.length);
		else this.push(value);
	}

	protected tuple(count: number): void {
		const tuple = new Sequence("tuple");
		const { stack } = this;
		this.require(count);
		this.addAll(tuple, stack.length - count);
		stack.push(tuple);
	}

	protected stop(): "end" | undefined {
		const value = this.pop();
		const { findings, pos } = this;
		if (this.stack.length > 0 || this.marks.length > 0) findings.anomaly("leftover", pos);
		if (this.outer.length === 0) findings.endPickle(pos + 1);
		findings.depth = Math.max(findings.depth, typeof value === "object" && value !== null ? value.depth : 0);
		this.pos = pos + 1;
		const outer = this.outer.pop();
		if (outer === undefined) {
			this.result = value;
			return "end";
		}
		this.stack = outer.stack;
		this.marks = outer.marks;
		this.memo = outer.memo;
		return undefined;
	}

	/** An item for a list, or what has `append`. */
	protected extend(item: Abstract): void {
		const target = this.top();
		this.requireHolder(target, "append");
		if (target instanceof Sequence) target.add(item);
	}

	/** The items above the mark for what lies below it. */
	protected extendAll(adding: "append" | "add"): void {
		const { stack } = this;
		const mark = this.popMark();
		if (mark <= this.fence) throw this.fail("stack", "there is nothing to add the items to");
		const target = stack[mark - 1] as Abstract;
		if (mark < stack.length) this.requireHolder(target, adding);
		if (target instanceof Sequence) this.addAll(target, mark);
		else stack.length = mark;
	}

	/** The keys and values above the mark, for a dict or what takes items as one. */
	protected entries<Target extends Abstract>(target: Target, mark: number): Target {
		const { stack } = this;
		if ((stack.length - mark) % 2 !== 0) throw this.fail("stack", "an odd number of items for a dict");
		for (let i = mark; i < stack.length; i += 2) this.setItem(target, stack[i] as Abstract, stack[i + 1] as Abstract);
		stack.length = mark;
		return target;
	}

	protected setItem(target: Abstract, key: Abstract, value: Abstract): void {
		this.requireHolder(target, "set", key);
		const unhashable =
			key instanceof Mapping || (key instanceof Sequence && (key.kind === "list" || key.kind === "set"));
		if (unhashable && (target instanceof Mapping || isDict(target)))
			throw this.fail("type", "a list, set or dict as a key");
		if (target instanceof Mapping) target.set(key, value);
	}

	/** @throws Derailed for what takes no such items in any Python */
	protected requireHolder(target: Abstract, adding: Adding, key?: Abstract): void {
		if (!takesItem(target, adding, key)) throw this.fail("type", "items for what can have none such");
		this.findings.adding(target, this.pos);
	}

	protected made(callable: Abstract, args: Abstract): void {
		const isNumber = callable instanceof Opaque && (callable.what === "int" || callable.what === "float");
		const isData = callable instanceof Text || callable instanceof Sequence || callable instanceof Mapping;
		if (callable === null || typeof callable !== "object" || isNumber || isData) {
			throw this.fail("type", "a call of what is no class or function");
		}
		if (args === null || typeof args !== "object" || args instanceof Text || args instanceof Mapping) {
			throw this.fail("type", "a call whose arguments are no tuple");
		}
		const made = new Made(callable, args, this.pos);
		this.stack.push(made);
		this.findings.made(made);
		this.checkCall(made);
	}

	/** Arrays that come whole in one call: `_frombuffer(data, dtype, shape, order)`; and `scalar(dtype, data)`. */
	protected checkCall(made: Made): void {
		const [first, second, third] = made.arguments;
		if (isLatin1Call(made) && first instanceof Text && first.latin1Length === -1)
			throw this.fail("text", "text with characters that Latin-1 has not");
		const wrong = wrongBytes(made);
		if (wrong !== undefined) throw this.fail("type", wrong);
		if (/^numpy\._?core\.numeric\._frombuffer$/.test(made.path)) {
			if (made.arguments.length > 4) this.findings.axes = true;
			const dtype = dtypeOf(second);
			const shape = shapeOf(third);
			if (dtype && shape) this.array({ shape, dtype, fortran: false, needed: bytesNeeded(shape, dtype) }, first, made);
		}
		const scalar = /^numpy\._?core\.multiarray\.scalar$/.test(made.path) ? dtypeOf(first) : undefined;
		if (scalar === undefined || scalar.hasObject || scalar.kind === "T" || second === undefined) return;
		this.findings.checkScalar(made, scalar, second, this.pos);
	}

	protected build(): "end" | undefined {
		const state = this.pop();
		const target = this.top();
		if (!takesState(target, state)) throw this.fail("type", "state for what can have none");
		const isSecond = target instanceof Made && target.state !== undefined && !isSetTwice(target);
		if (isSecond || !(target instanceof Made || target instanceof Opaque)) this.findings.unlikely(this.pos);
		if (target instanceof Made) {
			target.state = state;
			this.findings.built(target);
			target.dtype = undefined;
			target.depth = Math.max(target.depth, typeof state === "object" && state !== null ? state.depth + 1 : 1);
			if (/(^|\.)_reconstruct$|_mareconstruct$/.test(target.path)) this.checkState(target, state);
			if (isJoblibArray(target.path)) return this.rawArray(target, state);
		}
		return undefined;
	}

	protected checkState(made: Made, state: Abstract): void {
		if (isArray(made) && !isArrayState(state)) throw this.fail("type", "state that is no array's");
		if (!(state instanceof Sequence)) return;
		const items = state.items.length === 2 && state.items[0] instanceof Sequence ? state.items[0].items : state.items;
		const version = items.length > 4 ? 1 : 0;
		const head = arrayHead(items.slice(version, version + 3));
		if (head === undefined) return;
		const data = items[version + 3];
		if (isArray(made) && !isArrayData(data, head)) throw this.fail("type", "state whose data are no array's");
		this.array(head, data, made, isArray(made) && data instanceof Text);
	}

	protected array(head: ArrayHead, data: Abstract | undefined, made: Made, isState = false): void {
		const inner = dataOf(data);
		const text = inner === "none" ? undefined : inner?.text;
		made.array = head;
		this.findings.array({ head, at: made.at, data: text, length: dataLength(data), end: this.pos }, isState);
	}
}

/** dill gives a partial that refers to itself its state a second time, and calls what it makes to get its class. */
function isSetTwice({ path }: Made): boolean {
	return path === "" || path === "functools.partial";
}

function isJoblibArray(path: string): boolean {
	return (
		path === "joblib.numpy_pickle.NumpyArrayWrapper" ||
		path === "sklearn.externals.joblib.numpy_pickle.NumpyArrayWrapper"
	);
}

/** `(version, shape, dtype, is_fortran, data)`, in the oldest files without the version. */
function isArrayState(state: Abstract): boolean {
	if (state instanceof Opaque) return state.what === "forgotten";
	return state instanceof Sequence && (state.count === 4 || state.count === 5);
}

/** Objects come as a list, all others as bytes, which some call may give. */
function isArrayData(data: Abstract | undefined, { dtype }: ArrayHead): boolean {
	if (dtype.hasObject) return !(data instanceof Text || data instanceof Mapping);
	return !(data instanceof Sequence || data instanceof Mapping);
}
