import type { Fault } from "../diagnosis.ts";
import { readAt, type SizedSource } from "../window.ts";
import { plural } from "../words.ts";

/** So many zeros in a row are none of a pickle's own, where it cannot be read on behind them. */
const LEAST = 64;

const PIECE = 1 << 16;

/** A fault within a run of zeros, as a lost sector or a file's unwritten end leaves them: it begins where they do. */
export async function withZeros(fault: Fault, source: SizedSource): Promise<Fault> {
	if (fault.code !== "unknown-opcode" && fault.code !== "malformed") return fault;
	if (fault.candidates !== undefined && fault.candidates.length > 0) return fault;
	const end = await zerosAfter(source, fault.offset);
	const start = await zerosBefore(source, fault.offset);
	if (end - start < LEAST) return fault;
	return {
		...fault,
		offset: start,
		title: `${plural(end - start, "zero byte")} stand from offset ${start} on, and the pickle cannot be read on at offset ${fault.offset}.`,
		evidence: `${start} bytes before them read as a pickle, ${source.size - end} follow.`,
		data: "partly",
		advice: `What comes before offset ${start} is there; what the zeros stand for is lost. Get the original again.`,
	};
}

/** Where the zeros begin that end before an offset. */
async function zerosBefore(source: SizedSource, offset: number): Promise<number> {
	for (let end = offset; end > 0; ) {
		const start = Math.max(0, end - PIECE);
		const bytes = await readAt(source, start, end - start);
		const last = bytes.findLastIndex((byte) => byte !== 0);
		if (last >= 0) return start + last + 1;
		end = start;
	}
	return 0;
}

/** Where the zeros end that begin at an offset. */
export async function zerosAfter(source: SizedSource, offset: number): Promise<number> {
	for (let start = offset; start < source.size; ) {
		const bytes = await readAt(source, start, Math.min(PIECE, source.size - start));
		const first = bytes.findIndex((byte) => byte !== 0);
		if (first >= 0) return start + first;
		if (bytes.length === 0) break;
		start += bytes.length;
	}
	return source.size;
}
