import { instructionBytes } from "../../../opcodes/input.ts";
import * as op from "../../../opcodes/table.ts";

const LF = 10;
const CR = 13;

/** What a text mode did to line ends: CR LF became LF, or CR as well; LF became CR. */
export type LineEnds = "crlf-to-lf" | "all-to-lf" | "lf-to-cr";

/**
 * Bytes that were otherwise: CRs stood before LFs from a place on, before `all` of them or so many behind some that are skipped;
 * or a byte was another.
 */
type Edit =
	| { readonly from: number; readonly returns: number; readonly all: boolean; readonly skipped?: number }
	| { readonly from: number; readonly byte: number };

/** An instruction in which bytes were otherwise. */
interface Damage {
	readonly at: number;
	readonly edits: readonly Edit[];
}

/** How an instruction, or a part of it, may be read: where it ends, and what was otherwise in it. */
interface Reading {
	readonly end: number;
	readonly edits: readonly Edit[];
	/** The bytes of its field, as they were. */
	readonly field: readonly number[];
	/** Bytes that its payload had. */
	readonly length: number;
}

/** A place with more than one reading; those that are left, the best last, or undefined if they are yet to be found. */
interface Choice {
	readonly at: number;
	left: Reading[] | undefined;
	readonly damages: number;
	readonly puts: number;
	readonly followed: number;
}

/** Bytes with their line ends as they were, as far as lengths and numbers tell. */
export interface Restored {
	readonly bytes: Uint8Array;
	/** Where the first instruction lies that was damaged. */
	readonly offset: number;
	/** How many instructions were, but for numbers that may be any; bytes that had vanished, and bytes that were another. */
	readonly damaged: number;
	readonly lost: number;
	readonly replaced: number;
	/** Whether no other bytes could have been there. */
	readonly certain: boolean;
}

/** Instructions that are looked at behind a reading. */
const AHEAD = 8;
/** What all tries may cost, in instructions read and bytes looked at: of small files so much, and so much for each byte. */
const MIN_WORK = 1 << 18;
const WORK_PER_BYTE = 64;
const MAX_WORK = 1 << 22;
/** What it costs to look at one reading. */
const COST = 4;
/** What it counts that a payload is stored in the memo, as those before were. */
const STORED = 64;
/** A date's bytes, or the UTF-8 that stands for them, are no more. */
const MAX_STATE = 20;
/** Payloads from here on lie outside frames. */
const UNFRAMED = 65_536;

/**
 * Reads pickles whose line ends a text mode changed, instruction by instruction, without a stack: lengths say where the next
 * one lies, and where none can lie, what was lost before. What it finds is yet to be confirmed; `next` gives another reading.
 */
export class LineEndReader {
	readonly #bytes: Uint8Array;
	readonly #loses: boolean;
	/** The byte that may have been the other one. */
	readonly #doubtful: number;
	#at = 0;
	/** Where a line's end was sought last, and where it was found. */
	#mark: readonly [number, number] = [Number.POSITIVE_INFINITY, -1];
	readonly #damages: Damage[] = [];
	readonly #choices: Choice[] = [];
	#work = 0;
	readonly #maxWork: number;
	#protocol = 0;
	/** Memo entries stored by number; -1 if those do not follow each other. */
	#puts = 0;
	#firstPut = 0;
	/** Payloads that were stored in the memo at once, less those that were not. */
	#followed = 0;

	constructor(bytes: Uint8Array, lineEnds: LineEnds) {
		this.#bytes = bytes;
		this.#maxWork = Math.min(MIN_WORK + WORK_PER_BYTE * bytes.length, MAX_WORK);
		this.#loses = lineEnds !== "lf-to-cr";
		this.#doubtful = lineEnds === "crlf-to-lf" ? -1 : lineEnds === "all-to-lf" ? LF : CR;
	}

	/**
	 * The next way to read all bytes; undefined if there is none, or none soon. What was restored last cannot be as it is up to
	 * `wrong` and the instruction there, so that what was chosen behind them is none of the cause.
	 */
	next(wrong = Number.POSITIVE_INFINITY): Restored | undefined {
		this.#forget(wrong);
		if (this.#at > 0 && !this.#goBack()) return undefined;
		while (this.#at < this.#bytes.length) {
			if (++this.#work > this.#maxWork) return undefined;
			if (!this.#step() && !this.#goBack()) return undefined;
		}
		return this.#restored();
	}

	/** Takes the best reading of the instruction. Returns false if it has none. */
	#step(): boolean {
		const at = this.#at;
		const plain = this.#plainly(at);
		if (plain !== undefined && !this.#isDoubtful(at, plain.end)) {
			this.#take(at, plain);
			return true;
		}
		const isGood = plain !== undefined && this.#rank(this.#bytes[at] as number, plain) >= this.#best(plain);
		const left = isGood ? undefined : this.#readings(at);
		const best = isGood ? plain : left?.pop();
		if (best === undefined) return false;
		this.#choices.push({ at, left, damages: this.#damages.length, puts: this.#puts, followed: this.#followed });
		this.#take(at, best);
		return true;
	}

	/** Drops the choices behind a place of what was restored. */
	#forget(wrong: number): void {
		let place = 0;
		let shift = 0;
		const kept = this.#choices.findIndex(({ at, damages }) => {
			for (; place < damages; place++) shift += returnsIn(this.#damages[place] as Damage);
			return at + shift > wrong;
		});
		if (kept > 0) this.#choices.length = kept;
	}

	#goBack(): boolean {
		for (let choice = this.#choices.at(-1); choice; choice = this.#choices.at(-1)) {
			this.#damages.length = choice.damages;
			this.#puts = choice.puts;
			this.#followed = choice.followed;
			choice.left ??= this.#readings(choice.at).filter(({ edits }) => edits.length > 0);
			const reading = choice.left.pop();
			if (choice.left.length === 0) this.#choices.pop();
			if (reading === undefined) continue;
			this.#take(choice.at, reading);
			return true;
		}
		return false;
	}

	#take(at: number, { end, edits, field, length }: Reading): void {
		const code = this.#bytes[at] as number;
		if (edits.length > 0) this.#damages.push({ at, edits });
		this.#at = end;
		if (code === op.PROTO) this.#protocol = field[0] as number;
		else if (code === op.STOP) this.#puts = 0;
		else if (code === op.BINPUT || code === op.LONG_BINPUT) this.#puts = this.#put(unsigned(field), this.#puts);
		else if (length > 0) this.#followed += this.#isStored(end, length) ? 1 : -1;
	}

	#put(place: number, puts: number): number {
		if (puts === 0) this.#firstPut = place;
		return puts >= 0 && place === this.#firstPut + puts ? puts + 1 : -1;
	}

	/** Whether what lies there stores what came before in the memo. */
	#isStored(at: number, length: number): boolean {
		const code = this.#bytes[at];
		if (this.#protocol >= 4) return code === op.MEMOIZE || (code === op.FRAME && length >= UNFRAMED);
		return code === op.BINPUT || code === op.LONG_BINPUT;
	}

	/** The instruction as its bytes say; undefined if it is none, or not whole. */
	#plainly(at: number): Reading | undefined {
		const bytes = this.#bytes;
		const row = op.opcodeOf(bytes[at] ?? -1);
		if (row === undefined) return undefined;
		const { argument } = row;
		if (argument.endsWith("line") || argument === "two lines") return this.#line(at, argument);
		const start = at + (instructionBytes[row.code] as number);
		if (start > bytes.length) return undefined;
		const field = [...bytes.subarray(at + 1, start)];
		const length = isCounted(argument) ? unsigned(field) : 0;
		const end = start + length;
		return end > bytes.length ? undefined : { end, edits: [], field, length };
	}

	#line(at: number, argument: string): Reading | undefined {
		const first = this.#nextMark(at);
		const last = first < 0 || argument !== "two lines" ? first : this.#nextMark(first + 1);
		if (last < 0) return undefined;
		const ends = first === last ? [first] : [first, last];
		const edits = this.#loses ? [] : ends.map((from) => ({ from, byte: LF }));
		return { end: last + 1, edits, field: [], length: 0 };
	}

	/** Where the next line ends from a place on; -1 if none does. What was found last is kept: few line ends may lie far apart. */
	#nextMark(from: number): number {
		const [start, found] = this.#mark;
		if (from >= start && (from <= found || found < 0)) return found;
		const next = this.#bytes.indexOf(this.#loses ? LF : CR, from);
		this.#mark = [from, next];
		return next;
	}

	/** Whether between an instruction's opcode and its end lies what may have been otherwise. */
	#isDoubtful(at: number, end: number): boolean {
		const argument = op.opcodeOf(this.#bytes[at] as number)?.argument ?? "none";
		if (argument.endsWith("line") || argument === "two lines") return false;
		const found = end > at + 1 ? this.#nextMark(at + 1) : -1;
		return found >= 0 && found < end;
	}

	/** All readings of an instruction, the best last. */
	#readings(at: number): Reading[] {
		const row = op.opcodeOf(this.#bytes[at] as number);
		if (row === undefined) return [];
		const width = (instructionBytes[row.code] as number) - 1;
		const ranked: { readonly reading: Reading; readonly rank: number }[] = [];
		for (const { end, field, edits } of this.#fields(at, width)) {
			if (this.#work > this.#maxWork) break;
			const length = isCounted(row.argument) ? unsigned(field) : 0;
			for (const reading of this.#payloads({ end, field, edits, length })) {
				const rank = this.#rank(row.code, reading);
				if (rank >= 0) ranked.push({ reading, rank });
				if (this.#work > this.#maxWork) break;
			}
		}
		return ranked.sort((left, right) => left.rank - right.rank).map(({ reading }) => reading);
	}

	/** How the bytes of a field may have been. */
	#fields(at: number, width: number): readonly Reading[] {
		const { argument = "none", name = "" } = op.opcodeOf(this.#bytes[at] as number) ?? {};
		// Of floats and payloads nothing shows that a byte was another.
		const doubtful = isCounted(argument) || /PUT|GET|FRAME|BININT/.test(name) ? this.#doubtful : -1;
		let fields: readonly Reading[] = [{ end: at + 1, edits: [], field: [], length: 0 }];
		for (let i = 0; i < width; i++) {
			const next = (reading: Reading) => this.#nextByte(reading, width, doubtful);
			fields = fields.flatMap((reading) => (reading.field.length > i ? [reading] : next(reading)));
			this.#work += fields.length;
		}
		return fields;
	}

	#nextByte({ end, edits, field }: Reading, width: number, doubtful: number): readonly Reading[] {
		const byte = this.#bytes[end];
		if (byte === undefined) return [];
		const found = [{ end: end + 1, edits, field: [...field, byte], length: 0 }];
		if (byte === LF && this.#loses) {
			const isLast = field.length + 1 === width;
			const both = isLast ? [CR] : [CR, LF];
			const returned = [...edits, { from: end, returns: 1, all: true }];
			found.push({ end: isLast ? end : end + 1, edits: returned, field: [...field, ...both], length: 0 });
		}
		if (byte === doubtful) {
			const other = byte === LF ? CR : LF;
			found.push({ end: end + 1, edits: [...edits, { from: end, byte: other }], field: [...field, other], length: 0 });
		}
		return found;
	}

	/** How many bytes of a payload may be left, by the LFs in it. */
	*#payloads(reading: Reading): Generator<Reading, void> {
		const bytes = this.#bytes;
		const { end, edits, length } = reading;
		if (end + length <= bytes.length) yield { ...reading, end: end + length };
		// No more can be lost than LFs are there.
		if (length === 0 || !this.#loses || length > 2 * (bytes.length - end)) return;
		const places: number[] = [];
		for (let at = bytes.indexOf(LF, end); at >= 0 && at < end + length; at = bytes.indexOf(LF, at + 1)) places.push(at);
		this.#work += places.length + Math.min(length, bytes.length) / 64;
		let feeds = places.length;
		for (let gone = 1; gone <= feeds; gone++) {
			const last = end + length - gone;
			while (feeds > 0 && (places[feeds - 1] as number) >= last) feeds--;
			if (feeds < gone || last > bytes.length) continue;
			// Of what may be checked, such as a date, it counts which of them it were.
			for (let skipped = length <= MAX_STATE ? feeds - gone : 0; skipped >= 0; skipped--)
				yield { ...reading, end: last, edits: [...edits, { from: end, returns: gone, all: feeds === gone, skipped }] };
		}
	}

	/** How well the bytes read on behind a reading; below 0 if they do not. */
	#rank(code: number, { end, field, length, edits }: Reading): number {
		const isPut = code === op.BINPUT || code === op.LONG_BINPUT;
		if (isPut && this.#puts > 1 && unsigned(field) !== this.#firstPut + this.#puts) return -1;
		this.#work += COST;
		const ahead = this.#ahead(end, isPut ? 1 : 0);
		if (ahead < 0) return -1;
		const isDue = length > 0 && this.#isStoring() && this.#isStored(end, length);
		return ahead * 4 + (isDue ? STORED : 0) + (edits.length === 0 ? 1 : 0);
	}

	/** From which rank on a reading without a loss is good. */
	#best({ length }: Reading): number {
		return length > 0 && this.#isStoring() ? STORED : 0;
	}

	/** Whether the writer stores each payload in the memo at once. */
	#isStoring(): boolean {
		return this.#followed + (this.#protocol >= 4 ? 1 : 0) > 0;
	}

	/** How many instructions follow each other from a place on as their bytes say; -1 where that cannot be. */
	#ahead(from: number, puts: number): number {
		const bytes = this.#bytes;
		let at = from;
		let due = this.#puts > 1 ? this.#firstPut + this.#puts + puts : -1;
		for (let count = 0; count < AHEAD; count++) {
			if (at === bytes.length) return bytes[at - 1] === op.STOP ? AHEAD : -1;
			const plain = this.#plainly(at);
			if (plain === undefined)
				return this.#isDoubtful(at, bytes.length) && op.opcodeOf(bytes[at] as number) ? count : -1;
			if (this.#isDoubtful(at, plain.end)) return count + 1;
			const code = bytes[at] as number;
			if (code === op.STOP && plain.end < bytes.length && bytes[plain.end] !== op.PROTO) return -1;
			if ((code === op.BINPUT || code === op.LONG_BINPUT) && due >= 0 && unsigned(plain.field) !== due++) return -1;
			if (code === op.STOP) return AHEAD;
			at = plain.end;
		}
		return AHEAD;
	}

	/** Whether damage shows in more than a number that may be any. */
	#isShown({ at, edits }: Damage): boolean {
		return !isFree(this.#bytes[at]) || edits.some((edit) => "returns" in edit);
	}

	#restored(): Restored {
		const edits = this.#damages.flatMap((damage) => damage.edits);
		const lost = this.#damages.reduce((sum, damage) => sum + returnsIn(damage), 0);
		const bytes = new Uint8Array(this.#bytes.length + lost);
		let to = 0;
		let from = 0;
		const copy = (end: number) => {
			bytes.set(this.#bytes.subarray(from, end), to);
			to += end - from;
			from = end;
		};
		for (const edit of edits) {
			copy(edit.from);
			if ("byte" in edit) {
				bytes[to++] = edit.byte;
				from++;
				continue;
			}
			const { returns, skipped = 0 } = edit;
			for (let count = skipped; count > 0; count--) copy(this.#bytes.indexOf(LF, from) + 1);
			for (let count = returns; count > 0; count--) {
				copy(this.#bytes.indexOf(LF, from));
				bytes[to++] = CR;
				copy(from + 1);
			}
		}
		copy(this.#bytes.length);
		return {
			bytes,
			offset: this.#damages[0]?.at ?? 0,
			damaged: this.#damages.filter((damage) => this.#isShown(damage)).length,
			lost,
			replaced: edits.filter((edit) => "byte" in edit).length,
			certain: edits.every((edit) => "byte" in edit || edit.all),
		};
	}
}

/** How many CRs are gone in an instruction. */
function returnsIn({ edits }: Damage): number {
	return edits.reduce((sum, edit) => sum + ("returns" in edit ? edit.returns : 0), 0);
}

/** Whether an opcode's argument may be any number: an int, or a memo entry that is read. */
function isFree(code: number | undefined): boolean {
	return /GET|BININT/.test(op.opcodeOf(code ?? -1)?.name ?? "");
}

function isCounted(argument: string): boolean {
	return /^(long|string|bytes|bytearray|text)\d$/.test(argument);
}

/** An unsigned number, little-endian. */
function unsigned(field: readonly number[]): number {
	return field.reduceRight((value, byte) => value * 256 + byte, 0);
}
