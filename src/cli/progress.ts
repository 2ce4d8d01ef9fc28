import type { Terminal } from "./command.ts";
import { grouped } from "./words.ts";

/** Milliseconds before a line is shown, and between two of them. */
const PAUSE = 100;
const WIDTH = 20;

/** A line on standard error that says how far a long reading or writing came, if that is a terminal. */
export class ProgressLine {
	readonly #show: Terminal["showProgress"];
	readonly #verb: string;
	#last: number;

	constructor({ showProgress }: Terminal, verb: string) {
		this.#show = showProgress;
		this.#verb = verb;
		this.#last = Date.now();
	}

	readonly update = (done: number, total?: number): void => {
		if (this.#show === undefined || Date.now() - this.#last < PAUSE) return;
		this.#last = Date.now();
		this.#show(`${bar(done, total)}${grouped(Math.round(done / 1e6))} MB ${this.#verb}`);
	};

	end(): void {
		this.#show?.("");
	}
}

function bar(done: number, total: number | undefined): string {
	if (total === undefined || total === 0) return "";
	const filled = Math.min(WIDTH, Math.floor((WIDTH * done) / total));
	return `[${"#".repeat(filled)}${" ".repeat(WIDTH - filled)}] ${Math.floor((100 * done) / total)}% `;
}
