import * as op from "../../opcodes/table.ts";
import type { Failure } from "../diagnosis/machine.ts";
import { readAt, type SizedSource } from "../diagnosis/window.ts";
import { littleEndian } from "./shape.ts";

/** The bytes of an array as they are written: plain, or as text. */
export interface CutData {
	/** `text`: UTF-8 of Latin-1; `line`: raw-unicode-escape up to LF; `quoted`: Python 2's repr. */
	readonly form: "bytes" | "str" | "text" | "line" | "quoted";
	/** Where the first lies. */
	readonly start: number;
	/** Whole elements that are there, and where the last ends. */
	readonly kept: number;
	readonly end: number;
	/** What ends them, of `quoted`. */
	readonly quote?: number;
}

const PIECE = 1 << 16;

/** The array's data that begin at the instruction which the input's end cuts; undefined if none are there. */
export async function cutDataOf(
	source: SizedSource,
	{ offset, payload, opcode = "" }: Failure,
	itemsize: number,
	elements: number,
): Promise<CutData | undefined> {
	const { size } = source;
	if (payload && opcode !== "BINUNICODE") {
		const form = opcode.includes("STRING") ? "str" : "bytes";
		const kept = Math.min(elements, Math.floor((size - payload.offset) / itemsize));
		return { form, start: payload.offset, kept, end: payload.offset + kept * itemsize };
	}
	if (payload) return scanned(source, { form: "text", start: payload.offset }, itemsize, elements);
	if (opcode === "UNICODE") return scanned(source, { form: "line", start: offset + 1 }, itemsize, elements);
	if (opcode !== "STRING" || offset + 1 >= size) return undefined;
	const [quote = 0] = await readAt(source, offset + 1, 1);
	return { ...(await scanned(source, { form: "quoted", start: offset + 2 }, itemsize, elements)), quote };
}

/** Follows characters, each a byte of the array, up to where they end or are cut. */
async function scanned(
	source: SizedSource,
	{ form, start }: Pick<CutData, "form" | "start">,
	itemsize: number,
	elements: number,
): Promise<CutData> {
	const width = widths[form as keyof typeof widths];
	let units = 0;
	let end = start;
	const wanted = elements * itemsize;
	for (let base = start; units < wanted; ) {
		const bytes = await readAt(source, base, Math.min(PIECE, source.size - base));
		let at = 0;
		for (
			let count = width(bytes, 0);
			count > 0 && at + count <= bytes.length && units < wanted;
			count = width(bytes, at)
		) {
			at += count;
			if (++units % itemsize === 0) end = base + at;
		}
		if (at === 0) break;
		base += at;
	}
	return { form, start, kept: Math.floor(units / itemsize), end };
}

/** How many bytes write the character at a place; 0 where there is none, or only its beginning. */
const widths = {
	text(bytes: Uint8Array, at: number): number {
		const [first = 0xff, second = 0] = [bytes[at], bytes[at + 1]];
		if (first < 0x80) return 1;
		return (first === 0xc2 || first === 0xc3) && (second & 0xc0) === 0x80 ? 2 : 0;
	},
	line(bytes: Uint8Array, at: number): number {
		const first = bytes[at];
		if (first === undefined || first === 0x0a) return 0;
		if (first !== 0x5c) return 1;
		const next = bytes[at + 1];
		return next === undefined ? 0 : next === 0x75 ? 6 : 1;
	},
	quoted(bytes: Uint8Array, at: number): number {
		const first = bytes[at];
		if (first === undefined || first === 0x0a) return 0;
		if (first !== 0x5c) return 1;
		const next = bytes[at + 1];
		return next === undefined ? 0 : next === 0x78 ? 4 : 2;
	},
};

/** An opcode for so many bytes, and its length. */
export function payloadHead(length: number, isStr: boolean): number[] {
	if (length < 256) return [isStr ? op.SHORT_BINSTRING : op.SHORT_BINBYTES, length];
	if (isStr && length < 2 ** 31) return [op.BINSTRING, ...littleEndian(length, 4)];
	return length < 2 ** 32 ? [op.BINBYTES, ...littleEndian(length, 4)] : [op.BINBYTES8, ...littleEndian(length, 8)];
}

/** Bytes of an array in the form that its data are written in. */
export function inForm(form: CutData["form"], bytes: Uint8Array): number[] {
	if (form === "text")
		return [...bytes].flatMap((byte) => (byte < 0x80 ? [byte] : [0xc0 | (byte >> 6), 0x80 | (byte & 0x3f)]));
	if (form !== "quoted") return [...bytes];
	return [...bytes].flatMap((byte) => latin1(`\\x${byte.toString(16).padStart(2, "0")}`));
}

/** The ASCII of a text. */
export function latin1(text: string): number[] {
	return Array.from(text, (char) => char.charCodeAt(0));
}
