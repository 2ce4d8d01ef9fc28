import { unescapeString } from "../../bytes/escapes.ts";
import { isPickleError } from "../../errors.ts";
import type { Mend } from "./diagnosis.ts";

export type Transport = Extract<Mend, { kind: "decode" }>["encoding"];

/** A pickle that was made text, or whose bytes were. */
export interface Decoded {
	readonly encoding: Transport;
	readonly bytes: Uint8Array;
}

/** What text in an encoding of bytes decodes to, if that begins as a pickle of protocol 2 or later. */
export function decodeTransport(bytes: Uint8Array): Decoded | undefined {
	const ways: readonly (readonly [Transport, (bytes: Uint8Array) => Uint8Array | undefined])[] = [
		["utf-16le", (all) => fromUtf16(all, 0)],
		["utf-16be", (all) => fromUtf16(all, 1)],
		["repr", fromRepr],
		["hex", fromHex],
		["base64", fromBase64],
	];
	for (const [encoding, decode] of ways) {
		const found = decode(bytes);
		if (found !== undefined && isStart(found)) return { encoding, bytes: found };
	}
	return undefined;
}

/** Whether a text's head may be that of such an encoding; a repr is cut anywhere in it. */
export function mayBeTransport(head: Uint8Array): boolean {
	return beginsRepr(head) || decodeTransport(head) !== undefined;
}

function isStart([first, second]: Uint8Array): boolean {
	return first === 0x80 && second !== undefined && second >= 2 && second <= 5;
}

/** The low bytes of UTF-16 units whose high bytes are all zero. */
function fromUtf16(bytes: Uint8Array, high: 0 | 1): Uint8Array | undefined {
	const marked = high === 0 ? bytes[0] === 0xff && bytes[1] === 0xfe : bytes[0] === 0xfe && bytes[1] === 0xff;
	const start = marked ? 2 : 0;
	const highAt = high === 0 ? 1 : 0;
	if (bytes.length < start + 8) return undefined;
	const found = new Uint8Array((bytes.length - start) >> 1);
	for (let i = 0; i < found.length; i++) {
		const at = start + 2 * i;
		if (bytes[at + highAt] !== 0) return undefined;
		found[i] = bytes[at + 1 - highAt] as number;
	}
	return found;
}

function textOf(bytes: Uint8Array, allowed: RegExp): string | undefined {
	if (!allowed.test(new TextDecoder("latin1").decode(bytes.subarray(0, 64)))) return undefined;
	const text = new TextDecoder("latin1").decode(bytes).trim();
	return allowed.test(text) ? text : undefined;
}

function fromHex(bytes: Uint8Array): Uint8Array | undefined {
	const text = textOf(bytes, /^\s*(0x|\\x)?80[\s\da-fx\\:]+$/i);
	const digits = text?.replace(/^0x|\\x|[\s:]/gi, "") ?? "";
	if (digits === "" || /[^\da-f]/i.test(digits)) return undefined;
	return Uint8Array.from({ length: digits.length >> 1 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

function fromBase64(bytes: Uint8Array): Uint8Array | undefined {
	const text = textOf(bytes, /^\s*gA[I-X][\w+/\-=\s]*$/);
	if (text === undefined) return undefined;
	const digits = text.replace(/[\s=]/g, "").replaceAll("-", "+").replaceAll("_", "/");
	try {
		return Uint8Array.from(atob(digits.slice(0, digits.length - (digits.length % 4 === 1 ? 1 : 0))), (char) =>
			char.charCodeAt(0),
		);
	} catch {
		return undefined;
	}
}

function fromRepr(bytes: Uint8Array): Uint8Array | undefined {
	if (!beginsRepr(bytes)) return undefined;
	const text = new TextDecoder("latin1").decode(bytes).trim().replace(/^[bB]/, "");
	try {
		return unescapeString(Uint8Array.from(text, (char) => char.charCodeAt(0)));
	} catch (error) {
		if (isPickleError(error)) return undefined;
		throw error;
	}
}

function beginsRepr(bytes: Uint8Array): boolean {
	return /^\s*[bB]?['"]\\x80\\x0[2-5]/.test(new TextDecoder("latin1").decode(bytes.subarray(0, 16)));
}

/** What decodes it in Python. */
export const transportPython: Readonly<Record<Transport, string>> = {
	base64: "import base64, pickle; pickle.loads(base64.b64decode(open(FILE, 'rb').read()))",
	hex: "import pickle; pickle.loads(bytes.fromhex(open(FILE).read().strip().removeprefix('0x')))",
	repr: "import ast, pickle; pickle.loads(ast.literal_eval(open(FILE).read()))",
	"utf-16le": "import pickle; pickle.loads(open(FILE, encoding='utf-16').read().encode('latin-1'))",
	"utf-16be": "import pickle; pickle.loads(open(FILE, encoding='utf-16').read().encode('latin-1'))",
};
