import { isPickleError, PickleError } from "../errors.ts";
import { Bulk, type BulkKind } from "../values/bulk.ts";
import { PyLargeBytes, viewOf } from "../values/large.ts";
import { PyLargeText } from "../values/large-text.ts";
import { PyLazyBytes } from "../values/lazy.ts";
import type { PyValue } from "../values/value.ts";
import type { DecodeReducer } from "./resolver.ts";
import { Strings, Undecoded } from "./strings.ts";
import * as op from "./table.ts";
import { type MachineOptions, Unpickler } from "./unpickler.ts";

/** What the payload of an opcode is; undefined for those that are never left in a file. */
const kinds: Partial<Record<number, BulkKind>> = {
	[op.BINSTRING]: "str",
	[op.BINUNICODE]: "text",
	[op.BINUNICODE8]: "text",
	[op.BINBYTES]: "bytes",
	[op.BINBYTES8]: "bytes",
	[op.BYTEARRAY8]: "bytearray",
};

/** What a code's payload is, if it may be more than what decoding itself has to see. */
export function bulkKind(code: number): BulkKind | undefined {
	return kinds[code];
}

/** A reducer needs bytes that were left in the file. Is thrown through it: once they are read, `retry` calls it again. */
export class Unread extends PickleError {
	readonly payloads: readonly PyLazyBytes[];

	constructor(payloads: readonly PyLazyBytes[], offset: number) {
		super("E_TOO_LARGE", "what lies in the file yet is needed to decode this; readPickle reads all of it", { offset });
		this.payloads = payloads;
	}
}

/** A machine whose input comes piece by piece, with payloads of any size, some of which are left where they are. */
export class StreamUnpickler extends Unpickler {
	constructor(options: MachineOptions) {
		super(options);
		this.objects.strings = new StreamStrings(options, this);
	}

	/** Takes the payload of the instruction at `pos` from memory that holds it alone, and is done with that instruction. */
	take(payload: Uint8Array | PyLargeBytes): void {
		const code = this.bytes[this.pos] as number;
		try {
			this.push(
				payload instanceof Uint8Array
					? this.payload(code, payload, 0, payload.length)
					: largeValue(kinds[code] ?? "bytes", payload),
			);
		} catch (error) {
			throw this.located(error);
		}
	}

	/** Takes the value of the instruction at `pos`, and is done with it. */
	push(value: PyValue): void {
		this.stack[this.height++] = value;
	}

	/** Whether the instruction at `pos`, which failed with Unread, can be done again. */
	get canRetry(): boolean {
		const code = this.bytes[this.pos] as number;
		return [op.REDUCE, op.NEWOBJ, op.NEWOBJ_EX, op.BUILD].includes(code);
	}

	/** Goes back to before that instruction, with what was read in the places of its operands. */
	retry(read: ReadonlyMap<PyLazyBytes, Uint8Array | PyLargeBytes>): void {
		const operands = this.bytes[this.pos] === op.NEWOBJ_EX ? 2 : 1;
		for (let i = 0; i < operands; i++) {
			const place = this.height + i;
			this.stack[place] = this.#withRead(this.stack[place] as PyValue, read);
		}
		this.height += operands;
	}

	#withRead(value: PyValue, read: ReadonlyMap<PyLazyBytes, Uint8Array | PyLargeBytes>): PyValue {
		const bytes = read.get(value as PyLazyBytes);
		if (bytes !== undefined) return this.#valueOf(value as PyLazyBytes, bytes);
		if (!Array.isArray(value) || !value.some((item) => read.has(item as PyLazyBytes))) return value;
		const items = value.map((item) => this.#withRead(item as PyValue, read));
		return this.objects.isTuple(value) ? this.objects.tuple(items) : items;
	}

	#valueOf({ kind }: PyLazyBytes, bytes: Uint8Array | PyLargeBytes): PyValue {
		if (!(bytes instanceof Uint8Array)) return largeValue(kind, bytes);
		const code = { text: op.BINUNICODE, str: op.BINSTRING, bytes: op.BINBYTES, bytearray: op.BYTEARRAY8 }[kind];
		return this.payload(code, bytes, 0, bytes.length);
	}

	protected override isBuffer(value: PyValue): boolean {
		return value instanceof Uint8Array || (value instanceof Bulk && value.kind !== "text");
	}

	/** Memory that is longer than a Uint8Array, too. */
	protected override outOfBand(buffer: ArrayBuffer | ArrayBufferView | PyLargeBytes): PyValue {
		if (buffer instanceof PyLargeBytes) return buffer;
		const whole = ArrayBuffer.isView(buffer) ? buffer.buffer : buffer;
		const start = ArrayBuffer.isView(buffer) ? buffer.byteOffset : 0;
		const memory = whole instanceof ArrayBuffer ? viewOf(whole, start, buffer.byteLength) : undefined;
		return memory instanceof PyLargeBytes ? memory : super.outOfBand(buffer);
	}
}

function largeValue(kind: BulkKind, { buffer, byteOffset, byteLength }: PyLargeBytes): PyValue {
	if (kind === "text") return new PyLargeText(new PyLargeBytes(buffer, byteOffset, byteLength));
	return new PyLargeBytes(buffer, byteOffset, byteLength, kind);
}

/** Strings where text may be too long for one, and bytes may still lie in the file. */
class StreamStrings extends Strings {
	readonly #machine: StreamUnpickler;

	constructor(options: MachineOptions, machine: StreamUnpickler) {
		super(options, machine);
		this.#machine = machine;
	}

	override decoded(value: PyValue): PyValue {
		try {
			return super.decoded(value);
		} catch (error) {
			if (!(value instanceof Undecoded && value.utf8 && isPickleError(error, "E_TOO_LARGE"))) throw error;
			value.value = new PyLargeText(value.bytes);
			return value.value;
		}
	}

	/** @throws Unread for what lies in the file yet, unless the reducer takes that */
	override settleFor(reducer: DecodeReducer, read: PyValue): void {
		super.settleFor(reducer, read);
		if (!Array.isArray(read)) return;
		const unread = read.filter((item): item is PyLazyBytes => item instanceof PyLazyBytes);
		if (unread.length > 0 && !reducer.takesLazy?.(read)) throw new Unread(unread, this.#machine.offset);
	}
}
