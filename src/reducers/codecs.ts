import { encodeUtf8 } from "../bytes/utf8.ts";
import { PyObject } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";
import { positional } from "./arguments.ts";
import type { DecodeContext, Reducer } from "./reducer.ts";

const encoders: ReadonlyMap<string, (text: PyValue, context: DecodeContext) => Uint8Array | undefined> = new Map([
	["latin1", (text: PyValue, context: DecodeContext) => context.latin1(text)],
	["iso88591", (text: PyValue, context: DecodeContext) => context.latin1(text)],
	["utf8", utf8],
]);

/** `text.encode(encoding)`, or undefined for a codec that pickles do not use. */
export function encodeText(text: PyValue, encoding: PyValue, context: DecodeContext): Uint8Array | undefined {
	const name = context.text(encoding)?.toLowerCase().replace(/[-_ ]/g, "") ?? "";
	return encoders.get(name)?.(text, context);
}

function utf8(text: PyValue, context: DecodeContext): Uint8Array | undefined {
	const decoded = context.keep(text);
	if (typeof decoded !== "string") return undefined;
	context.charge(decoded.length / 8);
	return encodeUtf8(decoded);
}

/** `_codecs.encode(text, 'latin1')` is how Python 3 writes bytes at protocols 0 to 2. Other codecs stay calls. */
export const codecsEncode: Reducer<Uint8Array | PyObject> = {
	name: "_codecs.encode",
	aliases: ["codecs.encode"],
	takesBytes: true,
	create: (call, context) => {
		const [text, encoding = "utf-8", errors] = positional(call, "_codecs.encode", 1, 3);
		const isStrict = errors === undefined || context.text(errors) === "strict";
		const bytes = isStrict ? encodeText(text as PyValue, encoding, context) : undefined;
		if (bytes !== undefined) return bytes;
		context.keep(call.args);
		return new PyObject("call", context.global("_codecs", "encode"), call.args);
	},
};
