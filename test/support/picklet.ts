import type { Terminal } from "../../src/cli/command.ts";
import { run } from "../../src/cli/run.ts";

/** What a command line did. */
export interface Outcome {
	status: number;
	out: string;
	err: string;
}

/** Runs picklet, version 1.2.3, on a terminal of 80 columns. `input` has a character for each byte. */
export async function picklet(args: readonly string[], input = "", isStyled = false): Promise<Outcome> {
	const outcome = { status: 0, out: "", err: "" };
	const terminal: Terminal = {
		write: async (text) => {
			outcome.out += text;
		},
		complain: (line) => {
			outcome.err += `${line}\n`;
		},
		input: async function* () {
			yield Uint8Array.from(input, (char) => char.charCodeAt(0));
		},
		width: 80,
		isStyled,
	};
	outcome.status = await run(args, () => "1.2.3", terminal);
	return outcome;
}
