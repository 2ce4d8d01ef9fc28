/** What both of xxHash's checksums do with bytes that come piece by piece: they take them in stripes of one width. */
export abstract class Striped {
	/** The bytes that do not fill a stripe yet. */
	protected readonly rest: Uint8Array;
	protected held = 0;
	protected total = 0;

	/** @param width of a stripe, in bytes: a power of two */
	constructor(width: number) {
		this.rest = new Uint8Array(width);
	}

	/** Takes whole stripes. */
	protected abstract stripes(bytes: Uint8Array, start: number, end: number): void;

	add(bytes: Uint8Array): void {
		const { rest } = this;
		const width = rest.length;
		this.total += bytes.length;
		let at = 0;
		if (this.held > 0) {
			at = Math.min(width - this.held, bytes.length);
			rest.set(bytes.subarray(0, at), this.held);
			this.held += at;
			if (this.held < width) return;
			this.stripes(rest, 0, width);
		}
		const end = at + ((bytes.length - at) & -width);
		this.stripes(bytes, at, end);
		rest.set(bytes.subarray(end));
		this.held = bytes.length - end;
	}
}
