import {
	decodedText,
	decodeLatin1,
	decodeShortAscii,
	decodeUtf8,
	encodeLatin1,
	encodeUtf8,
	isAscii,
	isUtf8,
	utf8ToLatin1,
} from "../bytes/utf8.ts";
import { PickleError } from "../errors.ts";
import { PyDict } from "../values/dict.ts";
import { KeyedEntries } from "../values/entries.ts";
import { type Charge, unfrozenTuples } from "../values/equality.ts";
import type { PyValue } from "../values/value.ts";
import type { Input } from "./input.ts";
import type { DecodeReducer, ValueOptions } from "./resolver.ts";
import { opcodeOf } from "./table.ts";

/** Strings from so many bytes on may be an array's data: they wait until it is known that they are not. */
const LARGE = 65536;

/** Bytes and array data below are copied by `copy: "small"`. */
const SMALL = 4096;

/** A string whose text is not made yet. It never leaves the machine. */
export class Undecoded {
	readonly bytes: Uint8Array;
	/** Whether its opcode says UTF-8; else it is a Python 2 str, for which `encoding` is asked. */
	readonly utf8: boolean;
	/** Absolute offset of its opcode, and its code. */
	readonly offset: number;
	readonly opcode: number;
	value: PyValue | undefined = undefined;

	constructor(bytes: Uint8Array, utf8: boolean, offset: number, opcode: number) {
		this.bytes = bytes;
		this.utf8 = utf8;
		this.offset = offset;
		this.opcode = opcode;
	}
}

type Container = PyValue[] | PyDict;

/**
 * The strings and bytes of a pickle. Large strings, and Python 2 strs that `encoding` cannot read, wait undecoded: an array may
 * take their bytes. Where they went is noted, and what no reducer took is decoded in its place at last.
 */
export class Strings {
	/** Whether any string was left undecoded. */
	waiting = false;
	/** Strings in which two separately written surrogates became one character: as keys they may hide another. */
	readonly joined = new Set<string>();
	readonly #options: ValueOptions;
	readonly #input: Input;
	readonly #places = new Set<Container>();
	/** Those that a reducer has read, and that nothing needs unless the memo gives them out again. */
	readonly #consumed = new Set<Container>();
	/** Those of `places` that more than one thing refers to. */
	readonly #shared = new Set<Container>();
	/** Tuples to be frozen once their strings are decoded. */
	readonly #openTuples = new Set<object>();

	constructor(options: ValueOptions, input: Input) {
		this.#options = options;
		this.#input = input;
	}

	/** Forgets all of a pickle. To clear what is empty would cost small pickles more than their values do. */
	release(): void {
		if (this.joined.size > 0) this.joined.clear();
		if (!this.waiting) return;
		this.waiting = false;
		for (const set of [this.#places, this.#consumed, this.#shared, this.#openTuples]) set.clear();
	}

	/** The bytes of a payload as a value of its own, or as a view of the input, by `copy`. */
	bytesAt(source: Uint8Array, start: number, end: number): Uint8Array {
		const { copy } = this.#options;
		const copied = copy === "always" || (copy === "small" && end - start < SMALL);
		return copied || this.#isBorrowed(source) ? source.slice(start, end) : source.subarray(start, end);
	}

	/** Whether the bytes lie in the window's memory, as the unescaped text of a line may, and that is used again. */
	#isBorrowed(source: Uint8Array): boolean {
		return this.#input.borrowed && source.buffer === this.#input.bytes.buffer;
	}

	/** The argument of a UTF-8 opcode. */
	utf8At(opcode: number, source: Uint8Array, start: number, end: number): PyValue {
		if (end - start >= LARGE) return this.#wait(opcode, true, source, start, end);
		return decodeUtf8(source, start, end);
	}

	/** The argument of a Python 2 str opcode. */
	strAt(opcode: number, source: Uint8Array, start: number, end: number): PyValue {
		const { encoding } = this.#options;
		if (encoding === "bytes") return this.bytesAt(source, start, end);
		const short = decodeShortAscii(source, start, end);
		if (short !== undefined) return short;
		if (end - start >= LARGE) return this.#wait(opcode, false, source, start, end);
		const text = this.#decodeStr(source, start, end);
		if (text !== undefined) return text;
		return encoding === "auto" ? this.bytesAt(source, start, end) : this.#wait(opcode, false, source, start, end);
	}

	#decodeStr(source: Uint8Array, start: number, end: number): string | undefined {
		switch (this.#options.encoding) {
			case "latin1":
				return decodeLatin1(source, start, end);
			case "ascii":
				return isAscii(source, start, end) ? decodeLatin1(source, start, end) : undefined;
			default:
				return isUtf8(source, start, end) ? decodeUtf8(source, start, end) : undefined;
		}
	}

	#wait(opcode: number, utf8: boolean, source: Uint8Array, start: number, end: number): Undecoded {
		this.waiting = true;
		const bytes = this.#isBorrowed(source) ? source.slice(start, end) : source.subarray(start, end);
		return new Undecoded(bytes, utf8, this.#input.offset, opcode);
	}

	/** Remembers the text that was decoded last if two halves in it, written apart, became one character. */
	noteJoined(text: string): string {
		if (decodedText.splitPair) this.joined.add(text);
		decodedText.splitPair = false;
		return text;
	}

	/** Notes where undecoded strings went. */
	note(container: Container, items: readonly PyValue[]): void {
		if (this.waiting && items.some((item) => item instanceof Undecoded)) this.#places.add(container);
	}

	/** A tuple of these items: frozen, unless a string in it is still to be decoded or `tuples` says otherwise. */
	tuple(items: PyValue[]): readonly PyValue[] {
		if (this.waiting && items.some((item) => item instanceof Undecoded)) {
			this.#places.add(items);
			this.#openTuples.add(items);
			return items;
		}
		return this.finish(items);
	}

	protected finish(tuple: PyValue[]): readonly PyValue[] {
		if (this.#options.tuples === "frozen") return Object.freeze(tuple);
		unfrozenTuples.add(tuple);
		return tuple;
	}

	isOpenTuple(value: readonly PyValue[]): boolean {
		return this.waiting && this.#openTuples.has(value);
	}

	consume(container: PyValue): void {
		if (this.#shared.has(container as Container)) return;
		if (this.#places.delete(container as Container)) this.#consumed.add(container as Container);
	}

	/** This is given out once more, and needed whatever reads it. */
	share(container: PyValue): void {
		this.restore(container);
		if (this.#places.has(container as Container)) this.#shared.add(container as Container);
	}

	/** A reducer read this, but keeps it. */
	restore(container: PyValue): void {
		if (this.#consumed.delete(container as Container)) this.#places.add(container as Container);
	}

	/** See `DecodeContext.keep`. */
	keep(value: PyValue): PyValue {
		this.restore(value);
		return this.decoded(value);
	}

	/** The value itself, decoded if it still has to be. */
	decoded(value: PyValue): PyValue {
		if (!(value instanceof Undecoded)) return value;
		value.value ??= this.#decode(value);
		return value.value;
	}

	#decode({ bytes, utf8, offset, opcode }: Undecoded): PyValue {
		try {
			if (utf8) return this.noteJoined(decodeUtf8(bytes, 0, bytes.length));
			const text = this.#decodeStr(bytes, 0, bytes.length);
			if (text !== undefined) return text;
			if (this.#options.encoding === "auto") return this.bytesAt(bytes, 0, bytes.length);
		} catch (error) {
			throw error instanceof PickleError ? error.at(offset, opcodeOf(opcode)?.name) : error;
		}
		const advice = `a Python 2 str is no ${this.#options.encoding} text; try encoding: "latin1" or "bytes"`;
		throw new PickleError("E_TEXT", advice, { offset, opcode: opcodeOf(opcode)?.name });
	}

	/** Decodes what waits in containers that are still needed. */
	settle(): void {
		for (const container of this.#places) {
			const items = container instanceof PyDict ? KeyedEntries.entries(container, true) : container;
			for (let i = 0; i < items.length; i++) items[i] = this.decoded(items[i] as PyValue);
			if (this.#openTuples.delete(container)) this.finish(items);
			this.#places.delete(container);
		}
	}

	/** Arguments or state as a reducer is to see them. One that asks for no bytes sees no undecoded string. */
	argument(reducer: DecodeReducer, read: PyValue, _kwargs?: PyDict): PyValue {
		if (!this.waiting) return read;
		if (!reducer.takesBytes) return this.#settledIn(read);
		this.consume(read);
		return read;
	}

	/** Items or entries as a reducer is to see them. */
	items(_reducer: DecodeReducer, items: PyValue[]): PyValue[] {
		return this.#settledIn(items);
	}

	/** A value in which nothing is left undecoded. */
	settled(value: PyValue): PyValue {
		return this.#settledIn(value);
	}

	#settledIn<T extends PyValue>(value: T): T {
		if (!this.waiting || typeof value !== "object" || value instanceof Undecoded) return this.decoded(value) as T;
		if (Array.isArray(value)) this.note(value, value);
		this.settle();
		return value;
	}

	/** Decodes the keys of what is put into a dict or set. */
	keys(entries: PyValue[], stride: 1 | 2): void {
		for (let i = 0; i < entries.length; i += stride) entries[i] = this.settled(entries[i] as PyValue);
	}

	/** See `DecodeContext.bytes`. */
	bytes(value: PyValue, length?: number): Uint8Array {
		if (value instanceof Uint8Array) return value;
		if (value instanceof Undecoded && !value.utf8) return value.bytes;
		const text = this.decoded(value);
		if (typeof text !== "string") throw new PickleError("E_REDUCER", "bytes are needed here, or a Python 2 str");
		const inverse = this.#options.encoding === "latin1" ? encodeLatin1(text) : encodeUtf8(text);
		if (inverse !== undefined && (length === undefined || inverse.length === length)) return inverse;
		const latin1 = encodeLatin1(text) ?? inverse;
		if (latin1 === undefined) throw new PickleError("E_REDUCER", "text beyond Latin-1 stands where bytes are needed");
		return latin1;
	}

	/** See `DecodeContext.latin1`. An array's data at protocol 2 comes so: it never becomes one string. */
	latin1(value: PyValue): Uint8Array {
		const isWaiting = value instanceof Undecoded && value.utf8 && value.value === undefined;
		const text = isWaiting ? value : this.decoded(value);
		const bytes = isWaiting ? utf8ToLatin1(value.bytes) : typeof text === "string" ? encodeLatin1(text) : undefined;
		if (bytes !== undefined) return bytes;
		throw new PickleError("E_REDUCER", "text within Latin-1 is needed here");
	}

	/** See `DecodeContext.text`. */
	text(value: PyValue): string | undefined {
		const text = this.decoded(value);
		if (typeof text === "string") return text;
		return text instanceof Uint8Array && text.length < LARGE ? decodeLatin1(text, 0, text.length) : undefined;
	}

	/** @throws PickleError E_TEXT if a joined string is among keys of which some fell together */
	refuseHidden(keys: readonly PyValue[], charge: Charge): void {
		const seen = new Set<PyValue>(keys);
		for (const key of seen) {
			const inner = Array.isArray(key) ? key : key instanceof KeyedEntries ? KeyedEntries.entries(key) : [];
			charge(inner.length + 1);
			for (const item of inner) seen.add(item);
			if (typeof key !== "string" || !this.joined.has(key)) continue;
			const reason =
				"two keys differ only in an astral character against its two halves, which JavaScript cannot tell apart";
			throw new PickleError("E_TEXT", reason);
		}
	}
}
