import { PyObject } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";
import { positional } from "./arguments.ts";
import { encodeText } from "./builtins.ts";
import type { Reducer } from "./reducer.ts";

/** `_codecs.encode(text, 'latin1')` is how Python 3 writes bytes at protocols 0 to 2. Other codecs stay calls. */
export const codecsEncode: Reducer<Uint8Array | PyObject> = {
	name: "_codecs.encode",
	aliases: ["codecs.encode"],
	takesBytes: true,
	create: (call, context) => {
		const [text, encoding] = positional(call, "_codecs.encode", 1, 3);
		const bytes = encodeText(text as PyValue, encoding ?? "utf-8", context);
		if (bytes !== undefined) return bytes;
		context.keep(call.args);
		return new PyObject("call", context.global("_codecs", "encode"), call.args);
	},
};
