/** What cannot be said as it is asked for, and where it stands. Never leaves `transcodingStep`. */
export class Refused extends Error {
	readonly offset: number;

	constructor(reason: string, offset: number) {
		super(reason);
		this.offset = offset;
	}
}
