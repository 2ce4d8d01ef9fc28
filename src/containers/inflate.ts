import { isPickleError, PickleError } from "../errors.ts";
import { type Limits, limitError } from "../limits.ts";

export type InflatedFormat = "gzip" | "zlib";

/** How bytes are packed, if they are. Neither format begins with a byte that a pickle may begin with. */
export function packedFormat([first, second]: Uint8Array): InflatedFormat | undefined {
	if (first === 0x1f && second === 0x8b) return "gzip";
	return first === 0x78 && second !== undefined && (0x7800 + second) % 31 === 0 ? "zlib" : undefined;
}

/**
 * Unpacks what begins at the first of the bytes, piece by piece, and returns how many bytes that took. What it throws is
 * taken for damage in the bytes. The runtime brings it: Node has it in node:zlib.
 */
export type Inflate = (packed: Uint8Array, format: InflatedFormat) => AsyncGenerator<Uint8Array, number>;

/** How many members may be set apart by zeros: each is a stream of its own. */
const MAX_PADDED_MEMBERS = 1000;

/**
 * What a gzip or zlib file holds. gzip may have several members and zeros after each, as Python's gzip takes them.
 * @throws PickleError E_CONTAINER if it is cut, damaged, or other bytes follow; E_LIMIT before more is unpacked than
 * `limits.maxDecompressedBytes` or `limits.maxRatio` allow
 */
export async function inflate(
	packed: Uint8Array,
	format: InflatedFormat,
	engine: Inflate,
	limits: Limits,
): Promise<Uint8Array> {
	const pieces = new Pieces(packed.length, limits);
	let at = 0;
	for (let members = 0; at < packed.length; members++) {
		if (members > 0 && format === "zlib") throw damaged(format, `${packed.length - at} bytes follow its end`);
		if (members > MAX_PADDED_MEMBERS) throw damaged(format, `over ${MAX_PADDED_MEMBERS} members set apart by zeros`);
		at += await inflateMember(engine(packed.subarray(at), format), format, pieces);
		while (packed[at] === 0) at++;
	}
	return pieces.join();
}

async function inflateMember(
	stream: AsyncGenerator<Uint8Array, number>,
	format: InflatedFormat,
	pieces: Pieces,
): Promise<number> {
	try {
		for (;;) {
			const next = await stream.next();
			if (next.done) return next.value;
			pieces.add(next.value);
		}
	} catch (error) {
		await stream.return(0);
		if (isPickleError(error)) throw error;
		throw damaged(format, error instanceof Error ? error.message : String(error), error);
	}
}

function damaged(format: InflatedFormat, what: string, cause?: unknown): PickleError {
	return new PickleError("E_CONTAINER", `the ${format} data is damaged: ${what}`, { cause });
}

/** What was unpacked so far, counted against the limits. */
class Pieces {
	readonly #pieces: Uint8Array[] = [];
	readonly #packedLength: number;
	readonly #limits: Limits;
	#length = 0;

	constructor(packedLength: number, limits: Limits) {
		this.#packedLength = packedLength;
		this.#limits = limits;
	}

	add(piece: Uint8Array): void {
		const { maxDecompressedBytes, maxRatio } = this.#limits;
		this.#length += piece.length;
		if (this.#length > maxDecompressedBytes) {
			throw limitError(
				"maxDecompressedBytes",
				maxDecompressedBytes,
				`the data unpacks to ${this.#length} bytes or more`,
			);
		}
		if (this.#length > maxRatio * this.#packedLength) {
			const found = `${this.#packedLength} packed bytes unpack to more than ${maxRatio} times as many`;
			throw limitError("maxRatio", maxRatio, found);
		}
		this.#pieces.push(piece);
	}

	join(): Uint8Array {
		const joined = allocate(this.#length);
		let at = 0;
		for (const piece of this.#pieces) {
			joined.set(piece, at);
			at += piece.length;
		}
		return joined;
	}
}

function allocate(length: number): Uint8Array {
	try {
		return new Uint8Array(length);
	} catch (cause) {
		throw new PickleError("E_TOO_LARGE", `the data unpacks to ${length} bytes, more than this runtime holds`, {
			cause,
		});
	}
}
