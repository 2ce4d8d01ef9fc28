import type { DecodeOptions } from "../index.ts";
import { type Option, type OptionValues, UsageError } from "./command.ts";

const encodings = ["auto", "ascii", "latin1", "utf-8", "bytes"] as const;

/** `--encoding`, as show and convert have it. */
export const encodingOption: Option = {
	type: "string",
	value: "E",
	help: `read Python 2's str as ${encodings.slice(1, -1).join(", ")} or bytes;
auto, the default, takes as text what is UTF-8`,
};

/** @throws UsageError for an encoding that there is not */
export function encodingOf({ encoding }: OptionValues): DecodeOptions["encoding"] {
	if (encoding === undefined || encodings.includes(encoding as "auto")) return encoding as DecodeOptions["encoding"];
	throw new UsageError(`--encoding is one of ${encodings.join(", ")}, not "${encoding}"`);
}
