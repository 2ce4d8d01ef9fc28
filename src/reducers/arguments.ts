import { isLong } from "../bytes/int64.ts";
import { PickleError } from "../errors.ts";
import { PyDict } from "../values/dict.ts";
import { PyLazyBytes } from "../values/lazy.ts";
import { PyRange } from "../values/scalars.ts";
import { PyFrozenSet, PySet } from "../values/set.ts";
import type { PyValue } from "../values/value.ts";
import type { CreateCall, DecodeContext } from "./reducer.ts";

/** An error about arguments or state; the machine adds the place. */
export function refuse(reason: string): PickleError {
	return new PickleError("E_REDUCER", reason);
}

/** The positional arguments, of which there are to be `least` to `most`, and no others. */
export function positional(
	{ args, kwargs }: Pick<CreateCall, "args" | "kwargs">,
	name: string,
	least: number,
	most: number,
): readonly PyValue[] {
	if (kwargs !== undefined && kwargs.size > 0) throw refuse(`${name} takes no keyword arguments here`);
	if (args.length >= least && args.length <= most) return args;
	throw refuse(`${name} takes ${least === most ? least : `${least} to ${most}`} arguments, not ${args.length}`);
}

/** An int as number or bigint, whatever `integers` made of it. Booleans count, as in Python. */
export function integer(value: PyValue | undefined): number | bigint {
	if (typeof value === "boolean") return Number(value);
	if (typeof value === "bigint" || Number.isSafeInteger(value)) return value as number | bigint;
	if (isLong(value)) return safeInteger(value.toBigInt());
	throw refuse("an argument is to be an int");
}

/** An int within bounds, as a number. */
export function smallInteger(value: PyValue | undefined, least: number, most: number): number {
	const found = integer(value);
	if (found >= least && found <= most) return Number(found);
	throw refuse(`an int is to be ${least} to ${most}, not ${String(found).slice(0, 40)}`);
}

/** The text of an argument. */
export function text(value: PyValue | undefined, context: DecodeContext): string {
	const found = value === undefined ? undefined : context.text(value);
	if (found === undefined) throw refuse("an argument is to be a str");
	return found;
}

/** A bigint as a number if that is safe. */
export function safeInteger(value: bigint): number | bigint {
	const number = Number(value);
	return Number.isSafeInteger(number) ? number : value;
}

/** Whether nothing that lies in its file yet is an argument itself: what a container holds may stay there. */
export function isNested(read: readonly PyValue[]): boolean {
	return !read.some((argument) => argument instanceof PyLazyBytes);
}

/**
 * What iterating over the value gives in Python. The work is counted before anything is copied: a range can be a short text
 * for a long list.
 */
export function itemsOf(value: PyValue, context: DecodeContext): PyValue[] {
	if (Array.isArray(value) || value instanceof Uint8Array) {
		context.charge(value.length);
		return Array.from(value as ArrayLike<PyValue>);
	}
	if (value instanceof PyDict || value instanceof PySet || value instanceof PyFrozenSet) {
		context.charge(value.size);
		return [...value.keys()];
	}
	if (typeof value === "string") {
		context.charge(value.length);
		return [...value];
	}
	if (value instanceof PyRange) return rangeItems(value, context);
	throw refuse("an argument is to be something to iterate over");
}

function rangeItems({ start, step, length }: PyRange, context: DecodeContext): PyValue[] {
	context.charge(Number(length));
	return Array.from({ length: Number(length) }, (_, i) => safeInteger(BigInt(start) + BigInt(i) * BigInt(step)));
}
