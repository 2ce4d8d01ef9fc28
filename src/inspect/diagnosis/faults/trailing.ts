import type { Fault } from "../diagnosis.ts";
import type { Interpreter } from "../interpreter.ts";
import { Text } from "../values.ts";
import { tryBytes } from "../walk.ts";
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

/** Values up to here are looked into. */
const MAX_INNER = 1 << 24;

/** The whole value is bytes that are a pickle themselves. */
export async function doubleFault(machine: Interpreter, { source }: Reader): Promise<Fault | undefined> {
	const value = machine.result;
	if (!(value instanceof Text) || value.length === undefined || value.length < 4 || value.length > MAX_INNER)
		return undefined;
	if (value.form === "text" || machine.findings.instructions > 6) return undefined;
	// A STRING's escapes stand between its bytes and the file's.
	if (value.opcode === 0x53) return undefined;
	const bytes = await readAt(source, value.offset, value.length);
	if (bytes[0] !== 0x80 || bytes[bytes.length - 1] !== 0x2e || !tryBytes(bytes).clean) return undefined;
	return {
		code: "double",
		offset: value.at,
		title: "The pickle's value is bytes that are a pickle again: the object was pickled twice.",
		evidence: `The ${plural(value.length, "byte")} from offset ${value.offset} on begin with PROTO and are a pickle to their end.`,
		data: "whole",
		advice: "Unpickle what comes out once more; nothing is lost.",
		command: "import pickle; pickle.loads(pickle.load(open(FILE, 'rb')))",
		mend: { kind: "extract", payload: value.offset, length: value.length },
	};
}
