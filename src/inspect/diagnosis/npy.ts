import { parseDescr, shapeText } from "../../numpy/dtype.ts";
import type { Fault } from "./diagnosis.ts";
import { readAt, type SizedSource } from "./window.ts";
import { are, plural } from "./words.ts";

/** What the header of a .npy file says. */
export interface NpyHeader {
	/** Where the data begin. */
	readonly start: number;
	/** The data are a pickle. */
	readonly isObject: boolean;
	/** Bytes that the data need, if that can be told. */
	readonly needed: number | undefined;
	readonly shape: readonly number[];
	readonly descr: string;
	/** It ends with LF, as its length says. */
	readonly ends: boolean;
}

const MAX_HEADER = 65_536;

/** Reads the header; undefined if it is none. */
export async function npyHeader(source: SizedSource): Promise<NpyHeader | undefined> {
	const prefix = await readAt(source, 0, 12);
	if (prefix.length < 12) return undefined;
	const view = new DataView(prefix.buffer, prefix.byteOffset, 12);
	const isShort = prefix[6] === 1;
	const length = isShort ? view.getUint16(8, true) : view.getUint32(8, true);
	const from = isShort ? 10 : 12;
	if (length > MAX_HEADER) return undefined;
	const text = new TextDecoder("latin1").decode(await readAt(source, from, length));
	const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1] ?? "";
	const lengths = /'shape':\s*\(([\d,\sL]*)\)/.exec(text)?.[1];
	const shape = (lengths ?? "")
		.split(",")
		.map((part) => part.trim().replace("L", ""))
		.filter(Boolean)
		.map(Number);
	const itemsize = lengths === undefined ? undefined : parseDescr(descr)?.itemsize;
	const needed = itemsize === undefined ? undefined : shape.reduce((all, each) => all * each, itemsize);
	return { start: from + length, isObject: /'\|O/.test(text), needed, shape, descr, ends: text.endsWith("\n") };
}

/** The header is damaged, or the array's data are cut. */
export function npyFault(header: NpyHeader | undefined, size: number): Fault | undefined {
	if (!header?.ends) return headerFault(header, size);
	const { start, isObject, needed, shape, descr } = header;
	if (isObject || needed === undefined || start + needed <= size) return undefined;
	const found = Math.max(0, size - start);
	const missing = start + needed - size;
	return {
		code: "truncated",
		offset: start,
		title: `The file ends too early: ${plural(missing, "byte")} ${missing === 1 ? "is" : "are"} missing.`,
		evidence: `The header says ${descr} of shape ${shapeText(shape)}, ${plural(needed, "byte")}; ${are(found)} there.`,
		data: "partly",
		advice: "Copy or write the file again.",
		missing: { bytes: missing, reading: "an array's data" },
	};
}

function headerFault(header: NpyHeader | undefined, size: number): Fault {
	const end = header?.start ?? 8;
	const isCut = size < end;
	return {
		code: isCut ? "truncated" : "container",
		offset: Math.min(end, size),
		title: isCut ? "The file ends within its header." : "The .npy header does not end where its length says.",
		evidence: `By its length the header ends with LF at offset ${end - 1}; ${isCut ? `the file has ${plural(size, "byte")}` : "no LF is there"}.`,
		data: isCut ? "lost" : "unknown",
		advice: "Copy or write the file again, as binary.",
	};
}
