import { escapeControls } from "../errors.ts";
import {
	type Command,
	helpOption,
	type Option,
	optionLines,
	parseCommandLine,
	type Terminal,
	UsageError,
} from "./command.ts";
import { convert } from "./convert.ts";
import { diagnose } from "./diagnose.ts";
import { dis } from "./dis.ts";
import { optimizeCommand } from "./optimize.ts";
import { repair } from "./repair.ts";
import { show } from "./show.ts";

const commands: readonly Command[] = [show, convert, dis, optimizeCommand, diagnose, repair];

const globalOptions: Readonly<Record<string, Option>> = {
	help: helpOption,
	version: { type: "boolean", help: "print picklet's version" },
};

/**
 * Runs picklet with these arguments.
 *
 * @param version gives that of the package
 * @returns the exit status: 0, 1 if a file could not be read or is no pickle, 2 for a wrong command line
 */
export async function run(args: readonly string[], version: () => string, terminal: Terminal): Promise<number> {
	try {
		return await runCommand(args, version, terminal);
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		const named = commands.find(({ name }) => name === args[0]);
		const help = named ? `picklet help ${named.name}` : "picklet help";
		terminal.complain(`picklet: ${escapeControls(error.message)}; ${help} says what there is`);
		return 2;
	}
}

async function runCommand(args: readonly string[], version: () => string, terminal: Terminal): Promise<number> {
	const [first, ...rest] = args;
	const command = commands.find(({ name }) => name === first);
	if (command) return runWith(command, rest, terminal);
	if (first === "help") return printHelp(rest, terminal);
	if (first !== undefined && !first.startsWith("-")) throw new UsageError(noCommand(first));
	const { values } = parseCommandLine(globalOptions, args);
	if (values["version"]) await terminal.write(`${version()}\n`);
	else if (values["help"]) await terminal.write(generalHelp());
	else throw new UsageError("a command is missing");
	return 0;
}

async function runWith(command: Command, args: readonly string[], terminal: Terminal): Promise<number> {
	const { values, operands } = parseCommandLine({ ...command.options, help: helpOption }, args);
	if (!values["help"]) return command.run(values, operands, terminal);
	await terminal.write(commandHelp(command));
	return 0;
}

async function printHelp(args: readonly string[], terminal: Terminal): Promise<number> {
	const [name, ...more] = args;
	const command = commands.find((candidate) => candidate.name === name);
	if (more.length > 0 || (name !== undefined && command === undefined)) {
		throw new UsageError(`there is no help on "${args.join(" ")}"`);
	}
	await terminal.write(command ? commandHelp(command) : generalHelp());
	return 0;
}

function generalHelp(): string {
	const width = Math.max(...commands.map(({ name }) => name.length), "help".length) + 2;
	const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}\n`).join("");
	return `Usage: picklet COMMAND [OPTION...] [FILE...]

Reads and writes Python's pickles, without Python and without running what
they ask for.

Commands:
${lines}  ${"help".padEnd(width)}print this help, or with a command's name that of the command

Options:
${optionLines(globalOptions)}
Exit status: 0; 1 if a file is no pickle, is damaged, or cannot be read or
written; 2 for wrong options.
`;
}

function commandHelp({ name, operands, summary, description, options }: Command): string {
	return `Usage: picklet ${name} [OPTION...] ${operands}

${summary[0]?.toUpperCase()}${summary.slice(1)}.

${description}

Options:
${optionLines({ ...options, help: helpOption })}`;
}

function noCommand(word: string): string {
	return `there is no command "${word}"${/[./]/.test(word) ? `; to print a file: picklet show ${word}` : ""}`;
}
