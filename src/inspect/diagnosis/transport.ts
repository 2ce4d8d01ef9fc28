import { unescapeString } from "../../bytes/escapes.ts";
import { decodeLatin1 } from "../../bytes/utf8.ts";
import { beginsContainer } from "../../containers/identify.ts";
import { isPickleError } from "../../errors.ts";
import type { Mend } from "./diagnosis.ts";
import { undoings } from "./faults/text.ts";
import { tryBytes } from "./walk.ts";

export type Transport = Extract<Mend, { kind: "decode" }>["encoding"];

/** What text decodes to. */
interface Text {
	readonly bytes: Uint8Array;
	/** The Python for it, of the text's bytes DATA; undefined if they are cut so that Python does not decode them. */
	readonly python: string | undefined;
	/** Spaces in it that were taken for the + that they were. */
	readonly plus?: number;
	/** Whether spaces in it may have been + or nothing. */
	readonly isDoubtful?: boolean;
}

/** A pickle that was made text, or whose bytes were. */
export interface Decoded extends Text {
	readonly encoding: Transport;
}

type Way = (bytes: Uint8Array) => Text | undefined;

const ways: readonly (readonly [Transport, Way])[] = [
	["utf-16le", (bytes) => fromUtf16(bytes, "le")],
	["utf-16be", (bytes) => fromUtf16(bytes, "be")],
	["repr", fromRepr],
	["hex", fromHex],
	["base64", fromBase64],
	["base64", fromJson],
];

/** What text in an encoding of bytes decodes to, if that is a pickle of any protocol, damaged or not, or packed. */
export function decodeTransport(bytes: Uint8Array): Decoded | undefined {
	return decoded(bytes, isMeant);
}

/** Whether a text's head may be that of such an encoding. */
export function mayBeTransport(head: Uint8Array): boolean {
	return decoded(head, mayBeMeant) !== undefined;
}

function decoded(bytes: Uint8Array, isWanted: (found: Uint8Array) => boolean): Decoded | undefined {
	for (const [encoding, decode] of ways) {
		const found = decode(bytes);
		if (found === undefined) continue;
		if (isWanted(found.bytes) || (encoding === "base64" && isMarkedTwice(found.bytes))) return { encoding, ...found };
	}
	return undefined;
}

/** Instructions that tell a pickle of protocol 0 or 1, which nothing marks, from what reads so by chance. */
const ENOUGH = 4;
/** Packed data are longer than so. */
const MIN_PACKED = 20;

function isMeant(bytes: Uint8Array): boolean {
	if (isMarked(bytes)) return true;
	const { clean, cut, first } = tryBytes(bytes);
	if (clean || (cut && first.findings.instructions > ENOUGH)) return true;
	return [...undoings(bytes, false)].some(({ trial }) => trial.clean);
}

/** Of a head that is cut anywhere. */
function mayBeMeant(head: Uint8Array): boolean {
	if (isMarked(head)) return true;
	const { failure, findings } = tryBytes(head, true).first;
	return failure === undefined || failure.kind === "end" || findings.instructions > ENOUGH || head.includes(13);
}

/** It begins with PROTO, or as packed data, archives and .npy files do. */
function isMarked(bytes: Uint8Array): boolean {
	const [first, second = 0] = bytes;
	if (first === 0x80 && second >= 2 && second <= 5) return true;
	return bytes.length > MIN_PACKED && beginsContainer(bytes);
}

/** It is base64 again. */
function isMarkedTwice(bytes: Uint8Array): boolean {
	const again = fromBase64(bytes);
	return again !== undefined && isMarked(again.bytes);
}

function latin1(bytes: Uint8Array, length = bytes.length): string {
	return decodeLatin1(bytes, 0, Math.min(length, bytes.length));
}

function bytesOf(text: string): Uint8Array {
	return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** The low bytes of UTF-16 units whose high bytes are all zero. */
function fromUtf16(bytes: Uint8Array, order: "le" | "be"): Text | undefined {
	const [first, second] = bytes;
	const isMarked = order === "le" ? first === 0xff && second === 0xfe : first === 0xfe && second === 0xff;
	const start = isMarked ? 2 : 0;
	const [low, high] = order === "le" ? [0, 1] : [1, 0];
	if (bytes.length < start + 4) return undefined;
	const found = new Uint8Array((bytes.length - start) >> 1);
	for (let i = 0; i < found.length; i++) {
		const at = start + 2 * i;
		if (bytes[at + high] !== 0) return undefined;
		found[i] = bytes[at + low] as number;
	}
	const cut = bytes.length % 2 === 0 ? "DATA" : "DATA[:-1]";
	return { bytes: found, python: `${cut}.decode('utf-16${isMarked ? "" : `-${order}`}').encode('latin-1')` };
}

/** Text without a byte order mark and what is blank around it; undefined if its beginning is not as it should be. */
function textOf(bytes: Uint8Array, beginning: RegExp): string | undefined {
	const trimmed = (text: string) => text.replace(/^(\xef\xbb\xbf)?\s+|^\xef\xbb\xbf/, "");
	if (!beginning.test(trimmed(latin1(bytes, 128)))) return undefined;
	return trimmed(latin1(bytes)).trimEnd();
}

/** What stands between quotes, and the Python for it, which there is none for if the second quote is cut. */
function unquoted(text: string): { readonly text: string; readonly python: string | undefined } {
	const found = /^([bBuU]?)(["'])([^"'\\]*)(\2?)$/.exec(text);
	if (found === null) return { text, python: "DATA" };
	const [, prefix = "", , inner = "", end] = found;
	return {
		text: inner,
		python: end === "" ? undefined : `${literalPython("")}${/[bB]/.test(prefix) ? "" : ".encode()"}`,
	};
}

function literalPython(slice: string): string {
	return `ast.literal_eval(DATA.decode('utf-8-sig').strip()${slice})`;
}

function fromHex(bytes: Uint8Array): Text | undefined {
	const whole = textOf(bytes, /^([bu]?["'])?(0x|\\x)?[\da-f]{2}[\da-fx\\\s:,-]*["']?$/i);
	if (whole === undefined) return undefined;
	const { text, python } = unquoted(whole);
	if (!/^[\da-fx\\\s:,-]+$/i.test(text)) return undefined;
	const digits = text.replace(/\\x|0x|[\s:,-]/gi, "");
	if (digits.length < 2 || /[^\da-f]/i.test(digits)) return undefined;
	const found = new Uint8Array(digits.length >> 1);
	for (let i = 0; i < found.length; i++) found[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
	const isPlain = /^[\da-f\s]+$/i.test(text) && python === "DATA" && bytes[0] !== 0xef;
	const cleaned = isPlain ? "b''.join(DATA.split())" : `re.sub(br'(?i)\\\\x|0x|[^0-9a-f]', b'', ${python})`;
	const unhexed = `binascii.unhexlify(${cleaned}${digits.length % 2 === 0 ? "" : "[:-1]"})`;
	return { bytes: found, python: python && unhexed };
}

function fromBase64(bytes: Uint8Array): Text | undefined {
	const whole = textOf(bytes, /^(data:[^,]{0,100}[,;]|[bu]?["']|[\w+/\-=\s]+$)/i);
	if (whole === undefined) return undefined;
	const uri = /^data:[^,]*;base64,/i.exec(whole)?.[0] ?? "";
	const { text, python } = unquoted(whole.slice(uri.length));
	if (!/^[\w+/\-=\s]+$/.test(text)) return undefined;
	const lines = text.replace(/[ \t]*[\r\n][ \t\r\n]*/g, "");
	const data = uri === "" ? python : "DATA.split(b',', 1)[1]";
	const dropped = fromDigits(lines, data);
	if (!/\s/.test(lines)) return dropped;
	const plus = lines.length % 4 === 0 && !/[-+_\t]/.test(lines) ? fromPlus(lines, data) : undefined;
	const isNothing = isGrouped(lines) && lines.replace(/\s/g, "").length % 4 === 0;
	if (plus && dropped && isNothing && tryBytes(dropped.bytes).clean !== tryBytes(plus.bytes).clean)
		return tryBytes(plus.bytes).clean ? plus : dropped;
	if (plus && !isNothing) return plus;
	if (dropped && !plus && isNothing) return dropped;
	return dropped && { bytes: (plus ?? dropped).bytes, python: undefined, isDoubtful: true };
}

/** Whether spaces part groups of one length, the last of which may be shorter. */
function isGrouped(lines: string): boolean {
	const groups = lines.split(/\s+/);
	const width = groups[0]?.length ?? 0;
	return groups.every(({ length }, i) => length === width || (i === groups.length - 1 && length < width));
}

/** Text in which forms of web pages put spaces for +, so that none of those is left, and without which it is too short. */
function fromPlus(lines: string, data: string | undefined): Text | undefined {
	const found = fromDigits(lines.replaceAll(" ", "+"), data && `${data}.strip().replace(b' ', b'+')`);
	return found && { ...found, plus: lines.split(" ").length - 1 };
}

/** Of one line, in which spaces count for nothing. */
function fromDigits(line: string, data: string | undefined): Text | undefined {
	const digits = line.replace(/[\s=]/g, "").replaceAll("-", "+").replaceAll("_", "/");
	const quads = digits.slice(0, digits.length - (digits.length % 4 === 1 ? 1 : 0));
	try {
		return { bytes: bytesOf(atob(quads)), python: base64Python(line, digits, data) };
	} catch {
		return undefined;
	}
}

/** Python takes the alphabet of URLs, and text without its padding, only if it is told. */
function base64Python(text: string, digits: string, data: string | undefined): string | undefined {
	const over = digits.length % 4;
	if (over === 1 || data === undefined) return undefined;
	const padded = over > 0 && !text.includes("=") ? `${data} + b'${"=".repeat(4 - over)}'` : data;
	return `base64.${/[-_]/.test(text) ? "urlsafe_" : ""}b64decode(${padded})`;
}

/** Strings of JSON that may be base64, and how many of them are tried. */
const JSON_BASE64 = /"((?:[\w+/=-]|\\[/nr]){16,})"?/g;
const MAX_STRINGS = 64;

/** JSON in which a string is base64 of what is marked. */
function fromJson(bytes: Uint8Array): Text | undefined {
	const text = textOf(bytes, /^[[{]/);
	let tried = 0;
	for (const [, string = ""] of text?.matchAll(JSON_BASE64) ?? []) {
		if (++tried > MAX_STRINGS) return undefined;
		const plain = string.replace(/\\[nr]/g, "").replaceAll("\\/", "/");
		const found = fromBase64(bytesOf(plain));
		if (found === undefined || !isMarked(found.bytes)) continue;
		const key = keyOf(text as string, plain);
		const python = key && found.python?.replace("DATA", `json.loads(DATA)['${key}'].encode()`);
		return { bytes: found.bytes, python };
	}
	return undefined;
}

/** The plain key under which an object of JSON has a string, line ends in it left out. */
function keyOf(text: string, string: string): string | undefined {
	try {
		const entries = Object.entries(JSON.parse(text) as Readonly<Record<string, unknown>>);
		const [key] =
			entries.find(([, value]) => typeof value === "string" && value.replace(/[\r\n]/g, "") === string) ?? [];
		return key !== undefined && text.startsWith("{") && /^[\w .-]+$/.test(key) ? key : undefined;
	} catch {
		return undefined;
	}
}

/** A literal of Python: of bytes, of a str of Python 2, whose escapes are the same, or of a bytearray. */
const LITERAL = /^(bytearray\()?([bBuU]?)("""|'''|"|')/;

function fromRepr(bytes: Uint8Array): Text | undefined {
	const text = textOf(bytes, LITERAL) ?? textOf(bytes, /^[ -~]*\\(n|x[\da-f]{2})[ -~]*$/);
	if (text === undefined) return undefined;
	const [opening = "", call = "", prefix = "", quotes = ""] = LITERAL.exec(text) ?? [];
	const closing = `${quotes}${call === "" ? "" : ")"}`;
	const isCut = !text.endsWith(closing) || text.length < opening.length + closing.length;
	const inner = text.slice(opening.length, isCut ? undefined : text.length - closing.length);
	const isBytes = /[bB]/.test(prefix);
	const found = unescaped(inner, isBytes) ?? unescapedCut(inner, isBytes);
	if (found === undefined) return undefined;
	const literal = literalPython(call === "" ? "" : "[10:-1]") + (isBytes ? "" : ".encode('latin-1')");
	const python = quotes === "" ? "codecs.escape_decode(DATA.strip())[0]" : literal;
	return { bytes: found, python: isCut ? undefined : python };
}

/** Of a literal that is cut in an escape. */
function unescapedCut(inner: string, isBytes: boolean): Uint8Array | undefined {
	for (let cut = 1; cut <= 3; cut++) {
		const found = unescaped(inner.slice(0, -cut), isBytes);
		if (found !== undefined) return found;
	}
	return undefined;
}

/** The bytes that the text of a literal stands for; undefined if it stands for none. */
function unescaped(inner: string, isBytes: boolean): Uint8Array | undefined {
	const chars = bytesOf(inner);
	try {
		const isAscii = isBytes || !chars.some((byte) => byte > 0x7f);
		const text = isAscii ? inner : new TextDecoder("utf-8", { fatal: true }).decode(chars);
		return /[^\0-\xff]/.test(text) ? undefined : unescapeString(bytesOf(`'${text}'`));
	} catch (error) {
		if (isPickleError(error) || error instanceof TypeError) return undefined;
		throw error;
	}
}
