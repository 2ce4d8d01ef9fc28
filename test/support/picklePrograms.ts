import fc from "fast-check";
import { encodeUtf8 } from "../../src/bytes/utf8.ts";
import { assemble, type Piece, uint2, uint4, uint8 } from "./assemble.ts";

/** What a program is written from: an instruction as it stands, or what is put together of others. */
type Node =
	| { readonly kind: "atom"; readonly piece: Piece }
	/** A value that was stored before: which, and how it is read. */
	| { readonly kind: "get"; readonly which: number; readonly form: number }
	/** A value that is stored. */
	| { readonly kind: "put"; readonly value: Node; readonly place: number; readonly form: number }
	| { readonly kind: "built"; readonly form: number; readonly parts: readonly Node[] };

const raw = (maxLength: number) => fc.uint8Array({ maxLength });
/** Any code points, lone surrogates among them, and many of those that Python escapes. */
const text = fc.oneof(
	fc.string({ unit: "binary", maxLength: 12 }),
	fc.string({
		unit: fc.constantFrom(..."'\"\\\n\t\r a\u007f\u0085\u00a0\u00ad\u0378\u2028\ud800\udfff\u{1f600}\u{e0001}"),
	}),
);
/** Bytes without line feed. */
const line = raw(20).map((bytes) => bytes.map((byte) => (byte === 10 ? 32 : byte)));
const name = fc.string({ unit: fc.constantFrom(..."abcXYZ_.09 é\u{1f600}'\""), maxLength: 10 });
const integerText = fc.oneof(
	fc.constantFrom("00", "01", "0", "1", "-0", "007", " 12 ", "\t1_000", "+5", `${"9".repeat(30)}`),
	fc.bigInt(-(2n ** 70n), 2n ** 70n).map(String),
);
const floatText = fc.oneof(
	fc.constantFrom(
		"nan",
		"-inf",
		"Infinity",
		"1e400",
		" 1_0.5 ",
		".5",
		"5.",
		"1E-7",
		"-0",
		"1e16",
		"123456789012345678",
	),
	fc.double().map(String),
);
const stringPart = fc.oneof(
	fc.constantFrom("\\n", "\\x41", "\\xff", "\\0", "\\17", "\\377", "\\\\", "\\'", '\\"', "\\q", "a", "é", " ", "\x7f"),
	fc.constantFrom('"', "b"),
);
const quotedText = fc.array(stringPart, { maxLength: 8 }).map((parts) => `'${parts.join("")}'`);
const rawUnicode = fc
	.array(
		fc.constantFrom("\\u0041", "\\ud83d", "\\ude00", "\\U0001f600", "\\\\", "\\x", "é", "a", "'", '"', "\r", "\\ "),
		{
			maxLength: 8,
		},
	)
	.map((parts) => parts.join(""));

const atoms = fc.oneof(
	fc.constantFrom<Piece>("N", "\x88", "\x89", "]", "}", ")", "\x8f", "\x97"),
	integerText.map((digits): Piece => ["I", digits, "\n"]),
	integerText.map((digits): Piece => ["L", digits.trim(), "L\n"]),
	fc.integer({ min: 0, max: 255 }).map((value): Piece => ["K", value]),
	fc.integer({ min: 0, max: 65535 }).map((value): Piece => ["M", uint2(value)]),
	fc.integer().map((value): Piece => ["J", uint4(value)]),
	raw(20).map((bytes): Piece => ["\x8a", bytes.length, bytes]),
	raw(300).map((bytes): Piece => ["\x8b", uint4(bytes.length), bytes]),
	floatText.map((digits): Piece => ["F", digits, "\n"]),
	fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes): Piece => ["G", bytes]),
	fc.double().map((value): Piece => {
		const bytes = new Uint8Array(8);
		new DataView(bytes.buffer).setFloat64(0, value);
		return ["G", bytes];
	}),
	quotedText.map((quoted): Piece => ["S", quoted, "\n"]),
	raw(30).map((bytes): Piece => ["U", bytes.length, bytes]),
	raw(30).map((bytes): Piece => ["T", uint4(bytes.length), bytes]),
	fc
		.oneof(
			rawUnicode,
			line.map((bytes) => Buffer.from(bytes).toString("latin1").replaceAll("\\", "/")),
		)
		.map((escaped): Piece => ["V", escaped, "\n"]),
	text.map(encodeUtf8).map((bytes): Piece => ["X", uint4(bytes.length), bytes]),
	text.map(encodeUtf8).map((bytes): Piece => ["\x8c", Math.min(bytes.length, 255), bytes.subarray(0, 255)]),
	text.map(encodeUtf8).map((bytes): Piece => ["\x8d", uint8(bytes.length), bytes]),
	raw(30).map((bytes): Piece => ["C", bytes.length, bytes]),
	raw(30).map((bytes): Piece => ["B", uint4(bytes.length), bytes]),
	raw(30).map((bytes): Piece => ["\x8e", uint8(bytes.length), bytes]),
	raw(30).map((bytes): Piece => ["\x96", uint8(bytes.length), bytes]),
	fc.tuple(name, name).map(([module, item]): Piece => ["c", encodeUtf8(module), "\n", encodeUtf8(item), "\n"]),
	name.map((id): Piece => ["P", encodeUtf8(id), "\n"]),
	fc.integer({ min: 0, max: 255 }).map((code): Piece => ["\x82", code]),
	fc.integer({ min: 0, max: 65535 }).map((code): Piece => ["\x83", uint2(code)]),
	fc.integer().map((code): Piece => ["\x84", uint4(code)]),
);

const { node: nodes } = fc.letrec<{ node: Node }>((tie) => ({
	node: fc.oneof(
		{ depthSize: "small", withCrossShrink: true },
		atoms.map((piece): Node => ({ kind: "atom", piece })),
		fc.tuple(fc.nat(), fc.nat(2)).map(([which, form]): Node => ({ kind: "get", which, form })),
		fc
			.tuple(tie("node"), fc.oneof(fc.nat(5), fc.nat(300), fc.nat(100_000)), fc.nat(3))
			.map(([value, place, form]): Node => ({ kind: "put", value, place, form })),
		fc
			.tuple(fc.nat(18), fc.array(tie("node"), { maxLength: 4 }))
			.map(([form, parts]): Node => ({ kind: "built", form, parts })),
	),
}));

/** Writes a program, and knows what it has stored. */
class Writer {
	readonly #places = new Set<number>();

	write(node: Node): Piece {
		if (node.kind === "atom") return node.piece;
		if (node.kind === "built") return this.#built(node.form, node.parts);
		if (node.kind === "put") return [this.write(node.value), this.#put(node.place, node.form)];
		const places = [...this.#places];
		if (places.length === 0) return "N";
		return memoInstruction(places[node.which % places.length] as number, node.form, "ghj");
	}

	#put(place: number, form: number): Piece {
		if (form === 3) {
			this.#places.add(this.#places.size);
			return "\x94";
		}
		this.#places.add(place);
		return memoInstruction(place, form, "pqr");
	}

	#built(form: number, nodes: readonly Node[]): Piece {
		const parts = nodes.map((node) => this.write(node));
		const pairs = parts.slice(0, parts.length & ~1);
		const [first = "N", second = ")", third = "}"] = parts;
		const forms: readonly Piece[] = [
			["](", parts, "e"],
			["(", parts, "l"],
			["]", parts.map((part) => [part, "a"])],
			["(", parts, "t"],
			[first, "\x85"],
			[first, second, "\x86"],
			[first, second, third, "\x87"],
			["}(", pairs, "u"],
			["(", pairs, "d"],
			["}", first, second, "s"],
			["\x8f(", parts, "\x90"],
			["(", parts, "\x91"],
			[first, second, "R"],
			[first, second, "\x81", third, "b"],
			[first, second, third, "\x92"],
			["(", parts, "imodule\nname\n"],
			["(", first, parts.slice(1), "o"],
			// What is dropped again: a value, a mark with what lies above, a mark alone; and a copy.
			["(", parts, "1(0", first, second, "0"],
			["\x95", uint8(parts.length), first, "2\x86Q\x98"],
		];
		return forms[form] as Piece;
	}
}

function memoInstruction(place: number, form: number, codes: string): Piece {
	if (form === 0) return [codes.charAt(0), `${place}\n`];
	return form === 1 && place < 256 ? [codes.charAt(1), place] : [codes.charAt(2), uint4(place)];
}

const protocols = fc.constantFrom<Piece>("", "\x80\x02", "\x80\x03", ["\x80\x04\x95", uint8(9)], "\x80\x05");

/** Pickles of all opcodes, which pickletools disassembles to their end. Few of them would load. */
const validPrograms: fc.Arbitrary<Uint8Array> = fc
	.tuple(protocols, nodes)
	.map(([protocol, node]) => assemble(protocol, new Writer().write(node), "."));

/** Such pickles, of which some are damaged: a byte is another one, or the end is missing. */
export const programs: fc.Arbitrary<Uint8Array> = fc
	.tuple(validPrograms, fc.nat(5), fc.nat(), fc.nat(255))
	.map(([bytes, damage, place, byte]) => {
		const at = place % bytes.length;
		if (damage === 0) return bytes.with(at, byte);
		return damage === 1 ? bytes.slice(0, at) : bytes;
	});
