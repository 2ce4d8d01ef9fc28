import { PyPattern } from "../values/callables.ts";
import { positional, refuse, smallInteger } from "./arguments.ts";
import type { Reducer } from "./reducer.ts";

/** `re._compile(pattern, flags)`. Nothing is compiled. */
const pattern: Reducer<PyPattern> = {
	name: "re._compile",
	aliases: ["sre._compile"],
	create: (call, context) => {
		const [source, flags] = positional(call, "re._compile", 2, 2);
		if (typeof source !== "string" && !(source instanceof Uint8Array)) throw refuse("a pattern is to be str or bytes");
		return new PyPattern(context.keep(source), smallInteger(flags, 0, 0xffff_ffff));
	},
	types: [PyPattern],
	reduce: ({ pattern: source, flags }, { global }) => ({ callable: global("re", "_compile"), args: [source, flags] }),
};

/** Python's module re. */
export const reReducers: readonly Reducer[] = [pattern];
