import { constants, type FileHandle, open } from "node:fs/promises";
import { fillFrom } from "../bytes/source.ts";
import type { PyLazyBytes } from "../values/lazy.ts";
import type { WritingOptions } from "./options.ts";

const BLOCK = 2 ** 20;
/**
 * From here on the system is asked not to keep what is written (O_DIRECT): of what is larger than the memory that is free,
 * making room for it takes longer than the writing, 8e9 bytes 12 to 30 s in place of 4.
 */
const DIRECT_FROM = 2 ** 28;
const DIRECT_BLOCK = 2 ** 21;
/** Direct writing is of whole pages, from whole pages. */
const PAGE = 4096;
const WASM_PAGE = 2 ** 16;

/** Writes a new file from its start in blocks: one is filled while the other is on its way. */
export class BlockWriter {
	readonly #path: string;
	readonly #file: FileHandle;
	readonly #options: WritingOptions;
	#direct: FileHandle | undefined;
	#block: Uint8Array<ArrayBuffer> = new Uint8Array(BLOCK);
	#other: Uint8Array<ArrayBuffer> = new Uint8Array(BLOCK);
	#filled = 0;
	#position = 0;
	#sending: Promise<void> = Promise.resolve();

	/** Writes into a file that is open and empty. */
	constructor(path: string, file: FileHandle, options: WritingOptions) {
		this.#path = path;
		this.#file = file;
		this.#options = options;
	}

	/** Copies the part: its memory may be used again. */
	async add(part: Uint8Array): Promise<void> {
		for (let at = 0; at < part.length; ) {
			const taken = part.subarray(at, at + this.#block.length - this.#filled);
			this.#block.set(taken, this.#filled);
			this.#filled += taken.length;
			at += taken.length;
			if (this.#filled === this.#block.length) await this.#send();
		}
	}

	/** Copies what lies in another file. */
	async copy({ source, offset, byteLength }: PyLazyBytes): Promise<void> {
		const { signal } = this.#options;
		for (let at = 0; at < byteLength; ) {
			const length = Math.min(byteLength - at, this.#block.length - this.#filled);
			await fillFrom(source, offset + at, { buffer: this.#block.buffer, start: this.#filled, length }, { signal });
			this.#filled += length;
			at += length;
			if (this.#filled === this.#block.length) await this.#send();
		}
		await source.check?.();
	}

	/** Writes what is left, and waits until all of the file is on the disk. */
	async finish(): Promise<void> {
		if (this.#filled > 0) await this.#send();
		await this.#sending;
		await this.#file.sync();
	}

	/** Lets go of the file, whatever became of it. */
	async close(): Promise<void> {
		await this.#sending.catch(() => {});
		await this.#direct?.close();
		await this.#file.close();
	}

	/** Sends the block on its way when the one before has arrived. */
	async #send(): Promise<void> {
		await this.#sending;
		this.#options.signal?.throwIfAborted();
		const sent = this.#block.subarray(0, this.#filled);
		[this.#block, this.#other] = [this.#other, this.#block];
		this.#filled = 0;
		this.#sending = this.#write(sent, this.#position);
		// Who waits for it, the next block or the end, is told.
		this.#sending.catch(() => {});
		this.#position += sent.length;
		if (this.#position === DIRECT_FROM) await this.#writeDirectly();
	}

	async #write(block: Uint8Array, position: number): Promise<void> {
		for (let at = 0; at < block.length; ) {
			at += await this.#writeSome(block.subarray(at), position + at);
		}
		this.#options.onProgress?.(position + block.length);
	}

	async #writeSome(bytes: Uint8Array, position: number): Promise<number> {
		if (this.#direct !== undefined && bytes.length % PAGE === 0 && position % PAGE === 0) {
			try {
				return (await this.#direct.write(bytes, 0, bytes.length, position)).bytesWritten;
			} catch (error) {
				// Some file systems refuse only now.
				if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
			}
		}
		return (await this.#file.write(bytes, 0, bytes.length, position)).bytesWritten;
	}

	/** Goes on with direct writing, where there is such a thing. */
	async #writeDirectly(): Promise<void> {
		const { O_DIRECT } = constants as { O_DIRECT?: number };
		if (O_DIRECT === undefined || typeof WebAssembly === "undefined") return;
		try {
			[this.#block, this.#other] = [pageAligned(DIRECT_BLOCK), pageAligned(DIRECT_BLOCK)];
			this.#direct = await open(this.#path, constants.O_WRONLY | O_DIRECT);
		} catch {
			// Then as before.
		}
	}
}

/** Only WebAssembly's memory is known to begin with a page. */
function pageAligned(length: number): Uint8Array<ArrayBuffer> {
	const pages = length / WASM_PAGE;
	return new Uint8Array(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer);
}
