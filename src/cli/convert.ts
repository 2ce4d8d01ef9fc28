import { escapeControls } from "../errors.ts";
import { decode, type EncodeOptions, encodeChunks, pickler } from "../index.ts";
import { resolveLimits } from "../limits.ts";
import { readBytes, unpack } from "../node/read.ts";
import { type Command, type OptionValues, type Terminal, UsageError } from "./command.ts";
import { failureText, type Progress } from "./failures.ts";
import { arrayPieces, holdsArrays, readArrays } from "./npy.ts";
import { takenText, writeProblemOf, writeTarget } from "./target.ts";

/** `picklet convert` */
export const convert: Command = {
	name: "convert",
	operands: "IN OUT",
	summary: "write the pickle in a file anew, for another Python or numpy",
	description: `IN holds one pickle, and may be packed with gzip or zlib; - is standard input.
If its name ends in .json it is JSON instead, with numbers as JavaScript has
them: 1.0 becomes an int. It may also be numpy's .npy or .npz, and a name of
OUT that ends so makes one, of an array or a dict of arrays. OUT is written
whole or not at all; - is standard output. Objects whose class is not known
here are written as they were read, and nothing in them is run.`,
	options: {
		protocol: {
			type: "string",
			value: "N",
			help: "write protocol 0 to 5 (default 4; 2 with --python 2)",
		},
		python: { type: "string", value: "2", help: "write for Python 2.7, and read its str as bytes" },
		numpy: { type: "string", value: "1|2", help: "write arrays as this numpy does (default: for both)" },
		overflow: {
			type: "string",
			value: "WAY",
			help: `for a payload too large for the protocol: error, the default,
promote to protocol 4, or split, with --python 2`,
		},
		force: { type: "boolean", help: "replace OUT if it exists" },
	},
	async run(options, operands, terminal) {
		const [source, target, ...more] = operands;
		if (source === undefined || target === undefined || more.length > 0) {
			throw new UsageError("convert needs IN and OUT, or - for standard input or output");
		}
		const encodeOptions = encodeOptionsOf(options);
		const problem = await convertFile(source, target, encodeOptions, options["force"] === true, terminal);
		if (problem !== undefined) terminal.complain(`picklet: ${problem}`);
		return problem === undefined ? 0 : 1;
	},
};

/** @throws UsageError for what encoding would refuse */
function encodeOptionsOf({ protocol, python, numpy, overflow }: OptionValues): EncodeOptions {
	const options = {
		protocol: number(protocol),
		python: number(python),
		numpy: number(numpy),
		overflow,
	} as EncodeOptions;
	try {
		pickler(options);
	} catch (error) {
		throw error instanceof TypeError ? new UsageError(error.message, { cause: error }) : error;
	}
	return options;
}

/** What is no number stays as it is, so that it is named when it is refused. */
function number(text: OptionValues[string]): unknown {
	return typeof text === "string" && /^\d+$/.test(text) ? Number(text) : text;
}

/** @returns what went wrong, in a line; undefined if nothing did */
async function convertFile(
	source: string,
	target: string,
	options: EncodeOptions,
	force: boolean,
	terminal: Terminal,
): Promise<string | undefined> {
	const from = source === "-" ? "standard input" : escapeControls(source);
	const progress: Progress = { bytes: undefined, format: undefined, pickles: 0 };
	try {
		const taken = force ? undefined : await takenText(target);
		if (taken !== undefined) return taken;
		const value = await readValue(source, options, progress, terminal);
		// What fails from here on is no fault of the bytes that were read.
		Object.assign(progress, { bytes: undefined, format: undefined });
		const pieces = (await arrayPieces(value, target, options)) ?? encodeChunks(value, options);
		await writeTarget(target, pieces);
		return undefined;
	} catch (error) {
		if (error instanceof NoJson) return `${from}: ${escapeControls(error.message)}`;
		return writeProblemOf(error, target) ?? `${from}: ${failureText(error, progress)}`;
	}
}

async function readValue(
	source: string,
	{ python }: EncodeOptions,
	progress: Progress,
	terminal: Terminal,
): Promise<unknown> {
	const read = source === "-" ? await terminal.readInput() : await readBytes(source);
	if (source.endsWith(".json")) return parseJson(read);
	const { bytes, format } = await unpack(read, resolveLimits());
	Object.assign(progress, { bytes: holdsArrays(bytes) ? undefined : bytes, format });
	const [array] = (await readArrays(bytes, { floats: "exact" })) ?? [];
	return array ?? decode(bytes, python === 2 ? { floats: "exact", encoding: "bytes" } : { floats: "exact" });
}

class NoJson extends Error {
	override readonly name = "NoJson";
}

/** @throws NoJson */
function parseJson(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch (cause) {
		const why = cause instanceof SyntaxError ? cause.message : "it is not UTF-8";
		throw new NoJson(`not JSON: ${why}`, { cause });
	}
}
