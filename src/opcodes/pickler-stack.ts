import { PickleError } from "../errors.ts";
import { KeyedEntries } from "../values/entries.ts";
import { Emitter } from "./emitter.ts";
import { Identities } from "./identities.ts";
import { type EncodeStep, encodePath } from "./path.ts";
import {
	CALL,
	ENTRIES,
	EXACT,
	FLAT,
	FROZENSET,
	ITERATED,
	LIST,
	MEMBERS,
	Pending,
	PROPERTIES,
	stepOf,
	strideOf,
	TUPLE,
} from "./pending.ts";
import * as op from "./table.ts";

/** Entries that Python puts into one APPENDS, SETITEMS or ADDITEMS. */
const BATCH = 1000;
/** Levels at which it is first looked whether a value goes on for ever; again at each doubling. */
const SUSPICIOUS_DEPTH = 1 << 14;
/** Unfinished values whose memory is kept for the next pickle. */
const KEPT = 1 << 10;

/** How often a value may lie in itself by way of containers that are written once. */
const MAX_OPEN = 1000;

/**
 * The values that are not finished, on a stack of their own, so that nothing recurses; and how containers go on, in batches.
 * Knows which values have a number in the memo.
 */
export abstract class PicklerStack extends Emitter {
	readonly #pending: Pending[] = [];
	#depth = 0;
	#suspicious = SUSPICIOUS_DEPTH;
	/** Containers numbered so far that have their number before their items. */
	protected opened = 0;
	protected readonly places: Identities<unknown> = new Identities<unknown>();

	/** Writes a value, or begins to. Returns true if something was put on the stack, or pieces are to be taken. */
	protected abstract save(value: unknown): boolean;
	/** Likewise a key of a dict. */
	protected abstract saveKey(key: unknown): boolean;
	/** Goes on with a call. */
	protected abstract resumeCall(pending: Pending): void;
	/** @throws PickleError for an object that Python would not take as a key */
	protected abstract checkHashable(key: object): void;

	protected startStack(): void {
		this.#depth = 0;
		this.#suspicious = SUSPICIOUS_DEPTH;
		this.opened = 0;
	}

	/** Lets go of all values. */
	protected releaseStack(): void {
		this.places.clear();
		if (this.#pending.length > KEPT) this.#pending.length = 0;
		for (const pending of this.#pending) pending.release();
	}

	/** Goes on with what lies on the stack, to the end. Returns false if pieces are to be taken first. */
	protected resumeAll(): boolean {
		while (this.#depth > 0) {
			if (this.paused) return false;
			this.#resume(this.#pending[this.#depth - 1] as Pending);
		}
		return true;
	}

	protected get depth(): number {
		return this.#depth;
	}

	/** Takes their numbers from the unfinished containers above `depth`, up to the next call, but for those `kept`. */
	protected forgetAbove(depth: number, kept: ReadonlySet<unknown>): void {
		for (let i = depth + 1; i < this.#depth; i++) {
			const { kind, value } = this.#pending[i] as Pending;
			if (kind === CALL) return;
			if (!kept.has(value)) this.places.delete(value);
		}
	}

	protected push(kind: number, value: unknown, items: readonly unknown[]): Pending {
		if (this.#depth >= this.#suspicious) this.#suspect();
		let pending = this.#pending[this.#depth];
		if (pending === undefined) {
			pending = new Pending();
			this.#pending.push(pending);
		}
		this.#depth++;
		pending.kind = kind;
		pending.value = value;
		pending.items = items;
		pending.values = undefined;
		pending.length = kind === PROPERTIES ? items.length * 2 : items.length;
		pending.index = 0;
		pending.closing = 0;
		pending.opened = this.opened;
		return pending;
	}

	protected pushBatches(
		kind: number,
		value: unknown,
		items: readonly unknown[],
		style: number,
		values?: readonly unknown[],
	): void {
		const pending = this.push(kind, value, items);
		pending.style = style;
		pending.values = values;
		this.#openBatch(pending);
	}

	protected pop(): void {
		this.#depth--;
	}

	/** A value without number that lies in itself, with no numbered container between, or with new ones each time, has no end. */
	#suspect(): void {
		this.#suspicious *= 2;
		const { depth } = this.emitterOptions.limits;
		if (this.#depth >= depth) throw new PickleError("E_TOO_LARGE", `a value of more than ${depth} levels`);
		const begun = new Map<unknown, number>();
		const times = new Map<unknown, number>();
		for (let i = 0; i < this.#depth; i++) {
			const { value, opened } = this.#pending[i] as Pending;
			if (value === null) continue;
			const count = (times.get(value) ?? 0) + 1;
			if (begun.get(value) === opened || count > MAX_OPEN)
				throw this.refuse("a tuple or call that is a part of itself");
			begun.set(value, opened);
			times.set(value, count);
		}
	}

	#resume(pending: Pending): void {
		switch (pending.kind) {
			case LIST:
			case MEMBERS:
				this.#resumeItems(pending);
				return;
			case TUPLE:
				this.#resumeTuple(pending);
				return;
			case ENTRIES:
				this.#resumeEntries(pending);
				return;
			case PROPERTIES:
				this.#resumeProperties(pending);
				return;
			case FROZENSET:
				this.#resumeFrozenset(pending);
				return;
			case CALL:
				this.resumeCall(pending);
				return;
			case FLAT:
				this.#resumeFlat(pending);
				return;
			default:
				this.op(op.BINPERSID);
				this.pop();
		}
	}

	/** Begins the next batch: its MARK, its end, and the opcode that ends it. */
	#openBatch(pending: Pending): void {
		const { index, kind, style } = pending;
		const stride = strideOf(kind);
		const left = pending.length - index;
		const single = this.protocol === 0 || (left === stride && (style === ITERATED || index === 0) && kind !== MEMBERS);
		pending.batchEnd = single ? index + stride : index + Math.min(left, BATCH * stride);
		if (kind === MEMBERS) pending.closing = op.ADDITEMS;
		else if (kind === LIST) pending.closing = single ? op.APPEND : op.APPENDS;
		else pending.closing = single ? op.SETITEM : op.SETITEMS;
		if (!single) this.op(op.MARK);
	}

	/** Ends a batch. Returns true if there is another one. */
	#closeBatch(pending: Pending): boolean {
		this.op(pending.closing);
		const { kind, index } = pending;
		if (kind === LIST) pending.length = pending.items.length;
		if (index < pending.length) {
			this.#openBatch(pending);
			return true;
		}
		const isFull = index % (BATCH * strideOf(kind)) === 0;
		if (isFull && kind !== LIST && pending.style === EXACT && this.protocol > 0) {
			this.op(op.MARK);
			this.op(pending.closing);
		}
		this.pop();
		return false;
	}

	/** A list, or the members of a set. A list may shrink or grow meanwhile, by the caller's getters. */
	#resumeItems(pending: Pending): void {
		const { items, kind } = pending;
		do {
			while (pending.index < pending.batchEnd && pending.index < items.length) {
				const item = items[pending.index++];
				if (kind === MEMBERS && typeof item === "object" && item !== null) this.checkHashable(item);
				if (this.save(item)) return;
			}
			if (pending.closing === op.APPEND && pending.index < pending.batchEnd) throw this.#changed();
		} while (this.#closeBatch(pending));
		if (kind === MEMBERS) this.#checkUnchanged(pending);
	}

	#resumeTuple(pending: Pending): void {
		const { items, length } = pending;
		while (pending.index < length) if (this.save(items[pending.index++])) return;
		if (pending.opened !== this.opened && this.#backToMemo(pending)) return;
		this.op(this.tupleOf(length));
		this.places.set(pending.value, this.put());
		this.pop();
	}

	/** The opcode that makes a tuple of so many items. Other lengths than 1 to 3 need a MARK before the items. */
	protected tupleOf(length: number): number {
		return this.protocol >= 2 && length <= 3 ? op.TUPLE1 + length - 1 : op.TUPLE;
	}

	#resumeFlat(pending: Pending): void {
		const { items, length } = pending;
		while (pending.index < length) if (this.save(items[pending.index++])) return;
		this.pop();
	}

	/** What turned out to be a part of itself has been written by now: its parts are dropped, and it is taken from the memo. */
	#backToMemo({ value, kind, length }: Pending): boolean {
		const place = this.places.get(value);
		if (place === undefined) return false;
		if (kind === TUPLE && this.tupleOf(length) !== op.TUPLE) for (let i = 0; i < length; i++) this.op(op.POP);
		else if (this.protocol > 0) this.op(op.POP_MARK);
		else for (let i = 0; i <= length; i++) this.op(op.POP);
		this.get(place);
		this.pop();
		return true;
	}

	#resumeEntries(pending: Pending): void {
		const { items } = pending;
		do {
			while (pending.index < pending.batchEnd) {
				const { index } = pending;
				pending.index = index + 1;
				if ((index & 1) === 0 ? this.saveKey(items[index]) : this.save(items[index])) return;
			}
		} while (this.#closeBatch(pending));
		this.#checkUnchanged(pending);
	}

	/** The caller's getters may have changed a dict or set: then entries were written that it does not have. */
	#checkUnchanged({ value, length, kind }: Pending): void {
		if (!(value instanceof KeyedEntries || value instanceof Map || value instanceof Set)) return;
		if (value.size * strideOf(kind) !== length) throw this.#changed();
	}

	#changed(): PickleError {
		return this.refuse("a value that is changed while it is encoded");
	}

	/** A plain object, whose getters are asked as their turn comes; or a dict whose keys lie apart from its values. */
	#resumeProperties(pending: Pending): void {
		const { items, values } = pending;
		const record = pending.value as Record<string, unknown>;
		do {
			while (pending.index < pending.batchEnd) {
				const { index } = pending;
				const key = items[index >> 1] as string;
				pending.index = index + 1;
				if ((index & 1) === 0 ? this.saveKey(key) : this.save(values ? values[index >> 1] : record[key])) return;
			}
		} while (this.#closeBatch(pending));
		if (values !== undefined) this.#checkUnchanged(pending);
	}

	#resumeFrozenset(pending: Pending): void {
		const { items, length } = pending;
		while (pending.index < length) {
			const item = items[pending.index++];
			if (typeof item === "object" && item !== null) this.checkHashable(item);
			if (this.save(item)) return;
		}
		if (pending.opened !== this.opened && this.#backToMemo(pending)) return;
		this.op(op.FROZENSET);
		this.places.set(pending.value, this.put());
		this.pop();
	}

	protected path(): string {
		const steps: EncodeStep[] = [];
		for (let i = 0; i < this.#depth; i++) {
			const pending = this.#pending[i] as Pending;
			const step = stepOf(pending);
			// Nor do they go through the tuple of its arguments.
			if (pending.kind === CALL && pending.hidden) i++;
			else if (step !== undefined) steps.push(step);
		}
		return encodePath(steps);
	}
}
