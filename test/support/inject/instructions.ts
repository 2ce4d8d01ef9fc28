import { opcodeOf } from "../../../src/opcodes/table.ts";

/** Where an instruction of a whole pickle begins and ends, and its payload if it has one. */
export interface Span {
	readonly code: number;
	readonly at: number;
	readonly end: number;
	readonly payload: number;
}

const widths: Readonly<Record<string, number>> = {
	none: 0,
	uint1: 1,
	uint2: 2,
	int4: 4,
	uint4: 4,
	uint8: 8,
	float8: 8,
};

/** The instructions of pickles that are whole: a reading of its own, so that the tests do not trust what they test. */
export function spansOf(bytes: Uint8Array): Span[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const spans: Span[] = [];
	for (let at = 0; at < bytes.length; ) {
		const code = bytes[at] as number;
		const argument = opcodeOf(code)?.argument ?? "none";
		const width = widths[argument];
		const [payload, end] =
			width !== undefined
				? [at + 1, at + 1 + width]
				: argument === "two lines"
					? [at + 1, bytes.indexOf(10, bytes.indexOf(10, at) + 1) + 1]
					: argument.endsWith("line")
						? [at + 1, bytes.indexOf(10, at) + 1]
						: counted(view, argument, at);
		spans.push({ code, at, end, payload });
		at = end;
	}
	return spans;
}

function counted(view: DataView, argument: string, at: number): [number, number] {
	const width = Number(argument.replace(/\D/g, ""));
	const length = width === 1 ? view.getUint8(at + 1) : view.getUint32(at + 1, true);
	return [at + 1 + width, at + 1 + width + length];
}

export function concat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
	return Uint8Array.from(parts.flatMap((part) => [...part]));
}
