import { isSkipped, uint32 } from "./magic.ts";
import { latin1Head } from "./recognize.ts";

export type PackedFormat = "gzip" | "zlib" | "bz2" | "xz" | "lzma" | "zstd" | "lz4";

/** How each begins. None begins as a pickle may, but bz2, which says who it is at length. */
const beginnings: readonly (readonly [PackedFormat, RegExp])[] = [
	["gzip", /^\x1f\x8b/],
	["bz2", /^BZh[1-9](1AY&SY|\x17rE8P\x90)/],
	["xz", /^\xfd7zXZ\0/],
	["lzma", /^]\0\0[^]{2}([^]{5}\0{3}|\xff{8})/],
	["zstd", /^\x28\xb5\x2f\xfd/],
	["lz4", /^\x04\x22\x4d\x18/],
];

/** How many bytes tell how an input is packed. */
export const PACKED_HEAD = 16;

/** Frames for others to read are looked behind up to so many bytes. */
const LONGEST_HEAD = 2 ** 24;

/**
 * How bytes are packed, if they are. A pickle may begin as a frame for others to read does, so it is one only if a frame of zstandard
 * or lz4 is seen behind it.
 */
export function packedFormat(bytes: Uint8Array): PackedFormat | undefined {
	const at = frameAt(bytes);
	const format = formatAt(bytes.subarray(at));
	return at === 0 || format === "zstd" || format === "lz4" ? format : undefined;
}

/** How an input is packed, of whose beginning `headOf` gives so many bytes, or all that there are. */
export async function formatOf(headOf: (count: number) => Promise<Uint8Array>): Promise<PackedFormat | undefined> {
	for (let count = PACKED_HEAD; ; ) {
		const head = await headOf(count);
		const needed = frameAt(head) + PACKED_HEAD;
		if (needed <= count || needed > LONGEST_HEAD || head.length < count) return packedFormat(head);
		count = needed;
	}
}

/** Where the first frame begins that is not for others to read. */
function frameAt(bytes: Uint8Array): number {
	let at = 0;
	while (at + 8 <= bytes.length && isSkipped(bytes.subarray(at, at + 4))) at += 8 + uint32(bytes, at + 4);
	return at;
}

function formatAt(head: Uint8Array): PackedFormat | undefined {
	const [first = 0, second] = head;
	if (first === 0x78 && second !== undefined && (0x7800 + second) % 31 === 0) return "zlib";
	const text = latin1Head(head.subarray(0, PACKED_HEAD));
	return beginnings.find(([, beginning]) => beginning.test(text))?.[0];
}

/** Packed bytes as they come. Those that no member has consumed yet are kept, because codecs take more than they need. */
export class PackedInput {
	/** How many bytes have come. */
	arrived = 0;
	readonly #chunks: AsyncIterator<Uint8Array>;
	#kept: Uint8Array[] = [];
	/** Where the first of those begins. */
	#start = 0;

	constructor(chunks: AsyncIterable<Uint8Array>) {
		this.#chunks = chunks[Symbol.asyncIterator]();
	}

	/** The bytes from a place on, chunk by chunk. */
	async *from(at: number): AsyncGenerator<Uint8Array, void> {
		for (let place = at; ; ) {
			const chunk = await this.chunkAt(place);
			if (chunk === undefined) return;
			yield chunk;
			place += chunk.length;
		}
	}

	/** Bytes that begin at a place, as many as came in one; undefined at the end. */
	async chunkAt(place: number): Promise<Uint8Array | undefined> {
		while (place >= this.arrived) {
			const { done, value } = await this.#chunks.next();
			if (done) return undefined;
			// Whoever gave the chunk may use its memory again.
			this.#kept.push(value.slice());
			this.arrived += value.length;
		}
		let start = this.#start;
		for (const chunk of this.#kept) {
			if (place < start + chunk.length) return chunk.subarray(place - start);
			start += chunk.length;
		}
		return undefined;
	}

	/** Lets go of what lies before a place. */
	forget(before: number): void {
		while (this.#kept.length > 0 && this.#start + (this.#kept[0] as Uint8Array).length <= before) {
			this.#start += (this.#kept.shift() as Uint8Array).length;
		}
	}

	/** The first place from `at` on that holds no zero. */
	async skipZeros(at: number): Promise<number> {
		for (;;) {
			const chunk = await this.chunkAt(at);
			if (chunk === undefined) return at;
			const count = chunk.findIndex((byte) => byte !== 0);
			if (count >= 0) return at + count;
			at += chunk.length;
			this.forget(at);
		}
	}

	async close(): Promise<void> {
		await this.#chunks.return?.();
	}
}
