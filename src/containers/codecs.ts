import type { Codecs } from "./unpack.ts";

/** Codecs for browsers and other runtimes, each loaded when it is first needed. */
export const webCodecs: Codecs = {
	gzip: async () => (await import("./pako.ts")).inflate,
	zlib: async () => (await import("./pako.ts")).inflate,
	bz2: async () => (await import("./bz2.ts")).bunzip2,
	xz: async () => (await import("./xz.ts")).unxz,
	lzma: async () => (await import("./lzma.ts")).unlzma,
	zstd: async () => (await import("./zstd.ts")).unzstd,
	lz4: async () => (await import("./lz4.ts")).unlz4,
};
