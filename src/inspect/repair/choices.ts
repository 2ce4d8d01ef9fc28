import { opcodes, READONLY_BUFFER } from "../../opcodes/table.ts";
import type { Diagnosis, Fault } from "../diagnosis/diagnosis.ts";
import { tryBytes } from "../diagnosis/walk.ts";
import { readAt, type SizedSource } from "../diagnosis/window.ts";
import type { Choice } from "./result.ts";
import { type Step, stepOf } from "./step.ts";

/** Files up to here are tried with every opcode. */
const MAX_TRIED = 1 << 18;

/** What an unknown opcode could have been: the step if one opcode only makes the file a pickle to its end, else the choices. */
export async function opcodeChoices(
	source: SizedSource,
	{ faults }: Diagnosis,
): Promise<{ readonly step?: Step; readonly choices?: readonly Choice[] } | undefined> {
	const [fault, ...others] = faults;
	if (fault?.code !== "unknown-opcode" || others.length > 0 || source.size > MAX_TRIED) return undefined;
	const choices = fitting(await readAt(source, 0, source.size), fault);
	const [first, ...more] = choices;
	if (first === undefined) return undefined;
	if (more.length > 0) return { choices };
	const why = `${first.why} No other opcode makes the file a pickle to its end.`;
	const step = stepOf(source, [{ offset: first.offset, removed: 1, bytes: Uint8Array.from(first.bytes), why }]);
	return step && { step };
}

function fitting(bytes: Uint8Array, { offset }: Fault): Choice[] {
	const copy = bytes.slice();
	const found: Choice[] = [];
	const was = (bytes[offset] as number).toString(16).padStart(2, "0");
	for (const { code, name } of opcodes) {
		if (code === READONLY_BUFFER && !bytes.includes(code - 1)) continue;
		copy[offset] = code;
		if (tryBytes(copy).clean) found.push({ offset, removed: 1, bytes: [code], why: `0x${was} was ${name}.` });
	}
	return found;
}
