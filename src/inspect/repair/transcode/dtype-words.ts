import type { Plan } from "./plan.ts";

/**
 * Finds the texts that dtypes of numpy are made of: byte orders, names of fields. numpy of Python 2 wants them as str, and Python 3
 * writes text. Of a dtype in a dtype the outer one counts.
 */
export class DTypeWords {
	readonly #plan: Plan;
	/** Where on the stack the dtype lies whose state comes; -1 if none does. */
	#height = -1;
	#texts: number[] = [];
	#gets: { readonly offset: number; readonly key: number }[] = [];

	constructor(plan: Plan) {
		this.#plan = plan;
	}

	/** A dtype was made, at this height of the stack. */
	made(height: number): void {
		if (this.#height >= 0) return;
		this.#height = height;
		this.#texts = [];
		this.#gets = [];
	}

	text(offset: number): void {
		if (this.#height >= 0) this.#texts.push(offset);
	}

	got(offset: number, key: number): void {
		if (this.#height >= 0) this.#gets.push({ offset, key });
	}

	/** The stack was this high when an instruction had taken what it takes; whether that gave what lay lowest its state. */
	taken(height: number, isState: boolean): void {
		if (height > this.#height || this.#height < 0) return;
		if (isState && height === this.#height) this.#plan.words(this.#texts, this.#gets);
		this.forget();
	}

	forget(): void {
		this.#height = -1;
	}
}
