import { type ParseArgsConfig, parseArgs } from "node:util";

/** Where a command reads and writes. */
export interface Terminal {
	/** Writes text to standard output; resolves when more may come. */
	write(text: string): Promise<void>;
	/** Writes a line to standard error. */
	complain(line: string): void;
	/** Shows how far a long work came, in place of what it showed before; nothing if empty. Only where someone looks on. */
	showProgress?(line: string): void;
	/** Standard input, as it comes. */
	input(): AsyncIterable<Uint8Array>;
	/** Columns of a line. */
	readonly width: number;
	/** Whether standard output shows bold text. */
	readonly isStyled: boolean;
}

export interface Option {
	readonly type: "boolean" | "string";
	readonly short?: string;
	/** What stands for the value in the help. */
	readonly value?: string;
	readonly help: string;
}

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** One of picklet's commands. */
export interface Command {
	readonly name: string;
	/** What follows the name and the options: `FILE...`. */
	readonly operands: string;
	/** What it does, in a line. */
	readonly summary: string;
	/** What else there is to know. */
	readonly description: string;
	readonly options: Readonly<Record<string, Option>>;
	/** @returns the exit status @throws UsageError */
	run(options: OptionValues, operands: readonly string[], terminal: Terminal): Promise<number>;
}

/** The command line asks for what there is not. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

export const helpOption: Option = { type: "boolean", short: "h", help: "print this help" };

/** @throws UsageError for unknown options and missing values */
export function parseCommandLine(
	options: Readonly<Record<string, Option>>,
	args: readonly string[],
): { values: OptionValues; operands: string[] } {
	const config: ParseArgsConfig = {
		args: withNegatives(options, args),
		allowPositionals: true,
		options: parserOptions(options),
	};
	try {
		const { values, positionals } = parseArgs(config);
		return { values: values as OptionValues, operands: positionals };
	} catch (error) {
		throw new UsageError((error as Error).message.split(/\. |\n/)[0], { cause: error });
	}
}

/** Negative numbers that follow an option with a value are that value, as in Python's commands, and no option. */
function withNegatives(options: Readonly<Record<string, Option>>, args: readonly string[]): string[] {
	const joined: string[] = [];
	for (const arg of args) {
		const last = joined.at(-1) ?? "";
		const option = Object.entries(options).find(([name, { short }]) => last === `--${name}` || last === `-${short}`);
		const takes = option?.[1].type === "string" && /^-\d+$/.test(arg) && !joined.includes("--");
		if (takes) joined[joined.length - 1] = last.startsWith("--") ? `${last}=${arg}` : last + arg;
		else joined.push(arg);
	}
	return joined;
}

function parserOptions(options: Readonly<Record<string, Option>>): NonNullable<ParseArgsConfig["options"]> {
	const pairs = Object.entries(options).map(([name, { type, short }]) => [name, short ? { type, short } : { type }]);
	return Object.fromEntries(pairs);
}

/** The lines of a help that list options, each with what it does. */
export function optionLines(options: Readonly<Record<string, Option>>): string {
	const heads = Object.entries(options).map(([name, { short, value }]) => {
		return `${short ? `-${short}, ` : ""}--${name}${value ? ` ${value}` : ""}`;
	});
	const width = Math.max(...heads.map((head) => head.length)) + 2;
	const hanging = `\n${" ".repeat(width + 2)}`;
	const texts = Object.values(options).map(({ help }) => help.replaceAll("\n", hanging));
	return heads.map((head, i) => `  ${head.padEnd(width)}${texts[i]}\n`).join("");
}
