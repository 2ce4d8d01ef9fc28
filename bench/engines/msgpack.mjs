import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** msgpackr, set to keep typed arrays, Maps and integers beyond 64 bits; writer and reader must agree on it. */
export function packr() {
	const { Packr } = require("msgpackr");
	return new Packr({ moreTypes: true, useBigIntExtension: true });
}
