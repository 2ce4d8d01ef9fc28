import { decodeEscape } from "../../bytes/escapes.ts";
import * as op from "../../opcodes/table.ts";
import type { Findings } from "./findings.ts";
import type { Text } from "./values.ts";
import { readAt, type SizedSource } from "./window.ts";

/** Text up to here is read; longer one is judged by what it may be at least and at most. */
const MAX_READ = 1 << 26;
const PIECE = 1 << 20;

/** Bytes of an escape at most. */
const OVERLAP = 16;

/** Looks at the text of arrays' data that was too long to be looked at on the way: arrays that it does not fit are problems. */
export async function measure(source: SizedSource, { unmeasured, problems }: Findings): Promise<void> {
	for (const found of unmeasured.splice(0)) {
		const { head, data } = found;
		const { needed = 0 } = head;
		if (data === undefined) continue;
		const [least, most] = boundsOf(data);
		const length = data.extent > MAX_READ ? Math.min(Math.max(needed, least), most) : await lengthOf(source, data);
		if (length !== needed) problems.push({ ...found, length });
	}
}

/** How many bytes text stands for at least and at most. */
function boundsOf({ opcode, extent }: Text): readonly [number, number] {
	if (opcode === op.STRING) return [Math.floor((extent - 2) / 4), extent - 2];
	return [Math.floor(extent / (opcode === op.UNICODE ? 6 : 2)), extent];
}

/** How many bytes a text stands for. */
async function lengthOf(source: SizedSource, { opcode, offset, extent }: Text): Promise<number> {
	const isString = opcode === op.STRING;
	const end = offset + extent - (isString ? 1 : 0);
	let at = offset + (isString ? 1 : 0);
	let length = 0;
	while (at < end) {
		const bytes = await readAt(source, at, Math.min(PIECE, end - at));
		if (bytes.length === 0) break;
		const isLast = at + bytes.length >= end;
		const [taken, count] = (counters[opcode] ?? countUtf8)(bytes, isLast ? bytes.length : bytes.length - OVERLAP);
		at += taken;
		length += count;
	}
	return length;
}

/** Counts what begins before `end`; gives where it stopped, and the count. */
type Counter = (bytes: Uint8Array, end: number) => readonly [number, number];

const counters: Readonly<Record<number, Counter>> = { [op.STRING]: countEscaped, [op.UNICODE]: countRaw };

function countUtf8(bytes: Uint8Array, end: number): readonly [number, number] {
	let count = 0;
	for (let at = 0; at < end; at++) if (((bytes[at] as number) & 0xc0) !== 0x80) count++;
	return [end, count];
}

function countEscaped(bytes: Uint8Array, end: number): readonly [number, number] {
	let count = 0;
	let at = 0;
	for (; at < end; count++) {
		const found = bytes[at] === 0x5c ? decodeEscape(bytes, at + 1, bytes.length) : 0;
		at += 1 + (found & 3);
	}
	return [at, count];
}

function countRaw(bytes: Uint8Array, end: number): readonly [number, number] {
	let count = 0;
	let at = 0;
	for (; at < end; count++) {
		const name = bytes[at] === 0x5c ? bytes[at + 1] : 0;
		at += name === 0x75 ? 6 : name === 0x55 ? 10 : 1;
		if (name !== 0x5c) continue;
		// The second of two backslashes begins no escape.
		count++;
		at++;
	}
	return [at, count];
}
