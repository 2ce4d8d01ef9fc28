import { pathText } from "../codec/parts.ts";
import type { PlainValue } from "../codec/plain.ts";
import { PickleError } from "../errors.ts";

/** About how many characters are gathered before they are written. */
const PIECE = 1 << 16;

/** A container at work. */
interface Frame {
	readonly values: readonly PlainValue[];
	readonly keys: readonly string[] | undefined;
	next: number;
}

/**
 * JSON text in pieces, for values of any size and depth: no piece is longer than its longest string. NaN and the
 * infinities are null, as JSON.stringify has it, unless `exact`. Characters that could steer a terminal are escaped.
 *
 * @throws PickleError E_PLAIN, with the path, for NaN and the infinities if `exact`
 */
export function* jsonPieces(root: PlainValue, exact = false): Generator<string> {
	let text = "";
	const stack: Frame[] = [];
	const write = (value: PlainValue): string => {
		if (exact && typeof value === "number" && !Number.isFinite(value)) throw notFinite(value, stack);
		if (typeof value !== "object" || value === null) return scalarJson(value);
		stack.push(frameOf(value));
		return Array.isArray(value) ? "[" : "{";
	};
	text += write(root);
	for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
		const { keys, values, next } = frame;
		if (next === values.length) {
			text += keys ? "}" : "]";
			stack.pop();
			continue;
		}
		if (next > 0) text += ",";
		if (keys) text += `${textJson(keys[next] as string)}:`;
		text += write(values[next] as PlainValue);
		frame.next++;
		if (text.length >= PIECE) {
			yield text;
			text = "";
		}
	}
	yield text;
}

function notFinite(value: number, stack: readonly Frame[]): PickleError {
	const path = pathText(stack.map((frame) => stepOf(frame, frame === stack.at(-1))));
	const name = Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
	return new PickleError("E_PLAIN", `JSON has no ${name}, which is at ${path}; picklet show --json writes null`, {
		path,
	});
}

/** The step to the value that is written now: only the last container has not counted it yet. */
function stepOf({ keys, next }: Frame, isLast: boolean): string | number {
	const index = isLast ? next : next - 1;
	return keys?.[index] ?? index;
}

function frameOf(value: PlainValue[] | { [key: string]: PlainValue }): Frame {
	if (Array.isArray(value)) return { values: value, keys: undefined, next: 0 };
	return { values: Object.values(value), keys: Object.keys(value), next: 0 };
}

function scalarJson(value: null | boolean | number | bigint | string): string {
	if (typeof value === "string") return textJson(value);
	return typeof value === "number" && !Number.isFinite(value) ? "null" : String(value);
}

function textJson(text: string): string {
	return JSON.stringify(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/gu, (char) => {
		let escaped = "";
		for (let i = 0; i < char.length; i++) escaped += `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`;
		return escaped;
	});
}
