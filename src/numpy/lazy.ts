import { type ByteSource, eachOf, type FillOptions, fillFrom } from "../bytes/source.ts";
import { compositeParts } from "../values/equality.ts";
import { allocateBuffer, viewOf } from "../values/large.ts";
import { PyLazyBytes, type ReadOptions } from "../values/lazy.ts";
import type { PyGlobal } from "../values/objects.ts";
import { type DType, shapeText } from "./dtype.ts";
import { typedMemory } from "./memory.ts";
import { type AxisSlice, NDArray } from "./ndarray.ts";
import { axisIndex, cStrides, fStrides, product, resolveSlice } from "./shapes.ts";

/** Parts that are nearer to each other are read in one. */
const GAP = 2 ** 15;
/** So many readings are under way at a time: what is read waits for a disk or a server. */
const READERS = 4;
/** Parts of which one reading is at most so long. */
const SPAN = 2 ** 22;

/**
 * numpy's array whose items lie in the file yet. What is asked for is read from there, and nothing else; `writePickle` copies it
 * piece by piece.
 */
export class LazyNDArray {
	/** Bundlers rename classes; a field of this name would make `instanceof` slow, 1.06x on W10. */
	static get name(): string {
		return "LazyNDArray";
	}
	readonly dtype: DType;
	readonly shape: readonly number[];
	/** Whether the items lie in C order (last axis fastest) or in Fortran order. */
	readonly order: "C" | "F";
	/** The class, if the pickle names another one than numpy.ndarray: `numpy.matrix`. */
	readonly subclass: PyGlobal | undefined;
	/** Its items as they lie in the file, in the dtype's byte order. */
	readonly bytes: PyLazyBytes;

	constructor(bytes: PyLazyBytes, dtype: DType, shape: readonly number[], order: "C" | "F", subclass?: PyGlobal) {
		this.bytes = new PyLazyBytes(bytes.source, bytes.offset, bytes.byteLength, "bytes");
		this.dtype = dtype;
		this.shape = shape;
		this.order = order;
		this.subclass = subclass;
	}

	get ndim(): number {
		return this.shape.length;
	}

	/** How many items it has. */
	get size(): number {
		return product(this.shape);
	}

	/**
	 * Reads the whole array.
	 * @throws PickleError E_SOURCE, also after the file was closed; E_TOO_LARGE
	 */
	async read(options: ReadOptions = {}): Promise<NDArray> {
		const { dtype, shape, order } = this;
		const data = typedMemory(await this.bytes.readBytes(options), dtype, () => {});
		return this.#ofClass(new NDArray(data, dtype, shape, stridesOf(shape, order)));
	}

	#ofClass(array: NDArray): NDArray {
		(array as { -readonly [Key in keyof NDArray]: NDArray[Key] }).subclass = this.subclass;
		return array;
	}

	/**
	 * Reads the rows `from` to `to` along the first axis, as Python's `array[from:to]` does.
	 * @throws PickleError as `read`
	 * @throws TypeError if it has no axes
	 */
	async readRows(from: number, to: number, options: ReadOptions = {}): Promise<NDArray> {
		return this.#readParts([[from, to]], options);
	}

	/**
	 * Reads a part, as `NDArray.slice` takes it: `readSlice([0, 10], 3)` is Python's `array[0:10, 3]`. Options may follow the slices.
	 * @throws PickleError as `read`
	 * @throws TypeError as `NDArray.slice`
	 */
	async readSlice(...parts: readonly AxisSlice[] | readonly [...AxisSlice[], ReadOptions]): Promise<NDArray> {
		const last = parts.at(-1);
		if (!isOptions(last)) return this.#readParts(parts as readonly AxisSlice[], {});
		return this.#readParts(parts.slice(0, -1) as AxisSlice[], last);
	}

	async #readParts(parts: readonly AxisSlice[], { signal, onProgress }: ReadOptions): Promise<NDArray> {
		const { dtype, shape, order, bytes } = this;
		if (parts.length > shape.length) throw new TypeError(`${parts.length} slices for ${shape.length} axes`);
		const axes = shape.map((length, axis) => ascending(parts[axis] ?? [], length));
		const counts = axes.map(({ count }) => count);
		const total = product(counts) * dtype.itemsize;
		const buffer = allocateBuffer(total, "read smaller parts");
		let done = 0;
		const onRead = (count: number) => {
			done += count;
			onProgress?.(done, total);
		};
		const strides = stridesOf(shape, order);
		const fastestFirst = axes
			.map((axis, i) => ({ ...axis, length: shape[i] as number, stride: (strides[i] as number) * dtype.itemsize }))
			.sort((one, other) => one.stride - other.stride);
		if (total > 0) await readRuns(bytes, runsOf(fastestFirst, dtype.itemsize), buffer, { signal, onRead });
		await bytes.source.check?.();
		const data = typedMemory(viewOf(buffer, 0, total), dtype, () => {});
		const read = new NDArray(data, dtype, counts, stridesOf(counts, order));
		const slices = axes.map(({ dropped, backwards }) => (dropped ? 0 : backwards ? REVERSED : null));
		return this.#ofClass(slices.every((slice) => slice === null) ? read : read.slice(...slices));
	}

	toString(): string {
		return `LazyNDArray(shape=${shapeText(this.shape)}, dtype=${this.dtype.name})`;
	}

	[Symbol.for("nodejs.util.inspect.custom")](): string {
		return this.toString();
	}

	/** Arrays cannot be dict keys. */
	[compositeParts](): undefined {
		return undefined;
	}
}

function isOptions(part: AxisSlice | ReadOptions | undefined): part is ReadOptions {
	return typeof part === "object" && part !== null && !Array.isArray(part);
}

function stridesOf(shape: readonly number[], order: "C" | "F"): readonly number[] {
	return order === "F" ? fStrides(shape) : cStrides(shape);
}

const REVERSED: AxisSlice = [null, null, -1];

/** What is taken of an axis, from its beginning to its end. */
interface AxisPart {
	readonly start: number;
	readonly step: number;
	readonly count: number;
	/** Whether one index was picked, and whether they were to come in reverse. */
	readonly dropped: boolean;
	readonly backwards: boolean;
}

function ascending(part: AxisSlice, length: number): AxisPart {
	if (typeof part === "number")
		return { start: axisIndex(part, length), step: 1, count: 1, dropped: true, backwards: false };
	const { start, step, count } = resolveSlice(part ?? [], length);
	if (step > 0 || count === 0) return { start, step, count, dropped: false, backwards: false };
	return { start: start + (count - 1) * step, step: -step, count, dropped: false, backwards: true };
}

interface PlacedAxis extends AxisPart {
	readonly length: number;
	/** Bytes between neighbours. */
	readonly stride: number;
}

/** What is to be read: parts of `length` bytes, one after another by where they begin. */
interface Runs {
	readonly length: number;
	readonly starts: Iterable<number>;
}

/** The parts without gaps that make up a part of an array, whose fastest axis comes first. */
function runsOf(axes: readonly PlacedAxis[], itemsize: number): Runs {
	let first = 0;
	let length = itemsize;
	let inner = 0;
	for (; inner < axes.length; inner++) {
		const { start, step, count, length: all, stride } = axes[inner] as PlacedAxis;
		if (step !== 1 && count > 1) break;
		first += start * stride;
		length *= count;
		if (count !== all) {
			inner++;
			break;
		}
	}
	return { length, starts: starts(axes.slice(inner), first) };
}

function* starts(axes: readonly PlacedAxis[], first: number): Generator<number> {
	let at = axes.reduce((sum, { start, stride }) => sum + start * stride, first);
	const index = new Array<number>(axes.length).fill(0);
	for (;;) {
		yield at;
		let axis = 0;
		for (; axis < axes.length; axis++) {
			const { step, count, stride } = axes[axis] as PlacedAxis;
			at += step * stride;
			if (++(index[axis] as number) < count) break;
			at -= step * stride * count;
			index[axis] = 0;
		}
		if (axis === axes.length) return;
	}
}

/** Parts that are read in one go, and where in the result the first of them goes. */
interface Group {
	readonly starts: readonly number[];
	readonly filled: number;
}

function* groupsOf({ length, starts }: Runs): Generator<Group, void> {
	let group: number[] = [];
	let filled = 0;
	for (const start of starts) {
		const first = group[0] ?? start;
		const isNear = start - (group.at(-1) ?? start) - length <= GAP && start + length - first <= SPAN;
		if (group.length > 0 && !isNear) {
			yield { starts: group, filled };
			filled += group.length * length;
			group = [];
		}
		group.push(start);
	}
	yield { starts: group, filled };
}

/** Reads parts one behind the other into a buffer; those that lie near each other in one go. */
async function readRuns(bytes: PyLazyBytes, runs: Runs, buffer: ArrayBuffer, options: FillOptions): Promise<void> {
	await eachOf(groupsOf(runs), READERS, ({ starts, filled }) =>
		readGroup(bytes, starts, runs.length, buffer, filled, options),
	);
}

/** A view of a part costs more than to copy so many bytes one by one. */
const SHORT_PART = 64;

/** Copies parts of so many bytes, which begin where the first of the span does, one behind the other. */
function copyParts(span: Uint8Array, starts: readonly number[], length: number, target: Uint8Array): void {
	const first = starts[0] as number;
	for (let i = 0, to = 0; i < starts.length; i++) {
		const from = (starts[i] as number) - first;
		if (length > SHORT_PART) {
			target.set(span.subarray(from, from + length), to);
			to += length;
		} else for (let byte = 0; byte < length; byte++) target[to++] = span[from + byte] as number;
	}
}

async function readGroup(
	{ source, offset }: { readonly source: ByteSource; readonly offset: number },
	group: readonly number[],
	length: number,
	buffer: ArrayBuffer,
	filled: number,
	options: FillOptions,
): Promise<void> {
	const first = group[0] as number;
	if (group.length === 1) {
		await fillFrom(source, offset + first, { buffer, start: filled, length }, options);
		return;
	}
	const span = new Uint8Array((group.at(-1) as number) + length - first);
	const part = { buffer: span.buffer, start: 0, length: span.length };
	await fillFrom(source, offset + first, part, { signal: options.signal });
	const target = new Uint8Array(buffer, filled, group.length * length);
	copyParts(span, group, length, target);
	options.onRead?.(target.length);
}
