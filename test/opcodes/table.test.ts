import { expect, test } from "vitest";
import * as table from "../../src/opcodes/table.ts";

const { opcodeOf, opcodes } = table;

test("there are 68 opcodes, each with a code and a name of its own", () => {
	expect(opcodes).toHaveLength(68);
	expect(new Set(opcodes.map(({ code }) => code)).size).toBe(68);
	expect(new Set(opcodes.map(({ name }) => name)).size).toBe(68);
});

test("they are in the order of their codes, which printable ones have up to protocol 1", () => {
	const codes = opcodes.map(({ code }) => code);
	expect(codes).toEqual([...codes].sort((a, b) => a - b));
	for (const { code, protocol } of opcodes) {
		if (code < 0x80) expect(protocol === 3 ? "BC" : String.fromCharCode(code)).toContain(String.fromCharCode(code));
		else expect(protocol).toBeGreaterThanOrEqual(2);
	}
});

test("each has a constant of its name", () => {
	const constants = Object.entries(table).filter(([, value]) => typeof value === "number");
	expect(Object.fromEntries(constants)).toEqual(Object.fromEntries(opcodes.map(({ name, code }) => [name, code])));
});

test.each([
	[0, 22],
	[1, 19],
	[2, 12],
	[3, 2],
	[4, 10],
	[5, 3],
])("protocol %i brought %i of them", (protocol, count) => {
	expect(opcodes.filter((opcode) => opcode.protocol === protocol)).toHaveLength(count);
});

test("a row is found by its code, and of other codes there is none", () => {
	for (const opcode of opcodes) expect(opcodeOf(opcode.code)).toBe(opcode);
	const known = new Set(opcodes.map(({ code }) => code));
	for (let code = -1; code <= 256; code++) if (!known.has(code)) expect(opcodeOf(code)).toBeUndefined();
});
