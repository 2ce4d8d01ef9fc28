import { describe, expect, test, vi } from "vitest";
import { encode } from "../../src/index.ts";
import { repair } from "../../src/inspect/repair/repair.ts";
import { readAll } from "../support/readAll.ts";
import { pythons, runScript } from "./pythons.ts";

const { SIGNED, PIECE } = vi.hoisted(() => ({ SIGNED: 100_000, PIECE: 40_000 }));

/** As if a str of Python 2 held no more: the sizes of the real limits are for test/large. */
vi.mock("../../src/opcodes/lengths.ts", async (original) => {
	const real = await original<typeof import("../../src/opcodes/lengths.ts")>();
	return { ...real, payloadLimits: { ...real.payloadLimits, signed: SIGNED, piece: PIECE } };
});

const floats = Float64Array.from({ length: 30_000 }, (_, i) => i / 3);
const bytes = Uint8Array.from({ length: 3 * PIECE }, (_, i) => i);
const short = Uint8Array.from({ length: SIGNED }, (_, i) => 255 - i);
const hex = (data: ArrayBufferView) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex");

/** An array's pickle of Python 2 whose data have a length that the int did not hold, as BINSTRING or, mended, as BINBYTES. */
function wrapped(opcode: string): Uint8Array {
	const data = Buffer.from(floats.buffer);
	const length = Buffer.alloc(4);
	length.writeUInt32LE(data.length);
	const whole = Buffer.from(encode(floats.subarray(0, 1), { python: 2, protocol: 2 }));
	const payload = whole.indexOf("U\x08");
	const head = whole.subarray(0, payload).toString("latin1").replace("K\x01K\x01\x85", "K\x01M\x30\x75\x85");
	return Buffer.concat([Buffer.from(head + opcode, "latin1"), length, data, whole.subarray(payload + 10)]);
}

/** numpy 1.6 takes no dtype that Python 3 wrote, whose codes are unicode. */
const ofPython2 = /protocol 2|^bytes/;

const python2 = pythons().filter(({ version }) => version.startsWith("2.7"));

describe("what is longer than a str of Python 2 is joined of pieces that Python 2 reads", () => {
	const cases: readonly (readonly [string, Uint8Array, number, unknown])[] = [
		["an array", encode(floats, { protocol: 4 }), 1, ["<f8", [30_000], hex(floats)]],
		["an array at protocol 2 with BINBYTES", wrapped("B"), 1, ["<f8", [30_000], hex(floats)]],
		["bytes", encode(bytes, { protocol: 3 }), 1, hex(bytes)],
		["bytes that are just short enough", encode(short, { protocol: 3 }), 0, hex(short)],
		["two of them", encode([bytes, floats], { protocol: 4 }), 2, [hex(bytes), ["<f8", [30_000], hex(floats)]]],
	];
	test.each(python2)("$name", async (python) => {
		const pickles: string[] = [];
		const readable = cases.filter(([name]) => !python.packages["numpy"]?.startsWith("1.6.") || ofPython2.test(name));
		for (const [name, data, split] of readable) {
			const { outcome, result, edits } = await repair(data, undefined, { for: "python 2.7" });
			expect([name, outcome]).toEqual([name, "repaired"]);
			expect(edits.at(-1)?.why.includes("joined of pieces")).toBe(split > 0);
			pickles.push((await readAll(result)).toString("base64"));
		}
		expect(await runScript(python, "overflow.py", { pickles })).toEqual(readable.map(([, , , expected]) => expected));
	});
});
