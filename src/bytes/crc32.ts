/** The CRCs of a byte with 0 to 7 zeros behind it, 256 each. */
const table: Uint32Array = /* @__PURE__ */ (() => {
	const codes = new Uint32Array(8 * 256);
	for (let byte = 0; byte < 256; byte++) {
		let code = byte;
		for (let bit = 0; bit < 8; bit++) code = code & 1 ? 0xedb88320 ^ (code >>> 1) : code >>> 1;
		codes[byte] = code;
	}
	for (let i = 256; i < codes.length; i++) {
		const before = codes[i - 256] as number;
		codes[i] = (codes[before & 255] as number) ^ (before >>> 8);
	}
	return codes;
})();

/** CRC-32, as zip and gzip have it, of bytes that follow those of which `before` is the CRC. */
export function crc32(bytes: Uint8Array, before = 0): number {
	let crc = ~before;
	let i = 0;
	// Eight bytes at a time, whose look-ups do not wait for each other.
	for (const end = bytes.length - 7; i < end; i += 8) {
		const low = crc ^ word(bytes, i);
		const high = word(bytes, i + 4);
		crc =
			(table[1792 + (low & 255)] as number) ^
			(table[1536 + ((low >>> 8) & 255)] as number) ^
			(table[1280 + ((low >>> 16) & 255)] as number) ^
			(table[1024 + (low >>> 24)] as number) ^
			(table[768 + (high & 255)] as number) ^
			(table[512 + ((high >>> 8) & 255)] as number) ^
			(table[256 + ((high >>> 16) & 255)] as number) ^
			(table[high >>> 24] as number);
	}
	for (; i < bytes.length; i++) crc = (table[(crc ^ (bytes[i] as number)) & 255] as number) ^ (crc >>> 8);
	return ~crc >>> 0;
}

function word(bytes: Uint8Array, at: number): number {
	const [first, second] = [bytes[at] as number, bytes[at + 1] as number];
	return first | (second << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
}
