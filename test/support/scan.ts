import { type ArgumentKind, opcodeOf } from "../../src/opcodes/table.ts";

/** Bytes of an argument, or of the length that precedes it. */
const sizes: Partial<Record<ArgumentKind, number>> = {
	uint1: 1,
	uint2: 2,
	int4: 4,
	uint4: 4,
	uint8: 8,
	float8: 8,
	long1: 1,
	long4: 4,
	string1: 1,
	string4: 4,
	bytes1: 1,
	bytes4: 4,
	bytes8: 8,
	bytearray8: 8,
	text1: 1,
	text4: 4,
	text8: 8,
};

/** The names of the opcodes that a sound pickle uses. */
export function opcodesIn(pickle: Uint8Array): Set<string> {
	const data = Buffer.from(pickle.buffer, pickle.byteOffset, pickle.length);
	const names = new Set<string>();
	for (let at = 0; at < data.length && !names.has("STOP"); ) {
		const { name, argument } = opcodeOf(data[at++] as number) ?? { name: "STOP", argument: "none" as const };
		names.add(name);
		at = argumentEnd(data, at, argument);
	}
	return names;
}

function argumentEnd(data: Buffer, at: number, argument: ArgumentKind): number {
	if (argument.endsWith("line")) return data.indexOf(10, at) + 1;
	if (argument === "two lines") return data.indexOf(10, data.indexOf(10, at) + 1) + 1;
	const size = sizes[argument] ?? 0;
	const prefixed = /^(long|string|bytes|bytearray|text)/.test(argument);
	return at + size + (prefixed ? data.readUIntLE(at, Math.min(size, 6)) : 0);
}
