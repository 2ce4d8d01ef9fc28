/* Entry "picklet/temporal": Python's and numpy's dates and times to Temporal, and back. */
export { type FromTemporal, fromTemporal } from "./from.ts";
export { type TemporalValue, toTemporal } from "./to.ts";
