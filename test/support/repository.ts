import { resolve } from "node:path";

/** The folder of package.json. */
export const repository = resolve(import.meta.dirname, "../..");
