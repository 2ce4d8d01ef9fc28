import { inspect } from "node:util";
import { expect } from "vitest";
import { Printer } from "../../src/cli/print.ts";
import { decode, type EncodeOptions, encode, type PyValue } from "../../src/index.ts";
import { assemble, type Piece } from "./assemble.ts";

/** The pieces of a call of a class or function, of what these pieces leave on the stack. */
export function call(name: string, ...args: readonly Piece[]): Piece {
	const dot = name.lastIndexOf(".");
	return [`c${name.slice(0, dot)}\n${name.slice(dot + 1)}\n(`, args, "tR"];
}

/** What pieces of a pickle make. */
export function read(...pieces: readonly Piece[]): PyValue {
	return decode(assemble(...pieces, "."));
}

/** Bytes as an argument. */
export function bytes(...values: readonly number[]): Piece {
	return ["C", values.length, values];
}

/** Text as an argument. */
export function str(text: string): Piece {
	const encoded = new TextEncoder().encode(text);
	return ["X", [encoded.length & 255, encoded.length >> 8, 0, 0], encoded];
}

const everyProtocol: readonly EncodeOptions[] = ([0, 1, 2, 3, 4, 5] as const).map((protocol) => ({ protocol }));
const python2: readonly EncodeOptions[] = ([0, 1, 2] as const).map((protocol) => ({ protocol, python: 2 }));

/** Expects the value back from every protocol, for Python 3 and, unless it has no such thing, for Python 2. */
export function expectBack(value: PyValue, { inPython2 = true } = {}): void {
	for (const options of [...everyProtocol, ...(inPython2 ? python2 : [])]) {
		expect(decode(encode(value, options)), JSON.stringify(options)).toEqual(value);
	}
	if (!inPython2) {
		expect(() => encode(value, { python: 2 })).toThrow(expect.objectContaining({ code: "E_UNENCODABLE" }));
	}
}

/** As `picklet show` prints it, on one line if that has room. */
export function shown(value: PyValue): string {
	const limits = { width: 100, depth: 10, items: 20, entries: 20, values: 1000, full: false };
	return [...new Printer(limits).lines(value)].join("\n");
}

/** As Node prints it. */
export function inspected(value: PyValue): string {
	return inspect(value, { breakLength: 200 });
}

/** What a reducer refuses of a pickle. */
export function refused(reason: string): unknown {
	return expect.objectContaining({
		code: "E_REDUCER",
		offset: expect.any(Number),
		reason: expect.stringMatching(reason),
	});
}
