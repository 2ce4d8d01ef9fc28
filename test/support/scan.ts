import { instructionBytes } from "../../src/opcodes/input.ts";
import { type ArgumentKind, opcodeOf } from "../../src/opcodes/table.ts";

/** The names of the opcodes that a sound pickle uses. */
export function opcodesIn(pickle: Uint8Array): Set<string> {
	const data = Buffer.from(pickle.buffer, pickle.byteOffset, pickle.length);
	const names = new Set<string>();
	for (let at = 0; at < data.length && !names.has("STOP"); ) {
		const code = data[at++] as number;
		const { name, argument } = opcodeOf(code) ?? { name: "STOP", argument: "none" as const };
		names.add(name);
		at = argumentEnd(data, at, argument, (instructionBytes[code] as number) - 1);
	}
	return names;
}

/** `size`: bytes of the argument, or of the length that precedes it. */
function argumentEnd(data: Buffer, at: number, argument: ArgumentKind, size: number): number {
	if (argument.endsWith("line")) return data.indexOf(10, at) + 1;
	if (argument === "two lines") return data.indexOf(10, data.indexOf(10, at) + 1) + 1;
	const prefixed = /^(long|string|bytes|bytearray|text)/.test(argument);
	return at + size + (prefixed ? data.readUIntLE(at, Math.min(size, 6)) : 0);
}
