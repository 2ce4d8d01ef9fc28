import { decodeLatin1 } from "../../bytes/utf8.ts";
import { readAt, type SizedSource } from "./window.ts";

/** Forms up to here are looked through for the end of what was uploaded. */
const MAX_FORM = 1 << 26;

/** A boundary, headers, an empty line. */
const PART = /--[^\r\n]{1,70}\r?\n(?:[\w-]+:[^\r\n]*\r?\n)+\r?\n/y;

/** Where an uploaded file lies in multipart form data: the first part with a file's name, or the first. */
export async function formPart(
	source: SizedSource,
	head: Uint8Array,
): Promise<{ readonly start: number; readonly end: number } | undefined> {
	const [boundary] = /^--[^\r\n]{1,70}(?=\r?\n[\w-]+:)/.exec(latin1(head.subarray(0, 256))) ?? [];
	if (boundary === undefined || source.size > MAX_FORM) return undefined;
	const text = latin1(await readAt(source, 0, source.size));
	const parts = [...partsOf(text, boundary)];
	return parts.find(({ headers }) => /filename/i.test(headers)) ?? parts[0];
}

function* partsOf(text: string, boundary: string): Generator<{ headers: string; start: number; end: number }> {
	for (let at = 0; at >= 0; ) {
		PART.lastIndex = at;
		const [headers] = PART.exec(text) ?? [];
		if (headers === undefined) return;
		const start = at + headers.length;
		const next = text.indexOf(`\n${boundary}`, start - 1);
		const end = next < 0 ? text.length : text[next - 1] === "\r" ? next - 1 : next;
		yield { headers, start, end: Math.max(start, end) };
		at = next < 0 ? -1 : next + 1;
	}
}

function latin1(bytes: Uint8Array): string {
	return decodeLatin1(bytes, 0, bytes.length);
}
