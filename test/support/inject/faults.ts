import type { FaultCode } from "../../../src/inspect/diagnosis/diagnosis.ts";
import { opcodeOf } from "../../../src/opcodes/table.ts";
import type { Random } from "../random.ts";
import { concat, type Span, spansOf } from "./instructions.ts";
import { transports } from "./transports.ts";

/** Damage that is put into whole files. */
export interface Injection {
	readonly name: string;
	/** What diagnosis is to name first. */
	readonly code: FaultCode;
	/** Bytes with it, in parts where a number is a run of so many zeros; undefined where it can have no place. */
	inject(bytes: Uint8Array, random: Random, protocol: number): readonly (Uint8Array | number)[] | undefined;
	/** Whether all bytes have it, so that a file has it in one way only. */
	readonly whole?: true;
	/** The damaged pickle that the text is of. */
	within?(bytes: Uint8Array): Uint8Array;
}

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const arrayHead = (count: number) =>
	latin1(
		`cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I${count}\ntcnumpy\ndtype\n(S'f8'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\n`,
	);

/** A place between two instructions, behind PROTO and where no frame is. */
function between(bytes: Uint8Array, random: Random): number {
	const spans = spansOf(bytes).filter(({ code }) => code !== 0x80);
	return random.pick(spans).at;
}

function uint4(value: number): Uint8Array {
	return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
}

/** Bytes of an array put between two instructions, and taken off the stack again, by its shape and its length field. */
function withArray(bytes: Uint8Array, random: Random, count: number, field: Uint8Array, payload: Uint8Array | number) {
	const at = between(bytes, random);
	const end = Uint8Array.of(0x74, 0x62, 0x30);
	return [bytes.subarray(0, at), arrayHead(count), field, payload, end, bytes.subarray(at)];
}

function textMode(bytes: Uint8Array): Uint8Array {
	return concat(...[...bytes].map((byte) => (byte === 10 ? [13, 10] : [byte])));
}

function asUtf8(bytes: Uint8Array, charset?: string): Uint8Array {
	const text = charset === undefined ? String.fromCharCode(...bytes) : new TextDecoder(charset).decode(bytes);
	return new TextEncoder().encode(text);
}

export const injections: readonly Injection[] = [
	{
		name: "cut",
		code: "truncated",
		inject: (bytes, random) => [bytes.subarray(0, random.int(1, bytes.length))],
	},
	{
		name: "writer died at an array over 2 GiB",
		code: "overflow-unwritten",
		inject: (bytes, random, protocol) =>
			protocol > 2
				? undefined
				: [bytes.subarray(0, between(bytes, random)), arrayHead(2 ** 28 + random.int(0, 2 ** 31))],
	},
	{
		name: "length wrapped, data lost",
		code: "overflow-silent",
		inject(bytes, random, protocol) {
			const count = 2 ** 29 + random.int(1, 500);
			const got = count * 8 - 2 ** 32;
			if (protocol > 2) return undefined;
			const field = got < 256 ? Uint8Array.of(0x55, got) : concat([0x54], uint4(got));
			return withArray(bytes, random, count, field, new Uint8Array(got).fill(7));
		},
	},
	{
		name: "length wrapped, data there",
		code: "overflow-wrapped",
		inject(bytes, random, protocol) {
			const count = 2 ** 29 + random.int(1, 500);
			const got = count * 8 - 2 ** 32;
			if (protocol > 2) return undefined;
			const field = got < 256 ? Uint8Array.of(0x55, got) : concat([0x54], uint4(got));
			return withArray(bytes, random, count, field, count * 8);
		},
	},
	{
		name: "length over 2 GiB written unsigned",
		code: "overflow-signed",
		inject(bytes, random, protocol) {
			const count = 2 ** 28 + random.int(0, 2 ** 28 - 1);
			return protocol > 2 ? undefined : withArray(bytes, random, count, concat([0x54], uint4(count * 8)), count * 8);
		},
	},
	{
		name: "LF to CR LF",
		code: "crlf",
		whole: true,
		inject: (bytes) => [textMode(bytes)],
	},
	{ name: "LF to CR LF, twice", code: "crlf", whole: true, inject: (bytes) => [textMode(textMode(bytes))] },
	{ name: "CR LF to LF", code: "newlines-lost", inject: loseReturns },
	{
		name: "Latin-1 as UTF-8",
		code: "utf8",
		whole: true,
		inject: (bytes) => [asUtf8(bytes)],
	},
	{
		name: "Windows-1252 as UTF-8",
		code: "utf8",
		whole: true,
		inject: (bytes) => [asUtf8(bytes, "windows-1252")],
	},
	{
		name: "U+FFFD",
		code: "replaced",
		whole: true,
		inject: (bytes) => [new TextEncoder().encode(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes))],
	},
	{ name: "byte order mark", code: "bom", whole: true, inject: (bytes) => [concat([0xef, 0xbb, 0xbf], bytes)] },
	{ name: "7 bits", code: "seven-bit", whole: true, inject: (bytes) => [bytes.map((byte) => byte & 0x7f)] },
	{
		name: "leading junk",
		code: "leading",
		inject: (bytes, random) => [
			concat(
				Array.from({ length: random.int(1, 65) }, () => random.int(0, 256)),
				bytes,
			),
		],
	},
	{
		name: "HTTP headers",
		code: "leading",
		inject: (bytes, random) => [
			concat(
				latin1(
					`HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${bytes.length}\r\nETag: "${random.int(0, 1e9)}"\r\n\r\n`,
				),
				bytes,
			),
		],
	},
	{ name: "NUL padding", code: "padding", inject: (bytes, random) => [bytes, random.int(1, 5000)] },
	{ name: "array data short", code: "array-bytes", inject: shortenArray },
	{
		name: "unknown opcode",
		code: "unknown-opcode",
		inject(bytes, random) {
			const copy = bytes.slice();
			const unknown = Array.from({ length: 256 }, (_, code) => code).filter((code) => opcodeOf(code) === undefined);
			copy[random.pick(spansOf(bytes)).at] = random.pick(unknown);
			return [copy];
		},
	},
	{
		name: "Latin-1 as UTF-8, twice",
		code: "utf8",
		whole: true,
		inject: (bytes) => [asUtf8(asUtf8(bytes))],
	},
	{
		name: "Windows-1252 as UTF-8, twice",
		code: "utf8",
		whole: true,
		inject: (bytes) => [asUtf8(asUtf8(bytes, "windows-1252"), "windows-1252")],
	},
	...transports.map(
		({ name, make }): Injection => ({ name, code: "transport-text", whole: true, inject: (bytes) => [make(bytes)] }),
	),
	{
		name: "UTF-16 written in text mode",
		code: "transport-text",
		whole: true,
		inject: (bytes) => [concat([0xff, 0xfe], ...[...textMode(bytes)].map((byte) => [byte, 0]))],
		within: textMode,
	},
];

/** Puts CR LF into some payloads, as a value may have it, and then takes each CR away. */
function loseReturns(bytes: Uint8Array, random: Random): readonly Uint8Array[] | undefined {
	const payloads = spansOf(bytes).filter(
		({ code, payload, end }) =>
			["BINBYTES", "SHORT_BINBYTES", "BINSTRING", "BYTEARRAY8", "SHORT_BINSTRING"].includes(
				opcodeOf(code)?.name ?? "",
			) && end - payload >= 8,
	);
	if (payloads.length === 0) return undefined;
	const copy = bytes.slice();
	for (let count = random.int(1, 4); count > 0; count--) {
		const { payload, end } = random.pick(payloads);
		copy.set([13, 10], random.int(payload, end - 1));
	}
	const lost = [...copy].filter((byte, i) => !(byte === 13 && copy[i + 1] === 10));
	return lost.length < copy.length ? [Uint8Array.from(lost)] : undefined;
}

/** Takes bytes out of an array's data and mends the length field and the frame, so that only the shape says what is missing. */
function shortenArray(bytes: Uint8Array, random: Random): readonly Uint8Array[] | undefined {
	const spans = spansOf(bytes);
	const arrays = spans.filter((span, i) => isArrayData(bytes, spans, span, i));
	if (arrays.length === 0) return undefined;
	const { at, payload, end } = random.pick(arrays);
	const removed = random.int(1, Math.min(9, end - payload + 1));
	const cut = concat(bytes.subarray(0, end - removed), bytes.subarray(end));
	const view = new DataView(cut.buffer);
	if (payload - at === 2) cut[at + 1] = (cut[at + 1] as number) - removed;
	else view.setUint32(at + 1, view.getUint32(at + 1, true) - removed, true);
	const frame = spans.findLast(({ code, at: place }) => code === 0x95 && place < at);
	if (frame) view.setUint32(frame.at + 1, view.getUint32(frame.at + 1, true) - removed, true);
	return [cut];
}

/** Whether a payload of bytes is followed by the end of an array's state: MEMOIZE or PUT, TUPLE, MEMOIZE or PUT, BUILD. */
function isArrayData(bytes: Uint8Array, spans: readonly Span[], { code, payload, end }: Span, place: number): boolean {
	if (!["BINBYTES", "SHORT_BINBYTES", "BINSTRING", "SHORT_BINSTRING"].includes(opcodeOf(code)?.name ?? ""))
		return false;
	const next = spans
		.slice(place + 1, place + 5)
		.map((span) => opcodeOf(span.code)?.name)
		.filter((name) => !/MEMOIZE|PUT/.test(name ?? ""));
	// A dtype's state has more after its text.
	const before = opcodeOf(spans[place - 1]?.code ?? 0)?.name ?? "";
	return (
		next[0] === "TUPLE" && next[1] === "BUILD" && /FALSE|TRUE|INT/.test(before) && end > payload && bytes.length > 0
	);
}
