/** Whether a frame begins so that is for others to read. */
export function isSkipped(magic: Uint8Array): boolean {
	return magic.length >= 4 && uint32(magic, 0) >>> 4 === 0x184d2a5;
}

/** A little-endian number of 32 bits. */
export function uint32(bytes: Uint8Array, at: number): number {
	const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
	return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}
