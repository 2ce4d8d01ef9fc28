import { createHash } from "node:crypto";

/**
 * A value in tags: what Python or picklet has, in JSON that keeps types, identity and every bit. corpus/README.md lists
 * them. Which fields there are follows from `t`.
 */
export interface Tag {
	readonly t: string;
	/** Of containers and objects: the number of the object, which `{ t: "ref", id }` repeats. */
	readonly id?: number;
	/** Text, or a number as text. */
	readonly v?: unknown;
	readonly hex?: string;
	readonly sha256?: string;
	/** Of what is not listed in full. */
	readonly len?: number;
	/** The big-endian bits of a float, or of the two of a complex. */
	readonly bits?: string;
	/** Items of a sequence or set; pairs of a dict. */
	readonly items?: readonly Tag[] | readonly TagPair[];
	readonly module?: string;
	readonly name?: string;
	readonly args?: Tag;
	readonly kwargs?: Tag;
	readonly state?: Tag;
	readonly entries?: readonly TagPair[];
	readonly [field: string]: unknown;
}

export type TagPair = readonly [key: Tag, value: Tag];

/** The items of a sequence or set. */
export function itemsOf(tag: Tag): readonly Tag[] {
	return (tag.items ?? []) as readonly Tag[];
}

/** The entries of a dict. */
export function pairsOf(tag: Tag): readonly TagPair[] {
	return (tag.items ?? []) as readonly TagPair[];
}

/** Text, or an int as text; Python 2's may have been left as bytes. */
export function textOf({ v, hex }: Tag): string {
	return hex === undefined ? String(v) : Buffer.from(hex, "hex").toString("latin1");
}

/** So many bytes; those of Python 2 may have been read as text, by Latin-1 or as UTF-8. */
export function bytesOf({ t, hex, v }: Tag, length: number): Uint8Array {
	if (t !== "str") return fromHex(hex as string);
	return new Uint8Array(Buffer.from(v as string, (v as string).length === length ? "latin1" : "utf8"));
}

/** A float by its bits. */
export function floatTag(value: number): Tag {
	return { t: "float", bits: doubleBits(value) };
}

/** The bits of a double, big-endian, in hex. */
export function doubleBits(value: number): string {
	const bytes = Buffer.alloc(8);
	bytes.writeDoubleBE(value);
	return bytes.toString("hex");
}

export function sha256(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}

export function toHex(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

export function fromHex(hex: string): Uint8Array {
	return new Uint8Array(Buffer.from(hex, "hex"));
}

/** The text's UTF-8, lone surrogates as Python's `surrogatepass` writes them. */
export function surrogatepass(text: string): Uint8Array {
	const parts = text.split(/(\p{Cs})/u).map((part) => {
		const unit = part.charCodeAt(0);
		if (part.length !== 1 || unit < 0xd800 || unit > 0xdfff) return Buffer.from(part);
		return Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 63), 0x80 | (unit & 63)]);
	});
	return new Uint8Array(Buffer.concat(parts));
}
