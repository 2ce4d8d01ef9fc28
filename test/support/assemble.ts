/** What a pickle is put together of: a byte (an opcode or a small argument), Latin-1 text, bytes, or several of these. */
export type Piece = number | string | Uint8Array | readonly Piece[];

/** The bytes of all pieces, one after another. */
export function assemble(...pieces: readonly Piece[]): Uint8Array<ArrayBuffer> {
	return join(pieces);
}

function join(pieces: readonly Piece[]): Uint8Array<ArrayBuffer> {
	const parts = pieces.map(bytesOf);
	const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

function bytesOf(piece: Piece): Uint8Array {
	if (typeof piece === "number") return Uint8Array.of(piece);
	if (typeof piece === "string") return Uint8Array.from(piece, (char) => char.charCodeAt(0));
	return piece instanceof Uint8Array ? piece : join(piece);
}

/** A little-endian integer of two, four or eight bytes, signed or not. */
export function uint2(value: number): number[] {
	return littleEndian(value, 2);
}

export function uint4(value: number): number[] {
	return littleEndian(value, 4);
}

export function uint8(value: number | bigint): number[] {
	return littleEndian(value, 8);
}

function littleEndian(value: number | bigint, size: number): number[] {
	const bits = BigInt.asUintN(8 * size, BigInt(value));
	return Array.from({ length: size }, (_, i) => Number((bits >> BigInt(8 * i)) & 255n));
}
