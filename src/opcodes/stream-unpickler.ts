import { isPickleError } from "../errors.ts";
import { Bulk, type BulkKind } from "../values/bulk.ts";
import { PyLargeBytes, viewOf } from "../values/large.ts";
import { PyLargeText } from "../values/large-text.ts";
import type { PyValue } from "../values/value.ts";
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
	protected push(value: PyValue): void {
		this.stack[this.height++] = value;
	}

	/** Whether the payload of the instruction at `pos` stays where it is; it is done with that instruction then. */
	leave(_supply: unknown, _header: number, _length: number): boolean {
		return false;
	}

	/** Prepares `run` to go on after an error that is none for good. @throws the error, if it is */
	async recover(error: unknown): Promise<void> {
		throw error;
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

/** The value of a payload that is longer than a Uint8Array. */
export function largeValue(kind: BulkKind, { buffer, byteOffset, byteLength }: PyLargeBytes): PyValue {
	if (kind === "text") return new PyLargeText(new PyLargeBytes(buffer, byteOffset, byteLength));
	return new PyLargeBytes(buffer, byteOffset, byteLength, kind);
}

/** Strings where text may be too long for one. */
export class StreamStrings extends Strings {
	override decoded(value: PyValue): PyValue {
		try {
			return super.decoded(value);
		} catch (error) {
			if (!(value instanceof Undecoded && value.utf8 && isPickleError(error, "E_TOO_LARGE"))) throw error;
			value.value = new PyLargeText(value.bytes);
			return value.value;
		}
	}
}
