import type { Terminal } from "./command.ts";

/** Characters that are gathered before they are written. */
const PIECE = 1 << 16;

/** Gathers what is written to a terminal into larger pieces. */
export class Output {
	readonly #terminal: Terminal;
	#text = "";

	constructor(terminal: Terminal) {
		this.#terminal = terminal;
	}

	async write(text: string): Promise<void> {
		this.#text += text;
		if (this.#text.length >= PIECE) await this.flush();
	}

	async flush(): Promise<void> {
		const text = this.#text;
		this.#text = "";
		if (text !== "") await this.#terminal.write(text);
	}
}
