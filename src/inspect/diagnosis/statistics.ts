import { opcodes } from "../../opcodes/table.ts";
import type { Statistics } from "./diagnosis.ts";
import type { Findings } from "./findings.ts";
import { meaningOf } from "./names.ts";
import { arrayText, reportOf } from "./words.ts";

/** What was counted, as data. */
export function statisticsOf(findings: Findings, pickles: number): Statistics {
	const counts = opcodes.map(({ code, name }) => [name, findings.histogram[code] ?? 0] as const);
	const histogram = counts.filter(([, count]) => count > 0).sort(([, left], [, right]) => right - left);
	return {
		pickles,
		protocol: Math.max(findings.protocol ?? 0, findings.neededProtocol),
		instructions: findings.instructions,
		frames: findings.frames,
		histogram: Object.fromEntries(histogram),
		memo: { stored: findings.puts + findings.memoized, read: findings.gets },
		depth: findings.depth,
		maxStack: findings.maxStack,
		payloads: findings.payloads.map(({ offset, opcode, start, length, array }) => ({
			offset,
			opcode,
			start,
			length,
			...(array && { array: arrayText(reportOf(array)) }),
		})),
		globals: [...findings.globals].map(([name, { global, count }]) => ({
			name,
			offset: global.at,
			count,
			what: meaningOf(name),
		})),
		arrays: findings.arrays.map(({ head, data, length }) => ({
			...reportOf(head),
			...(length !== undefined && { found: length }),
			...(data && { data: data.offset }),
		})),
		arrayCount: findings.arrayCount,
	};
}
