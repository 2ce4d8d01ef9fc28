import type { Fault } from "./diagnosis.ts";
import { Sequence } from "./values.ts";
import type { Walk } from "./walk.ts";
import type { SizedSource } from "./window.ts";
import { are, plural } from "./words.ts";

/** The first pickle of torch.save's format before 1.6: the number 0x1950a86a20f9469cfc6c. */
const magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];

/** Whether a file is of that format. */
export function isLegacyTorch(head: Uint8Array): boolean {
	return magic.every((byte, i) => head[i] === byte);
}

/** Its pickles: the number, a version, the system, the object, the storages' keys. */
const PICKLES = 5;

/** What follows the pickles are the storages: a count of 8 bytes and the items of each. The fault is that some are missing. */
export function storageFault({ size }: SizedSource, { pickles, end, last, findings }: Walk): Fault | undefined {
	const count = last.result instanceof Sequence ? last.result.count : 0;
	const storages = [...findings.storages.values()];
	if (pickles < PICKLES || storages.length !== count) return undefined;
	let needed = 0;
	for (const storage of storages) {
		if (storage === undefined) return undefined;
		needed += 8 + storage.items * storage.width;
	}
	const missing = end + needed - size;
	if (missing <= 0) return undefined;
	return {
		code: "truncated",
		offset: size,
		title: `The file ends too early: at least ${plural(missing, "byte")} ${missing === 1 ? "is" : "are"} missing.`,
		evidence: `Its ${plural(count, "storage")} ${count === 1 ? "begins" : "begin"} at offset ${end} and ${count === 1 ? "needs" : "need"} ${plural(needed, "byte")}; ${are(size - end)} there.`,
		data: "partly",
		advice: "The object is there, and the storages up to the cut. Copy the file again.",
		missing: { bytes: missing, reading: "the storages of torch" },
	};
}
