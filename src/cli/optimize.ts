import { escapeControls, PickleError } from "../errors.ts";
import { optimizeFirst } from "../inspect/optimize.ts";
import { resolveLimits } from "../limits.ts";
import { readBytes, unpack } from "../node/read.ts";
import { type Command, type Terminal, UsageError } from "./command.ts";
import { failureText, type Progress } from "./failures.ts";
import { takenText, writeProblemOf, writeTarget } from "./target.ts";

/** `picklet optimize` */
export const optimizeCommand: Command = {
	name: "optimize",
	operands: "IN OUT",
	summary: "write the pickle in a file smaller, without unused memo entries",
	description: `OUT holds what Python's pickletools.optimize writes. IN holds one pickle, and
may be packed with gzip or zlib; - is standard input. OUT is written whole or
not at all; - is standard output. Nothing is decoded or run.`,
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
	const progress: Progress = { bytes: undefined, format: undefined, pickles: 0 };
	try {
		const taken = force ? undefined : await takenText(target);
		if (taken !== undefined) return taken;
		const read = source === "-" ? await terminal.readInput() : await readBytes(source);
		const { bytes, format } = await unpack(read, resolveLimits());
		Object.assign(progress, { bytes, format });
		await writeTarget(target, [optimizeOnly(bytes)]);
		return undefined;
	} catch (error) {
		const name = source === "-" ? "standard input" : escapeControls(source);
		return writeProblemOf(error, target) ?? `${name}: ${failureText(error, progress)}`;
	}
}

/** What follows the pickle would be lost. @throws PickleError E_TRAILING if anything does */
function optimizeOnly(bytes: Uint8Array): Uint8Array {
	const { optimized, end } = optimizeFirst(bytes);
	if (end === bytes.length) return optimized;
	throw new PickleError("E_TRAILING", `${bytes.length - end} bytes follow the pickle, which ends at ${end}`);
}
