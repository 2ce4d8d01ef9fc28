import type { Codecs } from "./unpack.ts";

/** Codecs for browsers and other runtimes. */
export const webCodecs: Codecs = {};
