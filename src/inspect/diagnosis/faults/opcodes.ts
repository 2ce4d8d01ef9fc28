import { opcodeOf } from "../../../opcodes/table.ts";
import type { Fault } from "../diagnosis.ts";
import { tryBytes } from "../walk.ts";
import { grouped, plural } from "../words.ts";
import type { Evidence } from "./evidence.ts";

/** Files up to here are tried with each bit of the byte flipped. */
const MAX_TRIED = 1 << 20;

/** A byte that is no opcode, or an opcode that cannot be where it is. */
export function opcodeFault(evidence: Evidence): Fault | undefined {
	const { failure, size } = evidence;
	if (failure === undefined || failure.kind === "end") return undefined;
	const { offset, opcode, reason, kind } = failure;
	const after = size - offset;
	const before = `${plural(offset, "byte")} before it ${offset === 1 ? "reads" : "read"} as a pickle, ${grouped(after)} ${after === 1 ? "follows" : "follow"}.`;
	if (kind !== "opcode") {
		return {
			code: "malformed",
			offset,
			...(opcode !== undefined && { opcode }),
			title: `The bytes are damaged at or before offset ${offset}: ${reason}.`,
			evidence: `${opcode ?? "What stands there"} cannot be there: ${before}`,
			data: "partly",
			advice: `What comes before offset ${offset} may be whole. Get the original again.`,
		};
	}
	const candidates = candidatesFor(evidence, offset);
	const could =
		candidates.length === 0
			? ""
			: ` With one bit flipped it is ${candidates.join(" or ")}, and the file a pickle to its end.`;
	return {
		code: "unknown-opcode",
		offset,
		title: `At offset ${offset} stands no opcode: ${reason}.`,
		evidence: `${before}${could}`,
		data: candidates.length === 1 ? "unknown" : "partly",
		advice: `What comes before offset ${offset} is there. Get the original again.`,
		candidates,
	};
}

function candidatesFor({ bytes, isHead }: Evidence, offset: number): string[] {
	if (isHead || bytes.length > MAX_TRIED || offset >= bytes.length) return [];
	const copy = bytes.slice();
	const found: string[] = [];
	for (let bit = 0; bit < 8; bit++) {
		const code = (bytes[offset] as number) ^ (1 << bit);
		const row = opcodeOf(code);
		if (row === undefined) continue;
		copy[offset] = code;
		if (tryBytes(copy).clean) found.push(row.name);
	}
	return found;
}
