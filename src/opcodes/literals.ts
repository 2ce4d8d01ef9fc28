import { decodeRawUnicodeEscape, isPlainString, unescapeString } from "../bytes/escapes.ts";
import { toLong } from "../bytes/int64.ts";
import { decodeLong, parseFloatText, parseIndexText, parseIntText, parseLongText } from "../bytes/numbers.ts";
import { decodedText, decodeUtf8, isAscii } from "../bytes/utf8.ts";
import { PickleError } from "../errors.ts";
import { limitError } from "../limits.ts";
import { PyByteArray, PyFloat } from "../values/scalars.ts";
import type { PyValue } from "../values/value.ts";
import { Input } from "./input.ts";
import { type MachineOptions, Objects } from "./objects.ts";
import * as op from "./table.ts";

/** The values that lie in the input itself: numbers, text and bytes, in payloads and in lines. */
export abstract class Literals extends Input {
	readonly objects: Objects;
	protected readonly options: MachineOptions;

	constructor(options: MachineOptions) {
		super();
		this.options = options;
		this.objects = new Objects(options, this);
	}

	protected int(value: number | bigint | boolean): PyValue {
		if (typeof value === "boolean") return value;
		if (this.options.integers === "long") return toLong(value);
		return this.options.integers === "bigint" ? BigInt(value) : value;
	}

	protected float(value: number): PyValue {
		if (this.options.floats === "auto") return value;
		return Number.isInteger(value) || (Number.isNaN(value) && hasPayload(value)) ? new PyFloat(value) : value;
	}

	#textFloat(start: number, end: number): PyValue {
		const value = parseFloatText(this.bytes, start, end);
		if (Number.isInteger(value)) this.objects.integralFloats++;
		return this.float(value);
	}

	#long(source: Uint8Array, start: number, end: number): PyValue {
		const { maxIntBytes } = this.objects.limits;
		if (end - start > maxIntBytes)
			throw limitError("maxIntBytes", maxIntBytes, `an int of ${end - start} bytes or more`);
		const view = source === this.bytes ? this.view : new DataView(source.buffer, source.byteOffset, source.length);
		return this.int(decodeLong(view, start, end));
	}

	/** What the length of the opcode at `pos` says. */
	protected payloadLength(code: number): number {
		const { view, pos } = this;
		switch (code) {
			case op.LONG1:
			case op.SHORT_BINBYTES:
			case op.SHORT_BINSTRING:
				return this.bytes[pos + 1] as number;
			case op.LONG4:
				return this.#longLength(view.getInt32(pos + 1, true));
			case op.BINSTRING:
				return this.#stringLength(view.getInt32(pos + 1, true));
			case op.BINBYTES:
			case op.BINUNICODE:
				return view.getUint32(pos + 1, true);
			default:
				return view.getUint32(pos + 1, true) + view.getUint32(pos + 5, true) * 2 ** 32;
		}
	}

	#longLength(length: number): number {
		if (length < 0) throw new PickleError("E_NUMBER", `an int of ${length} bytes`);
		// The limit is hit only by what is there: a length that lies is the end of the input, also where that is not known yet.
		return Math.min(length, this.objects.limits.maxIntBytes + 1);
	}

	/** BINSTRING's length is a signed C int. */
	#stringLength(length: number): number {
		const unsigned = length >>> 0;
		if (length >= 0 || this.options.binstring === "unsigned") return unsigned;
		const left = this.total - this.offset - 5;
		const fits = unsigned <= left ? "fits" : "does not fit";
		const reason = `the length is ${length} as Python reads it, signed, or ${unsigned} unsigned, which ${fits} the input`;
		throw new PickleError("E_LENGTH", `${reason}; binstring: "unsigned" takes it so`);
	}

	/** The value of a string or bytes opcode, from the window or from a buffer that holds the payload alone. */
	protected payload(code: number, source: Uint8Array, start: number, end: number): PyValue {
		const { strings } = this.objects;
		switch (code) {
			case op.LONG1:
			case op.LONG4:
				return this.#long(source, start, end);
			case op.BINUNICODE:
			case op.BINUNICODE8: {
				const text = strings.utf8At(code, source, start, end);
				return decodedText.splitPair ? strings.noteJoined(text as string) : text;
			}
			case op.SHORT_BINSTRING:
			case op.BINSTRING:
				return strings.strAt(code, source, start, end);
			case op.BYTEARRAY8: {
				const bytes = strings.bytesAt(source, start, end);
				return new PyByteArray(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
			}
			default:
				return strings.bytesAt(source, start, end);
		}
	}

	/** A module's or class's name in a line. */
	protected name(start: number, end: number): string {
		try {
			return decodeUtf8(this.bytes, start, end);
		} catch (cause) {
			throw new PickleError("E_GLOBAL", "the name of a module or class is no UTF-8 text", { cause });
		}
	}

	/** A memo index in text. */
	protected place(start: number, end: number): number {
		const place = parseIndexText(this.bytes, start, end);
		if (place < 0) throw new PickleError("E_MEMO", "the memo index is no decimal number, or too large");
		return place;
	}

	/** The value of a line opcode. */
	protected line(code: number, start: number, end: number): PyValue {
		const { bytes, objects } = this;
		const { maxIntDigits } = objects.limits;
		switch (code) {
			case op.INT:
				return this.int(parseIntText(bytes, start, end, maxIntDigits));
			case op.LONG:
				return this.int(parseLongText(bytes, start, end, maxIntDigits));
			case op.FLOAT:
				return this.#textFloat(start, end);
			case op.STRING: {
				if (isPlainString(bytes, start, end)) return objects.strings.strAt(code, bytes, start + 1, end - 1);
				const str = unescapeString(bytes, start, end);
				return objects.strings.strAt(code, str, 0, str.length);
			}
			case op.UNICODE:
				return objects.strings.noteJoined(decodeRawUnicodeEscape(bytes, start, end));
			default:
				if (!isAscii(bytes, start, end))
					throw new PickleError("E_TEXT", "a persistent id of protocol 0 is to be ASCII");
				return objects.persistent(decodeUtf8(bytes, start, end));
		}
	}
}

const scratch = new DataView(new ArrayBuffer(8));

/** Whether a NaN has a sign or payload, which V8 drops when it stores many floats in one array. */
function hasPayload(nan: number): boolean {
	scratch.setFloat64(0, nan);
	return scratch.getUint32(0) !== 0x7ff80000 || scratch.getUint32(4) !== 0;
}
