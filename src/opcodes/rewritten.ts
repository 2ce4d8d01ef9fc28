import { Bulk } from "../values/bulk.ts";
import { DOUBLE, escapedStr, latin1AsUtf8, rawUnicodeEscape, SINGLE } from "./lines.ts";
import { BINUNICODE, STRING, UNICODE } from "./table.ts";

const LF = 10;

/**
 * A str whose characters are bytes that lie in a file, as protocols without bytes have it: all of an instruction, which is made of
 * the bytes while they are copied. Its length is not known before.
 */
export class RewrittenText extends Bulk {
	readonly kind = "text";
	readonly byteLength = 0;
	readonly data: Bulk;
	readonly #opcode: number;
	readonly #python2: boolean;
	/** Is told how many bytes of UTF-8 there are. */
	readonly #check: (length: number) => void;
	#length = 0;
	#single = false;
	#double = false;

	/** @param opcode BINUNICODE, UNICODE or STRING */
	constructor(data: Bulk, opcode: number, python2: boolean, check: (length: number) => void) {
		super();
		this.data = data;
		this.#opcode = opcode;
		this.#python2 = python2;
		this.#check = check;
	}

	/** Looks at all bytes before any is written, part by part. */
	look(part: Uint8Array): void {
		for (let i = 0; i < part.length; i++) this.#length += 1 + ((part[i] as number) >> 7);
		this.#single ||= part.includes(SINGLE);
		this.#double ||= part.includes(DOUBLE);
	}

	/** What stands before the bytes. @throws PickleError E_OVERFLOW */
	head(): Uint8Array {
		if (this.#opcode === UNICODE) return Uint8Array.of(UNICODE);
		if (this.#opcode === STRING) return Uint8Array.of(STRING, this.#quote);
		this.#check(this.#length);
		const head = Uint8Array.of(BINUNICODE, 0, 0, 0, 0);
		new DataView(head.buffer).setUint32(1, this.#length, true);
		return head;
	}

	rewritten(part: Uint8Array): Uint8Array {
		if (this.#opcode === BINUNICODE) return latin1AsUtf8(part);
		return this.#opcode === UNICODE ? rawUnicodeEscape(part, this.#python2) : escapedStr(part, this.#quote);
	}

	/** What stands behind the bytes. */
	tail(): Uint8Array {
		if (this.#opcode === BINUNICODE) return new Uint8Array(0);
		return this.#opcode === UNICODE ? Uint8Array.of(LF) : Uint8Array.of(this.#quote, LF);
	}

	get #quote(): number {
		return this.#single && !this.#double ? DOUBLE : SINGLE;
	}

	subarray(start: number, end: number): Uint8Array | Bulk {
		return this.data.subarray(start, end);
	}

	windows(): Iterable<Uint8Array> {
		return this.data.windows();
	}
}
