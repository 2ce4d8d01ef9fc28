import type { Fault } from "./diagnosis.ts";
import { Sequence } from "./values.ts";
import type { Walk } from "./walk.ts";
import { readAt, type SizedSource } from "./window.ts";
import { grouped, plural } from "./words.ts";

/** The first pickle of torch.save's format before 1.6: the number 0x1950a86a20f9469cfc6c. */
const magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];

/** Storages that are followed. */
const MAX_STORAGES = 100_000;

/** Whether a file is of that format. */
export function isLegacyTorch(head: Uint8Array): boolean {
	return magic.every((byte, i) => head[i] === byte);
}

/** Its pickles: the number, a version, the system, the object, the storages' keys. */
const PICKLES = 5;

/** Whether what follows the pickles is their storages: a count of 8 bytes and the items of each. */
export async function storageFault(
	source: SizedSource,
	{ pickles, end, last, findings }: Walk,
): Promise<Fault | undefined> {
	if (pickles < PICKLES) return undefined;
	const count = last.result instanceof Sequence ? last.result.count : 0;
	const widths = [...findings.storages.values()].map((storage) => storage?.width);
	const width = widths.every((each) => each !== undefined && each === widths[0]) ? widths[0] : undefined;
	if (width === undefined) return undefined;
	let at = end;
	for (let i = 0; i < Math.min(count, MAX_STORAGES); i++) {
		const header = await readAt(source, at, 8);
		const items = header.length < 8 ? 0 : lengthOf(header);
		const next = at + 8 + items * width;
		if (next > source.size || header.length < 8) return cut(source.size, at, next, i, count);
		at = next;
	}
	return undefined;
}

function lengthOf(header: Uint8Array): number {
	const view = new DataView(header.buffer, header.byteOffset, 8);
	return view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
}

function cut(size: number, at: number, next: number, place: number, count: number): Fault {
	const missing = next - size;
	return {
		code: "truncated",
		offset: at,
		title: `The file ends too early: at least ${plural(missing, "byte")} ${missing === 1 ? "is" : "are"} missing.`,
		evidence: `Storage ${place + 1} of ${count} begins at offset ${at} and ends at ${grouped(next)}; the file ends at ${grouped(size)}.`,
		data: "partly",
		advice: `The object and the first ${plural(place, "storage")} are whole. Copy the file again.`,
		missing: { bytes: missing, reading: "the storages of torch" },
	};
}
