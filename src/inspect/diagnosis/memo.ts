import * as op from "../../opcodes/table.ts";
import { type Abstract, latin1LengthOf, Made, Mapping, Opaque, Sequence, Text } from "./values.ts";

/** Entries that are kept as they are. Beyond, text is packed, and of containers and objects but dtypes nothing is kept. */
const WHOLE = 1 << 13;
/** Text that takes this many bytes of the file or more is not packed. */
const MAX_EXTENT = 1 << 12;
/** Numbers that may be left out, as cPickle leaves them, for those that follow to be kept in a row. */
const MAX_GAP = 64;

const forms: readonly Text["form"][] = ["text", "str", "bytes", "bytearray"];
const FORGOTTEN = new Opaque("forgotten");
/** Stands for a number that was left out. */
const HOLE = Symbol("hole");

/** What a pickle stored to be read again. Files that store millions of values are to take little more memory than those. */
export class Memo {
	/** By number; strings stand for packed text. */
	readonly #values: (Abstract | string | typeof HOLE)[] = [];
	/** Of packed text, by number: where its opcode lies, and what else it is. */
	#places: Float64Array = new Float64Array(0);
	#parts: Uint32Array = new Uint32Array(0);
	/** Numbers that follow no other, and what Python 2 takes for one. */
	readonly #others: Map<number | string, Abstract> = new Map();
	#holes = 0;

	get size(): number {
		return this.#values.length - this.#holes + this.#others.size;
	}

	get(place: number | string): Abstract | undefined {
		if (typeof place !== "number" || place >= this.#values.length) return this.#others.get(place);
		const value = this.#values[place];
		if (typeof value === "string") return this.#unpacked(place, value);
		return value === HOLE ? this.#others.get(place) : value;
	}

	set(place: number | string, value: Abstract): void {
		const values = this.#values;
		if (typeof place !== "number" || place > values.length + MAX_GAP || this.#others.has(place)) {
			this.#others.set(place, value);
			return;
		}
		for (; values.length < place; this.#holes++) values.push(HOLE);
		if (place < values.length && values[place] === HOLE) this.#holes--;
		values[place] = place < WHOLE ? value : this.#packed(place, value);
	}

	#packed(place: number, value: Abstract): Abstract | string {
		if (value instanceof Sequence || value instanceof Mapping) return FORGOTTEN;
		if (value instanceof Made) return /dtype/.test(value.path) ? value : FORGOTTEN;
		if (!(value instanceof Text) || value.text === undefined || !isPackable(value)) return value;
		this.#reach(place);
		const { at, offset, opcode, form, extent, text } = value;
		this.#places[place] = at;
		this.#parts[place] = opcode | (forms.indexOf(form) << 8) | ((offset - at) << 10) | (extent << 14);
		return text;
	}

	#reach(place: number): void {
		if (place < this.#places.length) return;
		const length = 2 * place;
		const places = new Float64Array(length);
		const parts = new Uint32Array(length);
		places.set(this.#places);
		parts.set(this.#parts);
		this.#places = places;
		this.#parts = parts;
	}

	#unpacked(place: number, text: string): Text {
		const at = this.#places[place] as number;
		const parts = this.#parts[place] as number;
		const opcode = parts & 0xff;
		const form = forms[(parts >>> 8) & 3] as Text["form"];
		const extent = parts >>> 14;
		const length = opcode === op.STRING ? text.length : opcode === op.UNICODE ? undefined : extent;
		const latin1Length = form === "text" ? latin1LengthOf(text) : text.length;
		return new Text({ form, opcode, at, offset: at + ((parts >>> 10) & 15), length, extent }, text, latin1Length);
	}
}

/** Whether text is no longer than it is there, and short. */
function isPackable({ opcode, length, extent }: Text): boolean {
	return extent < MAX_EXTENT && (opcode === op.STRING || opcode === op.UNICODE || length === extent);
}
