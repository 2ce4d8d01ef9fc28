const table: Uint32Array = /* @__PURE__ */ Uint32Array.from({ length: 256 }, (_, byte) => {
	let code = byte;
	for (let bit = 0; bit < 8; bit++) code = code & 1 ? 0xedb88320 ^ (code >>> 1) : code >>> 1;
	return code;
});

/** CRC-32, as zip and gzip have it, of bytes that follow those of which `before` is the CRC. */
export function crc32(bytes: Uint8Array, before = 0): number {
	let crc = ~before;
	for (let i = 0; i < bytes.length; i++) {
		crc = (table[(crc ^ (bytes[i] as number)) & 255] as number) ^ (crc >>> 8);
	}
	return ~crc >>> 0;
}
