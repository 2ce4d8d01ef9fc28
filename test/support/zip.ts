import { deflateRawSync } from "node:zlib";
import { assemble, uint2, uint4 } from "./assemble.ts";

/** A zip archive of members that are stored or deflated. */
export function zip(members: Readonly<Record<string, Uint8Array>>, deflated = false): Uint8Array {
	const parts: Uint8Array[] = [];
	const entries: Uint8Array[] = [];
	let at = 0;
	for (const [name, content] of Object.entries(members)) {
		const packed = deflated ? new Uint8Array(deflateRawSync(content)) : content;
		const sizes = [
			uint2(deflated ? 8 : 0),
			uint4(0),
			uint4(0),
			uint4(packed.length),
			uint4(content.length),
			uint2(name.length),
			uint2(0),
		];
		const local = assemble("PK\x03\x04", uint2(20), uint2(0), sizes, name, packed);
		entries.push(
			assemble(
				"PK\x01\x02",
				uint2(20),
				uint2(20),
				uint2(0),
				sizes,
				uint2(0),
				uint2(0),
				uint2(0),
				uint4(0),
				uint4(at),
				name,
			),
		);
		parts.push(local);
		at += local.length;
	}
	const directory = assemble(entries);
	const count = uint2(entries.length);
	return assemble(parts, directory, "PK\x05\x06", uint4(0), count, count, uint4(directory.length), uint4(at), uint2(0));
}
