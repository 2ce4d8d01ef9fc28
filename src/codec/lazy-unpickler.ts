import type { Signal } from "../bytes/platform.ts";
import { LazyStrings, Unread } from "../opcodes/lazy-strings.ts";
import { bulkKind, largeValue, StreamUnpickler } from "../opcodes/stream-unpickler.ts";
import * as op from "../opcodes/table.ts";
import type { MachineOptions } from "../opcodes/unpickler.ts";
import { PyLazyBytes } from "../values/lazy.ts";
import type { PyValue } from "../values/value.ts";
import { SourceWindow } from "./source-window.ts";
import type { Payload, Supply } from "./supply.ts";

/** Instructions without a mark take so many operands at most. */
const OPERANDS = 3;

/** Instructions that take what lies above a mark. */
const marked: readonly number[] = [op.APPENDS, op.SETITEMS, op.ADDITEMS, op.FROZENSET, op.DICT, op.INST, op.OBJ];

/** A machine that leaves large payloads in their file, and reads what of them turns out to be needed. */
export class LazyUnpickler extends StreamUnpickler {
	readonly #strings: LazyStrings;
	readonly #signal: Signal | undefined;

	constructor(options: MachineOptions, signal?: Signal) {
		super(options);
		this.#signal = signal;
		this.#strings = new LazyStrings(options, this, this.objects.charge);
		this.objects.strings = this.#strings;
	}

	override leave(supply: Supply, header: number, length: number): boolean {
		const kind = bulkKind(this.bytes[this.pos] as number);
		if (!(supply instanceof SourceWindow) || kind === undefined) return false;
		const isBytes = kind === "str" && this.objects.options.encoding === "bytes";
		this.#strings.leave();
		this.push(new PyLazyBytes(supply.source, supply.offset + header, length, isBytes ? "bytes" : kind));
		supply.skip(header + length);
		return true;
	}

	/** Goes back to before the instruction that needed what lies in the file, and puts that into its places. */
	override async recover(error: unknown): Promise<void> {
		if (!(error instanceof Unread)) throw error;
		const read = new Map<PyLazyBytes, Payload>();
		for (const payload of error.places.keys()) read.set(payload, await payload.readBytes({ signal: this.#signal }));
		const readOf = (payload: PyLazyBytes) => this.#valueOf(payload, read.get(payload) as Payload);
		this.#strings.replace(error, readOf);
		const isMarked = marked.includes(this.bytes[this.pos] as number);
		if (isMarked) this.unpop();
		for (let i = isMarked ? this.popped : Math.max(0, this.height - OPERANDS); i < this.height; i++) {
			const operand = this.stack[i];
			if (operand instanceof PyLazyBytes && read.has(operand)) this.stack[i] = readOf(operand);
		}
	}

	override run(): boolean {
		const done = super.run();
		if (done) this.#strings.freeze();
		return done;
	}

	#valueOf({ kind }: PyLazyBytes, bytes: Payload): PyValue {
		if (!(bytes instanceof Uint8Array)) return largeValue(kind, bytes);
		const code = { text: op.BINUNICODE, str: op.BINSTRING, bytes: op.BINBYTES, bytearray: op.BYTEARRAY8 }[kind];
		return this.payload(code, bytes, 0, bytes.length);
	}
}
