import { encodeLatin1, encodeUtf8 } from "../bytes/utf8.ts";
import { PickleError } from "../errors.ts";
import type { Bulk } from "../values/bulk.ts";
import { PyLargeBytes } from "../values/large.ts";
import { PyGlobal } from "../values/objects.ts";
import { pythonFloat } from "../values/scalars.ts";
import { toPython2 } from "./compat.ts";
import { FRAME_TARGET, Framer, type Payload, SLACK } from "./framer.ts";
import { overflowError, type PayloadLimits } from "./lengths.ts";
import { latin1AsUtf8, rawUnicodeEscape, stringLiteral } from "./lines.ts";
import { RewrittenText } from "./rewritten.ts";
import * as op from "./table.ts";

/** What the emitter goes by, resolved. */
export interface EmitterOptions {
	readonly protocol: number;
	/** 2 to write as Python 2's `pickle.py` does. */
	readonly python: 2 | 3;
	readonly fixImports: boolean;
	/** Extension codes by `module\nname`. */
	readonly extensions: ReadonlyMap<string, number>;
	readonly overflow: "error" | "promote" | "split";
	readonly limits: PayloadLimits;
}

/** Text up to this length is written by a loop, which is faster than TextEncoder there. */
const LOOP = 24;
/** So many characters have at most 255 bytes. */
const SHORT = 85;
/** So many characters stay below the size of a frame. */
const MEDIUM = Math.floor((FRAME_TARGET - 1) / 3);
/** Digits of an int in text, as Python 3 reads and writes at most. */
const MAX_DIGITS = 4300;

const encoder = new TextEncoder();

/** Writes atoms, payloads, names and memo opcodes, each as CPython's C pickler does, or Python 2's `pickle.py`. */
export abstract class Emitter extends Framer {
	readonly protocol: number;
	readonly python: 2 | 3;
	protected readonly emitterOptions: EmitterOptions;
	/** How many values have a number. */
	protected memoized = 0;
	readonly #textHeader: number;

	constructor(options: EmitterOptions) {
		super();
		this.protocol = options.protocol;
		this.python = options.python;
		this.emitterOptions = options;
		this.#textHeader = options.protocol >= 4 ? 2 : 5;
	}

	/** Where the value lies that is being written: `$.users[3]`. */
	protected abstract path(): string;

	protected refuse(reason: string, cause?: unknown): PickleError {
		const path = this.path();
		return new PickleError("E_UNENCODABLE", `${reason} has no pickled form, at ${path}`, { path, cause });
	}

	/** Numbers the value on top of the stack; returns its number. */
	protected put(): number {
		const place = this.memoized++;
		if (this.pos + 16 > this.bytes.length) this.reserve(SLACK);
		if (this.protocol >= 4) this.bytes[this.pos++] = op.MEMOIZE;
		else this.#memoOp(place, op.PUT, op.BINPUT, op.LONG_BINPUT);
		return place;
	}

	protected get(place: number): void {
		if (this.pos + 16 > this.bytes.length) this.reserve(SLACK);
		this.#memoOp(place, op.GET, op.BINGET, op.LONG_BINGET);
	}

	#memoOp(place: number, text: number, short: number, long: number): void {
		if (this.protocol === 0) this.line(text, String(place));
		else if (place < 256) {
			this.bytes[this.pos++] = short;
			this.bytes[this.pos++] = place;
		} else {
			this.bytes[this.pos++] = long;
			this.view.setUint32(this.pos, place, true);
			this.pos += 4;
		}
	}

	/** An opcode, ASCII text and a line feed. */
	protected line(code: number, text: string): void {
		this.op(code);
		this.ascii(text);
		this.op(0x0a);
	}

	protected ascii(text: string): void {
		this.reserve(text.length + SLACK);
		for (let i = 0; i < text.length; i++) this.bytes[this.pos++] = text.charCodeAt(i);
	}

	protected bool(value: boolean): void {
		if (this.protocol >= 2) this.bytes[this.pos++] = value ? op.NEWTRUE : op.NEWFALSE;
		else this.line(op.INT, value ? "01" : "00");
	}

	/** A number: an int if it is a safe integer and not -0. */
	protected number(value: number): void {
		if ((value | 0) === value) {
			if (value === 0 && 1 / value < 0) this.float(value);
			else this.int(value);
		} else if (Number.isSafeInteger(value)) this.wideInt(value);
		else this.float(value);
	}

	/** An int of 32 bits. */
	protected int(value: number): void {
		if (this.protocol === 0) {
			this.line(op.INT, String(value));
			return;
		}
		const { bytes } = this;
		let { pos } = this;
		if (value >>> 0 > 0xffff) {
			bytes[pos++] = op.BININT;
			bytes[pos++] = value;
			bytes[pos++] = value >> 8;
			bytes[pos++] = value >> 16;
			bytes[pos++] = value >> 24;
		} else if (value > 0xff) {
			bytes[pos++] = op.BININT2;
			bytes[pos++] = value;
			bytes[pos++] = value >> 8;
		} else {
			bytes[pos++] = op.BININT1;
			bytes[pos++] = value;
		}
		this.pos = pos;
	}

	/** A safe integer of more than 32 bits. */
	protected wideInt(value: number): void {
		if (this.python === 2) this.line(op.INT, String(value));
		else if (this.protocol < 2) this.line(op.LONG, `${value}L`);
		else {
			const high = Math.floor(value / 2 ** 32);
			this.view.setUint32(this.pos + 2, value - high * 2 ** 32, true);
			this.view.setInt32(this.pos + 6, high, true);
			this.#long1(8);
		}
	}

	protected bigint(value: bigint): void {
		if (value >= -0x80000000n && value <= 0x7fffffffn) this.int(Number(value));
		else if (this.python === 2 && BigInt.asIntN(64, value) === value) this.line(op.INT, String(value));
		else if (this.protocol >= 2) this.#long(value);
		else {
			const text = String(value);
			const digits = value < 0n ? text.length - 1 : text.length;
			if (digits > MAX_DIGITS && this.python === 3)
				throw this.refuse(`an int of ${digits} digits at protocol ${this.protocol}`);
			this.line(op.LONG, `${text}L`);
		}
	}

	/** By limbs of 64 bits, or by way of hexadecimal text where those would take quadratic time. */
	#long(value: bigint): void {
		let rest = value;
		let count = 0;
		for (; rest !== 0n && rest !== -1n && count < 128; count += 8) {
			this.view.setBigUint64(this.pos + 2 + count, BigInt.asUintN(64, rest), true);
			rest >>= 64n;
		}
		if (rest === 0n || rest === -1n) {
			this.bytes[this.pos + 2 + count] = Number(rest & 0xffn);
			this.#long1(count + 1);
		} else this.#long4(value);
	}

	/** The bytes of an int lie where they belong; leaves out those that only repeat the sign. */
	#long1(length: number): void {
		const { bytes } = this;
		const start = this.pos + 2;
		let last = start + length - 1;
		while (last > start && bytes[last] === ((((bytes[last - 1] as number) >> 7) << 31) >> 31) >>> 24) last--;
		bytes[this.pos] = op.LONG1;
		bytes[this.pos + 1] = last - start + 1;
		this.pos = last + 1;
	}

	#long4(value: bigint): void {
		const negative = value < 0n;
		const hex = (negative ? ~value : value).toString(16);
		const needsSign = hex.length % 2 === 0 && hex.charCodeAt(0) >= 0x38;
		const length = Math.ceil(hex.length / 2) + (needsSign ? 1 : 0);
		this.reserve(length + SLACK);
		if (length < 256) {
			this.bytes[this.pos++] = op.LONG1;
			this.bytes[this.pos++] = length;
		} else this.#header(op.LONG4, length);
		const flip = negative ? 0xff : 0;
		for (let i = 0, end = hex.length; i < length; i++, end -= 2) {
			const digits = end > 0 ? Number.parseInt(hex.slice(Math.max(0, end - 2), end), 16) : 0;
			this.bytes[this.pos++] = digits ^ flip;
		}
	}

	protected float(value: number): void {
		if (this.protocol === 0) {
			this.line(op.FLOAT, pythonFloat(value));
			return;
		}
		this.bytes[this.pos] = op.BINFLOAT;
		this.view.setFloat64(this.pos + 1, value);
		this.pos += 9;
	}

	/** A str, without its number in the memo. */
	protected text(text: string): void {
		const { length } = text;
		if (this.protocol === 0) this.#textLine(rawUnicodeEscape(text, this.python === 2));
		else if (length <= LOOP) this.#loopText(text);
		else if (length <= SHORT) this.#shortText(text);
		else if (length <= MEDIUM) this.#mediumText(text);
		else this.textPayload(this.#utf8(text));
	}

	/** ASCII is written by a loop; what is not goes the long way. */
	#loopText(text: string): void {
		const { bytes } = this;
		const { length } = text;
		const start = this.pos + this.#textHeader;
		for (let i = 0; i < length; i++) {
			const code = text.charCodeAt(i);
			if (code > 0x7f) {
				this.#shortText(text);
				return;
			}
			bytes[start + i] = code;
		}
		this.#textHead(length);
		this.pos = start + length;
	}

	#shortText(text: string): void {
		const start = this.pos + this.#textHeader;
		const count = this.#encodeAt(text, start);
		this.#textHead(count);
		this.pos = start + count;
	}

	#mediumText(text: string): void {
		this.reserve(text.length * 3 + SLACK);
		const count = this.#encodeAt(text, this.pos + 5);
		if (count < 256 && this.#textHeader === 2) {
			this.bytes.copyWithin(this.pos + 2, this.pos + 5, this.pos + 5 + count);
			this.#textHead(count);
			this.pos += 2 + count;
		} else {
			this.#header(op.BINUNICODE, count);
			this.pos += count;
		}
		if (count > this.#payloadLimit("text")) throw this.overflow("text", count);
	}

	/** The header of text of at most 255 bytes, before the bytes. Does not move on. */
	#textHead(count: number): void {
		const { bytes, pos } = this;
		if (this.#textHeader === 2) {
			bytes[pos] = op.SHORT_BINUNICODE;
			bytes[pos + 1] = count;
		} else {
			bytes[pos] = op.BINUNICODE;
			this.view.setUint32(pos + 1, count, true);
		}
	}

	/** Writes a text's UTF-8, lone surrogates too, and gives the number of bytes. */
	#encodeAt(text: string, start: number): number {
		const { written } = encoder.encodeInto(text, this.bytes.subarray(start));
		if (written !== text.length && /\p{Cs}/u.test(text)) this.bytes.set(encodeUtf8(text), start);
		return written;
	}

	#utf8(text: string): Uint8Array {
		try {
			return encodeUtf8(text);
		} catch (cause) {
			throw new PickleError("E_TOO_LARGE", `the UTF-8 of a text of ${text.length} characters`, { cause });
		}
	}

	#textLine(escaped: Uint8Array): void {
		this.op(op.UNICODE);
		this.copy(escaped);
		this.op(0x0a);
	}

	/** A str from its UTF-8. */
	protected textPayload(utf8: Payload): void {
		const { byteLength: length } = utf8;
		const { wide } = this.emitterOptions.limits;
		if (length > this.#payloadLimit("text")) throw this.overflow("text", length);
		if (this.protocol >= 4 && length >= wide) this.#payload(op.BINUNICODE8, utf8, 8);
		else if (this.protocol >= 4 && length < 256) this.#payload(op.SHORT_BINUNICODE, utf8, 1);
		else this.#payload(op.BINUNICODE, utf8, 4);
	}

	/** The str whose characters are these bytes, as `_codecs.encode` takes it. */
	protected latin1Text(bytes: Payload): void {
		if (!(bytes instanceof Uint8Array)) this.#rewritten(bytes, this.protocol === 0 ? op.UNICODE : op.BINUNICODE);
		else if (this.protocol === 0) this.#textLine(rawUnicodeEscape(bytes, this.python === 2));
		else if (bytes.length > this.#payloadLimit("text")) throw this.overflow("text", bytes.length);
		else this.textPayload(latin1AsUtf8(bytes));
	}

	/** bytes, from protocol 3 on. */
	protected bytesPayload(data: Payload): void {
		const { byteLength: length } = data;
		if (length > this.#payloadLimit("bytes")) throw this.overflow("bytes", length);
		if (length < 256) this.#payload(op.SHORT_BINBYTES, data, 1);
		else if (this.protocol >= 4 && length >= this.emitterOptions.limits.wide) this.#payload(op.BINBYTES8, data, 8);
		else this.#payload(op.BINBYTES, data, 4);
	}

	/** bytearray, at protocol 5. */
	protected bytearrayPayload(data: Payload): void {
		this.#payload(op.BYTEARRAY8, data, 8);
	}

	#strLine(data: Uint8Array): void {
		this.op(op.STRING);
		this.copy(stringLiteral(data));
		this.op(0x0a);
	}

	/** Python 2's str. */
	protected strPayload(data: Payload): void {
		if (this.protocol === 0) {
			if (data instanceof Uint8Array) this.#strLine(data);
			else this.#rewritten(data, op.STRING);
			return;
		}
		const { byteLength: length } = data;
		if (length > this.#payloadLimit("bytes")) throw this.overflow("bytes", length);
		if (length < 256) this.#payload(op.SHORT_BINSTRING, data, 1);
		else this.#payload(op.BINSTRING, data, 4);
	}

	/** bytes or a str that are no Uint8Array. */
	protected bulkPayload(data: Bulk): void {
		const { kind } = data;
		if (kind === "text" && this.protocol > 0) this.textPayload(data);
		else if (kind === "bytearray" && this.protocol === 5) this.bytearrayPayload(data);
		else if (kind !== "text" && this.python === 2) this.strPayload(data);
		else if (kind !== "text" && this.protocol >= 3) this.bytesPayload(data);
		else throw this.#tooLong(data);
	}

	/** Bytes that lie in a file, as the text of an instruction. */
	#rewritten(data: Bulk, opcode: number): void {
		const path = this.path();
		const check = (length: number) => {
			if (length > this.#payloadLimit("text")) throw this.overflow("text", length, path);
		};
		if (data instanceof PyLargeBytes) throw this.#tooLong(data);
		check(data.byteLength);
		this.beginPayload();
		this.endPayload(new RewrittenText(data, opcode, this.python === 2, check));
	}

	#tooLong({ byteLength }: Bulk): PickleError {
		if (byteLength > this.#payloadLimit("text")) return this.overflow("text", byteLength);
		const reason = `${byteLength} bytes are too long to be rewritten as text for protocol ${this.protocol}`;
		return new PickleError(
			"E_TOO_LARGE",
			`${reason}; read() them first, or write protocol 3 or above, which take them as they are`,
		);
	}

	/** Whether Python 2 cannot hold the payload in one str, and it is to be written in pieces. */
	protected needsSplit(length: number): boolean {
		return this.emitterOptions.overflow === "split" && this.protocol > 0 && length > this.#payloadLimit("bytes");
	}

	#payloadLimit(kind: "bytes" | "text"): number {
		const { signed, unsigned } = this.emitterOptions.limits;
		if (this.protocol >= 4) return Number.POSITIVE_INFINITY;
		return this.python === 2 ? signed : kind === "text" || this.protocol === 3 ? unsigned : Number.POSITIVE_INFINITY;
	}

	protected overflow(kind: "bytes" | "text", length: number, path: string = this.path()): PickleError {
		const payload = { kind, length, python2: this.python === 2 };
		return overflowError(payload, this.#payloadLimit(kind), this.protocol, path);
	}

	/** An opcode, a length of so many bytes, and the payload: outside frames and not copied if it is large. */
	#payload(code: number, data: Payload, width: 1 | 4 | 8): void {
		const { byteLength: length } = data;
		const large = length >= FRAME_TARGET || !(data instanceof Uint8Array);
		if (large) this.beginPayload();
		else this.reserve(length + SLACK);
		if (width === 1) {
			this.bytes[this.pos++] = code;
			this.bytes[this.pos++] = length;
		} else if (width === 4) this.#header(code, length);
		else {
			this.#header(code, length % 2 ** 32);
			this.view.setUint32(this.pos, length / 2 ** 32, true);
			this.pos += 4;
		}
		if (large) this.endPayload(data);
		else {
			this.bytes.set(data, this.pos);
			this.pos += length;
		}
	}

	#header(code: number, length: number): void {
		this.bytes[this.pos] = code;
		this.view.setUint32(this.pos + 1, length, true);
		this.pos += 5;
	}

	/** The extension code of a class or function, if it has one that may be written. */
	protected extension(global: PyGlobal): boolean {
		const { extensions } = this.emitterOptions;
		if (extensions.size === 0 || this.protocol < 2) return false;
		const code = extensions.get(`${global.module}\n${global.name}`);
		if (code === undefined) return false;
		const [opcode, width] = code < 0x100 ? [op.EXT1, 1] : code < 0x10000 ? [op.EXT2, 2] : [op.EXT4, 4];
		this.op(opcode);
		this.reserve(SLACK);
		this.view.setUint32(this.pos, code, true);
		this.pos += width;
		return true;
	}

	/** Module and name as they are written. */
	protected nameOf(global: PyGlobal): readonly [module: string, name: string] {
		const renamed = this.protocol < 3 && (this.emitterOptions.fixImports || this.python === 2);
		if (!renamed) return [global.module, global.name];
		return PyGlobal.oldName(global) ?? toPython2(global.module, global.name);
	}

	/** GLOBAL or INST with the two lines of a name. */
	protected globalLines(code: number, global: PyGlobal): void {
		this.op(code);
		for (const part of this.nameOf(global)) {
			const encoded = this.protocol === 3 ? encodeUtf8(part) : encodeLatin1(part);
			const isText = this.protocol === 3 ? !/\p{Cs}/u.test(part) : (encoded?.every((byte) => byte < 0x80) ?? false);
			if (encoded === undefined || !isText || part === "" || part.includes("\n")) throw this.#badName(part);
			this.copy(encoded);
			this.op(0x0a);
		}
	}

	#badName(part: string): PickleError {
		if (part === "") return this.refuse("a class or function without module or name");
		const beyond = this.protocol === 3 ? "a lone surrogate" : "characters beyond ASCII";
		const why = part.includes("\n") ? "a line feed" : beyond;
		return this.refuse(`a class or function with ${why} in its name, at protocol ${this.protocol},`);
	}

	/** PERSID's line. */
	protected persistentLine(id: unknown): void {
		const text = typeof id === "number" || typeof id === "bigint" ? String(id) : id;
		if (typeof text !== "string" || !/^\p{ASCII}*$/u.test(text) || text.includes("\n")) {
			throw this.refuse("a persistent id that is no line of ASCII text, at protocol 0,");
		}
		this.line(op.PERSID, text);
	}
}
