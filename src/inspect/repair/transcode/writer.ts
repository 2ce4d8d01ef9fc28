import { encodeUtf8 } from "../../../bytes/utf8.ts";
import { payloadLimits } from "../../../opcodes/lengths.ts";
import * as op from "../../../opcodes/table.ts";
import { grouped } from "../../diagnosis/words.ts";
import { littleEndian } from "../shape.ts";
import { bytesToLine, bytesToQuoted, type Change, textToLine, toUtf8 } from "./changes.ts";
import type { Name } from "./names.ts";
import { Output } from "./output.ts";
import { Refused } from "./refused.ts";

/** What a payload is to the Python that reads it; `str` is Python 2's. */
export type Form = "text" | "str" | "bytes";

/** A large payload where it lies, and how many bytes it has once it is changed. */
interface Large {
	readonly from: number;
	readonly length: number;
	readonly size: number;
	readonly change?: Change | undefined;
}

const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const LINE_FEED = ascii("\n");

/** Writes the instructions of one protocol, as Python's pickler does at it. */
export class Writer extends Output {
	readonly protocol: number;
	/** Whether Python 2 is to read them. */
	readonly isPython2: boolean;
	/** Payloads that were written in pieces. */
	split = 0;
	/** The instruction of the source at work, for what is refused. */
	offset = 0;

	constructor(protocol: number, isPython2: boolean) {
		super(protocol >= 4);
		this.protocol = protocol;
		this.isPython2 = isPython2;
	}

	refuse(reason: string): Refused {
		return new Refused(reason, this.offset);
	}

	memo(key: number, [line, short, long]: readonly [number, number, number]): void {
		if (this.protocol === 0 || key >= 2 ** 32) this.latin1(`${String.fromCharCode(line)}${key}\n`);
		else if (key < 256) this.bytes([short, key]);
		else this.bytes([long, ...littleEndian(key, 4)]);
	}

	put(key: number): void {
		this.memo(key, [op.PUT, op.BINPUT, op.LONG_BINPUT]);
	}

	get(key: number): void {
		this.memo(key, [op.GET, op.BINGET, op.LONG_BINGET]);
	}

	/** GLOBAL or INST with its two lines. */
	lines(code: number, name: Name): void {
		for (const part of name) {
			if (part === "" || part.includes("\n")) throw this.refuse("a name that is empty or has a line feed");
			if (this.protocol < 3 && !/^\p{ASCII}*$/u.test(part))
				throw this.refuse(`the name ${part} is not ASCII, and protocol ${this.protocol} has no other`);
		}
		this.byte(code);
		for (const part of name) {
			this.bytes(encodeUtf8(part));
			this.byte(10);
		}
	}

	global(module: string, name: string): void {
		this.lines(op.GLOBAL, [this.protocol < 3 && module === "builtins" ? "__builtin__" : module, name]);
	}

	/** Before the items of a tuple that `close` makes. */
	open(): void {
		if (this.protocol < 2) this.byte(op.MARK);
	}

	close(count: 1 | 2 | 3): void {
		this.byte(this.protocol < 2 ? op.TUPLE : op.TUPLE1 + count - 1);
	}

	/** Before the arguments of a call that `closeCall` makes. */
	openCall(module: string, name: string): void {
		this.global(module, name);
		this.open();
	}

	closeCall(count: 1 | 2 | 3): void {
		this.close(count);
		this.byte(op.REDUCE);
	}

	empty(binary: number, line: number): void {
		if (this.protocol === 0) this.bytes([op.MARK, line]);
		else this.byte(binary);
	}

	emptyList(): void {
		this.empty(op.EMPTY_LIST, op.LIST);
	}

	emptyTuple(): void {
		this.empty(op.EMPTY_TUPLE, op.TUPLE);
	}

	/** A short str of Python's own, such as the name of an attribute. */
	word(text: string): void {
		this.payload(this.isPython2 && /^\p{ASCII}*$/u.test(text) ? "str" : "text", encodeUtf8(text));
	}

	int(value: number | bigint): void {
		if (this.protocol === 0 || value < -(2 ** 31) || value >= 2 ** 31) this.latin1(`I${value}\n`);
		else if (value >= 0 && value < 256) this.bytes([op.BININT1, Number(value)]);
		else if (value >= 0 && value < 65_536) this.bytes([op.BININT2, ...littleEndian(Number(value), 2)]);
		else this.bytes([op.BININT, ...littleEndian(Number(value) >>> 0, 4)]);
	}

	float(value: number): void {
		const bytes = new Uint8Array(9);
		bytes[0] = op.BINFLOAT;
		new DataView(bytes.buffer).setFloat64(1, value);
		this.bytes(bytes);
	}

	/** A payload that is at hand. */
	payload(form: Form, bytes: Uint8Array): void {
		if (form === "bytes" && this.protocol < 3 && !this.isPython2) this.#encoded(bytes);
		else if (form === "text" || (form === "bytes" && this.protocol >= 3)) this.#plain(form, bytes);
		else this.#str(bytes);
	}

	#encoded(bytes: Uint8Array): void {
		if (bytes.length === 0) {
			this.global("builtins", "bytes");
			this.emptyTuple();
			this.byte(op.REDUCE);
			return;
		}
		this.openCall("_codecs", "encode");
		if (this.protocol === 0) this.#line(op.UNICODE, bytesToLine.apply(bytes));
		else this.#plain("text", toUtf8.apply(bytes));
		this.word("latin1");
		this.closeCall(2);
	}

	#plain(form: "text" | "bytes", bytes: Uint8Array): void {
		if (this.protocol === 0) this.#line(op.UNICODE, textToLine.apply(bytes));
		else {
			this.bytes(this.#head(form, bytes.length));
			this.bytes(bytes);
		}
	}

	#str(bytes: Uint8Array): void {
		if (this.protocol === 0) this.#line(op.STRING, [0x27, ...bytesToQuoted.apply(bytes), 0x27]);
		else {
			this.bytes(this.#head("str", bytes.length));
			this.bytes(bytes);
		}
	}

	#line(code: number, line: Uint8Array | readonly number[]): void {
		this.byte(code);
		this.bytes(line);
		this.byte(10);
	}

	/** The opcode and the length of a payload. */
	#head(form: Form, length: number): Uint8Array {
		const { protocol } = this;
		if (form === "str") {
			if (length > payloadLimits.signed) throw this.#tooLong(length, payloadLimits.signed);
			return head(op.SHORT_BINSTRING, op.BINSTRING, length, true);
		}
		const limit = this.isPython2 ? payloadLimits.signed : payloadLimits.unsigned;
		if (protocol < 4 && length > limit) throw this.#tooLong(length, limit);
		const wide = form === "text" ? op.BINUNICODE8 : op.BINBYTES8;
		if (length > payloadLimits.unsigned) return Uint8Array.of(wide, ...littleEndian(length, 8));
		return form === "text"
			? head(op.SHORT_BINUNICODE, op.BINUNICODE, length, protocol >= 4)
			: head(op.SHORT_BINBYTES, op.BINBYTES, length, true);
	}

	#tooLong(length: number, limit: number): Refused {
		const reader = this.isPython2 ? "Python 2" : `protocol ${this.protocol}`;
		return this.refuse(`a payload of ${grouped(length)} bytes, and ${reader} holds at most ${grouped(limit)}`);
	}

	/** How the bytes of a large payload are changed for the protocol. */
	changeFor(form: Form): Change | undefined {
		if (form === "text") return this.protocol === 0 ? textToLine : undefined;
		if (form === "bytes" && this.protocol >= 3) return undefined;
		if (form === "str" || this.isPython2) return this.protocol === 0 ? bytesToQuoted : undefined;
		return this.protocol === 0 ? bytesToLine : toUtf8;
	}

	/** A payload that stays in the source until it is asked for. */
	large(form: Form, payload: Large): void {
		if (form === "bytes" && this.protocol < 3 && !this.isPython2) {
			this.openCall("_codecs", "encode");
			this.#largePlain("text", payload);
			this.word("latin1");
			this.closeCall(2);
		} else if (form === "text" || this.protocol >= 3) this.#largePlain(form, payload);
		else if (this.protocol > 0 && payload.length > payloadLimits.signed && this.isPython2) this.#pieces(payload);
		else this.#largePlain("str", payload);
	}

	#largePlain(form: Form, run: Large): void {
		if (this.protocol > 0) this.outside(this.#head(form, run.size), run);
		else if (form === "text") this.outside(Uint8Array.of(op.UNICODE), run, LINE_FEED);
		else this.outside(ascii("S'"), run, ascii("'\n"));
	}

	/** What Python 2 joins: `getattr('', 'join')([...])`. */
	#pieces({ from, length }: Large): void {
		this.split++;
		this.openCall("builtins", "getattr");
		this.word("");
		this.word("join");
		this.closeCall(2);
		this.open();
		this.emptyList();
		this.byte(op.MARK);
		const size = payloadLimits.piece;
		for (let at = 0; at < length; at += size) {
			const count = Math.min(size, length - at);
			this.outside(this.#head("str", count), { from: from + at, length: count, size: count });
		}
		this.byte(op.APPENDS);
		this.closeCall(1);
	}
}

function head(short: number, long: number, length: number, hasShort: boolean): Uint8Array {
	return hasShort && length < 256 ? Uint8Array.of(short, length) : Uint8Array.of(long, ...littleEndian(length, 4));
}
