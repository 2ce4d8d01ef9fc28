import { webCodecs } from "../containers/codecs.ts";
import type { Codecs } from "../containers/unpack.ts";

/** Codecs for Node: its own zlib, and what browsers take for the others. */
export const nodeCodecs: Codecs = {
	...webCodecs,
	gzip: async () => (await import("./zlib.ts")).gunzip,
	zstd: async () => (await import("./zlib.ts")).unzstd,
	zlib: async () => (await import("./zlib.ts")).inflate,
};
