import type { Fault } from "../diagnosis.ts";
import { type Reader, readAt } from "../window.ts";
import { grouped, plural } from "../words.ts";

/** Bytes that are looked at a time. */
const PIECE = 1 << 20;

/** Up to so many bytes all are looked at; of more, the first and last of that many, and a piece in each stretch between. */
const READ = 1 << 24;
const STRETCH = 1 << 24;
const SAMPLE = 1 << 12;

/** NUL bytes from the pickle's end to the file's. */
export async function paddingFault({ source }: Reader, end: number): Promise<Fault | undefined> {
	let seen = 0;
	for (const [at, count] of samples(end, source.size)) {
		const bytes = await readAt(source, at, count);
		if (bytes.some((byte) => byte !== 0)) return undefined;
		seen += bytes.length;
	}
	const length = source.size - end;
	return {
		code: "padding",
		offset: end,
		title: `${plural(length, "NUL byte")} ${length === 1 ? "follows" : "follow"} the pickle.`,
		evidence: `The pickle ends with STOP at offset ${end - 1}; ${seen < length ? `${grouped(seen)} of the bytes after it, from their beginning to their end, were looked at, and are 00` : "all bytes after it are 00"}.`,
		data: "whole",
		advice:
			"Python's pickle.load reads the pickle and leaves them; other readers may refuse the file. Cut them off; nothing is lost.",
		command: `import os; os.truncate(FILE, ${end})`,
		mend: { kind: "remove", offset: end, length },
	};
}

/** What is looked at of the bytes between two offsets: where, and how many. */
function* samples(start: number, end: number): Generator<readonly [number, number]> {
	const isLong = end - start > 2 * READ;
	for (let at = start; at < end; ) {
		const isBetween = isLong && at >= start + READ && at < end - READ;
		const count = isBetween ? SAMPLE : Math.min(PIECE, end - at);
		yield [at, count];
		at = isBetween ? Math.min(at + STRETCH, end - READ) : at + count;
	}
}
