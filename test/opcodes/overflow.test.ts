import { describe, expect, test } from "vitest";
import { EncodeSession, picklerOf } from "../../src/codec/encode.ts";
import { type EncodeOptions, resolveEncodeOptions } from "../../src/codec/encode-options.ts";
import { decode, isPickleError, type NDArray, PyByteArray, standardReducers } from "../../src/index.ts";
import { payloadLimits } from "../../src/opcodes/lengths.ts";
import { pythons, runScript } from "../oracles/pythons.ts";

/** The limits made small, so that a payload of some hundred bytes is too large. */
const limits = { ...payloadLimits, signed: 300, unsigned: 600, wide: 300, piece: 100 };

function small(options: EncodeOptions) {
	return picklerOf(new EncodeSession({ ...resolveEncodeOptions(options, standardReducers), limits }));
}

const bytes = Uint8Array.from({ length: 601 }, (_, i) => i % 128);
const text = String.fromCharCode(...bytes);

const kinds: Readonly<Record<string, unknown>> = {
	str: text,
	bytes,
	bytearray: new PyByteArray(bytes),
	ndarray: new Int8Array(bytes),
};

// The words of each writer, to the letter.
const STRUCT = "struct.error: 'i' format requires -2147483648 <= number <= 2147483647";
const BYTES = "OverflowError: serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher";
const TEXT = "OverflowError: serializing a string larger than 4 GiB requires pickle protocol 4 or higher";
const PROMOTE = 'overflow: "promote" writes protocol 4';
const SPLIT = `${PROMOTE}; overflow: "split" writes pieces that Python 2 joins`;
const HIGHER = `${PROMOTE}; so does protocol: 4`;

/** What Python says, the limit and the ways out; none of them where the payload is written. */
interface Row {
	readonly python: 2 | 3;
	readonly protocol: 0 | 1 | 2 | 3 | 4 | 5;
	readonly kind: string;
	readonly words?: string;
	readonly limit?: number;
	readonly ways?: string;
}

const rows: readonly Row[] = [
	...Object.keys(kinds).flatMap((kind) => [
		{ python: 2, protocol: 0, kind } as const,
		{ python: 3, protocol: 0, kind } as const,
		{ python: 3, protocol: 1, kind, words: TEXT, limit: 600, ways: HIGHER } as const,
		{ python: 3, protocol: 2, kind, words: TEXT, limit: 600, ways: HIGHER } as const,
		{ python: 3, protocol: 4, kind } as const,
		{ python: 3, protocol: 5, kind } as const,
	]),
	...([1, 2] as const).flatMap((protocol) => [
		{ python: 2, protocol, kind: "str", words: STRUCT, limit: 300, ways: PROMOTE } as const,
		{ python: 2, protocol, kind: "bytes", words: STRUCT, limit: 300, ways: SPLIT } as const,
		{ python: 2, protocol, kind: "bytearray", words: STRUCT, limit: 300, ways: PROMOTE } as const,
		{ python: 2, protocol, kind: "ndarray", words: STRUCT, limit: 300, ways: SPLIT } as const,
	]),
	{ python: 3, protocol: 3, kind: "str", words: TEXT, limit: 600, ways: HIGHER },
	{ python: 3, protocol: 3, kind: "bytes", words: BYTES, limit: 600, ways: HIGHER },
	{ python: 3, protocol: 3, kind: "bytearray", words: BYTES, limit: 600, ways: HIGHER },
	{ python: 3, protocol: 3, kind: "ndarray", words: BYTES, limit: 600, ways: HIGHER },
];

/** What of a value is compared: the bytes or text that it holds. */
function content(value: unknown): unknown {
	if (typeof value === "string") return value;
	const { data } = value as NDArray;
	return [...(data === undefined ? (value as Uint8Array) : (data as Int8Array))];
}

describe("a payload of 601 bytes where there is room for fewer", () => {
	test.each(rows)("python $python, protocol $protocol, $kind", ({ python, protocol, kind, words, limit, ways }) => {
		const { encode, encodeChunks } = small({ python, protocol });
		const value = { users: [kinds[kind]] };
		if (words === undefined) {
			const [found] = (decode(encode(value), { encoding: "bytes" }) as unknown as Map<string, unknown[]>).get(
				"users",
			) as unknown[];
			expect(content(found)).toEqual(content(kinds[kind]));
			return;
		}
		const path = kind === "ndarray" ? "$.users[0].state[4]" : "$.users[0]";
		const holder = `protocol ${protocol}${python === 2 ? " of Python 2" : ""}`;
		const message = `${path} has 601 bytes, and ${holder} holds at most ${limit}: ${words}; ${ways}`;
		for (const write of [() => encode(value), () => [...encodeChunks(value)]]) {
			expect(write).toThrow(expect.objectContaining({ code: "E_OVERFLOW", path, message }));
		}
	});
});

describe('overflow: "promote"', () => {
	test.each(rows)(
		"python $python, protocol $protocol, $kind: protocol 4 where it overflows, else as asked",
		({ python, protocol, kind, words }) => {
			const options = { python, protocol, overflow: "promote" } as const;
			const value = ["small", kinds[kind]];
			const written = small(options).encode(value);
			const expected = words === undefined ? small({ python, protocol }) : small({ python: 3, protocol: 4 });
			expect(written).toEqual(expected.encode(value));
			const pieces = [...small(options).encodeChunks(value)];
			expect(new Uint8Array(Buffer.concat(pieces))).toEqual(written);
		},
	);

	test("pieces come when it is known that no payload overflows: until then nothing of the pickle is given out", () => {
		const asked: number[] = [];
		const value = Array.from({ length: 5 }, (_, i) => ({
			get part() {
				asked.push(i);
				return "x".repeat(i < 4 ? 10 : 700);
			},
		}));
		const first = small({ protocol: 2, overflow: "promote" }).encodeChunks(value).next();
		// All values are read for protocol 2, then again for protocol 4.
		expect(asked).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
		expect((first.value as Uint8Array)[1]).toBe(4);
	});

	test("other errors are not promoted", () => {
		const write = () => small({ protocol: 2, overflow: "promote" }).encode([text, () => 1]);
		expect(write).toThrow(expect.objectContaining({ code: "E_UNENCODABLE" }));
		expect(isPickleError(write, "E_OVERFLOW")).toBe(false);
	});
});

describe('overflow: "split"', () => {
	const values = [bytes, bytes.subarray(0, 301), bytes.subarray(0, 300), new Int8Array(bytes), [bytes, bytes]];
	const split = ([1, 2] as const).flatMap((protocol) =>
		values.map((value) => small({ python: 2, protocol, overflow: "split" }).encode(value)),
	);
	const hex = (value: Uint8Array) => Buffer.from(value).toString("hex");
	const expected = [
		hex(bytes),
		hex(bytes.subarray(0, 301)),
		hex(bytes.subarray(0, 300)),
		["|i1", [601], hex(bytes)],
		[hex(bytes), hex(bytes)],
	];

	test("a payload is one value in several places", () => {
		const pickle = Buffer.from(split[9] as Uint8Array).toString("latin1");
		expect(pickle.split("join").length - 1).toBe(1);
	});

	test("leaves what no piece helps an error that does not advise it", () => {
		const write = () => small({ python: 2, overflow: "split" }).encode(new PyByteArray(bytes));
		expect(write).toThrow(expect.objectContaining({ code: "E_OVERFLOW" }));
		expect(write).not.toThrow("split");
	});

	test.each(pythons())("is read back by $name, Python $version", async (python) => {
		const pickles = split.map((pickle) => Buffer.from(pickle).toString("base64"));
		const found = (await runScript(python, "overflow.py", { pickles, encoding: "latin1" })) as unknown[];
		// Python 3 reads the str of Python 2 as text.
		const plain = JSON.parse(JSON.stringify(found).replaceAll("text ", ""));
		expect(plain).toEqual([...expected, ...expected]);
	});
});
