import { escapeControls, PickleError } from "../errors.ts";
import { optimizeFirst } from "../inspect/optimize.ts";
import { type Command, type Terminal, UsageError } from "./command.ts";
import { failureText, newReading } from "./failures.ts";
import { type OpenFile, openFile, readUnpacked } from "./input.ts";
import { takenText, writeProblemOf, writeTarget } from "./target.ts";

/** `picklet optimize` */
export const optimizeCommand: Command = {
	name: "optimize",
	operands: "IN OUT",
	summary: "write the pickle in a file smaller, without unused memo entries",
	description: `OUT holds what Python's pickletools.optimize writes. IN holds one pickle, and
may be packed as for show; - is standard input. OUT is written whole or not at
all; - is standard output. Nothing is decoded or run.`,
	options: { force: { type: "boolean", help: "replace OUT if it exists" } },
	async run(options, operands, terminal) {
		const [source, target, ...more] = operands;
		if (source === undefined || target === undefined || more.length > 0) {
			throw new UsageError("optimize needs IN and OUT, or - for standard input or output");
		}
		const problem = await optimizeFile(source, target, options["force"] === true, terminal);
		if (problem !== undefined) terminal.complain(`picklet: ${problem}`);
		return problem === undefined ? 0 : 1;
	},
};

/** @returns what went wrong, in a line; undefined if nothing did */
async function optimizeFile(
	source: string,
	target: string,
	force: boolean,
	terminal: Terminal,
): Promise<string | undefined> {
	const reading = newReading();
	let file: OpenFile | undefined;
	try {
		const taken = force ? undefined : await takenText(target);
		if (taken !== undefined) return taken;
		file = await openFile(source, terminal);
		const { bytes, format } = await readUnpacked(file);
		Object.assign(reading, { bytes, format });
		await writeTarget(target, optimizeOnly(bytes));
		return undefined;
	} catch (error) {
		const name = source === "-" ? "standard input" : escapeControls(source);
		return writeProblemOf(error, target) ?? `${name}: ${failureText(error, reading)}`;
	} finally {
		await file?.close();
	}
}

/** What follows the pickle would be lost. @throws PickleError E_TRAILING if anything does */
function optimizeOnly(bytes: Uint8Array): Iterable<Uint8Array> {
	const { pieces, end } = optimizeFirst(bytes);
	if (end === bytes.length) return pieces;
	throw new PickleError("E_TRAILING", `${bytes.length - end} bytes follow the pickle, which ends at ${end}`);
}
