import fc from "fast-check";
import { doubleBits, type Tag, type TagPair, toHex } from "../support/tags.ts";

/** In place of a reference until it is known what there is to refer to. */
interface Again extends Tag {
	readonly t: "again";
	readonly pick: number;
}

const text = fc.oneof(
	fc.string({ unit: "binary" }),
	fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
	fc.constantFrom("__proto__", "constructor", "\ufeff", "line\nline", "back\\slash\\u0041"),
);
const float = fc.oneof(fc.double(), fc.integer().map(Number), fc.constantFrom(-0, 5e-324, Number.MAX_VALUE, 2 ** 53));
const int = fc.oneof(
	fc.integer({ min: -300, max: 70_000 }).map(BigInt),
	fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
	fc.bigInt(),
);
const octets = fc
	.oneof(
		{ weight: 9, arbitrary: fc.uint8Array({ maxLength: 12 }) },
		{ weight: 1, arbitrary: fc.uint8Array({ minLength: 250, maxLength: 260 }) },
	)
	.map((bytes) => toHex(bytes));

const atom: fc.Arbitrary<Tag> = fc.oneof(
	fc.constant<Tag>({ t: "none" }),
	fc.boolean().map((v) => ({ t: "bool", v })),
	int.map((v) => ({ t: "int", v: String(v) })),
	float.map((value) => ({ t: "float", bits: doubleBits(value) })),
	text.map((v) => ({ t: "str", v })),
	octets.map((hex) => ({ t: "bytes", hex })),
	fc.tuple(float, float).map(([re, im]) => ({ t: "complex", bits: doubleBits(re) + doubleBits(im) })),
);

const { hashable, anything } = fc.letrec<{ hashable: Tag; anything: Tag }>((tie) => ({
	hashable: fc.oneof(
		{ maxDepth: 2, withCrossShrink: true },
		atom,
		listed("tuple", tie("hashable")),
		listed("frozenset", tie("hashable")),
	),
	anything: fc.oneof(
		{ maxDepth: 4, withCrossShrink: true },
		{ weight: 4, arbitrary: atom },
		{ weight: 3, arbitrary: fc.nat().map((pick): Again => ({ t: "again", pick })) },
		{ weight: 3, arbitrary: listed("list", tie("anything")) },
		{ weight: 2, arbitrary: listed("tuple", tie("anything")) },
		{ weight: 2, arbitrary: dictOf(tie("hashable"), tie("anything")) },
		{ weight: 1, arbitrary: listed("set", tie("hashable")) },
		{ weight: 1, arbitrary: octets.map((hex) => ({ t: "bytearray", hex })) },
	),
}));

function listed(t: string, item: fc.Arbitrary<Tag>): fc.Arbitrary<Tag> {
	return fc.array(item, { maxLength: 5 }).map((items) => ({ t, items }));
}

function dictOf(key: fc.Arbitrary<Tag>, value: fc.Arbitrary<Tag>): fc.Arbitrary<Tag> {
	return fc.array(fc.tuple(key, value), { maxLength: 5 }).map((items) => ({ t: "dict", items }));
}

/** Values of Python's own types, with shared lists and dicts and cycles through them, in tags that judge.py makes them of. */
export const pythonValues: fc.Arbitrary<Tag> = fc
	.oneof({ weight: 9, arbitrary: anything }, { weight: 1, arbitrary: hashable })
	.map(withReferences);

/** Numbers the lists and dicts, and makes each `again` a reference to one that was begun before it. */
function withReferences(tag: Tag): Tag {
	let begun = 0;
	const resolve = (node: Tag): Tag => {
		if (node.t === "again") return begun === 0 ? { t: "none" } : { t: "ref", id: (node as Again).pick % begun };
		if (node.items === undefined) return node;
		const numbered = node.t === "list" || node.t === "dict" ? { ...node, id: begun++ } : node;
		if (node.t === "dict")
			return { ...numbered, items: (node.items as TagPair[]).map(([key, value]): TagPair => [key, resolve(value)]) };
		return { ...numbered, items: (node.items as Tag[]).map(resolve) };
	};
	return resolve(tag);
}
