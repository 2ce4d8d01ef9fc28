import { type BytesInput, plainBytes } from "../bytes/plain.ts";
import { PickleError } from "../errors.ts";
import { FRAME_TARGET, Framer, windowsOf } from "../opcodes/framer.ts";
import { Identities } from "../opcodes/identities.ts";
import * as op from "../opcodes/table.ts";
import { checkArgument, readArgument } from "./instructions.ts";
import { reprInt } from "./numbers.ts";
import { isSpan, type Span, Window, walk } from "./walk.ts";

/** Highest protocol there is. */
const MAX_PROTOCOL = 5;

type Key = number | bigint;

/** What is to be known of a pickle before it is written anew. */
interface Survey {
	/** The numbers in the memo that are read. */
	readonly used: Identities<Key>;
	/** The protocol that PROTO, or the way of reading the memo, asks for. */
	readonly protocol: number;
	/** Where it ends. */
	readonly end: number;
}

/**
 * The pickle without the memo entries that nothing refers to, and so smaller, as CPython 3.14's `pickletools.optimize` writes
 * it: from protocol 4 on in new frames. Bytes after its STOP are left out.
 *
 * @throws PickleError where the bytes are no instruction; E_MEMO if the memo is read where nothing is stored; E_PROTOCOL;
 * E_TOO_LARGE if this runtime cannot hold the result
 * @throws TypeError for what holds no bytes
 */
export function optimize(bytes: BytesInput): Uint8Array {
	const pickle = plainBytes(bytes);
	return new Rewriting(pickle, survey(pickle)).run();
}

/** The first of these pickles, optimized, piece by piece: large payloads are the input's memory. And where it ended. */
export function optimizeFirst(pickle: Uint8Array): { readonly pieces: Iterable<Uint8Array>; readonly end: number } {
	const found = survey(pickle);
	return { pieces: new Rewriting(pickle, found).pieces(), end: found.end };
}

function survey(pickle: Uint8Array): Survey {
	const used = new Identities<Key>();
	let protocol = 0;
	let end = 0;
	let header: Span | undefined;
	for (const span of spans(pickle)) {
		const { opcode, offset, start } = span;
		checkArgument(opcode, pickle.subarray(start, span.stop), offset);
		if (isGet(opcode.code)) {
			protocol = Math.max(protocol, opcode.protocol);
			used.set(keyOf(pickle, span), 0);
		} else if (opcode.code === op.PROTO && (pickle[start] as number) > protocol) {
			protocol = pickle[start] as number;
			header = span;
		}
		end = span.end;
	}
	if (protocol > MAX_PROTOCOL && header !== undefined) {
		const text = `pickle protocol must be <= ${MAX_PROTOCOL}`;
		throw new PickleError("E_PROTOCOL", text, { offset: header.offset, opcode: "PROTO" });
	}
	return { used, protocol, end };
}

function isGet(code: number): boolean {
	return code === op.BINGET || code === op.LONG_BINGET || code === op.GET;
}

function* spans(pickle: Uint8Array): Generator<Span> {
	for (const step of walk(Window.over(pickle), 0)) if (isSpan(step)) yield step;
}

/** The number in the memo that an instruction names. Python's True and 1 are one. */
function keyOf(pickle: Uint8Array, { opcode, offset, start, stop }: Span): Key {
	const argument = readArgument(opcode, pickle.subarray(start, stop), offset);
	return typeof argument === "boolean" ? Number(argument) : (argument as Key);
}

/** The pickle in the making. */
class Rewriting extends Framer {
	readonly #pickle: Uint8Array;
	readonly #used: Identities<Key>;
	readonly #protocol: number;
	/** The numbers that are stored, and how many. */
	readonly #stored = new Identities<Key>();
	#count = 0;
	/** By the old number of an entry, its new one. */
	readonly #places = new Identities<Key>();
	#next = 0;
	#isFirst = true;

	constructor(pickle: Uint8Array, { used, protocol }: Survey) {
		super();
		this.#pickle = pickle;
		this.#used = used;
		this.#protocol = protocol;
	}

	run(): Uint8Array {
		this.startOutput(false);
		for (const span of spans(this.#pickle)) this.#take(span);
		this.endOutput();
		return this.joined();
	}

	*pieces(): Generator<Uint8Array, void> {
		this.startOutput(true);
		for (const span of spans(this.#pickle)) {
			this.#take(span);
			if (this.paused) yield* this.#taken();
		}
		this.endOutput();
		yield* this.#taken();
	}

	*#taken(): Generator<Uint8Array, void> {
		for (const piece of this.takePieces()) yield* windowsOf(piece);
	}

	#take(span: Span): void {
		const isHeader = this.#isFirst && span.opcode.code === op.PROTO;
		if (isHeader) this.copy(this.#pickle.subarray(0, span.end));
		if (this.#isFirst && this.#protocol >= 4) this.startFrames();
		this.#isFirst = false;
		if (!isHeader) this.#rewrite(span);
	}

	#rewrite(span: Span): void {
		const { opcode, offset, end } = span;
		const { code } = opcode;
		if (code === op.FRAME) return;
		if (code === op.MEMOIZE) this.#put(this.#count);
		else if (code === op.PUT || code === op.BINPUT || code === op.LONG_BINPUT) this.#put(keyOf(this.#pickle, span));
		else if (isGet(code)) this.#write(this.#get(keyOf(this.#pickle, span), offset, opcode.name));
		else this.#write(this.#pickle.subarray(offset, end));
	}

	#write(data: Uint8Array): void {
		if (data.length > FRAME_TARGET) {
			this.beginPayload();
			this.endPayload(data);
			return;
		}
		if (this.pos >= this.fence) this.boundary();
		this.copy(data);
	}

	#put(key: Key): void {
		if (this.#stored.get(key) === undefined) {
			this.#stored.set(key, 0);
			this.#count++;
		}
		if (this.#used.get(key) === undefined) return;
		const place = this.#next++;
		this.#places.set(key, place);
		if (this.#protocol >= 4) this.#write(Uint8Array.of(op.MEMOIZE));
		else this.#write(memoInstruction(this.#protocol, place, op.PUT, op.BINPUT, op.LONG_BINPUT));
	}

	#get(key: Key, offset: number, opcode: string): Uint8Array {
		const place = this.#places.get(key);
		if (place !== undefined) return memoInstruction(this.#protocol, place, op.GET, op.BINGET, op.LONG_BINGET);
		throw new PickleError("E_MEMO", `memo key ${reprInt(key)} has never been stored into`, { offset, opcode });
	}
}

/** An instruction with a number of the memo. */
function memoInstruction(protocol: number, place: number, line: number, short: number, long: number): Uint8Array {
	if (protocol === 0) return Uint8Array.from(`${String.fromCharCode(line)}${place}\n`, (char) => char.charCodeAt(0));
	if (place < 256) return Uint8Array.of(short, place);
	return Uint8Array.of(long, place, place >> 8, place >> 16, place >> 24);
}
