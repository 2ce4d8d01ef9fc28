import { isPickleError } from "../../errors.ts";
import * as op from "../../opcodes/table.ts";
import { readAt, type SizedSource } from "../diagnosis/window.ts";
import { isSpan, type Span, Window, walk } from "../walk.ts";
import type { Patch } from "./patched.ts";

/** Bytes behind the call that makes an array in which its shape is sought. */
const SOUGHT = 4096;

/** A length of an axis, where it is written. */
interface Axis {
	readonly offset: number;
	readonly code: number;
	readonly length: number;
}

const ints: readonly number[] = [op.BININT1, op.BININT2, op.BININT, op.LONG1, op.INT, op.LONG];

/** The instructions from `at` on, as far as a shape is sought. */
async function spansBehind(source: SizedSource, at: number): Promise<Iterable<Span>> {
	return spansOf(await readAt(source, at, Math.min(SOUGHT, source.size - at)));
}

/** Where the lengths of an array's axes are written, behind the call at `at` that makes it; undefined if they are not ints in a tuple. */
export async function axesAt(
	source: SizedSource,
	at: number,
	dimensions: number,
): Promise<readonly Axis[] | undefined> {
	let axes: Axis[] = [];
	let isState = false;
	for (const { opcode, offset, end } of await spansBehind(source, at)) {
		const { code } = opcode;
		if (code === op.MARK) {
			if (isState) axes = [];
			isState = true;
		} else if (isState && ints.includes(code)) axes.push({ offset: at + offset, code, length: end - offset });
		else if (code === op.TUPLE1 || code === op.TUPLE2 || code === op.TUPLE3) {
			const found = axes.slice(-(code - op.TUPLE1 + 1));
			return isState && found.length === dimensions ? found : undefined;
		} else if (code === op.TUPLE) return isState && axes.length === dimensions ? axes : undefined;
		else if (isState) return undefined;
	}
	return undefined;
}

/** Where the lengths are written in the state that joblib gives an array behind the call at `at`: the first tuple of so many ints. */
export async function axesInState(
	source: SizedSource,
	at: number,
	dimensions: number,
): Promise<readonly Axis[] | undefined> {
	let axes: Axis[] = [];
	for (const { opcode, offset, end } of await spansBehind(source, at)) {
		const { code } = opcode;
		const isTuple = code === op.TUPLE || (code >= op.TUPLE1 && code <= op.TUPLE3);
		if (isTuple && axes.length === dimensions) return axes;
		if (ints.includes(code)) axes.push({ offset: at + offset, code, length: end - offset });
		else axes = [];
	}
	return undefined;
}

/** The instructions of bytes as far as they are whole. */
function* spansOf(bytes: Uint8Array): Generator<Span> {
	try {
		for (const step of walk(Window.over(bytes), 0)) if (isSpan(step)) yield step;
	} catch (error) {
		if (!isPickleError(error)) throw error;
	}
}

/** The ints of a new shape in place of the old ones, each in the bytes that it had if they hold it. */
export function shapePatches(axes: readonly Axis[], shape: readonly number[]): Patch[] {
	return axes.map((axis, place) => ({
		offset: axis.offset,
		removed: axis.length,
		bytes: intOf(shape[place] ?? 0, axis),
	}));
}

function intOf(value: number, { code, length }: Axis): Uint8Array {
	if (code === op.INT || code === op.LONG) return Uint8Array.from(`I${value}\n`, (char) => char.charCodeAt(0));
	const isLong = code === op.LONG1;
	const width = isLong ? length - 2 : length - 1;
	const signBits = isLong || code === op.BININT ? 1 : 0;
	if (value >= 2 ** (8 * width - signBits)) return Uint8Array.of(op.LONG1, 7, ...littleEndian(value, 7));
	const head = isLong ? [code, width] : [code];
	return Uint8Array.of(...head, ...littleEndian(value, width));
}

/** A number in so many bytes. */
export function littleEndian(value: number, width: number): number[] {
	return Array.from({ length: width }, (_, place) => Math.floor(value / 256 ** place) % 256);
}
