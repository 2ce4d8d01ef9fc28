import type { Fault } from "../diagnosis.ts";
import { type Reader, readAt } from "../window.ts";
import { plural } from "../words.ts";

/** Bytes that are looked at a time. */
const PIECE = 1 << 20;

/** NUL bytes from the pickle's end to the file's. */
export async function paddingFault({ source }: Reader, end: number): Promise<Fault | undefined> {
	for (let at = end; at < source.size; at += PIECE) {
		const bytes = await readAt(source, at, Math.min(PIECE, source.size - at));
		if (bytes.some((byte) => byte !== 0)) return undefined;
	}
	const length = source.size - end;
	return {
		code: "padding",
		offset: end,
		title: `${plural(length, "NUL byte")} ${length === 1 ? "follows" : "follow"} the pickle.`,
		evidence: `The pickle ends with STOP at offset ${end - 1}; all bytes after it are 00.`,
		data: "whole",
		advice:
			"Python's pickle.load reads the pickle and leaves them; other readers may refuse the file. Cut them off; nothing is lost.",
		command: `import os; os.truncate(FILE, ${end})`,
		mend: { kind: "remove", offset: end, length },
	};
}
